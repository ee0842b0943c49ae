"""Tokens → the numbers a text states, by value: 3 = three = 三, 1.5m = 1.5 million = 1,500,000."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup import numerals
from dedup.columns import Flags, Integers, Ragged, at, each_once, places_where

Floats = NDArray[np.float64]
Joined = Callable[[Integers], Flags]
BLOCK: Final = 1 << 9  # texts whose words are counted at a time, so that their columns stay in the cache


class NumberWords(NamedTuple):
    """What each of w distinct words has to do with numbers.

    written: float64[w], its value if it is written in digits, else nan. entry: int32[w], its row in the tables of number words,
    0 for none. numeric: bool[w], whether it is or may be a number or a part of one. small: uint8[w], its row in the table of
    small words, 0 for none.
    """

    written: Floats
    entry: NDArray[np.int32]
    numeric: Flags
    small: NDArray[np.uint8]

    @classmethod
    def of(cls, folded: Sequence[str], written: Floats) -> NumberWords:
        """Look up words after case folding; `written` is the value of those in digits."""
        entry = _rows_of(_ENTRIES, folded)
        return cls(written, entry, (entry > 0) | ~np.isnan(written), _rows_of(_SMALL_WORDS, folded).astype(np.uint8))


def _rows_of(rows: dict[str, int], words: Sequence[str]) -> NDArray[np.int32]:
    """int32[w]: the row of each word, 0 for none."""
    return np.fromiter(map(rows.get, words, repeat(0)), dtype=np.int32, count=len(words))


def find_numbers(word: Ragged[np.int32], joined: Joined, words: NumberWords, language: str | None) -> Ragged[np.float64]:
    """Distinct values of every text, ascending.

    word: word numbers of every text; joined: whether at most one character is before the tokens at some places. Number words
    are read in `language`, or in the language whose small words the text has most of.
    """
    numeric = places_where(lambda block: at(words.numeric, word.values[block]), len(word.values))
    rows, number = np.searchsorted(word.offsets, numeric, side="right") - 1, word.values[numeric]
    spoken = np.isnan(words.written[number])
    row_language = _languages(word, each_once(rows[spoken]), words.small, language)[rows]
    entry = words.entry[number]
    value = np.where(spoken, _VALUES[entry, row_language], words.written[number])
    found = _Numbers(rows, numeric, numeric, value, spoken, _SCALES[entry, row_language])
    found = _merged(found, joined, _tens_and_unit, np.add)
    for _ in range(2):  # two hundred · thousand
        found = _merged(found, joined, _value_and_scale, np.multiply)
    return _distinct_values(found, len(word))


class _Numbers(NamedTuple):
    """Numbers in reading order: row, first and last token, value (nan: none yet), in words or not, scale (0: none)."""

    row: Integers
    first: Integers
    last: Integers
    value: Floats
    spoken: Flags
    scale: Floats


def _distinct_values(found: _Numbers, rows: int) -> Ragged[np.float64]:
    value = np.where(np.isnan(found.value) & (found.scale >= 1000), found.scale, found.value)
    pronoun = found.spoken & (value == 1)  # "one", "un", "uno": an article or a pronoun more often than a number
    known = ~np.isnan(value) & ~pronoun
    return Ragged.from_rows(found.row[known], np.round(value[known], 6), rows).distinct()


def _tens_and_unit(left: _Numbers, right: _Numbers) -> Flags:
    """Twenty · one; not 20 · 1."""
    tens = left.spoken & (left.value % 10 == 0) & (left.value >= 20) & (left.value < 100)
    fits: Flags = tens & right.spoken & (right.value >= 1) & (right.value <= 9)
    return fits


def _value_and_scale(left: _Numbers, right: _Numbers) -> Flags:
    fits: Flags = ~np.isnan(left.value) & np.isnan(right.value) & (right.scale > 0)
    return fits


def _merged(
    numbers: _Numbers,
    joined: Joined,
    fits: Callable[[_Numbers, _Numbers], Flags],
    combine: Callable[[Floats, Floats], Floats],
) -> _Numbers:
    """Make neighbours that fit one number; of three that fit, the first two."""
    left, right = _selected(numbers, slice(None, -1)), _selected(numbers, slice(1, None))
    neighbours = (left.row == right.row) & (left.last + 1 == right.first) & joined(right.first)
    merge = np.flatnonzero(neighbours & fits(left, right))
    merge = merge[np.diff(merge, prepend=-2) > 1]
    operand = np.where(np.isnan(numbers.value), numbers.scale, numbers.value)
    value, last = numbers.value.copy(), numbers.last.copy()
    value[merge] = combine(value[merge], operand[merge + 1])
    last[merge] = last[merge + 1]
    keep = np.ones(len(value), dtype=bool)
    keep[merge + 1] = False
    return _selected(numbers._replace(value=value, last=last), keep)


def _selected(numbers: _Numbers, rows: slice | Flags) -> _Numbers:
    return _Numbers._make(column[rows] for column in numbers)


def _languages(word: Ragged[np.int32], rows: Integers, small: NDArray[np.uint8], language: str | None) -> Integers:
    """int64[n]: 1 + the number of a text's language; 0 for none, or one whose number words we do not know.

    rows: the texts that have number words; the others are not looked at. small: as in NumberWords.
    """
    if language is not None:
        known = numerals.LANGUAGES.index(language) + 1 if language in numerals.LANGUAGES else 0
        return np.full(len(word), known, dtype=np.int64)
    best, kinds = np.zeros(len(word), dtype=np.int64), len(_LANGUAGES_OF)
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK]
        some = word.take(block)
        counted = np.bincount(some.rows * kinds + at(small, some.values), minlength=len(block) * kinds)
        best[block] = (counted.reshape(len(block), kinds) @ _LANGUAGES_OF).argmax(axis=1)
    return best


def _small_words() -> tuple[dict[str, int], Integers]:
    """Row of each small word in a table with a column a language (column 0: none): 1 where it belongs to it.

    Words of the same languages share a row.
    """
    languages_of: dict[str, tuple[int, ...]] = {}
    for column, language in enumerate(numerals.LANGUAGES, start=1):
        for word in numerals.FUNCTION_WORDS[language].split():
            languages_of[word] = (*languages_of.get(word, ()), column)
    rows = {languages: row for row, languages in enumerate(dict.fromkeys(languages_of.values()), start=1)}
    table = np.zeros((len(rows) + 1, len(numerals.LANGUAGES) + 1), dtype=np.int64)
    for languages, row in rows.items():
        table[row, list(languages)] = 1
    return {word: rows[languages] for word, languages in languages_of.items()}, table


def _tables() -> tuple[dict[str, int], Floats, Floats]:
    """Row of each number word in two tables with a column a language (column 0: none): its value (nan) and scale (0)."""
    words = [word for language in numerals.LANGUAGES for word in (*numerals.number_words(language), *numerals.SCALES[language])]
    entries = {word: row for row, word in enumerate(dict.fromkeys([*words, *numerals.HAN_SCALES]), start=1)}
    values = np.full((len(entries) + 1, len(numerals.LANGUAGES) + 1), np.nan)
    scales = np.zeros_like(values)
    for column, language in enumerate(numerals.LANGUAGES, start=1):
        for word, value in numerals.number_words(language).items():
            values[entries[word], column] = value
        for word, scale in numerals.SCALES[language].items():
            scales[entries[word], column] = scale
    for word, scale in numerals.HAN_SCALES.items():
        scales[entries[word]] = scale
    return entries, values, scales


_SMALL_WORDS, _LANGUAGES_OF = _small_words()
_ENTRIES, _VALUES, _SCALES = _tables()
