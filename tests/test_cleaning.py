"""Documents without their repeats: what goes goes for something that stays, and nothing else changes."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import few, many, real_paragraphs, sample_documents, spun_documents

from dedup import Config, Document, check, clean, compare
from dedup.blocks import block_finder
from dedup.cleaning import Cleaned
from dedup.dates import instant
from dedup.errors import ConfigError
from dedup.keeping import KEEP, Edge, choose
from dedup.model import KINDS, Pair, Place

WITHIN = Config(scope="within")
LINE = "The council met on Tuesday and decided to keep the library at Quarry Street open at night for a year."
OTHER = "Divers clearing nets from Thrift Bay have brought up a bronze bell with the name of no known ship on it."
LONGER = f"{LINE} {OTHER} Nobody came, and the mayor of Hexwick went home on foot through the snow."


def after(cleaned: Cleaned) -> list[Document]:
    return [Document(one.id, cleaned.text(one), one.file, one.date, one.markup, one.line) for one in cleaned.documents]


def gone(cleaned: Cleaned) -> list[tuple[str, int, str, int]]:
    return [(one.place.document, one.place.paragraph, one.kept.document, one.kept.paragraph) for one in cleaned.removed]


def keeps_its_word(cleaned: Cleaned, config: Config) -> None:
    """What is promised of every cleaning."""
    assert cleaned.complete
    assert [pair for pair in check(after(cleaned), config) if pair.counts] == []
    again = clean(after(cleaned), config, keep=cleaned.keep)
    assert (again.removed, [cleaned.text(one) for one in cleaned.documents]) == (
        (),
        [again.text(one) for one in again.documents],
    )
    going = {one.place.key for one in cleaned.removed}
    for one in cleaned.removed:
        assert one.kept.key not in going
        assert {one.pair.a, one.pair.b} == {one.place, one.kept}
        assert one.pair.score >= config.min_score
        assert one.pair.kind in config.kinds
    only_paragraphs_are_gone(cleaned, config)


def only_paragraphs_are_gone(cleaned: Cleaned, config: Config) -> None:
    removed = defaultdict(list)
    for one in cleaned.removed:
        removed[one.place.file, one.place.document].append(one.place)
    for document in cleaned.documents:
        blocks = block_finder(document.markup)(document.text, config.paragraphs)
        lost = {place.paragraph for place in removed[document.file, document.id]}
        for place in removed[document.file, document.id]:
            assert place.text == blocks[place.paragraph].text
        text = cleaned.text(document)
        if not lost:
            assert document.text == text
            continue
        shown = [block.text for number, block in enumerate(blocks) if number not in lost]
        assert "".join(shown).split() == "".join(block.text for block in block_finder(document.markup)(text, "blank")).split()
        rest = iter(document.text.splitlines())
        assert all(line in rest for line in text.splitlines())


# A thousand documents.


def edited(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    for _ in range(chance.randint(0, max(1, len(words) // 12))):
        del words[chance.randrange(len(words))]
    return " ".join(words) or text


def generated(count: int, seed: int) -> list[Document]:
    """Small documents of real paragraphs, rewrites among them, with some copied, edited, put together or cut in two."""
    chance = random.Random(seed)
    pool = [text for text in real_paragraphs().text if "\n" not in text]
    documents = []
    for number in range(count):
        first = chance.randrange(len(pool))
        texts = chance.sample(pool[first : first + 30], min(4, len(pool[first : first + 30])))
        for _ in range(chance.randint(0, 3)):
            text = chance.choice(texts)
            change = chance.choice(
                [text, text.upper(), edited(text, chance), text[: len(text) // 2], f"{text} {chance.choice(texts)}"]
            )
            texts.insert(chance.randrange(len(texts) + 1), change)
        texts.insert(chance.randrange(len(texts)), chance.choice(["A heading", "https://example.com/a", "Short one.", "– – –"]))
        markup = chance.choice(["plain", "markdown"])
        gap = chance.choice(["\n\n", "\n\n", "\r\n\r\n", "\n\n\n", "\n \n"])
        end = chance.choice(["", "\n", "\n\n"])
        text = chance.choice(["", "", "\n"]) + gap.join(text.strip() for text in texts) + end
        documents.append(Document(f"{number:04}", text, markup=markup))  # type: ignore[arg-type]
    return documents


@pytest.fixture(scope="module")
def thousand() -> list[Document]:
    return generated(1_000, 7)


@pytest.mark.parametrize("keep", KEEP)
def test_of_a_thousand_documents_nothing_but_repeats_goes(thousand: list[Document], keep: str) -> None:
    documents = thousand if keep == "first" else thousand[:200]
    cleaned = clean(documents, WITHIN, keep=keep)
    assert len(cleaned.removed) > len(documents)
    assert {one.pair.kind for one in cleaned.removed} == set(KINDS)
    keeps_its_word(cleaned, WITHIN)


@pytest.mark.parametrize("scope", ["across", "all"])
@pytest.mark.parametrize("min_score", [0.3, 0.5, 0.9])
def test_it_holds_across_documents(thousand: list[Document], scope: str, min_score: float) -> None:
    config = Config(scope=scope, min_score=min_score)
    keeps_its_word(clean(thousand[:30], config), config)


@pytest.mark.parametrize("kinds", [("exact",), ("near",), ("paraphrase",), ("contained", "near")])
def test_only_the_kinds_asked_for_go(thousand: list[Document], kinds: tuple[str, ...]) -> None:
    config = Config(scope="all", kinds=kinds)  # type: ignore[arg-type]
    keeps_its_word(clean(thousand[:30], config), config)


def test_the_labelled_articles_lose_one_of_each_repeat() -> None:
    cleaned = clean(spun_documents(), WITHIN)
    assert len(cleaned.removed) == 38
    keeps_its_word(cleaned, WITHIN)


def test_the_score_of_a_removal_is_that_of_its_two_texts() -> None:
    for one in clean(generated(60, 3), Config(scope="all")).removed:
        score = compare(one.pair.a.text, one.pair.b.text, same_document=one.pair.same_document).score
        assert score == one.pair.score


WORDS = st.sampled_from(
    [LINE, OTHER, LINE.upper(), LONGER, f"{LINE}\n{LINE}", f"{LINE}\n{OTHER}", "Short.", "A heading", OTHER[:70]]
)
TEXTS = st.builds(lambda gap, parts: gap.join(parts), st.sampled_from(["\n", "\n\n"]), st.lists(WORDS, max_size=6))


@settings(few, max_examples=12)
@given(
    st.lists(st.tuples(TEXTS, st.sampled_from(["plain", "markdown"])), max_size=3), st.sampled_from(["within", "across", "all"])
)
def test_what_falls_into_other_paragraphs_afterwards_is_cleaned_too(texts: list[tuple[str, str]], scope: str) -> None:
    documents = [Document(str(number), text, markup=markup) for number, (text, markup) in enumerate(texts)]  # type: ignore[arg-type]
    config = Config(scope=scope)
    cleaned = clean(documents, config)
    assert [pair for pair in check(after(cleaned), config) if pair.counts] == [] or not cleaned.complete
    for document in documents:
        rest = iter(document.text.splitlines())
        assert all(line in rest for line in cleaned.text(document).splitlines() if line)


# Which one stays.


def documents(*texts: str, dates: Sequence[str | None] = ()) -> list[Document]:
    dates = [*dates, *[None] * len(texts)]
    return [Document(chr(ord("a") + number), text, date=dates[number]) for number, text in enumerate(texts)]


def test_the_first_stays_in_the_order_given() -> None:
    a, b = documents(f"{LINE}\n\n{OTHER}", LINE)
    assert gone(clean([a, b], Config(scope="all"))) == [("b", 0, "a", 0)]
    assert gone(clean([b, a], Config(scope="all"))) == [("a", 0, "b", 0)]


def test_the_longest_stays() -> None:
    near = LINE.replace("a year", "all of the coming year")
    assert gone(clean(documents(f"{LINE}\n\n{near}"), keep="longest")) == [("a", 0, "a", 1)]
    assert gone(clean(documents(f"{LINE}\n\n{near}"))) == [("a", 1, "a", 0)]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2026-01-01", "2026-01-02"], "a"),
        (["2026-01-02", "2026-01-01"], "b"),
        (["2026-01-02", "2026-01-02"], "b"),
        (["2026-01-02", None], "b"),
        ([None, "1999"], "a"),
        (["2026-01-02T00:30:00+02:00", "2026-01-01T23:00:00Z"], "a"),
        (["Fri, 02 Jan 2026 10:00:00 +0000", "2026-01-01"], "b"),
        (["yesterday", "2026-01-01"], "a"),
    ],
)
def test_the_newest_stays(dates: list[str | None], expected: str) -> None:
    cleaned = clean(documents(LINE, LINE, dates=dates), Config(scope="across"), keep="newest")
    assert [place for place, *_ in gone(cleaned)] == [expected]


@pytest.mark.parametrize("keep", KEEP)
@pytest.mark.parametrize("text", [f"{LINE}\n\n{LONGER}", f"{LONGER}\n\n{LINE}"])
def test_what_is_contained_goes_whatever_is_to_be_kept(keep: str, text: str) -> None:
    [removal] = clean(documents(text), keep=keep).removed
    assert (removal.pair.kind, removal.place.text, removal.kept.text) == ("contained", LINE, LONGER)


def test_an_unknown_policy_is_an_error() -> None:
    with pytest.raises(ConfigError, match="keep: unknown value 'last'; known are first, longest, newest"):
        clean([], keep="last")


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("1970-01-02", 86_400),
        ("1970-01-01T01:00:00+01:00", 0),
        ("19700101T000001Z", 1),
        ("1970", 0),
        ("1970-02", 31 * 86_400),
        ("1970-01-01 00:01", 60),
        ("1700000000", 1_700_000_000),
        ("1700000000000", 1_700_000_000),
        ("Thu, 01 Jan 1970 00:00:05 GMT", 5),
        ("2026-13-01", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_as_they_are_written(date: str | None, seconds: float | None) -> None:
    assert seconds == instant(date)


# No chains.


EDGES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.5, 0.8, 1.0])).filter(lambda edge: edge[0] != edge[1])
)


@many
@given(EDGES, st.permutations(range(10)), st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_what_goes_has_a_pair_with_what_stays_and_what_stays_has_none(
    edges: list[Edge], rank: list[int], before: set[tuple[int, int]]
) -> None:
    going = choose(edges, rank, before)
    staying = {number for left, right, _ in edges for number in (left, right)} - going.keys()
    for number, edge in going.items():
        assert number in edges[edge][:2]
        assert len({*edges[edge][:2]} & staying) == 1
    assert not any({left, right} <= staying for left, right, _ in edges)


def test_of_a_chain_only_the_middle_goes_or_only_the_ends() -> None:
    chain: list[Edge] = [(0, 1, 0.9), (1, 2, 0.9)]
    assert choose(chain, [0, 1, 2], []) == {1: 0}
    assert choose(chain, [1, 0, 2], []) == {0: 0, 2: 1}
    assert choose(chain, [0, 1, 2], [(1, 0)]) == {0: 0, 2: 1}
    assert choose(chain, [0, 1, 2], [(1, 0), (0, 1)]) == {1: 0}


# Many copies.


@pytest.mark.parametrize("scope", ["within", "across", "all"])
@pytest.mark.parametrize("keep", ["first", "longest"])
def test_of_many_copies_one_stays_and_few_rounds_are_enough(scope: str, keep: str) -> None:
    many_lines = [
        Document("b", f"{LINE}\n" * 150),
        Document("a", f"{LINE.upper()}\n" + f"{LINE}\n" * 50 + f"{OTHER}\n" * 30),
    ]
    for given_order in combinations(many_lines * 2, 2):
        if given_order[0] is given_order[1]:
            continue
        cleaned = clean(given_order, Config(scope=scope), keep=keep)
        assert (cleaned.complete, cleaned.rounds <= 4) == (True, True)
        left = sum(len(one.text.splitlines()) for one in after(cleaned))
        first = 150 if given_order[0].id == "b" else 51
        assert left == {"within": 3, "all": 2, "across": first + 30}[scope]


def test_copies_of_a_near_copy_that_stays_go_at_once() -> None:
    near = LINE.replace("for a year", "for two years")
    texts = documents(near, *[LINE] * 40)
    config = Config(scope="across", kinds=("near", "contained", "paraphrase"))
    cleaned = clean(texts, config)
    assert (len(cleaned.removed), cleaned.rounds) == (40, 2)
    keeps_its_word(cleaned, config)


def test_rounds_come_to_an_end_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.cleaning.ROUNDS", 1)
    cleaned = clean(documents(f"{LINE}\n\n{LINE}"))
    assert (len(cleaned.removed), cleaned.rounds, cleaned.complete) == (1, 1, False)


# Reviewed.


class Answers:
    """Answers with which of the two stays, and remembers what was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, pair: Pair, going: Place) -> Place | None:
        self.asked.append((pair.a.paragraph, pair.b.paragraph, going.paragraph))
        return {"a": pair.a, "b": pair.b, "both": None}[self.answers.pop(0)]


