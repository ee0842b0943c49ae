from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from material import edited, every_real_pair, prose, sample_documents, spun_documents

from dedup import Config, Document, characters, check, compare, minhash, nomination, overlap, pipeline, similarity
from dedup.collisions import BUCKET_CAP
from dedup.columns import Candidates
from dedup.copies import LISTED, ordered
from dedup.errors import InputError
from dedup.lsh import Plan
from dedup.model import KINDS, Pair
from dedup.nomination import LONG_DOCUMENT, ROWS_OF_MANY
from dedup.results import Result
from dedup.terms import find_terms

Ends = tuple[tuple[str, int], tuple[str, int]]

LEDE = (
    "The Castermouth tram network is to be extended to the suburb of Pellgate after the regional transport board approved the "
    "final £212 million stage of the Harbour Line on Tuesday night."
)
REWORDED = (
    "On Tuesday evening, the last £212 million phase of the Harbour Line was given the go-ahead by the regional transport "
    "board, clearing the way for Castermouth's trams to run as far as suburban Pellgate."
)


def ends(pair: Pair) -> Ends:
    return (pair.a.document, pair.a.paragraph), (pair.b.document, pair.b.paragraph)


def found(result: Result) -> list[Ends]:
    return [ends(pair) for pair in result.pairs]


def documents_of(*texts: str) -> list[Document]:
    return [Document(f"{number:04}", text) for number, text in enumerate(texts)]


def filler(count: int, seed: int = 0) -> list[str]:
    """Paragraphs of made-up words that have nothing to do with each other."""
    chance = random.Random(seed)
    return [
        " ".join("".join(chance.choices("bcdfglmnprstaeiou", k=chance.randint(5, 9))) for _ in range(25)) + "."
        for _ in range(count)
    ]


# ---------------------------------------------------------------------------------------------------------- fast == obvious


def assert_as_obvious(documents: Sequence[Document], scope: str, least: float = 0.0) -> None:
    result = check(documents, Config(scope=scope, min_score=least, min_words=1))
    paragraphs = result.paragraphs
    document = paragraphs.document_row.tolist()
    places = [
        (paragraphs.documents[d].id, position) for d, position in zip(document, paragraphs.position.tolist(), strict=True)
    ]
    obvious = reference.check(paragraphs.text, document, scope, least).items()
    expected = {(places[a], places[b]): stated for (a, b), stated in obvious if stated[0] >= least}

    actual = {ends(pair): (pair.score, pair.kind) for pair in result.pairs}

    assert expected == actual
    assert len(result.pairs) == len(actual)


@pytest.mark.parametrize(("scope", "least"), [("all", 0), ("within", 0), ("across", 0), ("all", 0.5)])
def test_a_check_of_the_samples_finds_what_the_obvious_one_finds(scope: str, least: float) -> None:
    assert_as_obvious(sample_documents(), scope, least)


@pytest.mark.parametrize("scope", ["all", "within", "across"])
def test_a_check_of_labelled_articles_finds_what_the_obvious_one_finds(scope: str) -> None:
    assert_as_obvious(spun_documents()[9:13], scope)


paragraph = st.one_of(
    st.sampled_from([LEDE, REWORDED, LEDE.upper(), "", *filler(2)]),
    st.builds(edited, st.just(LEDE), st.integers(0, 30), prose),
    prose,
)
small_batches = st.lists(st.lists(paragraph, max_size=4).map("\n\n".join), max_size=4).map(lambda texts: documents_of(*texts))


@settings(deadline=None, max_examples=20, derandomize=True)
@given(small_batches, st.sampled_from(["all", "within", "across"]))
def test_a_check_of_anything_finds_what_the_obvious_one_finds(documents: list[Document], scope: str) -> None:
    assert_as_obvious(documents, scope)


