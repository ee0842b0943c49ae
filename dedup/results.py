"""Scored columns → the pairs a report shows: rows made when they are looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers
from dedup.model import KINDS, Kind, Pair, Paragraphs, Place
from dedup.similarity import Scored


@dataclass(frozen=True)
class PairRows(Sequence[Pair]):
    """Pairs of a check, best first. All columns have one entry a pair.

    left, right: rows of `paragraphs`, left < right. group: 0 for none. copies: 0 where all are listed.
    """

    paragraphs: Paragraphs
    kinds: tuple[Kind, ...]
    left: Integers
    right: Integers
    scored: Scored
    group: Integers
    copies: Integers

    def __len__(self) -> int:
        return len(self.left)

    @overload
    def __getitem__(self, index: int) -> Pair: ...

    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...

    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        a, b = (_place(self.paragraphs, int(rows[index])) for rows in (self.left, self.right))
        pair = pair_of(self.scored, index, a, b)
        counts = pair.kind in self.kinds
        return replace(
            pair,
            group=int(self.group[index]) or None,
            counts=counts,
            why=None if counts else "kind",
            copies=int(self.copies[index]) or None,
        )


def _place(paragraphs: Paragraphs, row: int) -> Place:
    document = paragraphs.documents[paragraphs.document_row[row]]
    return Place(
        file=document.file,
        document=document.id,
        paragraph=int(paragraphs.position[row]),
        line=int(paragraphs.line[row]),
        text=paragraphs.text[row],
        date=document.date,
    )


def pair_of(scored: Scored, index: int, a: Place, b: Place) -> Pair:
    """One scored pair as a row, evidence to 4 decimals."""
    values = {name: float(column[index]) for name, column in scored.evidence.items()}
    evidence = {name: None if math.isnan(value) else round(value, 4) for name, value in values.items()}
    return Pair(float(scored.score[index]), KINDS[scored.kind[index]], a, b, evidence)


def best_first(score: NDArray[np.float64], left: Integers, right: Integers) -> Integers:
    """The order in which pairs are reported: score descending, then the places."""
    order: Integers = np.lexsort((right, left, -score))
    return order
