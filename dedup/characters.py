"""Texts as one column of code points, each distinct character looked at once."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged, blocks_of, running_totals, spans
from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS

# Classes of characters, as bits.
LETTER: Final = 1  # also marks, and numbers that are not decimal digits
UPPER: Final = 2
DIGIT: Final = 4
IDEOGRAPH: Final = 8
UNSPACED: Final = 16
STOP: Final = 32  # ends a sentence
QUOTE: Final = 64  # a capital after it says nothing
IGNORED: Final = 128  # soft hyphen, zero-width and other format characters, variation selectors

PAGE: Final = 256  # characters
CHUNK: Final = 1 << 18  # characters read at a time, so that the columns in between stay in the cache

_STOPS: Final = frozenset(".!?…。！？．؟۔।॥՞።\n")
_QUOTES: Final = frozenset('"“”„«»‹›「」『』《》:：')
_DASHES: Final = frozenset("-‐‑‒–—―−﹘－")
_APOSTROPHES: Final = frozenset("'‘’‚‛`´′\"“”„‟«»‹›″")
_VARIATION_SELECTORS: Final = frozenset(chr(code) for code in range(0xFE00, 0xFE10))

_LATIN: Final = [chr(value) for value in range(PAGE)]
_REPLACED: Final = [character for character in _LATIN if unicodedata.normalize("NFKC", character) != character]
_ROOM: Final = dict(zip(_REPLACED, "‘’“”„‚‛‐–—―−‹›", strict=True))

# Characters of one byte: Latin-1, where those that NFKC replaces make room for the quotes and dashes of printed text.
ALPHABET: Final = "".join(_ROOM.get(character, character) for character in _LATIN)

Codes = NDArray[np.unsignedinteger[Any]]  # places in the alphabet, and for other characters code points


class Characters(NamedTuple):
    """A batch of n texts after NFKC, each followed by one line feed, so that nothing runs across two texts.

    rows: int64[n], ascending, which texts they are of those that were read. offsets: int64[n + 1], where each starts.
    code: uint8[m] if all are in the alphabet, else uint32[m]. kind: uint8[m], classes.
    """

    rows: Integers
    code: Codes
    kind: NDArray[np.uint8]
    offsets: Integers

    def cut(self, starts: Integers, lengths: Integers) -> list[str]:
        """The text of each span of characters without line feeds."""
        code = self.code[spans(starts, lengths + 1)]
        code[np.cumsum(lengths + 1) - 1] = ord("\n")
        points = np.where(code < PAGE, _POINTS.take(code, mode="clip"), code).astype(np.uint32)
        return points.tobytes().decode("utf-32-le", "surrogatepass").split("\n")[: len(starts)]


def code_of(character: str) -> int:
    """Its place in the alphabet, or else its code point."""
    place = ALPHABET.find(character)
    return place if place >= 0 else ord(character)


def read_characters(texts: Sequence[str]) -> Iterator[Characters]:
    """Codes and classes of texts, about CHUNK characters at a time: NFKC, without the ignored characters.

    First come the texts that are written in the alphabet, and then the others: one character of another script is enough to
    make every pass over a batch take four times the memory.
    """
    readable = list(texts)
    wide = np.zeros(len(texts), dtype=bool)
    for row in [row for row, text in enumerate(texts) if not text.isascii()]:
        readable[row], wide[row] = _narrowed(unicodedata.normalize("NFKC", texts[row]))
    length = np.fromiter(map(len, readable), dtype=np.int64, count=len(readable))
    for rows, encoded in ((np.flatnonzero(~wide), _encoded_narrow), (np.flatnonzero(wide), _encoded_wide)):
        for first, last in blocks_of(length[rows], CHUNK):
            chunk = rows[first:last]
            yield _read(chunk, encoded(list(map(readable.__getitem__, chunk.tolist()))), length[chunk])


def canonical(characters: Characters) -> Ragged[np.unsignedinteger[Any]]:
    """The same texts as they are compared: case folded, quotes and dashes of one shape, runs of spaces as one.

    No text begins or ends with a space; each is still followed by its line feed.
    """
    code, offsets = _CANONICAL.of(characters.code), characters.offsets
    code[offsets[1:] - 1] = ord("\n")
    space = code == ord(" ")
    superfluous = np.flatnonzero(space[:-1] & (space[1:] | (code[1:] == ord("\n"))))  # before a space or an end
    code, offsets = _without(superfluous, code, offsets)
    leading = offsets[:-1][code[offsets[:-1]] == ord(" ")]
    return Ragged(*_without(leading, code, offsets))


def _narrowed(text: str) -> tuple[str, bool]:
    """For each character its place if all are in the alphabet, else the text; and whether it is wide, which it is then."""
    try:
        return codecs.charmap_encode(text, "strict", _BYTES)[0].decode("latin-1"), False
    except UnicodeEncodeError:
        return text, True


def _encoded_narrow(texts: Sequence[str]) -> Codes:
    """uint8: codes of texts that are narrowed or ASCII, each with its line feed."""
    return np.frombuffer("\n".join([*texts, ""]).encode("latin-1"), dtype=np.uint8)


def _encoded_wide(texts: Sequence[str]) -> Codes:
    """uint32: codes of texts, each with its line feed."""
    points = "\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
    return _CODES.of(np.frombuffer(points, dtype=np.uint32))


def _read(rows: Integers, code: Codes, lengths: Integers) -> Characters:
    kind, offsets = _KINDS.of(code), running_totals(lengths + 1)
    ignored = np.flatnonzero(kind == IGNORED)
    if len(ignored):
        kind = np.delete(kind, ignored)
        code, offsets = _without(ignored, code, offsets)
    return Characters(rows, code, kind, offsets)


def _without(places: Integers, code: Codes, offsets: Integers) -> tuple[Codes, Integers]:
    if len(places) == 0:
        return code, offsets
    return np.delete(code, places), offsets - np.searchsorted(places, offsets)


class _Table:
    """A function of single characters as a table over their codes, filled by pages of 256 when one of them is first met."""

    def __init__(self, function: Callable[[str], int], dtype: type[np.generic]) -> None:
        self._function = function
        self._values = np.zeros(sys.maxunicode + 1, dtype=dtype)
        self._filled = np.zeros(len(self._values) // PAGE, dtype=bool)
        self._fill(0)
        self._bytes = self._values[:PAGE].astype(np.uint8).tobytes()

    def of(self, code: Codes) -> NDArray[Any]:
        """The function of every character, in an array of its own: uint8 where the characters are."""
        if code.dtype == np.uint8:
            return np.frombuffer(bytearray(code.data).translate(self._bytes), dtype=np.uint8)
        pages = np.bincount(code // PAGE, minlength=1) > 0
        for page in np.flatnonzero(pages & ~self._filled[: len(pages)]).tolist():
            self._fill(page)
        found: NDArray[Any] = self._values.take(code, mode="clip")
        return found

    def _fill(self, page: int) -> None:
        first = page * PAGE
        characters = ALPHABET if page == 0 else map(chr, range(first, first + PAGE))
        self._values[first : first + PAGE] = [self._function(character) for character in characters]
        self._filled[page] = True


def _classify(character: str) -> int:
    category = unicodedata.category(character)
    if category == "Cf" or character in _VARIATION_SELECTORS:
        return IGNORED
    if character in _STOPS:
        return STOP
    if character in _QUOTES:
        return QUOTE
    if _within(ord(character), IDEOGRAPHIC):
        return IDEOGRAPH
    if _within(ord(character), UNSPACED_LETTERS):
        return UNSPACED
    if category == "Nd":
        return DIGIT
    if category[0] in "LMN":
        return LETTER | (UPPER if character.isupper() else 0)
    return 0


def _canonical_character(character: str) -> int:
    if character.isspace():
        return ord(" ")
    if character in _DASHES:
        return ord("-")
    if character in _APOSTROPHES:
        return ord("'")
    folded = character.casefold()  # one letter may become two, as with ß: then its small letter does
    return ord(folded) if len(folded) == 1 else ord(character.lower()[0])


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


_BYTES: Final = codecs.charmap_build(ALPHABET)
_POINTS: Final = np.array([ord(character) for character in ALPHABET], dtype=np.uint32)
_CODES: Final = _Table(code_of, np.uint32)
_KINDS: Final = _Table(_classify, np.uint8)
_CANONICAL: Final = _Table(_canonical_character, np.uint32)
