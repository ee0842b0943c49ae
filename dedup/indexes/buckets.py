"""Buckets in SQLite: entries (key, passage) in ascending blocks, each of which says where it ends and sums up what it holds.

A block holds all entries whose keys are from `first` to `last`, and the blocks follow each other without a gap. So what is
found for a key, and that nothing is found, is known to be right: a block that is lost, moved or changed is noticed when it is
read.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged, spans
from dedup.indexes import FULLEST
from dedup.lsh import MULTIPLIER, OTHER_MULTIPLIER, Plan, band_keys
from dedup.minhash import EMPTY

TABLE: Final = "CREATE TABLE bucket (first INTEGER PRIMARY KEY, last INTEGER, entries BLOB, sum INTEGER)"
LEAST: Final = -(1 << 63)
GREATEST: Final = (1 << 63) - 1
LARGEST_BLOCK: Final = 100  # entries, unless they are of one key; a block with more is cut …
USUAL_BLOCK: Final = 64  # … into blocks of so many
ENTRY: Final = 12  # bytes: a key of eight, the number of a passage of four
MORE: Final = (1 << 32) - 1  # the last passage of a bucket from which older ones have gone
TOGETHER: Final = 4_096  # blocks worked at at a time

Numbers = NDArray[np.uint32]


class DamageError(Exception):
    """What is stored is not what was written."""


@dataclass(frozen=True)
class _Blocks:
    """Some blocks, ascending: first and last key of each, and the entries of all, ascending by key and passage."""

    first: Integers
    last: Integers
    keys: Integers
    passages: Numbers

    @classmethod
    def of(cls, rows: list[tuple[int, int, bytes, int]]) -> _Blocks:
        for first, last, entries, total in rows:
            if not isinstance(entries, bytes) or len(entries) % ENTRY or total != _sum(first, last, entries):
                raise DamageError("a block of buckets does not add up")
        counts = [len(entries) // ENTRY for _, _, entries, _ in rows]
        pairs = zip(rows, counts, strict=True)
        keys, passages = zip(*((row[2][: 8 * count], row[2][8 * count :]) for row, count in pairs), strict=True)
        firsts, lasts = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
        return cls(firsts, lasts, np.frombuffer(b"".join(keys), "<i8"), np.frombuffer(b"".join(passages), "<u4"))

    def rows(self) -> Iterator[tuple[int, int, bytes, int]]:
        """As they are stored; blocks that have become too large are cut."""
        edges = np.append(np.searchsorted(self.keys, self.first), len(self.keys)).tolist()
        keys, passages = self.keys.astype("<i8").tobytes(), self.passages.astype("<u4").tobytes()
        for first, last, begin, end in zip(self.first.tolist(), self.last.tolist(), edges, edges[1:], strict=False):
            for low, high, start, stop in self._cut(first, last, begin, end):
                entries = keys[8 * start : 8 * stop] + passages[4 * start : 4 * stop]
                yield low, high, entries, _sum(low, high, entries)

    def _cut(self, first: int, last: int, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        if end - begin > LARGEST_BLOCK:
            own = self.keys[begin:end]
            firsts = np.unique(own[USUAL_BLOCK::USUAL_BLOCK])
            cuts = begin + np.searchsorted(own, firsts)
            for key, cut in zip(firsts[cuts > begin].tolist(), cuts[cuts > begin].tolist(), strict=True):
                yield first, key - 1, begin, cut
                first, begin = key, cut
        yield first, last, begin, end


def entry_keys(signatures: NDArray[np.uint32], texts: NDArray[np.uint64], plan: Plan) -> tuple[Integers, Integers]:
    """Keys of all entries of n texts, and which text each is of, ascending by key: one a band, and one of the text itself."""
    filled = np.flatnonzero((signatures != EMPTY).any(axis=1))
    bands = band_keys(signatures[filled], plan.rows)
    number = np.arange(1, len(bands) + 1, dtype=np.uint64)[:, None] * OTHER_MULTIPLIER
    keys = np.concatenate([texts * MULTIPLIER, ((bands ^ number) * MULTIPLIER).ravel()])
    rows = np.concatenate([np.arange(len(texts)), np.tile(filled, len(bands))])
    keys ^= keys >> np.uint64(29)
    signed = (keys * OTHER_MULTIPLIER).view(np.int64)
    order = np.argsort(signed, kind="stable")
    return signed[order], rows[order]


def begin(connection: sqlite3.Connection) -> None:
    """Put in the one block of an empty table."""
    connection.execute("INSERT INTO bucket VALUES (?, ?, ?, ?)", (LEAST, GREATEST, b"", _sum(LEAST, GREATEST, b"")))


def find(
    connection: sqlite3.Connection, keys: Integers, rows: Integers, count: int, most: int
) -> tuple[Ragged[np.int64], Integers]:
    """The passages in the buckets of ascending keys, as a column of `count` rows; and the row of each that holds or held more.

    rows: the row that each key is of. most: passages of a bucket, the last ones.
    """
    found_rows, found, capped = ([np.zeros(0, dtype=np.int64)] for _ in range(3))
    for blocks, some in _blocks(connection, keys):
        begins, ends = (np.searchsorted(blocks.keys, keys[some], side) for side in ("left", "right"))
        incomplete = (ends > begins) & (np.append(blocks.passages, 0)[ends - 1] == MORE)
        ends = ends - incomplete
        capped.append(rows[some][incomplete | (ends - begins > most)])
        begins = np.maximum(begins, ends - most)
        found.append(blocks.passages[spans(begins, ends - begins)].astype(np.int64))
        found_rows.append(np.repeat(rows[some], ends - begins))
    codes = np.unique(np.concatenate(found_rows) << 32 | np.concatenate(found))
    return Ragged.from_rows(codes >> 32, codes & 0xFFFF_FFFF, count), np.concatenate(capped)


def insert(connection: sqlite3.Connection, keys: Integers, passages: Numbers) -> None:
    """Put in entries by ascending keys. Of a bucket that is full the oldest goes, which it says of itself from then on."""
    for blocks, some in _blocks(connection, keys):
        merged, owners = np.concatenate([blocks.keys, keys[some]]), np.concatenate([blocks.passages, passages[some]])
        order = np.lexsort((owners, merged))
        merged, owners = merged[order], owners[order]
        left = np.searchsorted(merged, merged, "right") - np.arange(len(merged))  # so many of its bucket from here on
        kept = left <= FULLEST + np.isin(merged, merged[owners == MORE])
        if not kept.all():
            gone = np.setdiff1d(merged[~kept], merged[owners == MORE])
            merged = np.append(merged[kept], gone)
            owners = np.append(owners[kept], np.full(len(gone), MORE, dtype=owners.dtype))
            order = np.lexsort((owners, merged))
            merged, owners, kept = merged[order], owners[order], np.ones(len(order), dtype=bool)
        _write(connection, _Blocks(blocks.first, blocks.last, merged[kept], owners[kept]))


def delete(connection: sqlite3.Connection, keys: Integers, passages: Numbers) -> None:
    """Take out entries by ascending keys; they may have gone from a bucket that was full."""
    for blocks, some in _blocks(connection, keys):
        both = np.concatenate([blocks.keys, keys[some]]), np.concatenate([blocks.passages, passages[some]])
        order = np.lexsort((*both[::-1],))
        same = (np.diff(both[0][order]) == 0) & (np.diff(both[1][order].astype(np.int64)) == 0)
        kept = np.ones(len(blocks.keys) + len(keys[some]), dtype=bool)
        kept[len(blocks.keys) :] = False
        kept[order[:-1][same]] = kept[order[1:][same]] = False
        kept = kept[: len(blocks.keys)]
        _write(connection, _Blocks(blocks.first, blocks.last, blocks.keys[kept], blocks.passages[kept]))


def look_at_all(connection: sqlite3.Connection) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Yield all entries, some together: keys, passages, and the keys of the buckets that lost some. Raises DamageError."""
    expected = LEAST
    cursor = connection.execute("SELECT first, last, entries, sum FROM bucket ORDER BY first")
    while rows := cursor.fetchmany(TOGETHER):
        blocks = _Blocks.of(rows)
        if blocks.first[0] != expected or (blocks.first[1:] != blocks.last[:-1] + 1).any():
            raise DamageError("a block of buckets is missing")
        expected = int(blocks.last[-1]) + 1
        edges = np.searchsorted(blocks.keys, blocks.first)
        if (np.diff(blocks.keys) < 0).any() or (edges[1:] < np.searchsorted(blocks.keys, blocks.last[:-1], "right")).any():
            raise DamageError("a block of buckets is out of order")
        more = blocks.passages == MORE
        yield blocks.keys[~more], blocks.passages[~more].astype(np.int64), blocks.keys[more]
    if expected != GREATEST + 1:
        raise DamageError("a block of buckets is missing")


def _blocks(connection: sqlite3.Connection, keys: Integers) -> Iterator[tuple[_Blocks, slice]]:
    """Yield the blocks that hold ascending keys, some together, with the places of these keys."""
    gathered: list[tuple[int, int, bytes, int]] = []
    begin = end = 0
    while end < len(keys):
        key = int(keys[end])
        row = connection.execute(
            "SELECT first, last, entries, sum FROM bucket WHERE first <= ? ORDER BY first DESC LIMIT 1", (key,)
        ).fetchone()
        if row is None or not (isinstance(row[1], int) and row[0] <= key <= row[1]):
            raise DamageError("a block of buckets is missing")
        gathered.append(row)
        end += int(np.searchsorted(keys[end:], row[1], "right"))
        if len(gathered) == TOGETHER or end == len(keys):
            yield _Blocks.of(gathered), slice(begin, end)
            gathered, begin = [], end


def _write(connection: sqlite3.Connection, blocks: _Blocks) -> None:
    connection.executemany("REPLACE INTO bucket VALUES (?, ?, ?, ?)", blocks.rows())


def _sum(first: int, last: int, entries: bytes) -> int:
    return zlib.crc32(entries, zlib.crc32(struct.pack("<qq", first, last)))
