#!/usr/bin/env python3
"""Make the packed table of word frequencies that dedup ships: `prior.py dedup/prior.bin` (needs `pip install wordfreq jieba`).

Frequencies come from the library wordfreq 3 (Robyn Speer; data CC BY-SA 4.0). Words are cut to terms as dedup cuts them, the
frequencies of one term are added up, and a term of several languages has its highest one. Chinese and Japanese words give the
frequencies of their bigrams.
"""

from __future__ import annotations

import collections
import math
import sys
from pathlib import Path

import numpy as np
import wordfreq
from numpy.typing import NDArray

from dedup.terms import find_terms, term_hash

# Language and how many of its commonest terms are kept. Languages of the evaluation data first; what is cut is rare anyway.
SIZES = {"en": 16_000, "zh": 9_000, "ja": 4_000} | dict.fromkeys(("de", "es", "fr", "pt"), 6_500) | dict.fromkeys(
    ("it", "nl", "ru", "pl"), 4_500
) | dict.fromkeys(
    "ar bg bn ca cs da el fa fi he hi hu id ko lt lv mk ms nb ro sh sk sl sv tr uk ur vi fil is ta".split(), 900
)  # fmt: skip


def frequencies(language: str) -> dict[str, float]:
    """Share of a language's words that are this term."""
    words = wordfreq.get_frequency_dict(language, "best")
    total: collections.Counter[str] = collections.Counter()
    terms = find_terms(list(words))
    for row, frequency in enumerate(words.values()):
        for number in terms.distinct.values[terms.distinct.offsets[row] : terms.distinct.offsets[row + 1]].tolist():
            total[terms.spelling[number]] += frequency
    return {term: value for term, value in total.items() if not term[0].isdigit()}


def table() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Ascending hashes of terms, and their frequency on the Zipf scale in 1/32."""
    best: dict[int, float] = {}
    for language, size in SIZES.items():
        found = frequencies(language)
        ranked = sorted(found, key=lambda term: (-found[term], term))[:size]
        for term in ranked:
            best[term_hash(term)] = max(best.get(term_hash(term), 0.0), found[term])
    keys = np.array(sorted(best), dtype=np.uint32)
    zipf = np.array([math.log10(best[key]) + 9 for key in keys.tolist()])
    return keys, np.clip(np.round(zipf * 32), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    keys, zipf = table()
    Path(sys.argv[1]).write_bytes(keys.astype("<u4").tobytes() + zipf.tobytes())
    print(f"{len(keys):,} terms, {keys.nbytes + zipf.nbytes:,} bytes")
