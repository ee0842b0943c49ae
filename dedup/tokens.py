"""Characters → tokens: words and numbers, n-grams where words have no spaces, each distinct one kept once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.characters import DIGIT, IDEOGRAPH, LETTER, QUOTE, STOP, UNSPACED, Characters, canonical, read_characters
from dedup.columns import Integers, Ragged, concatenated, spans
from dedup.numerals import HAN_CHARACTERS, HAN_POINT

IDEOGRAPH_GRAM: Final = 2
UNSPACED_GRAM: Final = 4  # letters of Thai, Lao, Khmer, Burmese: about a syllable or two
CHUNK: Final = 1 << 20  # characters read at a time, so that the columns in between stay small

_SEPARATORS: Final = np.array([ord(character) for character in ".,'’٬٫"], dtype=np.uint32)
_HAN_NUMERALS: Final = np.array(sorted(map(ord, HAN_CHARACTERS)), dtype=np.uint32)


@dataclass(frozen=True)
class Tokens:
    """The tokens of n texts in reading order, t in all.

    words: the distinct tokens as they are written. word: int32 number of each token's word, by text.
    initial: bool[t], whether a capital says nothing there: a sentence or a quotation begins.
    stopped: bool[t], whether a sentence ended before the token.
    joined: bool[t], whether at most one character, and no stop or quote, stands between the token and the one before it.
    """

    words: list[str]
    word: Ragged[np.int32]
    initial: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    joined: NDArray[np.bool_]


def find_tokens(texts: Sequence[str]) -> Tokens:
    """Tokens of every text, after NFKC and without soft hyphens and zero-width characters."""
    number_of: dict[int, int] = {}
    words: list[str] = []
    parts: list[Ragged[np.int32]] = []
    around: list[tuple[NDArray[np.bool_], ...]] = []
    for first, last in _chunks(texts):
        characters = read_characters(texts[first:last])
        starts, lengths = _token_spans(characters)
        word = _numbered(characters, starts, lengths, number_of, words)
        parts.append(Ragged(word, np.searchsorted(starts, characters.offsets)))
        around.append(_surroundings(characters, starts, lengths))
    none = np.zeros(0, dtype=bool)
    initial, stopped, joined = (np.concatenate(column) for column in zip((none, none, none), *around, strict=True))
    return Tokens(words, concatenated(parts, np.int32), initial, stopped, joined)


def normalised_keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    """uint64[n], equal for texts that are equal after normalising: NFKC, case, spaces, quotes, dashes."""
    keys = np.zeros(len(texts), dtype=np.uint64)
    for first, last in _chunks(texts):
        characters = canonical(read_characters(texts[first:last]))
        keys[first:last] = _hash_spans(characters.code, characters.offsets[:-1], np.diff(characters.offsets))
    return keys


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of texts of about CHUNK characters each."""
    first, size = 0, 0
    for row, text in enumerate(texts):
        size += len(text)
        if size >= CHUNK:
            yield first, row + 1
            first, size = row + 1, 0
    if first < len(texts):
        yield first, len(texts)


def _token_spans(characters: Characters) -> tuple[Integers, Integers]:
    """Starts and lengths of words, n-grams and runs of Chinese numerals, ascending by start."""
    kind, code = characters.kind, characters.code
    parts = [_runs(_word_characters(code, kind)), _grams(*_runs(kind == UNSPACED), UNSPACED_GRAM)]
    if (kind == IDEOGRAPH).any():
        numeral = _numeral_characters(code)
        starts, lengths = _grams(*_runs(kind == IDEOGRAPH), IDEOGRAPH_GRAM)
        inside_number = numeral[starts] & numeral[starts + lengths - 1]
        parts += [(starts[~inside_number], lengths[~inside_number]), _runs(numeral)]
    starts = np.concatenate([part for part, _ in parts])
    lengths = np.concatenate([part for _, part in parts])
    order = np.lexsort((lengths, starts))
    return starts[order], lengths[order]


