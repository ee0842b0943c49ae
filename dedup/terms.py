"""Tokens → terms: words cut to a prefix, numbers by value, names. Every rule is applied once per distinct word."""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers, Ragged, Terms, at, looked_up, places_where
from dedup.numbers import NumberWords, find_numbers
from dedup.numerals import HAN_CHARACTERS, HAN_POINT, read_digits, read_han
from dedup.scripts import IDEOGRAPHIC
from dedup.tokens import INITIAL, JOINED, STOPPED, Tokens, find_tokens

PREFIX: Final = 5  # a word is known by its first letters: as good as a stemmer, in any language
HANGUL_PREFIX: Final = 2  # two syllables are a Korean stem; the rest are particles
FIRST_IDEOGRAPH: Final = chr(IDEOGRAPHIC[0][0])


def find_terms(texts: Sequence[str], language: str | None = None, told: Callable[[int], None] | None = None) -> Terms:
    """Terms of every text; `language` fixes how number words are read, None decides from each text alone.

    told: is told of so many more texts that are read.
    """
    tokens = find_tokens(texts, told)
    words, keys, offsets = _Words.of(tokens.words), tokens.keys, tokens.word.offsets
    numbers = find_numbers(tokens.word, partial(tokens.are, JOINED), words.numeric, language)
    named = _named(tokens)
    # In place of what is not needed any more: fresh memory for as much costs as much as the work.
    sequence = Ragged(looked_up(words.term, tokens.word.values, out=tokens.word.values), offsets)
    begins = np.bitwise_and(tokens.flags, STOPPED, out=tokens.flags).view(np.bool_)
    begins[offsets[:-1][np.diff(offsets) > 0]] = True
    return Terms(
        spelling=words.spelling,
        hash=np.fromiter(map(term_hash, words.spelling), dtype=np.uint32, count=len(words.spelling)),
        sequence=sequence,
        distinct=sequence.distinct(),
        begins=begins,
        names=sequence.only(named).distinct(),
        numbers=numbers,
        keys=keys,
    )


def _named(tokens: Tokens) -> Integers:
    """Places of the tokens that are written like names."""

    def are_named(block: slice) -> Flags:
        return at(tokens.capital, tokens.word.values[block]) & ~tokens.are(INITIAL, block)

    return places_where(are_named, len(tokens.word.values))


class _Words(NamedTuple):
    """What is known of each of w distinct words.

    spelling: the distinct terms, in the order in which they are first met. term: int32[w], number of its term.
    """

    spelling: list[str]
    term: NDArray[np.int32]
    numeric: NumberWords

    @classmethod
    def of(cls, words: list[str]) -> _Words:
        folded = "\n".join(words).casefold().split("\n")[: len(words)]  # no word has a line feed
        spelling, value = [word[:PREFIX] for word in folded], np.full(len(words), np.nan)
        # All others are known by their first letters alone.
        for place in [place for place, word in enumerate(folded) if not (word.isalpha() and word < FIRST_IDEOGRAPH)]:
            spelling[place], value[place] = _analyse(words[place])
        number_of: defaultdict[str, int] = defaultdict()
        number_of.default_factory = number_of.__len__  # each new term has the next number
        term = np.fromiter(map(number_of.__getitem__, spelling), dtype=np.int32, count=len(spelling))
        return cls(spelling=list(number_of), term=term, numeric=NumberWords.of(folded, value))


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
