"""A text without some of its blocks: what is cut out along with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

Span = tuple[int, int]

# White space and characters that show nothing: a line of these alone is blank.
BLANK: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
_GAP: Final = re.compile(f"[{BLANK}]*")
_BREAK: Final = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")


def without_spans(text: str, spans: Iterable[Span], *, apart: bool) -> str:
    """Cut out whole lines, and the blank ones that would be left double: those below, at the end of the text those above.

    spans: from the first character of a first line to the last of a last one (without its line end), ascending. apart: what
    stood on both sides of a span must not become neighbouring lines; where it would, one line end of the span stays.
    """
    kept, end = [], 0
    for first, last in _widened(text, _merged(text, spans), apart):
        kept.append(text[end:first])
        end = last
    return "".join([*kept, text[end:]])


def _merged(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Spans with nothing but white space between them as one."""
    current: Span | None = None
    for first, last in spans:
        if current is not None and _gap_after(text, current[1]) >= first:
            current = current[0], last
        else:
            if current is not None:
                yield current
            current = first, last
    if current is not None:
        yield current


def _widened(text: str, spans: Iterable[Span], apart: bool) -> Iterator[Span]:
    for first, last in spans:
        above, below = _gap_before(text, first), _gap_after(text, last)
        if below == len(text):
            # The last of the text: its own end stays, unless nothing is left that it could end.
            yield (first, below) if above == 0 else (_line_end(text, above), last)
        elif apart and above > 0 and len(_BREAK.findall(text, above, first)) < 2:
            found = list(_BREAK.finditer(text, last, below))
            yield first, found[0].end() if len(found) > 1 else last
        else:
            yield first, _line_begin(text, last, below)


def _gap_after(text: str, place: int) -> int:
    """Where the next character that shows something stands."""
    found = _GAP.match(text, place)
    return found.end() if found else place


def _gap_before(text: str, place: int) -> int:
    """Where the last character that shows something ends."""
    while place > 0 and text[place - 1] in BLANK:
        place -= 1
    return place


def _line_end(text: str, place: int) -> int:
    """Where the line ends that ends with the character before `place`, white space aside."""
    found = _BREAK.search(text, place)
    return found.start() if found else len(text)


def _line_begin(text: str, place: int, character: int) -> int:
    """Where the line of a character begins, at `place` or after."""
    *_, end = (found.end() for found in _BREAK.finditer(text, place, character))
    return end
