"""Texts equal after normalising: found by their key, nominated once for all copies, listed without a quadratic flood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import (
    Candidates,
    Integers,
    Ragged,
    Rows,
    Terms,
    at,
    each_once,
    fingerprints,
    looked_up,
    running_totals,
    spans,
)

READ: Final = 1 << 14  # rows marked at a time
SPREAD: Final = 1 << 18  # pairs made from those of classes at a time
LISTED: Final = 20  # up to this many copies every pair is listed, above it each copy with the first


@dataclass(frozen=True)
class Copies:
    """Classes of equal texts, ascending by key, so that their order depends on the texts alone.

    rows: the rows of each class, the first place first. class_of: int32[n].
    speakers: the rows that stand for the class in pairs with other texts, all of them unless there are more than LISTED: then
    the first one and the first of another document, as the first may be in a document with what the class is paired with.
    heard: bool[n], whether a row is paired within its document; of more than LISTED copies only the first of each document.
    """

    rows: Ragged[np.int64]
    speakers: Ragged[np.int64]
    class_of: NDArray[np.int32]
    heard: NDArray[np.bool_]

    @property
    def first(self) -> Integers:
        """One row of each class."""
        return self.rows.values[self.rows.offsets[:-1]]

    def equal(self, pairs: Candidates) -> NDArray[np.bool_]:
        """bool[p]: whether the two texts of a pair are equal."""
        same: NDArray[np.bool_] = looked_up(self.class_of, pairs.left) == looked_up(self.class_of, pairs.right)
        return same

    def count(self, pairs: Candidates) -> NDArray[np.int32]:
        """int32[p]: how many copies a pair stands for, 0 where every one is listed."""
        sizes = self.rows.lengths.astype(np.int32)
        listed = np.where(sizes > LISTED, sizes, np.int32(0))[self.class_of]
        largest: NDArray[np.int32] = np.maximum(looked_up(listed, pairs.left), looked_up(listed, pairs.right))
        return largest


def find_copies(keys: NDArray[np.uint64], document: NDArray[np.int32], place: Callable[[int], Any]) -> Copies:
    """Classes of equal keys. place: sort key of a row, which decides what the first of many copies is."""
    order = np.argsort(keys, kind="stable")
    begins = np.append(True, keys[order][1:] != keys[order][:-1])[: len(order)]
    edges = np.append(np.flatnonzero(begins), len(order))
    spoken = np.diff(edges)
    heard = np.ones(len(keys), dtype=bool)
    for number in np.flatnonzero(spoken > LISTED).tolist():
        span = slice(int(edges[number]), int(edges[number + 1]))
        order[span], spoken[number] = _speakers_first(order[span].tolist(), document, place)
        heard[order[span]] = False
        heard[order[span][np.unique(document[order[span]], return_index=True)[1]]] = True
    class_of = np.zeros(len(keys), dtype=np.int32)
    class_of[order] = np.repeat(np.arange(len(spoken), dtype=np.int32), np.diff(edges))
    return Copies(Ragged(order, edges), Ragged.from_lengths(order[spans(edges[:-1], spoken)], spoken), class_of, heard)


def _speakers_first(rows: list[int], document: NDArray[np.int32], place: Callable[[int], Any]) -> tuple[list[int], int]:
    """The rows by place, but the first one of another document than the first second; and how many of the two there are."""
    rows = sorted(rows, key=place)
    elsewhere = next((row for row in rows if document[row] != document[rows[0]]), None)
    if elsewhere is None:
        return rows, 1
    return [rows[0], elsewhere, *(row for row in rows[1:] if row != elsewhere)], 2


def find_twins(terms: Terms, copies: Copies) -> NDArray[np.int32]:
    """int32[n]: of each row the first that has all that a score is made from in common with it, often the row itself.

    Equal texts may have other names, as capitals make them, so not all of a class are twins.
    """
    twin = np.arange(len(terms), dtype=np.int32)
    rows = copies.rows.take(np.flatnonzero(copies.rows.lengths > 1)).values
    chunks = [terms.take(rows[first : first + READ]) for first in range(0, len(rows), READ)]
    marks = np.concatenate([np.zeros(0, dtype=np.uint64), *map(_marks, chunks)])
    order = np.lexsort((rows, marks, copies.class_of[rows]))
    rows, marks = rows[order], marks[order]
    begins = np.append(True, (np.diff(copies.class_of[rows]) != 0) | (np.diff(marks) != 0))[: len(rows)]
    twin[rows] = rows[begins][np.cumsum(begins) - 1]
    return twin


def _marks(terms: Terms) -> NDArray[np.uint64]:
    """uint64[n]: a number for all that a score is made from."""
    sequence = terms.sequence
    place = np.arange(len(sequence.values)) - np.repeat(sequence.offsets[:-1], sequence.lengths)
    read = Ragged((place << 1 | terms.begins) << 31 | sequence.values, sequence.offsets)
    names = Ragged(terms.names.values.astype(np.int64), terms.names.offsets)
    numbers = Ragged(terms.numbers.values.view(np.int64), terms.numbers.offsets)
    marks = np.zeros(len(terms), dtype=np.uint64)
    for column in (read, names, numbers):
        marks = marks * np.uint64(0x9E3779B97F4A7C15) + fingerprints(column)
    return marks


def per_document(keys: NDArray[np.uint64], document: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Keys that are equal only for equal texts of one document, in the order of the given ones."""
    order = np.lexsort((document, keys))
    new = (np.diff(keys[order]) != 0) | (np.diff(document[order]) != 0)
    codes = np.zeros(len(keys), dtype=np.uint64)
    codes[order[1:]] = np.cumsum(new)
    return codes


