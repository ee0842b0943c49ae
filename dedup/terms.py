"""Tokens → terms: words cut to a prefix, numbers by value, names. Every rule is applied once per distinct word."""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Ragged, Terms, looked_up
from dedup.numbers import NumberWords, find_numbers
from dedup.numerals import HAN_CHARACTERS, HAN_POINT, read_digits, read_han
from dedup.scripts import IDEOGRAPHIC
from dedup.tokens import INITIAL, JOINED, STOPPED, find_tokens

PREFIX: Final = 5  # a word is known by its first letters: as good as a stemmer, in any language
HANGUL_PREFIX: Final = 2  # two syllables are a Korean stem; the rest are particles
FIRST_IDEOGRAPH: Final = chr(IDEOGRAPHIC[0][0])


def find_terms(texts: Sequence[str], language: str | None = None, told: Callable[[int], None] | None = None) -> Terms:
    """Terms of every text; `language` fixes how number words are read, None decides from each text alone.

    told: is told of so many more texts that are read.
    """
    tokens = find_tokens(texts, told)
    words, offsets, keys = _Words.of(tokens.words), tokens.word.offsets, tokens.keys
    numbers = find_numbers(tokens.word, tokens.are(JOINED), words.numeric, language)
    named = looked_up(words.capital, tokens.word.values) & ~tokens.are(INITIAL)
    begins = tokens.are(STOPPED)
    begins[offsets[:-1][np.diff(offsets) > 0]] = True
    sequence = Ragged(looked_up(words.term, tokens.word.values), offsets)
    del tokens  # as large as what follows
    return Terms(
        spelling=words.spelling,
        hash=np.array([term_hash(term) for term in words.spelling], dtype=np.uint32),
        sequence=sequence,
        distinct=sequence.distinct(),
        begins=begins,
        names=sequence.where(named).distinct(),
        numbers=numbers,
        keys=keys,
    )


class _Words(NamedTuple):
    """What is known of each of w distinct words.

    spelling: the distinct terms, in the order in which they are first met. term: int32[w], number of its term.
    capital: bool[w], whether it begins with one.
    """

    spelling: list[str]
    term: NDArray[np.int32]
    capital: Flags
    numeric: NumberWords

    @classmethod
    def of(cls, words: list[str]) -> _Words:
        folded = "\n".join(words).casefold().split("\n")[: len(words)]  # no word has a line feed
        spelling, value = [word[:PREFIX] for word in folded], np.full(len(words), np.nan)
        for place in [place for place, word in enumerate(folded) if not _is_plain(word)]:
            spelling[place], value[place] = _analyse(words[place])
        number_of: defaultdict[str, int] = defaultdict()
        number_of.default_factory = number_of.__len__  # each new term has the next number
        term = np.array([number_of[prefix] for prefix in spelling], dtype=np.int32)
        return cls(
            spelling=list(number_of),
            term=term,
            capital=np.array([word[0].isupper() for word in words], dtype=bool),
            numeric=NumberWords.of(folded, value),
        )


def term_hash(spelling: str) -> int:
    """32-bit name of a term, the same in every run: the CRC-32 of its UTF-8 form."""
    return zlib.crc32(spelling.encode("utf-8", "surrogatepass"))


def _is_plain(folded: str) -> bool:
    """Whether a word is known by its first letters alone: no figures, stops, Chinese numerals or Korean syllables."""
    return folded.isalpha() and folded < FIRST_IDEOGRAPH


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
