"""What nobody sees any more, or never saw, is taken away from Redis: numbers of removed documents and of writers cut short."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from dedup.columns import Integers
from dedup.indexes.redis_buckets import Buckets
from dedup.indexes.redis_records import GENERATIONS, GONE, LOOSE, TOGETHER, Records
from dedup.indexes.redis_rows import passage


def sweep(records: Records, buckets: Buckets, step: Callable[[], object]) -> None:
    """Take away what is noted. step: called before each step, as long as nobody else may write.

    Buckets first: who finds a number twice that no document has knows that it will not go by itself.
    """
    for generation in records.client.smembers(records.key(GENERATIONS)):
        step()
        drop(records, int(generation))
    fields = {kind: records.client.hkeys(records.key(kind)) for kind in (LOOSE, GONE)}
    numbers = np.union1d(records.noted(LOOSE), records.noted(GONE))
    for first in range(0, len(numbers), TOGETHER):
        step()
        some = numbers[first : first + TOGETHER]
        rows = zip(some.tolist(), records.values("passages", [str(number) for number in some.tolist()]), strict=True)
        take_away(records, buckets, some, {number: passage(row)[1].key for number, row in rows if row is not None})
    for kind, names in fields.items():
        if names:
            records.client.hdel(records.key(kind), *names)


def take_away(records: Records, buckets: Buckets, numbers: Integers, texts: Mapping[int, int]) -> None:
    """Take away passages, whatever is there of them. texts: keys of their texts, as far as these are known."""
    for first in range(0, len(numbers), TOGETHER):
        some = numbers[first : first + TOGETHER].tolist()
        buckets.delete(some, texts)
        records.client.hdel(records.key("passages"), *map(str, some))


def drop(records: Records, generation: int) -> None:
    """Take away all buckets of a scheme that is not in force."""
    for key in records.client.scan_iter(match=f"{records.key(str(generation))}_*", count=TOGETHER):
        records.client.unlink(key)
    records.client.srem(records.key(GENERATIONS), generation)


def compact(records: Records, buckets: Buckets, generation: int, step: Callable[[], object]) -> None:
    """Take away what is not even noted. generation: of the buckets in force; step: as of `sweep`."""
    base = records.key("")
    for key in records.client.scan_iter(match=f"{base}[0-9]*_*", count=TOGETHER):
        other = int(key.decode("ascii", "replace").removeprefix(base).partition("_")[0])
        if other != generation:
            step()
            drop(records, other)
    stray = strays(records, buckets)
    if len(stray):
        step()
        buckets.delete_everywhere(stray.tolist())
        take_away(records, buckets, stray, {})


def strays(records: Records, buckets: Buckets) -> Integers:
    """Numbers in buckets and of rows that no document has, though nobody is at work on them.

    A writer that was stopped for so long that others took its turn, and ended before it noticed, leaves some.
    """
    noted = [records.noted(kind) for kind in (LOOSE, GONE)]
    rows = np.array([int(number) for number in records.client.hkeys(records.key("passages"))], dtype=np.int64)
    met = np.union1d(rows, buckets.numbers())
    noted += [records.noted(kind) for kind in (LOOSE, GONE)]  # before and after, as others may write
    return np.setdiff1d(met, np.concatenate([*noted, records.owned()]))
