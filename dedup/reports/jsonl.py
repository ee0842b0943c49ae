"""One pair a line, as a JSON object."""

from __future__ import annotations

from typing import TextIO

from dedup.reports import Options, shown
from dedup.reports.rows import pair_lines
from dedup.results import Result


def render(result: Result, out: TextIO, options: Options) -> None:
    """Nothing but pairs, in their order; no line if there are none."""
    for line in pair_lines(result.pairs, shown(result, options), options.with_text):
        out.write(line + "\n")
