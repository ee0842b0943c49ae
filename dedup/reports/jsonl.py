"""One pair a line, as a JSON object."""

from __future__ import annotations

from itertools import islice
from typing import Final, TextIO

from dedup.reports import Options, shown
from dedup.reports.rows import pair_lines
from dedup.results import Result

WRITTEN: Final = 256  # lines at a time: a stream without a buffer is written to each time


def render(result: Result, out: TextIO, options: Options) -> None:
    """Nothing but pairs, in their order; no line if there are none."""
    lines = pair_lines(result.pairs, shown(result, options), options.with_text)
    while some := list(islice(lines, WRITTEN)):
        out.write("\n".join([*some, ""]))
