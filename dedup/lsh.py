"""Locality-sensitive hashing: signatures → bands → buckets → candidate pairs.

A signature of b·r values is cut into b bands of r rows. Two paragraphs whose weighted Jaccard similarity is s agree in one
position with probability s, in a whole band with s^r, and in at least one band with 1 − (1 − s^r)^b: the S-curve. More rows
move the curve to the right (fewer candidates), more bands to the left (fewer misses). See Leskovec, Rajaraman and Ullman,
Mining of Massive Datasets, chapter 3.

A position can stand in several bands, so that fewer have to be signed. Where no two bands share more than one position, this
costs little recall: bands that share one agree together somewhat more often. Andoni and Indyk reuse hash functions so in E²LSH.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.collisions import collisions, count_buckets
from dedup.columns import Candidates, Integers, Signatures
from dedup.jobs import in_parts

Sign = Callable[[int, int], Signatures]  # first and last position → [n, last - first]

BUDGET: Final = 10.0  # candidates a paragraph that the planner aims not to exceed
LEAST_BUDGET: Final = 20_000  # candidates that any collection may have
REPORTED: Final = (0.2, 0.3, 0.5, 0.8)  # weighted similarities for which a plan says what it finds
WANTED: Final = (0.15, *REPORTED)  # those at which it wants the highest recall that can be paid for, all alike
MAX_ROWS: Final = 6
USED_TWICE: Final = 3  # rows a band from which on each position stands in two bands …
MOST_BANDS: Final = 120  # … of which there are so many: what further ones find the groups nearly always add
SAMPLE: Final = 4_000
MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits all over
OTHER_MULTIPLIER: Final = np.uint64(0xD6E8FEB86659FD93)  # the same, for what must not meet with that
SIGNED: Final = 128  # positions signed at a time: of 16 bits, as they are in large collections
KEYED: Final = 1 << 14  # signatures cut at a time, so that they stay in the cache
TURNED: Final = 256  # and of these so many are turned at a time, from rows to columns
CUT: Final = 1 << 20  # keys made at a time: fresh memory for more would cost as much as to make them
TOGETHER: Final = 1 << 13  # keys whose buckets are looked for at a time
PENDING: Final = 1 << 20  # pairs gathered before those found twice are dropped


class Plan(NamedTuple):
    """How signatures are cut: `bands` bands of `rows` rows.

    uses: bands that a position stands in. A signature is read as columns of `rows` positions each, and band number n takes its
    row i from the column n // uses + i · (n % uses): with one use a band is a column.
    """

    rows: int
    bands: int
    uses: int = 1

    @property
    def positions(self) -> int:
        """How many positions of a signature it needs."""
        return self.rows * columns_of(self.bands, self.rows, self.uses)

    def recall(self, similarity: float) -> float:
        """Expected share of the pairs of this weighted Jaccard similarity that become candidates.

        Bands that share a position count by the first order of their dependence: of a hundred bands that is exact to .005.
        """
        in_two = similarity ** (2 * self.rows - 1) * (1.0 - similarity)  # more than if the two bands shared nothing
        sharing = self.bands * self.rows * (self.uses - 1) / 2  # pairs of bands
        return 1.0 - min(1.0, (1.0 - similarity**self.rows) ** self.bands * math.exp(sharing * in_two))

    @property
    def expected(self) -> dict[float, float]:
        """`recall` at a few similarities, to be reported."""
        return {similarity: round(self.recall(similarity), 4) for similarity in REPORTED}


def columns_of(bands: int, rows: int, uses: int) -> int:
    """Columns that so many bands are cut from: the last ones reach into those behind theirs."""
    return -(-bands // uses) + (rows - 1) * (uses - 1)


def plan_bands(sample: NDArray[np.uint32], paragraphs: int) -> Plan:
    """The plan with the highest mean recall at the similarities WANTED among those expected to keep to the budget.

    sample: signatures of some of the `paragraphs`, none of them empty, uint32[m, positions]. The pairs that bands of 1, 2 …
    rows nominate are counted there; among all paragraphs they are (paragraphs / m)² times as many. As candidates grow with the
    square of a collection and the budget only with its size, larger collections get more rows. So do those that are full of
    repeats: where these alone spend the budget, a few bands of few rows would miss most of them.
    """
    budget = max(BUDGET * paragraphs, LEAST_BUDGET) * (len(sample) / max(1, paragraphs)) ** 2
    best = Plan(MAX_ROWS, 0)
    for rows in range(1, MAX_ROWS + 1):
        most = _most_bands(sample.shape[1], rows)
        if _mean_recall(most) > _mean_recall(best):  # else it need not be looked at
            best = max(best, _affordable(sample, most, budget), key=_mean_recall)
    return best if best.bands else Plan(MAX_ROWS, 1)


def _mean_recall(plan: Plan) -> float:
    return round(sum(map(plan.recall, WANTED)) / len(WANTED), 6)


def _most_bands(positions: int, rows: int) -> Plan:
    """The plan of so many rows with the most bands that signatures of so many positions have room for."""
    if rows < USED_TWICE:
        return Plan(rows, positions // rows)
    return Plan(rows, max(0, min(MOST_BANDS, 2 * (positions // rows - columns_of(0, rows, 2)))), uses=2)


def _affordable(sample: NDArray[np.uint32], most: Plan, budget: float) -> Plan:
    """The same plan with so many of its bands as nominate no more distinct pairs of the sample than the budget."""
    if len(sample) * (len(sample) - 1) // 2 <= budget:
        return most
    found = _Found(len(sample))
    done = 0
    for bands in _cut(sample, most):
        for several in _together(len(sample), len(bands)):
            before = found.copy()
            found.add(bands[several])
            if len(found) > budget:
                for band in range(several.start, several.stop):
                    before.add(bands[band : band + 1])
                    if len(before) > budget:
                        return most._replace(bands=done + band)
        done += len(bands)
    return most


def _cut(signatures: Signatures, plan: Plan) -> Iterator[NDArray[np.uint64]]:
    """Keys of the bands of a plan as `band_keys`, some of them at a time."""
    step = plan.uses * max(1, CUT // max(1, len(signatures) * plan.uses))
    for first in range(0, plan.bands, step):
        some = plan._replace(bands=min(step, plan.bands - first))
        position = first // plan.uses * plan.rows
        yield band_keys(signatures[:, position : position + some.positions], plan.rows, plan.uses)[: some.bands]


def band_keys(signatures: Signatures, rows: int, uses: int = 1) -> NDArray[np.uint64]:
    """uint64[bands, n] from signatures [n, positions]: equal where all rows of a band are equal (up to chance, 1 in 2⁶⁴).

    All the bands that the columns have room for (see `Plan`); positions that are left after the last column are not used.
    """
    columns = signatures.shape[1] // rows
    starts = max(0, columns - columns_of(0, rows, uses))  # columns that bands begin in
    keys = np.empty((starts, uses, len(signatures)), dtype=np.uint64)
    for first in range(0, len(signatures), KEYED):
        cut = _turned(signatures[first : first + KEYED, : columns * rows]).reshape(columns, rows, -1)
        for step in range(uses):
            key = keys[:, step, first : first + KEYED]
            np.multiply(cut[:starts, 0], MULTIPLIER, out=key)
            for row in range(1, rows):
                key += cut[row * step : row * step + starts, row]
                key *= MULTIPLIER
    return keys.reshape(starts * uses, len(signatures))


def _turned(signatures: Signatures) -> Signatures:
    """[positions, n]: numpy does it the faster the less there is between two values of a column."""
    turned = np.empty(signatures.shape[::-1], dtype=signatures.dtype)
    for first in range(0, len(signatures), TURNED):
        turned[:, first : first + TURNED] = signatures[first : first + TURNED].T
    return turned


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
    step = plan.uses * max(1, SIGNED // plan.rows - columns_of(0, plan.rows, plan.uses))  # bands

    def pairs_of_bands(part: int) -> _Found:
        some = plan._replace(bands=min(step, plan.bands - part * step))
        position = part * step // plan.uses * plan.rows
        found = _Found(len(rows), budget)
        for keys in _cut(_selected(sign(position, position + some.positions), rows), some):
            # A budget ends at a band, so with one they are looked at one after the other.
            for several in _together(len(rows) if budget is None else TOGETHER, len(keys)):
                found.add(keys[several])
        return found

    together = _Found(len(rows))
    done = 0
    for part, found in enumerate(in_parts(pairs_of_bands, -(-plan.bands // step), jobs), 1):
        together.include(found)
        before, done = done, len(empty) * min(part * step, plan.bands) // plan.bands
        if told:
            told(done - before)
    return together.candidates().among(rows)


def candidates_within(sign: Sign, empty: NDArray[np.bool_], document: NDArray[np.int32], bands: int) -> Candidates:
    """Pairs of one document that agree in one of `bands` positions. document: int32[n], the document of each row."""
    sizes = np.bincount(document, minlength=1)
    rows = np.flatnonzero(~empty & (sizes[document] > 1))
    signed = SIGNED // 2  # they have 32 bits
    own = document[rows].astype(np.uint64) << np.uint64(32)
    found = _Found(len(rows))
    for first in range(0, bands if len(rows) else 0, signed):
        columns = _selected(sign(first, min(first + signed, bands)), rows).T
        for several in _together(len(rows), len(columns)):
            found.add(own | columns[several])
    return found.candidates().among(rows)


def _selected(columns: Signatures, rows: Integers) -> Signatures:
    return columns if len(rows) == len(columns) else columns[rows]  # rows ascend: these are all of them


class _Found:
    """Pairs of n rows gathered band by band, as codes left · n + right."""

    def __init__(self, count: int, budget: int | None = None) -> None:
        self._count = count
        self._budget = budget
        self._codes: Integers = np.zeros(0, dtype=np.int64)
        self._new: list[Integers] = []
        self._capped = 0

    def add(self, keys: NDArray[np.uint64]) -> None:
        """Gather the pairs of rows with equal keys. keys: uint64[bands, n]."""
        if len(keys) == 1:
            [column] = keys  # of many rows no copy is made
        else:
            column = (keys + np.arange(len(keys), dtype=np.uint64)[:, None] * OTHER_MULTIPLIER).ravel()
        if self._budget is not None and len(self) >= self._budget:
            self._capped += count_buckets(column)
            return
        left, right, capped = collisions(column)
        if len(keys) > 1:
            left, right = left % self._count, right % self._count
        self._capped += capped
        self._new.append(left * self._count + right)
        if sum(map(len, self._new)) > max(PENDING, len(self._codes)):
            self._settle()

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
            new = np.sort(np.concatenate(self._new))
            self._codes, self._new = _merged(self._codes, new), []

    def __len__(self) -> int:
        self._settle()
        return len(self._codes)

    def candidates(self) -> Candidates:
        self._settle()
        count = max(1, self._count)
        return Candidates.of(self._codes // count, self._codes % count, self._capped)


def _merged(codes: Integers, others: Integers) -> Integers:
    """Each code of two ascending columns once, ascending."""
    both = np.concatenate([codes, others])
    both.sort(kind="stable")  # which merges what is in order already
    return both.compress(np.append(True, both[1:] != both[:-1])[: len(both)])
