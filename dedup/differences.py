"""Two texts → which words of each the other does not have.

Greedy string tiling (M. J. Wise, “YAP3”, 1996): the longest run of words that stands in both texts is set aside, then the
longest of what is left, and so on. What no run covers differs. Words that only moved are in both texts, so they do not.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS, character_class, is_unspaced

# Pairs of equal words in the two texts. Where there are more, a word counts as in both wherever it stands and however often.
MOST_PAIRS: Final = 100_000
SHORTEST_UNSPACED: Final = 2  # characters of a script without spaces that must stand together: a single one says nothing

_UNSPACED: Final = character_class(IDEOGRAPHIC, UNSPACED_LETTERS)
# Letters, digits and marks of all scripts, rather by what they are not: no class of `re` has the marks.
_BETWEEN: Final = r"\s!-/:-@\[-`{-¿×÷،؛؟۔।॥\u2000-\u206f\u20a0-\u20cf\u3000-\u3003\u3008-\u3020\uff01-\uff0f\uff1a-\uff20"
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^{_BETWEEN}{_UNSPACED}]+")
_APOSTROPHES: Final = "'’"

Span = tuple[int, int]


class Differences(NamedTuple):
    """Spans of the two texts that differ, ascending, and how many words they have in common and in all.

    common: words set aside as standing in both. words: those of each text; in scripts without spaces, characters.
    """

    spans: tuple[list[Span], list[Span]]
    common: int
    words: tuple[int, int]

    @classmethod
    def unknown(cls) -> Differences:
        """Of two texts of which one is not at hand."""
        return cls(([], []), 0, (0, 0))


def find_differences(a: str, b: str) -> Differences:
    """Compare word by word, whatever the case. The result for (b, a) is this one turned round, but for ties."""
    spans_a, spans_b = word_spans(a), word_spans(b)
    words_a, words_b = _folded(a, spans_a), _folded(b, spans_b)
    if _equal_pairs(words_a, words_b) > MOST_PAIRS:
        known_a, known_b = set(words_a), set(words_b)
        kept_a, kept_b = [word in known_b for word in words_a], [word in known_a for word in words_b]
    else:
        kept_a, kept_b = _tiled(words_a, words_b)
    return Differences(
        (_joined(a, spans_a, kept_a), _joined(b, spans_b, kept_b)),
        min(sum(kept_a), sum(kept_b)),
        (len(words_a), len(words_b)),
    )


def word_spans(text: str) -> list[Span]:
    """Where the words of a text stand."""
    return [match.span() for match in _WORD.finditer(text)]


def _folded(text: str, spans: Iterable[Span]) -> list[str]:
    return [text[first:last].casefold() for first, last in spans]


def _equal_pairs(a: Sequence[str], b: Sequence[str]) -> int:
    of_b = Counter(b)
    return sum(count * of_b[word] for word, count in Counter(a).items())


def _tiled(a: Sequence[str], b: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Which words of each are covered by runs that stand in both, each word used once."""
    kept_a, kept_b = [False] * len(a), [False] * len(b)
    runs = _runs(a, b)
    heapq.heapify(runs)
    while runs:
        negative, i, j = heapq.heappop(runs)
        free = _free(kept_a, kept_b, i, j, -negative)
        if free == [(0, -negative)]:
            kept_a[i : i - negative] = kept_b[j : j - negative] = [True] * -negative
            continue
        for first, length in free:  # longer runs took what is between these
            if _says_something(a, i + first, length):
                heapq.heappush(runs, (-length, i + first, j + first))
    return kept_a, kept_b


def _runs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """(−length, place in a, place in b) of every run of equal words that no longer one holds."""
    places: dict[str, list[int]] = {}
    for j, word in enumerate(b):
        places.setdefault(word, []).append(j)
    found = []
    after: dict[int, int] = {}  # lengths of the runs that begin one word further on in a, by place in b
    for i in range(len(a) - 1, -1, -1):
        here = {j: after.get(j + 1, 0) + 1 for j in places.get(a[i], ())}
        before = a[i - 1] if i else None
        found += [
            (-length, i, j)
            for j, length in here.items()
            if not (i and j and before == b[j - 1]) and _says_something(a, i, length)
        ]
        after = here
    return found


def _free(kept_a: Sequence[bool], kept_b: Sequence[bool], i: int, j: int, length: int) -> list[Span]:
    """(first, length) of the parts of a run that are not covered yet."""
    states = groupby(range(length), key=lambda step: not (kept_a[i + step] or kept_b[j + step]))
    parts = [list(steps) for is_free, steps in states if is_free]
    return [(steps[0], len(steps)) for steps in parts]


def _says_something(words: Sequence[str], first: int, length: int) -> bool:
    return length >= SHORTEST_UNSPACED or not is_unspaced(words[first][0])


def _joined(text: str, spans: Sequence[Span], kept: Sequence[bool]) -> list[Span]:
    """Spans of neighbouring words that differ, as one."""
    runs = groupby(zip(kept, spans, strict=True), key=itemgetter(0))
    together = [[span for _, span in run] for word_kept, run in runs if not word_kept]
    return [(_with_apostrophe(text, run[0][0]), run[-1][1]) for run in together]


def _with_apostrophe(text: str, first: int) -> int:
    """Where a mark begins, so that it takes the apostrophe of Kyiv’s."""
    return first - 1 if first > 1 and text[first - 1] in _APOSTROPHES and text[first - 2].isalnum() else first
