"""What the text report lists: repeats by document, equal texts once, copied documents in a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from dedup.columns import Flags, Integers, connect, each_once
from dedup.model import KINDS
from dedup.reports import Options, shown
from dedup.results import Result
from dedup.rows import PairRows

LEAST_COPIED: Final = 2  # paragraphs of a document that is called a copy; a shorter one is a repeat like others
ORIGINALS: Final = 20  # documents with a text that may be the original of the others that have it: the first ones

EXACT: Final = KINDS.index("exact")
NEAR: Final = KINDS.index("near")


class Entry(NamedTuple):
    """One repeat, or all places of equal texts. pair: number of the pair, or of the best of them; rows: where, ascending.

    alike: other pairs of texts equal to these two, which are not listed.
    """

    pair: int
    rows: tuple[int, ...]
    alike: int = 0


@dataclass(frozen=True)
class DocumentCopy:
    """A document whose paragraphs stand in another one.

    equal: where in the original the text of each of its rows stands. edited: the pair with the original of each other row.
    """

    copy: int
    original: int
    equal: dict[int, int] = field(default_factory=dict)
    edited: dict[int, int] = field(default_factory=dict)

    @property
    def paragraphs(self) -> int:
        """How many have been found in the original."""
        return len(self.equal.keys() | self.edited.keys())


class Outline(NamedTuple):
    """sections: entries by the document of their first place, in the order of the best entry. more: entries left out."""

    copies: list[DocumentCopy]
    sections: dict[int, list[Entry]]
    more: int

    @property
    def entries(self) -> list[Entry]:
        """All that are listed, in their order."""
        return [entry for entries in self.sections.values() for entry in entries]


def outline(result: Result, options: Options) -> Outline:
    """Arrange the pairs that a report shows.

    A copied document is told by one line: what its equal paragraphs repeat the original repeats too, and it is listed there.
    """
    pairs = result.pairs
    numbers = shown(result, replace(options, top=None))  # of entries, which may be several pairs, the best are listed
    document = result.paragraphs.document_row.astype(np.int64)
    copied = each_once(np.concatenate([numbers, np.flatnonzero(pairs.marked)]))  # a copied document has its footer, too
    exact = copied[pairs.scored.kind[copied] == EXACT]
    label = connect(pairs.left[exact], pairs.right[exact], len(document))
    copies = _document_copies(pairs, copied, document, label)
    entries = list(_entries(pairs, numbers, _told(copies, pairs, numbers, len(document)), label))
    listed = entries if options.top is None else entries[: options.top]
    sections: dict[int, list[Entry]] = defaultdict(list)
    for entry in listed:
        sections[int(document[entry.rows[0]])].append(entry)
    return Outline(copies, dict(sections), len(entries) - len(listed))


def _document_copies(pairs: PairRows, shown: Integers, document: Integers, label: Integers) -> list[DocumentCopy]:
    """Each copied document with its first original, one that is no copy itself if there is any."""
    sizes = np.bincount(document, minlength=1)
    matched = _matched(pairs, shown, document, label)
    found: dict[int, list[DocumentCopy]] = defaultdict(list)
    for first, second in sorted({(min(ends), max(ends)) for ends in matched}):
        for copy, original in ((second, first), (first, second)):
            match = matched.get((copy, original))
            if match is None or copy >= pairs.paragraphs.checked_documents:
                continue  # of a document in an index not all is known
            if match.paragraphs == sizes[copy] >= LEAST_COPIED and not _all_marked(match, pairs):
                found[copy].append(match)
                break  # of two equal documents the second is the copy
    return [min(found[copy], key=lambda one: (one.original in found, one.original)) for copy in sorted(found)]


def _matched(pairs: PairRows, shown: Integers, document: Integers, label: Integers) -> dict[tuple[int, int], DocumentCopy]:
    """What of a document stands in another one, equal or nearly so, for every two that share a text or a near copy."""
    found: dict[tuple[int, int], DocumentCopy] = {}

    def match(row: int, other: int) -> DocumentCopy:
        ends = int(document[row]), int(document[other])
        return found.setdefault(ends, DocumentCopy(*ends))

    for rows in _classes(label):
        originals: dict[int, int] = {}
        for row in rows:
            originals.setdefault(int(document[row]), row)
        for row in rows:
            for there in list(originals.values())[:ORIGINALS]:
                if document[there] != document[row]:
                    match(row, there).equal.setdefault(row, there)
    for number in shown[pairs.scored.kind[shown] == NEAR].tolist():
        a, b = int(pairs.left[number]), int(pairs.right[number])
        for row, other in ((a, b), (b, a)):
            if document[row] != document[other] and row not in match(row, other).equal:
                match(row, other).edited.setdefault(row, number)
    return found


def _all_marked(match: DocumentCopy, pairs: PairRows) -> bool:
    """Whether nothing but boilerplate makes the two alike."""
    return pairs.set_aside and all(pairs.boilerplate[row] for row in match.equal.keys() | match.edited.keys())


def _classes(label: Integers) -> Iterator[list[int]]:
    """Rows of equal texts, two or more."""
    rows: dict[int, list[int]] = defaultdict(list)
    sizes = np.bincount(label, minlength=1)
    for row in np.flatnonzero(sizes[label] > 1).tolist():
        rows[int(label[row])].append(row)
    yield from rows.values()


def _told(copies: Sequence[DocumentCopy], pairs: PairRows, shown: Integers, rows: int) -> Flags:
    """Bool for each shown pair: whether the lines about copies tell it, as it is one of the original, or of it and its copy."""
    image = np.arange(rows)
    for copy in copies:
        for row, there in copy.equal.items():
            image[row] = there
    image = image[image]  # an original may be a copy of another one
    left, right = pairs.left[shown], pairs.right[shown]
    low, high = np.minimum(image[left], image[right]), np.maximum(image[left], image[right])
    moved = (image[left] != left) | (image[right] != right)
    told: Flags = moved & ((low == high) | np.isin(low * rows + high, left * rows + right))
    return told


def _entries(pairs: PairRows, shown: Integers, told: Flags, label: Integers) -> Iterator[Entry]:
    """Yield the pairs that are not told, in order; all that are of the same two texts as one."""
    classes = {int(label[rows[0]]): tuple(rows) for rows in _classes(label)}
    left, right = label[pairs.left[shown[~told]]], label[pairs.right[shown[~told]]]
    ends = zip(np.minimum(left, right).tolist(), np.maximum(left, right).tolist(), strict=True)
    numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, texts in zip(shown[~told].tolist(), ends, strict=True):
        numbers[texts].append(number)
    for texts, (number, *others) in numbers.items():
        equal = texts[0] == texts[1]
        rows = classes[texts[0]] if equal else (int(pairs.left[number]), int(pairs.right[number]))
        yield Entry(number, rows, 0 if equal else len(others))
