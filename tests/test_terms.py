from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import batches, few, many, real_paragraphs, texts

from dedup import characters
from dedup.columns import Terms
from dedup.terms import find_terms, term_hash
from dedup.tokens import INITIAL, JOINED, find_tokens


def as_paragraphs(terms: Terms) -> list[reference.Paragraph]:
    """The columns as the oracle would put them."""
    found = []
    for row in range(len(terms)):
        span = slice(int(terms.sequence.offsets[row]), int(terms.sequence.offsets[row + 1]))
        sentence = np.cumsum(terms.begins[span]).tolist()
        names = terms.names.values[terms.names.offsets[row] : terms.names.offsets[row + 1]].tolist()
        numbers = terms.numbers.values[terms.numbers.offsets[row] : terms.numbers.offsets[row + 1]].tolist()
        found.append(
            reference.Paragraph(
                [terms.spelling[term] for term in terms.sequence.values[span].tolist()],
                [number - sentence[0] for number in sentence],
                {terms.spelling[name] for name in names},
                set(numbers),
            )
        )
    return found


def names_of(text: str) -> set[str]:
    return as_paragraphs(find_terms([text]))[0].names


def numbers_of(text: str, language: str | None = None) -> set[float]:
    return as_paragraphs(find_terms([text], language))[0].numbers


def keys_of(batch: Sequence[str]) -> list[int]:
    return find_terms(batch).keys.tolist()  # type: ignore[no-any-return]


def terms_of(text: str) -> list[str]:
    return as_paragraphs(find_terms([text]))[0].terms


# -------------------------------------------------------------------------------------------------------- fast == obvious


@many
@given(batches)
def test_terms_are_those_of_a_scan_character_by_character(batch: list[str]) -> None:
    expected = [reference.read(text) for text in batch]

    actual = as_paragraphs(find_terms(batch))

    assert expected == actual


@few
@given(batches, st.sampled_from(["en", "de", "fr", "ru", "nl", "xx"]))
def test_numbers_in_a_given_language_are_those_of_a_plain_reading(batch: list[str], language: str) -> None:
    expected = [reference.numbers(text, language) for text in batch]

    actual = [paragraph.numbers for paragraph in as_paragraphs(find_terms(batch, language))]

    assert expected == actual


def test_terms_of_real_text_are_those_of_a_scan_character_by_character() -> None:
    batch = real_paragraphs().text
    expected = [reference.read(text) for text in batch]

    actual = as_paragraphs(find_terms(batch))

    assert expected == actual


@many
@given(batches)
def test_each_token_knows_whether_a_capital_says_something_there_and_what_it_touches(batch: list[str]) -> None:
    expected = [[(token.word, token.initial, token.joined) for token in reference.tokens(text)] for text in batch]

    found = find_tokens(batch)
    columns = zip(found.word.values.tolist(), found.are(INITIAL).tolist(), found.are(JOINED).tolist(), strict=True)
    flat = [(found.words[word], initial, joined) for word, initial, joined in columns]
    actual = [flat[start:end] for start, end in itertools.pairwise(found.word.offsets.tolist())]

    assert expected == actual


@few
@given(batches)
def test_columns_keep_their_promises(batch: list[str]) -> None:
    terms = find_terms(batch)

    assert sorted(terms.spelling) == sorted(set(terms.spelling))
    assert [term_hash(spelling) for spelling in terms.spelling] == terms.hash.tolist()
    assert terms.begins[terms.sequence.offsets[:-1][terms.sequence.lengths > 0]].all()
    for column in (terms.distinct, terms.names, terms.numbers):
        rows = [column.values[start:end].tolist() for start, end in itertools.pairwise(column.offsets.tolist())]
        assert rows == [sorted(set(row)) for row in rows]


