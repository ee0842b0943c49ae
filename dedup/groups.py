"""Repeats → groups: paragraphs connected by repeats."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Integers, Ragged, spans

BRIDGED: Final = 16  # repeats of a paragraph whose ends are paired with each other


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


def connect(left: Integers, right: Integers, count: int) -> Integers:
    """int64[count]: the smallest row that each row is connected to by the pairs (left[i], right[i]), its own if by none."""
    label = np.arange(count)
    while True:
        smaller = np.minimum(label[left], label[right])
        lowered = label.copy()
        np.minimum.at(lowered, label[left], smaller)
        np.minimum.at(lowered, label[right], smaller)
        lowered = lowered[lowered]
        if (lowered == label).all():
            return label
        label = lowered


def bridges(pairs: Candidates, score: NDArray[np.float64], keys: NDArray[np.uint64], decision: float) -> Candidates:
    """Pairs not among `pairs` whose two ends both repeat a third paragraph: where A–B and B–C are repeats, A–C may be one too.

    Of each paragraph only the best BRIDGED repeats are used; keys: of every row, they decide between equal scores.
    """
    repeat = np.flatnonzero(score >= decision)
    left, right = pairs.left[repeat], pairs.right[repeat]
    middle, end = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((keys[end], -np.tile(score[repeat], 2), middle))
    ends = Ragged.from_rows(middle[order], end[order], len(keys))
    kept = np.minimum(ends.lengths, BRIDGED)
    best = Ragged.from_lengths(ends.values[spans(ends.offsets[:-1], kept)], kept)
    followers = best.offsets[1:][best.rows] - np.arange(len(best.values)) - 1
    one = np.repeat(best.values, followers)
    other = best.values[spans(np.arange(1, len(best.values) + 1), followers)]
    code = np.unique(np.minimum(one, other) * len(keys) + np.maximum(one, other))
    new = np.setdiff1d(code, pairs.left * len(keys) + pairs.right, assume_unique=True)
    return Candidates(new // max(1, len(keys)), new % max(1, len(keys)))
