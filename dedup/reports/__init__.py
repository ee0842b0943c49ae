"""What was found, written down: one module a format, each with `render(result, out, with_text=, all_pairs=)`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Final, Protocol, TextIO, cast

from dedup.errors import ConfigError
from dedup.model import Pair, Result

REPORTS: Final = {
    "text": "dedup.reports.text",
    "jsonl": "dedup.reports.jsonl",
}


class Render(Protocol):
    """Writes a report; `with_text=False` leaves the paragraphs out, `all_pairs` adds the repeats that do not count."""

    def __call__(self, result: Result, out: TextIO, *, with_text: bool, all_pairs: bool) -> None:
        """Write whole lines that end in a line feed; `out` may be of any encoding that has all of Unicode."""


def load_report(name: str, *, brief: bool = False) -> Render:
    """Import the report of that name; `brief` asks for its summary alone, if it has one.

    Raises ConfigError for an unknown name.
    """
    if name not in REPORTS:
        raise ConfigError(f"format: unknown value {name!r}; known are {', '.join(REPORTS)}")
    module = import_module(REPORTS[name])
    return cast(Render, getattr(module, "render_summary", module.render) if brief else module.render)


def shown_pairs(result: Result, all_pairs: bool) -> Iterable[Pair]:
    """List the pairs a report shows, in order."""
    return (pair for pair in result.pairs if all_pairs or pair.counts)
