"""Copies that stand in documents which share little else, and what looks like them but is none."""

from __future__ import annotations

import functools
import itertools
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import many, real_paragraphs

from dedup import Config, DedupError, Document, Result, check
from dedup.boilerplate import SAMPLED, find_boilerplate
from dedup.columns import Candidates
from dedup.copies import LISTED
from dedup.model import KINDS
from dedup.readers import Source

FOOTER = (
    "The Fallowgate Courier is owned by its readers and has been printed in the town since 1871. If you value what we do, "
    "become a member from £3 a month or telephone the newsroom on 01632 960 114."
)
PLUG = "Every Friday our letter brings the best of the week to 8,000 kitchens along the river: sign up on the front page."
REWRITES = [
    "The council voted on Tuesday to keep the Castermouth library open at night until 2031, after 4,500 people signed a "
    "petition started by Ottilie Brack, a nurse.",
    "On Tuesday councillors decided that Castermouth library will stay open at night until 2031; a petition begun by the nurse "
    "Ottilie Brack had gathered 4,500 names.",
    "After 4,500 people put their names to a petition by Ottilie Brack, who works as a nurse, the council agreed on Tuesday to "
    "leave the library in Castermouth open at night until 2031.",
    "Night opening at the Castermouth library is safe until 2031, the council ruled on Tuesday. Ottilie Brack, a nurse, had "
    "collected 4,500 signatures for it.",
    "A nurse's petition has saved the nights at Castermouth library: with 4,500 signatures from Ottilie Brack on the table, "
    "the council on Tuesday extended them until 2031.",
    "Castermouth's library may go on opening at night until 2031. The council's vote on Tuesday followed a petition of 4,500 "
    "signatures organised by Ottilie Brack, a nurse.",
    "Until 2031 readers in Castermouth can go on using their library at night, councillors resolved on Tuesday, bowing to the "
    "4,500 who signed the petition of nurse Ottilie Brack.",
    "Councillors in Castermouth bowed to a nurse, Ottilie Brack, and 4,500 other signatories on Tuesday: the library keeps its "
    "nightly hours until 2031.",
    "The nightly opening of the library in Castermouth was prolonged until 2031 by the council on Tuesday, a success for the "
    "nurse Ottilie Brack and the 4,500 people who signed her petition.",
    "It was a petition by the nurse Ottilie Brack, signed by 4,500 people, that moved the council on Tuesday to keep the "
    "library of Castermouth open at night until 2031.",
    "Ottilie Brack, the nurse whose petition was signed by 4,500 people, got her way on Tuesday, when the council voted to "
    "have the Castermouth library open at night until 2031.",
]


@functools.cache
def unlike() -> list[str]:
    """Paragraphs none of which repeats another."""
    texts = real_paragraphs().text
    result = check([Document(str(row), text) for row, text in enumerate(texts)], Config(min_score=0.3))
    repeated = {int(place.document) for pair in result for place in (pair.a, pair.b)}
    return [" ".join(text.split()) for row, text in enumerate(texts) if row not in repeated and len(text) > 150]


def articles(*parts: Sequence[str], own: int = 3, first: int = 0) -> list[Document]:
    """Documents with these paragraphs, each behind paragraphs of its own."""
    pool = itertools.islice(itertools.cycle(unlike()), first, None)
    return [
        Document(f"d{first + number:03}", "\n\n".join([*itertools.islice(pool, own), *texts]))
        for number, texts in enumerate(parts)
    ]


def marked(result: Result) -> set[str]:
    return {boilerplate.text for boilerplate in result.boilerplate}


drawn = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7), st.integers(1, 9)), max_size=24)  # text, document, length


