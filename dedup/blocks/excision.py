"""HTML source without some of its passages, all else as it was."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Final

from dedup.blocks.passages import APART, WITHOUT_TEXT, Passage
from dedup.tags import ENDED_BY_OTHERS, RAW, VOID, Token

# Elements that a page is built of, with or without text in them.
_BUILT_OF: Final = VOID | {"article", "body", "html", "main", "section", "td", "th"}
_UNSEEN: Final = frozenset(("script", "style"))  # stands anywhere, and parts nothing
# Elements that are nothing once the one passage in them is gone.
_WRAPPERS: Final = frozenset("blockquote dd dt li".split())
# Elements that need no end tag, and what ends them then, besides the end of the source: start tags, end tags.
_ENDED_BY: Final = {
    "p": (APART, APART),
    "li": (frozenset(("li",)), frozenset(("menu", "ol", "ul"))),
    "dd": (frozenset(("dd", "dt")), frozenset(("dl",))),
    "dt": (frozenset(("dd", "dt")), frozenset(("dl",))),
}
_LINE_END: Final = r"(?:\r\n|\r|\n)"
_REST_OF_LINE: Final = re.compile(rf"[ \t]*(?:{_LINE_END}|\Z)")
_BLANK_LINES: Final = re.compile(rf"(?:[ \t]*{_LINE_END})*")
_BLANK_LINE_ABOVE: Final = re.compile(rf"{_LINE_END}[ \t]*{_LINE_END}\Z")
_LOOKED_AT: Final = 200  # characters


def without(source: str, tokens: Sequence[Token], passages: Iterable[Passage]) -> str:
    """Take passages out, in the order of the source, each with the element that holds nothing else and the line it leaves.

    Only text and tags go: comments stay, and so do images, scripts and the like, and tags whose other half is not in the
    passage. What was well-formed still is, and the text around a passage is parted as before.
    """
    removal = _Removal(source, tokens)
    pieces: list[str] = []
    position = 0
    for start, end in sorted(span for passage in passages for span in removal.spans(passage)):
        pieces.append(source[position:start])
        position = max(position, end)
    pieces.append(source[position:])
    return "".join(pieces)


class _Removal:
    def __init__(self, source: str, tokens: Sequence[Token]) -> None:
        self._source = source
        self._tokens = tokens
        self._gone: set[int] = set()  # tokens of earlier passages

    def spans(self, passage: Passage) -> list[tuple[int, int]]:
        """Which stretches of the source a passage takes with it."""
        first, last = self._with_tags(passage)
        if self._parts_text(first, last):
            first, last = passage.first, passage.last
        first, last = self._with_breaks(first, last)
        removed = _removable(self._tokens[first : last + 1], first)
        self._gone.update(removed)
        spans = [(self._tokens[number].start, self._tokens[number].end) for number in removed]
        if all(end == start for (_, end), (start, _) in pairwise(spans)):
            spans = [_with_line(self._source, spans[0][0], spans[-1][1])]  # nothing stays in between
        return spans

    def _with_tags(self, passage: Passage) -> tuple[int, int]:
        """The first and last token of a passage and of the elements that hold nothing else, up to one that sets apart."""
        first, last = passage.first, passage.last
        while (before := self._beside(first, -1)) is not None:
            name, after = self._tokens[before].name, self._beside(last, 1)
            if self._tokens[before].kind != "start" or name in _BUILT_OF or not self._ends(name, after):
                break
            first = before
            if after is not None and self._tokens[after][::3] == ("end", name):
                last = after
            outer = self._beside(first, -1)
            if name in APART and (outer is None or self._tokens[outer].name not in _WRAPPERS):
                break
        return first, last

    def _ends(self, name: str, after: int | None) -> bool:
        """Whether an element ends with the token `after`, or before it."""
        if after is None:
            return name in _ENDED_BY
        token = self._tokens[after]
        if token.kind == "end" and token.name == name:
            return True
        starts, ends = _ENDED_BY.get(name, ((), ()))
        return token.name in (starts if token.kind == "start" else ends)

    def _parts_text(self, first: int, last: int) -> bool:
        """Whether what stands before and behind would become one passage without the tags between them."""
        before, after = self._beside(first, -1, passing=_UNSEEN), self._beside(last, 1, passing=_UNSEEN)
        if self._tokens[first].kind != "start" or before is None or after is None:
            return False
        return {self._tokens[before].name, self._tokens[after].name}.isdisjoint(APART | {"br"})

    def _with_breaks(self, first: int, last: int) -> tuple[int, int]:
        """Take in the line breaks that part bare text from what follows, or from what is before if nothing follows."""
        if self._tokens[last].kind == "end" and self._tokens[last].name in APART:
            return first, last
        after = self._breaks(last, 1)
        return (first, after) if after != last else (self._breaks(first, -1), last)

    def _breaks(self, number: int, step: int) -> int:
        while (beside := self._beside(number, step)) is not None and self._tokens[beside].name == "br":
            number = beside
        return number

    def _beside(self, number: int, step: int, *, passing: Collection[str] = ()) -> int | None:
        """The next token in a direction that stays and is more than white space, which an entity may stand for.

        passing: names of elements that are passed by.
        """
        number += step
        while 0 <= number < len(self._tokens):
            kind, start, end, name = self._tokens[number]
            if (
                number not in self._gone
                and name not in passing
                and (kind != "text" or html.unescape(self._source[start:end]).strip())
            ):
                return number
            number += step
        return None


def _removable(tokens: Sequence[Token], first: int) -> list[int]:
    """Of tokens numbered from `first` on, the text and the tags of which both halves are there."""
    removed: list[int] = []
    opened: list[int] = []
    names: Counter[str] = Counter()
    unseen = 0
    for number, (kind, _, _, name) in enumerate(tokens, first):
        if name in WITHOUT_TEXT:
            unseen += 1 if kind == "start" else -1
        elif unseen > 0 or name in RAW:
            continue
        elif kind == "text" or name in ("br", "wbr"):
            removed.append(number)
        elif kind == "start" and name not in VOID:
            opened.append(number)
            names[name] += 1
        elif kind == "end" and names[name]:
            while tokens[(start := opened.pop()) - first].name != name:
                names[tokens[start - first].name] -= 1  # never closed: it stays
            names[name] -= 1
            removed += [start, number]
    removed += [number for number in opened if tokens[number - first].name in ENDED_BY_OTHERS]
    return sorted(removed)


def _with_line(source: str, start: int, end: int) -> tuple[int, int]:
    """Take in the line if nothing else is on it, and blank lines below if there are some above."""
    begin = start
    while begin > 0 and source[begin - 1] in " \t":
        begin -= 1
    rest = _REST_OF_LINE.match(source, end)
    if (begin > 0 and source[begin - 1] not in "\r\n") or rest is None:
        if start > 0 and source[start - 1].isspace():
            end += len(source[end : end + _LOOKED_AT]) - len(source[end : end + _LOOKED_AT].lstrip(" \t"))
        return start, end
    above = _BLANK_LINE_ABOVE.search(source[max(0, begin - _LOOKED_AT) : begin])
    below = _BLANK_LINES.match(source, rest.end())
    return begin, below.end() if above and below else rest.end()
