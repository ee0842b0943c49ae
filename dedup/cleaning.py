"""Documents → the same documents without their repeats, and what was taken out because of what.

A round is a check and a choice. Rounds go on until a check finds nothing new: what is found after something was taken out may
change the choice, as a paragraph goes only for one that stays to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from dedup.answers import Answers, Review
from dedup.columns import Integers
from dedup.config import Config
from dedup.dates import instant
from dedup.drafts import Draft
from dedup.edges import Edges, Finding
from dedup.errors import ConfigError
from dedup.keeping import KEEP, choose
from dedup.model import Document, Pair, Place
from dedup.multiples import told_of_copies
from dedup.pipeline import check
from dedup.progress import SILENT, Progress
from dedup.results import Result

ROUNDS: Final = 50  # checks at most; two or three are usual


@dataclass(frozen=True)
class Removal:
    """A paragraph that was taken out, and the pair that says of which paragraph that stays it is a repeat.

    Both places are those in the documents as they were given.
    """

    place: Place
    kept: Place
    pair: Pair


@dataclass(frozen=True, repr=False, eq=False)
class Cleaned:
    """What cleaning made of documents.

    result: what the first check found. removed: by document in the order given, then by place. rounds: how many checks it took.
    complete: whether a check of the cleaned documents finds no more repeats, those aside that a review left in.
    """

    config: Config
    keep: str
    documents: tuple[Document, ...]
    result: Result
    removed: tuple[Removal, ...]
    rounds: int
    complete: bool
    texts: Mapping[Key, str] = field(default_factory=dict)

    def text(self, document: Document) -> str:
        """The text of a document without its repeats; KeyError for one that was not cleaned."""
        return self.texts[document.file, document.id]

    @property
    def undated(self) -> int:
        """How many documents have no date that can be read; where the newest stay, they count as the oldest."""
        return sum(instant(document.date) is None for document in self.documents)

    def __repr__(self) -> str:
        return f"<Cleaned: {len(self.removed)} paragraphs removed from {len(self.documents)} documents>"


# A document by its file and id.
Key: TypeAlias = tuple[str | None, str]
# Texts by document → what is read where they were put, of each document that was put anywhere. Of several texts each is put in
# the place of what is read after the one before.
Reread: TypeAlias = Callable[[Mapping[Key, Sequence[str]]], Mapping[Key, Document]]


def clean(
    documents: Iterable[Document],
    config: Config | None = None,
    *,
    keep: str = "first",
    review: Review | None = None,
    reread: Reread | None = None,
    progress: Progress = SILENT,
    jobs: int = 1,
) -> Cleaned:
    """Take out paragraphs that repeat others, until a check with the same settings finds none.

    config: what a repeat is; without one as `check` has it, but within documents. keep: which one of a pair stays: the `first`
    in the order of the documents given, the `longest`, or the one of the `newest` document; of a `contained` pair always the
    one that has the other in it. review: is asked about every pair before something goes. reread: puts the texts where the
    documents came from, and what it reads there is cleaned too: an item of a feed without content shows its summary.
    Raises ConfigError for another `keep`, and what `check` raises.
    """
    if keep not in KEEP:
        raise ConfigError(f"keep: unknown value {keep!r}; known are {', '.join(KEEP)}")
    work = _Work(list(documents), config or Config(scope="within"), keep, review, reread)
    first = found = work.check(progress, jobs)
    rounds = 1
    while work.learn(found) or work.read_again():
        work.choose()
        if rounds == ROUNDS:
            work.read_again()
            return work.cleaned(first, rounds, complete=False)
        found = work.check(progress, jobs)
        rounds += 1
    return work.cleaned(first, rounds, complete=not work.conflict)


# (paragraph that is to go though it stays for others, the one it would go for)
_Clash: TypeAlias = tuple[Place, Place]


class _Work:
    """Documents while they are cleaned. Paragraphs have a number in their draft, and one among those of all drafts."""

    def __init__(
        self, documents: Sequence[Document], config: Config, keep: str, review: Review | None, reread: Reread | None
    ) -> None:
        self.config = config
        self.keep = keep
        self.reread = reread
        self.answers = Answers(review)
        self.given = [Draft.of(document, config.paragraphs) for document in documents]
        self.row_of = {draft.key: row for row, draft in enumerate(self.given)}
        self.known: list[Edges] = []  # between paragraphs that had other numbers
        self.clashes: set[_Clash] = set()  # all that were met
        self.conflict = False  # there is a clash, and no way around it
        self._begin()

    def _begin(self) -> None:
        """Begin with the documents as they were given, and with all that is known of them."""
        self.drafts = self.given
        self.settled: list[Removal] = []
        self.pinned: set[Place] = set()  # stays for what is settled
        self._number()

    def _number(self) -> None:
        """Number all paragraphs anew."""
        self.starts = np.cumsum([0, *(len(draft.places) for draft in self.drafts)])
        places = [place for draft in self.drafts for place in draft.places]
        self.edges = Edges(places)
        self.going: dict[int, int] = {}
        prefer = KEEP[self.keep]
        turn = [(place not in self.pinned, self._is_late(place), prefer(place.text, place.date)) for place in places]
        order = sorted(range(len(places)), key=turn.__getitem__)
        self.rank = [0] * len(order)
        for rank, number in enumerate(order):
            self.rank[number] = rank
        numbers = {place: number for number, place in enumerate(places)} if self.known else {}
        self.clashing: dict[_Clash, tuple[int, int, Finding]] = {}
        for edges in self.known:
            for one, other, finding in edges.among(numbers):
                self._join(one, other, finding)

    def check(self, progress: Progress, jobs: int) -> Result:
        """What repeats in the documents as they are now."""
        return check([draft.current for draft in self.drafts], self.config, progress, jobs=jobs)

    def learn(self, result: Result) -> bool:
        """Take over the pairs that count; whether that changes what goes."""
        numbers = self._numbers(result)
        pairs, known = result.pairs, len(self.edges)
        for number in np.flatnonzero(pairs.counting).tolist():
            self._join(int(numbers[pairs.left[number]]), int(numbers[pairs.right[number]]), Finding(pairs, number))
        if len(self.edges) > known:
            rank = [self.rank[number] for number in numbers.tolist()]
            for one, other, number in told_of_copies(result, rank):
                self._join(int(numbers[one]), int(numbers[other]), Finding(pairs, number))
        return self._begin_again() or len(self.edges) > known

    def _numbers(self, result: Result) -> Integers:
        """int64[rows]: the number of each paragraph of a result."""
        left = [np.array(draft.left, dtype=np.int64) + start for draft, start in zip(self.drafts, self.starts, strict=False)]
        offsets = np.cumsum([0, *map(len, left)])
        paragraphs = result.paragraphs
        rows = np.array([self.row_of[one.file, one.id] for one in paragraphs.documents], dtype=np.int64)
        places = offsets[rows[paragraphs.document_row]] + paragraphs.position
        numbers: Integers = np.concatenate([*left, np.zeros(0, dtype=np.int64)])[places]
        return numbers

    def _join(self, one: int, other: int, finding: Finding) -> None:
        a, b = self.edges.places[one], self.edges.places[other]
        if self.answers.leave(a, b):
            return
        if self.pinned and (clash := self._clash(a, b, finding)):
            self.clashing[clash] = one, other, finding
        else:
            self.edges.add(one, other, finding, longer_first=self._is_late(a) == self._is_late(b))

    def _is_late(self, place: Place) -> bool:
        """Whether a document shows it only since others are gone: then it is the first to go."""
        given = self.given[self.row_of[place.file, place.document]]
        return place.paragraph >= len(given.places)

    def _clash(self, a: Place, b: Place, finding: Finding) -> _Clash | None:
        """What is to go though it stays for what is settled, and what it would go for, if these two are such."""
        shorter, longer = sorted((b, a), key=lambda place: len(place.text))
        if finding.is_contained and shorter in self.pinned and len(shorter.text) < len(longer.text):
            return None if self._is_late(longer) else (shorter, longer)
        return (b, a) if a in self.pinned and b in self.pinned and a.key != b.key else None

    def _begin_again(self) -> bool:
        """Begin with all that is known if what stays for others is to go; not twice because of the same two."""
        clashing = self.clashing
        self.conflict = bool(clashing)
        if clashing.keys() <= self.clashes:
            return False
        self.clashes |= clashing.keys()
        for edge in clashing.values():
            self.edges.add(*edge)
        self.known.append(self.edges)
        self._begin()
        return True

    def choose(self) -> None:
        """Decide anew what goes, by all that is known."""
        self.going = self._agreed()
        for row, gone in self._gone_by_draft().items():
            self.drafts[row] = self.drafts[row].without(gone)
        if not all(draft.is_as_expected for draft in self.drafts):
            self._settle({})

    def _gone_by_draft(self) -> dict[int, set[int]]:
        gone: dict[int, set[int]] = {row: set() for row, draft in enumerate(self.drafts) if draft.gone}
        numbers = np.array(sorted(self.going), dtype=np.int64)
        rows = np.searchsorted(self.starts, numbers, side="right") - 1
        for row, number in zip(rows.tolist(), (numbers - self.starts[rows]).tolist(), strict=True):
            gone.setdefault(row, set()).add(number)
        return gone

    def _agreed(self) -> dict[int, int]:
        """Choose until all that goes was agreed to."""
        while True:
            edges = self.edges
            self.going = choose(edges.edges, self.rank, self.answers.wishes(edges.places, edges.longer_first))
            if self.answers.review is None or all(
                self.answers.agree(removal.pair, removal.place, removal.kept) for removal in self._removals()
            ):
                return self.going
            edges.drop(self.answers.leave)

    def _settle(self, others: Mapping[int, Draft]) -> None:
        """Go on with the texts as they are: what is left of one falls into other paragraphs than before.

        others: drafts that take the place of what they were, by row.
        """
        self.settled += self._removals()
        self.pinned |= {removal.kept for removal in self.settled}
        pinned = {place.key for place in self.pinned}
        left = [draft.renumbered() if draft.gone else draft for draft in self.drafts]
        self.drafts = [others.get(row, draft) for row, draft in enumerate(left)]
        self.pinned |= {place for draft in self.drafts for place in draft.places if place.key in pinned}
        self.known.append(self.edges)
        self._number()

    def read_again(self) -> bool:
        """Put the texts where they belong; whether something else is shown there, which is what will be cleaned then."""
        if self.reread is None:
            return False
        there = self.reread({draft.key: draft.texts for draft in self.drafts})
        read = (draft.read_as(there.get(draft.key, draft.current)) for draft in self.drafts)
        others = {row: other for row, other in enumerate(read) if other is not self.drafts[row]}
        if others:
            self._settle(others)
        return bool(others)

    def _removals(self) -> list[Removal]:
        """What goes for what, in order."""
        places, pairs = self.edges.places, self.edges.pairs(self.going.values())
        return [Removal(places[number], self._other(number, edge), pairs[edge]) for number, edge in sorted(self.going.items())]

    def _other(self, number: int, edge: int) -> Place:
        one, other, _ = self.edges.edges[edge]
        return self.edges.places[other if one == number else one]

    def cleaned(self, first: Result, rounds: int, *, complete: bool) -> Cleaned:
        """All that was done."""
        removed = sorted([*self.settled, *self._removals()], key=self._order)
        documents = tuple(draft.document for draft in self.drafts)
        texts = {draft.key: draft.current.text for draft in self.drafts}
        return Cleaned(self.config, self.keep, documents, first, tuple(removed), rounds, complete, texts)

    def _order(self, removal: Removal) -> tuple[int, int]:
        return self.row_of[removal.place.file, removal.place.document], removal.place.paragraph
