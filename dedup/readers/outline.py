"""Where the items of a well-formed feed stand, and what spells their content: one pass of expat, which fetches nothing.

Entities that a file declares are refused, so none can grow; those of an external DTD are never looked up.

feedparser, which takes quadratic time for some elements, gets a feed without what it is not asked for: `bare`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from dedup.errors import InputError

DEEPEST: Final = 256  # elements within each other
MOST_ATTRIBUTES: Final = 256  # of an element
CHUNK: Final = 1 << 20  # bytes that expat gets at a time: it looks at an unfinished tag again with each

# Namespaces of the elements that feeds have without a prefix, in their versions.
_FEED: Final = frozenset(
    {
        "",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://purl.org/atom/ns#",
        "http://www.w3.org/2005/atom",
    }
)
_ATOM: Final = frozenset({"http://purl.org/atom/ns#", "http://www.w3.org/2005/atom"})
_CONTENT_MODULE: Final = "http://purl.org/rss/1.0/modules/content/"
_XHTML: Final = "http://www.w3.org/1999/xhtml"

# The first that an item has is its content. Full content goes before summaries.
RANK: Final = {"content": 0, "encoded": 0, "fullitem": 0, "body": 0, "description": 1, "summary": 1, "abstract": 1}

# What else says something of an item that is asked for, whatever its namespace; a group has descriptions of media.
_ASKED_FOR: Final = frozenset("guid id link pubdate published issued updated modified created date group".split(" "))

_START_TAG: Final = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")


@dataclass
class Content:
    """An element that may hold the content of an item: what stands in it from byte `start` up to `end`.

    is_atom: its `type` says what it is, or it is plain text. has_elements: it holds elements of its own, not text alone.
    div: where the inside of its only element begins and ends, if that is a division.
    """

    name: str
    attributes: Mapping[str, str]
    is_atom: bool
    start: int
    end: int = 0
    has_elements: bool = False
    div: tuple[int, int] | None = None


@dataclass
class Item:
    """An item from byte `start` on, which stands in `line`, counted from 1, and ends in `last_line`."""

    start: int
    line: int
    last_line: int
    contents: list[Content] = field(default_factory=list)


@dataclass
class Outline:
    """The items of a feed in order, and the bytes from `start` up to `end` that say neither name nor date of one."""

    items: list[Item] = field(default_factory=list)
    beside: list[tuple[int, int]] = field(default_factory=list)

    def bare(self, data: bytes) -> bytes:
        """The feed without contents that are known here, and without all that is not asked for. It stays well-formed."""
        parts, end = [], 0
        for start, stop in self.beside:
            parts.append(data[end:start])
            end = stop
        return b"".join([*parts, data[end:]])


def outline(data: bytes, file: str) -> Outline:
    """Go through a feed in UTF-8.

    Raises ExpatError if it is not well-formed, InputError if it declares entities, nests elements too deeply or has too
    many attributes in one.
    """
    reader = _Reader(data, file)
    parser = reader.parser
    for start in range(0, len(data), CHUNK):
        parser.Parse(data[start : start + CHUNK], False)
    parser.Parse(b"", True)
    return reader.found


class _Reader:
    """What is known while expat goes through a feed."""

    def __init__(self, data: bytes, file: str) -> None:
        self.found = Outline()
        self._data = data
        self._file = file
        self._depth = 0
        self._item_depth = 0  # of the item that is open, 0 if none is
        self._content: Content | None = None
        self._outside: list[tuple[int, int]] = []  # start of each open element outside items, items that stood before it
        self._child: int | None = None  # start of a child of the item that says nothing of it
        self._divs: list[tuple[int, int]] = []  # inside of each element right within the content
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity

    def _entity(self, name: str, *_: object) -> NoReturn:
        where = f"{self._file}:{self.parser.CurrentLineNumber}"
        raise InputError(where, f"it declares an entity ({name})", "put what it stands for in its place: entities may grow")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"elements nested more than {DEEPEST} deep")
        if len(attributes) > MOST_ATTRIBUTES:
            self._refuse(f"more than {MOST_ATTRIBUTES} attributes in one element")
        namespace, _, local = name.rpartition(" ")
        namespace, local = namespace.lower(), local.lower()
        place = self.parser.CurrentByteIndex
        if self._content is not None:
            self._content.has_elements = True
            if self._depth == self._item_depth + 2:
                self._divs.append((self._behind_tag() if (namespace, local) == (_XHTML, "div") else -1, -1))
        elif not self._item_depth:
            if local in ("item", "entry") and namespace in _FEED:
                line = self.parser.CurrentLineNumber
                self.found.items.append(Item(place, line, line))
                self._item_depth = self._depth
            else:
                self._outside.append((place, len(self.found.items)))
        elif self._depth == self._item_depth + 1:
            if _is_content(namespace, local):
                self._content = Content(local, attributes, namespace in _ATOM, self._behind_tag())
                self._divs = []
            self._child = place if self._content or local not in (*_ASKED_FOR, *RANK) else None

    def _end(self, name: str) -> None:
        place = self.parser.CurrentByteIndex
        if not self._item_depth:
            self._leave_outside()
        elif self._depth == self._item_depth:
            self._item_depth = 0
            self.found.items[-1].last_line = self.parser.CurrentLineNumber
        elif self._depth == self._item_depth + 1:
            self._leave_child(place)
        elif self._content is not None and self._depth == self._item_depth + 2:
            self._divs[-1] = (self._divs[-1][0], place)
        self._depth -= 1

    def _leave_outside(self) -> None:
        start, before = self._outside.pop()
        if self._outside and before == len(self.found.items):
            beside = self.found.beside
            while beside and beside[-1][0] > start:
                beside.pop()  # it is part of this one
            beside.append((start, self._behind_tag()))

    def _leave_child(self, place: int) -> None:
        if self._content is not None:
            self._content.end = max(place, self._content.start)
            if len(self._divs) == 1 and 0 <= self._divs[0][0] <= self._divs[0][1]:
                self._content.div = self._divs[0]
            if not self._data.endswith(b"/>", 0, self._content.start):  # which holds nothing, and has no room for anything
                self.found.items[-1].contents.append(self._content)
            self._content = None
        if self._child is not None:
            self.found.beside.append((self._child, self._behind_tag()))
            self._child = None

    def _refuse(self, what: str) -> NoReturn:
        raise InputError(f"{self._file}:{self.parser.CurrentLineNumber}", what, "see whether it is a feed")

    def _text(self, text: str) -> None:
        if self._content is not None and self._depth == self._item_depth + 1 and text.strip():
            self._divs.append((-1, -1))  # text beside a division: it is not all there is

    def _behind_tag(self) -> int:
        match = _START_TAG.match(self._data, self.parser.CurrentByteIndex)
        return match.end() if match else self.parser.CurrentByteIndex


def _is_content(namespace: str, local: str) -> bool:
    if local == "encoded":
        return namespace == _CONTENT_MODULE
    if local == "body":
        return namespace in (_XHTML, *_FEED)
    return local in RANK and namespace in _FEED
