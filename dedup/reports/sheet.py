"""One pair for people: where, the two texts with what differs marked, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len

from dedup.differences import Differences, Span, find_differences, word_spans
from dedup.explanation import Explanation
from dedup.model import Boilerplate, Document, Pair, Place
from dedup.reports import Options
from dedup.reports.layout import (
    BOLD,
    GREEN,
    MAGENTA,
    RED,
    SEPARATOR,
    SIDE_BY_SIDE,
    Marked,
    cut,
    in_brackets,
    in_colour,
    indented,
    paint,
    printable,
    runs_right_to_left,
    side_by_side,
)
from dedup.reports.reasons import reasons
from dedup.results import counted

INDENT: Final = "  "
TEXT_INDENT: Final = "    "
LISTED: Final = 8  # places of equal texts that are named
LONGEST: Final = 2_000  # characters of a paragraph that are shown

_LEGEND: Final = (("red", RED), ("green", GREEN), ("bold", BOLD))


def sheet(explanation: Explanation, places: Sequence[Place], options: Options, alike: int = 0) -> Iterator[str]:
    """Lines about a pair. places: its two, or all of a class of equal texts. alike: pairs of equal texts not listed."""
    pair = explanation.pair
    texts = printable(pair.a.text), printable(pair.b.text)
    differences = Differences.unknown() if pair.unseen else find_differences(*texts)
    yield _heading(pair, len(places), alike, options)
    if len(places) > 2 or pair.kind == "exact":
        yield from _places_and_text(places, LISTED, options)
    else:
        yield from _two_texts(explanation, differences, options)
    same = all(place.text == pair.a.text for place in places)
    words = "; ".join(reasons(explanation, differences, same=same))
    yield from indented(Marked.plain(printable(words)), options.width, INDENT)


def legend(options: Options) -> Iterator[str]:
    """Lines that say what the marks in texts mean."""
    text = "[ ] (or { } in a text with brackets) marks words that the other paragraph does not have"
    if options.colour:
        text = "red, green: words that the other paragraph does not have; bold: rare words, names and numbers in both"
    styles = [((text.find(word), text.find(word) + len(word)), style) for word, style in _LEGEND if options.colour]
    return indented(in_colour(text, styles), options.width, "")


def place_name(place: Place) -> str:
    """`file:line`, and which paragraph of which record, since all paragraphs of a record have its line.

    What is kept in an index has the name of that before it, and its date behind.
    """
    if place.index is not None:
        record = "" if place.document == place.file else f"{place.document}, "
        return f"{place.index}: {place.spot} ({record}paragraph {place.paragraph}{f', {place.date}' if place.date else ''})"
    if place.file is None or place.document == place.file:
        return place.spot
    record = "" if place.document == place.spot else f"{place.document}, "
    return f"{place.spot} ({record}paragraph {place.paragraph})"


def document_name(document: Document) -> str:
    """A file, or a record with its place."""
    if document.index is not None:
        return f"{document.index}: {document.id}"
    if document.file is None or document.id == document.file:
        return document.id
    where = f"{document.file}:{document.line}"
    return where if document.id == where else f"{where} ({document.id})"


def _place(place: Place, options: Options) -> Marked:
    spot, name = printable(place.spot), printable(place_name(place))
    start = name.index(spot)
    return in_colour(name, [((start, start + len(spot)), MAGENTA)] if options.colour else [])


def _heading(pair: Pair, places: int, alike: int, options: Options) -> str:
    parts: list[str] = [pair.kind]
    if pair.group is not None:
        parts.append(f"group {pair.group}")
    if max(places, pair.copies or 0) > 2:
        parts.append(f"{max(places, pair.copies or 0):,} copies")
    if alike:
        parts.append(f"and {counted(alike, 'pair')} of the same texts")
    if not pair.counts:
        parts.append(f"does not count: {printable(pair.excuse)}")
    return paint(f"{pair.score:.4f}", BOLD if options.colour else "") + "  " + "  ".join(parts)


def notice(boilerplate: Boilerplate, options: Options) -> Iterator[str]:
    """Lines about a text that stands in many documents."""
    kind = paint("boilerplate", BOLD if options.colour else "")
    yield f"{kind}  in {boilerplate.documents:,} of {counted(boilerplate.checked, 'document')}"
    yield from _places_and_text(boilerplate.places, 1, options)


def _places_and_text(places: Sequence[Place], listed: int, options: Options) -> Iterator[str]:
    """Yield the places below each other, and the text of the first."""
    for place in places[:listed]:
        yield INDENT + _place(place, options).whole
    if len(places) > listed:
        yield f"{INDENT}and {counted(len(places) - listed, 'more place')}"
    if options.with_text:
        text, _ = _clipped(printable(places[0].text), [])
        yield from indented(Marked.plain(text), options.width, TEXT_INDENT)


def _two_texts(explanation: Explanation, differences: Differences, options: Options) -> Iterator[str]:
    pair = explanation.pair
    places = [_place(place, options) for place in (pair.a, pair.b)]
    texts = [
        _marked(printable(place.text), spans, explanation.telling, colour, options)
        for place, spans, colour in zip((pair.a, pair.b), differences.spans, (RED, GREEN), strict=True)
    ]
    if not options.with_text:
        yield from (INDENT + place.whole for place in places)
    elif options.width < SIDE_BY_SIDE or any(runs_right_to_left(place.text) for place in (pair.a, pair.b)):
        for place, text in zip(places, texts, strict=True):
            yield INDENT + place.whole
            yield from indented(text, options.width, TEXT_INDENT)
    else:
        column = (options.width - len(INDENT) - len(SEPARATOR)) // 2
        if max(cell_len(place.text) for place in places) <= column:
            yield from side_by_side(places[0], places[1], options.width, INDENT)
        else:  # a path that is cut is none that can be clicked
            yield from (INDENT + place.whole for place in places)
        yield from side_by_side(texts[0], texts[1], options.width, INDENT)


def _marked(text: str, spans: Sequence[Span], telling: frozenset[str], colour: str, options: Options) -> Marked:
    text, spans = _clipped(text, spans)
    if not options.colour:
        return in_brackets(text, spans)
    kept = [(span, BOLD) for span in word_spans(text) if text[slice(*span)].casefold() in telling]
    return in_colour(text, [*kept, *((span, colour) for span in spans)])


def _clipped(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """The beginning of a long text, and the spans in it."""
    end = cut(text, LONGEST)
    if end == len(text):
        return text, [*spans]
    inside = [(first, min(last, end)) for first, last in spans if first < end]
    return f"{text[:end]} … ({len(text) - end:,} more characters)", inside
