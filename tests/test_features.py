from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import batches, edited, few, many, pairs_of_texts, prose, real_paragraphs

from dedup import overlap
from dedup.batch import prepare
from dedup.features import FEATURES, Meeting, ceilings, measure
from dedup.profiles import Profiles, _numbered, profile

Features = dict[str, float]


def all_pairs(count: int) -> tuple[list[int], list[int]]:
    """Every pair of rows, in both directions, and every row with itself."""
    pairs = list(itertools.product(range(count), repeat=2))
    return [a for a, _ in pairs], [b for _, b in pairs]


def profiled(batch: Sequence[str], language: str | None = None) -> Profiles:
    prepared = prepare(list(batch), language)
    return profile(prepared.terms, prepared.lexicon)


def measured(batch: Sequence[str], left: Sequence[int], right: Sequence[int], language: str | None = None) -> list[Features]:
    columns = measure(profiled(batch, language), np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    return [{name: float(column[place]) for name, column in columns.items()} for place in range(len(left))]


def between(a: str, b: str) -> Features:
    return measured([a, b], [0], [1])[0]


def obvious(batch: Sequence[str], left: Sequence[int], right: Sequence[int]) -> list[Features]:
    paragraphs = [reference.read(text) for text in batch]
    return [reference.features(paragraphs[a], paragraphs[b]) for a, b in zip(left, right, strict=True)]


# --------------------------------------------------------------------------------------------------------- fast == obvious


@many
@given(pairs_of_texts)
def test_features_of_two_texts_are_those_of_sets_and_loops(pair: tuple[str, str]) -> None:
    expected = obvious(pair, [0], [1])

    actual = measured(pair, [0], [1])

    assert list(expected[0]) == list(actual[0]) == list(FEATURES)
    assert expected[0] == pytest.approx(actual[0], rel=1e-12, abs=1e-12)


@few
@given(batches)
def test_features_of_a_batch_are_those_of_sets_and_loops(batch: list[str]) -> None:
    left, right = all_pairs(len(batch))
    expected = obvious(batch, left, right)

    actual = measured(batch, left, right)

    assert len(expected) == len(actual)
    for one, other in zip(expected, actual, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12)


def test_features_of_real_text_are_those_of_sets_and_loops() -> None:
    paragraphs = real_paragraphs()
    document = paragraphs.document_row.tolist()
    pairs = [(a, b) for a, b in itertools.combinations(range(len(document)), 2) if document[a] == document[b]]
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    expected = obvious(paragraphs.text, left, right)

    actual = measured(paragraphs.text, left, right)

    assert len(pairs) > 1000
    for one, other in zip(expected, actual, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12)


def test_features_of_huge_and_tiny_texts_are_those_of_sets_and_loops() -> None:
    long = " ".join(f"word{number}x" for number in range(1500)) + ". " + "tram " * 1500
    batch = [long, long.replace("word7", "cost 12 "), "tram", "", "12", "tram 12"]
    left, right = all_pairs(len(batch))
    expected = obvious(batch, left, right)

    actual = measured(batch, left, right)

    for one, other in zip(expected, actual, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12)


def test_the_order_of_120_000_terms_is_that_of_their_places() -> None:
    words = ["".join(letters) for letters in itertools.product("bcdfglmnprs", repeat=5)][:120_000]
    [forward, turned] = measured([" ".join(words), " ".join([*words, "more"]), " ".join(words[::-1])], [0, 0], [1, 2])

    assert (forward["order"], turned["order"]) == pytest.approx((1.0, -1.0))


# -------------------------------------------------------------------------------------------------------------- promises


@many
@given(pairs_of_texts)
def test_features_do_not_depend_on_which_text_comes_first(pair: tuple[str, str]) -> None:
    forth, back = measured(pair, [0, 1], [1, 0])

    assert forth == back


@few
@given(pairs_of_texts, batches)
def test_features_do_not_depend_on_the_rest_of_the_batch(pair: tuple[str, str], batch: list[str]) -> None:
    alone = measured(pair, [0], [1])
    place = len(batch)

    left, right = all_pairs(len(batch) + 2)
    among_others = measured([*batch, *pair], [*left, place], [*right, place + 1])

    assert alone == among_others[-1:]


@many
@given(pairs_of_texts)
def test_features_stay_in_their_ranges(pair: tuple[str, str]) -> None:
    limits = {"rare_shared": 8, "rare_lost": 6, "numbers_changed": 4, "numbers_replaced": 4, "length": 10, "patchwork": 10}

    found = between(*pair)

    for name, value in found.items():
        least = -1.0 if name == "order" else 0.0
        assert least - 1e-12 <= value <= limits.get(name, 1) + 1e-12, name


@many
@given(prose)
def test_a_text_keeps_everything_of_itself(text: str) -> None:
    found = between(text, text)
    whole = 1.0 if reference.read(text).terms else 0.0

    assert (found["jaccard"], found["weighted_jaccard"], found["containment"], found["length_ratio"]) == (whole,) * 4
    assert (found["rare_lost"], found["gap"], found["patchwork"], found["new_rarity"]) == (0.0,) * 4
    assert [found[name] for name in ("numbers_changed", "numbers_replaced", "names_replaced", "frame")] == [0.0] * 4
    assert found["names_kept"] in (0.5, 1.0)
    assert found["numbers_kept"] in (0.5, 1.0)


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_the_cheap_look_sees_the_same_whatever_the_size_of_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ["", *real_paragraphs().text[:70]]  # more rows than are looked at together
    left, right = map(np.array, all_pairs(len(batch)))
    expected = measure(profiled(batch), left, right)

    monkeypatch.setattr(overlap, "CHUNK", chunk)
    monkeypatch.setattr(overlap, "READ", chunk)
    prepared = prepare(batch, None)
    terms, lexicon = prepared.terms.distinct, prepared.lexicon
    extent = overlap.extents(terms, lexicon)
    actual = overlap.term_features(extent.take(left), extent.take(right), overlap.shared(terms, lexicon, left, right))

    assert {name: expected[name].tolist() for name in actual} == {name: column.tolist() for name, column in actual.items()}


@few
@given(batches, pairs_of_texts)
def test_no_feature_exceeds_its_ceiling(batch: list[str], pair: tuple[str, str]) -> None:
    profiles = profiled([*batch, *pair])
    left, right = map(np.array, all_pairs(len(batch) + 2))
    found = measure(profiles, left, right)

    highest = ceilings(Meeting.of(profiles, left, right))

    assert set(highest) == {"gap", "verbatim"}
    for name, limit in highest.items():
        assert (found[name] <= limit + 1e-12).all(), name


def test_texts_with_nothing_in_common_share_nothing() -> None:
    found = between("Castermouth trams reach Pellgate.", "Lynx cubs were seen near kettles.")

    assert (found["jaccard"], found["containment"], found["word_pairs"], found["verbatim"], found["order"]) == (0.0,) * 5
    assert found["gap"] > 0.9


NEUTRAL_CASES = {
    "no names": ("they met at noon and left", "we met at night and stayed"),
    "Chinese": ("市政府在周二批准了电车计划。", "电车计划在周二获得市政府批准。"),
    "Arabic": ("قال رئيس البلدية في الرياض", "رئيس بلدية الرياض قال"),
    "Hindi": ("नगर परिषद ने दिल्ली में", "दिल्ली की नगर परिषद"),
    "Thai": ("สภาเมืองอนุมัติแผน", "แผนอนุมัติโดยสภาเมือง"),
}


@pytest.mark.parametrize(("a", "b"), NEUTRAL_CASES.values(), ids=NEUTRAL_CASES)
def test_names_are_neutral_where_there_are_none(a: str, b: str) -> None:
    assert between(a, b)["names_kept"] == 0.5


def test_german_nouns_do_not_all_count_as_names() -> None:
    text = "Gestern hat der Rat der Stadt in der Sitzung den Plan für die Straße und das Haus von Elske Thorvald gebilligt."
    paragraph = reference.read(text)

    likely = profiled([text]).names
    spelling = profiled([text]).terms.spelling
    actual = {spelling[name] for name in likely.values.tolist()}

    assert {"rat", "stadt", "plan", "haus"} <= paragraph.names
    assert actual.isdisjoint({"rat", "stadt", "plan", "haus"})
    assert "thorv" in actual


def test_a_name_counts_as_kept_where_it_begins_a_sentence() -> None:
    found = between("At noon the board met Thorvald again.", "Thorvald was met by the board at noon.")

    assert found["names_kept"] == 1.0


def test_numbers_count_by_value() -> None:
    same = between("It cost the town 1,500,000 and three cars.", "The town paid 1.5 million and 3 cars for it.")
    other = between("It cost the town 1,500,000 and three cars.", "The town paid 1.6 million and 4 cars for it.")

    assert (same["numbers_kept"], same["numbers_changed"]) == (1.0, 0.0)
    assert (other["numbers_kept"], other["numbers_changed"]) == (0.0, 2.0)


def test_a_number_that_only_one_states_is_no_number_changed() -> None:
    found = between("The tram opened in 2028.", "The tram opened.")

    assert (found["numbers_kept"], found["numbers_changed"], found["numbers_replaced"]) == (0.0, 0.0, 0.0)


def test_a_number_in_the_place_of_another_is_a_number_replaced() -> None:
    moved = between("profit of 12 pounds, loss of 13 euros", "loss of 13 euros, profit of 12 pounds")
    replaced = between("profit of 12 pounds, loss of 13 euros", "profit of 14 pounds, loss of 15 euros")

    assert moved["numbers_replaced"] == 0.0
    assert replaced["numbers_replaced"] > 0.0


def test_a_name_in_the_place_of_another_is_a_name_replaced() -> None:
    on_sunday = "the road to Vance will reopen on Sunday at the earliest"

    assert between(on_sunday, "on Sunday at the earliest will the road to Vance reopen")["names_replaced"] == 0.0
    assert between(on_sunday, "the road to Vance will reopen on Tuesday at the earliest")["names_replaced"] == 0.5
    assert between(on_sunday, "the road to Tamsen will reopen on Tuesday at the earliest")["names_replaced"] == 1.0


def test_a_longer_number_says_more_than_a_short_one() -> None:
    long_kept = between("12,345 people in 7 rows", "12,345 people in 8 rows")
    short_kept = between("12,345 people in 7 rows", "54,321 people in 7 rows")

    assert long_kept["numbers_kept"] > short_kept["numbers_kept"]


def test_order_falls_from_1_to_minus_1_when_a_text_is_turned_round() -> None:
    words = "harbour tram council petition library cinema dockside ferry".split()
    text = " ".join(words)

    assert between(text, text)["order"] == pytest.approx(1.0)
    assert between(text, " ".join(reversed(words)))["order"] == pytest.approx(-1.0)


@few
@given(prose, st.integers(0, 30), prose)
def test_an_edited_text_shares_no_more_than_all(text: str, cut: int, insertion: str) -> None:
    found = between(text, edited(text, cut, insertion))

    assert found["weighted_jaccard"] <= found["containment"] + 1e-12
    assert found["word_pairs"] <= found["word_pairs_kept"] + 1e-12


@many
@given(st.lists(st.integers(0, 9) | st.sampled_from([2**40, 2**62, 2**63 - 1])))
def test_codes_are_numbered_in_their_order_whether_or_not_they_fit_into_a_word_with_their_place(codes: list[int]) -> None:
    distinct = sorted(set(codes))

    number, first = _numbered(np.array(codes, dtype=np.int64))

    assert number.tolist() == [distinct.index(code) for code in codes]
    assert first.tolist() == [codes.index(code) for code in distinct]
