"""Which of the paragraphs that repeat each other stay."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from dedup.dates import instant

# (numbers of two paragraphs, score of the pair)
Edge: TypeAlias = tuple[int, int, float]
# (text of a paragraph, date of its document) → what paragraphs are ordered by, the one to stay first.
Preference: TypeAlias = Callable[[str, "str | None"], float]


def _first(text: str, date: str | None) -> float:
    return 0.0


def _longest(text: str, date: str | None) -> float:
    return -float(len(text))


def _newest(text: str, date: str | None) -> float:
    when = instant(date)
    return float("inf") if when is None else -when


# Of two that this holds for alike, the first one stays.
KEEP: Final[dict[str, Preference]] = {"first": _first, "longest": _longest, "newest": _newest}


def choose(edges: Sequence[Edge], rank: Sequence[int], before: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Every paragraph that goes, with the number of the edge to one that stays. No two that stay have an edge.

    Each is looked at in turn: it stays unless one that stays already repeats it. So nothing goes for what goes itself.
    rank: by number, the smaller the rather it stays. before: pairs of numbers of which the first is to be looked at before the
    second whatever their ranks; where they contradict each other, the ranks decide.
    """
    of: dict[int, list[int]] = defaultdict(list)
    for number, (left, right, _) in enumerate(edges):
        of[left].append(number)
        of[right].append(number)
    staying: set[int] = set()
    going: dict[int, int] = {}
    for paragraph in _in_turn(of, rank, before):
        best: tuple[float, int, int] | None = None
        for number in of[paragraph]:
            left, right, score = edges[number]
            other = right if left == paragraph else left
            if other in staying and (best is None or (-score, rank[other], number) < best):
                best = -score, rank[other], number
        if best is None:
            staying.add(paragraph)
        else:
            going[paragraph] = best[2]
    return going


def _in_turn(paragraphs: Iterable[int], rank: Sequence[int], before: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield all by rank, but each behind those that are to be looked at before it."""
    followers: dict[int, list[int]] = defaultdict(list)
    awaited: Counter[int] = Counter()
    by_rank = sorted(paragraphs, key=rank.__getitem__)
    there = set(by_rank)
    for first, second in set(before):
        if first in there and second in there:
            followers[first].append(second)
            awaited[second] += 1
    ready = [(rank[paragraph], paragraph) for paragraph in by_rank if not awaited[paragraph]]
    waiting = iter(by_rank)
    seen: set[int] = set()
    while len(seen) < len(by_rank):
        if not ready:  # all that is left waits for each other
            paragraph = next(paragraph for paragraph in waiting if paragraph not in seen)
            ready.append((rank[paragraph], paragraph))
        _, paragraph = heapq.heappop(ready)
        if paragraph in seen:
            continue
        seen.add(paragraph)
        yield paragraph
        for follower in followers[paragraph]:
            awaited[follower] -= 1
            if not awaited[follower]:
                heapq.heappush(ready, (rank[follower], follower))
