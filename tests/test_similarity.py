from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import batches, every_real_pair, few, many, pairs_of_texts, real_paragraphs, sample_documents, spun_documents

from dedup import Config, Document, check, compare, similarity
from dedup.batch import Batch, prepare
from dedup.features import FEATURES, Meeting, ceilings, content, wording
from dedup.model import Pair
from dedup.profiles import profile
from dedup.rows import pairs_of
from dedup.similarity import coefficients

STATED = ("score", "kind", "evidence")


def stated(pair: Pair) -> tuple[object, ...]:
    return tuple(getattr(pair, name) for name in STATED)


def obvious(a: str, b: str, same_document: bool) -> tuple[object, ...]:
    score = reference.score(a, b, same_document=same_document)
    return score, reference.kind(a, b), pytest.approx(reference.evidence(a, b), abs=1.01e-4)


# --------------------------------------------------------------------------------------------------------- fast == obvious


@many
@given(pairs_of_texts, st.booleans())
def test_score_kind_and_evidence_are_those_of_the_obvious_reading(pair: tuple[str, str], same_document: bool) -> None:
    expected = obvious(*pair, same_document)

    actual = stated(compare(*pair, same_document=same_document))

    assert expected == actual


@pytest.mark.parametrize("same_document", [True, False])
def test_scores_of_real_text_are_those_of_the_obvious_reading(same_document: bool) -> None:
    text = real_paragraphs().text
    pairs = [(row, row + step) for step in (1, 2) for row in range(0, len(text) - step, 3)]
    expected = [obvious(text[a], text[b], same_document) for a, b in pairs]

    actual = list(pairs_of(scores(prepare(text, None), pairs, same_document)))

    assert expected == actual


def scores(batch: Batch, pairs: Iterable[tuple[int, int]], same_document: bool, least: float = 0.0) -> similarity.Scored:
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    equal, same = batch.keys[left] == batch.keys[right], np.full(len(left), same_document)
    return similarity.score(batch.terms, batch.lexicon, left, right, same, equal, least)


# ------------------------------------------------------------------------------------------- what a score depends on


@many
@given(pairs_of_texts, st.booleans())
def test_a_score_does_not_depend_on_which_text_comes_first(pair: tuple[str, str], same_document: bool) -> None:
    a, b = pair

    forth, back = pairs_of(scores(prepare([a, b, a], None), [(0, 1), (1, 2)], same_document))

    assert forth == back


def nominated(documents: Sequence[Document]) -> list[Pair]:
    return list(check(documents, Config(min_score=0)).pairs)


def test_every_pair_of_a_check_scores_what_comparing_its_two_texts_says() -> None:
    pairs = list(every_real_pair())[::9]

    assert len(pairs) > 100
    for pair in pairs:
        same_document = (pair.a.file, pair.a.document) == (pair.b.file, pair.b.document)
        assert stated(pair) == stated(compare(pair.a.text, pair.b.text, same_document=same_document))


def places(pair: Pair) -> tuple[str, int, str, int]:
    return pair.a.document, pair.a.paragraph, pair.b.document, pair.b.paragraph


def test_a_score_does_not_depend_on_what_else_is_in_the_batch() -> None:
    documents = spun_documents()
    in_all = {places(pair): stated(pair) for pair in nominated(documents)}

    alone = {places(pair): stated(pair) for document in documents for pair in nominated([document])}
    both = in_all.keys() & alone.keys()

    assert len(both) > 500
    assert {place: in_all[place] for place in both} == {place: alone[place] for place in both}


@few
@given(pairs_of_texts, st.booleans(), batches)
def test_a_score_does_not_depend_on_its_company(pair: tuple[str, str], same_document: bool, company: list[str]) -> None:
    alone = compare(*pair, same_document=same_document)

    batch = prepare([*company, *pair, *company], None)
    among_others = scores(batch, [(len(company), len(company) + 1)], same_document)

    assert [(alone.score, alone.kind, alone.evidence)] == list(pairs_of(among_others))


