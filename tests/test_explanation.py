from __future__ import annotations

import itertools
import math

import pytest
from material import every_real_pair

from dedup import compare
from dedup.explanation import CHUNK, Explanation, Shared, explain
from dedup.features import FEATURES

A = "On Monday, the Castermouth tram carried 212 people to Pellgate, said Otti of the N.W.A. board."
B = "The tram to Pellgate took 212 passengers and 3 dogs from Castermouth on Monday, the board of the N.W.A. reported."


def explained(a: str, b: str, *, same_document: bool = False) -> Explanation:
    [explanation] = explain([compare(a, b, same_document=same_document)])
    return explanation


def test_words_are_listed_as_they_are_written() -> None:
    explanation = explained(A, B)
    assert explanation.names == Shared(("Monday", "Castermouth", "Pellgate", "N.W.A."), ("Otti",), ())
    assert explanation.numbers == Shared(("212",), (), ("3",))
    assert explanation.rare.both[:2] == ("Pellgate", "N.W.A.")
    assert "Otti" in explanation.rare.only_a
    assert {"castermouth", "monday", "212"} <= explanation.telling


def test_numbers_are_listed_by_value() -> None:
    assert explained(
        "They paid 1,000 for the three of them in the end.", "The three of them cost 1000 in the end, or 0.50 more."
    ).numbers == Shared(("3", "1000"), (), ("0.5",))


def test_totals_count_every_word_once() -> None:
    shared = Shared(("a", "b"), ("c",), ("d", "e"))
    assert (shared.total, shared.fewest) == (5, 3)


@pytest.mark.parametrize("min_score", [0.0, 0.5])
def test_the_parts_make_the_score_of_every_pair_of_a_check(min_score: float) -> None:
    result = every_real_pair().at(min_score)
    for pair, explanation in zip(result.pairs, explain(result.pairs), strict=True):
        assert explanation.pair == pair
        assert list(explanation.features) == list(FEATURES)
        score = 1 / (1 + math.exp(-explanation.start - sum(explanation.parts.values())))
        assert pair.score == (1.0 if pair.kind == "exact" else min(round(score, 4), 0.9999))


def test_whether_two_share_a_document_decides_which_features_count() -> None:
    within, across = explained(A, B, same_document=True), explained(A, B)
    assert within.features == across.features
    assert within.start != across.start
    assert within.parts.keys() < across.parts.keys() == across.features.keys()


def test_pairs_are_explained_as_they_are_asked_for() -> None:
    pairs = itertools.repeat(compare(A, B))
    assert sum(1 for _ in itertools.islice(explain(pairs), 2 * CHUNK + 1)) == 2 * CHUNK + 1


def test_texts_without_words_are_explained() -> None:
    explanation = explained("", "…")
    assert (explanation.rare, explanation.names, explanation.numbers) == (Shared((), (), ()),) * 3
