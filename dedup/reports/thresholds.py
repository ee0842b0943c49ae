"""How many repeats each threshold would report, so that one can be chosen."""

from __future__ import annotations

from typing import Final, TextIO

import numpy as np

from dedup.columns import Integers, each_once
from dedup.reports import LOWEST, Options
from dedup.reports.layout import Marked, indented
from dedup.reports.summary import summary
from dedup.results import Result

STEPS: Final = tuple(step / 100 for step in range(round(100 * LOWEST), 95, 5))
BAR: Final = 24  # columns of the longest bar

_LINE: Final = "{:<9}  {:>9}  {:>10}  {:>9}  {}"  # columns of the table
_NOTE: Final = (
    "Repeats that count, and the paragraphs and documents they are in. From 0.50 on an editor would call two paragraphs a "
    "repeat. Below it only what was nominated on the way is counted."
)


def render(result: Result, out: TextIO, options: Options) -> None:
    """A line for each threshold; the one asked for is marked. The result has to go down to the lowest of them."""
    rows = [(step, *_counts(result, step)) for step in sorted({*STEPS, options.min_score})]
    most = max(repeats for _, repeats, _, _ in rows)
    lines = [_LINE.format("min-score", "repeats", "paragraphs", "documents", "").rstrip()]
    lines += [_line(row, most, asked=row[0] == options.min_score) for row in rows]
    lines += ["", *indented(Marked.plain(_NOTE), options.width, ""), ""]
    out.writelines(line + "\n" for line in lines)
    for line in summary(result.at(options.min_score), options):
        out.writelines(part + "\n" for part in indented(Marked.plain(line), options.width, ""))


def _counts(result: Result, least: float) -> tuple[int, int, int]:
    """Repeats, paragraphs and documents from this score on."""
    pairs = result.pairs
    reached = pairs.counting & pairs.reached(least)
    rows = each_once(np.concatenate([pairs.left[reached], pairs.right[reached]]))
    documents: Integers = each_once(result.paragraphs.document_row[rows].astype(np.int64))
    return int(reached.sum()), len(rows), len(documents)


def _line(row: tuple[float, int, int, int], most: int, *, asked: bool) -> str:
    """One threshold. A bar is as long as it has repeats, and has a column if it has any."""
    step, repeats, paragraphs, documents = row
    bar = "█" * -(-repeats * BAR // most) if most else ""
    score = f"{step:.2f}" if step == round(step, 2) else f"{step:g}"
    mark = "← --min-score" if asked else ""
    figures = (f"{count:,}" for count in (repeats, paragraphs, documents))
    return _LINE.format(score, *figures, f"{bar} {mark}".strip()).rstrip()
