"""Tokens → terms: words cut to a prefix, numbers by value, names. Every rule is applied once per distinct word."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Ragged, Terms, concatenated
from dedup.numbers import NumberWords, find_numbers
from dedup.numerals import HAN_CHARACTERS, HAN_POINT, read_digits, read_han
from dedup.tokens import Tokens, find_tokens

PREFIX: Final = 5  # a word is known by its first letters: as good as a stemmer, in any language
HANGUL_PREFIX: Final = 2  # two syllables are a Korean stem; the rest are particles


def find_terms(texts: Sequence[str], language: str | None = None) -> Terms:
    """Terms of every text; `language` fixes how number words are read, None decides from each text alone."""
    words = _Words()
    sequences, rows, names, numbers = [], [], [], []
    begins = [np.zeros(0, dtype=bool)]
    for tokens in find_tokens(texts):
        words.add(tokens.new)
        sequences.append(Ragged(words.term[tokens.word.values], tokens.word.offsets))
        rows.append(sequences[-1].distinct())
        begins.append(_begins(tokens))
        names.append(_names(tokens, sequences[-1], words.capital))
        numbers.append(find_numbers(tokens.word, tokens.joined, words.numeric, language))
    return Terms(
        spelling=words.spelling,
        hash=np.array([term_hash(term) for term in words.spelling], dtype=np.uint32),
        sequence=concatenated(sequences, np.int32),
        distinct=concatenated(rows, np.int32),
        begins=np.concatenate(begins),
        names=concatenated(names, np.int32),
        numbers=concatenated(numbers, np.float64),
    )


class _Words:
    """What is known of each distinct word met so far. term: int32 number of its term. capital: whether it begins with one."""

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}  # by spelling
        self.term: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.capital: Flags = np.zeros(0, dtype=bool)
        self.numeric = NumberWords.of([], [])

    @property
    def spelling(self) -> list[str]:
        """The distinct terms, in the order of their numbers."""
        return list(self._number_of)

    def add(self, words: list[str]) -> None:
        """Number the terms of new words, in the order in which they are first met."""
        if not words:
            return
        analysed = [_analyse(word) for word in words]
        term = [self._number_of.setdefault(spelling, len(self._number_of)) for spelling, _ in analysed]
        self.term = np.append(self.term, np.array(term, dtype=np.int32))
        self.capital = np.append(self.capital, np.array([word[0].isupper() for word in words], dtype=bool))
        self.numeric = self.numeric.followed_by(NumberWords.of(words, [value for _, value in analysed]))


def term_hash(spelling: str) -> int:
    """32-bit name of a term, the same in every run: the CRC-32 of its UTF-8 form."""
    return zlib.crc32(spelling.encode("utf-8", "surrogatepass"))


def _analyse(word: str) -> tuple[str, float]:
    """The term of a word, and its value if it is a number in digits or Chinese numerals (else nan)."""
    value = _value(word)
    if value is not None:
        return f"{value:.10g}", value
    folded = word.casefold().replace(".", "")
    return folded[: HANGUL_PREFIX if "가" <= folded[:1] <= "힣" else PREFIX], math.nan


def _value(word: str) -> float | None:
    if word[0].isdigit():
        return read_digits(word)
    if word[0] in HAN_CHARACTERS and all(character in HAN_CHARACTERS or character == HAN_POINT for character in word):
        return read_han(word)
    return None


def _names(tokens: Tokens, sequence: Ragged[np.int32], capital: Flags) -> Ragged[np.int32]:
    """Distinct terms with a capital that no beginning of a sentence or quotation explains."""
    named = np.flatnonzero(capital[tokens.word.values] & ~tokens.initial)
    return Ragged(sequence.values[named], np.searchsorted(named, sequence.offsets)).distinct()


def _begins(tokens: Tokens) -> Flags:
    """Where sentences begin: after a stop and in every row."""
    begins: Flags = tokens.stopped.copy()
    begins[tokens.word.offsets[:-1][tokens.word.lengths > 0]] = True
    return begins
