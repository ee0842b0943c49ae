"""What the look at terms before scoring spares and loses, for several values of `similarity.LEAST_ODDS`.

python benchmarks/cut.py $DEDUP_DATA/news_stream_dev.jsonl.gz $DEDUP_DATA/throughput_100k.jsonl.gz

Of the pairs of two documents that are scored without it: how many are left, and the share lost of those that reach the decision
point. LEAST_ODDS is the highest value, in steps of 0.4, at which no collection here loses any.
"""

from __future__ import annotations

import sys

import numpy as np

from dedup import similarity
from dedup.batch import prepare
from dedup.config import Config
from dedup.model import DECISION
from dedup.overlap import extents, shared, term_features
from dedup.pipeline import check
from dedup.readers import Source

TRIED = [-7.8, -7.4, -7.0, -6.6, -6.2, -5.8]


def main() -> None:
    similarity.LEAST_ODDS = -np.inf  # type: ignore[misc]
    config = Config(min_score=0.0, scope="across")
    for path in sys.argv[1:]:
        pairs = check(Source([path], config), config).pairs
        batch = prepare(pairs.paragraphs.text, None)
        terms, lexicon = batch.terms.distinct, batch.lexicon
        extent = extents(terms, lexicon)
        both = shared(terms, lexicon, pairs.left, pairs.right)
        odds = similarity.log_odds(term_features(extent.take(pairs.left), extent.take(pairs.right), both), "across")
        repeat = pairs.scored.reach(DECISION)
        print(f"{path}: {len(pairs)} pairs, {repeat.sum()} of them repeats")
        for least in TRIED:
            print(f"{least:6.1f}  {(odds >= least).sum():8d} pairs  {(odds[repeat] < least).mean():.5f} of the repeats lost")


if __name__ == "__main__":
    main()
