"""What the look at terms before scoring spares and loses, for several values of `similarity.LEAST_ODDS`.

python benchmarks/cut.py $DEDUP_DATA/news_stream_dev.jsonl.gz $DEDUP_DATA/throughput_100k.jsonl.gz

Of the pairs of two documents that are scored without it: how many are left, and the share lost of those that reach the decision
point. LEAST_ODDS is the highest value, in steps of 0.4, at which no collection here loses any; SELDOM_ADDED, for those who want
repeats only, loses 1 in 600 at most. And how many repeats `nomination.LEAST_AGREEING` loses.
"""

from __future__ import annotations

import sys

import numpy as np

from dedup import nomination, similarity
from dedup.batch import prepare
from dedup.config import Config
from dedup.model import DECISION
from dedup.overlap import extents, shared, term_features
from dedup.pipeline import check
from dedup.readers import Source
from dedup.results import Result

TRIED = [-7.0, -6.6, -6.2, -5.8, -5.5, -5.0]


def ends(result: Result) -> set[tuple[int, int]]:
    """Rows of the repeats."""
    left, right = (side[result.pairs.scored.reach(DECISION)].tolist() for side in (result.pairs.left, result.pairs.right))
    return set(zip(left, right, strict=True))


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
        usual, nomination.LEAST_AGREEING = nomination.LEAST_AGREEING, 0  # type: ignore[misc]
        repeats = Config(scope="across")
        every = ends(check(Source([path], repeats), repeats))
        nomination.LEAST_AGREEING = usual  # type: ignore[misc]
        lost = every - ends(check(Source([path], repeats), repeats))
        print(f"of {len(every)} repeats {len(lost)} are lost as their signatures agree too seldom")


if __name__ == "__main__":
    main()
