"""What a check found, to be questioned: pairs best first, groups, counts. Rows are made when they are looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Integers, Ragged
from dedup.config import Config
from dedup.errors import ConfigError
from dedup.groups import number_groups
from dedup.model import DECISION, KINDS, Document, Group, Kind, Pair, Paragraphs
from dedup.similarity import Scored

if TYPE_CHECKING:
    from dedup.errors import InputError
    from dedup.lsh import Plan

LISTED: Final = 3  # pairs that a repr names
CHUNK: Final = 1024  # pairs made at a time when all are asked for


@dataclass(frozen=True)
class Counts:
    """What was checked and found.

    paragraphs: those compared. skipped: blocks that were not, by reason. repeats: those that count; kinds: the same by kind.
    groups: connected repeats. not_counted: repeats of a kind not asked for. replaced: broken characters (see Paragraphs).
    capped_buckets: buckets of alike paragraphs too large for all their pairs.
    """

    documents: int
    paragraphs: int
    skipped: dict[str, int]
    repeats: int
    kinds: dict[str, int]
    groups: int
    not_counted: int
    replaced: int
    capped_buckets: int

    def as_dict(self) -> dict[str, Any]:
        """By name, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """What a check found. Iterating gives the pairs, best first, one at a time.

    plan: the bands by which paragraphs of two documents were nominated, None if there was nothing to plan.
    errors: what could not be read. ignored: files in a folder that no reader knows.
    """

    config: Config
    paragraphs: Paragraphs
    pairs: PairRows
    plan: Plan | None = None
    errors: tuple[InputError, ...] = ()
    ignored: int = 0

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        counts = self.counts
        found = f"{counted(counts.repeats, 'repeat')} in {counted(counts.groups, 'group')}" if counts.repeats else "no repeats"
        lines = [f"<Result: {found}, {counted(counts.documents, 'document')}, {counted(counts.paragraphs, 'paragraph')}>"]
        lines += [f"  {pair!r}" for pair in self.pairs[:LISTED]]
        if len(self) > LISTED:
            lines.append(f"  … and {len(self) - LISTED} more")
        return "\n".join(lines)

    @property
    def groups(self) -> Sequence[Group]:
        """Connected repeats at or above the decision point, the one with the best pair first."""
        return self.pairs.groups

    @property
    def skipped(self) -> Mapping[str, int]:
        """Blocks that were not compared, by reason."""
        return self.paragraphs.skipped

    @cached_property
    def counts(self) -> Counts:
        """What was checked and found, in figures."""
        counting = self.pairs.counting
        kinds = np.bincount(self.pairs.scored.kind[counting], minlength=len(KINDS)).tolist()
        return Counts(
            documents=len(self.paragraphs.documents),
            paragraphs=len(self.paragraphs.text),
            skipped=dict(self.skipped),
            repeats=int(counting.sum()),
            kinds={kind: count for kind, count in zip(KINDS, kinds, strict=True) if count},
            groups=len(set(self.pairs.group[counting].tolist()) - {0}),
            not_counted=int((~counting).sum()),
            replaced=self.paragraphs.replaced,
            capped_buckets=self.pairs.capped_buckets,
        )

    def at(self, min_score: float) -> Result:
        """What the same check with a higher `min_score` would have found, without scoring anything again.

        Raises ConfigError for a lower one: those pairs were not kept.
        """
        if min_score < self.config.min_score:
            what = f"{min_score:g} is below the {self.config.min_score:g} that was checked"
            raise ConfigError(f"min_score: {what}; check again with Config(min_score={min_score:g})")
        return replace(self, config=replace(self.config, min_score=min_score), pairs=self.pairs.at(min_score))

    @property
    def compared_nothing(self) -> bool:
        """Whether there were no two paragraphs to compare in the scope of the check."""
        paragraphs = len(self.paragraphs.text)
        documents = len(set(self.paragraphs.document_row.tolist()))
        if self.config.scope == "within":
            return paragraphs == documents
        return (documents if self.config.scope == "across" else paragraphs) < 2

    def documents_below(self, count: int) -> list[tuple[Document, int]]:
        """Documents with fewer than `count` paragraphs to compare, and how many each has."""
        sizes = np.bincount(self.paragraphs.document_row, minlength=len(self.paragraphs.documents))
        return [(self.paragraphs.documents[row], int(sizes[row])) for row in np.flatnonzero(sizes < count).tolist()]


@dataclass(frozen=True, repr=False, eq=False)
class PairRows(Sequence[Pair]):
    """Pairs of a check, best first. All columns have one entry a pair.

    kinds: those that count. left, right: rows of `paragraphs`, left < right. group: 0 for none. copies: 0 where all are
    listed. capped_buckets: see Counts.
    """

    paragraphs: Paragraphs
    kinds: tuple[Kind, ...]
    left: Integers
    right: Integers
    scored: Scored
    group: Integers
    copies: Integers
    capped_buckets: int = 0

    @classmethod
    def ranked(cls, paragraphs: Paragraphs, config: Config, pairs: Candidates, scored: Scored, copies: Integers) -> PairRows:
        """The pairs that reach `config.min_score`, by score and then place, those at the decision point or above in groups."""
        order = np.lexsort((pairs.right, pairs.left, -scored.score))
        order = order[scored.score[order] >= config.min_score]
        left, right = pairs.left[order], pairs.right[order]
        none = np.zeros(len(order), dtype=np.int64)
        rows = cls(paragraphs, config.kinds, left, right, scored.take(order), none, copies[order], pairs.capped)
        return rows.at(config.min_score)

    def at(self, min_score: float) -> PairRows:
        """Those that reach a score, grouped anew."""
        kept = np.arange(np.searchsorted(-self.scored.score, -min_score, side="right"))
        left, right, scored = self.left[kept], self.right[kept], self.scored.take(kept)
        group = number_groups(left, right, scored.score >= max(DECISION, min_score), len(self.paragraphs.text))
        return replace(self, left=left, right=right, scored=scored, group=group, copies=self.copies[kept])

    @cached_property
    def counting(self) -> NDArray[np.bool_]:
        """bool[p]: whether a pair makes a check fail."""
        return np.isin(self.scored.kind, [KINDS.index(kind) for kind in self.kinds])

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
        columns = (self.left, self.right, self.group, self.copies, self.counting)
        scored = zip(*(column[numbers].tolist() for column in columns), pairs_of(self.scored.take(numbers)), strict=True)
        for left, right, group, copies, counts, (score, kind, evidence) in scored:
            a, b = self.paragraphs.place(left), self.paragraphs.place(right)
            why = None if counts else "kind"
            yield Pair(score, kind, a, b, evidence, group or None, counts, why, copies or None)

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


def pairs_of(scored: Scored) -> Iterator[tuple[float, Kind, dict[str, float | None]]]:
    """Score, kind and evidence of each pair, as a row has them: to 4 decimals, None where it does not apply."""
    names = list(scored.evidence)
    columns = [[None if math.isnan(value) else round(value, 4) for value in scored.evidence[name].tolist()] for name in names]
    for score, kind, *values in zip(scored.score.tolist(), scored.kind.tolist(), *columns, strict=True):
        yield score, KINDS[kind], dict(zip(names, values, strict=True))


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 repeat, 1,200 repeats."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _listing(rows: Sequence[Pair] | Sequence[Group]) -> str:
    listed = [repr(row) for row in rows[:LISTED]]
    return "[" + ",\n ".join(listed if len(rows) <= LISTED else [*listed, f"… and {len(rows) - LISTED} more"]) + "]"
