"""HTML source → the tree that a browser would make of it, every element and text of which knows its place in the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dedup.errors import ConfigError
from dedup.tags import RAW, VOID, Nesting, Token, scan

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST: Final = 200  # elements deeper in each other than this are taken out, their text stays; lxml stops at 256
PLACE: Final = "data-dedup-token"  # attribute of an element: the number of its start tag among the tokens

_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9:-]*")
_OUTER: Final = frozenset(("html", "head", "body", "frameset"))  # one of each is there anyhow
_HEAD_ONLY: Final = frozenset(("meta", "link", "base"))


@dataclass(frozen=True)
class Tree:
    """tokens: those of the source, in order. root: <body>; a comment in it stands for the text token of that number."""

    tokens: Sequence[Token]
    root: _Element


def parse(text: str) -> Tree:
    """Parse any HTML, whole or a piece of one.

    lxml repairs the structure, and does not see the text: each piece of it is a comment with its number, which may stand
    anywhere and moves nothing. Raises ConfigError if lxml is not installed.
    """
    try:
        from lxml import etree
    except ImportError as error:
        raise ConfigError("html: lxml is not installed; python -m pip install 'dedup[html]'") from error
    tokens = list(scan(text))
    structure = _structure(text, tokens).encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_pis=True, no_network=True)
    root = etree.fromstring(structure, parser)
    return Tree(tokens, root.find("body"))


def _structure(text: str, tokens: Sequence[Token]) -> str:
    nesting = Nesting()
    pieces = ["<html><body>"]
    for number, token in enumerate(tokens):
        kind, name = token.kind, token.name
        if kind == "text":
            pieces.append(f"<!--{number}-->")
        elif kind == "raw" or name in RAW or name in _OUTER or name in _HEAD_ONLY or not _PLAIN_NAME.fullmatch(name):
            continue
        elif kind == "start":
            nesting.pass_tag(token)
            if nesting.depth <= DEEPEST:
                pieces.append(f"<{name} {PLACE}={number} {_attributes(text, token)}>")
        else:
            if nesting.depth <= DEEPEST and name not in VOID:
                pieces.append(f"</{name}>")
            nesting.pass_tag(token)
    pieces.append("</body></html>")
    return "".join(pieces)


def _attributes(text: str, token: Token) -> str:
    return text[token.start + 1 + len(token.name) : token.end - 1].rstrip("/")