@settings(deadline=None, max_examples=20, derandomize=True)
@given(small_batches, st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(documents: list[Document], chance: random.Random) -> None:
    shuffled = list(documents)
    chance.shuffle(shuffled)

    assert list(check(documents).pairs) == list(check(shuffled).pairs)


@pytest.mark.parametrize("chunk", [7, 1000])
def test_what_is_found_does_not_depend_on_the_size_of_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list(check(spun_documents()[:6], Config(min_score=0)).pairs)

    for module in (characters, minhash, overlap, similarity):
        monkeypatch.setattr(module, "CHUNK", chunk)

    assert expected == list(check(spun_documents()[:6], Config(min_score=0)).pairs)


def test_half_of_each_position_is_enough_where_bands_have_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nomination, "plan_bands", lambda sample, paragraphs: Plan(rows=ROWS_OF_MANY, bands=128))
    documents, lowest = [*sample_documents(), *spun_documents()], Config(min_score=0, scope="across")
    narrow = set(found(check(documents, lowest)))
    monkeypatch.setattr(nomination, "ROWS_OF_MANY", ROWS_OF_MANY + 1)

    wide = set(found(check(documents, lowest)))

    assert wide <= narrow
    assert len(narrow - wide) <= len(wide) / 50


def test_what_is_hardly_alike_in_a_large_collection_is_no_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nomination, "plan_bands", lambda sample, paragraphs: Plan(ROWS_OF_MANY, 120, uses=2))
    articles = spun_documents()
    documents = [Document(f"{one.id}/{n}", text) for one in articles for n, text in enumerate(one.text.split("\n\n"))]
    looked_at: list[int] = []
    monkeypatch.setattr(nomination, "hopeful", lambda *given: looked_at.append(len(given[3])) or similarity.hopeful(*given))

    repeats = found(check(documents, Config(scope="across")))
    spared = sum(looked_at)
    looked_at.clear()
    monkeypatch.setattr(nomination, "LEAST_AGREEING", 0)

    assert found(check(documents, Config(scope="across"))) == repeats
    assert len(repeats) > 10
    assert spared < sum(looked_at)


def test_what_is_alike_by_a_quarter_agrees_often_enough_and_what_is_not_seldom_does() -> None:
    generator, count = np.random.default_rng(4), 4_000

    def looked_at(similarity: float) -> float:
        signature, other = generator.integers(0, 1 << 16, (2, count, nomination.COMPARED)).astype(np.uint16)
        same = generator.random(signature.shape) < similarity
        both = np.concatenate([signature, np.where(same, signature, other)])
        rows = np.arange(count)
        return float((minhash.agreements(both, rows, rows + count, nomination.COMPARED) >= nomination.LEAST_AGREEING).mean())

    assert looked_at(0.25) > 0.999
    assert looked_at(0.15) > 0.9
    assert looked_at(0.03) < 0.001


def test_within_a_long_document_what_is_hardly_alike_is_scored_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nomination, "LONG_DOCUMENT", 5)
    monkeypatch.setattr(nomination, "plan_bands", lambda sample, paragraphs: Plan(ROWS_OF_MANY, 120, uses=2))
    document = Document("all", "\n\n".join(document.text for document in spun_documents()[:6]))
    expected = found(check([document]))

    monkeypatch.setattr(nomination, "LEAST_AGREEING", nomination.COMPARED + 1)

    assert found(check([document])) == expected
    assert len(expected) > 3


# ------------------------------------------------------------------------------------------------------------ what is found


def test_a_copy_and_a_rewrite_are_found_among_unrelated_paragraphs() -> None:
    texts = [*filler(40), LEDE, *filler(40, seed=1), REWORDED, *filler(40, seed=2), LEDE]

    expected = [(40, 122), (40, 81), (81, 122)]

    one_document = check([Document("one", "\n\n".join(texts))])
    many_documents = check(documents_of(*texts))

    assert expected == [(pair.a.paragraph, pair.b.paragraph) for pair in one_document.pairs]
    assert expected == [(int(pair.a.document), int(pair.b.document)) for pair in many_documents.pairs]


def test_pairs_come_best_first_and_then_by_place() -> None:
    pairs = list(every_real_pair())
    keys = [(-pair.score, *ends(pair)) for pair in pairs]

    assert keys == sorted(keys)
    assert all(pair.a.document <= pair.b.document and ends(pair)[0] < ends(pair)[1] for pair in pairs)


