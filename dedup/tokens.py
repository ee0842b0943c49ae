"""Characters → tokens: words and numbers, n-grams where words have no spaces, each distinct one numbered once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.characters import (
    DIGIT,
    IDEOGRAPH,
    LETTER,
    QUOTE,
    STOP,
    UNSPACED,
    UPPER,
    Characters,
    Codes,
    canonical,
    code_of,
    read_characters,
)
from dedup.columns import Flags, Integers, Ragged, at, interleaved, running_totals, spans
from dedup.numerals import HAN_CHARACTERS, HAN_POINT
from dedup.vocabulary import Vocabulary

IDEOGRAPH_GRAM: Final = 2
UNSPACED_GRAM: Final = 4  # letters of Thai, Lao, Khmer, Burmese: about a syllable or two

_SEPARATORS: Final = np.array([[code_of(character)] for character in ".,'’٬٫"], dtype=np.uint32)  # each a row to compare with
_FIRST_BYTES: Final = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)  # masks
_HAN_NUMERALS: Final = np.array(sorted(map(ord, HAN_CHARACTERS)), dtype=np.uint32)

# What stands before a token, as bits.
STOPPED: Final = 1  # a sentence ended; the lowest bit, as what is left of a flag without the others is then true or false
INITIAL: Final = 2  # a sentence or a quotation begins: a capital says nothing there
JOINED: Final = 4  # at most one character, and no stop or quote


class Tokens(NamedTuple):
    """The tokens of n texts in reading order, t in all.

    word: int32 number of each token's word, by text. words: the distinct words, as they are written, by number.
    capital: bool[w], which words begin with one. flags: uint8[t], what stands before each token.
    keys: uint64[n], equal for texts that are equal after normalising: NFKC, case, spaces, quotes, dashes.
    """

    word: Ragged[np.int32]
    words: list[str]
    capital: Flags
    flags: NDArray[np.uint8]
    keys: NDArray[np.uint64]

    def are(self, flag: int, places: Integers | slice = slice(None)) -> Flags:
        """Which tokens have this flag, of all or of those at these places."""
        having: Flags = (self.flags[places] & flag) != 0
        return having


def find_tokens(texts: Sequence[str], told: Callable[[int], None] | None = None) -> Tokens:
    """Tokens of every text, after NFKC and without soft hyphens and zero-width characters. told: of so many more texts."""
    vocabulary, words, capital, rows, numbers, flags = Vocabulary(), [], [np.zeros(0, dtype=bool)], [], [], []
    keys = np.zeros(len(texts), dtype=np.uint64)
    for characters in read_characters(texts):
        keys[characters.rows] = _keys(characters)
        starts, lengths = _token_spans(characters)
        number, first = vocabulary.number(_hash_spans(characters.code, starts, lengths))
        words += characters.cut(starts[first], lengths[first])
        capital.append((at(characters.kind, starts[first]) & UPPER) != 0)
        offsets = np.searchsorted(starts, characters.offsets)
        rows.append(characters.rows)
        numbers.append(Ragged(number, offsets))
        flags.append(Ragged(_surroundings(characters, starts, lengths), offsets))
        if told:
            told(len(characters.rows))
    flag = interleaved(flags, rows, np.uint8).values
    return Tokens(interleaved(numbers, rows, np.int32), words, np.concatenate(capital), flag, keys)


def _keys(characters: Characters) -> NDArray[np.uint64]:
    """uint64[n]: `keys` of Tokens."""
    plain = canonical(characters)
    return _hash_spans(plain.values, plain.offsets[:-1], plain.lengths)


def _token_spans(characters: Characters) -> tuple[Integers, Integers]:
    """Starts and lengths of words, n-grams and runs of Chinese numerals, ascending by start."""
    kind, code = characters.kind, characters.code
    words = _runs(_word_characters(code, kind))
    if code.dtype == np.uint8 or not (kind & (UNSPACED | IDEOGRAPH)).any():  # none of them is in the alphabet
        return words
    parts = [words, _grams(*_runs(kind == UNSPACED), UNSPACED_GRAM)]
    if (kind == IDEOGRAPH).any():
        numeral = _numeral_characters(code)
        starts, lengths = _grams(*_runs(kind == IDEOGRAPH), IDEOGRAPH_GRAM)
        inside_number = numeral[starts] & numeral[starts + lengths - 1]
        parts += [(starts[~inside_number], lengths[~inside_number]), _runs(numeral)]
    starts = np.concatenate([part for part, _ in parts])
    lengths = np.concatenate([part for _, part in parts])
    order = np.lexsort((lengths, starts))
    return starts[order], lengths[order]


def _word_characters(code: Codes, kind: NDArray[np.uint8]) -> Flags:
    """Letters, marks and digits, and what joins them, as in 1,000.5 or 10 000 or U.S."""
    member: Flags = (kind & (LETTER | DIGIT)) != 0
    joining = np.concatenate([_digit_joiners(code, kind), _acronym_stops(code, kind)])
    member[joining] = True
    return member


def _digit_joiners(code: Codes, kind: NDArray[np.uint8]) -> Integers:
    """Places of single characters between two digits: decimal and thousands separators, and spaces before three digits."""
    digit = kind == DIGIT
    between = np.flatnonzero(digit[:-2] & digit[2:] & ~digit[1:-1]) + 1
    decimal = (code[between] == _SEPARATORS).any(axis=0)
    three_digits = _is(DIGIT, kind, between + 2) & _is(DIGIT, kind, between + 3) & ~_is(LETTER | DIGIT, kind, between + 4)
    three_before = _is(DIGIT, kind, between - 2) & _is(DIGIT, kind, between - 3)
    after_group = ~(three_before & _is(LETTER | DIGIT, kind, between - 4))
    joining: Integers = between[decimal | ((code[between] == ord(" ")) & three_digits & after_group)]
    return joining


def _acronym_stops(code: Codes, kind: NDArray[np.uint8]) -> Integers:
    """Places of full stops between two lone letters."""
    stops = np.flatnonzero((code[:-1] == ord(".")) & ((kind[1:] & LETTER) != 0))  # few: a space follows most
    lone = ~_is(LETTER | DIGIT, kind, stops - 2) & ~_is(LETTER | DIGIT, kind, stops + 2)
    joining: Integers = stops[_is(LETTER, kind, stops - 1) & lone]
    return joining


def _is(classes: int, kind: NDArray[np.uint8], places: Integers) -> Flags:
    """Whether the characters at these places are of one of the classes; false beyond the ends."""
    inside = (places >= 0) & (places < len(kind))
    found: Flags = inside & ((kind.take(places, mode="clip") & classes) != 0)
    return found


def _numeral_characters(code: Codes) -> Flags:
    """Chinese numerals, and the point between two of them, as in 一点二."""
    numeral = np.isin(code, _HAN_NUMERALS)
    points = np.flatnonzero(code[1:-1] == ord(HAN_POINT)) + 1
    numeral[points[numeral[points - 1] & numeral[points + 1]]] = True
    return numeral


def _runs(member: Flags) -> tuple[Integers, Integers]:
    """Starts and lengths of the runs of true values."""
    edge = np.empty(len(member) + 1, dtype=bool)
    edge[0], edge[-1] = member[0], member[-1]
    np.not_equal(member[1:], member[:-1], out=edge[1:-1])
    edges = np.flatnonzero(edge)
    starts = edges[::2].copy()
    return starts, edges[1::2] - starts


def _grams(starts: Integers, lengths: Integers, size: int) -> tuple[Integers, Integers]:
    """Every n-gram of the runs; a run shorter than that is one gram."""
    counts = np.maximum(lengths - size + 1, 1)
    return spans(starts, counts), np.minimum(np.repeat(lengths, counts), size)


def _hash_spans(code: Codes, starts: Integers, lengths: Integers) -> NDArray[np.uint64]:
    """64-bit hash of each span of characters, from one byte a character where all are in the alphabet."""
    if code.dtype == np.uint8:
        return _hash_bytes(code.view(np.uint8), starts, lengths)
    wide_before = running_totals(code > 0xFF)
    narrow = wide_before[starts + lengths] == wide_before[starts]
    hashes = np.empty(len(starts), dtype=np.uint64)
    hashes[narrow] = _hash_bytes(code.astype(np.uint8), starts[narrow], lengths[narrow])
    hashes[~narrow] = ~_hash_bytes(code.view(np.uint8), 4 * starts[~narrow], 4 * lengths[~narrow])
    return hashes


def _hash_bytes(data: NDArray[np.uint8], starts: Integers, lengths: Integers) -> NDArray[np.uint64]:
    """64-bit hash of each (non-empty) span: the sum of its words of eight bytes, each scrambled with its place.

    A polynomial modulo 2⁶⁴ would be as fast but gives whole families of texts the same value.
    """
    padded = np.concatenate([data, np.zeros(8, dtype=np.uint8)])
    words = np.ndarray(len(data), dtype="<u8", buffer=padded.data, strides=(1,))  # the eight bytes from any place
    hashes = _scrambled(words[starts] & _FIRST_BYTES.take(lengths, mode="clip"), np.uint64(0))
    longer = np.flatnonzero(lengths > 8)
    if len(longer) == 0:
        return hashes
    counts = (lengths[longer] - 1) // 8
    number = spans(np.ones_like(counts), counts)  # of each further word, from 1 in every span
    further = words[np.repeat(starts[longer], counts) + 8 * number]
    ends = np.cumsum(counts)
    further[ends - 1] &= _FIRST_BYTES[lengths[longer] - 8 * counts]
    hashes[longer] += np.add.reduceat(_scrambled(further, number.view(np.uint64)), ends - counts)
    return hashes


def _scrambled(words: NDArray[np.uint64], place: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele, Lea, Flood), a bijection of the words of one place."""
    scrambled: NDArray[np.uint64] = words ^ ((place + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    shifted = np.empty_like(scrambled)  # in place, as fresh arrays cost more than the arithmetic
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        scrambled ^= np.right_shift(scrambled, np.uint64(shift), out=shifted)
        scrambled *= np.uint64(factor)
    scrambled ^= np.right_shift(scrambled, np.uint64(31), out=shifted)
    return scrambled


def _surroundings(characters: Characters, starts: Integers, lengths: Integers) -> NDArray[np.uint8]:
    """`flags` of Tokens, from the characters between each token and the one before it."""
    if len(starts) == 0:
        return np.zeros(0, dtype=np.uint8)
    before = np.append(0, starts[:-1] + lengths[:-1])  # of each token, where the one before it ends
    np.minimum(before, starts, out=before)  # n-grams overlap
    gap = starts - before
    flags: NDArray[np.uint8] = (gap <= 1).view(np.uint8) * np.uint8(JOINED)
    between = np.flatnonzero((gap > 1) | (at(characters.kind, before) >= STOP))  # most have but a space before them
    wide = at(gap, between)
    places, token = spans(at(before, between), wide), np.repeat(between, wide)
    kind = at(characters.kind, places)
    flags[token[kind == QUOTE]] = INITIAL
    ends = np.flatnonzero(kind == STOP)
    places, token = at(places, ends), at(token, ends)
    ends = ~((places == at(before, token)) & _abbreviates(characters.code, starts, token, places))
    flags[token[ends]] = INITIAL | STOPPED
    flags[0] = INITIAL | (flags[0] & STOPPED)
    return flags


def _abbreviates(code: Codes, starts: Integers, token: Integers, stop: Integers) -> Flags:
    """Whether a stop right after the token before belongs to a lone letter or an acronym: J. Smith, U.S. delegation."""
    first = at(starts, token - 1)
    length = stop - first
    acronym = (length > 2) & (at(code, first + 1) == ord("."))
    abbreviated: Flags = (token > 0) & ((length == 1) | acronym) & (at(code, stop) == ord("."))
    return abbreviated
