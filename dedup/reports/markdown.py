"""Markdown for a comment on a pull request: how many, a table of where, and the texts folded away.

Texts of the input stand in <code> and <pre>, where GitHub and GitLab look for no mentions (@name), issues (#1) or emoji either.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

from dedup.explanation import explain
from dedup.model import Place
from dedup.reports import Options
from dedup.reports.layout import Marked, indented, printable
from dedup.reports.outline import Entry, Outline, outline
from dedup.reports.sheet import legend, notice, place_name, sheet
from dedup.reports.summary import found, summary
from dedup.reports.text import copy_lines
from dedup.results import Result, counted

LONGEST: Final = 65_000  # characters of a report: GitHub takes comments of 65,536
ROWS: Final = 25_000  # of them at most for the table …
ASIDE: Final = 8_000  # … and for each list of something else
LINE: Final = 1_000  # of a line in these lists
WORDS_OF_ITS_OWN: Final = 1_000  # kept free for headings and for what says how many are left out
WIDTH: Final = 100  # columns of folded texts
NAMED: Final = 3  # places of equal texts in a row of the table

# What could be markup in a table, or a link without brackets.
_MARKUP: Final = re.compile(r"""[&<>"\\`*_{}\[\]#|~$@!^]|(?<=www)\.|:(?=//)""")


def render(result: Result, out: TextIO, options: Options) -> None:
    """At most LONGEST characters in whole parts; what is left out is counted."""
    options = options.plain(WIDTH)
    head = f"## dedup: {found(result)}\n"
    told = (_clipped(line) for line in summary(result, options) if line != found(result))
    lines = (part for line in told for part in indented(Marked.plain(line), WIDTH, ""))
    tail = "\n" + _verbatim(_escaped_lines(lines))
    parts = [] if options.brief else list(_parts(result, options, LONGEST - len(head) - len(tail) - WORDS_OF_ITS_OWN))
    out.write("".join([head, *parts, tail]))


def _parts(result: Result, options: Options, room: int) -> Iterator[str]:
    """Yield the blocks between the heading and the summary, of `room` characters at most but for words of their own."""
    listed = outline(result, options)
    before = [_copies(result, listed), _table(result, listed)]
    after = [_boilerplate(result, options), _errors(result)]
    yield from before
    yield _folded(result, listed, options, room - sum(map(len, before + after)))
    yield from after


def _copies(result: Result, listed: Outline) -> str:
    lines = list(copy_lines(result.paragraphs.documents, listed.copies))
    fitting = _fitting((f"- {_code(_clipped(line))}\n" for line in lines), ASIDE)
    return "".join(["\n", *fitting, _more(len(lines) - len(fitting), "- ")]) if lines else ""


def _table(result: Result, listed: Outline) -> str:
    if not listed.entries:
        return ""
    rows = _fitting((_row(result, entry) for entry in listed.entries), ROWS)
    more = _more(len(listed.entries) - len(rows) + listed.more, "\n")
    return "".join(["\n| score | kind | where |\n|---|---|---|\n", *rows, more])


def _row(result: Result, entry: Entry) -> str:
    pair = result.pairs[entry.pair]
    places = [_code(_clipped(place_name(place))) for place in _places(result, entry)[:NAMED]]
    if len(entry.rows) > NAMED:
        places.append(f"and {counted(len(entry.rows) - NAMED, 'more place')}")
    kind = pair.kind if pair.counts else f"{pair.kind}, does not count: {_code(pair.excuse)}"
    return f"| {pair.score:.4f} | {kind} | {'<br>'.join(places)} |\n"


def _folded(result: Result, listed: Outline, options: Options, room: int) -> str:
    """The repeats with their texts and reasons, as they stand in the text report."""
    if not listed.entries:
        return ""
    explanations = explain((result.pairs[entry.pair] for entry in listed.entries), result.config.language)
    sheets = (
        _escaped_lines(sheet(explanation, _places(result, entry), options, entry.alike)) + "\n"
        for entry, explanation in zip(listed.entries, explanations, strict=True)
    )
    fitting = _fitting(sheets, room)
    more = _more(len(listed.entries) - len(fitting) + listed.more)
    marks = _escaped_lines(legend(options)) if options.with_text else ""
    return _details("What they say, and why they are repeats", "".join([*fitting, more, more and "\n", marks]))


def _boilerplate(result: Result, options: Options) -> str:
    if not result.boilerplate or result.config.count_boilerplate:
        return ""
    listed = result.boilerplate[: options.top]
    fitting = _fitting((_escaped_lines(notice(one, options)) + "\n" for one in listed), ASIDE)
    title = f"Boilerplate: {counted(len(result.boilerplate), 'text')} in documents that share little else"
    return _details(title, "".join([*fitting, _more(len(result.boilerplate) - len(fitting))]))


def _errors(result: Result) -> str:
    if not result.errors:
        return ""
    fitting = _fitting((_escaped_lines([_clipped(printable(str(error)))]) for error in result.errors), ASIDE)
    more = _more(len(result.errors) - len(fitting))
    return _details(f"Could not be read: {len(result.errors):,}", "".join([*fitting, more]))


def _details(title: str, lines: str) -> str:
    return f"\n<details>\n<summary>{title}</summary>\n\n{_verbatim(lines)}\n</details>\n"


def _verbatim(lines: str) -> str:
    return f"<pre>\n{lines.rstrip()}\n</pre>\n"


def _places(result: Result, entry: Entry) -> list[Place]:
    return [result.paragraphs.place(row) for row in entry.rows]


def _fitting(pieces: Iterable[str], room: int) -> list[str]:
    """As many of the first pieces as have room; the others are not made."""
    fitting = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        fitting.append(piece)
    return fitting


def _more(count: int, before: str = "") -> str:
    """Say in a line that there are more, if so."""
    return f"{before}and {count:,} more\n" if count else ""


def _escaped_lines(lines: Iterable[str]) -> str:
    return "".join(html.escape(line, quote=False) + "\n" for line in lines)


def _code(text: str) -> str:
    return f"<code>{_literal(text)}</code>"


def _literal(text: str) -> str:
    """One line of text that means nothing but itself in a paragraph, a list or a table."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", printable(text))


def _clipped(line: str) -> str:
    return line if len(line) <= LINE else line[: LINE - 1] + "…"
