"""How much a term says: weights from a fixed table of word frequencies, and those learned from a collection."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers, Ragged, at

TABLE: Final = Path(__file__).with_name("prior.bin")
PRIOR_PARAGRAPHS: Final = 10_000  # how many imagined paragraphs the prior counts as, next to a collection's own
PRIOR_LENGTH: Final = 60  # words in an imagined paragraph
MAX_WEIGHT: Final = 15
WORN: Final = 1 / 3  # of what the prior gives its terms: a paragraph with less is known by its frame only
READ: Final = 1 << 14  # rows added up at a time
MIN_IDF: Final = 3.0  # a term found in more than one paragraph in 20 nominates nothing

# Zipf frequency of a term that the table lacks, by its length: short words are common in every language.
_UNKNOWN: Final = np.array([7.0, 5.0, 4.0, 3.5, 3.0, 2.5])
_UNKNOWN_NUMBER: Final = np.array([7.0, 5.0, 4.5, 4.0, 3.5, 3.0])
_UNKNOWN_IDEOGRAPHS: Final = 3.0
_FIRST_IDEOGRAPH: Final = "\u2e80"


@functools.cache
def _table() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Ascending term hashes and their Zipf frequency in 1/32. The file has all hashes, little-endian, then all frequencies.

    Source: word frequencies of wordfreq 3 (Robyn Speer, CC BY-SA 4.0), cut to terms by benchmarks/prior.py.
    """
    packed = TABLE.read_bytes()
    count = len(packed) // (4 + 1)
    hashes = np.frombuffer(packed, dtype="<u4", count=count).astype(np.uint32, copy=False)
    return hashes, np.frombuffer(packed, dtype=np.uint8, offset=hashes.nbytes)


def zipf_frequencies(spelling: list[str], hashes: NDArray[np.uint32]) -> NDArray[np.float64]:
    """float64[v]: log10 of occurrences in 10⁹ words of general text; a guess from its length for an unknown term."""
    known, zipf = _table()
    place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    frequency = zipf[place] / 32.0
    unknown = np.flatnonzero(known[place] != hashes)
    frequency[unknown] = _guesses([spelling[term] for term in unknown.tolist()])
    return frequency


def _guesses(spelling: list[str]) -> NDArray[np.float64]:
    lengths = np.minimum(np.array([len(term) for term in spelling], dtype=np.int64), len(_UNKNOWN) - 1)
    number = np.array([term[:1].isdigit() for term in spelling], dtype=bool)
    ideographs = np.array([_FIRST_IDEOGRAPH <= term[:1] < "\ua4d0" for term in spelling], dtype=bool)
    return np.where(ideographs, _UNKNOWN_IDEOGRAPHS, np.where(number, _UNKNOWN_NUMBER[lengths], _UNKNOWN[lengths]))


def score_weights(zipf: NDArray[np.float64]) -> Integers:
    """int64[v]: what a term weighs in a score, from the prior alone. Whole numbers, so that sums do not depend on order."""
    return np.maximum(1, np.round(16 * np.maximum(0.0, 7.5 - zipf) ** 2)).astype(np.int64)


def learned_weights(zipf: NDArray[np.float64], document_frequency: Integers, paragraphs: int) -> Integers:
    """int64[v], 0 to 15: how many copies of a term are sketched, from the prior and a collection's own counts.

    round(idf − 3), where idf = ln((N + N₀) / (df + N₀ · p)) and p is the share of paragraphs the prior expects a term in.
    """
    expected = PRIOR_PARAGRAPHS * -np.expm1(-PRIOR_LENGTH * 10.0 ** (zipf - 9))
    idf = np.log((paragraphs + PRIOR_PARAGRAPHS) / (document_frequency + expected))
    weights: Integers = np.clip(np.round(idf - MIN_IDF), 0, MAX_WEIGHT).astype(np.int64)
    return weights


def shareable(weights: Integers, document_frequency: Integers) -> Integers:
    """int64[v]: the same weights, but 0 for a term of one paragraph alone, which makes it less similar to all the others.

    What is similar is nominated more often then, and so is what is not: it pays where bands are dear and pairs are not.
    """
    return np.where(document_frequency > 1, weights, 0)


def prior_weights(zipf: NDArray[np.float64]) -> Integers:
    """int64[v]: what `learned_weights` gives before anything is learned."""
    return learned_weights(zipf, np.zeros(len(zipf), dtype=np.int64), 0)


def worn_out(terms: Ragged[np.int32], learned: Integers, prior: Integers) -> Flags:
    """bool[n]: whether a row's terms have lost most of their weight to a collection that is full of them.

    So it is with thousands of variations of one text: their frame weighs nothing, and what is left is different in each.
    terms: the distinct terms of each row.
    """
    both = learned << 32 | prior  # one sum adds up both
    chunks = (terms.between(first, first + READ) for first in range(0, len(terms), READ))
    sums = np.concatenate([np.zeros(0, dtype=np.int64), *(chunk.sum(at(both, chunk.values)) for chunk in chunks)])
    worn: Flags = (sums >> 32) < WORN * (sums & 0xFFFF_FFFF)
    return worn


@dataclass(frozen=True, eq=False)
class Weights:
    """What terms weigh in an index, fixed when it is made: by the prior alone, or by what a collection taught.

    paragraphs: how many there were to learn from, 0 for the prior. hashes: uint32[k], ascending, of the terms that weigh
    something else than a term which none of them has; weights: uint8[k], of each.
    """

    paragraphs: int
    hashes: NDArray[np.uint32]
    weights: NDArray[np.uint8]

    @classmethod
    def prior(cls) -> Weights:
        """Those of the prior."""
        return cls(0, np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.uint8))

    @classmethod
    def learned(cls, zipf: NDArray[np.float64], hashes: NDArray[np.uint32], frequency: Integers, paragraphs: int) -> Weights:
        """Those of a collection. zipf, hashes and frequency: of each of its terms."""
        weights = learned_weights(zipf, frequency, paragraphs)
        told = np.flatnonzero(weights != learned_weights(zipf, np.zeros_like(frequency), paragraphs))
        told = told[np.lexsort((weights[told], hashes[told]))]
        ordered = hashes[told]
        once = np.append(True, ordered[1:] != ordered[:-1])[: len(told)]  # two terms may share a hash: the lighter one stays
        return cls(paragraphs, ordered[once], weights[told][once].astype(np.uint8))

    def of(self, zipf: NDArray[np.float64], hashes: NDArray[np.uint32]) -> Integers:
        """int64[v], 0 to 15: how many copies of each term are sketched."""
        weights = learned_weights(zipf, np.zeros(len(zipf), dtype=np.int64), self.paragraphs)
        if len(self.hashes):
            place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
            weights = np.where(self.hashes[place] == hashes, self.weights[place], weights)
        return weights.astype(np.int64)
