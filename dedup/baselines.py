"""Repeats that were accepted: which they are, by what they say, and what of a check is among them.

An entry names two texts, not places: files and paragraphs may move. It counts the places, so that one more copy is new. Places
are counted, not pairs, as of many copies not every pair is listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from dedup.columns import Integers, each_once
from dedup.fingerprints import joined_fingerprint, row_fingerprints
from dedup.rows import PairRows, pairs_of

EXCERPT: Final = 60  # characters of a text


@dataclass(frozen=True)
class Entry:
    """One pair of texts.

    a, b: fingerprints, a not above b. places: in how many places each of them repeats the other; twice the same number where
    the texts are equal. kind, score: of the best such pair. text: how each begins, for the eye; None: left out.
    """

    a: str
    b: str
    places: tuple[int, int]
    kind: str
    score: float
    text: tuple[str, str] | None = None

    @property
    def pair(self) -> str:
        """The fingerprint of the pair."""
        return joined_fingerprint(self.a, self.b)


@dataclass(frozen=True)
class Fixed:
    """An entry of a baseline of which less is left. left: as `places` of the entry; None: the pair is gone."""

    entry: Entry
    left: tuple[int, int] | None


@dataclass(frozen=True)
class Baseline:
    """Entries by their fingerprints. settings: as they were. paths: what was checked, from the folder of the file."""

    entries: Mapping[str, Entry]
    settings: Mapping[str, Any]
    paths: Sequence[str]


@dataclass(frozen=True)
class Seen:
    """A pair of texts in a check. numbers: of all pairs of places with these texts."""

    entry: Entry
    numbers: Sequence[int]


def seen_pairs(pairs: PairRows, numbers: Integers, *, with_text: bool = True) -> dict[str, Seen]:
    """The texts of some pairs, by the fingerprint of the pair. numbers: of these pairs, ascending."""
    rows = each_once(np.concatenate([pairs.left[numbers], pairs.right[numbers]]))
    fingerprint = row_fingerprints(pairs.paragraphs.text, rows.tolist())
    numbers_of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, left, right in _ends(pairs, numbers.tolist()):
        low, high = sorted((fingerprint[left], fingerprint[right]))
        numbers_of[low, high].append(number)
    large = {a: int(pairs.copies[alike].max()) for (a, b), alike in numbers_of.items() if a == b}
    large = {text: size for text, size in large.items() if size}
    found = {}
    for texts, alike in numbers_of.items():
        places = _places(pairs, alike, texts, fingerprint)
        sizes = [large.get(text, len(places[text])) for text in texts]
        [(score, kind, _)] = pairs_of(pairs.scored.take(np.array(alike[:1])))  # the best is the first
        excerpts = tuple(_excerpt(min(pairs.paragraphs.text[row] for row in places[text])) for text in texts)
        entry = Entry(*texts, (sizes[0], sizes[1]), kind, score, (excerpts[0], excerpts[1]) if with_text else None)
        found[entry.pair] = Seen(entry, alike)
    return found


def accept(pairs: PairRows, baseline: Baseline) -> tuple[PairRows, list[Seen]]:
    """Waive what the baseline knows; also what it knows in fewer places: which of them is new nobody can tell, so all count."""
    counting = np.flatnonzero(pairs.counting)
    waived = np.zeros(len(pairs), dtype=bool)
    grown = []
    for name, seen in seen_pairs(pairs, counting).items():
        known = baseline.entries.get(name)
        if known is None:
            continue
        if all(now <= then for now, then in zip(seen.entry.places, known.places, strict=True)):
            waived[list(seen.numbers)] = True
        else:
            grown.append(seen)
    return pairs.waive(waived, "baselined"), grown


def fixed_since(pairs: PairRows, baseline: Baseline) -> list[Fixed]:
    """What of a baseline is not there any more, in the order of the file. What does not count for another reason is there."""
    every = seen_pairs(pairs, np.arange(len(pairs)))
    fixed = []
    for name, entry in sorted(baseline.entries.items()):
        if name not in every:
            fixed.append(Fixed(entry, None))
            continue
        first, second = (min(now, then) for now, then in zip(every[name].entry.places, entry.places, strict=True))
        if (first, second) != entry.places:
            fixed.append(Fixed(entry, (first, second)))
    return fixed


def pruned(baseline: Baseline, fixed: Iterable[Fixed]) -> Baseline:
    """The baseline without what is fixed: all other entries as they were."""
    entries = dict(baseline.entries)
    for one in fixed:
        if one.left is None:
            del entries[one.entry.pair]
        else:
            entries[one.entry.pair] = replace(one.entry, places=one.left)
    return replace(baseline, entries=entries)


def _ends(pairs: PairRows, numbers: Sequence[int]) -> Iterable[tuple[int, int, int]]:
    return zip(numbers, pairs.left[numbers].tolist(), pairs.right[numbers].tolist(), strict=True)


def _places(
    pairs: PairRows, numbers: Sequence[int], texts: tuple[str, str], fingerprint: Mapping[int, str]
) -> dict[str, set[int]]:
    """The rows of each text that take part in these pairs."""
    places: dict[str, set[int]] = {text: set() for text in texts}
    for _, left, right in _ends(pairs, numbers):
        places[fingerprint[left]].add(left)
        places[fingerprint[right]].add(right)
    return places


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= EXCERPT:
        return line
    end = max(line.rfind(" ", 0, EXCERPT), EXCERPT // 2)
    return line[:end].rstrip() + " …"
