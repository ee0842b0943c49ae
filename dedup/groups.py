"""Repeats → groups: paragraphs connected by repeats."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Integers, Ragged, Rows, connect, each_once, looked_up, spans

BRIDGED: Final = 16  # repeats of a paragraph whose ends are paired with each other, at most
BUDGET: Final = 10  # pairs of such ends that a paragraph may add, on average …
LEAST_BUDGET: Final = 20_000  # … and that any collection may have


def number_groups(left: Rows, right: Rows, repeat: NDArray[np.bool_], count: int) -> NDArray[np.int32]:
    """int32[p]: number of the connected group of each repeat, from 1 in the order of the pairs; 0 for a pair that is none.

    left, right: rows below `count`, best pair first.
    """
    numbers = np.zeros(len(left), dtype=np.int32)
    places = np.flatnonzero(repeat)
    label = connect(left[places], right[places], count).astype(np.int32)
    numbers[places] = looked_up(label, left[places])
    first = np.full(count, len(left))  # pair of each group, which is its best
    np.minimum.at(first, numbers[places], places)
    named = np.flatnonzero(first < len(left))
    rank = np.zeros(count, dtype=np.int32)
    rank[named[np.argsort(first[named])]] = np.arange(1, len(named) + 1)
    numbers[places] = looked_up(rank, numbers[places])
    return numbers


def bridges(left: Rows, right: Rows, score: NDArray[Any], count: int, decision: float) -> Candidates:
    """Pairs that are not given but whose two ends both repeat a third: where A–B and B–C are repeats, A–C may be one too.

    left, right: numbers below `count` that depend on the texts alone, as they decide between equal scores; of a pair that is
    given several times the best score counts. Of each number only the best BRIDGED repeats are used, and fewer where repeats
    are so many that the pairs would be more than the budget: there, paragraphs are connected enough.
    """
    known = np.minimum(left, right).astype(np.int64) * count + np.maximum(left, right)
    repeats = np.flatnonzero((score >= decision) & (left != right))
    best, worth = _best_first_of_each(known[repeats], score[repeats])
    low, high = (best // max(1, count)).astype(np.int32), (best % max(1, count)).astype(np.int32)
    middle, end = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.lexsort((end, -np.tile(worth, 2), middle))
    ends = Ragged.from_rows(middle[order], end[order], count)
    used = np.minimum(ends.lengths, _affordable(ends.lengths))
    near = Ragged.from_lengths(ends.values[spans(ends.offsets[:-1], used)], used)
    followers = near.offsets[1:][near.rows] - np.arange(len(near.values)) - 1
    one, other = np.repeat(near.values, followers), near.values[spans(np.arange(1, len(near.values) + 1), followers)]
    bridged = each_once(np.minimum(one, other).astype(np.int64) * count + np.maximum(one, other))
    known.sort()  # both ascend now, so that what is looked up next is near
    new = bridged[np.append(known, -1)[np.searchsorted(known, bridged)] != bridged]
    return Candidates.of(new // max(1, count), new % max(1, count))


def _best_first_of_each(codes: Integers, score: NDArray[Any]) -> tuple[Integers, NDArray[Any]]:
    """Each code once, ascending, and the best of its scores."""
    order = np.lexsort((-score, *_digits(codes)))
    codes = codes[order]
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    return codes[first], score[order[first]]


def _affordable(repeats: Integers) -> int:
    """How many repeats of each paragraph may be paired with each other within the budget. repeats: int64[n], of each."""
    for most in range(BRIDGED, 2, -1):
        used = np.minimum(repeats, most)
        if int((used * (used - 1) // 2).sum()) <= max(BUDGET * len(repeats), LEAST_BUDGET):
            return most
    return 2


def _digits(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Sort keys for `lexsort`: whole numbers from 0 in digits of 16 bits, which are sorted by radix; others as they are."""
    if not np.issubdtype(values.dtype, np.integer):
        return [values]
    bits = int(values.max(initial=0)).bit_length()
    return [(values >> shift).astype(np.uint16) for shift in range(0, max(1, bits), 16)]
