"""The nouns between the steps: whole batches, kept as columns. The atom is the ragged column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

SORTED: Final = 1 << 19  # values of rows that are sorted at a time
COUNTED: Final = 1 << 18  # values counted at a time
BLOCK: Final = 1 << 16  # values looked up at a time, so that the columns in between stay in the cache

Scalar = TypeVar("Scalar", bound=np.generic)
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Signatures = NDArray[np.unsignedinteger[Any]]  # a row each, a column a position
Rows = NDArray[np.integer[Any]]  # numbers of rows; of pairs int32, as there are many of them


@dataclass(frozen=True)
class Ragged(Generic[Scalar]):
    """Row i is `values[offsets[i]:offsets[i + 1]]`; offsets: int64[n + 1], ascending from 0 to len(values)."""

    values: NDArray[Scalar]
    offsets: Integers

    @classmethod
    def from_lengths(cls, values: NDArray[Scalar], lengths: NDArray[np.integer[Any]]) -> Ragged[Scalar]:
        """Cut `values` into rows of the given lengths."""
        return cls(values, running_totals(lengths))

    @classmethod
    def from_rows(cls, rows: Rows, values: NDArray[Scalar], count: int) -> Ragged[Scalar]:
        """Build `count` rows from values and the ascending number of the row each belongs to."""
        return cls(values, np.searchsorted(rows, np.arange(count + 1)))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Integers:
        """int64[n]."""
        return self.offsets[1:] - self.offsets[:-1]

    @property
    def rows(self) -> Integers:
        """int64[len(values)]: the row each value belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, rows: Rows) -> Ragged[Scalar]:
        """The given rows, in the given order."""
        starts = at(self.offsets, rows)
        lengths = at(self.offsets, rows + 1) - starts
        return Ragged.from_lengths(at(self.values, spans(starts, lengths)), lengths)

    def between(self, first: int, last: int) -> Ragged[Scalar]:
        """The rows from the first to before the last; nothing is copied but their offsets."""
        offsets = self.offsets[first : last + 1]
        return Ragged(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def where(self, kept: Flags) -> Ragged[Scalar]:
        """Every row without the values whose flag is false."""
        return self.only(np.flatnonzero(kept))

    def only(self, places: Integers) -> Ragged[Scalar]:
        """Every row without the values but those at these places, which ascend."""
        return Ragged(at(self.values, places), np.searchsorted(places, self.offsets))

    def distinct(self) -> Ragged[Scalar]:
        """Every row sorted and without repeats."""
        values, lengths, kept = self.values.copy(), [], 0
        for first, last in blocks_of(self.lengths, SORTED):
            begin, end = self.offsets[first], self.offsets[last]
            some = Ragged(values[begin:end], self.offsets[first : last + 1] - begin)
            some._sort()
            once = some._once()
            lengths.append(some.sum(once))
            size = int(lengths[-1].sum())
            values[kept : kept + size] = some.values[once]  # in front of what was read
            kept += size
        return Ragged.from_lengths(values[:kept], np.concatenate([np.zeros(0, dtype=np.int64), *lengths]))

    def _sort(self) -> None:
        """Sort every row in place: all rows of one length are a matrix, and numpy sorts short rows in registers."""
        values, lengths = self.values, self.lengths
        order = np.argsort(lengths, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
            length = int(lengths[rows[0]]) if len(rows) else 0
            if length > 1:
                shape, strides = (len(values) - length + 1, length), values.strides * 2
                windows: NDArray[Scalar] = np.ndarray(shape, values.dtype, values.data, strides=strides)  # from every place
                starts = self.offsets[rows]
                matrix = windows[starts]
                matrix.sort(axis=1)
                windows[starts] = matrix

    def _once(self) -> Flags:
        """Which values are the first of their kind, in rows that are sorted."""
        once = np.ones(len(self.values), dtype=bool)
        np.not_equal(self.values[1:], self.values[:-1], out=once[1:])
        once[self.offsets[:-1][self.lengths > 0]] = True
        return once

    def sum(self, amounts: NDArray[np.integer[Any]] | NDArray[np.bool_]) -> Integers:
        """Sum of one whole number per value over each row; 0 for an empty row. Exact in any order, unlike floats."""
        totals = at(running_totals(amounts), self.offsets)
        return totals[1:] - totals[:-1]  # as `np.diff`, which takes as long as all else for a few rows

    def maximum(self, amounts: NDArray[np.integer[Any]]) -> Integers:
        """Greatest of one whole number (0 or more) per value over each row; 0 for an empty row."""
        greatest = np.zeros(len(self), dtype=np.int64)
        filled = np.flatnonzero(self.lengths)  # reduceat gives an empty row its neighbour's value
        if len(filled):
            greatest[filled] = np.maximum.reduceat(amounts, self.offsets[filled])
        return greatest


def blocks_of(lengths: NDArray[np.integer[Any]], size: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that have about so many values."""
    ends = np.cumsum(lengths)
    first, done = 0, 0
    while first < len(ends):
        last = min(int(np.searchsorted(ends, done + size)) + 1, len(ends))
        yield first, last
        first, done = last, int(ends[last - 1])


def each_once(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """Each value once, ascending. `np.unique` is slower on whole numbers, and imports masked arrays."""
    ordered = np.sort(values)
    found: NDArray[Scalar] = ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
    return found


def occurrences(values: Rows, count: int) -> Integers:
    """int64[count]: how often each number from 0 to below the count is there. numpy makes eight bytes of each first."""
    found, block = np.zeros(count, dtype=np.int64), max(COUNTED, count)
    for first in range(0, len(values), block):
        found += np.bincount(values[first : first + block], minlength=count)
    return found


def running_totals(amounts: NDArray[np.integer[Any]] | NDArray[np.bool_]) -> Integers:
    """int64[n + 1]: the sum of all amounts before each place, and of all."""
    totals = np.zeros(len(amounts) + 1, dtype=np.int64)
    np.cumsum(amounts, out=totals[1:])
    return totals


def share(part: Integers, whole: Integers, of_nothing: float = 0.0) -> NDArray[np.float64]:
    """float64[p]: how much of each whole its part is."""
    return np.where(whole > 0, part / np.maximum(1, whole), of_nothing)


def at(values: NDArray[Scalar], places: Rows) -> NDArray[Scalar]:
    """`values[places]` of places that are there: clipping what is beyond saves the check, which takes half the time."""
    return values.take(places, mode="clip")


def looked_up(table: NDArray[Scalar], places: Rows, out: NDArray[Scalar] | None = None) -> NDArray[Scalar]:
    """`table[places]`, a block at a time: numpy first makes eight bytes of every place, and fresh memory is slow.

    out: where to put it, which may be the places themselves.
    """
    found = np.empty(len(places), dtype=table.dtype) if out is None else out
    for first in range(0, len(places), BLOCK):
        block = slice(first, first + BLOCK)
        table.take(places[block], out=found[block], mode="clip")
    return found


def places_where(flags: Callable[[slice], Flags], count: int) -> Integers:
    """The places, of so many, whose flag is true. flags: those of a block."""
    blocks = (slice(first, min(first + BLOCK, count)) for first in range(0, count, BLOCK))
    found = [np.flatnonzero(flags(block)) + block.start for block in blocks]
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def spans(starts: NDArray[np.integer[Any]], lengths: NDArray[np.integer[Any]]) -> Integers:
    """Indices of consecutive items of every span, one span after the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    places: Integers = np.repeat(starts - (ends - lengths), lengths)
    places += np.arange(len(places))
    return places


def connect(left: Rows, right: Rows, count: int) -> Integers:
    """int64[count]: the smallest row that each row is connected to by the pairs (left[i], right[i]), its own if by none."""
    label = np.arange(count)
    while True:
        smaller = np.minimum(label[left], label[right])
        lowered = label.copy()
        np.minimum.at(lowered, label[left], smaller)
        np.minimum.at(lowered, label[right], smaller)
        lowered = lowered[lowered]
        if (lowered == label).all():
            return label
        label = lowered


def fingerprints(column: Ragged[np.int64]) -> NDArray[np.uint64]:
    """A number for each row, the same for the same values in any order, and spread evenly."""
    mixed = (column.values.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return column.sum((mixed ^ (mixed >> np.uint64(32))).view(np.int64)).view(np.uint64)


def concatenated(parts: Sequence[Ragged[Scalar]], dtype: type[Scalar]) -> Ragged[Scalar]:
    """The rows of several columns, one column after the other."""
    values = np.concatenate([np.zeros(0, dtype=dtype), *(part.values for part in parts)])
    return Ragged.from_lengths(values, np.concatenate([np.zeros(0, dtype=np.int64), *(part.lengths for part in parts)]))


def interleaved(parts: Sequence[Ragged[Scalar]], rows: Sequence[Integers], dtype: type[Scalar]) -> Ragged[Scalar]:
    """The rows of several columns as one column; rows: for each part, where its rows stand there, ascending."""
    owner = np.empty(sum(map(len, parts)), dtype=np.int64)
    lengths = np.empty_like(owner)
    for number, (part, places) in enumerate(zip(parts, rows, strict=True)):
        owner[places], lengths[places] = number, part.lengths
    pieces, taken = [np.zeros(0, dtype=dtype)], [0] * len(parts)
    firsts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])[: len(owner)])
    sizes = np.diff(running_totals(lengths)[np.append(firsts, len(owner))])
    for number, size in zip(owner[firsts].tolist(), sizes.tolist(), strict=True):
        pieces.append(parts[number].values[taken[number] : taken[number] + size])
        taken[number] += size
    return Ragged.from_lengths(np.concatenate(pieces), lengths)


@dataclass(frozen=True)
class Terms:
    """A batch of n paragraphs as terms. Term numbers mean something within the batch only, spellings everywhere.

    spelling: the v distinct terms. hash: uint32[v], made from the spelling alone.
    sequence: term numbers in reading order. distinct: the same, each once a row, ascending.
    begins: for each term of the sequence, whether a sentence begins with it; true for the first of each row.
    names: distinct terms written like a name (a capital where no sentence begins), ascending.
    numbers: distinct values, ascending.
    keys: uint64[n], equal for texts that are equal after normalising: NFKC, case, spaces, quotes, dashes.
    """

    spelling: list[str]
    hash: NDArray[np.uint32]
    sequence: Ragged[np.int32]
    distinct: Ragged[np.int32]
    begins: Flags
    names: Ragged[np.int32]
    numbers: Ragged[np.float64]
    keys: NDArray[np.uint64]

    def take(self, rows: Rows) -> Terms:
        """The given paragraphs, in the given order; the terms keep their numbers."""
        starts = at(self.sequence.offsets, rows)
        lengths = at(self.sequence.offsets, rows + 1) - starts
        places = spans(starts, lengths)
        sequence, begins = Ragged.from_lengths(at(self.sequence.values, places), lengths), at(self.begins, places)
        distinct, names, numbers = self.distinct.take(rows), self.names.take(rows), self.numbers.take(rows)
        return Terms(self.spelling, self.hash, sequence, distinct, begins, names, numbers, self.keys[rows])

    def __len__(self) -> int:
        return len(self.sequence)


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows worth a score: int32[p] each, left < right, ascending, none twice.

    capped: buckets too large for all their pairs: of these each row meets the first and the next one only.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    capped: int = 0

    @classmethod
    def of(cls, left: Rows, right: Rows, capped: int = 0) -> Candidates:
        """Pairs from rows of any width."""
        return cls(left.astype(np.int32, copy=False), right.astype(np.int32, copy=False), capped)

    @classmethod
    def none(cls, capped: int = 0) -> Candidates:
        """No pairs."""
        return cls.of(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), capped)

    def __len__(self) -> int:
        return len(self.left)

    def among(self, rows: Rows) -> Candidates:
        """The same pairs, as those of `rows`, which ascend."""
        narrow = rows.astype(np.int32)
        return Candidates(looked_up(narrow, self.left), looked_up(narrow, self.right), self.capped)

    def where(self, kept: NDArray[np.bool_]) -> Candidates:
        """Only the pairs whose flag is true."""
        return Candidates(self.left[kept], self.right[kept], self.capped)
