"""A document as an index keeps it: its head, and of each paragraph its place and its text, or what a score is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dedup.model import Document

DIGEST: Final = 16  # bytes


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


@dataclass(frozen=True)
class Entry:
    """A document. first: the number of its first passage in a store, the others follow; -1 before it is in one."""

    header: Header
    passages: Sequence[Passage]
    first: int = -1

    @classmethod
    def of(cls, identity: str, document: Document, file: str | None, added: float, passages: Sequence[Passage]) -> Entry:
        """Of a document that is not kept yet."""
        head = (identity, document.id if document.id != document.file else file or "", file, document.date, document.line)
        made = hashlib.blake2b(json.dumps(head).encode(), digest_size=DIGEST)
        for passage in passages:
            made.update(repr(passage[:4]).encode())
            made.update(passage.content)
        return cls(Header(*head, added, made.digest()), passages)
