"""Text in columns of a terminal: marked, wrapped, side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from typing import Final, NamedTuple

from rich.cells import cell_len, chop_cells

Span = tuple[int, int]

SEPARATOR: Final = " │ "
SIDE_BY_SIDE: Final = 110  # columns from which two texts stand side by side: each has 52 then

# Codes of styles (SGR of ECMA-48). Of the sixteen colours of a terminal only those that can be read on light and dark.
PLAIN: Final = ""
BOLD: Final = "1"
FAINT: Final = "2"
RED: Final = "31"
GREEN: Final = "32"
MAGENTA: Final = "35"

# Control characters could move the cursor of a terminal or change its colours; a lone surrogate cannot be printed.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Left open, these would turn round what stands behind them.
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_WORD: Final = re.compile("[^ ]+")


def cut(text: str, longest: int) -> int:
    """Where a text of more characters ends in a report: behind a word, unless that would be less than half of it."""
    return len(text) if len(text) <= longest else max(text.rfind(" ", 0, longest), longest // 2)


def printable(text: str) -> str:
    """One line of text that a terminal shows as it is."""
    return without_controls(_DIRECTIONS.sub("", " ".join(text.split())))


def without_controls(text: str) -> str:
    """The same text, in which what would end a line or move a cursor is U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def runs_right_to_left(text: str) -> bool:
    """Whether a terminal may turn round a line of this text, so that nothing else should stand in it."""
    return _RIGHT_TO_LEFT.search(text) is not None


class Marked(NamedTuple):
    """A text and the style of each of its characters."""

    text: str
    styles: Sequence[str]

    @classmethod
    def plain(cls, text: str) -> Marked:
        """All in the style of the terminal."""
        return cls(text, [PLAIN] * len(text))

    @property
    def whole(self) -> str:
        """All characters, on one line."""
        return self.painted((0, len(self.text)))

    def painted(self, span: Span) -> str:
        """The characters of a span, styled parts in their sequences."""
        runs = groupby(range(*span), key=self.styles.__getitem__)
        return "".join(paint("".join(self.text[place] for place in places), style) for style, places in runs)


def paint(text: str, style: str) -> str:
    """Text in a style, PLAIN to leave it as it is."""
    return f"\x1b[{style}m{text}\x1b[0m" if style else text


def in_colour(text: str, styles: Iterable[tuple[Span, str]]) -> Marked:
    """Give spans a style each."""
    column = [PLAIN] * len(text)
    for (first, last), style in styles:
        column[first:last] = [style] * (last - first)
    return Marked(text, column)


def in_brackets(text: str, spans: Sequence[Span]) -> Marked:
    """Put spans, ascending, in square brackets, or in curly ones if the text has square ones itself."""
    opening, closing = "{}" if "[" in text or "]" in text else "[]"
    parts, end = [], 0
    for first, last in spans:
        parts += [text[end:first], opening, text[first:last], closing]
        end = last
    return Marked.plain("".join([*parts, text[end:]]))


def wrap(text: str, columns: int) -> list[Span]:
    """Spans of lines of at most `columns`; a word breaks only if it is wider than that itself, as text without spaces is."""
    lines: list[Span] = []
    start = end = width = 0
    for first, last, cells in _pieces(text, columns):
        if end > start and width + (first - end) + cells > columns:
            lines.append((start, end))
            start = end
        if end == start:
            start, width = first, cells
        else:
            width += (first - end) + cells
        end = last
    return [*lines, (start, end)] if end > start else lines


def _pieces(text: str, columns: int) -> Iterator[tuple[int, int, int]]:
    """Yield span and width of each word, or of each part of a word that is too wide."""
    for word in _WORD.finditer(text):
        first, last = word.span()
        cells = cell_len(word[0])
        while cells > columns:
            size = max(1, len(chop_cells(text[first:last], columns)[0]))
            yield first, first + size, columns  # the next part begins a line, however wide this one is
            first += size
            cells = cell_len(text[first:last])
        if first < last:
            yield first, last, cells


def indented(marked: Marked, width: int, indent: str) -> Iterator[str]:
    """Lines of a text below each other."""
    for span in wrap(marked.text, width - len(indent)):
        yield indent + marked.painted(span)


def side_by_side(left: Marked, right: Marked, width: int, indent: str) -> Iterator[str]:
    """Lines of two texts beside each other, in columns of one width."""
    columns = (width - len(indent) - len(SEPARATOR)) // 2
    spans = zip_longest(wrap(left.text, columns), wrap(right.text, columns), fillvalue=(0, 0))
    for one, other in spans:
        padding = " " * (columns - cell_len(left.text[slice(*one)]))
        yield f"{indent}{left.painted(one)}{padding}{SEPARATOR}{right.painted(other)}".rstrip()
