"""The file of an index: what it says of itself, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
import zlib
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from dedup.errors import InputError, OutputError
from dedup.indexes import buckets
from dedup.indexes.buckets import DamageError
from dedup.indexes.scheme import Scheme
from dedup.indexes.sqlite_errors import PATIENCE

State = tuple[int, int, int]  # which file, bytes, when it was changed in nanoseconds

APPLICATION: Final = 0x64656475  # "dedu", by which `file` may know it
FORMAT_VERSION: Final = 3
SCHEMA: Final = (
    "CREATE TABLE scheme (number INTEGER PRIMARY KEY, text TEXT, sum INTEGER)",
    "CREATE TABLE document (number INTEGER PRIMARY KEY, identity TEXT UNIQUE, id TEXT, file TEXT, date TEXT, line INTEGER, "
    "added REAL, digest BLOB, first INTEGER, count INTEGER, sum INTEGER)",
    "CREATE TABLE passage (number INTEGER PRIMARY KEY, document INTEGER, position INTEGER, line INTEGER, key INTEGER, "
    "length INTEGER, content BLOB, sum INTEGER)",
    "CREATE TABLE total (number INTEGER PRIMARY KEY, documents INTEGER, passages INTEGER, sum INTEGER)",  # to count takes long
    buckets.TABLE,
)


def connect(location: str, mode: str) -> sqlite3.Connection:
    """Connect to the file. mode: ro, rw or rwc. What stands in it is run by nobody."""
    address = f"file:{quote(os.fsencode(os.path.abspath(location)))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = NORMAL", "schema_version"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def make(connection: sqlite3.Connection, scheme: Scheme) -> None:
    """Make an empty index of an empty file."""
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
    connection.execute("BEGIN")
    for statement in SCHEMA:
        connection.execute(statement)
    row = (0, scheme.encoded())
    connection.execute("INSERT INTO scheme VALUES (?, ?, ?)", (*row, row_sum(row)))
    empty = (0, 0, 0)
    connection.execute("INSERT INTO total VALUES (?, ?, ?, ?)", (*empty, row_sum(empty)))
    buckets.begin(connection)
    connection.execute("COMMIT")


class Opened(NamedTuple):
    """A connection. state: of a file that SQLite was told nobody changes, when it was opened."""

    connection: sqlite3.Connection
    state: State | None = None

    def refuse_changes(self, location: str) -> None:
        """Raise OutputError if somebody has changed it all the same: what was read may be of both states."""
        if self.state is not None and self.state != _state(location):
            raise OutputError(location, "others wrote to it meanwhile", "run this again")


def connect_to_read(location: str) -> Opened:
    """Connect to the file, also where nothing can be made beside it, which SQLite wants to if the last writer did not tidy up.

    Without a log there is nothing to be read but the file; so it may be read as one that nobody changes.
    """
    try:
        return Opened(connect(location, "ro"))
    except sqlite3.OperationalError:
        state = _state(location)
        if any(os.path.exists(location + log) for log in ("-wal", "-journal")) or not _wants_log(location):
            raise
        return Opened(connect(location, "ro&immutable=1"), state)


def _state(location: str) -> State:
    now = os.stat(location)
    return now.st_ino, now.st_size, now.st_mtime_ns


def _wants_log(location: str) -> bool:
    with open(location, "rb") as file:
        return file.read(20)[18:] == b"\2\2"  # the versions of the format for writing and reading


def read_scheme(location: str, connection: sqlite3.Connection) -> Scheme:
    """What the index was made by, if it is one."""
    [(application,)] = connection.execute("PRAGMA application_id")
    [(version,)] = connection.execute("PRAGMA user_version")
    if application != APPLICATION:
        raise InputError(location, "no index of dedup", "name one that dedup index add made")
    if version != FORMAT_VERSION:
        what = f"an index of format version {version}, and this dedup reads {FORMAT_VERSION}"
        raise InputError(location, what, "use the dedup that made it, or export it there and import it here")
    stated = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    if stated != set(SCHEMA):
        raise DamageError("its tables are not those of an index")
    [(number, text, total)] = connection.execute("SELECT * FROM scheme")
    if total != row_sum((number, text)):
        raise DamageError("its settings do not add up")
    return Scheme.decoded(text)


def row_sum(row: tuple[Any, ...]) -> int:
    """What a row says of itself: CRC-32 of its values."""
    return zlib.crc32(repr(row).encode("utf-8", "surrogatepass"))
