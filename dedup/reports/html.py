"""A page to look at repeats in a browser: one file that asks for nothing, with all its texts as data and not as markup."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from importlib.metadata import version
from string import Template
from typing import Any, Final, TextIO

from dedup.model import KINDS, Boilerplate, Place
from dedup.reports import Options
from dedup.reports.cards import MOST, Card, card_rows, card_texts, deal_cards, page_text
from dedup.reports.layout import printable
from dedup.reports.rows import encode
from dedup.reports.sheet import document_name, place_name
from dedup.reports.summary import summary
from dedup.results import Result, counted

NAMED: Final = 8  # places of boilerplate that are not folded away
FIRST: Final = 20  # cards that are named where there are no scripts
SCRIPTS: Final = ("cards.js", "filters.js", "histogram.js", "keys.js", "start.js")  # one script, in this order
ERRORS: Final = 200  # that are listed

# What could end the element that holds the data, or begin another one, as JSON writes it otherwise.
_INERT: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def render(result: Result, out: TextIO, options: Options) -> None:
    """Write the page: the same bytes for the same result, each pair on a line of its own."""
    cards, left_out = deal_cards(result, options)
    _, *notes, found = summary(result, options.plain(options.width))
    style, script = _file("page.css"), "".join(map(_file, SCRIPTS))
    parts = {
        "style": style,
        "style_hash": _digest(style),
        "script": script,
        "script_hash": _digest(script),
        "version": version("dedup"),
        "found": escape(found),
        "figures": "".join(_figures(result)),
        "notes": _listed("notes", notes),
        "errors": _errors(result),
        "range_note": escape(_range_note(result)),
        "first": _first(result, cards),
        "more": _more(left_out),
        "boilerplate": _boilerplate(result, options),
    }
    before, after = _file("page.html").split("$data\n")
    out.write(Template(before).substitute(parts))
    out.writelines(_data(result, cards, options))
    out.write(Template(after).substitute(parts))


def _file(name: str) -> str:
    return resources.files("dedup.reports").joinpath(f"page/{name}").read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """By which the policy of the page knows its own style and script, and lets no other one run."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# --------------------------------------------------------------------------------------------------------------- the data


def _data(result: Result, cards: Sequence[Card], options: Options) -> Iterator[str]:
    """Yield the pieces of the object that the script reads. Places and texts are numbered, as one may stand in many cards."""
    rows = sorted({row for card in cards for row in card.left + card.right})
    place = {row: number for number, row in enumerate(rows)}
    documents = {row: number for number, row in enumerate(sorted({int(result.paragraphs.document_row[row]) for row in rows}))}
    texts: dict[str, int] = {}
    yield f'{{"min_score": {encode(result.config.min_score)},\n"kinds": {encode(KINDS)},\n"cards": ['
    separator = "\n"
    for card, row in zip(cards, card_rows(result, cards), strict=True):
        row |= {"a": [place[one] for one in card.left], "b": [place[one] for one in card.right], "texts": []}
        if options.with_text:
            row["texts"] = [texts.setdefault(text, len(texts)) for text in map(page_text, card_texts(result, card))]
        yield separator + _inert(row)
        separator = ",\n"
    places = (
        [documents[int(result.paragraphs.document_row[row])], printable(place_name(result.paragraphs.place(row)))]
        for row in rows
    )
    names = (printable(document_name(result.paragraphs.documents[row])) for row in documents)
    for name, values in (("documents", names), ("places", places), ("texts", texts)):
        yield f'],\n"{name}": [\n'
        yield ",\n".join(map(_inert, values))
    yield "]}\n"