@few
@given(batches, texts)
def test_terms_of_a_text_do_not_depend_on_its_batch(batch: list[str], text: str) -> None:
    alone = as_paragraphs(find_terms([text]))[0]

    among_others = as_paragraphs(find_terms([*batch, text, *batch]))[len(batch)]

    assert alone == among_others


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_terms_do_not_depend_on_the_size_of_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ["", *real_paragraphs().text[:60], "", "J.", "Smith of the U.S.", "delegation 1", "000", ""]
    expected = as_paragraphs(find_terms(batch))
    expected_keys = keys_of(batch)

    monkeypatch.setattr(characters, "CHUNK", chunk)

    assert expected == as_paragraphs(find_terms(batch))
    assert expected_keys == keys_of(batch)


@few
@given(batches, st.integers(1, 60))
def test_terms_of_mixed_scripts_in_small_chunks_are_those_of_a_scan(batch: list[str], chunk: int) -> None:
    mixed = [*batch, "plain", *batch, "“1’000” – 1’000 straße", *reversed(batch)]
    expected = [reference.read(text) for text in mixed]
    with pytest.MonkeyPatch.context() as small:
        small.setattr(characters, "CHUNK", chunk)

        actual = as_paragraphs(find_terms(mixed))

    assert expected == actual


def test_a_huge_text_and_a_repeated_term_are_read_like_any_other() -> None:
    huge = " ".join(f"word{number % 700} {number}" for number in range(5000))
    batch = [huge, "same " * 3000, "", "x"]
    expected = [reference.read(text) for text in batch]

    actual = as_paragraphs(find_terms(batch))

    assert expected == actual


# ------------------------------------------------------------------------------------------------------------------ words

WORD_CASES = {
    "words are cut to five letters": ("The negotiations", ["the", "negot"]),
    "case does not matter": ("TRAM Tram tram", ["tram", "tram", "tram"]),
    "nor do soft hyphens and zero-width characters": ("ne\u00adgo\u200bti\u2060ations", ["negot"]),
    "nor full width": ("ｔｒａｍ １２", ["tram", "12"]),
    "nor ligatures": ("ﬁnal", ["final"]),
    "an acronym is one word": ("the U.S. delegation", ["the", "us", "deleg"]),
    "an apostrophe separates": ("Castermouth's l'eau", ["caste", "s", "l", "eau"]),
    "marks belong to their letters": ("हिन्दी में", ["हिन्दी"[:5], "में"]),
    "Arabic words": ("في الرياض", ["في", "الريا"]),
    "Korean words are known by two syllables": ("서울에서 서울은", ["서울", "서울"]),
    "Chinese text is read by pairs of characters": ("图书馆开放", ["图书", "书馆", "馆开", "开放"]),
    "a lone ideograph is a term": ("书 a", ["书", "a"]),
    "Thai text is read by runs of four letters": ("ประเทศ", ["ประเ", "ระเท", "ะเทศ"]),
    "a Chinese number is one term, by value": ("共三百人", ["共三", "300", "百人"]),
    "figures are terms by value": ("1,000 1.000 1000", ["1000", "1000", "1000"]),
    "nothing but punctuation": ("… — !", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "expected"), WORD_CASES.values(), ids=WORD_CASES)
def test_text_is_read_as_terms(text: str, expected: list[str]) -> None:
    assert expected == terms_of(text)


# ---------------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    "text", ["1,000", "1000", "1 000", "1.000", "1'000", "1’000", "1\u00a0000", "1\u2009000", "１０００", "1k"]
)
def test_a_thousand_is_a_thousand_however_its_digits_are_grouped(text: str) -> None:
    assert numbers_of(f"about {text} cars") == {1000.0}


@pytest.mark.parametrize("text", ["1.5m", "1.5 million", "1,500,000", "1.500.000", "1 500 000", "1.5M", "1,5 million", "1500k"])
def test_one_and_a_half_million_is_one_value(text: str) -> None:
    assert numbers_of(f"it cost the town {text} and more") == {1_500_000.0}


