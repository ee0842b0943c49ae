"""The report people read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, TextIO

from dedup.explanation import explain
from dedup.model import Document
from dedup.reports import Options
from dedup.reports.layout import BOLD, Marked, in_colour, indented, printable
from dedup.reports.outline import EXACT, DocumentCopy, Outline, outline
from dedup.reports.sheet import TEXT_INDENT, document_name, legend, notice, sheet
from dedup.reports.summary import summary
from dedup.results import Result, counted

LISTED: Final = 5  # documents that a line names


def render(result: Result, out: TextIO, options: Options) -> None:
    """Repeats by document, best first: both places, both texts, the reasons. Then boilerplate, and a summary."""
    if not options.brief:
        out.writelines(line + "\n" for line in _listing(result, outline(result, options), options))
        out.writelines(line + "\n" for line in _boilerplate(result, options))
        out.writelines(line + "\n" for line in _fixed(result, options))
    for line in summary(result, options):
        out.writelines(part + "\n" for part in indented(Marked.plain(line), options.width, ""))


def _listing(result: Result, listed: Outline, options: Options) -> Iterator[str]:
    for line in copy_lines(result.paragraphs.documents, listed.copies):
        yield from indented(Marked.plain(printable(line)), options.width, "")
    if listed.copies:
        yield ""
    explanations = explain((result.pairs[entry.pair] for entry in listed.entries), result.config.language)
    for document, entries in listed.sections.items():
        name = printable(document_name(result.paragraphs.documents[document]))
        yield from indented(in_colour(name, [((0, len(name)), BOLD)] if options.colour else []), options.width, "")
        yield ""
        for entry in entries:
            places = [result.paragraphs.place(row) for row in entry.rows]
            yield from sheet(next(explanations), places, options, entry.alike)
            yield ""
    if listed.sections and options.with_text:
        yield from _marks_explained(listed, result, options)
    if listed.more:
        yield f"and {listed.more:,} more; give a larger --top to see them"
        yield ""


def _boilerplate(result: Result, options: Options) -> Iterator[str]:
    """Yield each text that is set aside, once."""
    if result.config.count_boilerplate:
        return  # it is listed with the other repeats
    listed = result.boilerplate[: options.top]
    for boilerplate in listed:
        yield from notice(boilerplate, options)
        yield ""
    if len(listed) < len(result.boilerplate):
        yield f"and {len(result.boilerplate) - len(listed):,} more boilerplate; give a larger --top to see it"
        yield ""


def _fixed(result: Result, options: Options) -> Iterator[str]:
    """Yield what the baseline knows and is gone, or stands in fewer places."""
    listed = result.fixed[: options.top]
    for fixed in listed:
        entry, left = fixed.entry, fixed.left
        now = "gone" if left is None else f"in {max(left)} places, not {max(entry.places)}"
        yield f"fixed: {entry.kind} {entry.score:.4f}, in the baseline as {entry.pair}: {now}"
        for text in dict.fromkeys(entry.text or ()) if options.with_text else ():
            yield from indented(Marked.plain(printable(text)), options.width, TEXT_INDENT)
        yield ""
    if len(listed) < len(result.fixed):
        yield f"and {len(result.fixed) - len(listed):,} more that are fixed; give a larger --top to see them"
        yield ""


def copy_lines(documents: Sequence[Document], copies: Sequence[DocumentCopy]) -> Iterator[str]:
    """Yield a line for each copied document, or one for all of an original if there are many."""
    of: dict[int, list[DocumentCopy]] = defaultdict(list)
    for copy in copies:
        of[copy.original].append(copy)
    for original, found in of.items():
        for copy in found[:LISTED]:
            line = f"{document_name(documents[copy.copy])} is a copy of {document_name(documents[original])}: "
            line += f"{copy.paragraphs} of {counted(copy.paragraphs, 'paragraph')}"
            yield line + (f", {len(copy.edited)} edited" if copy.edited else "")
        if len(found) > LISTED:
            yield f"{len(found) - LISTED:,} more documents are copies of {document_name(documents[original])}"


def _marks_explained(listed: Outline, result: Result, options: Options) -> Iterator[str]:
    if any(result.pairs.scored.kind[entry.pair] != EXACT for entry in listed.entries):
        yield from legend(options)
        yield ""
