"""HTML: what is a paragraph, what is dropped and why, where it stands, and how it is taken out."""

from __future__ import annotations

import html
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import SPUN

from dedup import check
from dedup.blocks import DROPPED, block_finder, block_remover, numbered
from dedup.blocks.html import find_blocks
from dedup.config import Config
from dedup.model import Document
from dedup.tags import scan

ONE = "The council met on Tuesday and decided to keep the library open at night."
TWO = "A petition with four thousand names lies on the desk beside the door."
THREE = "Nobody from the ministry came to the meeting, although three had said they would."
ARTICLE = f"<article><p>{ONE}</p>\n<p>{TWO}</p></article>"


def found(source: str) -> list[tuple[int, str, str]]:
    return [(block.line, block.text, block.kind) for block in find_blocks(source, "auto")]


def article(source: str) -> list[str]:
    return [block.text for block in numbered(find_blocks(source, "auto"))]


def without(source: str, *positions: int) -> str:
    return block_remover("html")(source, "auto", positions)


# What is a paragraph, and where.

PIECES = {
    "nothing": ("", []),
    "nothing but tags": ("<p></p><br><hr><p>&nbsp;</p><p>***</p>", []),
    "bare text": ("one", [(1, "one", "prose")]),
    "elements": ("<p>one</p>\n<div>two</div>", [(1, "one", "prose"), (2, "two", "prose")]),
    "no end tags": ("<p>one\n<p>two\n<p>three", [(1, "one", "prose"), (2, "two", "prose"), (3, "three", "prose")]),
    "text beside an element": ("one<p>two</p>\nthree", [(1, "one", "prose"), (1, "two", "prose"), (2, "three", "prose")]),
    "line breaks": (
        "<div>one<br>two<br><br>\nthree<br>\n<br />four</div>",
        [
            (1, "one two", "prose"),
            (2, "three", "prose"),
            (3, "four", "prose"),
        ],
    ),
    "the line of the first word": ("<p\n class='x'>\n\n <b>\n&nbsp; one\n two</b></p>", [(5, "one two", "prose")]),
    "nested blocks": ("<div>a<div>b<p>c</p>d</div></div>", [(1, x, "prose") for x in "abcd"]),
    "inline elements, unknown ones too": (
        "<p>o<b>n</b>e <x-y>tw</x-y>o <span>three</span></p>",
        [(1, "one two three", "prose")],
    ),
    "entities": ("<p>&pound;5 &amp; 3&nbsp;&lt; 4 &#8220;x&#x201D; &unknown;</p>", [(1, "£5 & 3 < 4 “x” &unknown;", "prose")]),
    "a less-than sign": ("<p>1 < 2 <3 a<b</p>", [(1, "1 < 2 <3 a", "prose")]),
    "headings, lists, quotes, cells": (
        "<h2>a</h2><ul><li>b<li>c</ul><blockquote><p>d</p></blockquote><table><tr><td>e<td>f</table>",
        [(1, "a", "heading"), *((1, x, "other") for x in "bcdef")],
    ),
    "nothing but links": ("<p><a href=x>one</a> <a href=y>two</a></p>", [(1, "one two", "link")]),
    "comments and scripts": (
        "<!-- <p>no</p> --><script>'<p>no</p>'</script><style>p</style><p>one<!-- no --> two</p><template><p>no</p></template>",
        [(1, "one two", "prose")],
    ),
    "a script that looks like an end": ("<script>'</scripty>'</script ><p>one</p>", [(1, "one", "prose")]),
    "quotes in tags": ('<p title=\'a > b\' x=">" y=a">one</p>', [(1, "one", "prose")]),
    "Chinese on two lines": ("<p>这是一个\n故事</p>", [(1, "这是一个故事", "prose")]),
    "misnested": ("<p><b>one<p>two</b></div></p>three", [(1, "one", "prose"), (1, "two", "prose"), (1, "three", "prose")]),
}


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_of_html_falls_into_blocks(name: str) -> None:
    source, expected = PIECES[name]
    assert expected == found(source)


