"""Tokens → the numbers a text states, by value: 3 = three = 三, 1.5m = 1.5 million = 1,500,000."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup import numerals
from dedup.columns import Integers, Ragged
from dedup.tokens import Tokens

Floats = NDArray[np.float64]


def find_numbers(tokens: Tokens, written: Floats, language: str | None) -> Ragged[np.float64]:
    """Distinct values of every text, ascending.

    written: float64, the value of each distinct word that is written in digits, else nan. Number words are read in
    `language`, or in the language whose small words the text has most of.
    """
    folded = [word.casefold() for word in tokens.words]
    entry = np.array([_ENTRIES.get(word, 0) for word in folded], dtype=np.int32)
    numeric = np.flatnonzero(((entry > 0) | ~np.isnan(written))[tokens.word.values])
    word, rows = tokens.word.values[numeric], tokens.word.rows[numeric]
    row_language = _languages(tokens.word, folded, language)[rows]
    spoken = np.isnan(written[word])
    value = np.where(spoken, _VALUES[entry[word], row_language], written[word])
    found = _Numbers(rows, numeric, numeric, value, spoken, _SCALES[entry[word], row_language])
    found = _merged(found, tokens.joined, _tens_and_unit, np.add)
    for _ in range(2):  # two hundred · thousand
        found = _merged(found, tokens.joined, _value_and_scale, np.multiply)
    return _distinct_values(found, len(tokens.word))


@dataclass(frozen=True)
class _Numbers:
    """Numbers in reading order: row, first and last token, value (nan: none yet), in words or not, scale (0: none)."""

    row: Integers
    first: Integers
    last: Integers
    value: Floats
    spoken: NDArray[np.bool_]
    scale: Floats


def _distinct_values(found: _Numbers, rows: int) -> Ragged[np.float64]:
    value = np.where(np.isnan(found.value) & (found.scale >= 1000), found.scale, found.value)
    pronoun = found.spoken & (value == 1)  # "one", "un", "uno": an article or a pronoun more often than a number
    known = ~np.isnan(value) & ~pronoun
    return Ragged.from_rows(found.row[known], np.round(value[known], 6), rows).distinct()


def _tens_and_unit(left: _Numbers, right: _Numbers) -> NDArray[np.bool_]:
    """Twenty · one; not 20 · 1."""
    tens = left.spoken & (left.value % 10 == 0) & (left.value >= 20) & (left.value < 100)
    fits: NDArray[np.bool_] = tens & right.spoken & (right.value >= 1) & (right.value <= 9)
    return fits


def _value_and_scale(left: _Numbers, right: _Numbers) -> NDArray[np.bool_]:
    fits: NDArray[np.bool_] = ~np.isnan(left.value) & np.isnan(right.value) & (right.scale > 0)
    return fits


def _merged(
    numbers: _Numbers,
    joined: NDArray[np.bool_],
    fits: Callable[[_Numbers, _Numbers], NDArray[np.bool_]],
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


def _selected(numbers: _Numbers, rows: slice | NDArray[np.bool_]) -> _Numbers:
    return _Numbers(**{field.name: getattr(numbers, field.name)[rows] for field in fields(_Numbers)})


def _languages(word: Ragged[np.int32], folded: list[str], language: str | None) -> Integers:
    """int64[n]: 1 + the number of a text's language; 0 for none, or one whose number words we do not know."""
    if language is not None:
        known = numerals.LANGUAGES.index(language) + 1 if language in numerals.LANGUAGES else 0
        return np.full(len(word), known, dtype=np.int64)
    masks = np.array([_FUNCTION_WORDS.get(text, 0) for text in folded], dtype=np.uint32)[word.values]
    small = np.flatnonzero(masks)
    rows, masks = word.rows[small], masks[small]
    counts = np.zeros((len(numerals.LANGUAGES) + 1, len(word)), dtype=np.int64)
    for number in range(len(numerals.LANGUAGES)):
        spoken = (masks >> np.uint32(number)) & np.uint32(1) == 1
        counts[number + 1] = np.bincount(rows[spoken], minlength=len(word))
    best: Integers = counts.argmax(axis=0)
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
