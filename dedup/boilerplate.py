"""Repeats → boilerplate: copies that stand in documents which share little else, such as footers, bylines and plugs.

A family is all copies of one text, exact or near. Each of its documents is looked at without it: what is left of the document,
and how much of that another document of the family repeats. Documents that share much are copies of each other, or tell one
story, and count together as one; a document of which nothing is left does not count. Boilerplate is pasted: most of these
documents have it in one wording, but for a date or a word, and few others have it rewritten.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import (
    Candidates,
    Flags,
    Integers,
    Ragged,
    Rows,
    connect,
    each_once,
    fingerprints,
    looked_up,
    running_totals,
    spans,
)
from dedup.model import COPIED, KINDS

SAMPLED: Final = 5  # documents of a family that are looked at, for each that it needs: a footer may stand in any number
CONTAINED: Final = KINDS.index("contained")
LOOKS: Final = 2  # first beside all other texts, then without the boilerplate that was found first
BLOCK: Final = 1 << 20  # texts of documents compared at a time
WHOLE: Final = 1 << 40  # a document that counts fully; shares of it are whole numbers, as their sum must not depend on order


def may_be_there(document: NDArray[np.int32], least: int) -> bool:
    """Whether paragraphs of these documents can be boilerplate: none is if each stands in its document alone."""
    return least > 0 and bool(np.bincount(document).max(initial=0) > 1)


def find_boilerplate(
    text: Rows,
    repeats: Candidates,
    kind: NDArray[np.int8],
    pasted: Flags,
    document: NDArray[np.int32],
    length: Integers,
    least: int,
    overlap: float,
) -> Integers:
    """int64[n]: number of the boilerplate that a paragraph is, from 1 for what stands in most documents; 0 for none.

    text: int32[n], equal for equal texts, below n, in an order that depends on the texts alone. repeats: pairs of paragraphs.
    kind: int8[p], index into KINDS. pasted: bool[p], which are the same but for a small edit. length: int64[n], characters.
    least: documents that share little else; 0: nothing is boilerplate. overlap: the largest share of the rest of a document,
    by length, that is little.
    """
    number = np.zeros(len(text), dtype=np.int64)
    if not may_be_there(document, least):
        return number
    copied, whole = is_copied(kind), kind != CONTAINED
    family, tale, subject = (_connected(text, repeats.where(some)) for some in (copied, whole, np.ones_like(whole)))
    wording = _connected(text, repeats.where(copied & pasted))
    by_document = np.argsort(document, kind="stable")
    texts = Ragged.from_rows(
        document[by_document].astype(np.int64), text[by_document].astype(np.int64), int(document.max()) + 1
    )
    places = _Places.of(family, document.astype(np.int64), wording, fingerprints(texts))
    subject_of = np.zeros(len(text), dtype=np.int64)
    subject_of[family] = subject
    spread = np.bincount(places.family, minlength=len(text))
    tale_of = np.zeros(len(text), dtype=np.int64)
    tale_of[family] = tale
    told = np.bincount(each_once(tale * len(texts) + document) // len(texts), minlength=len(text))[tale_of]
    places = places.take(np.flatnonzero(((spread >= least) & (2 * spread > told))[places.family]))
    found = np.zeros(len(text), dtype=bool)
    for _ in range(LOOKS if len(places.family) else 0):
        rest = _Contents.of(subject, document, np.where(found[family], 0, length))
        found = _found(places, subject_of, rest, least, overlap)
    ranked = np.flatnonzero(found)
    first = np.zeros(len(text), dtype=np.int64)
    first[family[::-1]] = np.arange(len(text))[::-1]
    number[ranked[np.lexsort((first[ranked], -spread[ranked]))]] = np.arange(1, len(ranked) + 1)
    return number[family]


def is_copied(kind: NDArray[np.int8]) -> Flags:
    """Bool[p]: which kinds are those of copies. kind: int8[p], index into KINDS."""
    return np.isin(kind, [KINDS.index(name) for name in COPIED])


def _connected(text: Rows, pairs: Candidates) -> Integers:
    """int64[n]: the same for paragraphs that equal texts and pairs connect."""
    return connect(looked_up(text, pairs.left), looked_up(text, pairs.right), len(text))[text]


class _Places(NamedTuple):
    """The documents of each family, ascending by family. texts: fingerprint of all that stands in each document."""

    family: Integers
    document: Integers
    wording: Integers
    texts: NDArray[np.uint64]

    @classmethod
    def of(cls, family: Integers, document: Integers, wording: Integers, texts: NDArray[np.uint64]) -> _Places:
        """Each family and document once. family, document, wording: int64[n], of each paragraph."""
        order = np.lexsort((wording, document, family))
        new = np.append(True, (np.diff(family[order]) != 0) | (np.diff(document[order]) != 0))[: len(order)]
        first = order[new]
        return cls(family[first], document[first], wording[first], texts)

    def take(self, chosen: Integers) -> _Places:
        """The given ones, in the given order."""
        return _Places(self.family[chosen], self.document[chosen], self.wording[chosen], self.texts)

    def first_of_each(self, most: int, fingerprint: NDArray[np.uint64]) -> Integers:
        """As many of each family at most, chosen by the texts alone: first one document of each fingerprint, and so on."""
        mark = fingerprint[self.document]
        order = np.lexsort((self.texts[self.document], mark, self.family))
        new = np.append(True, (np.diff(self.family[order]) != 0) | (np.diff(mark[order]) != 0))[: len(order)]
        again = np.arange(len(order)) - np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
        order = order[np.lexsort((mark[order], again, self.family[order]))]
        families = self.family[order]
        first: Integers = order[np.arange(len(order)) - np.searchsorted(families, families) < most]
        return first


class _Contents(NamedTuple):
    """What stands in each of d documents: its subjects, ascending; length: int64, the characters it has of each."""

    subjects: Ragged[np.int64]
    length: Integers

    @classmethod
    def of(cls, subject: Integers, document: NDArray[np.int32], length: Integers) -> _Contents:
        """Gather the paragraphs that have any length."""
        rows = np.flatnonzero(length)
        rows = rows[np.lexsort((subject[rows], document[rows]))]
        begins = np.append(True, (np.diff(document[rows]) != 0) | (np.diff(subject[rows]) != 0))[: len(rows)]
        starts = np.flatnonzero(begins)
        subjects = Ragged.from_rows(document[rows[starts]].astype(np.int64), subject[rows[starts]], int(document.max()) + 1)
        return cls(subjects, np.diff(running_totals(length[rows])[np.append(starts, len(rows))]))

    def among(self, subject: Integers, document: Integers) -> Integers:
        """Characters that each document has of each subject."""
        width = int(self.subjects.values.max(initial=0)) + 1
        present = self.subjects.rows * width + self.subjects.values
        wanted = document * width + np.minimum(subject, width - 1)
        place = np.minimum(np.searchsorted(present, wanted), max(0, len(present) - 1))
        if len(present) == 0:
            return np.zeros(len(subject), dtype=np.int64)
        return np.where((present[place] == wanted) & (subject < width), self.length[place], 0)

    def shared(self, one: Integers, other: Integers) -> tuple[Integers, Integers]:
        """Characters of the one document on subjects that the other one has, and those of the other."""
        fewer = self.subjects.lengths[one] <= self.subjects.lengths[other]
        small, large = np.where(fewer, one, other), np.where(fewer, other, one)
        totals = running_totals(self.subjects.lengths[small])
        cuts = each_once(np.searchsorted(totals, np.arange(0, totals[-1], BLOCK)))
        parts = [self._shared(some, others) for some, others in zip(np.split(small, cuts), np.split(large, cuts), strict=True)]
        of_small, of_large = (np.concatenate(column) for column in zip(*parts, strict=True))
        return np.where(fewer, of_small, of_large), np.where(fewer, of_large, of_small)

    def _shared(self, small: Integers, large: Integers) -> tuple[Integers, Integers]:
        subjects = self.subjects.take(small)
        there = self.among(subjects.values, large[subjects.rows])
        here = self.length[spans(self.subjects.offsets[small], subjects.lengths)]
        return subjects.sum(np.where(there > 0, here, 0)), subjects.sum(there)


def _found(places: _Places, subject: Integers, rest: _Contents, least: int, overlap: float) -> Flags:
    """Bool[n]: whether a family stands in enough documents that share little else. subject: of each family."""
    family, document = places.family, places.document
    own = rest.among(subject[family], document)
    left = rest.subjects.sum(rest.length)[document] - own
    filled = np.flatnonzero(left)
    pasted = _in_one_wording(family[filled], places.wording[filled], len(subject))
    chosen = filled[places.take(filled).first_of_each(SAMPLED * least, fingerprints(rest.subjects))]
    family, document, own, left = family[chosen], document[chosen], own[chosen], left[chosen]
    one, other = _pairs_within(family)
    documents = len(rest.subjects)
    pairs = document[one] * documents + document[other]
    distinct = each_once(pairs)
    place = np.searchsorted(distinct, pairs)
    of_one, of_other = (amounts[place] for amounts in rest.shared(distinct // documents, distinct % documents))
    both = (own[one] > 0) & (own[other] > 0)
    much = of_one - np.where(both, own[one], 0) > overlap * left[one]
    much |= of_other - np.where(both, own[other], 0) > overlap * left[other]
    alike = np.bincount(np.concatenate([one[much], other[much]]), minlength=len(family))
    # By the theorem of Caro and Wei, at least so many documents share little with each other.
    counted = Ragged.from_rows(family, -(-WHOLE // (1 + alike)), len(subject))
    found: Flags = pasted & (counted.sum(counted.values) >= least * WHOLE)
    return found


def _in_one_wording(family: Integers, wording: Integers, count: int) -> Flags:
    """Bool[count]: whether most documents of a family have one wording of it."""
    having = np.bincount(wording, minlength=count)
    most = np.zeros(count, dtype=np.int64)
    np.maximum.at(most, family, having[wording])
    pasted: Flags = 2 * most > np.bincount(family, minlength=count)
    return pasted


def _pairs_within(family: Integers) -> tuple[Integers, Integers]:
    """Places of every two of a family, which ascend."""
    places = np.arange(len(family))
    followers = np.searchsorted(family, family, side="right") - places - 1
    return np.repeat(places, followers), spans(places + 1, followers)