def equal_pairs(copies: Copies) -> Candidates:
    """Pairs of equal texts: all of a small class, each with the first of a large one."""
    left, right = [], []
    for rows in _classes(copies.rows, 2, LISTED):
        first, second = np.triu_indices(rows.shape[1], 1)
        left.append(rows[:, first].ravel())
        right.append(rows[:, second].ravel())
    large = copies.rows.take(np.flatnonzero(copies.rows.lengths > LISTED))
    others = np.ones(len(large.values), dtype=bool)
    others[large.offsets[:-1]] = False
    left.append(np.repeat(large.values[large.offsets[:-1]], large.lengths)[others])
    right.append(large.values[others])
    return ordered(np.concatenate(left), np.concatenate(right))


def spread(copies: Copies, classes: Candidates, kept: Callable[[Candidates], Candidates]) -> Iterator[Candidates]:
    """Yield pairs of rows for pairs of classes, some at a time: of every speaker of the one with every speaker of the other.

    They come in any order, the right row may be the smaller one. kept: which of some pairs are, which may be far fewer.
    """
    sizes = copies.speakers.lengths
    totals = running_totals(at(sizes, classes.left) * at(sizes, classes.right))
    edges = each_once(np.append(np.searchsorted(totals, np.arange(0, totals[-1], SPREAD)), len(classes)))
    for begin, end in pairwise(edges.tolist()):
        a, b = copies.speakers.take(classes.left[begin:end]), copies.speakers.take(classes.right[begin:end])
        repeats = b.lengths[a.rows]
        pairs = Candidates.of(np.repeat(a.values, repeats), b.values[spans(b.offsets[:-1][a.rows], repeats)])
        yield kept(pairs)
    yield Candidates.none(classes.capped)


def union(parts: list[Candidates]) -> Candidates:
    """Pairs of any part, left < right, ascending, none twice."""
    codes = np.empty(sum(map(len, parts)), dtype=np.int64)
    first = 0
    for part in parts:
        some = codes[first : first + len(part)]
        some[:] = np.minimum(part.left, part.right)
        some <<= 32
        some |= np.maximum(part.left, part.right)
        first += len(part)
    codes.sort()
    codes = codes[np.append(True, codes[1:] != codes[:-1])[: len(codes)]]
    left = (codes >> 32).astype(np.int32)
    codes &= 0xFFFF_FFFF
    return Candidates(left, codes.astype(np.int32), sum(part.capped for part in parts))


def ordered(left: Rows, right: Rows) -> Candidates:
    """The same pairs with left < right, ascending, none twice."""
    return union([Candidates.of(left, right)])


def _classes(rows: Ragged[np.int64], smallest: int, largest: int) -> list[Integers]:
    """The classes of each size as a matrix of rows, one class a line."""
    sizes = rows.lengths
    return [rows.take(np.flatnonzero(sizes == size)).values.reshape(-1, size) for size in range(smallest, largest + 1)]
