"""What a check found, to be questioned: pairs best first, groups, boilerplate, counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.config import Config
from dedup.errors import ConfigError
from dedup.model import KINDS, WHYS, Against, Boilerplate, Document, Group, Pair, Paragraphs
from dedup.rows import LISTED, BoilerplateRows, PairRows

if TYPE_CHECKING:
    from dedup.baselines import Fixed
    from dedup.errors import InputError
    from dedup.lsh import Plan


@dataclass(frozen=True)
class Counts:
    """What was checked and found.

    paragraphs: those compared. skipped: blocks that were not, by reason. repeats: those that count; kinds: the same by kind.
    groups: connected repeats. boilerplate: texts that stand in many documents. not_counted: repeats that do not; why_not: the
    same by reason, as WHYS has them. replaced: broken characters (see Paragraphs).
    capped_buckets: buckets of alike paragraphs too large for all their pairs.
    """

    documents: int
    paragraphs: int
    skipped: dict[str, int]
    repeats: int
    kinds: dict[str, int]
    groups: int
    boilerplate: int
    not_counted: int
    why_not: dict[str, int]
    replaced: int
    capped_buckets: int

    def as_dict(self) -> dict[str, Any]:
        """By name, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """What a check found. Iterating gives the pairs, best first, one at a time.

    plan: the bands by which paragraphs of two documents were nominated, None if there was nothing to plan.
    errors: what could not be read. ignored: files in a folder that no reader knows. excluded: files and whole folders that were
    not selected. fixed: what a baseline knows and is gone. against: the indexes that it was compared with.
    """

    config: Config
    paragraphs: Paragraphs
    pairs: PairRows
    plan: Plan | None = None
    errors: tuple[InputError, ...] = ()
    ignored: int = 0
    excluded: int = 0
    fixed: Sequence[Fixed] = ()
    against: Sequence[Against] = ()

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

    @cached_property
    def boilerplate(self) -> Sequence[Boilerplate]:
        """Copies that stand in many documents which share little else, the one in most documents first."""
        return BoilerplateRows(self.paragraphs, self.pairs.boilerplate)

    @property
    def skipped(self) -> Mapping[str, int]:
        """Blocks that were not compared, by reason."""
        return self.paragraphs.skipped

    @cached_property
    def counts(self) -> Counts:
        """What was checked and found, in figures."""
        counting = self.pairs.counting
        kinds = np.bincount(self.pairs.scored.kind[counting], minlength=len(KINDS)).tolist()
        whys = np.bincount(self.pairs.why_not, minlength=1 + len(WHYS)).tolist()[1:]
        return Counts(
            documents=self.paragraphs.checked_documents,
            paragraphs=self.paragraphs.checked,
            skipped=dict(self.skipped),
            repeats=int(counting.sum()),
            kinds={kind: count for kind, count in zip(KINDS, kinds, strict=True) if count},
            groups=int(np.count_nonzero(np.bincount(self.pairs.group[counting])[1:])),
            boilerplate=len(self.boilerplate),
            not_counted=int((~counting).sum()),
            why_not={why: count for why, count in zip(WHYS, whys, strict=True) if count},
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
    def has_past(self) -> bool:
        """Whether every paragraph was compared with what is kept in indexes."""
        return any(one.paragraphs for one in self.against)

    @property
    def compared_nothing(self) -> bool:
        """Whether there were no two paragraphs to compare in the scope of the check."""
        paragraphs = self.paragraphs.checked
        if self.has_past:
            return paragraphs == 0
        documents = int(np.count_nonzero(np.bincount(self.paragraphs.document_row)))
        if self.config.scope == "within":
            return paragraphs == documents
        return (documents if self.config.scope == "across" else paragraphs) < 2

    def documents_below(self, count: int) -> list[tuple[Document, int]]:
        """Documents with fewer than `count` paragraphs to compare, and how many each has."""
        sizes = np.bincount(
            self.paragraphs.document_row[: self.paragraphs.checked], minlength=self.paragraphs.checked_documents
        )
        return [(self.paragraphs.documents[row], int(sizes[row])) for row in np.flatnonzero(sizes < count).tolist()]


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: 1 repeat, 1,200 repeats."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
