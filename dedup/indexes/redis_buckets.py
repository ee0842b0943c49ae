"""Buckets in Redis, in the storage of `datasketch.MinHashLSH`, and beside them those of equal texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from datasketch import MinHash, MinHashLSH
from datasketch.storage import OrderedStorage, UnorderedStorage, unordered_storage
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.indexes.redis_rows import NUMBERS
from dedup.indexes.redis_scripts import LACKING, TAKE_OUT, WALK
from dedup.indexes.redis_server import Server
from dedup.indexes.scheme import Scheme
from dedup.minhash import EMPTY, SEED

AT_ONCE: Final = 100  # passages that a script is run for: meanwhile the server does nothing else
WALKED: Final = 1_000  # buckets that it looks into


class Buckets:
    """Passages, by their numbers as decimals, which a set of Redis holds in a few bytes each; nothing is pickled.

    A bucket may hold any number of them. base: what all keys begin with.
    """

    def __init__(self, server: Server, base: str, scheme: Scheme) -> None:
        self._client = server.client
        storage = {"type": "redis", "basename": base.encode(), "redis": {"connection_pool": server.pool}}
        params = (scheme.plan.bands, scheme.plan.rows)
        self._lsh = MinHashLSH(num_perm=scheme.positions, params=params, storage_config=storage, prepickle=False)
        self._texts = unordered_storage(storage, name=f"{base}_texts".encode())
        self._width = 4 * scheme.plan.rows
        self._take_out, self._lacking, self._walk = map(server.client.register_script, (TAKE_OUT, LACKING, WALK))

    @property
    def _names(self) -> list[bytes]:
        """Of the table of texts and of those of the bands."""
        return [_name(table) for table in (self._texts, *self._lsh.hashtables)]

    def are_there(self) -> bool:
        """Whether there is a bucket of texts, and, if a passage is in one of a band, one of each band."""
        banded = self._client.exists(_name(self._lsh.keys))
        names = self._names if banded else self._names[:1]
        return bool(self._client.exists(*names) == len(names))

    def insert(self, numbers: Integers, signatures: NDArray[np.uint32], texts: NDArray[np.uint64]) -> None:
        """Put in passages, each with its signature and the key of its text."""
        for number, text in zip(numbers.tolist(), texts.tolist(), strict=True):
            self._texts.insert(_text(text), b"%d" % number, buffer=True)
        self._texts.empty_buffer()
        filled = np.flatnonzero((signatures != EMPTY).any(axis=1))
        with self._lsh.insertion_session() as session:
            for number, signature in zip(numbers[filled].tolist(), signatures[filled], strict=True):
                minhash = MinHash(seed=SEED, hashvalues=signature, scheme="affine32")
                session.insert(b"%d" % number, minhash, check_duplication=False)

    def remember(self, numbers: Integers, signatures: NDArray[np.uint32]) -> None:
        """Note which buckets passages are in, or may be, as `insert` does first: `delete` goes by that."""
        names = [b"%d" % number for number in numbers.tolist()]
        self._lsh.keys.remove(*names)
        for name, signature in zip(names, _bytes(signatures), strict=True):
            bands = (signature[at : at + self._width] for at in range(0, len(signature), self._width))
            self._lsh.keys.insert(name, *bands, buffer=True)
        self._lsh.keys.empty_buffer()

    def delete(self, numbers: Sequence[int], texts: Mapping[int, int]) -> None:
        """Take out passages, whatever is there of them. texts: keys of their texts, as far as these are known."""
        for first in range(0, len(numbers), AT_ONCE):
            some = numbers[first : first + AT_ONCE]
            given = [(b"%d" % number, _text(texts[number]) if number in texts else b"") for number in some]
            self._take_out(keys=[_name(self._lsh.keys), *self._names], args=[one for pair in given for one in pair])

    def find(self, signatures: NDArray[np.uint32], texts: NDArray[np.uint64]) -> Iterator[tuple[Integers, Integers]]:
        """Rows of some texts and numbers of passages, a pair for each bucket they share."""
        yield self._met(_name(self._texts), np.arange(len(texts)), [_text(text) for text in texts.tolist()])
        filled = np.flatnonzero((signatures != EMPTY).any(axis=1))
        for (begin, end), table in zip(self._lsh.hashranges, self._lsh.hashtables, strict=True):
            yield self._met(_name(table), filled, _bytes(signatures[filled, begin:end]))

    def _met(self, name: bytes, rows: Integers, keys: Sequence[bytes]) -> tuple[Integers, Integers]:
        pipe = self._client.pipeline(transaction=False)  # one of datasketch would be a transaction, which a full server refuses
        for key in keys:
            pipe.smembers(name + key)
        members = pipe.execute()
        numbers = np.array([int(number) for some in members for number in some], dtype=np.int64)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < NUMBERS:
            raise ValueError("a bucket holds what is no number of a paragraph")
        return np.repeat(rows, [len(some) for some in members]), numbers

    def lacking(self, numbers: Integers, signatures: NDArray[np.uint32], texts: NDArray[np.uint64]) -> list[int]:
        """Those that are not in all the buckets that `insert` puts them in."""
        empty = (signatures == EMPTY).all(axis=1)
        bands = [b"" if nothing else one for nothing, one in zip(empty.tolist(), _bytes(signatures), strict=True)]
        rows = list(zip(numbers.tolist(), map(_text, texts.tolist()), bands, strict=True))
        some = (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE))
        asked = ([self._width, *(one for row in few for one in row)] for few in some)
        return [int(number) for args in asked for number in self._lacking(keys=self._names, args=args)]

    def numbers(self, step: Callable[[], object]) -> Integers:
        """All that are in a bucket, ascending. step: called before each step of this walk."""
        return self._walked([], step)

    def delete_everywhere(self, numbers: Sequence[int], step: Callable[[], object]) -> None:
        """Take out passages of which nothing is known, by a look into every bucket."""
        self.delete(numbers, {})
        self._walked(numbers, step)

    def _walked(self, gone: Sequence[int], step: Callable[[], object]) -> Integers:
        met: set[int] = set()
        for name in self._names:
            place = b"0"
            while True:
                step()
                place, numbers = self._walk(keys=[name], args=[place, WALKED, *gone])
                met.update(map(int, numbers.split()))
                if place == b"0":
                    break
        return np.array(sorted(met), dtype=np.int64)


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


def _name(table: OrderedStorage | UnorderedStorage) -> bytes:
    """What all its keys begin with."""
    name: bytes = table.redis_key(b"")
    return name


def _bytes(signatures: NDArray[np.uint32]) -> list[bytes]:
    """As keys of datasketch have them."""
    return [signature.tobytes() for signature in signatures.astype(">u4")]


def _text(key: int) -> bytes:
    return key.to_bytes(8, "big")
