from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import many, pairs_of_texts

from dedup.differences import MOST_PAIRS, Differences, find_differences, word_spans
from dedup.scripts import is_unspaced


def marked(a: str, b: str) -> tuple[str, str]:
    """The two texts with brackets around what differs."""
    shown = []
    for text, spans in zip((a, b), find_differences(a, b).spans, strict=True):
        for first, last in reversed(spans):
            text = f"{text[:first]}[{text[first:last]}]{text[last:]}"
        shown.append(text)
    return shown[0], shown[1]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The council met on [Tuesday].", "The council met on [Wednesday]."),
        ("They met.", "[After lunch], they met."),
        ("A [senior U.S]. envoy came.", "A [high-ranking] envoy came."),
        ("Kyiv[’s] army, [Kyiv’s navy]", "Kyiv army"),
        ("It ends [here]", "It ends"),
        ("Same WORDS, other case – and signs!", "same words; other case and signs"),
        ("Late in May the bridge opened.", "The bridge opened late in May."),
        ("the red house [and the blue house]", "the red house"),
        ("从午夜到清晨五点，平均有二十[三]位读者", "平均有二十[四]位读者，从午夜到清晨五点"),
        ("नदी के [किनारे] पुस्तकालय", "नदी के [पास] पुस्तकालय"),
        ("", "[all of it]"),
        ("", ""),
    ],
)
def test_what_the_other_text_does_not_have_is_marked(a: str, b: str) -> None:
    plain = [text.replace("[", "").replace("]", "") for text in (a, b)]
    assert marked(plain[0], plain[1]) == (a, b)
    assert marked(plain[1], plain[0]) == (b, a)


def test_a_longer_run_is_kept_before_a_shorter_one() -> None:
    assert marked("in the end the old mill burned", "the old mill burned in May") == (
        "in [the end] the old mill burned",
        "the old mill burned in [May]",
    )


def test_words_are_counted() -> None:
    assert find_differences("one two two three", "two three four five six") == Differences(
        ([(0, 7)], [(10, 23)]), common=2, words=(4, 5)
    )


def folded(text: str) -> list[str]:
    return [text[first:last].casefold() for first, last in word_spans(text)]


@many
@given(pair=pairs_of_texts)
def test_what_is_not_marked_stands_in_both_texts_as_often(pair: tuple[str, str]) -> None:
    kept = []
    for text, spans in zip(pair, find_differences(*pair).spans, strict=True):
        inside = [span for span in word_spans(text) if not any(first <= span[0] < last for first, last in spans)]
        kept.append(Counter(text[first:last].casefold() for first, last in inside))
    assert kept[0] == kept[1]


@many
@given(words=st.lists(st.sampled_from("abcde"), max_size=30), other=st.lists(st.sampled_from("abcde"), max_size=30))
def test_every_word_that_both_have_left_is_set_aside(words: list[str], other: list[str]) -> None:
    found = find_differences(" ".join(words), " ".join(other))
    assert found.common == sum((Counter(words) & Counter(other)).values())


@many
@given(pair=pairs_of_texts)
def test_spans_ascend_and_lie_in_the_text(pair: tuple[str, str]) -> None:
    for text, spans in zip(pair, find_differences(*pair).spans, strict=True):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(set(edges))
        assert all(0 <= edge <= len(text) for edge in edges)


@given(text=st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    found = find_differences(text, text)
    assert found.spans == ([], []) or all(is_unspaced(text[slice(*span)]) for spans in found.spans for span in spans)


def test_texts_that_repeat_themselves_are_compared_word_by_word_alone() -> None:
    a = "alpha beta " * int(MOST_PAIRS**0.5)
    assert find_differences(a + "gamma", a + "delta").spans == ([(len(a), len(a) + 5)], [(len(a), len(a) + 5)])


@pytest.mark.parametrize("word", ["的", "a b "])
def test_repetition_does_not_make_it_slow(word: str) -> None:
    started = time.process_time()
    find_differences(word * 1900, word * 1899 + "c")
    assert time.process_time() - started < 2
