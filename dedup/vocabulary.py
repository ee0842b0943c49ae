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

    The number of a key stands in the cell that its highest bits name, or in the next free one after it; at most a quarter of
    the cells are taken. Frequent keys are met early: they have the cells they want, and their numbers are close to each other,
    so that what most look-ups touch is in the cache.
    """

    def __init__(self) -> None:
        self._size = 0
        self._keys = np.zeros(1, dtype=np.uint64)  # by number, with room for more
        self._allot(FIRST_BITS)

    def __len__(self) -> int:
        return self._size

    def number(self, keys: Keys) -> tuple[Numbers, Integers]:
        """int32 number of each key, and where among them each new one stands first, ascending."""
        numbers = self._find(keys)
        unknown = np.flatnonzero(numbers == FREE)
        if len(unknown) == 0:
            return numbers, unknown
        order = unknown[np.argsort(keys[unknown], kind="stable")]
        begins = np.append(True, np.diff(keys[order]) != 0)
        first = order[begins]  # where each distinct key stands first
        new = np.sort(first)
        number = (self._size + np.searchsorted(new, first)).astype(np.int32)
        numbers[order] = number[np.cumsum(begins) - 1]
        self._append(keys[new])
        return numbers, new

    def _allot(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._numbers = np.full(1 << bits, FREE, dtype=np.int32)

    def _find(self, keys: Keys) -> Numbers:
        cell = (keys >> self._shift).view(np.int64)
        numbers: Numbers = self._numbers.take(cell, mode="clip")  # within bounds: clipping only saves the check
        astray = np.flatnonzero(self._keys.take(numbers, mode="clip") != keys)  # key 0 is never looked for in a free cell
        astray = astray[numbers[astray] != FREE]
        while len(astray):
            cell[astray] = (cell[astray] + 1) % len(self._numbers)
            numbers[astray] = self._numbers[cell[astray]]
            astray = astray[(self._keys[numbers[astray]] != keys[astray]) & (numbers[astray] != FREE)]
        return numbers

    def _append(self, keys: Keys) -> None:
        """Number distinct keys that are not there."""
        first, self._size = self._size, self._size + len(keys)
        if self._size > len(self._keys):
            self._keys = np.append(self._keys[:first], np.zeros(2 * self._size - first, dtype=np.uint64))
        self._keys[first : self._size] = keys
        if 4 * self._size > len(self._numbers):
            self._allot((4 * self._size).bit_length())
            first = 0
        self._settle(np.arange(first, self._size, dtype=np.int32))

    def _settle(self, numbers: Numbers) -> None:
        """Give each number a cell; of several that want the same one the first gets it."""
        numbers = numbers[::-1]
        cell = (self._keys[numbers] >> self._shift).view(np.int64)
        while len(numbers):
            free = self._numbers[cell] == FREE
            self._numbers[cell[free]] = numbers[free]  # of several, the last one stays
            homeless = self._numbers[cell] != numbers
            numbers, cell = numbers[homeless], (cell[homeless] + 1) % len(self._numbers)
