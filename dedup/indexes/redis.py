"""In Redis, for several who publish: documents and passages in hashes, buckets in the storage of datasketch.

Passages are written first, then their buckets, and last, all at once, the documents they are of and the scheme: what has not
come that far is noted as loose, is never seen, and is taken away by the next one that writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.errors import OutputError
from dedup.indexes.entries import Entry, Header, Passage
from dedup.indexes.redis_buckets import TOGETHER, Buckets, column
from dedup.indexes.redis_rows import document, document_row, field_of, passage, passage_row, scheme_of, statement, there
from dedup.indexes.redis_server import PATIENCE, Server, connect, damaged, errors, refuse_forgetting
from dedup.indexes.scheme import Scheme

LEASE: Final = 60.0  # seconds for which a writer keeps others off; renewed at every step

_NONE: Final = np.zeros(0, dtype=np.int64)


@dataclass
class _Changes:
    """What a transaction will have done. loose: where ranges of new numbers begin."""

    gone: list[Entry] = field(default_factory=list)
    come: list[Entry] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)
    scheme: Scheme | None = None


class RedisStore:
    """See Store. Of a bucket the last passages are recalled, and it may hold any number."""

    def __init__(self, server: Server) -> None:
        self.location = server.location
        self._server = server
        self._client = server.client
        self._lock = self._client.lock(self._key("lock"), timeout=LEASE, blocking_timeout=PATIENCE, thread_local=False)
        self._stated = self._client.get(self._key("scheme"))
        self.scheme, self._generation = scheme_of(server.location, self._stated)
        self._buckets = self._buckets_of(self.scheme)
        self._changes = _Changes()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See Store. Others that write wait, for PATIENCE at most."""
        with errors(self.location):
            if not self._lock.acquire():
                raise OutputError(self.location, f"others have been writing to it for {PATIENCE:.0f} s", "try again later")
            self._changes = _Changes()
            before = self.scheme, self._generation, self._buckets, self._stated
            try:
                self._refuse_another_scheme()
                self._sweep()
                yield
                self._commit()
            except BaseException:
                self.scheme, self._generation, self._buckets, self._stated = before
                raise
            finally:
                with suppress(Exception):  # the next one that writes does it
                    self._lock.reacquire()
                    self._sweep()
                with suppress(Exception):  # it ends by itself
                    self._lock.release()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See Store. What is taken away meanwhile is told as such, or as changed by others."""
        yield

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """See Store."""
        with errors(self.location):
            rows = self._values("documents", [field_of(identity) for identity in identities])
            return list(self._entries([row for row in rows if row is not None]))

    def insert(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with errors(self.location):
            count = sum(len(entry.passages) for entry in entries)
            first = int(self._client.incrby(self._key("next"), count)) - count
            if count:
                self._changes.loose.append(first)
                self._client.hset(self._key("loose"), str(first), count)
            placed = []
            for entry in entries:
                placed.append(Entry(entry.header, entry.passages, first))
                first += len(entry.passages)
            for entry in placed:
                self._lock.reacquire()
                rows = {str(n): passage_row(entry, one) for n, one in enumerate(entry.passages, entry.first)}
                if rows:
                    self._client.hset(self._key("passages"), mapping=rows)
            self._changes.come += placed
            self.enter(placed, signatures)

    def enter(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with errors(self.location):
            numbers = np.concatenate([_NONE, *(_numbers(entry) for entry in entries)])
            texts = np.array([passage.key for entry in entries for passage in entry.passages], dtype=np.uint64)
            for first in range(0, len(numbers), TOGETHER):
                self._lock.reacquire()
                some = slice(first, first + TOGETHER)
                self._buckets.insert(numbers[some], signatures[some], texts[some])

    def delete(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store. Of what they were in, the server knows."""
        self._changes.gone += entries

    def replan(self, scheme: Scheme) -> None:
        """See Store."""
        with errors(self.location):
            self._generation = int(self._client.incr(self._key("generations")))
            self._client.sadd(self._key("stale"), self._generation)
            self.scheme = self._changes.scheme = scheme
            self._buckets = self._buckets_of(scheme)

    def buckets(self, signatures: NDArray[np.uint32], keys: NDArray[np.uint64], most: int) -> tuple[Ragged[np.int64], Integers]:
        """See Store."""
        with errors(self.location):
            met = list(self._buckets.find(signatures, keys))
            loose = [np.arange(first, first + count) for first, count in self._loose().items()]
            self._refuse_another_scheme()  # of which the buckets may be gone
            return column(met, np.concatenate([_NONE, *loose]), len(keys), most)

    def fetch(self, numbers: Integers) -> list[tuple[Header, Passage]]:
        """See Store."""
        with errors(self.location):
            passages = list(self._passages(numbers.tolist()))
            owners = list(dict.fromkeys(identity for identity, _ in passages))
            rows = self._values("documents", [field_of(identity) for identity in owners])
            headers = {identity: document(there(row))[0] for identity, row in zip(owners, rows, strict=True)}
            return [(headers[identity], passage) for identity, passage in passages]

    def sizes(self) -> tuple[int, int]:
        """See Store."""
        with errors(self.location):
            return int(self._client.hlen(self._key("documents"))), int(self._client.get(self._key("count")) or 0)

    def room(self) -> int | None:
        """See Store: the server knows it of single keys only."""
        return None

    def __iter__(self) -> Iterator[Entry]:
        with errors(self.location):
            names = sorted(self._client.hkeys(self._key("documents")))
            for first in range(0, len(names), TOGETHER):
                yield from self._entries([there(row) for row in self._values("documents", names[first : first + TOGETHER])])

    def verify(self) -> None:
        """See Store."""
        with errors(self.location):
            documents = passages = 0
            for entry in self:
                documents, passages = documents + 1, passages + len(entry.passages)
            loose, kept = sum(self._loose().values()), int(self._client.hlen(self._key("passages")))
            if (documents, passages) != self.sizes() or not passages <= kept <= passages + loose:
                raise damaged(self.location, "there are other paragraphs than its documents have")

    def compact(self) -> None:
        """See Store: each transaction takes away what others left."""
        with self.transaction():
            pass

    def close(self) -> None:
        """See Store."""
        self._server.pool.disconnect()

    def _commit(self) -> None:
        """Make seen, all at once, what a transaction did. Raises WatchError or LockError if others have written."""
        changes = self._changes
        self._lock.reacquire()
        with self._client.pipeline() as pipe:
            pipe.watch(self._lock.name)
            if not self._lock.owned():
                raise OutputError(self.location, "others wrote to it meanwhile", "run this again")
            pipe.multi()
            for entry in changes.gone:
                pipe.hdel(self._key("documents"), field_of(entry.header.identity))
                if entry.passages:
                    pipe.hset(self._key("loose"), str(entry.first), len(entry.passages))
            for entry in changes.come:
                pipe.hset(self._key("documents"), field_of(entry.header.identity), document_row(entry))
            for first in changes.loose:
                pipe.hdel(self._key("loose"), str(first))
            gained, lost = (sum(len(entry.passages) for entry in entries) for entries in (changes.come, changes.gone))
            pipe.incrby(self._key("count"), gained - lost)
            if changes.scheme is not None:
                _, before = scheme_of(self.location, self._stated)
                self._stated = statement(self.scheme, self._generation)
                pipe.set(self._key("scheme"), self._stated)
                pipe.sadd(self._key("stale"), before)
                pipe.srem(self._key("stale"), self._generation)
            pipe.execute()

    def _sweep(self) -> None:
        """Take away what no document has, and the buckets of other schemes."""
        for generation in self._client.smembers(self._key("stale")):
            for key in self._client.scan_iter(match=f"{self._server.name}:{int(generation)}_*", count=TOGETHER):
                self._client.unlink(key)
            self._client.srem(self._key("stale"), generation)
        for first, count in self._loose().items():
            for begin in range(first, first + count, TOGETHER):
                self._lock.reacquire()
                numbers = np.arange(begin, min(begin + TOGETHER, first + count))
                fields = [str(number) for number in numbers.tolist()]
                rows = zip(numbers.tolist(), self._values("passages", fields), strict=True)
                self._buckets.delete(numbers, [(number, passage(row)[1].key) for number, row in rows if row is not None])
                self._client.hdel(self._key("passages"), *fields)
            self._client.hdel(self._key("loose"), str(first))

    def _refuse_another_scheme(self) -> None:
        if self._client.get(self._key("scheme")) != self._stated:
            raise OutputError(self.location, "it was rebuilt meanwhile, or is gone", "run this again")

    def _buckets_of(self, scheme: Scheme) -> Buckets:
        return Buckets(self._server.pool, f"{self._server.name}:{self._generation}", scheme)

    def _key(self, name: str) -> str:
        return f"{self._server.name}:{name}"

    def _loose(self) -> dict[int, int]:
        return {int(first): int(count) for first, count in self._client.hgetall(self._key("loose")).items()}

    def _values(self, name: str, fields: Sequence[str | bytes]) -> list[bytes | None]:
        return list(self._client.hmget(self._key(name), fields)) if fields else []

    def _passages(self, numbers: Sequence[int]) -> Iterator[tuple[str, Passage]]:
        for first in range(0, len(numbers), TOGETHER):
            for row in self._values("passages", [str(number) for number in numbers[first : first + TOGETHER]]):
                yield passage(there(row))

    def _entries(self, rows: Sequence[bytes]) -> Iterator[Entry]:
        for header, first, count in map(document, rows):
            passages = list(self._passages(range(first, first + count)))
            yield Entry(header, [passage for _, passage in passages], first)


def exists(location: str) -> bool:
    """Whether there is something under this name. Raises InputError if the server does not say."""
    server = connect(location)
    try:
        with errors(server.location):
            return bool(server.client.exists(f"{server.name}:scheme"))
    finally:
        server.pool.disconnect()


def create(location: str, scheme: Scheme) -> RedisStore:
    """Make an empty one; if somebody else has just done so, open that one."""
    server = connect(location)
    try:
        with errors(server.location):
            server.client.set(f"{server.name}:scheme", statement(scheme, 0), nx=True)
    finally:
        server.pool.disconnect()
    return open(location, writable=True)


def open(location: str, *, writable: bool) -> RedisStore:  # noqa: A001 - as the table of stores has it
    """Open what is there, and look at what it says of itself. Raises InputError."""
    server = connect(location)
    try:
        with errors(server.location):
            refuse_forgetting(server)
            return RedisStore(server)
    except BaseException:
        server.pool.disconnect()
        raise


def _numbers(entry: Entry) -> Integers:
    return np.arange(entry.first, entry.first + len(entry.passages))
