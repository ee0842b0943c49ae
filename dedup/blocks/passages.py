"""The tree of a page → its passages: every stretch of text that a browser sets apart from the one before."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dedup.blocks.plain import join_lines
from dedup.blocks.tree import PLACE, Tree

if TYPE_CHECKING:
    from lxml.etree import _Element

# What begins and ends a passage; every other element stands in a line with what is around it, unknown ones too.
APART: Final = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr iframe legend li main menu nav ol p pre search section summary table tbody td "
    "tfoot th thead tr ul".split()
)
# What shows no text that belongs to a page: controls, drawings, what stands in for something else, how words are spoken.
WITHOUT_TEXT: Final = frozenset(
    "audio button canvas datalist math meter noscript object option progress rp rt select svg template video".split()
)
HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[^\W_]")


@dataclass(eq=False)
class Node:
    """An element, with what is known of it and all that is in it.

    reason: what its markup says it is, if it is no part of an article.
    running: characters of running text in it. length, prose: of passages, and of what is prose in them.
    score: how likely it is the one that holds the article. inside: whether it is in the article.
    """

    element: _Element
    name: str
    parent: Node | None
    depth: int
    reason: str | None = None
    running: int = 0
    length: int = 0
    prose: float = 0.0
    score: float = 0.0
    inside: bool = False


@dataclass(eq=False)
class Passage:
    """A stretch of text.

    text: as a reader sees it, in one line. first, last: the numbers of its first and last text token that is not blank.
    node: the element that sets it apart. inner: the innermost element that holds all of it, `node` or one in it.
    linked: how many characters of it are in links. own: whether it has words outside of links.
    reason: why it is no part of the article, None if it is.
    """

    text: str
    first: int
    last: int
    node: Node
    inner: Node
    linked: int
    own: bool
    reason: str | None = None

    @property
    def is_linked(self) -> bool:
        """Whether it is nothing but links, or nearly."""
        return self.linked >= 0.8 * len(self.text)


@dataclass(frozen=True)
class Outline:
    """All elements and all passages of a page, in the order of its source; an element stands before those in it."""

    nodes: list[Node]
    passages: list[Passage]


@dataclass
class _Run:
    """The text of a passage that is not finished."""

    numbers: list[int] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    own: bool = False
    breaks: int = 0
    inner: Node | None = None

    def add(self, number: int, text: str, node: Node, in_link: bool) -> None:
        self.pieces.append(text)
        if text.strip():
            self.numbers.append(number)
            self.breaks = 0
            self.linked += in_link * len(text)
            self.own = self.own or (not in_link and bool(_WORD.search(text)))
            self.inner = node if self.inner is None else _common(self.inner, node)


def outline(source: str, tree: Tree) -> Outline:
    """Walk through a tree, without recursion. Two line breaks with nothing between them part a passage as an element does."""
    return _Walk(source, tree).outline


class _Walk:
    def __init__(self, source: str, tree: Tree) -> None:
        from lxml import etree

        self.outline = Outline([], [])
        self._run = _Run()
        self._links = self._unseen = 0
        node: Node | None = None
        for event, element in etree.iterwalk(tree.root, events=("start", "end", "comment")):
            if event == "start":
                node = Node(element, element.tag, node, node.depth + 1 if node else 0)
                self.outline.nodes.append(node)
                self._pass(node, 1)
            elif node is not None and event == "end":
                self._pass(node, -1)
                node = node.parent
            elif node is not None and not self._unseen:
                number = int(element.text)
                token = tree.tokens[number]
                self._run.add(number, html.unescape(source[token.start : token.end]), node, self._links > 0)

    def _pass(self, node: Node, step: int) -> None:
        """Take account of the start (1) or the end (-1) of an element."""
        if node.name in WITHOUT_TEXT:
            self._unseen += step
        elif node.name == "a":
            self._links += step
        elif node.name == "br" and step > 0:
            self._run.pieces.append("\n")
            self._run.breaks += 1
        if node.name in APART or (node.name == "br" and self._run.breaks > 1):
            self._finish()

    def _finish(self) -> None:
        run, self._run = self._run, _Run(breaks=self._run.breaks)
        if run.inner is None:
            return
        lines = (_SPACE.sub(" ", line).strip() for line in "".join(run.pieces).splitlines())
        text = join_lines([line for line in lines if line])
        if _WORD.search(text):
            first, last = run.numbers[0], run.numbers[-1]
            passage = Passage(text, first, last, _apart(run.inner), run.inner, run.linked, run.own)
            self.outline.passages.append(passage)


def _common(one: Node, other: Node) -> Node:
    """The innermost element that holds both."""
    while one is not other:
        if one.depth >= other.depth:
            assert one.parent is not None
            one = one.parent
        else:
            assert other.parent is not None
            other = other.parent
    return one


def _apart(node: Node) -> Node:
    while node.name not in APART and node.parent is not None:
        node = node.parent
    return node


def start_token(node: Node) -> int | None:
    """The number of its start tag among the tokens of the source; None for what stands in the tree only."""
    number = node.element.get(PLACE)
    return None if number is None else int(number)
