"""Which passages of a page are its article: those in the element that holds most prose close together."""

from __future__ import annotations

from typing import Final

from dedup.blocks.passages import HEADINGS, Node, Outline, Passage
from dedup.sentences import ends_sentence

# The prose of a passage speaks for the elements around it, the less the farther they are.
REACH: Final = 6  # elements
FADING: Final = 0.85  # from one element to the next around it
# An article may fall into parts: the element around them is taken if it has much more prose, and hardly anything else.
MORE_PROSE: Final = 0.2
PURITY: Final = 0.9

SHORT: Final = 40  # characters: no prose unless a sentence ends it
LONG: Final = 150  # characters: prose even if none does
DOUBTFUL: Final = 0.3  # what a character counts between these two


def mark_outside(page: Outline) -> None:
    """Give the reason `outside` to each passage without a reason that is not in the article."""
    passages = [passage for passage in page.passages if passage.reason is None]
    _weigh(page, passages)
    _part_of(page, max(page.nodes, key=lambda node: node.score))  # of several the first
    inside = [passage for passage in passages if passage.node.inside]
    for passage in passages:
        if not passage.node.inside:
            passage.reason = "outside"
    for ordered in (inside, inside[::-1]):
        for passage in ordered:
            if _prose(passage) or passage.node.name in ("p", "li", *HEADINGS):
                break
            passage.reason = "outside"  # labels and buttons above and below


def _weigh(page: Outline, passages: list[Passage]) -> None:
    """Fill in length, prose and score of all nodes."""
    for passage in passages:
        prose = _prose(passage)
        passage.node.prose += prose
        passage.node.length += len(passage.text)
        node = passage.node.parent or passage.node
        for _ in range(REACH):
            node.score += prose
            prose *= FADING
            if node.parent is None:
                break
            node = node.parent
    for node in reversed(page.nodes):
        if node.parent is not None:
            node.parent.prose += node.prose
            node.parent.length += node.length


def _part_of(page: Outline, best: Node) -> None:
    """Mark all that is in the best element, or in one around it that holds more parts of the article."""
    whole, outer = best, best.parent
    while outer is not None:
        gain = outer.prose - whole.prose
        if gain > MORE_PROSE * whole.prose and gain > PURITY * (outer.length - whole.length):
            whole = outer
        outer = outer.parent
    for node in page.nodes:
        node.inside = node is whole or (node.parent is not None and node.parent.inside)


def _prose(passage: Passage) -> float:
    """How many characters count as prose; those in links count against it."""
    length = len(passage.text) - 2 * passage.linked
    whole = ends_sentence(passage.text)
    if length <= 0 or (len(passage.text) < SHORT and not whole):
        return 0.0
    return float(length) if whole or len(passage.text) > LONG else DOUBTFUL * length
