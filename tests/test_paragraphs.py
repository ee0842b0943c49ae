from __future__ import annotations

import re
import string
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.blocks import MARKUPS, block_finder
from dedup.blocks.lines import SOFT_HYPHEN
from dedup.blocks.markdown import find_blocks as find_markdown
from dedup.blocks.plain import find_blocks as find_plain
from dedup.blocks.removal import BLANK
from dedup.config import PARAGRAPH_RULES, Config
from dedup.links import address_kind, may_hold_address, without_urls
from dedup.model import Document
from dedup.paragraphs import _BETWEEN, _OF_WORDS, skip_reasons, split
from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS
from dedup.sentences import ends_sentence
from dedup.words import _MAY_BE_MARKS, has_words

PROSE = "The council met on Tuesday and decided to keep the library open at night."
OTHER = "A petition with four thousand names lies on the desk beside the door."


def plain(text: str, rule: str = "auto") -> list[tuple[int, str]]:
    return [(block.line, block.text) for block in find_plain(text, rule)]


def markdown(text: str) -> list[tuple[int, str, str]]:
    return [(block.line, block.text, block.kind) for block in find_markdown(text, "auto")]


PLAIN_CASES = {
    "nothing": ("", []),
    "nothing but blank lines": (" \n\t\n\u200b\n\ufeff\n", []),
    "one line": ("one", [(1, "one")]),
    "a trailing newline": ("one\n", [(1, "one")]),
    "blank lines around": ("\n \n  one\n\n", [(3, "one")]),
    "blank lines between": ("one\n\n\ntwo\n", [(1, "one"), (4, "two")]),
    "a line of white space is blank": ("one\n \t\u3000\u200b\ntwo", [(1, "one"), (3, "two")]),
    "hard-wrapped between blank lines": ("a b\nc d.\n\ne\n  f\n", [(1, "a b c d."), (4, "e f")]),
    "a blank line makes one-line sentences wrap": ("A is.\nB is.\n\nC is.", [(1, "A is. B is."), (4, "C is.")]),
    "one sentence a line": ("A is b.\nC is d!\nE is f?\n", [(1, "A is b."), (2, "C is d!"), (3, "E is f?")]),
    "a title above sentences": ("Title\nA is b.\nC is d.", [(1, "Title"), (2, "A is b."), (3, "C is d.")]),
    "a title above one sentence": (
        "A title\nThis sentence is much longer.",
        [(1, "A title"), (2, "This sentence is much longer.")],
    ),
    "quotes and brackets after the stop": (
        "He said “no.”\nShe left (then.)\n",
        [(1, "He said “no.”"), (2, "She left (then.)")],
    ),
    "Chinese sentences": ("他走了。\n她来了！\n为什么？", [(1, "他走了。"), (2, "她来了！"), (3, "为什么？")]),
    "a Chinese title": ("标题\n这是第一段，说了一些话。", [(1, "标题"), (2, "这是第一段，说了一些话。")]),
    "Hindi and Urdu sentences": ("वह गया।\nوہ گیا۔", [(1, "वह गया।"), (2, "وہ گیا۔")]),
    "one hard-wrapped paragraph": (
        "the lines of this one are\nof a length, and only the\nlast one ends it. As it is\nwrapped, it is one.",
        [(1, "the lines of this one are of a length, and only the last one ends it. As it is wrapped, it is one.")],
    ),
    "wrapped, a sentence ending a line by chance": (
        "these lines are filled up.\nNone has room for the word\nthat begins the next.",
        [(1, "these lines are filled up. None has room for the word that begins the next.")],
    ),
    "lines wider than any wrap": ("x" * 200 + "\n" + "y" * 200, [(1, "x" * 200), (2, "y" * 200)]),
    "no space between ideographs": ("图书馆在夜里开放\n读者很多，书也\n很多", [(1, "图书馆在夜里开放读者很多，书也很多")]),
    "no space after ideographic punctuation": ("书很多，\n人不少", [(1, "书很多，人不少")]),
    "a space between Han and Latin": ("图书馆\nopen", [(1, "图书馆 open")]),
    "a soft hyphen joins": ("inter\u00ad\nnational and so\non", [(1, "international and so on")]),
    "CR LF": ("one\r\n\r\ntwo\r\n", [(1, "one"), (3, "two")]),
    "CR": ("one\r\rtwo", [(1, "one"), (3, "two")]),
    "a form feed ends a paragraph": ("one\n\ftwo", [(1, "one"), (2, "two")]),
    "U+2029 ends a paragraph, on the same line": ("one\u2029two\nthree", [(1, "one"), (1, "two three")]),
    "U+2028 ends a line": ("one\u2028two\n\nthree", [(1, "one two"), (3, "three")]),
}