@pytest.mark.parametrize("chunk", [1, 7])
def test_a_score_does_not_depend_on_the_size_of_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = spun_documents()[:2]
    expected = [(places(pair), stated(pair)) for pair in nominated(documents)]

    monkeypatch.setattr(similarity, "CHUNK", chunk)

    assert expected == [(places(pair), stated(pair)) for pair in nominated(documents)]


# ------------------------------------------------------------------------------------------------- what is out of reach

leasts = st.sampled_from([0.00005, 0.001, 0.1, 0.5, 0.9, 1.0])


def every_with_every(batch: Batch) -> list[tuple[int, int]]:
    return list(itertools.product(range(len(batch.terms)), repeat=2))


def assert_same_from(least: float, every: similarity.Scored, reached: similarity.Scored) -> None:
    """That both have the same pairs of this score or more, and the other scores are what they are or 0."""
    high = np.flatnonzero(every.reach(least))
    assert list(pairs_of(every.take(high))) == list(pairs_of(reached.take(high)))
    low = np.flatnonzero(~every.reach(least))
    assert ((reached.parts[low] == every.parts[low]) | (reached.parts[low] == 0)).all()


@few
@given(batches, pairs_of_texts, leasts, st.booleans())
def test_the_least_score_spares_only_what_cannot_reach_it(
    company: list[str], pair: tuple[str, str], least: float, same_document: bool
) -> None:
    batch = prepare([*company, *pair], None)

    pairs = every_with_every(batch)

    assert_same_from(least, scores(batch, pairs, same_document), scores(batch, pairs, same_document, least))


@pytest.mark.parametrize("same_document", [True, False])
def test_the_least_score_spares_much_of_real_text(same_document: bool) -> None:
    batch = prepare(real_paragraphs().text[:60], None)
    pairs = every_with_every(batch)
    every, reached = scores(batch, pairs, same_document), scores(batch, pairs, same_document, 0.5)

    assert_same_from(0.5, every, reached)
    assert (reached.evidence["shared"] == similarity.NONE).sum() > 0.8 * (~every.reach(0.5)).sum()
    assert (every.evidence["shared"] != similarity.NONE).all()


def test_a_check_finds_the_same_whatever_lower_score_another_asks_for() -> None:
    documents = [*sample_documents(), *spun_documents()]

    for least in (0.3, 0.5, 0.8):
        assert list(check(documents, Config(min_score=least)).pairs) == list(every_real_pair().at(least).pairs)


@pytest.mark.parametrize("regime", ["within", "across"])
def test_log_odds_do_not_exceed_the_highest(regime: str) -> None:
    prepared = prepare(real_paragraphs().text[:60], None)
    left, right = map(np.array, zip(*itertools.combinations(range(60), 2), strict=True))
    meeting = Meeting.of(profile(prepared.terms, prepared.lexicon), left, right)
    known = content(meeting)

    highest = similarity.highest_odds(known, ceilings(meeting), regime)

    assert (similarity.log_odds(known | wording(meeting), regime) <= highest + 1e-9).all()


def test_two_texts_of_one_document_are_judged_by_other_curves_than_two_of_different_documents() -> None:
    texts = real_paragraphs().text

    pairs = [(compare(a, b), compare(a, b, same_document=True)) for a, b in itertools.pairwise(texts[:15])]

    assert any(across.score != within.score for across, within in pairs)
    assert all(across.evidence == within.evidence for across, within in pairs)


# ------------------------------------------------------------------------------------------------------------- exact texts

LEDE = "The board approved the final £212 million stage of the “Harbour Line” on Tuesday night – after 3 hours."