def _word_characters(code: NDArray[np.uint32], kind: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Letters, marks and digits, and what joins them, as in 1,000.5 or 10 000 or U.S."""
    letter = (kind & LETTER) != 0
    digit = kind == DIGIT
    plain = letter | digit
    decimal = np.isin(code, _SEPARATORS) & _at(digit, -1) & _at(digit, 1)
    three_digits = _at(digit, 1) & _at(digit, 2) & _at(digit, 3) & ~_at(plain, 4)
    after_group = _at(digit, -1) & ~(_at(digit, -2) & _at(digit, -3) & _at(plain, -4))
    grouped = (code == ord(" ")) & three_digits & after_group
    acronym = (code == ord(".")) & _at(letter, -1) & ~_at(plain, -2) & _at(letter, 1) & ~_at(plain, 2)
    joined: NDArray[np.bool_] = plain | decimal | grouped | acronym
    return joined


def _at(column: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """The column as seen `distance` characters further on, false beyond its ends."""
    shifted = np.zeros(len(column), dtype=bool)
    if distance > 0:
        shifted[:-distance] = column[distance:]
    else:
        shifted[-distance:] = column[:distance]
    return shifted


def _numeral_characters(code: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Chinese numerals, and the point between two of them, as in 一点二."""
    numeral = np.isin(code, _HAN_NUMERALS)
    point = (code == ord(HAN_POINT)) & _at(numeral, -1) & _at(numeral, 1)
    found: NDArray[np.bool_] = numeral | point
    return found


def _runs(member: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """Starts and lengths of the runs of true values."""
    edges = np.flatnonzero(np.diff(member.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2] - edges[::2]


def _grams(starts: Integers, lengths: Integers, size: int) -> tuple[Integers, Integers]:
    """Every n-gram of the runs; a run shorter than that is one gram."""
    counts = np.maximum(lengths - size + 1, 1)
    return spans(starts, counts), np.minimum(np.repeat(lengths, counts), size)


def _numbered(
    characters: Characters, starts: Integers, lengths: Integers, number_of: dict[int, int], words: list[str]
) -> NDArray[np.int32]:
    """Number of each token's word; `number_of` (by hash) and `words` grow with the new ones."""
    hashes, first, inverse = np.unique(_hash_spans(characters.code, starts, lengths), return_index=True, return_inverse=True)
    for key, start, length in zip(hashes.tolist(), starts[first].tolist(), lengths[first].tolist(), strict=True):
        if key not in number_of:
            number_of[key] = len(words)
            words.append(characters.string(start, start + length))
    numbers = np.array([number_of[key] for key in hashes.tolist()], dtype=np.int32)
    column: NDArray[np.int32] = numbers[inverse]
    return column


def _hash_spans(code: NDArray[np.uint32], starts: Integers, lengths: Integers) -> NDArray[np.uint64]:
    """64-bit hash of each (non-empty) span: the sum of its characters, each scrambled with its place.

    A polynomial modulo 2⁶⁴ would be as fast but gives whole families of texts the same value.
    """
    if len(starts) == 0:
        return np.zeros(0, dtype=np.uint64)
    places = spans(np.zeros_like(starts), lengths).astype(np.uint64)
    scrambled = code[spans(starts, lengths)] + (places << np.uint64(32)) + np.uint64(0x9E3779B97F4A7C15)
    scrambled = (scrambled ^ (scrambled >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    scrambled = (scrambled ^ (scrambled >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    sums: NDArray[np.uint64] = np.add.reduceat(scrambled ^ (scrambled >> np.uint64(31)), np.cumsum(lengths) - lengths)
    return sums


def _surroundings(characters: Characters, starts: Integers, lengths: Integers) -> tuple[NDArray[np.bool_], ...]:
    """`initial`, `stopped` and `joined` of Tokens, from the characters between each token and the one before it."""
    if len(starts) == 0:
        none = np.zeros(0, dtype=bool)
        return none, none, none
    before = np.minimum(np.concatenate([[0], starts[:-1] + lengths[:-1]]), starts)  # n-grams overlap
    stops = np.concatenate([[0], np.cumsum(characters.kind == STOP)])
    quotes = np.concatenate([[0], np.cumsum(characters.kind == QUOTE)])
    stopped = stops[starts] - stops[before] - _abbreviating_stops(characters, starts, lengths, before) > 0
    initial = stopped | (quotes[starts] > quotes[before])
    initial[0] = True
    return initial, stopped, (starts - before <= 1) & ~initial


def _abbreviating_stops(characters: Characters, starts: Integers, lengths: Integers, before: Integers) -> NDArray[np.bool_]:
    """Whether a full stop right before the gap belongs to a lone letter or an acronym: J. Smith, U.S. delegation."""
    code = characters.code
    acronym = (lengths > 2) & (code[np.minimum(starts + 1, len(code) - 1)] == ord("."))
    abbreviated = np.concatenate([[False], ((lengths == 1) | acronym)[:-1]])
    abbreviating: NDArray[np.bool_] = abbreviated & (code[before] == ord("."))
    return abbreviating
