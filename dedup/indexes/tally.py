"""Whether buckets hold what they should, of any number of paragraphs: both are summed up, and the sums compared.

Only of buckets that have lost some of their entries is kept what they have: they may lack what they should hold, but not have
anything else.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers
from dedup.lsh import MULTIPLIER, OTHER_MULTIPLIER

_NONE = np.zeros(0, dtype=np.int64)


class Tally:
    """Entries (key, passage) that are held. incomplete: keys of the buckets that have lost some."""

    def __init__(self, held: Iterable[tuple[Integers, Integers, Integers]]) -> None:
        """held: keys, passages and incomplete keys, in parts, each with whole buckets."""
        keys, entries, lost = [_NONE], [_NONE], [_NONE]
        self._sum = 0
        for own, passages, incomplete in held:
            partly = np.isin(own, incomplete)
            self._sum += _sum(own[~partly], passages[~partly])
            keys.append(own[partly])
            entries.append(passages[partly])
            lost.append(incomplete)
        self._incomplete = np.unique(np.concatenate(lost))
        self._partly = np.unique(_mixed(np.concatenate(keys), np.concatenate(entries)))
        self._met = np.zeros(len(self._partly), dtype=bool)

    def expect(self, keys: Integers, passages: Integers) -> None:
        """Entries that should be held, each once."""
        partly = np.isin(keys, self._incomplete)
        self._sum -= _sum(keys[~partly], passages[~partly])
        self._met |= np.isin(self._partly, _mixed(keys[partly], passages[partly]))

    def is_right(self) -> bool:
        """Whether just what was expected is held."""
        return bool(self._sum % (1 << 64) == 0 and self._met.all())


def _sum(keys: Integers, passages: Integers) -> int:
    """Modulo 2⁶⁴."""
    return int(_mixed(keys, passages).sum(dtype=np.uint64))


def _mixed(keys: Integers, passages: Integers) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64]
    mixed = (keys.view(np.uint64) ^ (passages.astype(np.uint64) + np.uint64(1)) * MULTIPLIER) * OTHER_MULTIPLIER
    mixed ^= mixed >> np.uint64(32)
    mixed *= MULTIPLIER
    mixed ^= mixed >> np.uint64(29)
    return mixed
