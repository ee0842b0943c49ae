"""Texts as one column of code points, each distinct character looked at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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

_STOPS: Final = frozenset(".!?…。！？．؟۔।॥՞።\n")
_QUOTES: Final = frozenset('"“”„«»‹›「」『』《》:：')
_DASHES: Final = frozenset("-‐‑‒–—―−﹘－")
_APOSTROPHES: Final = frozenset("'‘’‚‛`´′\"“”„‟«»‹›″")
_VARIATION_SELECTORS: Final = frozenset(chr(code) for code in range(0xFE00, 0xFE10))


@dataclass(frozen=True)
class Characters:
    """A batch of texts after NFKC, each followed by one line feed, so that nothing runs across two texts.

    code: uint32[m], code points. kind: uint8[m], classes. offsets: int64[n + 1], where each text starts.
    """

    code: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def string(self, start: int, end: int) -> str:
        """The characters of a span."""
        return self.code[start:end].tobytes().decode("utf-32-le", "surrogatepass")


def read_characters(texts: Sequence[str]) -> Characters:
    """Code points and classes of a batch of texts: NFKC, without the ignored characters."""
    composed = [text if text.isascii() else unicodedata.normalize("NFKC", text) for text in texts]
    lengths = np.fromiter(map(len, composed), dtype=np.int64, count=len(composed)) + 1
    joined = "".join(text + "\n" for text in composed)
    code = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kind = _by_distinct(code, _classify, np.uint8)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return _filtered(Characters(code, kind, offsets), kind != IGNORED)


def canonical(characters: Characters) -> Characters:
    """The same texts as they are compared: case folded, quotes and dashes of one shape, runs of spaces as one.

    No text begins or ends with a space; each is still followed by its line feed.
    """
    code = _by_distinct(characters.code, _canonical_character, np.uint32)
    code[characters.offsets[1:] - 1] = ord("\n")
    followed = np.append(code[1:], ord("\n"))
    single = _filtered(
        Characters(code, characters.kind, characters.offsets),
        ~((code == ord(" ")) & ((followed == ord(" ")) | (followed == ord("\n")))),
    )
    leading = np.zeros(len(single.code), dtype=bool)
    leading[single.offsets[:-1]] = single.code[single.offsets[:-1]] == ord(" ")
    return _filtered(single, ~leading)


def _filtered(characters: Characters, keep: NDArray[np.bool_]) -> Characters:
    if keep.all():
        return characters
    kept_before = np.concatenate([[0], np.cumsum(keep)])
    return Characters(characters.code[keep], characters.kind[keep], kept_before[characters.offsets])


def _by_distinct(code: NDArray[np.uint32], function: Callable[[str], int], dtype: type[np.generic]) -> NDArray[Any]:
    """`function` of every character, called once per distinct one."""
    if len(code) == 0:
        return np.zeros(0, dtype=dtype)
    seen = np.zeros(int(code.max()) + 1, dtype=bool)
    seen[code] = True
    table = np.zeros(len(seen), dtype=dtype)
    for value in np.flatnonzero(seen).tolist():
        table[value] = function(chr(value))
    return table[code]


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