COPIES = {
    "the same": LEDE,
    "straight quotes": LEDE.replace("“", '"').replace("”", '"'),
    "another dash": LEDE.replace("–", "—"),
    "capitals": LEDE.upper(),
    "spaces": "  " + LEDE.replace(" ", "\u00a0 \t") + "\n",
    "soft hyphens": LEDE.replace("approved", "ap\u00adproved"),
    "zero-width characters": "\ufeff" + LEDE.replace(" ", "\u200b "),
    "full width": LEDE.replace("T", "\uff34").replace("3", "\uff13"),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_texts_equal_after_normalising_score_1_and_are_exact(copy: str) -> None:
    for same_document in (True, False):
        pair = compare(LEDE, copy, same_document=same_document)

        assert (pair.score, pair.kind) == (1.0, "exact")


CHANGES = {
    "a figure": LEDE.replace("212", "213"),
    "a letter": LEDE.replace("final", "finale"),
    "a word": LEDE.replace("Tuesday", "Monday"),
    "a stop": LEDE.rstrip("."),
    "the order": " ".join(reversed(LEDE.split())),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_texts_that_differ_are_not_exact(changed: str) -> None:
    assert compare(LEDE, changed).kind != "exact"
    assert compare(LEDE, changed, same_document=True).kind != "exact"


# ------------------------------------------------------------------------------------------------------------------- kinds


def test_a_text_with_much_more_behind_it_contains_the_shorter_one() -> None:
    more = " Traders on Quay Street fear that closures drive customers away during the busiest months of each year."

    assert compare(LEDE, LEDE + more + more.replace("Quay", "Orchard").replace("closures", "roadworks")).kind == "contained"


def test_a_lightly_edited_text_is_near() -> None:
    assert compare(LEDE, LEDE.replace("approved", "passed")).kind == "near"


def test_a_reworded_text_is_a_paraphrase() -> None:
    reworded = "It took 3 hours on Tuesday night before the Harbour Line's last stage, at £212 million, was approved."

    assert compare(LEDE, reworded).kind == "paraphrase"
    assert compare(LEDE, reworded).score >= 0.5


# ------------------------------------------------------------------------------------------------------------- evidence


@few
@given(st.lists(pairs_of_texts, min_size=1, max_size=6), st.booleans())
def test_evidence_and_score_lie_between_0_and_1_with_four_decimals(pairs: list[tuple[str, str]], same_document: bool) -> None:
    batch = prepare([*itertools.chain(*pairs)], None)

    for score, _, evidence in pairs_of(scores(batch, every_with_every(batch), same_document)):
        values = [score, *(value for value in evidence.values() if value is not None)]

        assert {"shared", "contained", "numbers", "names"} <= set(evidence)
        assert all(0.0 <= value <= 1.0 and value == round(value, 4) for value in values)


def test_evidence_that_does_not_apply_is_none() -> None:
    without = compare("they met at the library and left", "they met at the cinema and stayed").evidence
    with_both = compare("on 3 May they met Thorvald", "on 4 May they met Thorvald").evidence

    assert (without["numbers"], without["names"]) == (None, None)
    assert (with_both["numbers"], with_both["names"]) == (0.0, 1.0)


# ------------------------------------------------------------------------------------------------------------ the model


def test_every_feature_of_the_model_is_explained_in_words() -> None:
    for _, curves in coefficients().values():
        assert set(curves) <= set(FEATURES)
    assert set(coefficients()) == {"within", "across"}


def test_the_points_of_every_curve_ascend() -> None:
    for _, curves in coefficients().values():
        for x, y in curves.values():
            assert len(x) == len(y)
            assert x == sorted(set(x))


@pytest.mark.parametrize("same_document", [True, False])
def test_other_figures_and_names_lower_a_score(same_document: bool) -> None:
    frame = "In the {} quarter {} sold {} cars, {} per cent more than a year before, and its shares rose to {} pounds on {}."
    text = frame.format("first", "Kestrel Motors", "14,200", "3.1", "48", "Tuesday")
    neighbour = frame.format("third", "Lynx Engines", "27,950", "8.4", "91", "Friday")
    copy = text.replace("sold", "delivered").replace("rose", "climbed")

    assert compare(text, copy, same_document=same_document).score > compare(text, neighbour, same_document=same_document).score


def test_only_exact_texts_score_1() -> None:
    for pair in every_real_pair():
        assert (pair.score == 1.0) == (pair.kind == "exact")


def test_a_number_spelled_in_another_way_is_not_replaced() -> None:
    text = "The mayor said that {} people in the town of Norwick were told to leave by Tuesday evening, the radio reported."
    respelled = compare(text.format("1.5m"), text.format("1.5 million"), same_document=True)
    changed = compare(text.format("1.5m"), text.format("1.8m"), same_document=True)

    assert respelled.evidence["numbers"] == 1.0
    assert changed.score < 0.5 * respelled.score
