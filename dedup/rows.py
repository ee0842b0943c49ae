"""Rows of a result, made when they are looked at: pairs best first, groups, boilerplate. Until then they are columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Flags, Integers, Ragged, each_once
from dedup.config import Config
from dedup.groups import number_groups
from dedup.model import COPIED, DECISION, KINDS, WHYS, Boilerplate, Group, Kind, Pair, Paragraphs, Why
from dedup.similarity import Scored

LISTED: Final = 3  # rows that a repr names
CHUNK: Final = 1024  # pairs made at a time when all are asked for


@dataclass(frozen=True, repr=False, eq=False)
class PairRows(Sequence[Pair]):
    """Pairs of a check, best first. All columns have one entry a pair.

    kinds: those that count. left, right: rows of `paragraphs`, left < right. group: 0 for none. copies: 0 where all are
    listed. boilerplate: int64[n], number of the boilerplate that each paragraph is, 0 for none; set_aside: whether copies of it
    do not count. capped_buckets: see Counts. waived: int64[p], as `why_not`, by what users say; reasons: what they
    give as such, by the number of the pair.
    """

    paragraphs: Paragraphs
    kinds: tuple[Kind, ...]
    left: Integers
    right: Integers
    scored: Scored
    group: Integers
    copies: Integers
    boilerplate: Integers
    set_aside: bool
    capped_buckets: int
    waived: Integers
    reasons: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def ranked(
        cls,
        paragraphs: Paragraphs,
        config: Config,
        pairs: Candidates,
        scored: Scored,
        copies: Integers,
        boilerplate: Integers,
    ) -> PairRows:
        """The pairs that reach `config.min_score`, by score and then place, those at the decision point or above in groups."""
        order = np.lexsort((pairs.right, pairs.left, -scored.score))
        order = order[scored.score[order] >= config.min_score]
        left, right = pairs.left[order], pairs.right[order]
        none = np.zeros(len(order), dtype=np.int64)
        columns = (left, right, scored.take(order), none, copies[order])
        aside = not config.count_boilerplate
        rows = cls(paragraphs, config.kinds, *columns, boilerplate, aside, pairs.capped, none).at(config.min_score)
        return rows._without_silenced() if paragraphs.silences else rows

    def at(self, min_score: float) -> PairRows:
        """Those that reach a score, grouped anew."""
        kept = np.arange(np.searchsorted(-self.scored.score, -min_score, side="right"))
        left, right, scored, copies = self.left[kept], self.right[kept], self.scored.take(kept), self.copies[kept]
        reasons = {number: reason for number, reason in self.reasons.items() if number < len(kept)}
        rows = replace(self, left=left, right=right, scored=scored, copies=copies, waived=self.waived[kept], reasons=reasons)
        # Boilerplate connects nothing: what only a footer connects are not repeats of each other.
        repeat = (scored.score >= max(DECISION, min_score)) & ~rows.marked
        return replace(rows, group=number_groups(left, right, repeat, len(self.paragraphs.text)))

    @cached_property
    def marked(self) -> Flags:
        """bool[p]: whether a pair does not count because it is of two copies of boilerplate."""
        if not self.set_aside:
            return np.zeros(len(self), dtype=bool)
        ends = self.boilerplate[self.left], self.boilerplate[self.right]
        copied = np.isin(self.scored.kind, [KINDS.index(kind) for kind in COPIED])
        marked: Flags = copied & (ends[0] > 0) & (ends[0] == ends[1])
        return marked

    @cached_property
    def why_not(self) -> Integers:
        """int64[p]: why a pair does not count, 1 + its place in WHYS, by the first of them that holds; 0 if it counts."""
        asked_for = np.isin(self.scored.kind, [KINDS.index(kind) for kind in self.kinds])
        conditions = [self.marked, ~asked_for]
        why: Integers = np.select(conditions, [_code("boilerplate"), _code("kind")], self.waived)
        return why

    @cached_property
    def counting(self) -> Flags:
        """bool[p]: whether a pair makes a check fail."""
        counting: Flags = self.why_not == 0
        return counting

    def waive(self, waived: Flags, why: Why, reasons: Mapping[int, str] | None = None) -> PairRows:
        """The same pairs, of which these do not count for this reason, unless for one before it in WHYS. waived: bool[p]."""
        code = _code(why)
        new = waived & ((self.waived == 0) | (self.waived > code))
        given = {number: reason for number, reason in (reasons or {}).items() if new[number] and reason}
        kept = {number: reason for number, reason in self.reasons.items() if not new[number]}
        return replace(self, waived=np.where(new, code, self.waived), reasons={**kept, **given})

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
    rows: Ragged[np.int64]
    score: NDArray[np.float64]

    @classmethod
    def of(cls, pairs: PairRows) -> GroupRows:
        """Gather the ends of grouped pairs."""
        grouped = np.flatnonzero(pairs.group)
        number = np.tile(pairs.group[grouped] - 1, 2)
        order = np.argsort(number, kind="stable")
        ends = np.concatenate([pairs.left[grouped], pairs.right[grouped]])[order]
        count = int(pairs.group.max(initial=0))
        best = np.zeros(count)
        np.maximum.at(best, pairs.group[grouped] - 1, pairs.scored.score[grouped])
        return cls(pairs.paragraphs, Ragged.from_rows(number[order], ends, count).distinct(), best)

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
    names = list(scored.evidence)
    columns = [[None if math.isnan(value) else round(value, 4) for value in scored.evidence[name].tolist()] for name in names]
    for score, kind, *values in zip(scored.score.tolist(), scored.kind.tolist(), *columns, strict=True):
        yield score, KINDS[kind], dict(zip(names, values, strict=True))


def _listing(rows: Sequence[Pair] | Sequence[Group] | Sequence[Boilerplate]) -> str:
    listed = [repr(row) for row in rows[:LISTED]]
    return "[" + ",\n ".join(listed if len(rows) <= LISTED else [*listed, f"… and {len(rows) - LISTED} more"]) + "]"
