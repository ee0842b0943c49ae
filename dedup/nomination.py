"""Which pairs are worth a score: what two plans nominate, and of that what a cheap look leaves.

weights → signatures → candidates → pairs that are alike enough
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.batch import Batch
from dedup.collisions import PAIRS_OF_A_HUB
from dedup.columns import Candidates, Flags, Integers, looked_up, occurrences
from dedup.copies import Copies, equal_pairs, spread, union
from dedup.lsh import LEAST_BUDGET, SAMPLE, SIGNED, Plan, candidates_across, candidates_within, plan_bands
from dedup.minhash import PERMUTATIONS, Signer, agreements, continued
from dedup.model import DECISION
from dedup.rarity import learned_weights, prior_weights, shareable, worn_out
from dedup.similarity import hopeful

WITHIN_BANDS: Final = 128  # one row each: 0.92 of the pairs of a document whose weighted similarity is 0.02
VARIATIONS: Final = Plan(rows=4, bands=16)  # 0.999 of the pairs whose weighted similarity is 0.8
LONG_DOCUMENT: Final = 250  # paragraphs; a longer document is nominated like a collection
ROWS_OF_MANY: Final = 3  # a band, in large collections: half of each position is enough there, so many seldom agree by chance
COMPARED: Final = 126  # positions of two signatures, …
LEAST_AGREEING: Final = 13  # … and so many that agree in all but 1 of 1,700 repeats: of fewer not even the terms are looked at


def nominate(
    batch: Batch,
    copies: Copies,
    document: NDArray[np.int32],
    scope: str,
    least: float = 0.0,
    jobs: int = 1,
    told: Callable[[int], None] | None = None,
) -> tuple[Candidates, Plan | None]:
    """Pairs worth a score: equal texts, and what two plans find; and the plan across documents.

    document: int32[n]. least: score from which on a pair is wanted.
    told: is told of so many more different texts that were looked at across documents.
    """
    terms = batch.terms
    frequency = occurrences(terms.distinct.values, len(terms.spelling))
    learned, prior = learned_weights(batch.zipf, frequency, len(terms)), prior_weights(batch.zipf)
    sizes = np.bincount(document, minlength=1)[document]
    found, plan = [_in_scope(equal_pairs(copies), document, scope)], None
    worn_classes = worn_out(terms.distinct, learned, prior)[copies.first]
    worn, telling = np.flatnonzero(worn_classes), np.flatnonzero(~worn_classes)
    if len(worn):
        found += worth_a_score(batch, copies, _variations(batch, copies, worn, prior), document, scope, least, jobs)
    if scope != "across":
        rows = np.flatnonzero((sizes > 1) & (sizes <= LONG_DOCUMENT) & copies.heard)
        filled, sign = Signer(terms.distinct, terms.hash, learned, rows).filled()
        rows = rows[filled]
        within = candidates_within(sign, sign.empty, document[rows], WITHIN_BANDS).among(rows)
        found.append(within.where(~copies.equal(within)))
    if (sizes > LONG_DOCUMENT).any() or (scope != "within" and len(document) and document.min() != document.max()):
        # Without the worn ones: thousands of variations of one text would spend the budget of all the others.
        across, alike, plan = _across(batch, copies, telling, learned, frequency, least, jobs, told)
        found += worth_a_score(batch, copies, across, document, scope, least, jobs, alike)
    return union(found), plan


def _across(
    batch: Batch,
    copies: Copies,
    classes: Integers,
    weights: Integers,
    frequency: Integers,
    least: float,
    jobs: int,
    told: Callable[[int], None] | None,
) -> tuple[Candidates, Flags | None, Plan]:
    """Pairs of these classes that agree in a band, for which of them there is hope (None: for all), and the plan."""
    signer = partial(Signer, batch.terms.distinct, batch.terms.hash)
    sample = copies.first[classes[:SAMPLE]]  # the order of keys is a random one
    telling, sign = signer(weights, sample).filled()
    plan = plan_bands(sign(0, PERMUTATIONS), len(classes) * len(telling) // max(1, len(sample)))
    large = plan.rows >= ROWS_OF_MANY
    filled, sign = signer(shareable(weights, frequency) if large else weights, copies.first[classes]).filled()
    classes = classes[filled]
    if not large:
        return candidates_across(sign, sign.empty, plan, jobs, told=told).among(classes), None, plan
    sign = sign.narrowed()
    head = sign(0, max(COMPARED, min(SIGNED // plan.rows * plan.rows, plan.positions)))  # what is signed first anyway
    pairs = candidates_across(continued(head, sign), sign.empty, plan, jobs, told=told)
    # Who asks for less than a repeat may be shown what is hardly alike.
    alike = agreements(head, pairs.left, pairs.right, COMPARED) >= LEAST_AGREEING if least >= DECISION else None
    return pairs.among(classes), alike, plan


def _variations(batch: Batch, copies: Copies, worn: Integers, prior: Integers) -> Candidates:
    """Classes of variations of one text, by the weights of the prior. worn: the classes whose learned weights do not tell."""
    filled, sign = Signer(batch.terms.distinct, batch.terms.hash, prior, copies.first[worn]).filled()
    budget = max(LEAST_BUDGET, PAIRS_OF_A_HUB * VARIATIONS.bands * len(filled))  # what buckets give that are all capped
    return candidates_across(sign, sign.empty, VARIATIONS, budget=budget).among(worn[filled])


def _in_scope(pairs: Candidates, document: NDArray[np.int32], scope: str) -> Candidates:
    if scope == "all":
        return pairs
    same_document = looked_up(document, pairs.left) == looked_up(document, pairs.right)
    return pairs.where(same_document if scope == "within" else ~same_document)


def worth_a_score(
    batch: Batch,
    copies: Copies,
    classes: Candidates,
    document: NDArray[np.int32],
    scope: str,
    least: float,
    jobs: int,
    alike: Flags | None = None,
) -> Iterator[Candidates]:
    """Yield pairs of rows in scope for pairs of classes; of two documents only where the terms leave hope for a good score.

    alike: bool[p], the pairs of classes for which there is any hope; None: all.
    """
    first = copies.first
    hope = np.ones(len(classes), dtype=bool) if alike is None else alike.copy()
    some = classes.where(hope)
    hope[hope] = hopeful(batch.terms.distinct, batch.lexicon, batch.extent, first[some.left], first[some.right], least, jobs)
    yield from spread(copies, classes.where(hope), lambda pairs: _in_scope(pairs, document, scope))
    if scope != "across":
        beside = np.zeros(len(first), dtype=bool)  # others in the same document
        beside[copies.class_of[np.bincount(document, minlength=1)[document] > 1]] = True
        hopeless = Candidates(classes.left, classes.right).where(~hope & beside[classes.left] & beside[classes.right])
        yield from spread(copies, hopeless, lambda pairs: _in_scope(pairs, document, "within"))
