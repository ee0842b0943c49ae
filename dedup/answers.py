"""What a review says of the pairs that a cleaning proposes: asked once each, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from dedup.model import Pair, Place

# (pair, place of it that would go) → the place that stays, None if both do.
Review: TypeAlias = Callable[[Pair, Place], "Place | None"]


class Answers:
    """Without a review everything is agreed to."""

    def __init__(self, review: Review | None) -> None:
        self.review = review
        self._both: set[frozenset[Place]] = set()
        self._before: set[tuple[Place, Place]] = set()  # the first stays
        self._agreed: set[tuple[Place, Place]] = set()  # the first goes for the second

    def agree(self, pair: Pair, going: Place, kept: Place) -> bool:
        """Ask, unless that was asked before; whether it goes as proposed.

        Answers may go round in a circle, the first over the second over the third over the first: what would go against one
        of them stays.
        """
        if self.review is None or (going, kept) in self._agreed:
            return True
        if (kept, going) in self._agreed:
            self._both.add(frozenset((going, kept)))
            return False
        stays = self.review(pair, going)
        if stays is None:
            self._both.add(frozenset((going, kept)))
        elif stays == going:
            self._before.add((going, kept))
            self._agreed.add((kept, going))
        else:
            self._agreed.add((going, kept))
        return stays is not None and stays != going

    def leave(self, one: Place, other: Place) -> bool:
        """Whether both are to stay."""
        return bool(self._both) and frozenset((one, other)) in self._both

    def wishes(self, places: Sequence[Place], longer_first: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield what is to be looked at before what, by number: as was answered, and else the longer before the contained."""
        numbers = {place: number for number, place in enumerate(places)} if self._before else {}
        wished = {(numbers[one], numbers[other]) for one, other in self._before if one in numbers and other in numbers}
        yield from wished
        yield from ((one, other) for one, other in longer_first if (other, one) not in wished)