@many
@given(drawn, st.data(), st.sampled_from([0, 2, 3]), st.sampled_from([0.0, 0.2, 0.5, 1.0]))
def test_boilerplate_is_what_sets_and_loops_find(
    rows: list[tuple[int, int, int]], data: st.DataObject, least: int, overlap: float
) -> None:
    rows = [*rows, *((0, document, 3) for document in range(data.draw(st.integers(0, 6))))]
    document, length = ([row[part] for row in rows] for part in (1, 2))
    text = [sorted({row[0] for row in rows}).index(row[0]) for row in rows]
    places = st.integers(0, max(0, len(rows) - 1))
    flags = st.tuples(st.sampled_from(KINDS), st.booleans())
    pairs = data.draw(
        st.lists(st.tuples(places, places, flags).filter(lambda pair: pair[0] < pair[1]), max_size=5 if rows else 0)
    )
    repeats = [(a, b, *both) for a, b, both in pairs]
    expected = reference.boilerplate(text, repeats, document, length, least, overlap)

    left, right = (np.array([pair[part] for pair in repeats], dtype=np.int64) for part in range(2))
    kind = np.array([KINDS.index(kind) for _, _, kind, _ in repeats], dtype=np.int8)
    pasted = np.array([pasted for *_, pasted in repeats], dtype=bool)
    columns = np.array(document, dtype=np.int32), np.array(length, dtype=np.int64)
    actual = find_boilerplate(np.array(text, dtype=np.int64), Candidates(left, right), kind, pasted, *columns, least, overlap)

    assert expected == actual.tolist()


# What is boilerplate.


def test_a_footer_under_different_articles_is_boilerplate_and_does_not_count() -> None:
    result = check(articles(*[[FOOTER]] * 5))
    [boilerplate] = result.boilerplate
    assert (boilerplate.text, boilerplate.documents, boilerplate.checked) == (FOOTER, 5, 5)
    assert [(place.document, place.paragraph) for place in boilerplate.places] == [(f"d{number:03}", 3) for number in range(5)]
    assert {(pair.score, pair.kind, pair.group, pair.counts, pair.why) for pair in result} == {
        (1.0, "exact", None, False, "boilerplate")
    }
    assert (result.counts.repeats, result.counts.not_counted, result.counts.boilerplate, result.counts.groups) == (0, 10, 1, 0)


def test_a_footer_that_was_edited_in_one_document_belongs_to_it() -> None:
    result = check(articles([FOOTER], [FOOTER.replace("1871", "1872")], [FOOTER]))
    assert [(pair.kind, pair.why) for pair in result] == [("exact", "boilerplate"), *[("near", "boilerplate")] * 2]
    assert [len(boilerplate.places) for boilerplate in result.boilerplate] == [3]


def test_footers_with_a_date_of_their_own_are_one() -> None:
    days = ("13 May", "4 June", "27 July", "9 August", "30 November")
    result = check(articles(*([f"{FOOTER} Printed on {day}."] for day in days)))
    assert [boilerplate.documents for boilerplate in result.boilerplate] == [5]
    assert result.counts.repeats == 0


def test_several_texts_that_always_stand_together_are_boilerplate_each() -> None:
    result = check(articles(*[[FOOTER, PLUG]] * 4, own=5))
    assert [boilerplate.text for boilerplate in result.boilerplate] == [FOOTER, PLUG]


def test_a_footer_inside_syndicated_copies_is_boilerplate_and_the_copies_are_not() -> None:
    copied = [text for number in range(3) for text in [[*unlike()[10 * number : 10 * number + 4], FOOTER]] * 3]
    result = check(articles(*copied, own=0))
    assert marked(result) == {FOOTER}
    assert {pair.why for pair in result if pair.a.text != FOOTER} == {None}
    assert result.counts.repeats == 3 * 4 * 3


def test_what_stands_twice_in_the_documents_is_boilerplate_there_too() -> None:
    result = check(articles(*[[PLUG, PLUG]] * 3))
    assert {(pair.same_document, pair.why) for pair in result} == {(True, "boilerplate"), (False, "boilerplate")}
    assert [(len(boilerplate.places), boilerplate.documents) for boilerplate in result.boilerplate] == [(6, 3)]


def test_more_copies_than_are_paired_are_all_marked() -> None:
    copies = 4 * LISTED
    result = check(articles(*[[FOOTER]] * copies, own=2))
    assert [boilerplate.documents for boilerplate in result.boilerplate if boilerplate.text == FOOTER] == [copies]
    assert {pair.why for pair in result if pair.a.text == FOOTER} == {"boilerplate"}


def test_of_very_many_documents_some_are_looked_at_of_each_story() -> None:
    stories = [unlike()[first : first + 3] for first in range(0, 12, 3)]
    copied = [[*stories[0], FOOTER]] * (3 * SAMPLED * 4) + [[*story, FOOTER] for story in stories[1:]]
    result = check(articles(*copied, own=0))
    assert marked(result) == {FOOTER}


