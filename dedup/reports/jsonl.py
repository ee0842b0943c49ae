"""One pair a line, as a JSON object."""

from __future__ import annotations

from typing import TextIO

from dedup.reports import Options, shown_pairs
from dedup.reports.rows import encode, pair_row
from dedup.results import Result


def render(result: Result, out: TextIO, options: Options) -> None:
    """Nothing but pairs, in their order; no line if there are none."""
    for pair in shown_pairs(result, options):
        out.write(encode(pair_row(pair, options.with_text)) + "\n")
