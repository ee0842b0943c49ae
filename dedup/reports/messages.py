"""What a pair means, in a sentence beside one of its paragraphs, for reports that annotate files."""

from __future__ import annotations

from typing import Final

from dedup.model import Pair, Place
from dedup.reports.layout import cut, printable
from dedup.reports.sheet import place_name

EXCERPT: Final = 80  # characters of a paragraph that a message quotes

_SAID: Final = {
    "exact": "This paragraph repeats {there}, the same text",
    "near": "This paragraph repeats {there}, with small edits",
    "paraphrase": "This paragraph repeats {there}, in other words",
}


def ends(pair: Pair) -> tuple[Place, Place]:
    """Where a pair is annotated, and the other place: what comes later repeats what comes before, or is in an index."""
    return (pair.b, pair.a) if pair.b.index is None else (pair.a, pair.b)


def sentence(pair: Pair, there: str) -> str:
    """Say what the annotated paragraph repeats, and how surely. there: the name of the other place."""
    said = _contained(pair) if pair.kind == "contained" else _SAID[pair.kind]
    aside = "" if pair.counts else f"; does not count: {printable(pair.excuse)}"
    return f"{said.format(there=there)} ({pair.kind}, score {pair.score:.4f}{aside})."


def excerpt(place: Place) -> str:
    """Quote how a paragraph begins, in one line."""
    text = printable(place.text)
    end = cut(text, EXCERPT)
    return f"“{text}”" if end == len(text) else f"“{text[:end].rstrip()} …”"


def message(pair: Pair, *, with_text: bool) -> str:
    """All of it in one line that makes sense alone."""
    _, there = ends(pair)
    said = sentence(pair, printable(place_name(there)))
    return f"{said} There it begins {excerpt(there)}" if with_text and there.text else said


def _contained(pair: Pair) -> str:
    here, there = ends(pair)
    holds = len(here.text) >= len(there.text)
    return f"This paragraph {'holds all of {there}, and more' if holds else 'stands in {there}, which has more'}"
