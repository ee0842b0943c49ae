"""Lines of a given width, in columns of a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`; a word breaks only if it is wider than that itself, as text without spaces is."""
    lines: list[str] = []
    line, width = "", 0
    for word in text.split(" "):
        for piece, piece_width in _pieces(word, columns):
            if line and width + 1 + piece_width > columns:
                lines.append(line)
                line, width = piece, piece_width
            elif line:
                line, width = f"{line} {piece}", width + 1 + piece_width
            else:
                line, width = piece, piece_width
    return [*lines, line] if line else lines


def _pieces(word: str, columns: int) -> Iterator[tuple[str, int]]:
    """Yield parts of a word with their widths: one part if it fits."""
    if word.isascii() and len(word) <= columns:
        yield word, len(word)
        return
    start = width = 0
    for index, character in enumerate(word):
        character_width = _width(character)
        if width + character_width > columns:
            yield word[start:index], width
            start, width = index, 0
        width += character_width
    yield word[start:], width


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
