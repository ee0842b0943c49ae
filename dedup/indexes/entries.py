"""A document as an index keeps it: its head, and of each paragraph its place and its text, or what a score is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from dedup.dates import instant
from dedup.model import Document, Paragraphs

DIGEST: Final = 16  # bytes
LATEST: Final = 253_402_300_800.0  # seconds from 1970 to the year 10000, of which no date is
Item = TypeVar("Item")
TOGETHER: Final = 1 << 15  # passages of documents that are worked at at a time


class Header(NamedTuple):
    """What is known of a document as a whole.

    identity: by which a later version is known as such. id, file, date, line: as those of a Document, the file as it is called
    from the root. added: when, in seconds since 1970. digest: of all but that, and of the passages.
    """

    identity: str
    id: str
    file: str | None
    date: str | None
    line: int | None
    added: float
    digest: bytes

    @classmethod
    def sound(cls, *values: Any) -> Header:  # noqa: ANN401 - they may come from anywhere
        """A header, if each value is what it should be. Raises ValueError, TypeError."""
        one = cls(*values)
        named = isinstance(one.identity, str) and isinstance(one.id, str) and isinstance(one.file, str | None)
        dated = isinstance(one.date, str | None) and isinstance(one.added, float) and abs(one.added) < LATEST
        if not (named and dated and (one.line is None or _is_count(one.line))):
            raise ValueError("a document without its name, date or line")
        return one

    @property
    def moment(self) -> float:
        """The date of the document, or when it was added, in seconds since 1970."""
        date = instant(self.date)
        return self.added if date is None else date

    def document(self, index: str) -> Document:
        """The document without its text."""
        return Document(self.id, "", self.file, self.date, line=self.line, index=index)


class Passage(NamedTuple):
    """A paragraph.

    position, line: its place. key: equal for equal texts, below 2⁶⁴. length: characters. content: see `contents`.
    """

    position: int
    line: int
    key: int
    length: int
    content: bytes

    @classmethod
    def sound(cls, *values: Any) -> Passage:  # noqa: ANN401 - they may come from anywhere
        """A passage, if each value is what it should be. Raises ValueError, TypeError."""
        one = cls(*values)
        whole = all(map(_is_count, (one.position, one.line, one.length)))
        if not (whole and type(one.key) is int and 0 <= one.key < 1 << 64 and isinstance(one.content, bytes)):
            raise ValueError("a paragraph without its place, text or hash")
        return one


@dataclass(frozen=True)
class Entry:
    """A document. first: the number of its first passage in a store, the others follow; -1 before it is in one."""

    header: Header
    passages: Sequence[Passage]
    first: int = -1

    @classmethod
    def of(cls, identity: str, document: Document, file: str | None, added: float, passages: Sequence[Passage]) -> Entry:
        """Of a document that is not kept yet."""
        name = writable(document.id) if document.id != document.file else file or ""
        date = None if document.date is None else writable(document.date)
        entry = cls(Header(identity, name, file, date, document.line, added, b""), passages)
        return cls(entry.header._replace(digest=entry.digest()), passages)

    def says(self) -> tuple[str | None, list[bytes]]:
        """What makes it another version: its date and its paragraphs, not where they stand, as what is new moves the rest."""
        return self.header.date, [passage.content for passage in self.passages]

    def digest(self) -> bytes:
        """What the header's should be."""
        made = hashlib.blake2b(json.dumps(self.header[:5]).encode(), digest_size=DIGEST)
        for passage in self.passages:
            made.update(repr(passage[:4]).encode())
            made.update(passage.content)
        return made.digest()


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 31


def writable(name: str) -> str:
    """A name or a date as a store can keep it: what is no UTF-8, as bytes of a file's may be, is escaped."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def kept_paragraphs(headers: Sequence[Header], passages: Sequence[Passage], index: str, *, with_text: bool) -> Paragraphs:
    """Passages as rows, each with the head of its document; texts that are not kept are empty."""
    numbers = {header: number for number, header in enumerate(dict.fromkeys(headers))}
    rows, positions, lines = (
        np.array(column, dtype=np.int32)
        for column in (
            [numbers[header] for header in headers],
            [passage.position for passage in passages],
            [passage.line for passage in passages],
        )
    )
    texts = [passage.content.decode("utf-8") if with_text else "" for passage in passages]
    return Paragraphs(texts, rows, positions, lines, lines, [header.document(index) for header in numbers], {})


def some_of(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Documents, some together: not many more than TOGETHER passages."""
    return gathered(entries, lambda entry: len(entry.passages), TOGETHER)


def gathered(items: Iterable[Item], size: Callable[[Item], int], enough: int) -> Iterator[list[Item]]:
    """Yield items in lists, each of which is complete when its sizes are more than enough."""
    some: list[Item] = []
    reached = 0
    for item in items:
        some.append(item)
        reached += size(item)
        if reached > enough:
            yield some
            some, reached = [], 0
    if some:
        yield some