def _inert(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """JSON that is no markup wherever it stands."""
    return encode(value).translate(_INERT)


# ------------------------------------------------------------------------------------------- what stands there as it is


def _figures(result: Result) -> Iterator[str]:
    counts = result.counts
    figures = {
        "repeats": counts.repeats,
        "groups": counts.groups,
        "documents": counts.documents,
        "paragraphs": counts.paragraphs,
        "boilerplate texts": counts.boilerplate,
        "fixed since the baseline": len(result.fixed),
        "errors": len(result.errors),
    }
    for name, number in figures.items():
        if number or name not in ("boilerplate texts", "fixed since the baseline", "errors"):
            yield f"<div><dt>{name}</dt><dd>{number:,}</dd></div>\n"


def _range_note(result: Result) -> str:
    least = f"{result.config.min_score:g}"
    if result.config.min_score == 0:
        return "All pairs that were scored are here (--min-score 0); most pairs of paragraphs never are."
    return f"The check kept pairs from {least} on (--min-score {least}). What scored less is neither here nor in the picture."


def _errors(result: Result) -> str:
    if not result.errors:
        return ""
    listed = [f"{error.where}: {error.what}; {error.advice}" for error in result.errors[:ERRORS]]
    if len(result.errors) > ERRORS:
        listed.append(f"and {len(result.errors) - ERRORS:,} more; see them all with --format json")
    lines = _listed("", listed)
    return f'<section class="errors" aria-labelledby="errors">\n<h2 id="errors">Could not be checked</h2>\n{lines}</section>\n'


def _first(result: Result, cards: Sequence[Card]) -> str:
    """The best cards by name, for a browser without scripts."""
    lines = []
    for card in cards[:FIRST]:
        pair = result.pairs[card.pair]
        aside = "" if pair.counts else f" (does not count: {pair.excuse})"
        lines.append(f"{pair.score:.4f} {pair.kind}{aside}: {place_name(pair.a)} – {place_name(pair.b)}")
    if len(cards) > FIRST:
        lines.append(f"and {len(cards) - FIRST:,} more")
    return _listed("", lines)


def _more(left_out: int) -> str:
    if not left_out:
        return ""
    return f'<p class="more">The best are on this page; {left_out:,} more are not. Give a larger --top to see them.</p>\n'


def _boilerplate(result: Result, options: Options) -> str:
    """The texts that are set aside, each with its places."""
    if result.config.count_boilerplate or not result.boilerplate:
        return ""
    listed = result.boilerplate[: MOST if options.top is None else options.top]
    items = "".join(_boilerplate_item(boilerplate, options) for boilerplate in listed)
    if len(listed) < len(result.boilerplate):
        items += f"<li>and {len(result.boilerplate) - len(listed):,} more; give a larger --top to see them</li>\n"
    return (
        '<section class="boilerplate" aria-labelledby="boilerplate">\n<h2 id="boilerplate">Boilerplate</h2>\n'
        "<p>Texts in documents that share little else, such as footers. They are no repeats to be mended.</p>\n"
        f"<ul>\n{items}</ul>\n</section>\n"
    )


def _boilerplate_item(boilerplate: Boilerplate, options: Options) -> str:
    lines = [f"<h3>in {boilerplate.documents:,} of {counted(boilerplate.checked, 'document')}</h3>\n"]
    lines += map(_place, boilerplate.places[:NAMED])
    if rest := boilerplate.places[NAMED:]:
        places = "".join(map(_place, rest))
        lines.append(f"<details><summary>{counted(len(rest), 'more place')}</summary>\n{places}</details>\n")
    if options.with_text:
        lines.append(f'<p class="words" lang="" dir="auto">{escape(page_text(boilerplate.text))}</p>\n')
    return f"<li>{''.join(lines)}</li>\n"


def _place(place: Place) -> str:
    return f'<p class="place"><bdi>{escape(printable(place_name(place)))}</bdi></p>\n'


def _listed(name: str, lines: Iterable[str]) -> str:
    """A list of a class; nothing if it is empty."""
    items = "".join(f"<li>{escape(printable(line))}</li>\n" for line in lines)
    attribute = f' class="{name}"' if name else ""
    return f"<ul{attribute}>\n{items}</ul>\n" if items else ""