@pytest.mark.parametrize("min_score", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_min_score_is_the_only_threshold(min_score: float) -> None:
    documents = spun_documents()[:5]
    everything = list(check(documents, Config(min_score=0)).pairs)

    some = list(check(documents, Config(min_score=min_score)).pairs)

    assert [ends(pair) for pair in everything if pair.score >= min_score] == [ends(pair) for pair in some]


def test_min_score_0_gives_all_that_was_nominated() -> None:
    documents = spun_documents()[9:13]
    paragraphs = check(documents).paragraphs
    document = paragraphs.document_row.tolist()
    nominated = reference.check(paragraphs.text, document)

    result = check(documents, Config(min_score=0))

    assert len(nominated) == len(result.pairs)
    assert any(pair.score < 0.1 for pair in result.pairs)


def test_practically_every_pair_of_an_article_that_shares_anything_rare_is_compared() -> None:
    for document in spun_documents():
        result = check([document], Config(min_score=0))
        paragraphs = [reference.read(text) for text in result.paragraphs.text]
        weight = reference.learned_weights(paragraphs)
        rows = {position: row for row, position in enumerate(result.paragraphs.position.tolist())}
        compared = {(rows[a], rows[b]) for (_, a), (_, b) in found(result)}

        alike = {
            (a, b)
            for (a, one), (b, other) in itertools.combinations(enumerate(paragraphs), 2)
            if sum(weight[term] for term in one.distinct & other.distinct)
            >= 0.05 * sum(weight[term] for term in one.distinct | other.distinct)
        }

        assert alike <= compared


@pytest.fixture(scope="module")
def repeats() -> Result:
    return check(spun_documents())


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_was_not_asked_for_is_reported_but_does_not_count(kind: str, repeats: Result) -> None:
    result = check(spun_documents(), Config(kinds=(kind,)))

    assert {(pair.kind == kind, pair.counts, pair.why) for pair in result.pairs} <= {(True, True, None), (False, False, "kind")}
    assert found(result) == found(repeats)


@pytest.mark.parametrize("documents", [[], [Document("a", "")], [Document("a", LEDE)], [Document("a", "!"), Document("b", "")]])
def test_nothing_to_compare_gives_no_pairs_and_is_said(documents: list[Document]) -> None:
    result = check(documents)

    assert list(result.pairs) == []
    assert result.compared_nothing


def test_paragraphs_without_a_weighty_term_are_found_when_equal() -> None:
    text = "and so it was that they had not been there at all"

    result = check(documents_of(text, text.upper(), "!! ?? ... !!", "?? !!"), Config(min_words=1))

    assert found(result) == [(("0000", 0), ("0001", 0))]


def test_two_documents_of_one_id_are_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match="'same'"):
        check([Document("same", LEDE), Document("other", LEDE), Document("same", REWORDED)])
    with pytest.raises(InputError, match=r"^feed\.jsonl: .*'same'.*; "):
        check([Document("same", LEDE, file="feed.jsonl"), Document("same", LEDE, file="feed.jsonl")])


def test_documents_of_one_id_in_two_files_are_two_documents() -> None:
    result = check([Document("same", LEDE, file="a.jsonl"), Document("same", LEDE, file="b.jsonl")])

    assert [(pair.a.file, pair.b.file) for pair in result.pairs] == [("a.jsonl", "b.jsonl")]


# ------------------------------------------------------------------------------------------------------------------- scope


def test_scopes_divide_what_is_found() -> None:
    documents = documents_of(f"{LEDE}\n\n{REWORDED}", f"{REWORDED}\n\n{LEDE.replace('final', 'last')}", *filler(5))

    everything, within, across = (found(check(documents, Config(scope=scope))) for scope in ("all", "within", "across"))

    assert sorted(everything) == sorted(within + across)
    assert sorted(within) == [((name, 0), (name, 1)) for name in ("0000", "0001")]
    assert len(across) == 4
    assert all(a[0] != b[0] for a, b in across)


def test_a_repeat_that_two_documents_share_does_not_hide_one_within_a_document() -> None:
    documents = documents_of(*[f"{LEDE}\n\n{LEDE}"] * 12)

    within = found(check(documents, Config(scope="within")))

    assert within == [((document.id, 0), (document.id, 1)) for document in documents]


