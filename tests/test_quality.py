"""Floors under what the shipped model finds in the labelled articles of tests/spun, on which it was fitted among others."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from material import articles, spun_documents

from dedup import check
from dedup.model import Pair

RIGHT_KINDS = {
    "verbatim-edit": {"near", "exact"},
    "reorder": {"near", "exact"},
    "contains": {"contained"},
    "light": {"near", "paraphrase"},
    "medium": {"paraphrase"},
    "heavy": {"paraphrase"},
}

Key = tuple[str, str, int, int]


@functools.cache
def reported() -> dict[Key, Pair]:
    """All articles in one check, so that pairs across two of them are false reports as well."""
    return {(p.a.document, p.b.document, p.a.paragraph, p.b.paragraph): p for p in check(spun_documents()).pairs}


def key(article: dict[str, Any], pair: dict[str, Any]) -> Key:
    return (article["id"], article["id"], *sorted((pair["a"], pair["b"])))


def labelled(what: str, *, foreign: bool = False) -> dict[Key, dict[str, Any]]:
    chosen = [article for article in articles() if article["lang"] != "en" or not foreign]
    return {key(article, pair): pair for article in chosen for pair in article[what]}


def test_f1_at_one_half_is_at_least_095() -> None:
    repeats = labelled("pairs")

    f1 = 2 * len(repeats.keys() & reported().keys()) / (len(repeats) + len(reported()))

    assert f1 >= 0.95


def test_at_most_2_of_78_hard_negatives_are_reported() -> None:
    hard = labelled("hard_negatives")

    assert len(hard) == 78
    assert len(hard.keys() & reported().keys()) <= 2


def test_at_most_one_miss_and_one_false_report_in_languages_other_than_english() -> None:
    repeats = labelled("pairs", foreign=True)
    ids = {article["id"] for article in articles() if article["lang"] != "en"}
    found = {place for place in reported() if ids & set(place[:2])}

    assert len(repeats) == 9
    assert len(repeats.keys() - found) <= 1
    assert len(found - repeats.keys()) <= 1


def test_kinds_agree_with_the_labels_in_at_least_85_of_100() -> None:
    repeats = labelled("pairs")
    right = [reported()[place].kind in RIGHT_KINDS[pair["strength"]] for place, pair in repeats.items() if place in reported()]

    assert sum(right) >= 0.85 * len(right)


@pytest.mark.parametrize("strength", RIGHT_KINDS)
def test_every_strength_of_rewriting_is_found(strength: str) -> None:
    repeats = [place for place, pair in labelled("pairs").items() if pair["strength"] == strength]

    assert sum(place in reported() for place in repeats) >= 0.8 * len(repeats) > 0