# What is none.


def test_a_story_syndicated_over_five_feeds_is_none() -> None:
    story = unlike()[:6]
    for before in (0, 1):  # whole, and with an introduction by each
        result = check(articles(*[story] * 5, own=before, first=6))
        assert marked(result) == set()
        assert result.counts.kinds == {"exact": 6 * 10}


@pytest.mark.parametrize("copies", [5, 3 * LISTED])
def test_a_wire_story_of_one_paragraph_is_none(copies: int) -> None:
    result = check(articles(*[[unlike()[0]]] * copies, own=0))
    assert (marked(result), result.counts.not_counted) == (set(), 0)


def test_a_wire_story_over_the_footers_of_five_feeds_is_none_and_the_footers_are() -> None:
    wire, *footers = unlike()[:6]
    pool = iter(unlike()[6:])
    items = [text for footer in footers for text in [[wire, footer], *([next(pool), footer] for _ in range(4))]]
    result = check(articles(*items, own=0))
    assert marked(result) == set(footers)
    assert {(pair.counts, pair.why) for pair in result if pair.a.text == wire} == {(True, None)}


def test_eleven_rewrites_of_one_paragraph_are_none() -> None:
    result = check(articles(*([text] for text in REWRITES)))
    assert marked(result) == set()
    assert result.counts.not_counted == 0
    assert result.counts.repeats >= 30
    assert "paraphrase" in result.counts.kinds


def test_rewrites_with_a_copy_of_the_first_are_none() -> None:
    texts = [REWRITES[0], REWRITES[0], REWRITES[0].replace("voted", "decided"), *REWRITES[1:]]
    assert marked(check(articles(*([text] for text in texts)))) == set()


def test_copies_in_two_documents_are_none_unless_two_are_enough() -> None:
    documents = articles([FOOTER], [FOOTER])
    assert marked(check(documents)) == set()
    assert marked(check(documents, Config(boilerplate_documents=2))) == {FOOTER}


def test_two_copies_of_a_document_count_as_one() -> None:
    [one, other] = articles([FOOTER], [FOOTER])
    copy = Document("copy", one.text)
    assert marked(check([one, other, copy])) == set()
    assert marked(check([one, other, copy, *articles([FOOTER], first=9)])) == {FOOTER}


def test_what_ends_in_the_footer_elsewhere_does_not_make_it_less() -> None:
    texts = [[FOOTER]] * 4 + [[f"{text} {FOOTER}"] for text in unlike()[60:66]]
    result = check(articles(*texts, own=2))
    assert marked(result) == {FOOTER}
    assert {(pair.kind, pair.why) for pair in result} >= {("contained", None), ("exact", "boilerplate")}


# Options.


def test_no_boilerplate_with_a_limit_of_0() -> None:
    result = check(articles(*[[FOOTER]] * 5), Config(boilerplate_documents=0))
    assert (len(result.boilerplate), result.counts.repeats, result.counts.not_counted) == (0, 10, 0)


def test_how_much_else_is_little_is_an_option() -> None:
    shared = unlike()[0]
    documents = articles(*[[shared, FOOTER]] * 4, own=1, first=1)
    assert marked(check(documents)) == set()
    assert marked(check(documents, Config(boilerplate_overlap=0.9))) == {FOOTER, shared}
    assert marked(check(articles(*[[FOOTER]] * 4), Config(boilerplate_overlap=0))) == {FOOTER}


def test_boilerplate_counts_by_choice_and_is_told_all_the_same() -> None:
    documents = articles(*[[FOOTER]] * 4)
    result = check(documents, Config(count_boilerplate=True))
    assert marked(result) == {FOOTER}
    assert {(pair.group, pair.counts, pair.why) for pair in result} == {(1, True, None)}
    aside = check(documents)
    assert [(pair.score, pair.kind, pair.a, pair.b) for pair in result] == [
        (pair.score, pair.kind, pair.a, pair.b) for pair in aside
    ]


def test_within_documents_there_is_no_boilerplate() -> None:
    result = check(articles(*[[PLUG, PLUG]] * 3), Config(scope="within"))
    assert (marked(result), result.counts.repeats) == (set(), 3)


