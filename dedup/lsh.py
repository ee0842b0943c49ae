"""Locality-sensitive hashing: signatures → bands → buckets → candidate pairs.

A signature of b·r values is cut into b bands of r rows. Two paragraphs whose weighted Jaccard similarity is s agree in one
position with probability s, in a whole band with s^r, and in at least one band with 1 − (1 − s^r)^b: the S-curve. More rows
move the curve to the right (fewer candidates), more bands to the left (fewer misses). See Leskovec, Rajaraman and Ullman,
Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Flags, Integers, Ragged, digits, spans
from dedup.jobs import in_parts

Sign = Callable[[int, int], NDArray[np.uint32]]  # first and last position → uint32[n, last - first]

BUDGET: Final = 10.0  # candidates a paragraph that the planner aims not to exceed
LEAST_BUDGET: Final = 20_000  # candidates that any collection may have
TARGET: Final = 0.15  # weighted similarity at which it wants the highest recall it can pay for
REPORTED: Final = (0.2, 0.3, 0.5, 0.8)  # weighted similarities for which a plan says what it finds
MAX_ROWS: Final = 6
SAMPLE: Final = 4_000
BUCKET_CAP: Final = 64
PAIRS_OF_A_HUB: Final = 2  # a row in a larger bucket: with the first one and the next one
MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits all over
OTHER_MULTIPLIER: Final = np.uint64(0xD6E8FEB86659FD93)  # the same, for what must not meet with that
SIGNED: Final = 64  # positions signed at a time
KEYED: Final = 4_096  # signatures cut at a time, so that they stay in the cache
TOGETHER: Final = 1 << 13  # keys whose buckets are looked for at a time
PENDING: Final = 1 << 20  # pairs gathered before those found twice are dropped


class Plan(NamedTuple):
    """How signatures are cut: `bands` bands of `rows` rows."""

    rows: int
    bands: int

    def recall(self, similarity: float) -> float:
        """Expected share of the pairs of this weighted Jaccard similarity that become candidates."""
        return 1.0 - (1.0 - similarity**self.rows) ** self.bands

    @property
    def expected(self) -> dict[float, float]:
        """`recall` at a few similarities, to be reported."""
        return {similarity: round(self.recall(similarity), 4) for similarity in REPORTED}


def plan_bands(sample: NDArray[np.uint32], paragraphs: int) -> Plan:
    """The plan with the highest recall at weighted similarity 0.15 among those expected to keep to the budget.

    sample: signatures of some of the `paragraphs`, none of them empty, uint32[m, positions]. The pairs that bands of 1, 2 …
    rows nominate are counted there; among all paragraphs they are (paragraphs / m)² times as many. As candidates grow with the
    square of a collection and the budget only with its size, larger collections get more rows.
    """
    budget = max(BUDGET * paragraphs, LEAST_BUDGET) * (len(sample) / max(1, paragraphs)) ** 2
    plans = [Plan(rows, _affordable_bands(sample, rows, budget)) for rows in range(1, MAX_ROWS + 1)]
    affordable = [plan for plan in plans if plan.bands] or [Plan(MAX_ROWS, 1)]
    return max(affordable, key=lambda plan: (round(plan.recall(TARGET), 6), -plan.rows))


def _affordable_bands(sample: NDArray[np.uint32], rows: int, budget: float) -> int:
    """How many bands nominate no more distinct pairs of the sample than the budget."""
    if len(sample) * (len(sample) - 1) // 2 <= budget:
        return int(sample.shape[1]) // rows
    found = _Found(len(sample))
    members = np.arange(len(sample))
    bands = band_keys(sample, rows)
    for several in _together(len(sample), len(bands)):
        before = found.copy()
        found.add_bands(members, bands[several])
        if len(found) > budget:
            for band in range(several.start, several.stop):
                before.add(members, bands[band])
                if len(before) > budget:
                    return band
    return len(bands)


def band_keys(signatures: NDArray[np.uint32], rows: int) -> NDArray[np.uint64]:
    """uint64[bands, n] from uint32[n, positions]: equal where all rows of a band are equal (up to chance, 1 in 2⁶⁴).

    Positions that are left after the last whole band are not used.
    """
    bands = signatures.shape[1] // rows
    keys = np.empty((bands, len(signatures)), dtype=np.uint64)
    for first in range(0, len(signatures), KEYED):
        cut = signatures[first : first + KEYED, : bands * rows].reshape(-1, bands, rows)
        key = np.zeros((len(cut), bands), dtype=np.uint64)
        for row in range(rows):
            key += cut[:, :, row]
            key *= MULTIPLIER
        keys[:, first : first + KEYED] = key.T
    return keys


def _together(rows: int, bands: int) -> list[slice]:
    """Bands that are looked at as one: many of few rows, for the sake of speed."""
    step = max(1, TOGETHER // max(1, rows))
    return [slice(first, min(first + step, bands)) for first in range(0, bands, step)]


def candidates_across(
    sign: Sign,
    empty: NDArray[np.bool_],
    plan: Plan,
    jobs: int = 1,
    budget: int | None = None,
    told: Callable[[int], None] | None = None,
) -> Candidates:
    """Pairs that agree in a band. sign: gives columns of the signatures of n rows; empty: bool[n], rows never nominated.

    budget: pairs from which on the buckets of further bands are counted as capped and give none; it holds for bands that are
    signed together, as all of a plan of few positions are. None: no such number.
    told: is told of so many more rows, as if they were looked through one after the other.
    """
    rows = np.flatnonzero(~empty)
    step = max(1, SIGNED // plan.rows)  # bands

    def pairs_of_bands(part: int) -> _Found:
        first, last = part * step, min(part * step + step, plan.bands)
        found = _Found(len(empty), budget)
        keys = band_keys(_selected(sign(first * plan.rows, last * plan.rows), rows), plan.rows)
        # A budget ends at a band, so with one they are looked at one after the other.
        for several in _together(len(rows) if budget is None else TOGETHER, len(keys)):
            found.add_bands(rows, keys[several])
        return found

    together = _Found(len(empty))
    done = 0
    for part, found in enumerate(in_parts(pairs_of_bands, -(-plan.bands // step), jobs), 1):
        together.include(found)
        before, done = done, len(empty) * min(part * step, plan.bands) // plan.bands
        if told:
            told(done - before)
    return together.candidates()


def candidates_within(sign: Sign, empty: NDArray[np.bool_], document: NDArray[np.int32], bands: int) -> Candidates:
    """Pairs of one document that agree in one of `bands` positions. document: int32[n], the document of each row."""
    sizes = np.bincount(document, minlength=1)
    rows = np.flatnonzero(~empty & (sizes[document] > 1))
    together = max(1, min(SIGNED, TOGETHER // max(1, len(rows))))  # bands, which the bits from 32 on name
    own = document[rows].astype(np.uint64) << np.uint64(38) | np.arange(together, dtype=np.uint64)[:, None] << np.uint64(32)
    found = _Found(len(empty))
    for first in range(0, bands if len(rows) else 0, SIGNED):
        columns = _selected(sign(first, min(first + SIGNED, bands)), rows).T
        for band in range(0, len(columns), together):
            some = columns[band : band + together]
            found.add(np.tile(rows, len(some)), (own[: len(some)] | some).ravel())
    return found.candidates()


def _selected(columns: NDArray[np.uint32], rows: Integers) -> NDArray[np.uint32]:
    return columns if len(rows) == len(columns) else columns[rows]  # rows ascend: these are all of them


class _Found:
    """Pairs gathered band by band, as codes left · n + right."""

    def __init__(self, count: int, budget: int | None = None) -> None:
        self._count = count
        self._budget = budget
        self._codes: Integers = np.zeros(0, dtype=np.int64)
        self._new: list[Integers] = []
        self._capped = 0

    def add(self, rows: Integers, keys: NDArray[np.uint64]) -> None:
        buckets = _buckets(keys)
        if self._budget is not None and len(self) >= self._budget:
            self._capped += len(buckets)
            return
        large = buckets.lengths > BUCKET_CAP
        self._capped += int(large.sum())
        left, right = _all_pairs(buckets.take(np.flatnonzero(~large)))
        hub_left, hub_right = _hub_pairs(buckets.take(np.flatnonzero(large)))
        left, right = rows[np.concatenate([left, hub_left])], rows[np.concatenate([right, hub_right])]
        self._new.append(left * self._count + right)
        if sum(map(len, self._new)) > max(PENDING, len(self._codes)):
            self._settle()

    def add_bands(self, rows: Integers, keys: NDArray[np.uint64]) -> None:
        """Add several bands at once. keys: uint64[bands, n]."""
        if len(keys) == 1:
            self.add(rows, keys[0])  # of many rows no copy is made
            return
        number = np.arange(len(keys), dtype=np.uint64)[:, None]
        self.add(np.tile(rows, len(keys)), (keys + number * OTHER_MULTIPLIER).ravel())

    def copy(self) -> _Found:
        """The same, to be added to on its own."""
        other = _Found(self._count, self._budget)
        other._codes, other._new, other._capped = self._codes, [*self._new], self._capped
        return other

    def include(self, other: _Found) -> None:
        """Gather what another has found among the same rows."""
        self._settle()
        other._settle()
        self._codes = _merged(self._codes, other._codes)
        self._capped += other._capped

    def _settle(self) -> None:
        if self._new:
            new = np.sort(_thinned(np.concatenate(self._new)))
            self._codes, self._new = _merged(self._codes, new), []

    def __len__(self) -> int:
        self._settle()
        return len(self._codes)

    def candidates(self) -> Candidates:
        self._settle()
        count = max(1, self._count)
        return Candidates.of(self._codes // count, self._codes % count, self._capped)


def _thinned(codes: Integers) -> Integers:
    """The same codes with fewer repeats: a copy goes that shares the cell of a table with another. They cost more to sort."""
    bits = len(codes).bit_length() + 1
    cells = ((codes.view(np.uint64) * MULTIPLIER) >> np.uint64(64 - bits)).view(np.int64)
    places = np.arange(len(codes), dtype=np.int32)
    owner = np.empty(1 << bits, dtype=np.int32)
    owner[cells] = places  # the last one to come stays
    owners = owner.take(cells)
    kept: Flags = (owners == places) | (codes.take(owners) != codes)
    return codes.compress(kept)


def _merged(codes: Integers, others: Integers) -> Integers:
    """Each code of two ascending columns once, ascending."""
    both = np.concatenate([codes, others])
    both.sort(kind="stable")  # which merges what is in order already
    return both.compress(np.append(True, both[1:] != both[:-1])[: len(both)])


def _buckets(keys: NDArray[np.uint64]) -> Ragged[np.int64]:
    """Positions of equal keys, buckets of two or more only, ascending within a bucket."""
    crowded = _crowded(keys)
    order = crowded[np.lexsort(digits(keys[crowded]))]
    ordered = keys[order]
    edges = np.flatnonzero(
        np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]) if len(order) else np.ones(1, dtype=bool)
    )
    lengths = np.diff(edges)
    several = lengths > 1
    return Ragged.from_lengths(order[spans(edges[:-1][several], lengths[several])], lengths[several])


def _crowded(keys: NDArray[np.uint64]) -> Integers:
    """Positions of the keys that share a cell of a table with another: few but those that occur twice, so little to sort."""
    bits = len(keys).bit_length() + 2  # four to eight cells a key
    cells = ((keys * MULTIPLIER) >> np.uint64(64 - bits)).view(np.int64)
    positions = np.arange(len(keys), dtype=np.int32)
    owner = np.empty(1 << bits, dtype=np.int32)
    owner[cells] = positions  # the last one to come stays
    crowded = np.zeros(1 << bits, dtype=bool)
    crowded[cells[owner[cells] != positions]] = True
    return np.flatnonzero(crowded[cells])


def _all_pairs(buckets: Ragged[np.int64]) -> tuple[Integers, Integers]:
    """Every pair of each bucket: each member with all that follow it."""
    ends = np.repeat(buckets.offsets[1:], buckets.lengths)
    places = np.arange(len(buckets.values))
    followers = ends - places - 1
    return np.repeat(buckets.values, followers), buckets.values[spans(places + 1, followers)]


def _hub_pairs(buckets: Ragged[np.int64]) -> tuple[Integers, Integers]:
    """Each member with the first of its bucket and with the next."""
    first = np.repeat(buckets.values[buckets.offsets[:-1]], buckets.lengths)
    star = np.ones(len(buckets.values), dtype=bool)
    star[buckets.offsets[:-1]] = False
    chain = np.flatnonzero(star)
    return np.concatenate([first[star], buckets.values[chain - 1]]), np.concatenate(
        [buckets.values[star], buckets.values[chain]]
    )