@pytest.mark.parametrize(
    ("answers", "left", "asked"),
    [
        (["a", "a"], [LINE, OTHER], [(0, 2, 2), (1, 3, 3)]),
        (["b", "a"], [OTHER, LINE.upper()], [(0, 2, 2), (1, 3, 3)]),
        (["both", "a"], [LINE, OTHER, LINE.upper()], [(0, 2, 2), (1, 3, 3)]),
        (["both", "both"], [LINE, OTHER, LINE.upper(), OTHER.upper()], [(0, 2, 2), (1, 3, 3)]),
    ],
)
def test_a_review_decides_what_goes(answers: list[str], left: list[str], asked: list[tuple[int, int, int]]) -> None:
    [document] = documents("\n\n".join([LINE, OTHER, LINE.upper(), OTHER.upper()]))
    review = Answers(*answers)
    cleaned = clean([document], review=review)
    assert (left, asked, []) == (cleaned.text(document).split("\n\n"), review.asked, review.answers)


def test_who_keeps_the_contained_one_loses_the_longer() -> None:
    [document] = documents(f"{LINE}\n\n{LONGER}")
    assert clean([document], review=Answers("a")).text(document) == LINE


def test_of_three_copies_each_pair_is_asked_for_until_all_that_goes_was_agreed_to() -> None:
    [document] = documents("\n\n".join([LINE, LINE.upper(), LINE.lower()]))
    review = Answers("a", "both", "b")
    cleaned = clean([document], review=review)
    assert cleaned.text(document) == LINE + "\n\n" + LINE.lower()


def test_answers_that_go_round_in_a_circle_come_to_an_end_and_nothing_goes_against_one() -> None:
    copies = [LINE, LINE.upper(), LINE.lower()]
    [document] = documents("\n\n".join(copies))
    stays: dict[frozenset[int], int] = {frozenset((0, 1)): 1, frozenset((1, 2)): 2, frozenset((0, 2)): 0}
    asked: list[frozenset[int]] = []

    def review(pair: Pair, going: Place) -> Place:
        asked.append(frozenset((pair.a.paragraph, pair.b.paragraph)))
        return pair.a if pair.a.paragraph == stays[asked[-1]] else pair.b

    cleaned = clean([document], review=review)
    assert len(asked) == len(set(asked))
    assert [stays[frozenset((one.place.paragraph, one.kept.paragraph))] for one in cleaned.removed] == [
        one.kept.paragraph for one in cleaned.removed
    ]


def test_a_sample_is_cleaned_as_the_readme_has_it() -> None:
    talks = next(document for document in sample_documents() if document.id == "talks.txt")
    assert [(one.place.line, one.kept.line) for one in clean([talks]).removed] == [(7, 5), (27, 25)]
