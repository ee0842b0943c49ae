"""Lines of plain text: what a line says, and texts that are one line."""

from __future__ import annotations

from typing import Final

from dedup.blocks.removal import BLANK

SOFT_HYPHEN: Final = "\u00ad"
_NOTHING_AT_FIRST: Final = BLANK + SOFT_HYPHEN


def stripped(line: str) -> str:
    """A line without what shows nothing around it. A soft hyphen at its end says how to join the next line, so it stays."""
    return line.rstrip(BLANK).lstrip(_NOTHING_AT_FIRST)


def only_line(text: str) -> str:
    """What a text of one line says, which is its only block; empty if it says nothing or has more lines."""
    if len(text.splitlines()) != 1:
        return ""
    return text.strip() if text.isascii() else stripped(text)  # white space of ASCII is blank, and nothing else is
