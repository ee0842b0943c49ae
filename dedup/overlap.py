"""What two paragraphs share of their terms, in figures: cheap enough for every pair that is nominated."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged, Rows, at, concatenated, running_totals, share, spans
from dedup.matching import places_among
from dedup.profiles import PACKED_WEIGHT, Floats, Lexicon

CHUNK: Final = 2_048  # pairs looked at at a time
READ: Final = 1 << 12  # rows added up at a time
_LARGEST_WEIGHT: Final = 400.0  # of a term of Zipf frequency 2.5
_BITS: Final = np.uint64(1) << np.arange(64, dtype=np.uint64)


class Extent(NamedTuple):
    """Sets of terms in figures, int64[n] each: how many terms, what they weigh in a score, how many are rare."""

    terms: Integers
    weight: Integers
    rare: Integers

    @classmethod
    def of(cls, terms: Ragged[np.int32], lexicon: Lexicon) -> Extent:
        """Add up the terms of each row."""
        packed = terms.sum(at(lexicon.packed, terms.values))
        return cls(terms.lengths, packed & PACKED_WEIGHT, packed >> PACKED_WEIGHT.bit_length())

    @classmethod
    def concatenated(cls, parts: list[Extent]) -> Extent:
        """The rows of several parts, one part after the other."""
        columns = ([part.terms for part in parts], [part.weight for part in parts], [part.rare for part in parts])
        return cls(*map(np.concatenate, columns))

    def take(self, rows: Rows) -> Extent:
        """The given rows, in the given order."""
        return Extent(at(self.terms, rows), at(self.weight, rows), at(self.rare, rows))


class Matches(NamedTuple):
    """The values that both rows of each of p pairs have, as places in the `values` of their column.

    a: of those of the left row; b: of those of the right one, in the same order.
    """

    a: Ragged[np.int64]
    b: Ragged[np.int64]

    @classmethod
    def of(cls, column: Ragged[Any], left: Integers, right: Integers) -> Matches:
        """Match the rows left[i] and right[i], whose whole numbers are there once each. Quickest where `left` repeats."""
        begins = np.append(True, left[1:] != left[:-1])[: len(left)]
        rows, run = left[begins], np.cumsum(begins) - 1
        present, size = column.take(rows), 1 + int(column.values.max(initial=0))
        starts = at(column.offsets, right)
        lengths = at(column.offsets, right + 1) - starts
        places = spans(starts, lengths)
        wanted = at(column.values, places) + np.repeat(run * size, lengths)
        both, found = places_among(wanted, present.rows * size + present.values)
        offsets = np.searchsorted(both, running_totals(lengths))
        before = at(at(column.offsets, rows) - present.offsets[:-1], run)
        own: Integers = np.repeat(before, offsets[1:] - offsets[:-1])
        own += found
        return cls(Ragged(own, offsets), Ragged(at(places, both), offsets))

    @property
    def lengths(self) -> Integers:
        """int64[p]: how many values both rows have."""
        return self.a.lengths

    def take(self, pairs: Integers) -> Matches:
        """The given pairs, in the given order."""
        starts = at(self.a.offsets, pairs)
        lengths = at(self.a.offsets, pairs + 1) - starts
        places, offsets = spans(starts, lengths), running_totals(lengths)
        return Matches(Ragged(at(self.a.values, places), offsets), Ragged(at(self.b.values, places), offsets))


def term_features(a: Extent, b: Extent, both: Extent) -> dict[str, Floats]:
    """The features that need nothing but the terms of each side and those of both: float64[p] by name."""
    single = a.terms + b.terms - 2 * both.terms
    return {
        "jaccard": share(both.terms, a.terms + b.terms - both.terms),
        "weighted_jaccard": share(both.weight, a.weight + b.weight - both.weight),
        "containment": share(both.weight, np.minimum(a.weight, b.weight)),
        "rare_shared": np.minimum(both.rare, 8).astype(np.float64),
        "rare_lost": np.minimum(np.minimum(a.rare, b.rare) - both.rare, 6).astype(np.float64),
        "length": np.log(np.maximum(1, np.minimum(a.terms, b.terms))),
        "length_ratio": share(np.minimum(a.terms, b.terms), np.maximum(a.terms, b.terms)),
        "new_rarity": share(a.weight + b.weight - 2 * both.weight, single) / _LARGEST_WEIGHT,
    }


def extents(terms: Ragged[np.int32], lexicon: Lexicon) -> Extent:
    """All rows, READ at a time."""
    starts = range(0, max(1, len(terms)), READ)
    return Extent.concatenated([Extent.of(terms.between(first, first + READ), lexicon) for first in starts])


def shared(terms: Ragged[np.int32], lexicon: Lexicon, left: Rows, right: Rows) -> Extent:
    """What the rows left[i] and right[i] have in common. Quickest where `left` ascends.

    terms: the distinct terms of each row.
    """
    marks = np.zeros(len(lexicon.weight), dtype=np.uint64)
    chunks = [slice(first, first + CHUNK) for first in range(0, len(left), CHUNK)]
    return Extent.of(concatenated([_shared(terms, left[chunk], right[chunk], marks) for chunk in chunks], np.int32), lexicon)


def _shared(terms: Ragged[np.int32], left: Rows, right: Rows, marks: NDArray[np.uint64]) -> Ragged[np.int32]:
    """The terms that the rows left[i] and right[i] share, one pair or more.

    64 left rows are looked at together: each is a bit, which its terms are marked with. marks: of each term, 0 outside of this.
    """
    firsts = np.flatnonzero(np.append(True, left[1:] != left[:-1]))  # pairs with which another left row begins
    bits = np.resize(_BITS, len(firsts))
    own, other = terms.take(left[firsts]), terms.take(right)
    own_bits = np.repeat(bits, own.lengths)
    found = np.empty(len(other.values), dtype=np.uint64)
    own_edges = own.offsets[[*range(0, len(firsts), len(_BITS)), -1]].tolist()
    edges = [*other.offsets[firsts[:: len(_BITS)]].tolist(), len(found)]
    for mine, theirs in zip(pairwise(own_edges), pairwise(edges), strict=True):
        marked = own.values[slice(*mine)]
        np.add.at(marks, marked, own_bits[slice(*mine)])
        marks.take(other.values[slice(*theirs)], out=found[slice(*theirs)], mode="clip")
        marks[marked] = 0
    found &= np.repeat(np.repeat(bits, np.diff(firsts, append=len(left))), other.lengths)
    return other.where(found != 0)