THREE = {
    "en": ("The town closed three of the roads that night.", "The town closed 3 of the roads that night."),
    "de": ("Die Stadt hat drei der Straßen für die Nacht gesperrt.", "Die Stadt hat 3 der Straßen für die Nacht gesperrt."),
    "es": ("La ciudad cerró tres de las calles por la noche.", "La ciudad cerró 3 de las calles por la noche."),
    "fr": ("La ville a fermé trois des rues pour la nuit.", "La ville a fermé 3 des rues pour la nuit."),
    "it": ("La città ha chiuso tre delle strade per la notte.", "La città ha chiuso 3 delle strade per la notte."),
    "nl": (
        "De stad sloot drie van de straten voor de nacht.",
        "De stad sloot 3 van de straten voor de nacht.",
    ),
    "pt": ("A cidade fechou três das ruas para a noite.", "A cidade fechou 3 das ruas para a noite."),
    "ru": ("Город закрыл на ночь три из улиц, что и было в плане.", "Город закрыл на ночь 3 из улиц, что и было в плане."),
    "zh": ("市政府关闭了三条街道。", "市政府关闭了3条街道。"),
}


@pytest.mark.parametrize(("in_words", "in_digits"), THREE.values(), ids=THREE)
def test_a_number_word_equals_its_digits(in_words: str, in_digits: str) -> None:
    assert numbers_of(in_words) == {3.0}
    assert numbers_of(in_digits) == {3.0}


NUMBERS = {
    "twenty-one": ("en", {21.0}),
    "twenty one": ("en", {21.0}),
    "two hundred thousand": ("en", {200_000.0}),
    "three hundred": ("en", {300.0}),
    "a million": ("en", {1e6}),
    "a dozen": ("en", {12.0}),
    "twenty, one": ("en", {20.0}),
    "20 1": ("en", {20.0, 1.0}),
    "one of them": ("en", set()),
    "the 21st": ("en", {21.0}),
    "4.25 per cent": ("en", {4.25}),
    "0.500": ("en", {0.5}),
    "einundzwanzig": ("de", {21.0}),
    "dreißig": ("de", {30.0}),
    "DREISSIG": ("de", {30.0}),
    "fünfunddreißig": ("de", {35.0}),
    "zwei Millionen": ("de", {2e6}),
    "eenentwintig": ("nl", {21.0}),
    "drieëntwintig": ("nl", {23.0}),
    "veintidós": ("es", {22.0}),
    "tres mil": ("es", {3000.0}),
    "trois cents": ("fr", {300.0}),
    "due milioni": ("it", {2e6}),
    "duas": ("pt", {2.0}),
    "три тысячи": ("ru", {3000.0}),
    "二〇二八年": ("zh", {2028.0}),
    "一千八百人": ("zh", {1800.0}),
    "一点二": ("zh", {1.2}),
    "四十八亿": ("zh", {4.8e9}),
    "3万": ("zh", {30_000.0}),
    "一起 一些 十分": ("zh", set()),
    "٣٫٥": ("ar", {3.5}),
    "१२": ("hi", {12.0}),
    "๑๒": ("th", {12.0}),
    "version 1.2.3": ("en", set()),
}


@pytest.mark.parametrize(("text", "language", "expected"), [(text, *case) for text, case in NUMBERS.items()], ids=NUMBERS)
def test_a_number_is_read_by_its_value(text: str, language: str, expected: set[float]) -> None:
    assert expected == numbers_of(text, language)


def test_number_words_depend_on_the_language_of_their_own_paragraph() -> None:
    german = "Elf der Boote sind in dem Hafen und die anderen auf dem See."
    english = "The elf of the harbour and the other boats that had left."

    assert numbers_of(german) == {11.0}
    assert numbers_of(english) == set()
    assert [p.numbers for p in as_paragraphs(find_terms([english, german, english]))] == [set(), {11.0}, set()]


def test_a_given_language_overrides_what_a_paragraph_looks_like() -> None:
    english = "The elf of the harbour and the three boats that had left."

    assert numbers_of(english, "de") == {11.0}
    assert numbers_of(english, "en") == {3.0}
    assert numbers_of(english, "xx") == set()


# ------------------------------------------------------------------------------------------------------------------ names


def test_a_capital_inside_a_sentence_makes_a_name() -> None:
    assert names_of("Yesterday the mayor met Imre Castle in Pellgate. Nobody else came.") == {"imre", "castl", "pellg"}


