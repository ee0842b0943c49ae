"""Buckets in Redis, in the storage of `datasketch.MinHashLSH`, and beside them those of equal texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from datasketch import MinHash, MinHashLSH
from datasketch.storage import UnorderedStorage, unordered_storage
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.indexes.scheme import Scheme
from dedup.minhash import EMPTY, SEED

if TYPE_CHECKING:
    from redis import ConnectionPool

TOGETHER: Final = 500  # texts whose buckets are asked for at a time


class Buckets:
    """Passages, by their numbers as decimals, which a set of Redis holds in a few bytes each; nothing is pickled.

    A bucket may hold any number of them. base: what all keys begin with.
    """

    def __init__(self, pool: ConnectionPool, base: str, scheme: Scheme) -> None:
        storage = {"type": "redis", "basename": base.encode(), "redis": {"connection_pool": pool}}
        params = (scheme.plan.bands, scheme.plan.rows)
        self._lsh = MinHashLSH(num_perm=scheme.positions, params=params, storage_config=storage, prepickle=False)
        self._texts = unordered_storage(storage, name=f"{base}_texts".encode())

    def insert(self, numbers: Integers, signatures: NDArray[np.uint32], texts: NDArray[np.uint64]) -> None:
        """Put in passages, each with its signature and the key of its text. Again, it changes nothing."""
        for number, text in zip(numbers.tolist(), texts.tolist(), strict=True):
            self._texts.insert(_text(text), b"%d" % number, buffer=True)
        self._texts.empty_buffer()
        filled = np.flatnonzero((signatures != EMPTY).any(axis=1))
        with self._lsh.insertion_session() as session:
            for number, signature in zip(numbers[filled].tolist(), signatures[filled], strict=True):
                minhash = MinHash(seed=SEED, hashvalues=signature, scheme="affine32")
                session.insert(b"%d" % number, minhash, check_duplication=False)

    def delete(self, numbers: Integers, texts: Sequence[tuple[int, int]]) -> None:
        """Take out passages, whatever is there of them. texts: numbers with the keys of their texts."""
        names = [b"%d" % number for number in numbers.tolist()]
        entered = [(name, bands) for name, bands in zip(names, self._lsh.keys.getmany(*names), strict=True) if bands]
        for band, table in enumerate(self._lsh.hashtables):
            _take_out(table, [(bands[band], name) for name, bands in entered])
        _take_out(self._texts, [(_text(text), b"%d" % number) for number, text in texts])
        if entered:
            self._lsh.keys.remove(*(name for name, _ in entered))

    def find(self, signatures: NDArray[np.uint32], texts: NDArray[np.uint64]) -> Iterator[tuple[Integers, Integers]]:
        """For some texts at a time: rows of texts and numbers of passages, a pair for each bucket they share."""
        for first in range(0, len(texts), TOGETHER):
            rows = np.arange(first, min(first + TOGETHER, len(texts)))
            yield _met(self._texts, rows, [_text(text) for text in texts[rows].tolist()])
            filled = rows[(signatures[rows] != EMPTY).any(axis=1)]
            for (begin, end), table in zip(self._lsh.hashranges, self._lsh.hashtables, strict=True):
                yield _met(table, filled, [band.tobytes() for band in signatures[filled, begin:end].astype(">u4")])


def column(
    met: Sequence[tuple[Integers, Integers]], hidden: Integers, count: int, most: int
) -> tuple[Ragged[np.int64], Integers]:
    """What `find` found, as a column of `count` rows: the last of each bucket; and for each bucket of which not all, a row.

    hidden: numbers of passages that are left out. most: of a bucket.
    """
    codes, capped = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for rows, numbers in met:
        seen = ~np.isin(numbers, hidden)
        rows, numbers = rows[seen], numbers[seen]
        order = np.lexsort((numbers, rows))
        rows, numbers = rows[order], numbers[order]
        late = np.searchsorted(rows, rows, "right") - np.arange(len(rows)) <= most
        capped.append(np.unique(rows[~late]))
        codes.append(rows[late] << 32 | numbers[late])
    distinct = np.unique(np.concatenate(codes))
    return Ragged.from_rows(distinct >> 32, distinct & 0xFFFF_FFFF, count), np.concatenate(capped)


def _met(table: UnorderedStorage, rows: Integers, keys: Sequence[bytes]) -> tuple[Integers, Integers]:
    members = table.getmany(*keys) if len(keys) else []
    numbers = np.array([int(number) for some in members for number in some], dtype=np.int64)
    return np.repeat(rows, [len(some) for some in members]), numbers


def _take_out(table: UnorderedStorage, entries: Sequence[tuple[bytes, bytes]]) -> None:
    for key, name in entries:
        table.remove_val(key, name, buffer=True)
    table.empty_buffer()
    keys = sorted({key for key, _ in entries})
    empty = [key for key, members in zip(keys, table.getmany(*keys) if keys else [], strict=True) if not members]
    if empty:
        table.remove(*empty)


def _text(key: int) -> bytes:
    return key.to_bytes(8, "big")
