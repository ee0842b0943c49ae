"""Every pair of texts whose sets of word 3-shingles have at least a given Jaccard similarity: the truth of `peers.py`.

Nothing is estimated and nothing is hashed: a shingle is a whole number made of the places of its three words in the list of
words. Two sets of similarity t share a shingle among the rarest of each, so only those are looked up (a prefix filter).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

WORD: Final = re.compile(r"\w+")
BITS: Final = 21  # of a word's place in the list of words: three of them fit in 64 bits

Integers = NDArray[np.int64]


def exact_pairs(texts: Sequence[str], threshold: float) -> list[tuple[int, int]]:
    """Pairs of rows (a < b), ascending. threshold: least Jaccard similarity, above 0. Texts of two words or fewer have none."""
    owner, shingle = _distinct_shingles(texts)
    candidates = _candidates(owner, _by_rarity(shingle), threshold)
    rows = np.searchsorted(owner, np.arange(len(texts) + 1)).tolist()
    sets: dict[int, set[int]] = {}

    def shingles_of(row: int) -> set[int]:
        if row not in sets:
            sets[row] = set(shingle[rows[row] : rows[row + 1]].tolist())
        return sets[row]

    return [(a, b) for a, b in candidates if jaccard(shingles_of(a), shingles_of(b)) >= threshold]


def jaccard(a: set[int], b: set[int]) -> float:
    """Similarity, 0 to 1, of two sets of which one at least holds something."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def _distinct_shingles(texts: Sequence[str]) -> tuple[Integers, Integers]:
    """The text each shingle belongs to, ascending, and the shingle: every one once a text."""
    places: dict[str, int] = {}
    found = [np.zeros((2, 0), dtype=np.int64)]
    for row, text in enumerate(texts):
        words = np.array([places.setdefault(word, len(places)) for word in WORD.findall(text.lower())], dtype=np.int64)
        shingles = _distinct((words[:-2] << 2 * BITS) | (words[1:-1] << BITS) | words[2:])
        found.append(np.stack([np.full(len(shingles), row), shingles]))
    if len(places) > 1 << BITS:
        raise ValueError(f"{len(places)} different words: the exact join holds {1 << BITS}")
    owner, shingle = np.concatenate(found, axis=1)
    return owner, shingle


def _by_rarity(shingle: Integers) -> Integers:
    """For each entry the rank of its shingle: one rank a shingle, the rarest first; below 0 if no other text has it."""
    order = np.argsort(shingle)
    begins = np.flatnonzero(np.append(True, np.diff(shingle[order]) != 0)[: len(shingle)])
    counts = np.diff(np.append(begins, len(shingle)))
    ranks = np.empty(len(counts), dtype=np.int64)
    ranks[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    ranks[counts == 1] = -1
    by_entry = np.empty(len(shingle), dtype=np.int64)
    by_entry[order] = np.repeat(ranks, counts)
    return by_entry


def _candidates(owner: Integers, rank: Integers, threshold: float) -> Iterator[tuple[int, int]]:
    """Pairs of texts, ascending, that share one of the rarest shingles of both."""
    order = np.lexsort((rank, owner))
    owner, rank = owner[order], rank[order]
    sizes = np.bincount(owner, minlength=1)
    place = np.arange(len(owner)) - (np.cumsum(sizes) - sizes)[owner]
    # A set of n that is t-similar to another shares ceil(t n) of its shingles with it, so one of any n - ceil(t n) + 1 of them.
    # The small amount keeps a product such as 0.07 * 100 from being rounded up to the next whole number.
    looked_up = sizes - np.ceil(threshold * sizes - 1e-9).astype(np.int64) + 1
    kept = (place < looked_up[owner]) & (rank >= 0)
    owner, rank = owner[kept], rank[kept]
    order = np.lexsort((owner, rank))
    codes = _pairs_within(owner[order], rank[order])
    for code in codes.tolist():
        yield code >> 32, code & 0xFFFFFFFF


def _pairs_within(owner: Integers, rank: Integers) -> Integers:
    """Distinct pairs of owners (ascending) of one rank, each as a << 32 | b. Both columns are ordered by rank, then owner."""
    codes = [np.zeros(0, dtype=np.int64)]
    first = np.arange(len(rank))
    distance = 0
    # At each distance only the entries are left whose shingle reaches that far.
    while len(first):
        distance += 1
        first = first[first + distance < len(rank)]
        first = first[rank[first] == rank[first + distance]]
        codes.append(owner[first] << 32 | owner[first + distance])
    return _distinct(np.concatenate(codes))


def _distinct(values: Integers) -> Integers:
    """Distinct values, ascending; np.unique is many times slower on whole numbers in some versions of numpy."""
    values = np.sort(values)
    distinct: Integers = values[np.append(True, np.diff(values) != 0)[: len(values)]]
    return distinct
