"""The sample articles: exactly the pairs their author had in mind. Nothing is ever fitted to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dedup import Config, check
from dedup.model import Place
from dedup.readers import Source

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))


def kinds_of_pairs(name: str) -> dict[tuple[Any, Any], str]:
    """The kind of every pair reported in a sample, by its two places."""
    source = Source([str(SAMPLES / name)], Config())
    result = check(source)
    assert source.errors == []
    return {(position(pair.a), position(pair.b)): pair.kind for pair in result.pairs}


def position(place: Place) -> object:
    """As expected.json gives it: the paragraph in a file that is one document, else also the record."""
    return place.paragraph if place.document == place.file else (place.document, place.paragraph)


def expected_position(position: Any) -> object:  # noqa: ANN401 - a number, or a record and a number
    return tuple(position) if isinstance(position, list) else position


@pytest.mark.parametrize("name", EXPECTED)
def test_exactly_the_expected_pairs_are_found(name: str) -> None:
    expected = {(expected_position(pair["a"]), expected_position(pair["b"])) for pair in EXPECTED[name]}
    assert kinds_of_pairs(name).keys() == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_the_pairs_found_are_of_the_right_kind(name: str) -> None:
    right = {(expected_position(pair["a"]), expected_position(pair["b"])): pair["kinds"] for pair in EXPECTED[name]}
    wrong = {pair: kind for pair, kind in kinds_of_pairs(name).items() if kind not in right.get(pair, [kind])}
    assert wrong == {}


def test_every_sample_has_its_expected_pairs() -> None:
    samples = {path.name for path in SAMPLES.iterdir()} - {"README.md", "expected.json"}
    assert samples == EXPECTED.keys()
