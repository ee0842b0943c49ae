"""Documents → the same documents without their repeats, and what was taken out because of what.

A round is a check and a choice. Rounds go on until a check finds nothing new: what is found after something was taken out may
change the choice, as a paragraph goes only for one that stays to the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from dedup.answers import Answers, Review
from dedup.columns import Integers
from dedup.config import Config
from dedup.dates import instant
from dedup.drafts import Draft
from dedup.errors import ConfigError
from dedup.keeping import KEEP, Edge, choose
from dedup.model import KINDS, Document, Pair, Place
from dedup.multiples import told_of_copies
from dedup.pipeline import check
from dedup.progress import SILENT, Progress
from dedup.results import Result
from dedup.rows import PairRows, pairs_of

ROUNDS: Final = 50  # checks at most; two or three are usual

CONTAINED: Final = KINDS.index("contained")


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
# Texts by document → what is read where they were put, of each document that was put anywhere.
Reread: TypeAlias = Callable[[Mapping[Key, str]], Mapping[Key, Document]]


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
    work = _Work(list(documents), config or Config(scope="within"), keep, review)
    first = found = work.check(progress, jobs)
    rounds = 1
    while (new := work.learn(found)) or (reread and work.read_again(reread)):
        if new:
            work.choose()
        if rounds == ROUNDS:
            return work.cleaned(first, rounds, complete=False)
        found = work.check(progress, jobs)
        rounds += 1
    return work.cleaned(first, rounds, complete=not work.conflict)


@dataclass(frozen=True)
class _Source:
    """Where an edge comes from: a pair of a check."""

    pairs: PairRows
    number: int


class _Work:
    """Documents while they are cleaned.

    Paragraphs have a number in their draft, and one among those of all drafts. Edges join two that repeat each other.
    """

    def __init__(self, documents: Sequence[Document], config: Config, keep: str, review: Review | None) -> None:
        self.config = config
        self.keep = keep
        self.drafts = [Draft.of(document, config.paragraphs) for document in documents]
        self.row_of = {draft.key: row for row, draft in enumerate(self.drafts)}
        self.settled: list[Removal] = []
        self.pinned: set[Place] = set()  # stays for what is settled
        self.answers = Answers(review)
        self.conflict = False
        self._number()

    def _number(self) -> None:
        """Number all paragraphs anew, and forget the edges."""
        self.starts = np.cumsum([0, *(len(draft.places) for draft in self.drafts)])
        self.places = [place for draft in self.drafts for place in draft.places]
        self.edges: list[Edge] = []
        self.sources: list[_Source] = []
        self.longer_first: list[tuple[int, int]] = []
        self.going: dict[int, int] = {}
        prefer = KEEP[self.keep]
        free = [not self.pinned or place not in self.pinned for place in self.places]
        preferred = [prefer(place.text, place.date) for place in self.places]
        order = sorted(range(len(self.places)), key=lambda number: (free[number], preferred[number]))
        self.rank = [0] * len(order)
        for rank, number in enumerate(order):
            self.rank[number] = rank

    def check(self, progress: Progress, jobs: int) -> Result:
        """What repeats in the documents as they are now."""
        return check([draft.current for draft in self.drafts], self.config, progress, jobs=jobs)

    def learn(self, result: Result) -> bool:
        """Take over the pairs that count as edges; whether one is new."""
        numbers = self._numbers(result)
        pairs, known = result.pairs, len(self.edges)
        for number in np.flatnonzero(pairs.counting).tolist():
            self._join(pairs, number, int(numbers[pairs.left[number]]), int(numbers[pairs.right[number]]))
        if len(self.edges) > known:
            rank = [self.rank[number] for number in numbers.tolist()]
            for one, other, number in told_of_copies(result, rank):
                self._join(pairs, number, int(numbers[one]), int(numbers[other]))
        return len(self.edges) > known

    def _numbers(self, result: Result) -> Integers:
        """int64[rows]: the number of each paragraph of a result."""
        left = [np.array(draft.left, dtype=np.int64) + start for draft, start in zip(self.drafts, self.starts, strict=False)]
        offsets = np.cumsum([0, *map(len, left)])
        paragraphs = result.paragraphs
        rows = np.array([self.row_of[one.file, one.id] for one in paragraphs.documents], dtype=np.int64)
        places = offsets[rows[paragraphs.document_row]] + paragraphs.position
        numbers: Integers = np.concatenate([*left, np.zeros(0, dtype=np.int64)])[places]
        return numbers

    def _join(self, pairs: PairRows, number: int, one: int, other: int) -> None:
        a, b = self.places[one], self.places[other]
        if self.answers.leave(a, b):
            return
        if self.pinned and a in self.pinned and b in self.pinned and a.key != b.key:
            self.conflict = True  # something went for each of them
            return
        self.edges.append((one, other, float(pairs.scored.score[number])))
        self.sources.append(_Source(pairs, number))
        if pairs.scored.kind[number] == CONTAINED and len(a.text) != len(b.text):
            self.longer_first.append((one, other) if len(a.text) > len(b.text) else (other, one))

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

    def _settle(self, others: Mapping[int, Draft]) -> None:
        """Begin anew with the texts as they are: what is left of one falls into other paragraphs than before.

        others: drafts that take the place of what they were, by row.
        """
        self.settled += self._removals()
        self.pinned |= {removal.kept for removal in self.settled}
        pinned = {place.key for place in self.pinned}
        left = [draft.renumbered() if draft.gone else draft for draft in self.drafts]
        self.drafts = [others.get(row, draft) for row, draft in enumerate(left)]
        self.pinned |= {place for draft in self.drafts for place in draft.places if place.key in pinned}
        self._number()

    def read_again(self, reread: Reread) -> bool:
        """Put the texts where they belong; whether something else is shown there, which is what will be cleaned then."""
        there = reread(self._texts())
        read = (draft.read_as(there.get(draft.key, draft.current)) for draft in self.drafts)
        others = {row: other for row, other in enumerate(read) if other is not self.drafts[row]}
        if others:
            self._settle(others)
        return bool(others)

    def _texts(self) -> dict[Key, str]:
        return {draft.key: draft.current.text for draft in self.drafts}

    def _removals(self) -> list[Removal]:
        """What goes for what, in order. Pairs are made for all that one check found at once."""
        of: dict[int, list[int]] = defaultdict(list)
        for edge in self.going.values():
            of[id(self.sources[edge].pairs)].append(edge)
        made: dict[int, Pair] = {}
        for edges in of.values():
            pairs = self.sources[edges[0]].pairs
            scored = pairs.scored.take(np.array([self.sources[edge].number for edge in edges]))
            for edge, (score, kind, evidence) in zip(edges, pairs_of(scored), strict=True):
                one, other, _ = self.edges[edge]
                a, b = sorted((self.places[one], self.places[other]), key=lambda place: place.key)
                made[edge] = Pair(score, kind, a, b, evidence)
        return [
            Removal(self.places[number], self._other(number, edge), made[edge]) for number, edge in sorted(self.going.items())
        ]

    def _other(self, number: int, edge: int) -> Place:
        one, other, _ = self.edges[edge]
        return self.places[other if one == number else one]

    def _agreed(self) -> dict[int, int]:
        """Choose until all that goes was agreed to."""
        while True:
            self.going = choose(self.edges, self.rank, self.answers.wishes(self.places, self.longer_first))
            if self.answers.review is None:
                return self.going
            if all(self.answers.agree(removal.pair, removal.place, removal.kept) for removal in self._removals()):
                return self.going
            self._forget()

    def _forget(self) -> None:
        """Drop the edges of what stays both."""
        places = self.places
        kept = [n for n, (one, other, _) in enumerate(self.edges) if not self.answers.leave(places[one], places[other])]
        self.edges = [self.edges[number] for number in kept]
        self.sources = [self.sources[number] for number in kept]

    def cleaned(self, first: Result, rounds: int, *, complete: bool) -> Cleaned:
        """All that was done."""
        removed = sorted([*self.settled, *self._removals()], key=self._order)
        documents = tuple(draft.document for draft in self.drafts)
        return Cleaned(self.config, self.keep, documents, first, tuple(removed), rounds, complete, self._texts())

    def _order(self, removal: Removal) -> tuple[int, int]:
        return self.row_of[removal.place.file, removal.place.document], removal.place.paragraph
