"""Repeats → groups: paragraphs connected by repeats."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Integers, Ragged, connect, each_once, places_among, spans

BRIDGED: Final = 16  # repeats of a paragraph whose ends are paired with each other, at most
BUDGET: Final = 10  # pairs of such ends that a paragraph may add, on average …
LEAST_BUDGET: Final = 20_000  # … and that any collection may have


def number_groups(left: Integers, right: Integers, repeat: NDArray[np.bool_], count: int) -> Integers:
    """int64[p]: number of the connected group of each repeat, from 1 in the order of the pairs; 0 for a pair that is none.

    left, right: rows below `count`, best pair first.
    """
    label = connect(left[repeat], right[repeat], count)[left[repeat]]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(1, len(first) + 1)
    numbers = np.zeros(len(left), dtype=np.int64)
    numbers[repeat] = rank[inverse]
    return numbers


def bridges(left: Integers, right: Integers, score: NDArray[np.float64], count: int, decision: float) -> Candidates:
    """Pairs that are not given but whose two ends both repeat a third: where A–B and B–C are repeats, A–C may be one too.

    left, right: numbers below `count` that depend on the texts alone, as they decide between equal scores; of a pair that is
    given several times the best score counts. Of each number only the best BRIDGED repeats are used, and fewer where repeats
    are so many that the pairs would be more than the budget: there, paragraphs are connected enough.
    """
    low, high = np.minimum(left, right), np.maximum(left, right)
    known = low * count + high
    best_first = np.lexsort((-score, known))
    best = best_first[np.diff(known[best_first], prepend=-1) > 0]
    repeat = best[(score[best] >= decision) & (low[best] != high[best])]
    middle, end = np.concatenate([low[repeat], high[repeat]]), np.concatenate([high[repeat], low[repeat]])
    order = np.lexsort((end, -np.tile(score[repeat], 2), middle))
    ends = Ragged.from_rows(middle[order], end[order], count)
    used = np.minimum(ends.lengths, _affordable(ends.lengths))
    near = Ragged.from_lengths(ends.values[spans(ends.offsets[:-1], used)], used)
    followers = near.offsets[1:][near.rows] - np.arange(len(near.values)) - 1
    one, other = np.repeat(near.values, followers), near.values[spans(np.arange(1, len(near.values) + 1), followers)]
    bridged = each_once(np.minimum(one, other) * count + np.maximum(one, other))
    new = bridged[places_among(bridged, known[best]) < 0]
    return Candidates(new // max(1, count), new % max(1, count))


def _affordable(repeats: Integers) -> int:
    """How many repeats of each paragraph may be paired with each other within the budget. repeats: int64[n], of each."""
    for most in range(BRIDGED, 2, -1):
        used = np.minimum(repeats, most)
        if int((used * (used - 1) // 2).sum()) <= max(BUDGET * len(repeats), LEAST_BUDGET):
            return most
    return 2
