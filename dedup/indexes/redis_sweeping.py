"""What nobody sees any more, or never saw, is taken away from Redis: numbers of removed documents and of writers cut short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice

import numpy as np

from dedup.columns import Integers
from dedup.indexes.redis_buckets import Buckets
from dedup.indexes.redis_records import GENERATIONS, GONE, LOOSE, TOGETHER, Records


def sweep(records: Records, buckets: Buckets, step: Callable[[], object]) -> None:
    """Take away what is noted. step: called before each step, as long as nobody else may write.

    Buckets first: who finds a number twice that no document has knows that it will not go by itself.
    """
    for generation in records.client.smembers(records.key(GENERATIONS)):
        _drop(records, int(generation), step)
    fields = {kind: records.client.hkeys(records.key(kind)) for kind in (LOOSE, GONE)}
    numbers = records.noted(LOOSE, GONE)
    for first in range(0, len(numbers), TOGETHER):
        step()
        some = numbers[first : first + TOGETHER]
        passages = records.passages(some.tolist())
        if records.living_of(passages):
            raise ValueError("a paragraph is noted as gone, and a document has it")
        take_away(records, buckets, some, {number: one.key for number, (_, one) in passages.items()})
    for kind, names in fields.items():
        if names:
            records.client.hdel(records.key(kind), *names)


def take_away(records: Records, buckets: Buckets, numbers: Integers, texts: Mapping[int, int]) -> None:
    """Take away passages, whatever is there of them. texts: keys of their texts, as far as these are known."""
    for first in range(0, len(numbers), TOGETHER):
        some = numbers[first : first + TOGETHER].tolist()
        buckets.delete(some, texts)
        records.client.hdel(records.key("passages"), *map(str, some))


def compact(records: Records, buckets: Buckets, generation: int, step: Callable[[], object]) -> None:
    """Take away what is not even noted. generation: of the buckets in force; step: as of `sweep`."""
    base = records.key("")
    for key in records.client.scan_iter(match=f"{base}[0-9]*_*", count=TOGETHER):
        other = int(key.decode("ascii", "replace").removeprefix(base).partition("_")[0])
        if other != generation:
            _drop(records, other, step)
    stray = strays(records, buckets, step)
    if len(stray):
        buckets.delete_everywhere(stray.tolist(), step)
        take_away(records, buckets, stray, {})


def strays(records: Records, buckets: Buckets, step: Callable[[], object]) -> Integers:
    """Numbers in buckets and of rows that no document has, though nobody is at work on them.

    A writer that was stopped for so long that others took its turn, and ended before it noticed, leaves some. What others have
    taken away while this looked is not met by a second look.
    """
    first = _unowned(records, buckets, step)
    return np.intersect1d(first, _unowned(records, buckets, step)) if len(first) else first


def _unowned(records: Records, buckets: Buckets, step: Callable[[], object]) -> Integers:
    noted = records.noted(LOOSE, GONE)
    rows = np.array([int(number) for number in records.client.hkeys(records.key("passages"))], dtype=np.int64)
    met = np.union1d(rows, buckets.numbers(step))
    noted = np.union1d(noted, records.noted(LOOSE, GONE))  # before and after, as others may write
    return np.setdiff1d(met, np.union1d(noted, records.owned()))


def _drop(records: Records, generation: int, step: Callable[[], object]) -> None:
    """Take away all buckets of a scheme that is not in force."""
    keys = records.client.scan_iter(match=f"{records.key(str(generation))}_*", count=TOGETHER)
    while some := list(islice(keys, TOGETHER)):
        step()
        records.client.unlink(*some)
    records.client.srem(records.key(GENERATIONS), generation)