XHTML = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">\n'
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head>\n<body><p>{}</p></body></html>'
)
PAGES = {
    "without <body>": f"<!doctype html><title>x</title><p>{ONE}<p>{TWO}",
    "with nothing around": f"<html><p>{ONE}</p><p>{TWO}</p></html>",
    "in a frameset": f"<html><frameset><frame src=x></frameset><body><p>{ONE}</p><p>{TWO}</p>",
    "in XHTML": XHTML.format(f"{ONE}</p><p>{TWO}"),
    "in a form": f"<html><body><form id=aspnetForm><div>{ONE}</div><div>{TWO}</div></form></body></html>",
    "by line breaks": f"<html><body><font>{ONE}<br><br>{TWO}</font></body></html>",
    "in table cells": f"<html><body><table><tr><td><p>{ONE}</p><p>{TWO}</p></td></tr></table></body></html>",
    "after an unclosed list": f"<html><body><ul><li><a href=x>x</a></ul><div><div><p>{ONE}</div><p>{TWO}",
    "hidden until a script shows it": f"<html><body><div style='display: none'><p>{ONE}</p><p>{TWO}</p></div></body></html>",
    "in two sections": f"<html><body><div><div><p>{ONE}</p></div><div><p>{TWO}</p></div></div></body></html>",
}


@pytest.mark.parametrize("name", PAGES)
def test_the_article_of_a_page_is_found(name: str) -> None:
    assert article(PAGES[name]) == [ONE, TWO]


FURNITURE = {
    "navigation": f"<nav><p>{THREE}</p></nav>",
    "navigation by role": f"<div role=navigation><p>{THREE}</p></div>",
    "banner": f"<div class='cookie-consent'><p>{THREE}</p></div>",
    "banner by role": f"<section role=dialog><p>{THREE}</p></section>",
    "related": f"<div class='relatedPosts'><p>{THREE}</p></div>",
    "related by its links": f"<ul><li><a href=x>{THREE}</a></ul>",
    "advert": f"<div id='top-ad'><p>{THREE}</p></div>",
    "newsletter": f"<section class='newsletter_box'><p>{THREE}</p></section>",
    "newsletter in a promotion": f"<div class='promo'><p>Our newsletter: {THREE}</p></div>",
    "comment": f"<section id=comments><p>{THREE}</p></section>",
    "caption": f"<figure><img src=x><figcaption>{THREE}</figcaption></figure>",
    "caption by class": f"<div><img src=x><span class=caption>{THREE}</span></div>",
    "quote": f"<blockquote class='pullquote'>{THREE}</blockquote>",
    "quote by its words": "<blockquote>“decided to keep the library open at night.”</blockquote>",
    "byline": f"<p class=byline>By {THREE}</p>",
    "share": f"<div class='social-share'>{THREE}</div>",
    "footer": f"<footer><p>{THREE}</p></footer>",
    "aside": f"<aside><p>{THREE}</p></aside>",
    "form": f"<form><p>{THREE}</p></form>",
    "hidden": f"<div hidden><p>{THREE}</p></div>",
    "title": f"<h1>{THREE}</h1>",
    "outside": "<div><p>Short one.</p></div>",
}


@pytest.mark.parametrize("name", FURNITURE)
def test_what_is_no_article_is_dropped_and_named(name: str) -> None:
    middle = FURNITURE[name]
    inside = f"<article><p>{ONE}</p>{middle}<p>{TWO}</p></article>" if name != "outside" else ARTICLE + middle
    blocks = find_blocks(f"<!doctype html><html><body><div>{inside}</div></body></html>", "auto")
    assert [block.text for block in numbered(blocks)] == [ONE, TWO]
    assert {name.split()[0]} == {block.kind for block in blocks} - {"prose"}


def test_every_name_of_what_is_dropped_is_used() -> None:
    assert {name.split()[0] for name in FURNITURE} == DROPPED


@pytest.mark.parametrize(
    "names", ["has-sidebar", "post tag-comments category-related", "no-ads", "headline", "read", "adventure"]
)
def test_a_class_that_only_looks_like_furniture_is_none(names: str) -> None:
    assert article(f"<html><body><div><p>{ONE}</p><div class='{names}'><p>{TWO}</p></div></div></body></html>") == [ONE, TWO]


def test_what_holds_most_of_a_page_is_no_furniture() -> None:
    assert article(f"<html><body class=popup><div class='social'><p>{ONE}</p><p>{TWO}</p></div></body></html>") == [ONE, TWO]


def test_a_quotation_of_its_own_is_part_of_the_article() -> None:
    assert article(f"<html><body><p>{ONE}</p><blockquote>{THREE}</blockquote><p>{TWO}</p></body></html>") == [ONE, THREE, TWO]


