"""Two texts → which words of each the other does not have.

Greedy string tiling (M. J. Wise, “YAP3”, 1996): the longest run of words that stands in both texts is set aside, then the
longest of what is left, and so on. What no run covers differs. Words that only moved are in both texts, so they do not.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS, character_class, is_unspaced

LONGEST: Final = 2_000  # words; in longer texts a word is taken to be in both wherever it stands and however often
SHORTEST_UNSPACED: Final = 2  # characters of a script without spaces that must stand together: a single one says nothing

_UNSPACED: Final = character_class(IDEOGRAPHIC, UNSPACED_LETTERS)
# Letters, digits and marks of all scripts, rather by what they are not: no class of `re` has the marks.
_BETWEEN: Final = r"\s!-/:-@\[-`{-¿×÷،؛؟۔।॥\u2000-\u206f\u20a0-\u20cf\u3000-\u3003\u3008-\u3020\uff01-\uff0f\uff1a-\uff20"
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^{_BETWEEN}{_UNSPACED}]+")
_APOSTROPHES: Final = "'’"

Span = tuple[int, int]


@dataclass(frozen=True)
class Differences:
    """Spans of the two texts that differ, ascending, and how many words they have in common and in all.

    common: words set aside as standing in both. words: those of each text; in scripts without spaces, characters.
    """

    spans: tuple[list[Span], list[Span]]
    common: int
    words: tuple[int, int]


def find_differences(a: str, b: str) -> Differences:
    """Compare word by word, whatever the case. The result for (b, a) is this one turned round, but for ties."""
    spans_a, spans_b = word_spans(a), word_spans(b)
    words_a, words_b = _folded(a, spans_a), _folded(b, spans_b)
    if max(len(words_a), len(words_b)) > LONGEST:
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


def _tiled(a: Sequence[str], b: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Which words of each are covered by runs that stand in both, each word used once."""
    kept_a, kept_b = [False] * len(a), [False] * len(b)
    runs = _runs(a, b)
    heapq.heapify(runs)
    while runs:
        negative, i, j = heapq.heappop(runs)
        length, free = -negative, _free(kept_a, kept_b, i, j, -negative)
        if free < length:  # a longer run took a part of it
            if free and _says_something(a, i, free):
                heapq.heappush(runs, (-free, i, j))
            continue
        kept_a[i : i + length] = kept_b[j : j + length] = [True] * length
    return kept_a, kept_b


def _runs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """(−length, place in a, place in b) of the run that begins at every two equal words."""
    places: dict[str, list[int]] = {}
    for j, word in enumerate(b):
        places.setdefault(word, []).append(j)
    found = []
    after: dict[int, int] = {}  # lengths of the runs that begin one word further on in a, by place in b
    for i in range(len(a) - 1, -1, -1):
        here = {j: after.get(j + 1, 0) + 1 for j in places.get(a[i], ())}
        found += [(-length, i, j) for j, length in here.items() if _says_something(a, i, length)]
        after = here
    return found


def _free(kept_a: Sequence[bool], kept_b: Sequence[bool], i: int, j: int, length: int) -> int:
    """How many words from the beginning of a run are not covered yet."""
    for step in range(length):
        if kept_a[i + step] or kept_b[j + step]:
            return step
    return length


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
