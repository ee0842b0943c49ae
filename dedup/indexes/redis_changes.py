"""What a transaction does in Redis, step by step, until all of it is seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from redis.lock import Lock

from dedup.columns import Integers
from dedup.errors import OutputError
from dedup.indexes.entries import Entry
from dedup.indexes.redis_buckets import Buckets
from dedup.indexes.redis_records import DOCUMENTS, GENERATIONS, GONE, LOOSE, PASSAGES, TOGETHER, TOTALS, Records, notes
from dedup.indexes.redis_rows import document_row, field_of, passage_row
from dedup.indexes.redis_sweeping import take_away


class Restated(NamedTuple):
    """What an index will say of itself, and the generations of its buckets now and then."""

    stated: bytes
    before: int
    after: int


class Changes:
    """Documents that come and go. lock: renewed at each step, and whoever else has had it meanwhile is noticed then."""

    def __init__(self, records: Records, lock: Lock) -> None:
        self.restated: Restated | None = None
        self._records = records
        self._client = records.client
        self._lock = lock
        self._gone: list[Entry] = []
        self._come: list[Entry] = []
        self._loose: dict[str, int] = {}
        self._latest: tuple[Integers, NDArray[np.uint32]] | None = None

    def insert(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write the passages of documents. The same documents, with the numbers that their passages have."""
        count = len(numbers_of(entries))
        first = self._records.next_numbers(count) if count else 0
        if count:
            self._loose[str(first)] = count
            self._client.hset(self._records.key(LOOSE), str(first), count)
        placed = []
        for entry in entries:
            placed.append(Entry(entry.header, entry.passages, first))
            first += len(entry.passages)
        self._come += placed
        for entry in placed:
            self._lock.reacquire()
            rows = {str(n): passage_row(entry, one, n) for n, one in enumerate(entry.passages, entry.first)}
            if rows:
                self._client.hset(self._records.key("passages"), mapping=rows)
        return placed

    def enter(self, buckets: Buckets, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """Put passages into buckets."""
        numbers, texts = numbers_of(entries), texts_of(entries)
        for first in range(0, len(numbers), TOGETHER):
            self._lock.reacquire()
            some = slice(first, first + TOGETHER)
            self._latest = numbers[some], signatures[some]
            buckets.insert(numbers[some], signatures[some], texts[some])

    def delete(self, entries: Sequence[Entry]) -> None:
        """Documents that are there, to be removed."""
        self._gone += entries

    def commit(self) -> None:
        """Make all of it seen. Raises OutputError, WatchError or LockError if others have written."""
        self._lock.reacquire()
        documents = self._records.key("documents")
        come, gone = numbers_of(self._come), numbers_of(self._gone)
        with self._client.pipeline() as pipe:
            pipe.watch(self._lock.name)
            if not self._lock.owned():
                raise OutputError(self._records.location, "others wrote to it meanwhile", "run this again")
            pipe.multi()
            for entry in self._gone:
                pipe.hdel(documents, field_of(entry.header.identity))
            for entry in self._come:
                pipe.hset(documents, field_of(entry.header.identity), document_row(entry))
            if self._loose:
                pipe.hdel(self._records.key(LOOSE), *self._loose)
            if len(gone):
                pipe.hset(self._records.key(GONE), mapping=notes(gone))
            pipe.hincrby(self._records.key(TOTALS), DOCUMENTS, len(self._come) - len(self._gone))
            pipe.hincrby(self._records.key(TOTALS), PASSAGES, len(come) - len(gone))
            if self.restated is not None:
                pipe.set(self._records.key("scheme"), self.restated.stated)
                pipe.sadd(self._records.key(GENERATIONS), self.restated.before)
                pipe.srem(self._records.key(GENERATIONS), self.restated.after)
            pipe.execute()

    def discard(self, buckets: Buckets) -> None:
        """Take away what has not come to be seen, whoever's turn it is: the numbers are nobody else's.

        It may have been taken away already, but not what was being entered at the time, if that took longer than the lease.
        """
        if self._is_seen():
            return
        if self.restated is not None:
            self._client.sadd(self._records.key(GENERATIONS), self.restated.after)
        if self._loose:
            self._client.hset(self._records.key(LOOSE), mapping=self._loose)  # in case that this is cut short, too
            if self._latest is not None:
                buckets.remember(*self._latest)
            numbers = numbers_of(self._come)
            texts = zip(numbers.tolist(), texts_of(self._come).tolist(), strict=True)
            take_away(self._records, buckets, numbers, dict(texts))
            self._client.hdel(self._records.key(LOOSE), *self._loose)

    def _is_seen(self) -> bool:
        """Whether it has been committed all the same, though the server did not come to say so."""
        rows = self._records.values("documents", [field_of(entry.header.identity) for entry in self._come])
        recorded = any(row == document_row(entry) for row, entry in zip(rows, self._come, strict=True))
        stated = self.restated is not None and self._client.get(self._records.key("scheme")) == self.restated.stated
        return recorded or stated


def numbers_of(entries: Sequence[Entry]) -> Integers:
    """Of all their passages, one document after the other."""
    ranges = (np.arange(entry.first, entry.first + len(entry.passages)) for entry in entries)
    return np.concatenate([np.zeros(0, dtype=np.int64), *ranges])


def texts_of(entries: Sequence[Entry]) -> NDArray[np.uint64]:
    """The keys of the texts of all their passages."""
    return np.array([passage.key for entry in entries for passage in entry.passages], dtype=np.uint64)
