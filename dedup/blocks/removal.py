"""HTML source without some of its passages, all else as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dedup.blocks.passages import APART, WITHOUT_TEXT, Passage
from dedup.tags import ENDED_BY_OTHERS, RAW, VOID, Token

# Elements that are nothing once the one passage in them is gone.
_WRAPPERS: Final = frozenset("blockquote dd dt li".split())
# What may be between the end of a passage and what follows, if no end tag says that its element ends: its element did.
_LISTS: Final = frozenset("dl menu ol ul".split())
_LINE_END: Final = r"(?:\r\n|\r|\n)"
_REST_OF_LINE: Final = re.compile(rf"[ \t]*(?:{_LINE_END}|\Z)")
_BLANK_LINES: Final = re.compile(rf"(?:[ \t]*{_LINE_END})*")


def without(source: str, tokens: Sequence[Token], passages: Sequence[Passage]) -> str:
    """Take passages out, in the order of the source, each with the element that holds nothing else and the line it leaves.

    Only text and tags go: comments stay, and so do images, scripts and the like, and tags whose other half is not in the
    passage. What was well-formed still is.
    """
    pieces: list[str] = []
    position = 0
    for passage in passages:
        first, last = _with_its_tags(source, tokens, passage)
        first, last = _with_breaks(source, tokens, first, last)
        removed = _removed(tokens, first, last)
        if len(removed) == last - first + 1 and not _between(source, tokens, first, last):
            spans = [_with_line(source, tokens[first].start, tokens[last].end)]
        else:
            spans = [(tokens[number].start, tokens[number].end) for number in removed]
        for start, end in spans:
            if end > position:
                pieces.append(source[position : max(position, start)])
                position = end
    pieces.append(source[position:])
    return "".join(pieces)


def _with_its_tags(source: str, tokens: Sequence[Token], passage: Passage) -> tuple[int, int]:
    """The first and last token of a passage and of the elements that hold nothing else, up to one that sets apart."""
    first, last = passage.first, passage.last
    while True:
        before, after = _beside(source, tokens, first, -1), _beside(source, tokens, last, 1)
        if before is None or tokens[before].kind != "start" or tokens[before].name in VOID | {"body", "html"}:
            return first, last
        name = tokens[before].name
        if after is not None and tokens[after].kind == "end" and tokens[after].name == name:
            first, last = before, after
        elif name in ("p", "li", "dd", "dt") and _ends(name, None if after is None else tokens[after]):
            first = before
        else:
            return first, last
        outer = _beside(source, tokens, first, -1)
        if name in APART and (outer is None or tokens[outer].name not in _WRAPPERS):
            return first, last


def _ends(name: str, after: Token | None) -> bool:
    """Whether an element without an end tag ends before what follows."""
    if after is None or after.kind == "raw":
        return after is None
    if name == "p":
        return after.name in APART
    if after.kind == "end":
        return after.name in _LISTS
    return after.name == name or (name in ("dd", "dt") and after.name in ("dd", "dt"))


def _with_breaks(source: str, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """Take in the line breaks that part a passage from the next one, or from the one before if it is the last."""
    after, before = _breaks(source, tokens, last, 1), _breaks(source, tokens, first, -1)
    if tokens[last].kind == "end" and tokens[last].name in APART:
        return first, last
    return (first, after) if after != last else (before, last)


def _breaks(source: str, tokens: Sequence[Token], number: int, step: int) -> int:
    while (beside := _beside(source, tokens, number, step)) is not None and tokens[beside].name == "br":
        number = beside
    return number


def _beside(source: str, tokens: Sequence[Token], number: int, step: int) -> int | None:
    """The next token in a direction that is more than white space."""
    number += step
    while 0 <= number < len(tokens):
        token = tokens[number]
        if token.kind != "text" or not source[token.start : token.end].isspace():
            return number
        number += step
    return None


def _removed(tokens: Sequence[Token], first: int, last: int) -> list[int]:
    """The text in a stretch of tokens, and the tags of which both halves are in it."""
    removed: list[int] = []
    opened: list[int] = []
    kept_inside = 0
    for number in range(first, last + 1):
        kind, _, _, name = tokens[number]
        if name in RAW:
            continue
        if name in WITHOUT_TEXT:
            kept_inside += {"start": 1, "end": -1}[kind]
        elif kept_inside > 0:
            continue
        elif kind == "text" or name in ("br", "wbr"):
            removed.append(number)
        elif kind == "start" and name not in VOID:
            opened.append(number)
        elif kind == "end":
            while opened and tokens[opened[-1]].name != name and name in [tokens[other].name for other in opened]:
                opened.pop()
            if opened and tokens[opened[-1]].name == name:
                removed += [opened.pop(), number]
    removed += [number for number in opened if tokens[number].name in ENDED_BY_OTHERS]
    return sorted(removed)


def _between(source: str, tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether something between tokens is none: a comment, or the like."""
    return any(tokens[number].end != tokens[number + 1].start for number in range(first, last))


def _with_line(source: str, start: int, end: int) -> tuple[int, int]:
    """Take in the line if nothing else is on it, and blank lines below if there are some above."""
    begin = start
    while begin > 0 and source[begin - 1] in " \t":
        begin -= 1
    rest = _REST_OF_LINE.match(source, end)
    if (begin > 0 and source[begin - 1] not in "\r\n") or rest is None:
        return start, end
    end = rest.end()
    above = re.search(rf"{_LINE_END}[ \t]*{_LINE_END}\Z", source[max(0, begin - 200) : begin])
    below = _BLANK_LINES.match(source, end)
    return begin, below.end() if above and below else end