# ------------------------------------------------------------------------------------------------------------------ copies


def test_of_20_equal_copies_every_pair_is_reported() -> None:
    for documents in (documents_of(*[LEDE] * LISTED), [Document("one", "\n\n".join([LEDE] * LISTED))]):
        result = check(documents)

        assert len(result.pairs) == 190
        assert {(pair.score, pair.kind, pair.copies, pair.group) for pair in result.pairs} == {(1.0, "exact", None, 1)}


def test_a_near_copy_is_paired_with_each_of_a_few_equal_copies() -> None:
    result = check(documents_of(LEDE, LEDE, LEDE, REWORDED))

    assert len(result.pairs) == 6
    assert [pair.kind for pair in result.pairs] == ["exact"] * 3 + ["paraphrase"] * 3


# ------------------------------------------------------------------------------------------------------------------ groups


def test_repeats_that_are_connected_make_a_group_numbered_by_its_best_pair() -> None:
    result = check(
        [*sample_documents(), *spun_documents()[4:], *documents_of(LEDE, REWORDED, LEDE.upper())], Config(min_score=0.2)
    )
    repeats = [pair for pair in result.pairs if pair.score >= 0.5]
    rows = {place: row for row, place in enumerate(sorted({place for pair in result.pairs for place in ends(pair)}))}
    pairs = [(rows[ends(pair)[0]], rows[ends(pair)[1]]) for pair in result.pairs]
    expected = reference.group_numbers(pairs, [pair.score >= 0.5 for pair in result.pairs])

    actual = [pair.group or 0 for pair in result.pairs]

    assert expected == actual
    assert 20 < len({pair.group for pair in repeats}) < len(repeats)
    assert all(pair.group is None for pair in result.pairs if pair.score < 0.5)


def test_a_higher_min_score_divides_groups() -> None:
    result = check(spun_documents(), Config(min_score=0.9))

    assert {pair.group is None for pair in result.pairs} == {False}
    assert {pair.group for pair in result.pairs} == set(range(1, max(pair.group or 0 for pair in result.pairs) + 1))


# --------------------------------------------------------------------------------------------------------------- large runs


def test_a_long_document_still_finds_its_repeats() -> None:
    texts = filler(LONG_DOCUMENT + 50)
    texts[20], texts[150], texts[290] = LEDE, REWORDED, LEDE.upper()

    result = check([Document("long", "\n\n".join(texts)), Document("short", "\n\n".join(filler(3, seed=5)))])

    assert {(a, b) for (_, a), (_, b) in found(result)} == {(20, 150), (20, 290), (150, 290)}
    assert {(a, b) for (_, a), (_, b) in found(check([Document("long", "\n\n".join(texts))], Config(scope="within")))} == {
        (20, 150),
        (20, 290),
        (150, 290),
    }


def test_buckets_too_large_for_all_their_pairs_are_counted() -> None:
    texts = [f"{LEDE} {text.split()[0]}" for text in filler(BUCKET_CAP + 1)]

    assert check(documents_of(*texts[1:])).counts.capped_buckets == 0
    assert check(documents_of(*texts)).counts.capped_buckets > 0


def test_near_copies_beyond_the_cap_of_buckets_are_one_group() -> None:
    texts = [f"{LEDE} {text.split()[0]}" for text in filler(BUCKET_CAP + 20)]

    result = check(documents_of(*texts))

    assert {pair.group for pair in result.pairs} == {1}
    assert len({place for pair in result.pairs for place in ends(pair)}) == len(texts)


def one_word_variations(count: int) -> list[str]:
    words = spun_documents()[0].text.split()[20:70]
    chance = random.Random(1)
    varied = [chance.randrange(len(words)) for _ in range(count)]
    return [" ".join([*words[:place], f"word{number}", *words[place + 1 :]]) for number, place in enumerate(varied)]


