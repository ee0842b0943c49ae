"""A text without some of its blocks is the same text but for these."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import many, sample_documents

from dedup.blocks import MARKUPS, block_finder, block_remover
from dedup.blocks.removal import BLANK

find_plain, without_plain = block_finder("plain"), block_remover("plain")
find_markdown, without_markdown = block_finder("markdown"), block_remover("markdown")

BREAKS = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
PLAIN = "A a.\n\n\r\v\f\x85\u2028\u2029 \t\u3000\ufeff\u00ad中。"


def solid_lines(text: str) -> list[str]:
    return [line for line in BREAKS.split(text) if line.strip(BLANK)]


def is_subsequence(lines: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(line in rest for line in lines)


@pytest.mark.parametrize(
    ("text", "gone", "expected"),
    [
        ("A\n\nB\n\nC\n", {1}, "A\n\nC\n"),
        ("A\n\nB\n\nC\n", {0}, "B\n\nC\n"),
        ("A\n\nB\n\nC\n", {2}, "A\n\nB\n"),
        ("A\n\nB\n\nC", {2}, "A\n\nB"),
        ("A\n\nB\n\nC", {1, 2}, "A"),
        ("A\n\nB\n\nC\n", {0, 1, 2}, ""),
        ("\n\nA\n\n\n  B\nb\n\n\n\n  C \n\n", {1}, "\n\nA\n\n\n  C \n\n"),
        ("A \r\n\r\nB\r\n\r\nC\r\n", {2}, "A \r\n\r\nB\r\n"),
        ("A \n\nB\n", {1}, "A \n"),
        ("A\fB\fC", {1}, "A\fC"),
        ("A\u2029B\u2029C", {2}, "A\u2029B"),
        ("A", {0}, ""),
        ("A\n", {}, "A\n"),
        ("", {0}, ""),
    ],
)
def test_plain_text_loses_a_paragraph_and_the_blank_lines_that_would_be_double(
    text: str, gone: set[int], expected: str
) -> None:
    assert expected == without_plain(text, "blank", gone)


@pytest.mark.parametrize(("gone", "expected"), [({1}, "A.\nC.\n"), ({0, 1}, "C.\n"), ({2}, "A.\nB.\n"), ({0, 1, 2}, "")])
def test_a_paragraph_a_line_goes_with_its_line_end(gone: set[int], expected: str) -> None:
    assert expected == without_plain("A.\nB.\nC.\n", "line", gone)


@pytest.mark.parametrize(
    ("text", "gone", "expected"),
    [
        ("# A\n\nB\n\n- c\n- d\n\nE\n", {2}, "# A\n\nB\n\nE\n"),
        ("# A\nB\n# C\nD\n", {1}, "# A\n\n# C\nD\n"),
        ("A\n```\nb\n```\nC\n", {1}, "A\n\nC\n"),
        ("A\n```\nb\n```\n\nC\n", {1}, "A\n\nC\n"),
        ("---\nkey: value\n---\n\nA\n\nB\n", {0}, "---\nkey: value\n---\n\nB\n"),
        ("A\n\n<!-- note -->\n\nB\n\n[x]: /y\n", {1}, "A\n\n<!-- note -->\n\n[x]: /y\n"),
        ("A\n\n[x]: /y\n\nB", {1}, "A\n\n[x]: /y"),
        ("- a\n- b\n\n\n\nB\n", {0}, "B\n"),
        ("A\n\n***\n\nB\n\n***\n", {1}, "A\n\n***\n\n***\n"),
    ],
)
def test_markdown_loses_the_lines_of_a_block(text: str, gone: set[int], expected: str) -> None:
    assert expected == without_markdown(text, "auto", gone)


@many
@given(
    st.one_of(st.text(st.sampled_from(PLAIN), max_size=60), st.text(max_size=40)),
    st.sampled_from(["blank", "line"]),
    st.sets(st.integers(0, 8)),
)
def test_the_other_blocks_of_plain_text_stay_as_they_are(text: str, rule: str, gone: set[int]) -> None:
    blocks = find_plain(text, rule)
    cut = without_plain(text, rule, gone)
    expected = [block.text for number, block in enumerate(blocks) if number not in gone]
    assert expected == [block.text for block in find_plain(cut, rule)]
    assert is_subsequence(solid_lines(cut), solid_lines(text))


@many
@given(
    st.lists(
        st.sampled_from(
            [
                "A b.",
                "C",
                "- d",
                "  e",
                "> f",
                "# G",
                "```",
                "",
                "",
                "---",
                "    h",
                "| i | j |",
                "|--|--|",
                "<p>",
                "[x]: /y",
                "1. k",
            ]
        ),
        max_size=14,
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sets(st.integers(0, 8)),
)
def test_markdown_loses_nothing_but_the_lines_of_blocks(lines: list[str], end: str, gone: set[int]) -> None:
    text = end.join(lines)
    count = len(find_markdown(text, "auto"))
    cut = without_markdown(text, "auto", gone)
    assert is_subsequence(solid_lines(cut), solid_lines(text))
    assert (cut == text) == (not any(number < count for number in gone))


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_text_that_loses_no_block_stays(markup: str) -> None:
    for document in sample_documents():
        assert document.text == block_remover(markup)(document.text, "auto", set())


def test_of_real_articles_nothing_else_goes() -> None:
    chance = random.Random(1)
    for document in sample_documents():
        blocks = block_finder(document.markup)(document.text, "auto")
        for _ in range(20):
            gone = {number for number in range(len(blocks)) if chance.random() < 0.3}
            cut = block_remover(document.markup)(document.text, "auto", gone)
            left = [block.text for number, block in enumerate(blocks) if number not in gone]
            assert left == [block.text for block in block_finder(document.markup)(cut, "auto")]