def test_what_is_dropped_is_counted_and_takes_no_number() -> None:
    source = f"<html><body><nav><a>x</a></nav><p>{ONE}</p><figure>y</figure><h2>Two</h2><p>{TWO}</p></body></html>"
    paragraphs = check([Document("a", source, markup="html")], Config()).paragraphs
    assert paragraphs.position.tolist() == [0, 2]
    assert paragraphs.skipped == {"caption": 1, "heading": 1, "navigation": 1}


# The labelled pages.

LABELLED = json.loads((SPUN / "html" / "truth.json").read_text(encoding="utf-8"))["pages"]


@pytest.mark.parametrize("page", LABELLED, ids=lambda page: page["file"])
def test_the_article_of_a_labelled_page_is_what_is_labelled(page: dict[str, Any]) -> None:
    blocks = find_blocks((SPUN / "html" / page["file"]).read_text(encoding="utf-8"), "auto")
    paragraphs = numbered(blocks)
    assert len(paragraphs) == len(page["body"])
    for block, start in zip(paragraphs, page["body"], strict=True):
        assert block.text.startswith(start)
    kinds = {block.text: block.kind for block in blocks}
    for kind, texts in (("quote", [quote["text"] for quote in page["pull_quotes"]]), ("caption", page["captions"])):
        assert {kind} == {next(kinds[text] for text in kinds if text.startswith(start)) for start in texts}
    for start in page["boilerplate"]:
        assert next(kind for text, kind in kinds.items() if text.startswith(start)) in DROPPED
    assert not any(hidden in text for text in kinds for hidden in page["not_text"])


@pytest.mark.parametrize("page", LABELLED, ids=lambda page: page["file"])
def test_every_labelled_pair_is_found_and_nothing_else(page: dict[str, Any]) -> None:
    source = (SPUN / "html" / page["file"]).read_text(encoding="utf-8")
    pairs = check([Document(page["file"], source, markup="html")], Config()).pairs
    assert {(pair["a"], pair["b"]) for pair in page["pairs"]} == {(pair.a.paragraph, pair.b.paragraph) for pair in pairs}


# Taking out.

REMOVALS = {
    "an element with its line": ("<p>a</p>\n<p>b</p>\n<p>c</p>\n", 1, "<p>a</p>\n<p>c</p>\n"),
    "one of two blank lines": ("<p>a</p>\r\n\r\n<p>b</p>\r\n\r\n<p>c</p>", 1, "<p>a</p>\r\n\r\n<p>c</p>"),
    "one of two spaces": ("<p>a</p> <p>b</p> <p>c</p>", 1, "<p>a</p> <p>c</p>"),
    "without an end tag": ("<p>a\n<p>b\n<p>c", 1, "<p>a\n<p>c"),
    "between line breaks": ("a<br><br>b<br><br>c", 1, "a<br><br>c"),
    "behind line breaks": ("<div>a<br/><br/>b</div>", 1, "<div>a</div>"),
    "an item": ("<ul>\n <li>a</li>\n <li><p>b</p></li>\n</ul>", 1, "<ul>\n <li>a</li>\n</ul>"),
    "an item with a list in it": ("<ul><li>a<ul><li>b</ul></ul>", 0, "<ul><li><ul><li>b</ul></ul>"),
    "a cell keeps its place": (
        "<table><tr><td>a</td><td>b</td></tr></table>",
        0,
        "<table><tr><td></td><td>b</td></tr></table>",
    ),
    "images, scripts and comments stay": (
        "<p>a <img src=x> b<script>c</script><!-- d --></p>",
        0,
        "<p><img src=x><script>c</script><!-- d --></p>",
    ),
    "half of an element": ("<b>a<br><br>b</b> c", 0, "<b>b</b> c"),
    "what parts two texts": ("a<p>b</p>c", 1, "a<p></p>c"),
    "what parts two texts beside scripts": (
        "a<script></script><p>b</p><style></style>c",
        1,
        "a<script></script><p></p><style></style>c",
    ),
    "what parts two scripts": (
        "<p>a</p><script></script><p>b</p><script></script>",
        1,
        "<p>a</p><script></script><script></script>",
    ),
    "spaces as entities": ("<p>&nbsp;<i>a</i>&#160;</p>", 0, ""),
}