def test_each_of_thousands_of_variations_of_one_text_is_found_and_large_buckets_are_counted() -> None:
    # Their words are so common in this collection that learned weights give them nothing to be nominated by.
    texts = one_word_variations(3_000)

    result = check([Document(str(number), text) for number, text in enumerate(texts)])

    assert len(np.union1d(result.pairs.left, result.pairs.right)) == len(texts)
    assert len(result.groups) == 1
    assert result.counts.capped_buckets > 0
    assert len(result) < 60 * len(texts)


def test_thousands_of_variations_of_one_text_do_not_hide_the_repeats_of_others() -> None:
    others = [Document(f"{document.id} {half}", document.text) for half in ("a", "b") for document in spun_documents()[1:5]]
    others[4:] = [Document(document.id, document.text.replace(". ", ", and. ")) for document in others[4:]]
    varied = [Document(str(number), text) for number, text in enumerate(one_word_variations(2_000))]
    expected = {ends(pair) for pair in check(others, Config(scope="across"))}

    result = check([*others, *varied], Config(scope="across"))

    actual = {ends(pair) for pair in result} & expected
    assert len(expected) > 20
    assert expected == actual
    assert result.plan is not None
    assert result.plan.recall(0.3) > 0.9


def test_a_bridge_pairs_the_ends_of_a_chain_though_no_band_nominates_them(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [LEDE, REWORDED, LEDE.replace("approved", "passed")]
    expected = sorted(found(check(documents_of(*texts))))
    first, middle, last = np.argsort(np.argsort(find_terms(texts).keys))  # texts are numbered by their keys

    def middle_with_each_end(*_: object, **__: object) -> Candidates:
        return ordered(np.array([first, last]), np.array([middle, middle]))

    monkeypatch.setattr(nomination, "candidates_across", middle_with_each_end)

    assert len(expected) == 3
    assert expected == sorted(found(check(documents_of(*texts))))
    monkeypatch.setattr(pipeline, "bridges", lambda *_: Candidates(*np.zeros((2, 0), dtype=np.int64)))
    assert len(check(documents_of(*texts)).pairs) == 2


@pytest.mark.parametrize("copies", [21, 25, 70])
def test_of_more_equal_copies_each_is_reported_with_the_first(copies: int) -> None:
    for documents in (documents_of(*[LEDE] * copies), [Document("one", "\n\n".join([LEDE] * copies))]):
        result = check(documents)

        assert len(result.pairs) == copies - 1
        assert {(pair.score, pair.kind, pair.copies, pair.group) for pair in result.pairs} == {(1.0, "exact", copies, 1)}
        assert len({pair.a for pair in result.pairs}) == 1


def test_many_copies_elsewhere_do_not_hide_one_within_a_document() -> None:
    text = "and so it was that they had not been there at all"
    documents = documents_of(*[f"{text}\n\n{text}"] * 12)

    within = found(check(documents, Config(scope="within")))

    assert within == [((document.id, 0), (document.id, 1)) for document in documents]


def test_copies_to_the_letter_are_scored_once_and_those_with_other_capitals_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [*[LEDE] * 9, *[LEDE.upper()] * 8, *[REWORDED] * 7, *[f"{LEDE}\n\n{REWORDED}"] * 2]
    scored: list[int] = []

    def counted(*arguments: object) -> similarity.Scored:
        made = similarity.score(*arguments)
        scored.append(len(made))
        return made

    monkeypatch.setattr(pipeline, "score", counted)
    pairs = check(documents_of(*texts), Config(min_score=0)).pairs

    assert sum(scored) == 7  # six of two documents, and one within
    assert len(pairs) == 28 * 27 // 2
    compared = functools.cache(compare)
    for pair in pairs:
        alone = compared(pair.a.text, pair.b.text, same_document=pair.same_document)
        assert (alone.score, alone.kind, alone.evidence) == (pair.score, pair.kind, pair.evidence)


@pytest.mark.parametrize("copies", [5, 30])
def test_many_copies_do_not_hide_a_paraphrase_in_the_document_of_the_first(copies: int) -> None:
    documents = documents_of(f"{LEDE}\n\n{REWORDED}", *[LEDE] * (copies - 1))

    pairs = check(documents, Config(scope="across")).pairs

    assert any(REWORDED in (pair.a.text, pair.b.text) for pair in pairs)
