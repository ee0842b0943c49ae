"""Tokens → terms: words cut to a prefix, numbers by value, names. Every rule is applied once per distinct word."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Ragged, Terms
from dedup.numbers import find_numbers
from dedup.numerals import HAN_CHARACTERS, HAN_POINT, read_digits, read_han
from dedup.tokens import Tokens, find_tokens

PREFIX: Final = 5  # a word is known by its first letters: as good as a stemmer, in any language
HANGUL_PREFIX: Final = 2  # two syllables are a Korean stem; the rest are particles


def find_terms(texts: Sequence[str], language: str | None = None) -> Terms:
    """Terms of every text; `language` fixes how number words are read, None decides from each text alone."""
    tokens = find_tokens(texts)
    analysed = [_analyse(word) for word in tokens.words]
    spelling = sorted({term for term, _ in analysed})
    number_of = {term: number for number, term in enumerate(spelling)}
    term_of_word = np.array([number_of[term] for term, _ in analysed], dtype=np.int32)
    sequence = Ragged(term_of_word[tokens.word.values], tokens.word.offsets)
    distinct, place = sequence.indexed()
    return Terms(
        spelling=spelling,
        hash=np.array([term_hash(term) for term in spelling], dtype=np.uint32),
        sequence=sequence,
        distinct=distinct,
        place=place,
        sentence=_sentences(tokens),
        names=_names(tokens, sequence),
        numbers=find_numbers(tokens, np.array([value for _, value in analysed], dtype=np.float64), language),
    )


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


def _names(tokens: Tokens, sequence: Ragged[np.int32]) -> Ragged[np.int32]:
    """Distinct terms with a capital that no beginning of a sentence or quotation explains."""
    capital = np.array([word[0].isupper() for word in tokens.words], dtype=bool)
    named = np.flatnonzero(capital[tokens.word.values] & ~tokens.initial)
    return Ragged.from_rows(sequence.rows[named], sequence.values[named], len(sequence)).distinct()


def _sentences(tokens: Tokens) -> NDArray[np.int32]:
    """Number of each token's sentence: a new one after a stop and in every row."""
    begins = tokens.stopped.copy()
    begins[tokens.word.offsets[:-1][tokens.word.lengths > 0]] = True
    return np.cumsum(begins).astype(np.int32)