def test_across_documents_there_is() -> None:
    assert marked(check(articles(*[[FOOTER]] * 3), Config(scope="across"))) == {FOOTER}


@pytest.mark.parametrize("min_score", [0.0, 0.99, 1.0])
def test_the_least_score_changes_no_boilerplate(min_score: float) -> None:
    documents = articles([FOOTER], [FOOTER.replace("1871", "1872").replace("readers", "members")], [FOOTER])
    result = check(documents, Config(min_score=min_score))
    assert [len(boilerplate.places) for boilerplate in result.boilerplate] == [3]
    again = check(documents, Config(min_score=0)).at(min_score)
    assert (list(again), again.counts, list(again.boilerplate)) == (list(result), result.counts, list(result.boilerplate))


def test_a_kind_that_is_not_asked_for_is_boilerplate_first() -> None:
    result = check(articles(*[[FOOTER]] * 3), Config(kinds=("paraphrase",)))
    assert {pair.why for pair in result} == {"boilerplate"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"boilerplate_documents": 1},
            "boilerplate_documents: 1 is no number of documents .*; give 2 or more, such as 3, or 0",
        ),
        ({"boilerplate_documents": -1}, "boilerplate_documents: -1 is no number"),
        ({"boilerplate_documents": 2.5}, "boilerplate_documents: 2.5 is no whole number"),
        ({"boilerplate_overlap": 1.1}, "boilerplate_overlap: 1.1 is outside 0 to 1"),
        ({"boilerplate_overlap": float("nan")}, "boilerplate_overlap: nan is outside 0 to 1"),
        ({"count_boilerplate": 1}, "count_boilerplate: 1 is no truth value"),
    ],
    ids=str,
)
def test_a_wrong_limit_is_an_error_that_names_it(settings: dict[str, float], message: str) -> None:
    with pytest.raises(DedupError, match=message):
        Config(**settings)  # type: ignore[arg-type]


# What always holds.


def test_a_footer_connects_no_groups() -> None:
    """Two paragraphs that end in the footer are repeats of it, but the copies of it join them to nothing else."""
    result = check(articles(*[[FOOTER]] * 4))
    assert (len(result.groups), {pair.group for pair in result}) == (0, {None})


@pytest.mark.parametrize("seed", range(3))
def test_neither_order_nor_files_change_what_is_boilerplate(tmp_path: Path, seed: int) -> None:
    stories = [unlike()[first : first + 2] for first in range(0, 20, 2)]
    texts = [[*stories[number % 10], FOOTER if number % 3 else FOOTER.replace("£3", f"£{number}")] for number in range(40)]
    records = [json.dumps({"id": f"r{number}", "text": "\n\n".join(text)}) for number, text in enumerate(texts)]

    def found(*parts: list[str]) -> list[tuple[int, int]]:
        paths = []
        for number, part in enumerate(parts):
            path = tmp_path / f"{9 - number}.jsonl"
            path.write_text("\n".join(part), encoding="utf-8")
            paths.append(str(path))
        result = check(Source(paths, Config()))
        assert {(pair.a.document, pair.b.document) for pair in result if pair.why} == set() or result.boilerplate
        return sorted((len(boilerplate.places), boilerplate.documents) for boilerplate in result.boilerplate)

    chance = random.Random(seed)
    shuffled = chance.sample(records, len(records))
    cut = chance.randrange(1, len(records))
    expected = found(records)
    assert expected == [(40, 40)]
    assert expected == found(shuffled)
    for path in tmp_path.iterdir():
        path.unlink()
    assert expected == found(shuffled[:cut], shuffled[cut:])


def test_rows_can_be_questioned_like_a_list() -> None:
    result = check(articles(*[[FOOTER, PLUG]] * 4, own=5))
    assert result.boilerplate[-1] == result.boilerplate[1]
    assert result.boilerplate[:1] == [result.boilerplate[0]]
    with pytest.raises(IndexError):
        result.boilerplate[2]
    assert repr(result.boilerplate[0]) == "Boilerplate(in 4 of 4 documents: 'The Fallowgate Courier is owned by its …')"
    assert repr(result.boilerplate).startswith("[Boilerplate(in 4 of 4")
