"""In Redis, for several who publish: documents and passages in hashes, buckets in the storage of datasketch.

Passages are written first, then their buckets, and last, all at once, the documents they are of and the scheme: what has not
come that far is noted as loose, is never seen, and is taken away by the next one that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.errors import InputError, OutputError
from dedup.indexes import RebuiltError, Sign
from dedup.indexes.entries import Entry, Header, Passage, some_of
from dedup.indexes.redis_buckets import Buckets, column
from dedup.indexes.redis_changes import Changes, Restated, numbers_of, texts_of
from dedup.indexes.redis_records import GENERATIONS, GONE, LOOSE, TOGETHER, TOTALS, TURNS, Records, busy
from dedup.indexes.redis_rows import FORMAT_VERSION, scheme_of, statement, there
from dedup.indexes.redis_server import PATIENCE, Server, connect, connected, damaged, errors, refuse_forgetting
from dedup.indexes.redis_sweeping import compact, strays, sweep
from dedup.indexes.scheme import Scheme

LEASE: Final = 60.0  # seconds for which a writer keeps others off; renewed at every step
LACKING: Final = "a damaged index (a paragraph is not in all of its buckets)"
STRAY: Final = "there are paragraphs that no document has, which a check passes over"

_NONE: Final = np.zeros(0, dtype=np.int64)


class _Sketches(NamedTuple):
    """How passages are found. stated: what the index says of itself, if it is there; generation: that of the buckets."""

    stated: bytes | None
    scheme: Scheme
    generation: int
    buckets: Buckets


class RedisStore:
    """See Store. Of a bucket the last passages are recalled, and it may hold any number."""

    format_version = FORMAT_VERSION

    def __init__(self, server: Server, new: Scheme | None = None) -> None:
        """new: the scheme of one that is not there, which its first transaction makes."""
        self.location = server.location
        self._server = server
        self._client = server.client
        self._records = Records(server)
        self._lock = self._client.lock(self._key("lock"), timeout=LEASE, blocking_timeout=PATIENCE, thread_local=False)
        self._use(self._sketched(new) if new else self._stated(self._client.get(self._key("scheme"))))
        self._changes = Changes(self._records, self._lock)
        self._found: dict[int, tuple[Header, Passage]] | None = None  # in a snapshot
        self._strays = _NONE  # numbers in buckets that no document has

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See Store. Others that write wait, for PATIENCE at most."""
        with errors(self.location):
            if not self._lock.acquire():
                raise OutputError(self.location, f"others have been writing to it for {PATIENCE:.0f} s", "try again later")
        try:
            with errors(self.location):
                self._follow()
                self._sweep()
                self._records.sizes()  # which raises ValueError if they are not right
            self._changes, before = Changes(self._records, self._lock), self._sketches
            try:
                if before.stated is None:
                    self.replan(self.scheme)
                yield  # what is raised there is not of the server
                with errors(self.location):
                    self._changes.commit()
            except BaseException:
                with suppress(Exception):  # the next one that writes does it
                    self._changes.discard(self._sketches.buckets)
                self._use(before)
                raise
            finally:
                with suppress(Exception):
                    self._sweep()
        finally:
            with suppress(Exception):  # it ends by itself
                self._lock.release()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See Store. What is found in buckets stays as it is until the end; what else others change meanwhile is told."""
        with errors(self.location):
            self._follow()
        self._found = {}
        try:
            yield
        finally:
            self._found = None

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """See Store."""
        with errors(self.location):
            return self._records.find(identities)

    def insert(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with errors(self.location):
            self.enter(self._changes.insert(entries), signatures)

    def enter(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with errors(self.location):
            self._changes.enter(self._sketches.buckets, entries, signatures)

    def delete(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store. Of what they were in, the server knows."""
        self._changes.delete(entries)

    def replan(self, scheme: Scheme) -> None:
        """See Store."""
        with errors(self.location):
            generation = int(self._client.incr(self._key("generations")))
            if generation <= self._sketches.generation:
                raise ValueError("a generation of buckets is there already")
            self._client.sadd(self._key(GENERATIONS), generation)
            self._changes.restated = Restated(statement(scheme, generation), self._sketches.generation, generation)
            self._use(self._stated(self._changes.restated.stated))

    def buckets(self, signatures: NDArray[np.uint32], keys: NDArray[np.uint64], most: int) -> tuple[Ragged[np.int64], Integers]:
        """See Store."""
        with errors(self.location):
            values, lengths, capped = [_NONE], [_NONE], [_NONE]
            for first in range(0, len(keys), TOGETHER):
                found, more = self._met(signatures[first : first + TOGETHER], keys[first : first + TOGETHER], most)
                values.append(found.values)
                lengths.append(found.lengths)
                capped.append(first + more)
            empty = not self._records.sizes()[1]  # before and after, as others may write
            there = empty or self._sketches.buckets.are_there() or not self._records.sizes()[1]
            if self._client.get(self._key("scheme")) != self._sketches.stated:  # and the buckets may be gone
                raise RebuiltError(self.location, "it was rebuilt meanwhile, or is gone", "run this again")
            if not there:
                raise ValueError("its buckets are missing")
            return Ragged.from_lengths(np.concatenate(values), np.concatenate(lengths)), np.concatenate(capped)

    def fetch(self, numbers: Integers) -> list[tuple[Header, Passage]]:
        """See Store."""
        with errors(self.location):
            known = self._found or {}
            read = self._records.living([number for number in numbers.tolist() if number not in known])
            return [there(known.get(number, read.get(number))) for number in numbers.tolist()]

    def sizes(self) -> tuple[int, int]:
        """See Store."""
        with errors(self.location):
            return self._records.sizes()

    def room(self) -> int | None:
        """See Store: the server knows it of single keys only."""
        return None

    def __iter__(self) -> Iterator[Entry]:
        with errors(self.location):
            yield from self._records

    def verify(self, sign: Sign) -> None:
        """See Store. What looks damaged is looked at again while nobody writes: others may have just done so."""
        try:
            self._look_at_all(sign, lambda: None)
        except InputError:
            with self.transaction():
                self._look_at_all(sign, self._lock.reacquire)

    def compact(self) -> None:
        """See Store. Each transaction takes away what is noted; this looks for what is not."""
        with self.transaction():
            compact(self._records, self._sketches.buckets, self._sketches.generation, self._lock.reacquire)

    def close(self) -> None:
        """See Store."""
        self._server.pool.disconnect()

    def _look_at_all(self, sign: Sign, step: Callable[[], object]) -> None:
        """See `verify`. step: called before each step."""
        with errors(self.location):
            for entries in some_of(self._records):
                step()
                numbers, signatures = numbers_of(entries), sign(entries)
                lacking = self._sketches.buckets.lacking(numbers, signatures, texts_of(entries))
                if lacking and self._records.living(lacking):  # else others have removed them meanwhile
                    raise InputError(self.location, LACKING, "dedup index rebuild it")
            noted, owned = self._records.noted(LOOSE, GONE), self._records.owned()
            if len(owned) != self.sizes()[1] or len(np.intersect1d(noted, owned)):
                raise damaged(self.location, "there are other paragraphs than its documents have")
            if len(strays(self._records, self._sketches.buckets, step)):
                raise InputError(self.location, STRAY, "dedup index compact it")

    def _met(self, signatures: NDArray[np.uint32], keys: NDArray[np.uint64], most: int) -> tuple[Ragged[np.int64], Integers]:
        """What of all buckets is of documents. Of one that is replaced meanwhile, the earlier or the later version is found.

        What was gone before is left out, as the later version is in all of its buckets; if something goes after that, all is
        asked again. What is loose after is nobody's yet, so the earlier version is there.
        """
        lost = untrue = _NONE
        for _ in range(TURNS):
            gone = self._records.noted(GONE)
            met = list(self._sketches.buckets.find(signatures, keys))
            noted = np.union1d(gone, self._records.noted(LOOSE))
            found, capped = column(met, np.union1d(noted, self._strays), len(keys), most)
            numbers = np.unique(found.values)
            hidden = np.intersect1d(noted, np.concatenate([_NONE, *(some for _, some in met)]))
            living = self._records.living(np.union1d(numbers, hidden).tolist())
            lost_before, lost = lost, np.setdiff1d(numbers, list(living))
            untrue_before, untrue = untrue, np.intersect1d(hidden, list(living))  # or recorded since
            if len(lost) == len(untrue) == 0:
                if self._found is not None:
                    self._found.update(living)
                return found, capped
            if np.isin(untrue, untrue_before).any():
                raise ValueError("a paragraph is noted as gone, and a document has it")
            self._pass_over(np.intersect1d(lost_before, lost))
        raise busy(self.location)

    def _pass_over(self, numbers: Integers) -> None:
        """Leave out what was found twice and is of no document: who is at work takes it out of buckets before all else."""
        if len(numbers) and np.isin(numbers, self._records.owned()).any():
            raise ValueError("a paragraph is missing")
        self._strays = np.union1d(self._strays, numbers)

    def _follow(self) -> None:
        """Go on by the scheme that is in force: others may have rebuilt the index."""
        stated = self._client.get(self._key("scheme"))
        if (stated is None) != (self._sketches.stated is None):
            raise OutputError(self.location, "it is gone, or was made meanwhile", "run this again")
        if stated != self._sketches.stated:
            sketches = self._stated(stated)
            self.scheme.followed_by(sketches.scheme, self.location)
            self._use(sketches)

    def _stated(self, stated: bytes | None) -> _Sketches:
        return self._sketched(*scheme_of(self.location, stated), stated)

    def _sketched(self, scheme: Scheme, generation: int = -1, stated: bytes | None = None) -> _Sketches:
        return _Sketches(stated, scheme, generation, Buckets(self._server, self._key(str(generation)), scheme))

    def _use(self, sketches: _Sketches) -> None:
        self._sketches, self.scheme = sketches, sketches.scheme

    def _sweep(self) -> None:
        self._lock.reacquire()
        sweep(self._records, self._sketches.buckets, self._lock.reacquire)
        if self._sketches.stated is None:
            self._client.unlink(self._key(TOTALS), self._key("generations"))

    def _key(self, name: str) -> str:
        return self._records.key(name)


def exists(location: str) -> bool:
    """Whether there is something under this name. Raises InputError if the server does not say."""
    with connected(location) as server:
        return bool(server.client.exists(f"{server.name}:scheme"))


def create(location: str, scheme: Scheme) -> RedisStore:
    """Make an empty one; if somebody else has just done so, open that one."""
    with connected(location) as server:
        server.client.set(f"{server.name}:scheme", statement(scheme, 0), nx=True)
    return open(location, writable=True)


@contextmanager
def new(location: str, scheme: Scheme) -> Iterator[RedisStore]:
    """One that is filled, and seen when all is there. Raises FileExistsError if there is one."""
    if exists(location):
        raise FileExistsError(location)
    with connected(location) as server:
        refuse_forgetting(server)
        store = RedisStore(server, scheme)
        with store.transaction():
            yield store


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


def shown(location: str) -> str:
    """The address without user and password."""
    return connect(location).location