@pytest.mark.parametrize("name", REMOVALS)
def test_a_block_is_taken_out(name: str) -> None:
    source, position, expected = REMOVALS[name]
    assert expected == without(source, position)


TAGS = "p div b i a li ul td table tr blockquote span h2 section br img script x-y".split()
# No word comes twice: a quotation of what the article says is none of its blocks, until that is gone.
SOUP = st.lists(
    st.one_of(
        st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
        st.sampled_from(
            ["<br><br>", "\n", "\r\n", " ", "&nbsp;", "<!-- c -->", "<p class=caption>", "<", "&lt;", "<a href='", '"']
        ),
        st.just("word"),
    ),
    max_size=24,
).map(lambda parts: "".join(f"w{place}" if part == "word" else part for place, part in enumerate(parts)))
WHOLE = st.lists(
    st.tuples(
        st.sampled_from(
            ["<p>{}</p>", "<div>{}</div>", "<ul><li>{}</li></ul>", "<p><b>{}</b> x</p>", "{}<br><br>", "<p>{}", "{}<hr>"]
        ),
        st.sampled_from(["", "\n", "\n\n", " ", "<!-- c -->", "\r\n  "]),
    ),
    min_size=1,
    max_size=8,
).map(lambda parts: "".join(form.format(f"w{number}") + space for number, (form, space) in enumerate(parts)))


@settings(deadline=None)
@given(source=st.one_of(SOUP, WHOLE), chosen=st.sets(st.integers(0, 30)))
def test_nothing_but_the_chosen_blocks_goes(source: str, chosen: set[int]) -> None:
    texts = article(source)
    positions = {number for number in chosen if number < len(texts)}
    rest = without(source, *positions)
    assert [text for number, text in enumerate(texts) if number not in positions] == article(rest)
    assert is_part_of(rest, source)
    assert positions or rest == source


def is_part_of(part: str, whole: str) -> bool:
    characters = iter(whole)
    return all(character in characters for character in part)


@given(source=WHOLE, chosen=st.sets(st.integers(0, 8)))
def test_what_was_balanced_still_is(source: str, chosen: set[int]) -> None:
    rest = without(source, *(number for number in chosen if number < len(article(source))))

    def unbalanced(text: str) -> int:
        tags = [token for token in scan(text) if token.name not in ("", "br", "hr", "p")]
        return sum({"start": 1, "end": -1}[token.kind] for token in tags)

    assert unbalanced(source) == unbalanced(rest) == 0


# Places.


@settings(deadline=None)
@given(source=st.one_of(SOUP, WHOLE))
def test_a_block_begins_in_its_line(source: str) -> None:
    lines = re.split("\r\n|\r|\n", source)
    for block in find_blocks(source, "auto"):
        assert block.text[0] in html.unescape(lines[block.line - 1])
    assert [block.line for block in find_blocks(source, "auto")] == sorted(block.line for block in find_blocks(source, "auto"))


# Hostile pages.

HOSTILE = {
    "elements in each other": "<div>" * 25_000,
    "unclosed elements": "<font>x<p>y" * 10_000,
    "unclosed tags": "<a <a " * 25_000,
    "unclosed quotes": "<a x='<a y=\"" * 15_000,
    "unclosed comments": "<!--" * 50_000,
    "unclosed scripts": "<script>" * 25_000,
    "equals signs": "<a = = " * 25_000,
    "tables in cells": "<table><tr><td>" * 10_000,
    "quotations": f"<blockquote>{ONE}</blockquote>" * 1_000,
    "paragraphs": f"<p>{ONE}</p>" * 2_000,
    "deep paragraphs": "<div>" * 150 + f"<p>{ONE}</p>" * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("begin", ["", "<!doctype html>"])
def test_a_hostile_page_takes_linear_time(name: str, begin: str) -> None:
    source = begin + HOSTILE[name]
    started = time.process_time()
    block_finder("html")(source, "auto")
    assert time.process_time() - started < 0.2 + 4e-6 * len(source)


def test_text_below_the_deepest_element_is_kept() -> None:
    assert article("<div>" * 3000 + f"<p>{ONE}</p>" + "</div>" * 3000) == [ONE]


def test_the_line_ends_of_a_page_do_not_matter(tmp_path: Path) -> None:
    source = (SPUN / "html" / "page2.html").read_text(encoding="utf-8")
    assert found(source) == found(source.replace("\n", "\r\n")) == found(source.replace("\n", "\r"))
