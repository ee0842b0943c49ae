"""The report people read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, TextIO

from dedup.model import KINDS, Pair, Place, Result
from dedup.reports import shown_pairs
from dedup.reports.wrapping import wrap

COLUMNS: Final = 80
INDENT: Final = "    "

# How each part of the evidence reads at a share of it; what is not here is printed by its name.
_EVIDENCE: Final = {
    "shared": "{} of the telling words in both",
    "contained": "{} of one found in the other",
    "numbers": "{} of the numbers kept",
    "names": "{} of the names kept",
}
# Control characters could move the cursor of a terminal or change its colours; a lone surrogate cannot be printed.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def render(result: Result, out: TextIO, *, with_text: bool, all_pairs: bool) -> None:
    """Each repeat with both places and both texts, then the summary."""
    for pair in shown_pairs(result, all_pairs):
        out.writelines(line + "\n" for line in _pair_lines(pair, with_text))
        out.write("\n")
    render_summary(result, out, with_text=with_text, all_pairs=all_pairs)


def render_summary(result: Result, out: TextIO, *, with_text: bool, all_pairs: bool) -> None:
    """Say what was checked, skipped and found, in a few lines that do not depend on what is listed above."""
    out.writelines(line + "\n" for line in _summary_lines(result))


def _pair_lines(pair: Pair, with_text: bool) -> Iterator[str]:
    yield "  ".join(_heading(pair))
    for place in (pair.a, pair.b):
        yield f"  {_place(place)}"
        if with_text:
            yield from (INDENT + line for line in wrap(_printable(" ".join(place.text.split())), COLUMNS - len(INDENT)))
    yield from ("  " + line for line in wrap("; ".join(_evidence(pair.evidence)), COLUMNS - 2))


def _heading(pair: Pair) -> Iterator[str]:
    yield f"{pair.score:.4f}"
    yield pair.kind
    if pair.group is not None:
        yield f"group {pair.group}"
    if pair.copies is not None:
        yield f"{pair.copies} copies"
    if not pair.counts:
        yield f"does not count: {pair.why}"


def _place(place: Place) -> str:
    spot = f"{place.file or place.document}:{place.line}"
    if place.file is None or place.document == place.file:
        return _printable(spot)
    # All paragraphs of a record have its line.
    record = "" if place.document == spot else f"{place.document}, "
    return _printable(f"{spot} ({record}paragraph {place.paragraph})")


def _evidence(evidence: Mapping[str, float | None]) -> Iterator[str]:
    for name, value in evidence.items():
        if value is not None:
            yield _EVIDENCE.get(name, f"{name} {{}}").format(f"{value:.0%}")


def _summary_lines(result: Result) -> Iterator[str]:
    paragraphs = result.paragraphs
    yield f"{_counted(len(paragraphs.documents), 'document')}, {_counted(len(paragraphs.text), 'paragraph')} to compare"
    if result.skipped:
        yield "skipped: " + ", ".join(f"{count} {reason}" for reason, count in result.skipped.items())
    if result.ignored:
        yield f"ignored: {_counted(result.ignored, 'file')} of other formats, or linked"
    if result.capped_buckets:
        yield f"not all compared: {_counted(result.capped_buckets, 'bucket')} held too many paragraphs that are alike"
    if result.errors:
        yield f"could not be read: {len(result.errors)}"
    if result.compared_nothing:
        yield "nothing was compared"
    else:
        yield _found(result)


def _found(result: Result) -> str:
    counting = [pair for pair in result.pairs if pair.counts]
    kinds = Counter(pair.kind for pair in counting)
    groups = {pair.group for pair in counting if pair.group is not None}
    others = len(result.pairs) - len(counting)
    found = _counted(len(counting), "repeat") if counting else "no repeats"
    if counting:
        found += f" in {_counted(len(groups), 'group')}: " if groups else ": "
        found += ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    return f"{found}; not counted: {others}" if others else found


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)
