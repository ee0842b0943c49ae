"""What is known of a paragraph before it is paired: the columns that the features of pairs look things up in."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers, Ragged, Terms, at, each_once, running_totals

Floats = NDArray[np.float64]

RARE: Final = 4.0  # Zipf frequency below which a term is rare: less than 10 in a million words
CONTENT: Final = 5.7  # and below which it is a content word
PACKED_WEIGHT: Final = (1 << 32) - 1  # the part of a packed sum that is weight: room for ten million terms of the greatest
NAME_DENSITY: Final = 0.3  # above this share of capitals (German nouns, Titles) only rare terms are taken for names


@dataclass(frozen=True)
class Lexicon:
    """What is known of each of v terms. weight: int64, in a score. rare, content, number: flags, the last for digits."""

    weight: Integers
    rare: Flags
    content: Flags
    number: Flags

    @classmethod
    def of(cls, spelling: list[str], zipf: Floats, weight: Integers) -> Lexicon:
        """Look at the terms. zipf, weight: frequency and score weight of each."""
        number = np.array([term[:1].isdigit() for term in spelling], dtype=bool)
        return cls(weight, zipf < RARE, zipf < CONTENT, number)

    @functools.cached_property
    def packed(self) -> Integers:
        """int64[v]: weight, and above it 1 if the term is rare: one sum adds up both."""
        packed: Integers = self.weight + self.rare * (PACKED_WEIGHT + 1)
        return packed


class Uses(NamedTuple):
    """Where the distinct values of a column stand in the sequence of terms.

    first: of each value, where it stands first. again: row by row, where a value stands once more; source: of each of these,
    where it stands first.
    """

    first: Integers
    again: Ragged[np.int64]
    source: Integers

    @classmethod
    def of(cls, first: Integers, source: Integers, offsets: Integers) -> Uses:
        """source: for each term of the sequence, where what begins there stands first. offsets: those of the sequence."""
        again = np.flatnonzero(source != np.arange(len(source)))
        return cls(first, Ragged(again, np.searchsorted(again, offsets)), at(source, again))


class Profiles(NamedTuple):
    """What is known of each of n paragraphs before it is paired.

    uses: of the distinct terms; weight, content: what the lexicon says of each term of the sequence.
    weight_before: of all terms of the sequence before each of them, and of all; content_before: the weight of the content
    words before it, and above PACKED_WEIGHT how many they are. first: for each distinct term, the number of terms before its
    first use.
    names: likely ones; named: for each distinct term, whether it is one.
    word_pairs: distinct codes of neighbouring terms; pair_uses: where these begin.
    numbers: numbers of the batch's distinct values; digits: int64, significant digits of each, at most 4.
    beside: codes, each once a row, of what stands beside numbers in digits and likely names, as (neighbour, side, the number or
    name), and as (neighbour, side) of any. Of each: beside_any, whether it is one of the latter; beside_name, whether of names.
    """

    terms: Terms
    lexicon: Lexicon
    uses: Uses
    weight: Integers
    content: Flags
    weight_before: Integers
    content_before: Integers
    first: Integers
    names: Ragged[np.int32]
    named: Flags
    word_pairs: Ragged[np.int64]
    pair_uses: Uses
    numbers: Ragged[np.int64]
    digits: Integers
    beside: Ragged[np.int64]
    beside_any: Flags
    beside_name: Flags


def profile(terms: Terms, lexicon: Lexicon) -> Profiles:
    """Prepare paragraphs for pairing: it pays for those only that are paired at all."""
    values, number = np.unique(terms.numbers.values, return_inverse=True)
    names = _likely_names(terms, lexicon.rare)
    place, name_place, first = _places(terms, names)
    named = np.zeros(len(terms.distinct.values), dtype=bool)
    named[name_place] = True
    word_pairs, pair_uses = _word_pairs(terms, place)
    beside, beside_any, beside_name = _neighbours(terms, at(lexicon.number, terms.sequence.values), at(named, place))
    weight, content = at(lexicon.weight, terms.sequence.values), at(lexicon.content, terms.sequence.values)
    return Profiles(
        terms=terms,
        lexicon=lexicon,
        uses=Uses.of(first, at(first, place), terms.sequence.offsets),
        weight=weight,
        content=content,
        weight_before=running_totals(weight),
        content_before=running_totals((weight + (PACKED_WEIGHT + 1)) * content),
        first=first - np.repeat(terms.sequence.offsets[:-1], terms.distinct.lengths),
        names=names,
        named=named,
        word_pairs=word_pairs,
        pair_uses=pair_uses,
        numbers=Ragged(number.astype(np.int64), terms.numbers.offsets),
        digits=np.array([_significant_digits(value) for value in values.tolist()], dtype=np.int64),
        beside=beside,
        beside_any=beside_any,
        beside_name=beside_name,
    )


def _places(terms: Terms, names: Ragged[np.int32]) -> tuple[Integers, Integers, Integers]:
    """Place among the distinct terms of each term of the sequence, and of each name; and where each of those stands first."""
    size, count = len(terms.spelling), len(terms.sequence.values)
    places, first = _numbered(np.concatenate([_codes(terms.sequence, size), _codes(names, size)]))
    return places[:count], places[count:], first


def _numbered(codes: Integers) -> tuple[Integers, Integers]:
    """For each code how many smaller ones there are, each counted once; and where each of all stands first, by number."""
    bits = len(codes).bit_length()
    if int(codes.max(initial=0)).bit_length() + bits < 64:
        packed = codes << bits | np.arange(len(codes))
        packed.sort()  # by code and then by place, which is faster than to sort the places by code
        ordered, places = packed >> bits, packed & ((1 << bits) - 1)
    else:
        places = np.argsort(codes, kind="stable")
        ordered = codes[places]
    begins = np.ones(len(codes), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    number = np.empty(len(codes), dtype=np.int64)
    number[places] = np.cumsum(begins) - 1
    return number, places.compress(begins)


def _codes(column: Ragged[np.int32], size: int) -> Integers:
    """Numbers that tell the values of a row, below `size`, from those of another; they ascend with row and value."""
    codes: Integers = column.rows * size + column.values
    return codes


def _likely_names(terms: Terms, rare: Flags) -> Ragged[np.int32]:
    names = terms.names
    density = names.lengths / np.maximum(1, terms.distinct.lengths)
    kept = (density[names.rows] <= NAME_DENSITY) | rare[names.values]
    return Ragged.from_rows(names.rows[kept], names.values[kept], len(names))


def _word_pairs(terms: Terms, place: Integers) -> tuple[Ragged[np.int64], Uses]:
    """`word_pairs` and `pair_uses` of Profiles. place: of each term among the distinct ones, which tells the rows apart."""
    sequence, count = terms.sequence, len(terms.distinct.values)
    begins = np.ones(len(place), dtype=bool)
    begins[sequence.offsets[1:][sequence.lengths > 0] - 1] = False
    code = sequence.values * np.int64(len(terms.spelling))
    code[:-1] += sequence.values[1:]
    after = np.append(place[1:], count)[: len(place)]
    places = np.arange(len(place))
    first = places.copy()  # where the same pair stands for the first time: elsewhere only if its first term is there again
    again = np.flatnonzero(at(np.bincount(place) > 1, place))
    number, earliest = _numbered(at(place, again) * (count + 1) + at(after, again))
    first[again] = at(again, at(earliest, number))
    once = np.flatnonzero((first == places) & begins)
    word_pairs = Ragged(at(code, once), np.searchsorted(once, sequence.offsets))
    return word_pairs, Uses.of(once, first, sequence.offsets)


def _neighbours(terms: Terms, numbers: Flags, names: Flags) -> tuple[Ragged[np.int64], Flags, Flags]:
    """`beside`, `beside_any` and `beside_name` of Profiles. numbers, names: which terms of the sequence are such."""
    term, rows, bits = terms.sequence.values.astype(np.int64), terms.sequence.rows, len(terms.spelling).bit_length()
    codes = []
    for named, marked in enumerate((numbers, names)):
        places = np.flatnonzero(marked)
        for side, step in enumerate((-1, 1)):
            at = places[(places + step >= 0) & (places + step < len(rows))]
            at = at[rows[at + step] == rows[at]]
            neighbour = (rows[at] * 2 + named << bits) + term[at + step]
            codes.append((neighbour * 2 + side << bits) + term[at] + 1)  # 0 stands for any
    placed = np.concatenate(codes)
    code = each_once(np.concatenate([placed, placed >> bits << bits]))
    row = code >> 2 * bits + 2
    beside = Ragged.from_rows(row, code - (row << 2 * bits + 2), len(terms))
    return beside, beside.values & ((1 << bits) - 1) == 0, beside.values >> 2 * bits + 1 == 1


@functools.lru_cache(maxsize=1 << 16)
def _significant_digits(value: float) -> int:
    return min(4, max(1, len(f"{value:f}".replace(".", "").strip("0"))))
