"""Texts → what every later step knows of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Terms
from dedup.overlap import Extent, extents
from dedup.profiles import Floats, Lexicon
from dedup.rarity import score_weights, zipf_frequencies
from dedup.terms import find_terms


class Batch(NamedTuple):
    """Everything the later steps know of n paragraphs.

    zipf: float64 of each term. extent: of the distinct terms of each paragraph. keys: uint64[n], equal for equal texts.
    """

    terms: Terms
    lexicon: Lexicon
    zipf: Floats
    extent: Extent
    keys: NDArray[np.uint64]

    @classmethod
    def of(cls, terms: Terms, zipf: Floats) -> Batch:
        """What the prior says of terms. zipf: frequency of each."""
        lexicon = Lexicon.of(terms.spelling, zipf, score_weights(zipf))
        return cls(terms, lexicon, zipf, extents(terms.distinct, lexicon), terms.keys)


def prepare(texts: list[str], language: str | None, told: Callable[[int], None] | None = None) -> Batch:
    """Terms of every text and what the prior says of them. told: is told of so many more texts that are read."""
    terms = find_terms(texts, language, told)
    return Batch.of(terms, zipf_frequencies(terms.spelling, terms.hash))
