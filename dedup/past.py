"""What is recalled of earlier documents: rows behind those that are checked, so that the steps treat all rows alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Candidates, Flags, Integers, Ragged, Rows, Terms, concatenated
from dedup.copies import LISTED
from dedup.model import Against, Paragraphs
from dedup.profiles import Floats


@dataclass(frozen=True)
class Recalled:
    """m paragraphs of earlier documents, and the pairs of them with checked ones that share a bucket.

    paragraphs, terms: of these alone; lengths: int64[m], characters, of texts that are not kept too. identities: by which each
    of their documents is known. zipf: float64 of each of the terms. pairs: left, of those checked; right, of those recalled.
    """

    paragraphs: Paragraphs
    lengths: Integers
    identities: Sequence[str]
    terms: Terms
    zipf: Floats
    pairs: Candidates


class Past(Protocol):
    """What remembers earlier documents."""

    @property
    def against(self) -> Against:
        """What it is called, and how much it keeps."""
        ...

    def recall(self, paragraphs: Paragraphs, terms: Terms, zipf: Floats) -> Recalled:
        """What may repeat these paragraphs. zipf: float64 of each of their terms."""
        ...

    def outlines(self, identities: Sequence[str]) -> Mapping[str, Sequence[tuple[int, int, int]]]:
        """Of all paragraphs of documents the position, a key, equal for equal texts, and the characters."""
        ...


class Rest(NamedTuple):
    """What else stands in recalled documents.

    document: int32[n]. key: uint64[n], equal for equal texts. length: int64[n], characters.
    """

    document: NDArray[np.int32]
    key: NDArray[np.uint64]
    length: Integers


def with_paragraphs(checked: Paragraphs, recalled: Paragraphs) -> Paragraphs:
    """The rows recalled behind those that are there."""
    document_row = np.concatenate([checked.document_row, recalled.document_row + np.int32(len(checked.documents))])
    return replace(
        checked,
        text=[*checked.text, *recalled.text],
        document_row=document_row,
        documents=[*checked.documents, *recalled.documents],
        recalled=checked.recalled + len(recalled.text),
        position=np.concatenate([checked.position, recalled.position]),
        line=np.concatenate([checked.line, recalled.line]),
        last_line=np.concatenate([checked.last_line, recalled.last_line]),
    )


def with_terms(one: Terms, zipf: Floats, other: Recalled) -> tuple[Terms, Floats]:
    """The terms recalled behind those that are there, by the numbers of these, and the frequencies of all."""
    number_of = {spelling: number for number, spelling in enumerate(one.spelling)}
    added = [number for number, spelling in enumerate(other.terms.spelling) if spelling not in number_of]
    spelling = [*one.spelling, *(other.terms.spelling[number] for number in added)]
    number_of.update((word, number) for number, word in enumerate(spelling[len(one.spelling) :], len(one.spelling)))
    number = np.array([number_of[word] for word in other.terms.spelling], dtype=np.int32)
    terms = Terms(
        spelling=spelling,
        hash=np.concatenate([one.hash, other.terms.hash[added]]),
        sequence=_behind(one.sequence, other.terms.sequence, number),
        distinct=_behind(one.distinct, other.terms.distinct, number).distinct(),
        begins=np.concatenate([one.begins, other.terms.begins]),
        names=_behind(one.names, other.terms.names, number).distinct(),
        numbers=concatenated([one.numbers, other.terms.numbers], np.float64),
        keys=np.concatenate([one.keys, other.terms.keys]),
    )
    return terms, np.concatenate([zipf, other.zipf[added]])


def rest_of(past: Sequence[Past], recalled: Sequence[Recalled], paragraphs: Paragraphs, documents: Integers) -> Rest:
    """What else stands in some documents. recalled: from each past, behind what is checked; documents: ascending."""
    rows = slice(paragraphs.checked, None)
    there = set(zip(paragraphs.document_row[rows].tolist(), paragraphs.position[rows].tolist(), strict=True))
    found: list[tuple[int, int, int]] = []
    begin = len(paragraphs.documents) - sum(len(one.identities) for one in recalled)
    for one, some in zip(past, recalled, strict=True):
        end = begin + len(some.identities)
        known = {some.identities[document - begin]: document for document in documents.tolist() if begin <= document < end}
        for identity, outline in one.outlines(list(known)).items():
            document = known[identity]
            found += [(document, key, length) for position, key, length in outline if (document, position) not in there]
        begin = end
    owners, keys, lengths = zip(*found, strict=True) if found else ((), (), ())
    return Rest(np.array(owners, dtype=np.int32), np.array(keys, dtype=np.uint64), np.array(lengths, dtype=np.int64))


def pairs_behind(recalled: Sequence[Recalled], checked: int) -> list[Candidates]:
    """The pairs of several, when the rows of each stand behind those before. checked: the rows before all of them."""
    found = []
    for one in recalled:
        found.append(Candidates.of(one.pairs.left, one.pairs.right + checked, one.pairs.capped))
        checked += len(one.terms)
    return found


def listed_pairs(left: Rows, equal: Flags) -> Flags:
    """Which pairs are listed: of a text with many equal ones only the first. left: ascending."""
    copies = np.bincount(left[equal], minlength=1 + int(left.max(initial=0)))[left]
    first = np.zeros(len(left), dtype=bool)
    first[np.flatnonzero(equal)[np.unique(left[equal], return_index=True)[1]]] = True
    return ~equal | first | (copies <= LISTED)


def _behind(one: Ragged[np.int32], other: Ragged[np.int32], number: NDArray[np.int32]) -> Ragged[np.int32]:
    return concatenated([one, Ragged(number.take(other.values), other.offsets)], np.int32)
