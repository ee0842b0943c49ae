"""Equal codes, found by hash tables that are columns themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, at


def places_among(wanted: Integers, present: Integers, turn: int = 0) -> tuple[Integers, NDArray[np.int32]]:
    """Which of the wanted codes are among those present, each of which is there once, ascending; and the place of each there.

    A hash table in which the last one to come keeps a cell. Those that lost theirs are looked up in the table of the next turn,
    which has more room for each of these few, as every turn costs more than its table.
    """
    bits, places = len(present).bit_length() + (5 if turn else 3), np.arange(len(present), dtype=np.int32)
    owner, cells, wanted_cells = np.zeros(1 << bits, dtype=np.int32), _cells(present, bits, turn), _cells(wanted, bits, turn)
    owner[cells] = places
    place = at(owner, wanted_cells)
    there = at(present, place) == wanted if len(present) else np.zeros(len(wanted), dtype=bool)
    lost = np.flatnonzero(at(owner, cells) != places)
    if len(lost):
        contested = np.zeros(1 << bits, dtype=bool)
        contested[at(cells, lost)] = True
        doubtful = np.flatnonzero(at(contested, wanted_cells))
        doubtful = doubtful.compress(~at(there, doubtful))
        which, again = places_among(at(wanted, doubtful), at(present, lost), turn + 1)
        doubtful = at(doubtful, which)
        there[doubtful], place[doubtful] = True, at(lost, again)
    found = np.flatnonzero(there)
    return found, at(place, found)


def equals(codes: Integers, turn: int = 0) -> NDArray[np.int32]:
    """For each code the place of one that is equal to it, which is the same for all that are equal."""
    bits = len(codes).bit_length() + 2
    owner, cells = np.zeros(1 << bits, dtype=np.int32), _cells(codes, bits, turn)
    owner[cells] = np.arange(len(codes), dtype=np.int32)
    place = at(owner, cells)
    lost = np.flatnonzero(at(codes, place) != codes)  # equal codes share a cell: all of them lost it or none
    if len(lost):
        place[lost] = at(lost, equals(at(codes, lost), turn + 1))
    return place


def _cells(codes: Integers, bits: int, turn: int) -> Integers:
    """The cell of each code in a table of 2**bits; codes that share one in a turn seldom do in another."""
    multiplier = np.uint64(pow(0x9E3779B97F4A7C15, turn + 1, 1 << 64))
    cells: NDArray[np.uint64] = (codes.view(np.uint64) * multiplier) >> np.uint64(64 - bits)
    return cells.view(np.int64)
