"""Documents and passages in Redis: rows of hashes, and notes of the passages that are not to be seen.

The row of a document names its passages by their numbers. Numbers are noted as loose until their document is recorded, and as
gone from the moment on in which it is removed or replaced, until they are taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

from dedup.columns import Integers
from dedup.errors import OutputError
from dedup.indexes.entries import Entry, Header, Passage
from dedup.indexes.redis_rows import document, field_of, passage, there
from dedup.indexes.redis_server import Server

LOOSE: Final = "loose"
GONE: Final = "gone"
GENERATIONS: Final = "stale"  # of buckets by schemes that are not in force
TOGETHER: Final = 500  # rows asked for at a time
TURNS: Final = 50  # so often is read again what others change meanwhile

_NONE: Final = np.zeros(0, dtype=np.int64)


class Records:
    """What is kept under the name of an index, but the buckets."""

    def __init__(self, server: Server) -> None:
        self.location = server.location
        self.client = server.client
        self._name = server.name

    def key(self, name: str) -> str:
        """What something of the index is called on the server."""
        return f"{self._name}:{name}"

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """The documents of these identities that are there; of one that is replaced meanwhile the later version."""
        return self._found([field_of(identity) for identity in identities])

    def __iter__(self) -> Iterator[Entry]:
        """All documents that are there now, each as it is when it is read; but those that are removed before."""
        names = sorted(self.client.hkeys(self.key("documents")))
        for first in range(0, len(names), TOGETHER):
            yield from self._found(names[first : first + TOGETHER])

    def living(self, numbers: Sequence[int]) -> dict[int, tuple[Header, Passage]]:
        """The passages of these numbers that a document has, each with its document."""
        found = zip(numbers, self.values("passages", [str(number) for number in numbers]), strict=True)
        passages = {number: passage(row) for number, row in found if row is not None}
        owners = list(dict.fromkeys(identity for identity, _ in passages.values()))
        rows = zip(owners, self.values("documents", [field_of(owner) for owner in owners]), strict=True)
        documents = {owner: document(row) for owner, row in rows if row is not None}
        living = {}
        for number, (owner, one) in passages.items():
            header, first, count = documents.get(owner, (None, 0, 0))
            if header is not None and first <= number < first + count:
                living[number] = (header, one)
        return living

    def owned(self) -> Integers:
        """The numbers of all passages that documents have, ascending."""
        rows = (document(row) for _, row in self.client.hscan_iter(self.key("documents"), count=TOGETHER))
        return np.unique(np.concatenate([_NONE, *(np.arange(first, first + count) for _, first, count in rows)]))

    def noted(self, kind: str) -> Integers:
        """The numbers that are noted as LOOSE or as GONE, ascending."""
        notes = self.client.hgetall(self.key(kind)).items()
        return np.unique(np.concatenate([_NONE, *(np.arange(int(first), int(first) + int(count)) for first, count in notes)]))

    def values(self, name: str, fields: Sequence[str | bytes]) -> list[bytes | None]:
        """Of a hash, the values of fields, as far as they are there."""
        some = (fields[first : first + TOGETHER] for first in range(0, len(fields), TOGETHER))
        return [value for few in some for value in self.client.hmget(self.key(name), few)]

    def _found(self, fields: Sequence[bytes]) -> list[Entry]:
        for _ in range(TURNS):
            rows = self.values("documents", fields)
            try:
                return list(self._entries([row for row in rows if row is not None]))
            except ValueError:
                if rows == self.values("documents", fields):
                    raise
        raise busy(self.location)

    def _entries(self, rows: Sequence[bytes]) -> Iterator[Entry]:
        heads = [document(row) for row in rows]
        numbers = [str(number) for _, first, count in heads for number in range(first, first + count)]
        passages = (passage(there(row)) for row in self.values("passages", numbers))
        for header, first, count in heads:
            own = list(islice(passages, count))
            if any(owner != header.identity for owner, _ in own):
                raise ValueError("a paragraph is one of another document")
            yield Entry(header, [one for _, one in own], first)


def notes(numbers: Integers) -> dict[str, int]:
    """Ascending numbers as ranges, as few as can be: where each begins, and how many numbers it has."""
    begins = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)
    counts = np.diff(begins, append=len(numbers)).tolist()
    return dict(zip(map(str, numbers[begins].tolist()), counts, strict=True))


def busy(location: str) -> OutputError:
    """What is to be said of an index that is changed faster than it can be read."""
    return OutputError(location, "others change what is read faster than it can be read", "try again later")
