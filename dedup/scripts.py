"""Scripts that do not put spaces between words, as ranges of code points (Unicode 15, whole blocks)."""

from __future__ import annotations

from typing import Final

# One character is about half a word: Han, Hiragana, Katakana, Bopomofo, Yi and their extensions.
IDEOGRAPHIC: Final = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x3035),
    (0x3038, 0x303B),
    (0x3041, 0x30FF),
    (0x3105, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)

# Letters of alphabets without spaces, about five to a word: Thai, Lao, Tibetan, Myanmar, Khmer, Tai Le, New Tai Lue, Tai Tham.
UNSPACED_LETTERS: Final = (
    (0x0E01, 0x0E3A),
    (0x0E40, 0x0E4E),
    (0x0E81, 0x0ECE),
    (0x0EDC, 0x0EDF),
    (0x0F40, 0x0FBC),
    (0x1000, 0x103F),
    (0x1050, 0x108F),
    (0x1780, 0x17D3),
    (0x1950, 0x19CF),
    (0x1A20, 0x1AAD),
    (0xA9E0, 0xA9EF),
    (0xAA60, 0xAA7F),
)

_FIRST: Final = UNSPACED_LETTERS[0][0]


def is_unspaced(character: str) -> bool:
    """Whether words of its script have no spaces between them."""
    code = ord(character)
    return code >= _FIRST and any(first <= code <= last for ranges in (IDEOGRAPHIC, UNSPACED_LETTERS) for first, last in ranges)


def character_class(*scripts: tuple[tuple[int, int], ...]) -> str:
    """Ranges as they stand between the brackets of a regular expression."""
    return "".join(f"{chr(first)}-{chr(last)}" for ranges in scripts for first, last in ranges)
