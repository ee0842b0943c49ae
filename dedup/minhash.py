"""Weighted MinHash signatures, bit-identical to `datasketch.MinHash(scheme="affine32")`.

A term of weight w stands for w elements: its UTF-8 spelling followed by the byte 0, 1 … w − 1, hashed by CRC-32. The share of
positions in which two signatures agree then estimates the weighted Jaccard similarity Σ min / Σ max.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers, Ragged, Rows, Signatures, at, running_totals

PERMUTATIONS: Final = 384
SEED: Final = 1  # what datasketch was given to draw them
TABLE: Final = Path(__file__).with_name("permutations.bin")
ROWS: Final = 1024  # of a table, or pieces, that are worked at together
CHUNK: Final = 1 << 14  # rows read at a time
PAIRS: Final = 1 << 11  # pairs of rows compared at a time
PIECE: Final = 256  # terms; a longer row is the minimum of several pieces
EMPTY: Final = np.uint32(0xFFFFFFFF)  # the signature of a row without elements, as in datasketch

Width = type[np.unsignedinteger[Any]]


@functools.cache
def permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Multipliers and addends of the maps h → a·h + b mod 2³²: those datasketch draws for this seed and number.

    The file has uint32, little-endian: all multipliers, then all addends.
    """
    # They are stored: to draw them again means to import numpy.random, which takes as long as it does to sign an article.
    multiplier, addend = np.fromfile(TABLE, dtype="<u4").astype(np.uint32, copy=False).reshape(2, PERMUTATIONS)
    return multiplier, addend


class _Block(NamedTuple):
    """Pieces that are worked at together, the longest first.

    rows: which they are. steps: the first term of each, then the second of all that have two, and so on.
    """

    rows: Integers
    steps: list[NDArray[np.int32]]


class Signer:
    """Signs n rows of a column, some positions at a time: of about 64, the table and the rows at work stay in the cache.

    terms: term numbers of each row; hashes and weights: of each term. A term of weight 0 has no part in a signature.
    rows: those to be signed, in this order.
    """

    def __init__(self, terms: Ragged[np.int32], hashes: NDArray[np.uint32], weights: Integers, rows: Integers) -> None:
        weighty = weights > 0
        chunks = (terms.take(rows[first : first + CHUNK]) for first in range(0, len(rows), CHUNK))
        parts = [chunk.where(at(weighty, chunk.values)) for chunk in chunks]
        present = np.zeros(len(weights), dtype=bool)
        for part in parts:
            present[part.values] = True
        used = np.flatnonzero(present)
        used = used[np.argsort(-weights[used], kind="stable")]
        number = np.zeros(len(weights), dtype=np.int32)
        number[used] = np.arange(len(used), dtype=np.int32)
        self._hashes, self._weights = hashes[used], weights[used]
        self._width: Width = np.uint32
        lengths = np.concatenate([np.zeros(0, dtype=np.int64), *(part.lengths for part in parts)])
        self._filled, self._count = np.flatnonzero(lengths), len(rows)
        self._first_piece = running_totals(_pieces_of(lengths))
        self._blocks: list[_Block] = []
        pieces = 0
        for part in parts:
            cut = _pieces(Ragged(at(number, part.values), part.offsets))
            self._blocks += _blocks(cut, pieces)
            pieces += len(cut)

    @property
    def empty(self) -> Flags:
        """bool[n]: whether no term of a row has a weight."""
        empty = np.ones(self._count, dtype=bool)
        empty[self._filled] = False
        return empty

    def filled(self) -> tuple[Integers, Signer]:
        """Which rows have a term with a weight, ascending, and a signer of these alone."""
        signer = copy.copy(self)
        signer._first_piece = np.append(self._first_piece[self._filled], self._first_piece[-1])
        signer._count = len(self._filled)
        signer._filled = np.arange(signer._count)
        return self._filled, signer

    def narrowed(self) -> Signer:
        """A signer of the upper 16 bits of every position: half the memory to go through, and few positions agree by chance.

        Of a row with e elements a position is about 2¹⁶ / e, so two agree that do not in 32 bits once in 2¹⁷ / e.
        """
        signer = copy.copy(self)
        signer._width = np.uint16
        return signer

    def __call__(self, first: int, last: int) -> Signatures:
        """Positions `first` to `last` of every row's signature: [n, last - first] of the width."""
        minima = _piece_minima(self._blocks, _term_minima(self._hashes, self._weights, first, last, self._width))
        if len(minima) == len(self._filled) == self._count:
            return minima
        signatures = np.full((self._count, last - first), np.iinfo(self._width).max, dtype=self._width)
        signatures[self._filled] = minima[self._first_piece[self._filled]]
        for row in np.flatnonzero(np.diff(self._first_piece) > 1).tolist():
            signatures[row] = minima[self._first_piece[row] : self._first_piece[row + 1]].min(axis=0)
        return signatures


