"""How a document falls into blocks: one module a markup, each with `find_blocks(text, rule)`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final, Literal, NamedTuple, TypeAlias, cast


class Block(NamedTuple):
    """One block of a document.

    line: 1-based line its first word stands in, as editors count (CR, LF, CR LF).
    text: what a reader sees of it, without markup.
    kind: what the markup says it is; `other` is a list, quote, table, code or the like, which is never taken for a heading.
    """

    line: int
    text: str
    kind: Literal["prose", "heading", "image", "link", "other"] = "prose"


# (text, rule) → its blocks in order; the rule is one of `config.PARAGRAPH_RULES` and may mean nothing to a markup.
FindBlocks: TypeAlias = Callable[[str, str], list[Block]]

MARKUPS: Final = {"plain": "dedup.blocks.plain", "markdown": "dedup.blocks.markdown"}


def block_finder(markup: str) -> FindBlocks:
    """Look up by the name of the markup; its module is imported when it is first asked for."""
    return cast(FindBlocks, import_module(MARKUPS[markup]).find_blocks)