@pytest.mark.parametrize(
    "text", ["Traders fear it. Owners do not.", "She said: “Nobody asked us.” “Why?” they wondered.", "¿Quién?"]
)
def test_a_capital_that_begins_a_sentence_or_quotation_is_no_name(text: str) -> None:
    assert names_of(text) == set()


def test_an_initial_or_acronym_does_not_end_a_sentence() -> None:
    assert names_of("so said J. Finch of the U.S. Treasury") == {"j", "finch", "us", "treas"}


@pytest.mark.parametrize(
    "text",
    [
        "市政府在周二批准了计划。",
        "قال رئيس البلدية في الرياض",
        "नगर परिषद ने दिल्ली में",
        "시장은 서울에서 말했다",
        "สภาเมืองอนุมัติแผน",
    ],
)
def test_a_script_without_capitals_has_no_names(text: str) -> None:
    assert names_of(text) == set()


# ------------------------------------------------------------------------------------------------------------- normalising

EQUAL = {
    "curly quotes": ("“It's late,” he said", '"It’s late," he said'),
    "quotes of other countries": ("„spät“ «tard»", '"spät" "tard"'),
    "dashes": ("a – b — c ‑ d", "a - b - c - d"),
    "case": ("The COUNCIL met", "the council MET"),
    "Greek case": ("ΟΔΟΣ", "οδος"),
    "spaces": ("  the\u00a0council \t met\n", "the council met"),
    "line ends": ("the council\r\nmet", "the council met"),
    "soft hyphens": ("the coun\u00adcil met", "the council met"),
    "zero-width characters": ("\ufeffthe\u200b council\u2060 met\u200d", "the council met"),
    "full width": ("ｔｈｅ　ｃｏｕｎｃｉｌ", "the council"),
    "composed and decomposed": ("caf\u00e9", "cafe\u0301"),
    "ligatures": ("ﬁnal", "final"),
    "variation selectors": ("☂\ufe0f", "☂"),
    "nothing": ("", " \u200b\n"),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_texts_are_equal_whatever_their(one: str, other: str) -> None:
    a, b = keys_of([one, other])

    assert a == b


@pytest.mark.parametrize(
    ("one", "other"), [("a b", "ab"), ("a.", "a"), ("a", "á"), ("10", "1 0"), ("ab", "ba"), ("a", "a a"), ("", "0")]
)
def test_texts_differ_by_letters_figures_stops_and_word_ends(one: str, other: str) -> None:
    a, b = keys_of([one, other])

    assert a != b


@many
@given(st.lists(texts, min_size=2, max_size=6))
def test_texts_are_equal_exactly_where_their_normal_forms_are(batch: Sequence[str]) -> None:
    variants = [*batch, *(f" {text.replace(' ', '  ')}\n" for text in batch)]
    normal = [reference.normalised(text) for text in variants]
    keys = keys_of(variants)

    expected = [a == b for a, b in itertools.combinations(normal, 2)]
    actual = [a == b for a, b in itertools.combinations(keys, 2)]

    assert expected == actual


@pytest.mark.parametrize(
    "text", ["9" * 400 + " cars", "9" * 305 + " cars", "九" * 400 + "点五", "9" * 300 + "bn", "twenty " + "9" * 400]
)
def test_any_run_of_digits_can_be_read(text: str) -> None:
    assert find_terms([text]).numbers.values.tolist() in ([], [20.0])


def test_the_capital_sharp_s_is_a_sharp_s() -> None:
    one, other = keys_of(["STRAẞE", "straße"])

    assert one == other


def test_zero_of_another_script_is_zero() -> None:
    assert find_terms(["٠,٥٠٠"]).numbers.values.tolist() == find_terms(["0,500"]).numbers.values.tolist()


def test_texts_of_two_letters_that_collide_under_a_polynomial_hash_differ() -> None:
    text = "a"
    for _ in range(10):  # Thue and Morse
        text += text.translate({97: 98, 98: 97})
    one, other = keys_of([text, text.translate({97: 98, 98: 97})])

    assert one != other