def continued(head: Signatures, sign: Callable[[int, int], Signatures]) -> Callable[[int, int], Signatures]:
    """What signs like `sign`, but has the first positions already. head: [n, positions]."""

    def signed(first: int, last: int) -> Signatures:
        return head[:, first:last] if last <= head.shape[1] else sign(first, last)

    return signed


def agreements(signatures: Signatures, left: Rows, right: Rows, positions: int) -> NDArray[np.uint8]:
    """uint8[p]: in how many of the first positions, at most 255, the signatures of the rows left[i] and right[i] agree."""
    counts = np.empty(len(left), dtype=np.uint8)
    for first in range(0, len(left), PAIRS):
        chunk = slice(first, first + PAIRS)
        # Whole rows are taken: of a slice of the columns numpy would first copy all.
        same = signatures.take(left[chunk], axis=0, mode="clip") == signatures.take(right[chunk], axis=0, mode="clip")
        same[:, :positions].view(np.uint8).sum(axis=1, dtype=np.uint8, out=counts[chunk])  # twice as fast as to count
    return counts


def _pieces_of(lengths: Integers) -> Integers:
    """How many pieces rows of these lengths are cut into."""
    return -(-lengths // PIECE)


def _pieces(terms: Ragged[np.int32]) -> Ragged[np.int32]:
    """Rows cut into pieces of at most PIECE terms, none empty."""
    counts = _pieces_of(terms.lengths)
    offsets = running_totals(counts)
    starts = np.repeat(terms.offsets[:-1] - offsets[:-1] * PIECE, counts) + np.arange(offsets[-1]) * PIECE
    return Ragged(terms.values, np.append(starts, len(terms.values)))


def _blocks(pieces: Ragged[np.int32], first: int) -> list[_Block]:
    """first: number of the first of these pieces."""
    order = np.argsort(-pieces.lengths, kind="stable")
    blocks = []
    for begin in range(0, len(pieces), ROWS):
        rows = order[begin : begin + ROWS]
        starts, lengths = pieces.offsets[rows], pieces.lengths[rows]
        longer = (int(np.count_nonzero(lengths > step)) for step in range(int(lengths[0])))
        steps = [pieces.values[starts[:count] + step] for step, count in enumerate(longer)]
        blocks.append(_Block(first + rows, steps))
    return blocks


def _piece_minima(blocks: list[_Block], table: Signatures) -> Signatures:
    """[pieces, positions]: the least of the table's rows over each piece.

    Pieces of about one length grow together by one term at a step, so that all they meet stays in the cache;
    `minimum.reduceat` over the rows of a matrix is six times slower.
    """
    minima = np.empty((sum(len(block.rows) for block in blocks), table.shape[1]), dtype=table.dtype)
    least, other = (np.empty((ROWS, table.shape[1]), dtype=table.dtype) for _ in range(2))
    for rows, steps in blocks:
        table.take(steps[0], axis=0, out=least[: len(rows)], mode="clip")
        for terms in steps[1:]:
            longer = slice(len(terms))
            table.take(terms, axis=0, out=other[longer], mode="clip")
            np.minimum(least[longer], other[longer], out=least[longer])
        minima[rows] = least[: len(rows)]
    return minima


def _term_minima(hashes: NDArray[np.uint32], weights: Integers, first: int, last: int, width: Width) -> Signatures:
    """[v, last - first]: the least value of each term's copies under each permutation. The weights descend."""
    multiplier, addend = (column[first:last] for column in permutations())
    minima = np.empty((len(hashes), last - first), dtype=width)
    least, values = (np.empty((ROWS, last - first), dtype=np.uint32) for _ in range(2))
    for begin in range(0, len(hashes), ROWS):
        block = slice(begin, begin + ROWS)
        least.fill(EMPTY)
        for number in range(int(weights[begin])):
            heavy = int(np.count_nonzero(weights[block] > number))
            element = _mixed(_with_byte(hashes[begin : begin + heavy], number))
            np.multiply(element[:, None], multiplier, out=values[:heavy])
            np.add(values[:heavy], addend, out=values[:heavy])
            np.minimum(least[:heavy], values[:heavy], out=least[:heavy])
        # The least of the upper bits is the upper bits of the least.
        minima[block] = least[: len(minima[block])] >> (32 - np.iinfo(width).bits)
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
