"""In memory, on `datasketch.MinHashLSH`: for a program that compares what it reads with what it has read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import Final

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.errors import InputError
from dedup.indexes import Sign
from dedup.indexes.entries import Entry, Header, Passage
from dedup.indexes.scheme import Scheme
from dedup.minhash import EMPTY, SEED

GONE: Final = "an index in memory is gone with the program that made it"


class MemoryStore:
    """See Store. Of a bucket all passages are recalled, and it may hold any number."""

    format_version = None

    def __init__(self, location: str, scheme: Scheme) -> None:
        self.location = location
        self.scheme = scheme
        self._lsh = _empty_lsh(scheme)
        self._entries: dict[str, Entry] = {}
        self._passages: dict[int, tuple[Header, Passage]] = {}
        self._same_text: defaultdict[int, set[int]] = defaultdict(set)
        self._next = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing can come between."""
        yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Nothing can come between."""
        yield

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """See Store."""
        return [self._entries[identity] for identity in identities if identity in self._entries]

    def insert(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        placed = []
        for entry in entries:
            placed.append(Entry(entry.header, entry.passages, self._next))
            self._entries[entry.header.identity] = placed[-1]
            self._passages.update((number, (entry.header, one)) for number, one in enumerate(entry.passages, self._next))
            self._next += len(entry.passages)
        self.enter(placed, signatures)

    def enter(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        passages = ((number, one) for entry in entries for number, one in enumerate(entry.passages, entry.first))
        for (number, passage), signature in zip(passages, signatures, strict=True):
            self._same_text[passage.key].add(number)
            if not _is_empty(signature):
                self._lsh.insert(number, _minhash(signature))

    def replan(self, scheme: Scheme) -> None:
        """See Store."""
        self.scheme = scheme
        self._lsh = _empty_lsh(scheme)
        self._same_text.clear()

    def delete(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        for entry in entries:
            del self._entries[entry.header.identity]
            for number, passage in enumerate(entry.passages, entry.first):
                del self._passages[number]
                self._same_text[passage.key].discard(number)
                if number in self._lsh:
                    self._lsh.remove(number)

    def buckets(self, signatures: NDArray[np.uint32], keys: NDArray[np.uint64], most: int) -> tuple[Ragged[np.int64], Integers]:
        """See Store."""
        found = [
            sorted({*self._same_text.get(key, ()), *(() if _is_empty(signature) else self._lsh.query(_minhash(signature)))})
            for signature, key in zip(signatures, keys.tolist(), strict=True)
        ]
        values = np.fromiter(chain.from_iterable(found), dtype=np.int64)
        return Ragged.from_lengths(values, np.array([len(numbers) for numbers in found], dtype=np.int64)), np.zeros(
            0, dtype=np.int64
        )

    def fetch(self, numbers: Integers) -> list[tuple[Header, Passage]]:
        """See Store."""
        return [self._passages[number] for number in numbers.tolist()]

    def sizes(self) -> tuple[int, int]:
        """See Store."""
        return len(self._entries), len(self._passages)

    def room(self) -> int | None:
        """See Store."""
        return None

    def __iter__(self) -> Iterator[Entry]:
        return iter([self._entries[identity] for identity in sorted(self._entries)])

    def verify(self, sign: Sign) -> None:
        """See Store."""
        for entry in self:
            for number, (passage, signature) in enumerate(zip(entry.passages, sign([entry]), strict=True), entry.first):
                bands = [] if _is_empty(signature) else zip(self._lsh.hashranges, self._lsh.hashtables, strict=True)
                buckets = [table.get(signature[begin:end].astype(">u4").tobytes()) for (begin, end), table in bands]
                if not all(number in bucket for bucket in (self._same_text.get(passage.key, ()), *buckets)):
                    what = "a damaged index (a paragraph is not in all of its buckets)"
                    raise InputError(self.location, what, "dedup index rebuild it")

    def compact(self) -> None:
        """See Store: no room is kept."""

    def close(self) -> None:
        """See Store."""


def exists(location: str) -> bool:
    """Whether one is there: it is gone with the program that made it."""
    return False


def open(location: str, *, writable: bool) -> MemoryStore:  # noqa: A001 - as the table of stores has it
    """There is none to open."""
    raise InputError(location, GONE, "name a file")


def new(location: str, scheme: Scheme) -> AbstractContextManager[MemoryStore]:
    """There is none to fill: nobody could open it."""
    raise InputError(location, GONE, "name a file")


def shown(location: str) -> str:
    """What it is called in results."""
    return location


def create(location: str, scheme: Scheme) -> MemoryStore:
    """Make an empty one. location: what it is called in results."""
    return MemoryStore(location, scheme)


def _empty_lsh(scheme: Scheme) -> MinHashLSH:
    return MinHashLSH(num_perm=scheme.positions, params=(scheme.plan.bands, scheme.plan.rows))


def _minhash(signature: NDArray[np.uint32]) -> MinHash:
    return MinHash(seed=SEED, hashvalues=signature, scheme="affine32")


def _is_empty(signature: NDArray[np.uint32]) -> bool:
    return bool((signature == EMPTY).all())
