"""Top-level blocks of Markdown (CommonMark with tables), after front matter."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from dedup.blocks import IGNORE, Block, numbered
from dedup.blocks.plain import join_lines
from dedup.blocks.removal import BLANK, without_spans
from dedup.blocks.silences import find_silences
from dedup.links import without_urls

FRONT_MATTER_ENDS: Final = {"---": ("---", "..."), "+++": ("+++",)}  # YAML, TOML

_LINE_BREAK: Final = re.compile("\r\n|\r|\n")
_YAML_KEY: Final = re.compile(r"[\w\"'][^:]*:(?:\s|$)")
_HIDDEN_HTML: Final = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_IMAGE_TAG: Final = re.compile(r"<img\b", re.IGNORECASE)
_BREAK_TAG: Final = re.compile(r"<br\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]")


@dataclass
class _Content:
    """What one block shows: parts of text (a list item, a cell, a paragraph), the text outside links, links and images."""

    parts: list[str] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)
    links: int = 0
    images: int = 0


def find_blocks(text: str, rule: str) -> list[Block]:
    """`rule` means nothing here: Markdown says itself where a paragraph ends.

    A list, a quote, a table, code and HTML are one block each, their parts on a line each. Link text stays; addresses,
    images with their alternative text, emphasis marks, tags and comments go. What shows neither text nor an image is not
    a block: rules, reference definitions, comments, empty items.
    """
    return list(_blocks(text))


def without_blocks(text: str, rule: str, positions: Collection[int]) -> str:
    """The same text without the lines of the blocks of these numbers, nor the blank lines that would be double.

    What is no block stays. What stood above a block and what stood below it do not become one.
    """
    breaks = list(_LINE_BREAK.finditer(text))
    starts = [0, *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(text)]
    blocks = enumerate(numbered(_blocks(text)))
    lines = [(block.line, block.last_line or block.line) for position, block in blocks if position in positions]
    return without_spans(text, [(starts[first - 1], ends[last - 1]) for first, last in lines], apart=True)


def _blocks(text: str) -> Iterator[Block]:
    """Yield each block, and before it what asks to ignore it."""
    lines, skipped_lines = _without_front_matter(text)
    body = "\n".join(lines)
    silenced = any(find_silences(body))
    for tokens in _top_level(_parser().parse(body)):
        if silenced:
            yield from (Block(line + skipped_lines, reason, IGNORE) for line, reason in _silences(tokens))
        block = _block(tokens)
        if block is not None and tokens[0].map is not None:
            last = tokens[0].map[1]
            while last > block.line and not lines[last - 1].strip(BLANK):
                last -= 1
            yield block._replace(line=block.line + skipped_lines, last_line=last + skipped_lines)


def _silences(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Yield the line and the reason of each comment in these tokens that asks to ignore a block."""
    for token in tokens:
        if token.map is not None and token.type == "html_block":
            for place, reason in find_silences(token.content):
                yield token.map[0] + 1 + token.content.count("\n", 0, place), reason
        elif token.map is not None:
            for child in token.children or ():
                if child.type == "html_inline":
                    yield from ((token.map[0] + 1, reason) for _, reason in find_silences(child.content))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _without_front_matter(text: str) -> tuple[list[str], int]:
    """The lines below the front matter, and the number of those above."""
    lines = _LINE_BREAK.split(text.removeprefix("\ufeff"))
    opening = lines[0].rstrip()
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in FRONT_MATTER_ENDS.get(opening, ()):
            if opening == "---" and not any(map(_YAML_KEY.match, lines[1:number])):
                break  # two rules around text
            return lines[number + 1 :], number + 1
    return lines, 0


def _top_level(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def _block(tokens: list[Token]) -> Block | None:
    content = _read(tokens)
    text = "\n".join(part for part in content.parts if part)
    if tokens[0].map is None or not (text or content.images):
        return None
    return Block(tokens[0].map[0] + 1, text, _kind(tokens[0].type, content))


def _kind(opening: str, content: _Content) -> Literal["prose", "heading", "image", "link", "other"]:
    if content.images and not any(map(_WORD.search, content.parts)):
        return "image"
    if content.links and not _WORD.search(without_urls(" ".join(content.unlinked))):
        return "link"
    if opening == "heading_open":
        return "heading"
    return "prose" if opening == "paragraph_open" else "other"


def _read(tokens: list[Token]) -> _Content:
    content = _Content()
    for token in tokens:
        if token.type == "inline":
            _read_inline(token.children or [], content)
        elif token.type == "html_block":
            _add(content, html.unescape(_TAG.sub(" ", _HIDDEN_HTML.sub(" ", token.content))))
            content.images += len(_IMAGE_TAG.findall(token.content))
        else:
            _add(content, token.content)  # code; empty for all that only opens or closes
    return content


def _add(content: _Content, text: str) -> None:
    content.parts.append("\n".join(filter(None, map(str.strip, text.splitlines()))))
    content.unlinked.append(text)


def _read_inline(tokens: list[Token], content: _Content) -> None:
    shown: list[str] = []
    linked = 0
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            linked += token.nesting
            content.links += token.nesting == 1
            continue
        content.images += token.type == "image" or (token.type == "html_inline" and bool(_IMAGE_TAG.match(token.content)))
        shown.append(_shown(token))
        if not linked:
            content.unlinked.append(shown[-1])
    lines = [line.strip() for line in "".join(shown).splitlines()]
    content.parts.append(join_lines([line for line in lines if line]))


def _shown(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "html_inline":
        return " " if _BREAK_TAG.match(token.content) else ""
    return "" if token.type == "image" else token.content
