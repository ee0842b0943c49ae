"""Texts as one column of code points, each distinct character looked at once."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
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

_STOPS: Final = frozenset(".!?…。！？．؟۔।॥՞።\n")
_QUOTES: Final = frozenset('"“”„«»‹›「」『』《》:：')
_DASHES: Final = frozenset("-‐‑‒–—―−﹘－")
_APOSTROPHES: Final = frozenset("'‘’‚‛`´′\"“”„‟«»‹›″")
_VARIATION_SELECTORS: Final = frozenset(chr(code) for code in range(0xFE00, 0xFE10))


@dataclass(frozen=True)
class Characters:
    """A batch of texts after NFKC, each followed by one line feed, so that nothing runs across two texts.

    text: all of them, m characters. code: uint32[m], code points. kind: uint8[m], classes.
    offsets: int64[n + 1], where each text starts.
    """

    text: str
    code: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    offsets: Integers


def read_characters(texts: Sequence[str]) -> Characters:
    """Code points and classes of a batch of texts: NFKC, without the ignored characters."""
    composed = [text if text.isascii() else unicodedata.normalize("NFKC", text) for text in texts]
    joined = "\n".join([*composed, ""])
    code = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kind = _KINDS.of(code)
    offsets = np.concatenate([[0], np.cumsum([len(text) + 1 for text in composed], dtype=np.int64)])
    keep = kind != IGNORED
    if keep.all():
        return Characters(joined, code, kind, offsets)
    code, offsets = _kept(code, offsets, keep)
    return Characters(code.tobytes().decode("utf-32-le", "surrogatepass"), code, kind[keep], offsets)


def canonical(characters: Characters) -> Ragged[np.uint32]:
    """The same texts as they are compared: case folded, quotes and dashes of one shape, runs of spaces as one.

    No text begins or ends with a space; each is still followed by its line feed.
    """
    code, offsets = _CANONICAL.of(characters.code), characters.offsets
    code[offsets[1:] - 1] = ord("\n")
    space = code == ord(" ")
    superfluous = space.copy()  # before a space or an end, and after a beginning
    superfluous[:-1] &= space[1:] | (code[1:] == ord("\n"))
    if superfluous.any():
        code, offsets = _kept(code, offsets, ~superfluous)
    leading = code[offsets[:-1]] == ord(" ")
    if leading.any():
        keep = np.ones(len(code), dtype=bool)
        keep[offsets[:-1][leading]] = False
        code, offsets = _kept(code, offsets, keep)
    return Ragged(code, offsets)


def _kept(code: NDArray[np.uint32], offsets: Integers, keep: NDArray[np.bool_]) -> tuple[NDArray[np.uint32], Integers]:
    kept_before = np.concatenate([[0], np.cumsum(keep)])
    return code[keep], kept_before[offsets]


class _Table:
    """A function of single characters as a table, filled by pages of 256 characters when one of them is first met."""

    def __init__(self, function: Callable[[str], int], dtype: type[np.generic]) -> None:
        self._function = function
        self._values = np.zeros(sys.maxunicode + 1, dtype=dtype)
        self._filled = np.zeros(len(self._values) // PAGE, dtype=bool)

    def of(self, code: NDArray[np.uint32]) -> NDArray[Any]:
        """The function of every character."""
        pages = np.bincount(code[code >= PAGE] // PAGE, minlength=1) > 0
        pages[0] = True
        for page in np.flatnonzero(pages & ~self._filled[: len(pages)]).tolist():
            first = page * PAGE
            self._values[first : first + PAGE] = [self._function(chr(value)) for value in range(first, first + PAGE)]
            self._filled[page] = True
        found: NDArray[Any] = self._values.take(code, mode="clip")
        return found


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
