"""What the text report lists: repeats by document, equal texts once, copied documents in a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from dedup.columns import Integers
from dedup.groups import connect
from dedup.model import KINDS
from dedup.reports import Options
from dedup.results import PairRows, Result

LEAST_COPIED: Final = 2  # paragraphs of a document that is called a copy; a shorter one is a repeat like others

EXACT: Final = KINDS.index("exact")
NEAR: Final = KINDS.index("near")

_Matched: TypeAlias = dict[int, int]  # row → number of the pair with its best copy


@dataclass(frozen=True)
class Entry:
    """One repeat, or all places of equal texts. pair: number of the pair, or of the best of them; rows: where, ascending."""

    pair: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class DocumentCopy:
    """A document all of whose paragraphs stand in another one. edited: the pairs of those that are no equal texts."""

    copy: int
    original: int
    paragraphs: int
    edited: tuple[int, ...]


@dataclass(frozen=True)
class Outline:
    """sections: entries by the document of their first place, in the order of the best entry. more: entries left out."""

    copies: list[DocumentCopy]
    sections: dict[int, list[Entry]]
    more: int


def outline(result: Result, options: Options) -> Outline:
    """Arrange the pairs that a report shows.

    A copied document is told by one line: of its pairs only those of edited paragraphs with the original are listed.
    """
    pairs = result.pairs
    shown = np.arange(len(pairs)) if options.all_pairs else np.flatnonzero(pairs.counting)
    document = result.paragraphs.document_row.astype(np.int64)
    copies = _document_copies(pairs, shown, document)
    entries = list(_entries(pairs, _not_told(copies, pairs, shown, document), len(document)))
    listed = entries if options.top is None else entries[: options.top]
    sections: dict[int, list[Entry]] = defaultdict(list)
    for entry in listed:
        sections[int(document[entry.rows[0]])].append(entry)
    return Outline(copies, dict(sections), len(entries) - len(listed))


def _document_copies(pairs: PairRows, shown: Integers, document: Integers) -> list[DocumentCopy]:
    """Each copied document with its first original, one that is no copy itself if there is any."""
    sizes = np.bincount(document, minlength=1)
    found: dict[int, list[DocumentCopy]] = defaultdict(list)
    for (first, second), matched in sorted(_matched(pairs, shown, document).items()):
        for copy, original, rows in ((second, first, matched[1]), (first, second, matched[0])):
            if len(rows) == sizes[copy] >= LEAST_COPIED:
                edited = tuple(pair for pair in rows.values() if pairs.scored.kind[pair] != EXACT)
                found[copy].append(DocumentCopy(copy, original, len(rows), edited))
                break  # of two equal documents the second is the copy
    return [min(found[copy], key=lambda one: (one.original in found, one.original)) for copy in sorted(found)]


def _matched(pairs: PairRows, shown: Integers, document: Integers) -> dict[tuple[int, int], tuple[_Matched, _Matched]]:
    """For every two documents, the paragraphs of each that have an exact or near copy in the other."""
    found: dict[tuple[int, int], tuple[_Matched, _Matched]] = defaultdict(lambda: ({}, {}))
    kind = pairs.scored.kind[shown]
    alike = shown[((kind == EXACT) | (kind == NEAR)) & (document[pairs.left[shown]] != document[pairs.right[shown]])]
    for number, a, b in zip(alike.tolist(), pairs.left[alike].tolist(), pairs.right[alike].tolist(), strict=True):
        for side, row in enumerate((a, b)):
            found[int(document[a]), int(document[b])][side].setdefault(row, number)
    return found


def _not_told(copies: Sequence[DocumentCopy], pairs: PairRows, shown: Integers, document: Integers) -> Integers:
    """Pairs that are left to list beside the lines about copied documents."""
    copied = [copy.copy for copy in copies]
    told = np.isin(document[pairs.left[shown]], copied) | np.isin(document[pairs.right[shown]], copied)
    told &= ~np.isin(shown, [pair for copy in copies for pair in copy.edited])
    left: Integers = shown[~told]
    return left


def _entries(pairs: PairRows, shown: Integers, rows: int) -> Iterator[Entry]:
    """Yield the pairs in order, equal texts where the first of their pairs stands."""
    exact = shown[pairs.scored.kind[shown] == EXACT]
    label = connect(pairs.left[exact], pairs.right[exact], rows)
    places: dict[int, set[int]] = defaultdict(set)
    for a, b in zip(pairs.left[exact].tolist(), pairs.right[exact].tolist(), strict=True):
        places[int(label[a])].update((a, b))
    for number in shown.tolist():
        if pairs.scored.kind[number] != EXACT:
            yield Entry(number, (int(pairs.left[number]), int(pairs.right[number])))
        elif equal := places.pop(int(label[pairs.left[number]]), None):
            yield Entry(number, tuple(sorted(equal)))
