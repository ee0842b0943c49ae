"""Blocks of HTML: of a whole page those of its article, of a piece of one all; the rest is named, and dropped."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from dedup.blocks import IGNORE, Block
from dedup.blocks.article import mark_outside
from dedup.blocks.excision import without
from dedup.blocks.furniture import mark_by_text, mark_furniture, mark_pull_quotes
from dedup.blocks.passages import HEADINGS, Outline, Passage, outline
from dedup.blocks.silences import find_silences
from dedup.blocks.tree import Tree, parse
from dedup.tags import Token

_PAGE: Final = re.compile(r"<(?:!doctype|html|head|body|title|frameset)(?=[\s>])", re.IGNORECASE)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_BLANK: Final = re.compile(r"\s+|&#?\w+;?")
_OTHER: Final = frozenset("li blockquote pre dd dt td th address summary".split())


def find_blocks(text: str, rule: str) -> list[Block]:
    """`rule` means nothing here: HTML says itself where a paragraph ends.

    A block is what a browser sets apart: an element, bare text beside elements, or text between two line breaks. It is on
    one line, without markup. A page has navigation, banners, adverts and the like, which come out too, with a kind of
    `DROPPED`; in a piece of HTML without <html>, <head> or <body>, all that its markup does not call such is the article.
    Raises ConfigError if lxml is not installed.
    """
    tree, page = _read(text)
    ends = [end.end() for end in _LINE_END.finditer(text)]
    return list(_blocks(text, tree.tokens, page, ends))


def without_blocks(text: str, rule: str, positions: Collection[int]) -> str:
    """The same source without the blocks of these numbers, which count those that are not dropped from 0."""
    tree, page = _read(text)
    numbered = [passage for passage in page.passages if passage.reason is None]
    return without(text, tree.tokens, [numbered[position] for position in sorted(set(positions))])


def _blocks(text: str, tokens: Sequence[Token], page: Outline, ends: list[int]) -> Iterator[Block]:
    """Yield a block for each passage, and before it what asks to ignore it. ends: of lines."""
    silences = _silences(text, tokens)
    place, reason = next(silences, (len(text), ""))
    for passage in page.passages:
        end = _last_word(text, tokens[passage.last])
        while place < end:
            yield Block(bisect_right(ends, place) + 1, reason, IGNORE)
            place, reason = next(silences, (len(text), ""))
        first = bisect_right(ends, _first_word(text, tokens[passage.first])) + 1
        yield Block(first, passage.text, _kind(passage), bisect_right(ends, end) + 1)
    while place < len(text):
        yield Block(bisect_right(ends, place) + 1, reason, IGNORE)
        place, reason = next(silences, (len(text), ""))


def _silences(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Those that are comments, and do not stand in a script or an attribute."""
    for place, reason in find_silences(text):
        number = bisect_right(tokens, place, key=_start)
        if number == 0 or tokens[number - 1].end <= place:
            yield place, reason


def _read(text: str) -> tuple[Tree, Outline]:
    tree = parse(text)
    page = outline(text, tree)
    mark_furniture(page)
    if _PAGE.search(text):
        mark_by_text(page)
        mark_outside(page)
    mark_pull_quotes(page)
    return tree, page


def _kind(passage: Passage) -> str:
    if passage.reason is not None:
        return passage.reason
    if not passage.own:
        return "link"
    node = passage.node
    if node.name in HEADINGS:
        return "heading"
    return "other" if node.name in _OTHER or (node.parent is not None and node.parent.name in _OTHER) else "prose"


def _start(token: Token) -> int:
    return token.start


def _last_word(source: str, token: Token) -> int:
    """Where the last character of the text stands that is not blank."""
    end = token.end - 1
    while end > token.start and source[end].isspace():
        end -= 1
    return end


def _first_word(source: str, token: Token) -> int:
    """Where the text begins that is not blank, be it written as an entity."""
    position = token.start
    while (blank := _BLANK.match(source, position)) and not html.unescape(blank[0]).strip():
        position = blank.end()
    return position
