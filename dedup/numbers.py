"""Tokens → the numbers a text states, by value: 3 = three = 三, 1.5m = 1.5 million = 1,500,000."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup import numerals
from dedup.columns import Flags, Integers, Ragged, each_once

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NumberWords:
    """What each distinct word has to do with numbers.

    written: float64, its value if it is written in digits, else nan. entry: int32, its row in the tables of number words, 0 for
    none. languages: uint32, a bit for each language it is a small word of.
    """

    written: Floats
    entry: NDArray[np.int32]
    languages: NDArray[np.uint32]

    @classmethod
    def of(cls, words: list[str], written: list[float]) -> NumberWords:
        """Look up words; `written` is the value of those in digits."""
        folded = [word.casefold() for word in words]
        return cls(
            np.array(written, dtype=np.float64),
            np.array([_ENTRIES.get(word, 0) for word in folded], dtype=np.int32),
            np.array([_FUNCTION_WORDS.get(word, 0) for word in folded], dtype=np.uint32),
        )

    def followed_by(self, more: NumberWords) -> NumberWords:
        """These words and then those."""
        return NumberWords(
            np.append(self.written, more.written),
            np.append(self.entry, more.entry),
            np.append(self.languages, more.languages),
        )

    @property
    def numeric(self) -> Flags:
        """bool: whether a word is or may be a number or a part of one."""
        return (self.entry > 0) | ~np.isnan(self.written)


def find_numbers(word: Ragged[np.int32], joined: Flags, words: NumberWords, language: str | None) -> Ragged[np.float64]:
    """Distinct values of every text, ascending.

    word: word numbers of every text; joined: as in Tokens. Number words are read in `language`, or in the language whose small
    words the text has most of.
    """
    numeric = np.flatnonzero(words.numeric[word.values])
    rows, number = np.searchsorted(word.offsets, numeric, side="right") - 1, word.values[numeric]
    spoken = np.isnan(words.written[number])
    row_language = _languages(word, each_once(rows[spoken]), words.languages, language)[rows]
    entry = words.entry[number]
    value = np.where(spoken, _VALUES[entry, row_language], words.written[number])
    found = _Numbers(rows, numeric, numeric, value, spoken, _SCALES[entry, row_language])
    found = _merged(found, joined, _tens_and_unit, np.add)
    for _ in range(2):  # two hundred · thousand
        found = _merged(found, joined, _value_and_scale, np.multiply)
    return _distinct_values(found, len(word))


@dataclass(frozen=True)
class _Numbers:
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
    joined: Flags,
    fits: Callable[[_Numbers, _Numbers], Flags],
    combine: Callable[[Floats, Floats], Floats],
) -> _Numbers:
    """Make neighbours that fit one number; of three that fit, the first two."""
    left, right = _selected(numbers, slice(None, -1)), _selected(numbers, slice(1, None))
    neighbours = (left.row == right.row) & (left.last + 1 == right.first) & joined[right.first]
    merge = np.flatnonzero(neighbours & fits(left, right))
    merge = merge[np.diff(merge, prepend=-2) > 1]
    operand = np.where(np.isnan(numbers.value), numbers.scale, numbers.value)
    value, last = numbers.value.copy(), numbers.last.copy()
    value[merge] = combine(value[merge], operand[merge + 1])
    last[merge] = last[merge + 1]
    keep = np.ones(len(value), dtype=bool)
    keep[merge + 1] = False
    return _selected(replace(numbers, value=value, last=last), keep)


def _selected(numbers: _Numbers, rows: slice | Flags) -> _Numbers:
    return _Numbers(**{field.name: getattr(numbers, field.name)[rows] for field in fields(_Numbers)})


def _languages(word: Ragged[np.int32], rows: Integers, masks: NDArray[np.uint32], language: str | None) -> Integers:
    """int64[n]: 1 + the number of a text's language; 0 for none, or one whose number words we do not know.

    rows: the texts that have number words; the others are not looked at. masks: languages of each distinct word.
    """
    if language is not None:
        known = numerals.LANGUAGES.index(language) + 1 if language in numerals.LANGUAGES else 0
        return np.full(len(word), known, dtype=np.int64)
    some = word.take(rows)
    mask = masks[some.values]
    counts = np.zeros((len(numerals.LANGUAGES) + 1, len(rows)), dtype=np.int64)
    for number in range(len(numerals.LANGUAGES)):
        counts[number + 1] = some.sum((mask >> np.uint32(number)) & np.uint32(1))
    best = np.zeros(len(word), dtype=np.int64)
    best[rows] = counts.argmax(axis=0)
    return best


def _function_words() -> dict[str, int]:
    """Bit i of a small word: it belongs to language i."""
    masks: dict[str, int] = {}
    for number, language in enumerate(numerals.LANGUAGES):
        for word in numerals.FUNCTION_WORDS[language].split():
            masks[word] = masks.get(word, 0) | 1 << number
    return masks


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


_FUNCTION_WORDS: Final = _function_words()
_ENTRIES, _VALUES, _SCALES = _tables()
