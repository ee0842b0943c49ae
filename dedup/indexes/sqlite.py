"""One file, by SQLite: documents, passages, and buckets; every row sums itself up, so that what is changed is noticed.

A file may come from a cache that others write to: nothing in it is run, and nothing is believed without a look.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.errors import InputError, OutputError
from dedup.indexes import Sign, buckets
from dedup.indexes.buckets import DamageError
from dedup.indexes.entries import Entry, Header, Passage, some_of
from dedup.indexes.scheme import Scheme
from dedup.indexes.sqlite_errors import damaged, errors
from dedup.indexes.sqlite_file import FORMAT_VERSION, Opened, connect, connect_to_read, make, read_scheme, row_sum
from dedup.indexes.tally import Tally

TOGETHER: Final = 500  # values in a statement: SQLite may be built for 999

_SIGN: Final = 1 << 63  # keys of texts are below 2⁶⁴, whole numbers of SQLite below half of that


class SQLiteStore:
    """See Store."""

    format_version = FORMAT_VERSION

    def __init__(self, location: str, opened: Opened, scheme: Scheme, *, writable: bool) -> None:
        self.location = location
        self.scheme = scheme
        self._opened = opened
        self._connection = opened.connection
        self._errors = partial(errors, location, writable=writable)

    def transaction(self) -> AbstractContextManager[None]:
        """See Store. Others that write wait, for PATIENCE at most."""
        return self._held("BEGIN IMMEDIATE")

    def snapshot(self) -> AbstractContextManager[None]:
        """See Store. The first one to write waits for it to end; readers and those who write already do not wait."""
        return self._held("BEGIN")

    @contextmanager
    def _held(self, begin: str) -> Iterator[None]:
        with self._errors():
            self._connection.execute(begin)
        try:
            with self._errors():
                self.scheme = self.scheme.followed_by(read_scheme(self.location, self._connection), self.location)
            yield  # what is raised there is not of the file
            with self._errors():
                self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have ended it already
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._opened.refuse_changes(self.location)

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """See Store."""
        with self._errors():
            found = {entry.header.identity: entry for entry in self._entries("identity", identities)}
        return [found[identity] for identity in identities if identity in found]

    def insert(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with self._errors():
            first = self._next("passage")
            placed = []
            for number, entry in enumerate(entries, self._next("document")):
                self._insert("document", (number, *entry.header, first, len(entry.passages)))
                for place, passage in enumerate(entry.passages, first):
                    self._insert("passage", (place, number, *passage[:2], passage.key - _SIGN, *passage[3:]))
                placed.append(Entry(entry.header, entry.passages, first))
                first += len(entry.passages)
            self._grow(len(entries), sum(len(entry.passages) for entry in entries))
            self.enter(placed, signatures)

    def enter(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with self._errors():
            buckets.insert(self._connection, *self._bucket_entries(entries, signatures))

    def replan(self, scheme: Scheme) -> None:
        """See Store."""
        with self._errors():
            self._connection.execute("DELETE FROM bucket")
            buckets.begin(self._connection)
            row = (0, scheme.encoded())
            self._connection.execute("REPLACE INTO scheme VALUES (?, ?, ?)", (*row, row_sum(row)))
            self.scheme = scheme

    def delete(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """See Store."""
        with self._errors():
            buckets.delete(self._connection, *self._bucket_entries(entries, signatures))
            identities = [(entry.header.identity,) for entry in entries]
            passages = [(entry.first, entry.first + len(entry.passages)) for entry in entries]
            self._connection.executemany("DELETE FROM passage WHERE number >= ? AND number < ?", passages)
            self._connection.executemany("DELETE FROM document WHERE identity = ?", identities)
            self._grow(-len(entries), -sum(len(entry.passages) for entry in entries))

    def buckets(self, signatures: NDArray[np.uint32], keys: NDArray[np.uint64], most: int) -> tuple[Ragged[np.int64], Integers]:
        """See Store."""
        with self._errors():
            wanted, rows = buckets.entry_keys(signatures, keys, self.scheme.plan)
            return buckets.find(self._connection, wanted, rows, len(keys), most)

    def fetch(self, numbers: Integers) -> list[tuple[Header, Passage]]:
        """See Store."""
        with self._errors():
            passages = dict(self._passages(numbers.tolist()))
            owners = sorted({owner for owner, _ in passages.values()})
            documents = {number: header for number, header, _, _ in self._documents("number", owners)}
        try:
            return [(documents[owner], passage) for owner, passage in map(passages.__getitem__, numbers.tolist())]
        except KeyError as error:
            raise damaged(self.location, "a paragraph is missing") from error

    def sizes(self) -> tuple[int, int]:
        """See Store."""
        with self._errors():
            for _, *counts in self._select("total", "number", [0]):
                if all(type(count) is int and count >= 0 for count in counts):
                    return counts[0], counts[1]
            raise DamageError("how much there is is missing")

    def room(self) -> int | None:
        """See Store: of its file."""
        return os.path.getsize(self.location)

    def __iter__(self) -> Iterator[Entry]:
        with self._errors():
            identities = [row[0] for row in self._connection.execute("SELECT identity FROM document ORDER BY identity")]
            for first in range(0, len(identities), TOGETHER):
                yield from self._entries("identity", identities[first : first + TOGETHER])

    def verify(self, sign: Sign) -> None:
        """See Store."""
        with self._errors():
            [(said, *_), *_] = self._connection.execute("PRAGMA integrity_check")
            if said != "ok":
                raise DamageError(said.partition("\n")[0])
            documents = passages = 0
            tally = Tally(buckets.look_at_all(self._connection))
            for entries in some_of(self):
                documents, passages = documents + len(entries), passages + sum(len(entry.passages) for entry in entries)
                keys, numbers = self._bucket_entries(entries, sign(entries))
                tally.expect(keys, numbers.astype(np.int64))
            if (documents, passages) != (self._count("document"), self._count("passage")):
                raise DamageError("there are paragraphs without a document")
            if (documents, passages) != self.sizes():
                raise DamageError("there is not as much as it says")
            if not tally.is_right():
                what = "a damaged index (a paragraph is not in all of its buckets, or in another one)"
                raise InputError(self.location, what, "dedup index rebuild it")

    def compact(self) -> None:
        """See Store."""
        with self._errors():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """See Store. The last one that has written to it leaves one file, which readers need nothing beside."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")  # unless others have it open
        self._connection.close()

    def _bucket_entries(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> tuple[Integers, NDArray[np.uint32]]:
        texts = np.array([passage.key for entry in entries for passage in entry.passages], dtype=np.uint64)
        numbers = [np.arange(entry.first, entry.first + len(entry.passages), dtype=np.uint32) for entry in entries]
        keys, rows = buckets.entry_keys(signatures, texts, self.scheme.plan)
        return keys, np.concatenate([np.zeros(0, np.uint32), *numbers])[rows]

    def _next(self, table: str) -> int:
        [(last,)] = self._connection.execute(f"SELECT max(number) FROM {table}")
        return 0 if last is None else int(last) + 1

    def _count(self, table: str) -> int:
        [(count,)] = self._connection.execute(f"SELECT count(*) FROM {table}")
        return int(count)

    def _insert(self, table: str, row: tuple[Any, ...]) -> None:
        marks = ", ".join("?" * (len(row) + 1))
        self._connection.execute(f"INSERT INTO {table} VALUES ({marks})", (*row, row_sum(row)))

    def _grow(self, documents: int, passages: int) -> None:
        before = self.sizes()
        row = (0, before[0] + documents, before[1] + passages)
        self._connection.execute("REPLACE INTO total VALUES (?, ?, ?, ?)", (*row, row_sum(row)))

    def _select(self, table: str, column: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Rows with one of these values, each of which adds up."""
        for first in range(0, len(values), TOGETHER):
            some = values[first : first + TOGETHER]
            marks = ", ".join("?" * len(some))
            query = f"SELECT * FROM {table} WHERE {column} IN ({marks}) ORDER BY {column}"
            for *row, total in self._connection.execute(query, some):
                if total != row_sum(tuple(row)):
                    raise DamageError(f"a {table} does not add up")
                yield tuple(row)

    def _documents(self, column: str, values: Sequence[Any]) -> Iterator[tuple[int, Header, int, int]]:
        for number, *head, first, count in self._select("document", column, values):
            yield number, Header.sound(*head), first, count

    def _passages(self, numbers: Sequence[int]) -> Iterator[tuple[int, tuple[int, Passage]]]:
        for number, owner, position, line, key, length, content in self._select("passage", "number", numbers):
            yield number, (owner, Passage.sound(position, line, key + _SIGN, length, content))

    def _entries(self, column: str, values: Sequence[Any]) -> Iterator[Entry]:
        for number, header, first, count in self._documents(column, values):
            span = (first, first + count)
            [(there,)] = self._connection.execute("SELECT count(*) FROM passage WHERE number >= ? AND number < ?", span)
            passages = dict(self._passages(range(*span))) if there == count else {}
            if len(passages) != count or any(owner != number for owner, _ in passages.values()):
                raise DamageError("a paragraph is missing")
            yield Entry(header, [passage for _, passage in passages.values()], first)


def exists(location: str) -> bool:
    """Whether something has this name."""
    return os.path.exists(location)


def create(location: str, scheme: Scheme) -> SQLiteStore:
    """Make an empty one; if somebody else has just done so, open that one."""
    with suppress(FileExistsError), new(location, scheme):
        pass
    return open(location, writable=True)


@contextmanager
def new(location: str, scheme: Scheme) -> Iterator[SQLiteStore]:
    """One that is filled, and then given its name. Raises FileExistsError if something has it."""
    if exists(location):
        raise FileExistsError(location)
    beside = f"{location}.{os.urandom(8).hex()}.tmp"
    try:
        with errors(location), closing(connect(beside, "rwc")) as connection:
            make(connection, scheme)
            store = SQLiteStore(location, Opened(connection), scheme, writable=True)
            with store.transaction():
                yield store
        _named(beside, location)
    finally:
        with suppress(OSError):
            os.unlink(beside)


def _named(beside: str, location: str) -> None:
    try:
        os.link(beside, location)
    except FileExistsError:
        raise
    except OSError as error:
        raise OutputError(location, f"cannot be made ({error.strerror})", "check the folder and its permissions") from error


def open(location: str, *, writable: bool) -> SQLiteStore:  # noqa: A001 - as the table of stores has it
    """Open what is there, and look at what it says of itself. Raises InputError."""
    if not os.path.isfile(location):
        raise _missing(location)
    with errors(location, writable=writable):
        opened = Opened(connect(location, "rw")) if writable else connect_to_read(location)
        connection = opened.connection
        try:
            read_scheme(location, connection)  # before anything is changed: it may be a file of another program
            if writable:
                connection.execute("PRAGMA journal_mode = WAL")  # in which readers and writers do not wait for each other
            return SQLiteStore(location, opened, read_scheme(location, connection), writable=writable)
        except BaseException:
            connection.close()
            raise


def _missing(location: str) -> InputError:
    if os.path.isdir(location):
        return InputError(location, "a folder, where an index is a file", "name the index first, then the documents")
    if os.path.islink(location):
        return InputError(location, "a link to nothing", "remove it, or let it lead to an index")
    return InputError(location, "there is no such index", "make it with dedup index add")


def shown(location: str) -> str:
    """What it is called in reports and errors."""
    return location
