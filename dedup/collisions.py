"""Keys → pairs of positions that have the same key, whole columns at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged, at, each_once, spans

BUCKET_CAP: Final = 64
PAIRS_OF_A_HUB: Final = 2  # a member of a larger bucket: with the first one and the next one
MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits all over

Keys = NDArray[np.uint64]


def collisions(keys: Keys) -> tuple[Integers, Integers, int]:
    """Positions of two equal keys, the smaller one first, each pair once; and how many buckets were too large.

    A bucket holds the positions of one key. It gives every pair of up to BUCKET_CAP members; of a larger one each member meets
    the first and the next one only.
    """
    position, mark = _by_mark(keys)
    large = _runs(mark, BUCKET_CAP + 1)
    left, right = map(np.concatenate, zip(_all_pairs(mark, large), _hub_pairs(large), strict=True))
    left, right = at(position, left), at(position, right)
    equal = at(keys, left) == at(keys, right)  # their marks are, which are shorter
    return left[equal], right[equal], len(large)


def count_buckets(keys: Keys) -> int:
    """How many buckets hold two positions or more."""
    _, mark = _by_mark(keys)
    return len(_runs(mark, 2))


def _by_mark(keys: Keys) -> tuple[Integers, Keys]:
    """Positions of the keys that occur twice or more, and a mark for each: ascending by mark, then by position."""
    bits = np.uint64(len(keys).bit_length())
    lower = (np.uint64(1) << bits) - np.uint64(1)
    codes = keys * MULTIPLIER
    codes &= ~lower
    codes |= np.arange(len(keys), dtype=np.uint64)  # one column that sorts by both
    codes.sort()
    twice = np.zeros(len(keys) + 1, dtype=bool)
    np.less_equal(codes[1:] ^ codes[:-1], lower, out=twice[1:-1])
    twice[:-1] |= twice[1:]
    codes = codes.compress(twice[:-1])
    return (codes & lower).view(np.int64), codes >> bits


def _runs(marks: Keys, least: int) -> Ragged[np.int64]:
    """Buckets of so many or more, as places of equal ones among the marks, which ascend."""
    found = each_once(marks[: 1 - least].compress(marks[least - 1 :] == marks[: 1 - least]))
    first = np.searchsorted(marks, found)
    lengths = np.searchsorted(marks, found, side="right") - first
    return Ragged.from_lengths(spans(first, lengths), lengths)


def _all_pairs(marks: Keys, large: Ragged[np.int64]) -> tuple[Integers, Integers]:
    """Places of two equal marks, of all buckets but the large ones: first those next to each other."""
    follows = marks[1:] == marks[:-1]
    follows[large.values[:-1]] = False
    places = np.flatnonzero(follows)
    left = [places]
    while len(places):
        apart = len(left) + 1
        places = places[: np.searchsorted(places, len(marks) - apart)]
        places = places.compress(at(marks, places + apart) == at(marks, places))
        left.append(places)
    steps = np.repeat(np.arange(1, len(left) + 1), [len(places) for places in left])
    return np.concatenate(left), np.concatenate(left) + steps


def _hub_pairs(buckets: Ragged[np.int64]) -> tuple[Integers, Integers]:
    """Each member with the first of its bucket and with the next."""
    first = np.repeat(buckets.values[buckets.offsets[:-1]], buckets.lengths)
    star = np.ones(len(buckets.values), dtype=bool)
    star[buckets.offsets[:-1]] = False
    chain = np.flatnonzero(star)
    return np.concatenate([first[star], buckets.values[chain - 1]]), np.concatenate(
        [buckets.values[star], buckets.values[chain]]
    )
