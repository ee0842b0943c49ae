"""Distinct words → numbers: a hash table kept as two columns, asked for whole batches of words."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers

FIRST_BITS: Final = 14
FREE: Final = -1

Keys = NDArray[np.uint64]
Numbers = NDArray[np.int32]


class Vocabulary:
    """Numbers keys from 0 in the order in which they are first met. Keys are hashes, evenly spread over 64 bits.

    A key stands in the cell that its highest bits name, or in the next free one after it; at most half of the cells are taken.
    """

    def __init__(self) -> None:
        self._size = 0
        self._allot(FIRST_BITS)

    def __len__(self) -> int:
        return self._size

    def number(self, keys: Keys) -> tuple[Numbers, Integers]:
        """int32 number of each key, and where among them each new one stands first, ascending."""
        numbers = self._find(keys)
        unknown = np.flatnonzero(numbers == FREE)
        if len(unknown) == 0:
            return numbers, unknown
        new, first, inverse = np.unique(keys[unknown], return_index=True, return_inverse=True)
        met = np.argsort(first)
        number = np.empty(len(new), dtype=np.int32)
        number[met] = np.arange(self._size, self._size + len(new), dtype=np.int32)
        numbers[unknown] = number[inverse]
        self._insert(new, number)
        return numbers, unknown[first[met]]

    def _allot(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._keys = np.zeros(1 << bits, dtype=np.uint64)
        self._numbers = np.full(1 << bits, FREE, dtype=np.int32)

    def _find(self, keys: Keys) -> Numbers:
        cell = (keys >> self._shift).astype(np.int64)
        numbers: Numbers = self._numbers[cell]
        astray = np.flatnonzero((self._keys[cell] != keys) & (numbers != FREE))
        while len(astray):
            cell[astray] = (cell[astray] + 1) % len(self._keys)
            numbers[astray] = self._numbers[cell[astray]]
            astray = astray[(self._keys[cell[astray]] != keys[astray]) & (numbers[astray] != FREE)]
        return numbers

    def _insert(self, keys: Keys, numbers: Numbers) -> None:
        """Put in distinct keys that are not there."""
        self._size += len(keys)
        if 2 * self._size > len(self._keys):
            taken = self._numbers != FREE
            keys = np.concatenate([self._keys[taken], keys])
            numbers = np.concatenate([self._numbers[taken], numbers])
            self._allot((2 * self._size).bit_length() + 1)
        cell = (keys >> self._shift).astype(np.int64)
        while len(keys):
            free = self._numbers[cell] == FREE
            self._keys[cell[free]], self._numbers[cell[free]] = keys[free], numbers[free]  # of several, the last one stays
            homeless = self._keys[cell] != keys
            keys, numbers, cell = keys[homeless], numbers[homeless], (cell[homeless] + 1) % len(self._keys)
