"""Pairs of texts that stand in many places: a check lists few of them, cleaning needs those of the places that stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np

from dedup.model import KINDS
from dedup.results import Result
from dedup.tokens import find_tokens

MOST: Final = 4_000_000  # pairs added at a time; what is missing then is found in the next round

EXACT: Final = KINDS.index("exact")

# (row, row, number of the pair in the result that says the same of the same two texts)
Told: TypeAlias = tuple[int, int, int]


def told_of_copies(result: Result, rank: Sequence[int]) -> Iterator[Told]:
    """Yield the pairs that counting pairs with `copies` stand for, as far as the places with the lowest ranks are in them.

    A score depends on the two texts and on whether they share a document, so each is what a check would say of it: equal texts
    score 1 by rule, and other pairs are of texts that are the same to the letter. rank: of each row.
    """
    pairs = result.pairs
    numbers = np.flatnonzero(pairs.counting & (pairs.copies > 0))
    if not len(numbers):
        return
    document = result.paragraphs.document_row.tolist()
    exact = pairs.scored.kind[numbers] == EXACT
    ignored = {silence.row for silence in result.paragraphs.silences}
    left = 0
    for alike, chosen in ((True, numbers[exact]), (False, numbers[~exact])):
        groups = _Groups(_names(result.paragraphs.text, alike), document, rank, ignored)
        seen: set[tuple[int, int, int]] = set()
        for number in chosen.tolist():
            key = groups.key(int(pairs.left[number]), int(pairs.right[number]))
            if key in seen:
                continue
            seen.add(key)
            for one, other in groups.pairs(*key):
                left += 1
                yield one, other, number
            if left > MOST:
                return


def _names(texts: Sequence[str], alike: bool) -> list[int]:
    """A number for each text, the same for texts that are equal: after normalising if `alike`, else to the letter."""
    if alike:
        keys: list[int] = find_tokens(texts).keys.tolist()
        return keys
    numbers: dict[str, int] = {}
    return [numbers.setdefault(text, len(numbers)) for text in texts]


class _Groups:
    """Rows of equal texts, all of them and those of each document, by rank; without those that a comment asks to ignore."""

    def __init__(
        self, names: Sequence[int], document: Sequence[int], rank: Sequence[int], ignored: Collection[int | None]
    ) -> None:
        self._names = names
        self._document = document
        self._rows: dict[tuple[int, int], list[int]] = defaultdict(list)
        heard = (row for row in range(len(names)) if row not in ignored)
        for row in sorted(heard, key=rank.__getitem__):
            self._rows[names[row], -1].append(row)
            self._rows[names[row], document[row]].append(row)

    def key(self, row: int, other: int) -> tuple[int, int, int]:
        """The two texts, and the document that they share, -1 for none."""
        first, second = sorted((self._names[row], self._names[other]))
        return first, second, self._document[row] if self._document[row] == self._document[other] else -1

    def pairs(self, first: int, second: int, document: int) -> Iterator[tuple[int, int]]:
        """Pairs of the two texts within the document, or across documents: each place with those that stay rather."""
        one, other = self._rows[first, document], self._rows[second, document]
        for hubs, rows in ((one, other), (other, one)) if first != second else ((one, one),):
            for hub in self._foremost(hubs):
                for row in rows:
                    if row != hub and (document >= 0 or self._document[row] != self._document[hub]):
                        yield hub, row

    def _foremost(self, rows: Sequence[int]) -> list[int]:
        """The first, and the first of another document."""
        elsewhere = (row for row in rows if self._document[row] != self._document[rows[0]])
        return [rows[0], *([found] if (found := next(elsewhere, None)) is not None else [])]