@pytest.mark.parametrize(("text", "expected"), PLAIN_CASES.values(), ids=PLAIN_CASES)
def test_plain_text_falls_into_blocks(text: str, expected: list[tuple[int, str]]) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("blank", [(1, "A. B."), (4, "C.")]), ("line", [(1, "A."), (2, "B."), (4, "C.")])],
)
def test_a_rule_can_be_forced(rule: str, expected: list[tuple[int, str]]) -> None:
    assert plain("A.\nB.\n\nC.", rule) == expected
    assert plain("A.\nB.", "blank") == [(1, "A. B.")]


MARKDOWN_CASES = {
    "nothing": ("", []),
    "paragraphs": ("one\ntwo\n\nthree", [(1, "one two", "prose"), (4, "three", "prose")]),
    "YAML front matter": ("---\ntitle: x\n---\none", [(4, "one", "prose")]),
    "TOML front matter": ("+++\ntitle = 1\n+++\n\none", [(5, "one", "prose")]),
    "front matter without an end": ("+++\none", [(1, "+++ one", "prose")]),
    "rules are no front matter": ("---\n\none\n\n---\n\ntwo", [(3, "one", "prose"), (7, "two", "prose")]),
    "headings": ("# One *two*\n\nThree\n===\n", [(1, "One two", "heading"), (3, "Three", "heading")]),
    "rules are no blocks": ("one\n\n***\n\ntwo", [(1, "one", "prose"), (5, "two", "prose")]),
    "a list is one block": ("- one\n- two\n\n  three\n", [(1, "one\ntwo\nthree", "other")]),
    "a quote is one block": ("> one\n> two\n>\n> three", [(1, "one two\nthree", "other")]),
    "a table is one block": ("| a | b |\n|---|---|\n| c | d |", [(1, "a\nb\nc\nd", "other")]),
    "code is one block": ("```py\nx = 1\n\ny\n```\n\n    z\n", [(1, "x = 1\ny", "other"), (7, "z", "other")]),
    "HTML is one block": ("<div>a <b>c</b> &amp;<!-- d --></div>", [(1, "a  c  &", "other")]),
    "what shows nothing is no block": ("<!-- x -->\n\n[a]: http://x.y\n\n<div>\n\n-\n\n> \n\none", [(11, "one", "prose")]),
    "text without its markup": (
        "*a* **b** ~~c~~ `d` [e](http://x.y \"t\") <b>f</b>g \\* &lt; ![h](i.png)",
        [(1, "a b c d e fg * <", "prose")],
    ),
    "breaks are spaces": ("a  \nb\\\nc<br>d\ne", [(1, "a b c d e", "prose")]),
    "no space between ideographs": ("图书馆\n开放", [(1, "图书馆开放", "prose")]),
    "images": ("![alt](x.png)\n\n[![alt](x.png)](y)\n\n<img src=x>", [(1, "", "image"), (3, "", "image"), (5, "", "image")]),
    "an image with a caption": ("![alt](x.png)\nA caption", [(1, "A caption", "prose")]),
    "links": ("[one](x) | [two](y)\n\n- [a](x)\n- [b](y)", [(1, "one | two", "link"), (3, "a\nb", "link")]),
    "CR LF": ("---\r\na: b\r\n---\r\none\r\n\r\ntwo", [(4, "one", "prose"), (6, "two", "prose")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MARKDOWN_CASES.values(), ids=MARKDOWN_CASES)
def test_markdown_falls_into_top_level_blocks(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert markdown(text) == expected


def skipped(text: str, markup: str = "plain", min_words: int = 8) -> list[str | None]:
    return skip_reasons(block_finder(markup)(text, "auto"), min_words)


SKIP_CASES = {
    "prose": (f"{PROSE}\n\n{OTHER}", [None, None]),
    "few words": (f"Too few words here.\n\n{PROSE}", ["short", None]),
    "an address": (f"https://example.org/a-story-with-many-words-in-its-name\n\n{PROSE}", ["link", None]),
    "several addresses": (f"<https://a.org> www.b.org/x [more](https://c.org)\n\n{PROSE}", ["link", None]),
    "the address of an image": (f"https://example.org/a/photo.JPG?width=100\n\n{PROSE}", ["image", None]),
    "a Markdown image": (f"![a picture of the library at night, from the square](x.png)\n\n{PROSE}", ["image", None]),
    "an image and a link": (f"https://a.org/x.jpg https://a.org/\n\n{PROSE}", ["link", None]),
    "addresses are not words": (f"See https://a.org/one-two-three-four-five-six-seven-eight.\n\n{PROSE}", ["short", None]),
    "a sentence with an address": (f"{PROSE} https://a.org\n\n{OTHER}", [None, None]),
    "a Chinese sentence right after an address": ("https://a.org/图书馆在夜里开放，读者很多，书也很多。", [None]),
    "a heading": (f"A year of open nights in the library of Fallowgate\n\n{PROSE}", ["heading", None]),
    "a heading above a heading": (f"A title of some words\n\nAnd a line below it\n\n{PROSE}", ["heading", "heading", None]),
    "a heading above a picture": (f"A year of open nights\n\nhttps://a.org/x.png\n\n{PROSE}", ["heading", "image", None]),
    "no heading: it ends a sentence": (f"A year of open nights in the library?\n\n{PROSE}", [None, None]),
    "no heading: it goes on": (f"What was said at the meeting in March:\n\n{PROSE}", [None, None]),
    "no heading: too long": (f"{' word' * 16}\n\n{PROSE}", [None, None]),
    "no heading: nothing below": (f"{PROSE}\n\nA year of open nights in the library", [None, None]),
    "no heading: alone": ("A year of open nights in the library of Fallowgate", [None]),
    "no headings: a list of headlines": ("\n\n".join(["A year of open nights in the library"] * 4), [None] * 4),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SKIP_CASES.values(), ids=SKIP_CASES)
def test_what_is_not_worth_comparing_is_skipped(text: str, expected: list[str | None]) -> None:
    assert skipped(text) == expected


def test_markdown_says_what_a_heading_is() -> None:
    text = f"# {PROSE}\n\n> A quote of more than seven words without an end\n\n{PROSE}\n\n# {PROSE}"
    assert skipped(text, "markdown") == ["heading", None, None, "heading"]
    assert skipped("# ![alt](logo.png)\n\n[a](b)", "markdown", min_words=1) == ["image", "link"]


def test_skips_are_counted_by_reason() -> None:
    text = f"A title of five words\n\nhttps://a.org/x.png\n\n{PROSE}\n\nShort.\n\nToo short."
    assert split([Document("d", text)], Config()).skipped == {"heading": 1, "image": 1, "short": 2}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("…!? _", 0),
        ("one", 1),
        ("don't stop", 3),
        ("snake_case", 2),
        ("Übergrößen für 3,5 €", 4),
        ("сорок два", 2),
        ("e\u0301te\u0301 ici", 2),
        ("हिन्दी में लिखा", 3),
        ("图书馆", 1),
        ("图书馆在", 2),
        ("图书馆 open", 2),
        ("ひらがなカタカナ", 4),
        ("한국어 문장", 2),
        ("สวัสดีชาวโลก", 2),
        ("❤️ 🎉", 0),
    ],
)
def test_words_are_counted_in_any_script(text: str, words: int) -> None:
    assert [has_words(text, least) for least in range(1, 12)] == [words >= least for least in range(1, 12)]


@pytest.mark.parametrize(
    "text", ["a.", "a!", "a?”", "a.’)", "a…", "a。", "ａ！」", "a؟", "a۔", "a।", "a։", "a. 🎉", "a.[12]", "a. »"]
)
def test_a_sentence_ends(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["", "a", "a,", "a:", "3.5", "a.b", "a -", "“a”", "a [12]"])
def test_a_sentence_does_not_end(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize("part", ["[", "[a](", '![a](b "', "<img ", "http://", "<!--", "a.[1]"])
def test_hostile_text_takes_linear_time(part: str) -> None:
    text = f"[ {part * 50_000} ://"
    assert address_kind(text + " word") is None
    assert len(find_plain(text, "auto")) == 1


def test_rows_are_ordered_by_file_document_and_position() -> None:
    documents = [
        Document("b", f"{PROSE}\n\n{OTHER}", file="z.jsonl", line=7),
        Document("a", PROSE, file="z.jsonl", line=9),
        Document("c", f"\n{PROSE}", file="a.txt"),
        Document("d", PROSE),
    ]
    paragraphs = split(documents, Config())
    assert [document.id for document in paragraphs.documents] == ["d", "c", "a", "b"]
    assert paragraphs.document_row.tolist() == [0, 1, 2, 3, 3]
    assert paragraphs.position.tolist() == [0, 0, 0, 0, 1]
    assert paragraphs.line.tolist() == [1, 2, 9, 7, 7]
    assert paragraphs.text == [PROSE, PROSE, PROSE, PROSE, OTHER]


def test_documents_without_paragraphs_are_documents() -> None:
    paragraphs = split([Document("empty", ""), Document("short", "Hello.")], Config())
    assert [document.id for document in paragraphs.documents] == ["empty", "short"]
    assert (paragraphs.text, paragraphs.line.tolist(), paragraphs.skipped) == ([], [], {"short": 1})


def test_nothing_is_an_empty_batch() -> None:
    paragraphs = split([], Config())
    assert (paragraphs.text, paragraphs.line.shape, paragraphs.line.dtype.name) == ([], (0,), "int32")


# Arbitrary Unicode, and text dense in what the rules look at.
BREAKS = (
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\f",
    "\u2028",
    "\u2029",
    "\x85",
    " ",
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\ufeff",
    ".",
    "。",
    "”",
)
WORDS = (
    "word",
    "Another one",
    "图书",
    "馆。",
    "สวัสดี",
    "https://a.b/c",
    "![x](y)",
    "[x](y)",
    "# ",
    "- ",
    "> ",
    "---",
    "```",
    "<b>",
    "<!--",
)
PIECES = st.sampled_from(BREAKS + WORDS)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


# What is told at a glance is what a careful look tells.


@settings(deadline=None)
@given(text=st.one_of(TEXTS, st.lists(st.sampled_from(["a", "B9", "_", "-", " ", ". ", "\x1c", "\x7f"])).map("".join)))
def test_words_of_ascii_are_counted_like_all_others(text: str) -> None:
    text = text.encode("ascii", "ignore").decode()
    words = len(re.findall(r"[^\W_]+", text))
    assert [words >= least for least in range(1, 12)] == [has_words(text, least) for least in range(1, 12)]


SCRIPTS = (IDEOGRAPHIC, UNSPACED_LETTERS)


def words_one_by_one(text: str) -> int:
    runs = ideographs = letters = 0
    in_run = False
    for character in text:
        ideograph, letter = (any(first <= ord(character) <= last for first, last in script) for script in SCRIPTS)
        spaced = (character.isalnum() or unicodedata.category(character)[0] == "N") and not (ideograph or letter)
        in_run_still = in_run and (spaced or (unicodedata.category(character)[0] == "M" and ord(character) < 0x1F000))
        ideographs += ideograph and not in_run_still
        letters += letter and not in_run_still
        runs += spaced and not in_run
        in_run = in_run_still or spaced
    return runs + ideographs // 2 + letters // 5


@settings(deadline=None)
@given(text=st.text(st.one_of(st.characters(), st.sampled_from("a b\u0301\u093e\u0e01\u0e31\u3099\u4e00\U00010a01\ufe0f_-"))))
def test_words_are_counted_as_one_by_one(text: str) -> None:
    words = words_one_by_one(text)
    assert [words >= least for least in range(1, 12)] == [has_words(text, least) for least in range(1, 12)]


def test_letters_of_latin_words_are_letters_and_nothing_else_is() -> None:
    every = list(map(chr, range(0x110000)))
    between = [character for character in every if re.match(_BETWEEN, character)]
    assert all(character.isalnum() for character in every if re.match(_OF_WORDS, character))
    assert not [character for character in between if character.isalnum() or unicodedata.category(character)[0] == "M"]
    assert {*map(chr, range(128))} - {*between} == {*":[<", *string.ascii_letters, *string.digits}


def test_marks_are_looked_for_where_they_are() -> None:
    marks = [code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M"]
    assert not [code for code in marks if not any(code in part for part in _MAY_BE_MARKS)]


@settings(deadline=None)
@given(
    text=st.one_of(TEXTS, st.lists(st.sampled_from(["://", "www.", "WWW.x", "mailto:", "a", " ", "!", "<img>"])).map("".join))
)
def test_a_text_that_can_hold_no_address_holds_none(text: str) -> None:
    if not may_hold_address(text):
        assert [None, text] == [address_kind(text), without_urls(text)]


@settings(deadline=None)
@given(text=TEXTS, broken=st.booleans(), rule=st.sampled_from(PARAGRAPH_RULES), least=st.integers(1, 4))
def test_a_document_of_one_line_is_split_like_all_others(text: str, broken: bool, rule: str, least: int) -> None:
    text = text if broken else " ".join(text.splitlines())
    blocks = find_plain(text, rule)
    kept = [number for number, reason in enumerate(skip_reasons(blocks, least)) if reason is None]
    found = split([Document("a", text)], Config(min_words=least, paragraphs=rule))
    lines = zip(found.line.tolist(), found.last_line.tolist(), strict=True)
    assert (kept, [blocks[number].text for number in kept]) == (found.position.tolist(), found.text)
    assert [(blocks[number].line, blocks[number].last_line or blocks[number].line) for number in kept] == list(lines)


ADDRESSES = st.lists(
    st.sampled_from(
        [
            "http",
            "://",
            "www",
            "Www.x",
            ".",
            "mailto",
            ":",
            "a",
            "b",
            "c9",
            " ",
            ", ",
            "_",
            "!",
            "[",
            "](x)",
            "<img>",
            "\x1c",
            "é",
            "“",
            "\u0301",
            "е",
            "中",
        ]
    )
).map("".join)


@settings(deadline=None)
@given(texts=st.lists(ADDRESSES, max_size=5), least=st.integers(1, 3))
def test_a_line_that_begins_with_words_is_split_like_all_others(texts: list[str], least: int) -> None:
    kept = [only for text in texts for only in find_plain(text, "auto") if skip_reasons([only], least) == [None]]
    found = split([Document(str(number), text) for number, text in enumerate(texts)], Config(min_words=least))
    assert [block.text for block in kept] == found.text


@settings(deadline=None)
@given(text=TEXTS, rule=st.sampled_from(PARAGRAPH_RULES))
def test_a_single_line_is_one_block_without_what_shows_nothing(text: str, rule: str) -> None:
    line = "".join(text.splitlines())
    stripped = line.rstrip(BLANK).lstrip(BLANK + SOFT_HYPHEN)
    assert ([(1, stripped)] if stripped else []) == plain(line, rule)


def test_what_is_white_space_in_ascii_is_blank_and_nothing_else() -> None:
    ascii_text = "".join(map(chr, range(128)))
    assert sorted(filter(str.isspace, ascii_text)) == sorted(filter(str.isascii, BLANK))


def squeezed(text: str) -> str:
    return "".join(character for character in text if character not in BLANK and character != "\u00ad")


@settings(deadline=None)
@given(text=TEXTS, rule=st.sampled_from(PARAGRAPH_RULES))
def test_blocks_hold_the_words_of_the_document(text: str, rule: str) -> None:
    whole = squeezed(text)
    for block in find_plain(text, rule):
        assert block.text
        assert squeezed(block.text) in whole


@settings(deadline=None)
@given(text=TEXTS, rule=st.sampled_from(PARAGRAPH_RULES))
def test_line_is_where_the_first_word_stands(text: str, rule: str) -> None:
    physical = re.split("\r\n|\r|\n", text)
    for block in find_plain(text, rule):
        pieces = map(squeezed, re.split("[\f\v\x85\u2028\u2029]", physical[block.line - 1]))
        assert any(squeezed(block.text).startswith(piece) for piece in pieces if piece) or not squeezed(block.text)


@settings(deadline=None)
@given(text=TEXTS, markup=st.sampled_from(sorted(MARKUPS)), rule=st.sampled_from(PARAGRAPH_RULES))
def test_line_ends_make_no_difference(text: str, markup: str, rule: str) -> None:
    text = text.replace("\r", "")
    find_blocks = block_finder(markup)
    expected = find_blocks(text, rule)
    assert find_blocks(text.replace("\n", "\r\n"), rule) == expected
    assert find_blocks(text.replace("\n", "\r"), rule) == expected


@settings(deadline=None)
@given(texts=st.lists(TEXTS, max_size=4), markup=st.sampled_from(sorted(MARKUPS)), least=st.integers(1, 9))
def test_columns_agree_for_any_text(texts: list[str], markup: str, least: int) -> None:
    documents = [Document(str(number), text, markup=markup) for number, text in enumerate(texts)]
    config = Config(min_words=least)
    paragraphs = split(documents, config)
    count = sum(len(block_finder(markup)(text, config.paragraphs)) for text in texts)
    assert len(paragraphs.text) + sum(paragraphs.skipped.values()) == count
    assert all(has_words(text, least) for text in paragraphs.text)
    rows = list(zip(paragraphs.document_row.tolist(), paragraphs.position.tolist(), paragraphs.line.tolist(), strict=True))
    assert all(before[:2] < after[:2] and (before[0] < after[0] or before[2] <= after[2]) for before, after in pairwise(rows))
    assert split(reversed(documents), config).text == paragraphs.text
