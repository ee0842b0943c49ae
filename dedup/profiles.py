"""What is known of a paragraph before it is paired: the columns that the features of pairs look things up in."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers, Ragged, Terms, at, each_once, equals, places_among

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


class Profiles(NamedTuple):
    """What is known of each of n paragraphs before it is paired.

    place: for each term of the sequence, its place in `distinct.values` of the terms; weight, content: what the lexicon says of
    it. first: for each distinct term, the number of terms before its first use.
    names: likely ones; named: for each distinct term, whether it is one.
    word_pairs: distinct codes of neighbouring terms; pair_place: for each term but the last of the sequence,
    the place in `word_pairs.values` of the pair it begins (any place, at the end of a row: `pair_begins` is false there).
    numbers: numbers of the batch's distinct values; digits: int64, significant digits of each, at most 4.
    beside: codes of what stands beside numbers in digits and likely names: (whether it is a name, neighbour, side), each once a
    row; placed: of (…, the number or name) too.
    """

    terms: Terms
    lexicon: Lexicon
    place: NDArray[np.int32]
    weight: Integers
    content: Flags
    first: Integers
    names: Ragged[np.int32]
    named: Flags
    word_pairs: Ragged[np.int64]
    pair_place: Integers
    pair_begins: Flags
    numbers: Ragged[np.int64]
    digits: Integers
    beside: Ragged[np.int64]
    placed: Ragged[np.int64]

    def beside_names(self) -> Flags:
        """bool[len(beside.values)]: which of them stand beside a name."""
        names: Flags = self.beside.values >= 2 * len(self.terms.spelling)
        return names

    def placed_names(self) -> Flags:
        """bool[len(placed.values)]: the same of them."""
        names: Flags = self.placed.values >= 2 * len(self.terms.spelling) ** 2
        return names


def profile(terms: Terms, lexicon: Lexicon) -> Profiles:
    """Prepare paragraphs for pairing: it pays for those only that are paired at all."""
    values, number = np.unique(terms.numbers.values, return_inverse=True)
    names = _likely_names(terms, lexicon.rare)
    place, name_place = _places(terms, names)
    named = np.zeros(len(terms.distinct.values), dtype=bool)
    named[name_place] = True
    pair_begins, word_pairs, pair_place = _word_pairs(terms)
    beside, placed = _neighbours(terms, at(lexicon.number, terms.sequence.values), at(named, place))
    return Profiles(
        terms=terms,
        lexicon=lexicon,
        place=place,
        weight=at(lexicon.weight, terms.sequence.values),
        content=at(lexicon.content, terms.sequence.values),
        first=_first_uses(terms, place),
        names=names,
        named=named,
        word_pairs=word_pairs,
        pair_place=pair_place,
        pair_begins=pair_begins,
        numbers=Ragged(number.astype(np.int64), terms.numbers.offsets),
        digits=np.array([_significant_digits(value) for value in values.tolist()], dtype=np.int64),
        beside=beside,
        placed=placed,
    )


def _places(terms: Terms, names: Ragged[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Place among the distinct terms of each term of the sequence, and of each name."""
    size = len(terms.spelling)
    wanted = np.concatenate([_codes(terms.sequence, size), _codes(names, size)])
    places = places_among(wanted, _codes(terms.distinct, size))
    return places[: len(terms.sequence.values)], places[len(terms.sequence.values) :]


def _first_uses(terms: Terms, place: NDArray[np.int32]) -> Integers:
    position = np.arange(len(place)) - np.repeat(terms.sequence.offsets[:-1], terms.sequence.lengths)
    first = np.zeros(len(terms.distinct.values), dtype=np.int64)
    first[place[::-1]] = position[::-1]  # the last assignment, the first use, stays
    return first


def _codes(column: Ragged[np.int32], size: int) -> Integers:
    """Numbers that tell the values of a row, below `size`, from those of another; they ascend with row and value."""
    codes: Integers = column.rows * size + column.values
    return codes


def _likely_names(terms: Terms, rare: Flags) -> Ragged[np.int32]:
    names = terms.names
    density = names.lengths / np.maximum(1, terms.distinct.lengths)
    kept = (density[names.rows] <= NAME_DENSITY) | rare[names.values]
    return Ragged.from_rows(names.rows[kept], names.values[kept], len(names))


def _word_pairs(terms: Terms) -> tuple[Flags, Ragged[np.int64], Integers]:
    sequence, rows, size = terms.sequence, terms.sequence.rows, len(terms.spelling)
    begins = np.zeros(len(rows), dtype=bool)
    begins[:-1] = rows[:-1] == rows[1:]
    code = sequence.values * np.int64(size)
    code[:-1] += sequence.values[1:]
    apart = rows + len(terms) * ~begins  # the last term of a row begins no pair, so it must not stand for one
    same = equals(apart * size**2 + code)
    once = (same == np.arange(len(same))) & begins
    return begins, Ragged(code, sequence.offsets).where(once), at(np.cumsum(once) - 1, same)


def _neighbours(terms: Terms, numbers: Flags, names: Flags) -> tuple[Ragged[np.int64], Ragged[np.int64]]:
    """`beside` and `placed` of Profiles. numbers, names: which terms of the sequence are such."""
    term, rows, size = terms.sequence.values, terms.sequence.rows, len(terms.spelling)
    codes = []
    for named, marked in enumerate((numbers, names)):
        places = np.flatnonzero(marked)
        for side, step in enumerate((-1, 1)):
            at = places[(places + step >= 0) & (places + step < len(rows))]
            at = at[rows[at + step] == rows[at]]
            neighbour = (rows[at] * 2 + named) * size + term[at + step]
            codes.append((neighbour * 2 + side) * size + term[at])
    placed = each_once(np.concatenate(codes))
    beside = each_once(placed // max(1, size))
    return _by_row(beside, 4 * size, len(terms)), _by_row(placed, 4 * size**2, len(terms))


def _by_row(codes: Integers, size: int, count: int) -> Ragged[np.int64]:
    """Undo what `_codes` does."""
    return Ragged.from_rows(codes // max(1, size), codes % max(1, size), count)


@functools.lru_cache(maxsize=1 << 16)
def _significant_digits(value: float) -> int:
    return min(4, max(1, len(f"{value:f}".replace(".", "").strip("0"))))
