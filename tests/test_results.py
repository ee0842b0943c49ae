from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from material import every_real_pair, sample_documents, spun_documents

from dedup import Config, DedupError, Document, Group, Pair, Place, Result, characters, check

ROUND = "The council met on Tuesday and decided to keep the library open at night, for a year and a day."
EDITED = "The council met on Tuesday and decided to keep the library open at night, for a year and two days."
OTHER = "A petition with four thousand names lies on the desk beside the door, and nobody has read it yet."


@pytest.fixture
def everything() -> Result:
    return every_real_pair()


@pytest.mark.parametrize("min_score", [0.0, 0.2, 0.5, 0.97, 1.0])
def test_at_is_what_a_check_with_that_score_finds(everything: Result, min_score: float) -> None:
    again = check([*sample_documents(), *spun_documents()], Config(min_score=min_score))
    at = everything.at(min_score)
    assert list(at) == list(again)
    assert list(at.groups) == list(again.groups)
    assert (at.config, at.counts) == (again.config, again.counts)


def test_at_goes_upward_only(everything: Result) -> None:
    with pytest.raises(DedupError, match=r"min_score: 0\.3 is below the 0\.5 that was checked; check again with Config"):
        everything.at(0.5).at(0.3)
    with pytest.raises(DedupError, match="min_score: 2 is outside 0 to 1"):
        everything.at(2)


def test_groups_hold_what_repeats_connect(everything: Result) -> None:
    result = everything.at(0.5)
    for number, group in enumerate(result.groups, 1):
        pairs = [pair for pair in result if pair.group == number]
        places = {place.key: place for pair in pairs for place in (pair.a, pair.b)}
        assert group == Group(number, pairs[0].score, tuple(places[key] for key in sorted(places)))
    assert len(result.groups) == max(pair.group or 0 for pair in result)
    assert [group.number for group in result.groups[1:3]] == [2, 3]
    assert result.groups[-1].number == len(result.groups)


def test_counts_are_those_of_the_pairs() -> None:
    documents = [Document("a", f"{ROUND}\n\n{ROUND}\n\n{OTHER}\n\nShort."), Document("b", EDITED)]
    counts = check(documents, Config(kinds=("near",))).counts
    assert counts.as_dict() == {
        "documents": 2,
        "paragraphs": 4,
        "skipped": {"short": 1},
        "repeats": 2,
        "kinds": {"near": 2},
        "groups": 1,
        "boilerplate": 0,
        "not_counted": 1,
        "why_not": {"kind": 1},
        "replaced": 0,
        "capped_buckets": 0,
    }


def test_nothing_has_counts_too() -> None:
    result = check([])
    assert (list(result), list(result.groups), result.counts.repeats, result.compared_nothing) == ([], [], 0, True)
    assert repr(result) == "<Result: no repeats, 0 documents, 0 paragraphs>"


def test_pairs_are_made_when_they_are_looked_at(everything: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    init = Pair.__init__

    def count(self: Pair, *values: object, **named: object) -> None:
        nonlocal made
        made += 1
        init(self, *values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Pair, "__init__", count)
    assert len(list(itertools.islice(iter(everything), 3))) == 3
    assert 0 < made <= 6 < len(everything)


def test_documents_may_come_from_a_generator_larger_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(characters, "CHUNK", 30_000)
    letters = random.Random(1)
    filler = [" ".join("".join(letters.choices("abcdefghij", k=8)) for _ in range(200)) for _ in range(20)]

    def stream() -> Iterator[Document]:
        for number, text in enumerate(filler):
            yield Document(str(number), f"{text}\n\n{ROUND if number in (5, 19) else text[::-1]}")

    assert sum(map(len, filler)) > characters.CHUNK
    exact = [pair for pair in check(stream()).pairs if pair.kind == "exact"]
    assert [(pair.a.document, pair.b.document) for pair in exact] == [("19", "5")]


def test_lone_surrogates_are_replaced_and_counted() -> None:
    result = check([Document("a", f"{ROUND}\ud800\udc00 \udfff"), Document("b", ROUND + " \U00010000")])
    assert result.counts.replaced == 3
    assert result.paragraphs.text[0] == f"{ROUND}\ufffd\ufffd \ufffd"


def test_a_shell_shows_what_was_found() -> None:
    result = check([Document("a.txt", "\n\n".join([ROUND, ROUND, ROUND, OTHER])), Document("b.txt", EDITED)])
    assert repr(result) == (
        "<Result: 6 repeats in 1 group, 2 documents, 5 paragraphs>\n"
        "  Pair(1.0000 exact, a.txt#0 ~ a.txt#1: 'The council met on Tuesday and decided …' ~ 'The council met on "
        "Tuesday and decided …')\n"
        "  Pair(1.0000 exact, a.txt#0 ~ a.txt#2: 'The council met on Tuesday and decided …' ~ 'The council met on "
        "Tuesday and decided …')\n"
        "  Pair(1.0000 exact, a.txt#1 ~ a.txt#2: 'The council met on Tuesday and decided …' ~ 'The council met on "
        "Tuesday and decided …')\n"
        "  … and 3 more"
    )
    assert repr(result.groups) == "[Group(1, 1.0000, 4 places: 'The council met on Tuesday and decided …')]"
    assert repr(result.pairs).endswith(",\n … and 3 more]")
    assert repr(Place("f", "d", 3, 9, "Short.")) == "Place('d', paragraph 3, 'Short.')"


def test_a_result_is_iterated_best_first(everything: Result) -> None:
    scores = [pair.score for pair in everything]
    assert scores == sorted(scores, reverse=True)
    assert len(everything) == len(everything.pairs) == len(scores)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_words": 2.5}, "min_words: 2.5 is no whole number"),
        ({"min_words": True}, "min_words: True is no whole number"),
        ({"min_score": "0.7"}, "min_score: '0.7' is no number"),
        ({"kinds": "near"}, "kinds: 'near' is no list of kinds"),
        ({"kinds": ()}, "kinds: none is named; give some of exact, contained, near, paraphrase"),
        ({"language": 5}, "language: 5 is no code of a language"),
        ({"text_field": None}, "text_field: None is no name"),
    ],
    ids=str,
)
def test_a_setting_of_the_wrong_type_is_an_error_that_names_it(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DedupError, match=re.escape(message)):
        Config(**settings)


@pytest.mark.parametrize("document", ["text", Document(1, "text"), Document("a", None)], ids=str)  # type: ignore[arg-type]
def test_what_is_no_document_is_an_error(document: Any) -> None:  # noqa: ANN401 - whatever a caller may give
    with pytest.raises(DedupError, match="not a document; give Document"):
        check([document])


def test_results_are_equal_to_themselves_alone() -> None:
    result = check([Document("a", f"{ROUND}\n\n{ROUND}")])
    assert result == result
    assert result != check([Document("a", f"{ROUND}\n\n{ROUND}")])
    assert len({result, result}) == 1
