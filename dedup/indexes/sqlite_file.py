"""The file of an index: what it says of itself, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
import zlib
from typing import Any, Final
from urllib.parse import quote

from dedup.errors import InputError
from dedup.indexes import buckets
from dedup.indexes.buckets import DamageError
from dedup.indexes.scheme import Scheme
from dedup.indexes.sqlite_errors import PATIENCE

APPLICATION: Final = 0x64656475  # "dedu", by which `file` may know it
FORMAT_VERSION: Final = 2
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
    address = f"file:{quote(os.path.abspath(location))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


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
