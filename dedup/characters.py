"""Texts as one column of code points, each distinct character looked at once."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged, running_totals
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


Codes = NDArray[np.unsignedinteger[Any]]  # code points: a byte each where all are below 256


@dataclass(frozen=True)
class Characters:
    """A batch of n texts after NFKC, each followed by one line feed, so that nothing runs across two texts.

    rows: int64[n], ascending, which texts they are of those that were read. text: all of them, m characters.
    code: uint8[m] or uint32[m]. kind: uint8[m], classes. offsets: int64[n + 1], where each text starts.
    """

    rows: Integers
    text: str
    code: Codes
    kind: NDArray[np.uint8]
    offsets: Integers


def read_characters(texts: Sequence[str]) -> Iterator[Characters]:
    """Code points and classes of texts, about CHUNK characters at a time: NFKC, without the ignored characters.

    First come the texts whose characters are all below 256, and then the others: one curly quote is enough to make every pass
    over a batch take four times the memory.
    """
    composed, narrow = list(texts), np.ones(len(texts), dtype=bool)
    for row in [row for row, text in enumerate(texts) if not text.isascii()]:
        composed[row] = unicodedata.normalize("NFKC", composed[row])
        narrow[row] = _fits_bytes(composed[row])
    length = np.fromiter(map(len, composed), dtype=np.int64, count=len(composed))
    for rows, encoding in ((np.flatnonzero(narrow), "latin-1"), (np.flatnonzero(~narrow), "utf-32-le")):
        for first, last in _chunks(length[rows]):
            yield _read(rows[first:last], [composed[row] for row in rows[first:last].tolist()], encoding)


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


def _chunks(lengths: Integers) -> Iterator[tuple[int, int]]:
    """Ranges of texts of about CHUNK characters each."""
    ends = np.cumsum(lengths)
    first, size = 0, 0
    while first < len(ends):
        last = min(int(np.searchsorted(ends, size + CHUNK)) + 1, len(ends))
        yield first, last
        first, size = last, int(ends[last - 1])


def _read(rows: Integers, composed: Sequence[str], encoding: str) -> Characters:
    text = "\n".join([*composed, ""])
    code = np.frombuffer(text.encode(encoding, "surrogatepass"), dtype=np.uint8 if encoding == "latin-1" else np.uint32)
    kind = _KINDS.of(code)
    offsets = running_totals(np.fromiter(map(len, composed), dtype=np.int64, count=len(composed)) + 1)
    ignored = np.flatnonzero(kind == IGNORED)
    if len(ignored) == 0:
        return Characters(rows, text, code, kind, offsets)
    kind = np.delete(kind, ignored)
    code, offsets = _without(ignored, code, offsets)
    return Characters(rows, code.tobytes().decode(encoding, "surrogatepass"), code, kind, offsets)


def _fits_bytes(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _without(places: Integers, code: Codes, offsets: Integers) -> tuple[Codes, Integers]:
    if len(places) == 0:
        return code, offsets
    return np.delete(code, places), offsets - np.searchsorted(places, offsets)


class _Table:
    """A function of single characters as a table, filled by pages of 256 characters when one of them is first met."""

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
        self._values[first : first + PAGE] = [self._function(chr(value)) for value in range(first, first + PAGE)]
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
        return LETTER | (UPPER if category in ("Lu", "Lt") else 0)
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


_KINDS: Final = _Table(_classify, np.uint8)
_CANONICAL: Final = _Table(_canonical_character, np.uint32)
