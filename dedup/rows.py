"""Rows of a result, made when they are looked at: pairs best first, groups, boilerplate. Until then they are columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Flags, Integers, Ragged, each_once
from dedup.config import Config
from dedup.groups import number_groups
from dedup.model import COPIED, DECISION, KINDS, WHYS, Boilerplate, Group, Kind, Pair, Paragraphs, Why
from dedup.similarity import NONE, PARTS, Scored
from dedup.standards import Standards

LISTED: Final = 3  # rows that a repr names
CHUNK: Final = 1024  # pairs made at a time when all are asked for


@dataclass(frozen=True, repr=False, eq=False)
class PairRows(Sequence[Pair]):
    """Pairs of a check, best first. All columns have one entry a pair.

    kinds: those that count. left, right: rows of `paragraphs`, left < right. group: 0 for none. copies: 0 where all are
    listed. boilerplate: int64[n], number of the boilerplate that each paragraph is, 0 for none; set_aside: whether copies of it
    do not count. capped_buckets: see Counts. waived: int8[p], as `why_not`, by what users say; reasons: what they give as such,
    by the number of the pair. standards: what documents ask, if they do not all ask the same.
    """

    paragraphs: Paragraphs
    kinds: tuple[Kind, ...]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    scored: Scored
    group: NDArray[np.int32]
    copies: NDArray[np.int32]
    boilerplate: Integers
    set_aside: bool
    capped_buckets: int
    waived: NDArray[np.int8]
    standards: Standards | None = None
    reasons: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def ranked(
        cls,
        paragraphs: Paragraphs,
        config: Config,
        pairs: Candidates,
        scored: Scored,
        copies: NDArray[np.int32],
        boilerplate: Integers,
    ) -> PairRows:
        """The pairs that reach what is asked, by score and then place, those at the decision point or above in groups."""
        order = np.argsort(pairs.left.astype(np.int64) << 32 | pairs.right, kind="stable")  # nearly ascending already
        order = order[scored.reach(config.lowest)[order]]
        order = order[np.argsort(-scored.parts[order], kind="stable")]  # by radix
        none = np.zeros(len(order), dtype=np.int32)
        columns = (pairs.left[order], pairs.right[order], scored.take(order), none, copies[order])
        aside, standards = not config.count_boilerplate, Standards.of(paragraphs.documents, config)
        waived = np.zeros(len(order), dtype=np.int8)
        rows = cls(paragraphs, config.kinds, *columns, boilerplate, aside, pairs.capped, waived, standards).at(config.min_score)
        return rows._without_silenced() if paragraphs.silences else rows

    def at(self, min_score: float) -> PairRows:
        """Those that reach a score, grouped anew."""
        reached = self.reached(min_score)
        # They descend by score: a slice is a view, and there may be a hundred million of them.
        kept = slice(np.count_nonzero(reached)) if self.standards is None else np.flatnonzero(reached)
        left, right, scored, copies = self.left[kept], self.right[kept], self.scored.take(kept), self.copies[kept]
        number = np.cumsum(reached) - 1 if self.reasons else reached
        reasons = {int(number[old]): reason for old, reason in self.reasons.items() if reached[old]}
        rows = replace(self, left=left, right=right, scored=scored, copies=copies, waived=self.waived[kept], reasons=reasons)
        # Boilerplate connects nothing: what only a footer connects are not repeats of each other.
        repeat = scored.reach(DECISION) & ~rows.marked
        return replace(rows, group=number_groups(left, right, repeat, len(self.paragraphs.text)))

    def reached(self, min_score: float) -> Flags:
        """bool[p]: whether a pair is a repeat in a check with that score."""
        if self.standards is None:
            return self.scored.reach(min_score)
        return self.standards.reached(self.scored.parts / PARTS, *self._documents, min_score)

    @property
    def _documents(self) -> tuple[Integers, Integers]:
        document = self.paragraphs.document_row.astype(np.int64)
        return document[self.left], document[self.right]

    @cached_property
    def marked(self) -> Flags:
        """bool[p]: whether a pair does not count because it is of two copies of boilerplate."""
        aside = np.full(len(self), self.set_aside) if self.standards is None else self.standards.set_aside(*self._documents)
        return aside & self.of_boilerplate if aside.any() else aside

    @property
    def of_boilerplate(self) -> Flags:
        """bool[p]: whether a pair is of two copies of boilerplate, whether that counts or not."""
        ends = self.boilerplate[self.left], self.boilerplate[self.right]
        copies: Flags = self.of_kinds(COPIED) & (ends[0] > 0) & (ends[0] == ends[1])
        return copies

    @cached_property
    def why_not(self) -> NDArray[np.int8]:
        """int8[p]: why a pair does not count, 1 + its place in WHYS, by the first of them that holds; 0 if it counts."""
        if self.standards is None:
            wanted = self.of_kinds(self.kinds)
        else:
            wanted = self.standards.wanted(self.scored.kind, *self._documents)
        why: NDArray[np.int8] = self.waived.copy()
        why[~wanted] = _code("kind")
        why[self.marked] = _code("boilerplate")
        return why

    @cached_property
    def counting(self) -> Flags:
        """bool[p]: whether a pair makes a check fail."""
        counting: Flags = self.why_not == 0
        return counting

    def of_kinds(self, kinds: Iterable[Kind]) -> Flags:
        """bool[p]: whether a pair is of one of these."""
        found: Flags = np.isin(self.scored.kind, [KINDS.index(kind) for kind in kinds])
        return found

    def waive(self, waived: Flags, why: Why, reasons: Mapping[int, str] | None = None) -> PairRows:
        """The same pairs, of which these do not count for this reason, unless for one before it in WHYS. waived: bool[p]."""
        code = _code(why)
        new = waived & ((self.waived == 0) | (self.waived > code))
        given = {number: reason for number, reason in (reasons or {}).items() if new[number] and reason}
        kept = {number: reason for number, reason in self.reasons.items() if not new[number]}
        return replace(self, waived=np.where(new, np.int8(code), self.waived), reasons={**kept, **given})

    @cached_property
    def groups(self) -> Sequence[Group]:
        """Connected repeats, ascending by number."""
        return GroupRows.of(self)

    def __len__(self) -> int:
        return len(self.left)

    @overload
    def __getitem__(self, index: int) -> Pair: ...

    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...

    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        if isinstance(index, slice):
            return list(self._made(np.arange(len(self))[index]))
        return next(self._made(np.array([range(len(self))[index]])))

    def __iter__(self) -> Iterator[Pair]:
        for first in range(0, len(self), CHUNK):
            yield from self._made(np.arange(first, min(first + CHUNK, len(self))))

    def _made(self, numbers: Integers) -> Iterator[Pair]:
        """Make some of the pairs, from columns that are taken for all of them at once."""
        columns = (numbers, self.left[numbers], self.right[numbers], self.group[numbers], self.copies[numbers])
        whys = (why_of(code) for code in self.why_not[numbers].tolist())
        scored = pairs_of(self.scored.take(numbers))
        for (number, left, right, group, copies), why, (score, kind, evidence) in zip(
            zip(*(column.tolist() for column in columns), strict=True), whys, scored, strict=True
        ):
            a, b, reason = self.paragraphs.place(left), self.paragraphs.place(right), self.reason(number)
            yield Pair(score, kind, a, b, evidence, group or None, why is None, why, copies or None, reason)

    def _without_silenced(self) -> PairRows:
        """Waive pairs of paragraphs that a comment asks to ignore."""
        reasons = {silence.row: silence.reason for silence in self.paragraphs.silences if silence.row is not None}
        ends = [np.isin(rows, list(reasons)) for rows in (self.left, self.right)]
        waived = np.flatnonzero(ends[0] | ends[1]).tolist()
        rows = ((number, int(self.left[number]), int(self.right[number])) for number in waived)
        given = {number: reasons.get(left) or reasons.get(right, "") for number, left, right in rows}
        return self.waive(ends[0] | ends[1], "ignored", given)

    def reason(self, number: int) -> str | None:
        """What was given as the reason for which a pair does not count."""
        reason = self.reasons.get(number)
        return reason if reason is not None and self.why_not[number] == self.waived[number] else None

    def __repr__(self) -> str:
        return _listing(self)


@dataclass(frozen=True, repr=False, eq=False)
class GroupRows(Sequence[Group]):
    """Groups 1, 2 … of a check: the rows of `paragraphs` in each, ascending, and the score of its best pair."""

    paragraphs: Paragraphs
    rows: Ragged[np.int32]
    score: NDArray[np.float64]

    @classmethod
    def of(cls, pairs: PairRows) -> GroupRows:
        """Gather the ends of grouped pairs."""
        grouped = np.flatnonzero(pairs.group)
        number = np.tile(pairs.group[grouped] - 1, 2)
        order = np.argsort(number, kind="stable")
        ends = np.concatenate([pairs.left[grouped], pairs.right[grouped]])[order]
        count = int(pairs.group.max(initial=0))
        best = np.zeros(count, dtype=np.int16)
        np.maximum.at(best, pairs.group[grouped] - 1, pairs.scored.parts[grouped])
        return cls(pairs.paragraphs, Ragged.from_rows(number[order], ends, count).distinct(), best / PARTS)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Group: ...

    @overload
    def __getitem__(self, index: slice) -> list[Group]: ...

    def __getitem__(self, index: int | slice) -> Group | list[Group]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        rows = self.rows.values[self.rows.offsets[number] : self.rows.offsets[number + 1]].tolist()
        return Group(number + 1, float(self.score[number]), tuple(self.paragraphs.place(row) for row in rows))

    def __repr__(self) -> str:
        return _listing(self)


@dataclass(frozen=True, repr=False, eq=False)
class BoilerplateRows(Sequence[Boilerplate]):
    """Boilerplate 1, 2 … of a check. number: int64[n], which of it each paragraph is, 0 for none."""

    paragraphs: Paragraphs
    number: Integers

    @cached_property
    def rows(self) -> Ragged[np.int64]:
        """Rows of `paragraphs` of each, ascending."""
        order = np.argsort(self.number, kind="stable")
        order = order[self.number[order] > 0]
        return Ragged.from_rows(self.number[order] - 1, order, len(self))

    def __len__(self) -> int:
        return int(self.number.max(initial=0))

    @overload
    def __getitem__(self, index: int) -> Boilerplate: ...

    @overload
    def __getitem__(self, index: slice) -> list[Boilerplate]: ...

    def __getitem__(self, index: int | slice) -> Boilerplate | list[Boilerplate]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        rows = self.rows.values[self.rows.offsets[number] : self.rows.offsets[number + 1]]
        documents = len(each_once(self.paragraphs.document_row[rows]))
        places = tuple(self.paragraphs.place(row) for row in rows.tolist())
        return Boilerplate(places, documents, len(self.paragraphs.documents))

    def __repr__(self) -> str:
        return _listing(self)


def why_of(code: int) -> Why | None:
    """Why a pair does not count, by its code in `why_not`."""
    return WHYS[code - 1] if code else None


def _code(why: Why) -> int:
    return 1 + WHYS.index(why)


def pairs_of(scored: Scored) -> Iterator[tuple[float, Kind, dict[str, float | None]]]:
    """Score, kind and evidence of each pair, as a row has them: to 4 decimals, None where it does not apply."""
    columns = [[None if part == NONE else part / PARTS for part in column.tolist()] for column in scored.evidence.values()]
    for parts, kind, *values in zip(scored.parts.tolist(), scored.kind.tolist(), *columns, strict=True):
        yield parts / PARTS, KINDS[kind], dict(zip(scored.evidence, values, strict=True))


def _listing(rows: Sequence[Pair] | Sequence[Group] | Sequence[Boilerplate]) -> str:
    listed = [repr(row) for row in rows[:LISTED]]
    return "[" + ",\n ".join(listed if len(rows) <= LISTED else [*listed, f"… and {len(rows) - LISTED} more"]) + "]"
