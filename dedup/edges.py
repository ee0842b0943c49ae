"""Pairs that checks found between paragraphs with numbers: what a choice of those that go is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dedup.keeping import Edge
from dedup.model import KINDS, Pair, Place
from dedup.rows import PairRows, pairs_of
from dedup.similarity import PARTS

CONTAINED: Final = KINDS.index("contained")


@dataclass(frozen=True)
class Finding:
    """A pair of a check, by its number among those of that check."""

    pairs: PairRows
    number: int

    @property
    def score(self) -> float:
        """Of the pair."""
        return int(self.pairs.scored.parts[self.number]) / PARTS

    @property
    def is_contained(self) -> bool:
        """Whether one holds the other."""
        return bool(self.pairs.scored.kind[self.number] == CONTAINED)


class Edges:
    """What joins two paragraphs each.

    places: of the paragraphs, by number. longer_first: the one that holds the other, and the other.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self.edges: list[Edge] = []
        self.longer_first: list[tuple[int, int]] = []
        self._findings: list[Finding] = []

    def __len__(self) -> int:
        return len(self.edges)

    def add(self, one: int, other: int, finding: Finding, *, longer_first: bool = True) -> None:
        """Join two paragraphs. longer_first: whether it matters which one holds the other."""
        self.edges.append((one, other, finding.score))
        self._findings.append(finding)
        if finding.is_contained and longer_first:
            lengths = [len(self.places[number].text) for number in (one, other)]
            if lengths[0] != lengths[1]:
                self.longer_first.append((one, other) if lengths[0] > lengths[1] else (other, one))

    def drop(self, unwanted: Callable[[Place, Place], bool]) -> None:
        """Forget the edges between such places."""
        kept = [n for n, (one, other, _) in enumerate(self.edges) if not unwanted(self.places[one], self.places[other])]
        self.edges = [self.edges[number] for number in kept]
        self._findings = [self._findings[number] for number in kept]

    def among(self, number: dict[Place, int]) -> Iterator[tuple[int, int, Finding]]:
        """Yield the edges between paragraphs that have a number elsewhere, by that."""
        there = [number.get(place) for place in self.places]
        for (left, right, _), finding in zip(self.edges, self._findings, strict=True):
            one, other = there[left], there[right]
            if one is not None and other is not None:
                yield one, other, finding

    def pairs(self, numbers: Collection[int]) -> dict[int, Pair]:
        """The pairs of some edges, by the number of the edge. They are made for all that one check found at once."""
        of: dict[int, list[int]] = defaultdict(list)
        for number in numbers:
            of[id(self._findings[number].pairs)].append(number)
        made: dict[int, Pair] = {}
        for some in of.values():
            rows = np.array([self._findings[number].number for number in some])
            scored = self._findings[some[0]].pairs.scored.take(rows)
            for number, (score, kind, evidence) in zip(some, pairs_of(scored), strict=True):
                left, right, _ = self.edges[number]
                a, b = sorted((self.places[left], self.places[right]), key=lambda place: place.key)
                made[number] = Pair(score, kind, a, b, evidence)
        return made
