"""What the plan for a large collection would miss: recall of a check against all pairs, scored one by one.

python benchmarks/recall.py $DEDUP_DATA/news_stream_dev.jsonl.gz

The first 10,000 paragraphs are checked with the plan that the whole file gets, which should be ten times as large; the truth is
every pair of them that reaches the decision point and has a weighted Jaccard similarity of 0.05.
"""

from __future__ import annotations

import itertools
import sys

import numpy as np

from dedup import nomination, similarity
from dedup.batch import prepare
from dedup.config import Config
from dedup.lsh import plan_bands
from dedup.model import DECISION
from dedup.pipeline import check
from dedup.readers import Source

SAMPLE = 10_000
SIMILAR = 0.05
LOOKED_AT = 1 << 20  # pairs at a time


def repeats(texts: list[str]) -> set[tuple[int, int]]:
    """All pairs that reach the decision point, as of two documents."""
    batch = prepare(texts, None)
    one, other = np.triu_indices(len(texts), 1)
    found: set[tuple[int, int]] = set()
    for first in range(0, len(one), LOOKED_AT):
        left, right = one[first : first + LOOKED_AT], other[first : first + LOOKED_AT]
        hopeful = similarity.hopeful(batch.terms.distinct, batch.lexicon, batch.extent, left, right)
        left, right = left[hopeful], right[hopeful]
        equal = batch.keys[left] == batch.keys[right]
        scored = similarity.score(batch.terms, batch.lexicon, left, right, np.zeros(len(left), dtype=bool), equal)
        repeat = scored.reach(DECISION) & (scored.evidence["shared"] >= similarity.parts_of(SIMILAR))
        found.update(zip(left[repeat].tolist(), right[repeat].tolist(), strict=True))
    return found


def main() -> None:
    config = Config()
    for path in sys.argv[1:]:
        nomination.plan_bands = plan_bands
        plan = check(Source([path], config), config).plan
        nomination.plan_bands = lambda sample, paragraphs, plan=plan: plan
        result = check(itertools.islice(Source([path], config), SAMPLE), config)
        pairs = result.pairs
        reported = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
        similarity.LEAST_ODDS, usual = -9.0, similarity.LEAST_ODDS  # type: ignore[misc]
        true = repeats(result.paragraphs.text)
        similarity.LEAST_ODDS = usual  # type: ignore[misc]
        print(f"{path}, {plan}: {len(true)} repeats, {len(true & reported) / max(1, len(true)):.4f} of them reported")


if __name__ == "__main__":
    main()
