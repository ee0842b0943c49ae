"""How a document falls into blocks: one module a markup, each with `find_blocks` and its counterpart `without_blocks`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from typing import Final, NamedTuple, TypeAlias, cast

# The kinds of block that are no part of an article. Each is counted as skipped, and none takes a number.
DROPPED: Final = frozenset(
    "advert aside banner byline caption comment footer form hidden navigation newsletter outside quote related share "
    "title".split()
)
IGNORE: Final = "ignore"  # kind of what is no block either: a comment that asks to ignore the next one; its text is the reason


class Block(NamedTuple):
    """One block of a document.

    line: 1-based line its first word stands in, as editors count (CR, LF, CR LF).
    text: what a reader sees of it, without markup.
    kind: what the markup says it is: `prose`, `heading`, `image`, `link`, or `other` (a list, quote, table, code or the like,
    which is never taken for a heading); or one of `DROPPED`, or `IGNORE`.
    last_line: the line its last word stands in; None: the same.
    """

    line: int
    text: str
    kind: str = "prose"
    last_line: int | None = None


# (text, rule) → its blocks in order; the rule is one of `config.PARAGRAPH_RULES` and may mean nothing to a markup.
FindBlocks: TypeAlias = Callable[[str, str], list[Block]]
# (text, rule, numbers of blocks) → the text without these blocks, all else as it was.
WithoutBlocks: TypeAlias = Callable[[str, str, Collection[int]], str]

MARKUPS: Final = {"plain": "dedup.blocks.plain", "markdown": "dedup.blocks.markdown", "html": "dedup.blocks.html"}


def block_finder(markup: str) -> FindBlocks:
    """Look up by the name of the markup; its module is imported when it is first asked for."""
    return cast(FindBlocks, import_module(MARKUPS[markup]).find_blocks)


def block_remover(markup: str) -> WithoutBlocks:
    """Look up by the name of the markup, as `block_finder` does."""
    return cast(WithoutBlocks, import_module(MARKUPS[markup]).without_blocks)


def numbered(blocks: Iterable[Block]) -> list[Block]:
    """The blocks of the document itself, in order: the place of each is its number."""
    return [block for block in blocks if block.kind not in DROPPED and block.kind != IGNORE]
