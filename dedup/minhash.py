"""Weighted MinHash signatures, bit-identical to `datasketch.MinHash(scheme="affine32")`.

A term of weight w stands for w elements: its UTF-8 spelling followed by the byte 0, 1 … w − 1, hashed by CRC-32. The share of
positions in which two signatures agree then estimates the weighted Jaccard similarity Σ min / Σ max.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged

PERMUTATIONS: Final = 384
SEED: Final = 1
EMPTY: Final = np.uint32(0xFFFFFFFF)  # the signature of a row without elements, as in datasketch


def permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Multipliers and addends of the maps h → a·h + b mod 2³²: those datasketch draws for this seed and number."""
    generator = np.random.RandomState(SEED)
    multiplier = generator.randint(0, 1 << 31, PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multiplier, generator.randint(0, 1 << 32, PERMUTATIONS, dtype=np.uint32)


def sign(terms: Ragged[np.int32], hashes: NDArray[np.uint32], weights: Integers, first: int, last: int) -> NDArray[np.uint32]:
    """Positions `first` to `last` of every row's signature: uint32[n, last - first].

    terms: term numbers of each row; hashes and weights: of each term. A term of weight 0 is left out.
    """
    weighty = weights[terms.values] > 0
    kept = Ragged.from_rows(terms.rows[weighty], terms.values[weighty], len(terms))
    signatures = np.full((len(terms), last - first), EMPTY, dtype=np.uint32)
    filled = np.flatnonzero(kept.lengths)  # reduceat gives an empty row its neighbour's value
    if len(filled):
        table = _term_minima(hashes, weights, first, last)
        signatures[filled] = np.minimum.reduceat(table[kept.values], kept.offsets[filled], axis=0)
    return signatures


def _term_minima(hashes: NDArray[np.uint32], weights: Integers, first: int, last: int) -> NDArray[np.uint32]:
    """uint32[v, last - first]: the least value of each term's copies under each permutation."""
    multiplier, addend = permutations()
    minima = np.full((len(hashes), last - first), EMPTY, dtype=np.uint32)
    for copy in range(int(weights.max(initial=0))):
        weighty = np.flatnonzero(weights > copy)
        element = _mixed(_with_byte(hashes[weighty], copy))[:, None]
        minima[weighty] = np.minimum(minima[weighty], element * multiplier[first:last] + addend[first:last])
    return minima


def _with_byte(crc: NDArray[np.uint32], byte: int) -> NDArray[np.uint32]:
    """CRC-32 of what `crc` is the CRC-32 of, with one more byte."""
    state = ~crc
    longer: NDArray[np.uint32] = ~(_CRC_OF_BYTE[(state ^ np.uint32(byte)) & np.uint32(0xFF)] ^ (state >> np.uint32(8)))
    return longer


def _crc_of_byte() -> NDArray[np.uint32]:
    table: NDArray[np.uint32] = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & np.uint32(1), (table >> np.uint32(1)) ^ np.uint32(0xEDB88320), table >> np.uint32(1))
    return table


_CRC_OF_BYTE: Final = _crc_of_byte()


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finalizer of MurmurHash3 (Appleby), which datasketch applies before permuting."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    mixed: NDArray[np.uint32] = values ^ (values >> np.uint32(16))
    return mixed
