"""Documents and passages in Redis: rows of hashes, and notes of the passages that are not to be seen.

The row of a document names its passages by their numbers. Numbers are noted as loose until their document is recorded, and as
gone from the moment on in which it is removed or replaced, until they are taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import numpy as np

from dedup.columns import Integers
from dedup.errors import OutputError
from dedup.indexes.entries import Entry, Header, Passage
from dedup.indexes.redis_rows import NUMBERS, document, field_of, passage, there
from dedup.indexes.redis_scripts import SIZES
from dedup.indexes.redis_server import Server

LOOSE: Final = "loose"
GONE: Final = "gone"
TOTALS: Final = "totals"  # numbers of DOCUMENTS and PASSAGES, and of the passage that comes NEXT
DOCUMENTS: Final = "documents"
PASSAGES: Final = "passages"
NEXT: Final = "next"
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
        self._sizes = server.client.register_script(SIZES)

    def key(self, name: str) -> str:
        """What something of the index is called on the server."""
        return f"{self._name}:{name}"

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """The documents of these identities that are there; of one that is replaced meanwhile the later version."""
        return self._found([field_of(identity) for identity in identities])

    def __iter__(self) -> Iterator[Entry]:
        """All documents that are there now, each as it is when it is read; but those that are removed before."""
        self.sizes()  # which raises ValueError if some are lost
        names = sorted(self.client.hkeys(self.key("documents")))
        for first in range(0, len(names), TOGETHER):
            yield from self._found(names[first : first + TOGETHER])

    def passages(self, numbers: Sequence[int]) -> dict[int, tuple[str, Passage]]:
        """The passages of these numbers that are there, each with the identity of its document, which need not be there."""
        rows = zip(numbers, self.values("passages", [str(number) for number in numbers]), strict=True)
        return {number: passage(row, number) for number, row in rows if row is not None}

    def living(self, numbers: Sequence[int]) -> dict[int, tuple[Header, Passage]]:
        """The passages of these numbers that a document has, each with its document."""
        return self.living_of(self.passages(numbers))

    def living_of(self, passages: Mapping[int, tuple[str, Passage]]) -> dict[int, tuple[Header, Passage]]:
        """The same, of what `passages` has."""
        owners = list(dict.fromkeys(identity for identity, _ in passages.values()))
        fields = [field_of(owner) for owner in owners]
        rows = zip(owners, fields, self.values("documents", fields), strict=True)
        documents = {owner: document(row, field) for owner, field, row in rows if row is not None}
        living = {}
        for number, (owner, one) in passages.items():
            header, first, count = documents.get(owner, (None, 0, 0))
            if header is not None and first <= number < first + count:
                living[number] = (header, one)
        return living

    def sizes(self) -> tuple[int, int]:
        """How many documents and passages there are. Raises ValueError if that is not so many as it says."""
        (documents, passages, given), *rows = self._sizes(keys=[self.key(name) for name in (TOTALS, "documents", "passages")])
        documents, passages, given = (int(value or 0) for value in (documents, passages, given))
        if documents != rows[0] or not 0 <= passages <= min(given, rows[1]):  # rows may be those of nobody yet, or any more
            raise ValueError("there are other documents or paragraphs than it says")
        return documents, passages

    def next_numbers(self, count: int) -> int:
        """The first of as many numbers as are asked for. Raises ValueError if they are in use already."""
        first = int(self.client.hincrby(self.key(TOTALS), NEXT, count)) - count
        if any(self.values("passages", [str(number) for number in range(first, first + count)])):
            raise ValueError("a number of a paragraph that is to be added is in use")
        return first

    def owned(self) -> Integers:
        """The numbers of all passages that documents have, ascending."""
        rows = (document(row, field) for field, row in self.client.hscan_iter(self.key("documents"), count=TOGETHER))
        return np.unique(np.concatenate([_NONE, *(np.arange(first, first + count) for _, first, count in rows)]))

    def noted(self, *kinds: str) -> Integers:
        """The numbers that are noted as LOOSE or as GONE, ascending."""
        read = (self.client.hgetall(self.key(kind)).items() for kind in kinds)
        notes = [(int(first), int(count)) for some in read for first, count in some]
        if not all(0 <= first < first + count <= NUMBERS for first, count in notes):
            raise ValueError("a note of paragraphs is none")
        return np.unique(np.concatenate([_NONE, *(np.arange(first, first + count) for first, count in notes)]))

    def values(self, name: str, fields: Sequence[str | bytes]) -> list[bytes | None]:
        """Of a hash, the values of fields, as far as they are there."""
        some = (fields[first : first + TOGETHER] for first in range(0, len(fields), TOGETHER))
        return [value for few in some for value in self.client.hmget(self.key(name), few)]

    def _found(self, fields: Sequence[bytes]) -> list[Entry]:
        for _ in range(TURNS):
            rows = self.values("documents", fields)
            try:
                heads = [document(row, field) for field, row in zip(fields, rows, strict=True) if row is not None]
                return list(self._entries(heads))
            except ValueError:
                if rows == self.values("documents", fields):
                    raise
        raise busy(self.location)

    def _entries(self, heads: Sequence[tuple[Header, int, int]]) -> Iterator[Entry]:
        numbers = [number for _, first, count in heads for number in range(first, first + count)]
        rows = zip(numbers, self.values("passages", [str(number) for number in numbers]), strict=True)
        passages = (passage(there(row), number) for number, row in rows)
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
