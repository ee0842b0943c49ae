"""What was found, written down: one module a format, each with `render(result, out, options)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO, cast

from dedup.errors import ConfigError
from dedup.model import DECISION

if TYPE_CHECKING:
    from dedup.account import Account
    from dedup.columns import Integers
    from dedup.explanation import Explanation
    from dedup.results import Result
    from dedup.verdict import Verdict

REPORTS: Final = {
    "text": "dedup.reports.text",
    "json": "dedup.reports.json",
    "jsonl": "dedup.reports.jsonl",
    "sarif": "dedup.reports.sarif",
    "github": "dedup.reports.github",
    "junit": "dedup.reports.junit",
    "markdown": "dedup.reports.markdown",
    "html": "dedup.reports.html",
}
THRESHOLDS: Final = {
    "text": "dedup.reports.thresholds",
}
COMPARISONS: Final = {
    "text": "dedup.reports.comparison",
    "json": "dedup.reports.json",
}
CLEANINGS: Final = {
    "text": "dedup.reports.removals",
    "json": "dedup.reports.json",
}
NARROWEST: Final = 40  # columns
LOWEST: Final = 0.3  # threshold that the report on them tells


@dataclass(frozen=True)
class Options:
    """How a report is written; a format leaves aside what means nothing to it.

    with_text: with the paragraphs themselves. all_pairs: with the repeats that do not count. top: list this many repeats at
    most; None: all. brief: the summary only. width: columns. colour: for a terminal. clock: seconds since the check began.
    folder: absolute; files below it are named from there where other programs look for them. min_score: what was asked for,
    where the result goes further down. verdict: what becomes of the check, and why.
    """

    with_text: bool = True
    all_pairs: bool = False
    top: int | None = None
    brief: bool = False
    width: int = 80
    colour: bool = False
    clock: Callable[[], float] | None = None
    folder: str | None = None
    min_score: float = DECISION
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if self.width < NARROWEST:
            raise ConfigError(f"width: {self.width} is too narrow; give {NARROWEST} columns or more")
        if self.top is not None and self.top < 0:
            raise ConfigError(f"top: {self.top} is below 0; give the number of repeats to list")

    @property
    def unchecked(self) -> str | None:
        """The verdict in words if it is that not all was checked."""
        return str(self.verdict) if self.verdict is not None and self.verdict.outcome == "not checked" else None

    def plain(self, width: int) -> Options:
        """The same for text of that width within another format: in one colour, and without the seconds."""
        return replace(self, width=width, colour=False, clock=None)


class Render(Protocol):
    """Writes a report."""

    def __call__(self, result: Result, out: TextIO, options: Options) -> None:
        """Write whole lines that end in a line feed; `out` may be of any encoding that has all of Unicode."""


class RenderComparison(Protocol):
    """Writes what makes the score of one pair."""

    def __call__(self, explanation: Explanation, out: TextIO, options: Options) -> None:
        """Write whole lines that end in a line feed; `out` may be of any encoding that has all of Unicode."""


class RenderCleaning(Protocol):
    """Writes what a cleaning did."""

    def __call__(self, account: Account, out: TextIO, options: Options) -> None:
        """Write whole lines that end in a line feed; `out` may be of any encoding that has all of Unicode."""


def load_report(name: str) -> Render:
    """Import the report of that name. Raises ConfigError for an unknown one."""
    return cast(Render, _module(name, REPORTS).render)


def load_thresholds(name: str) -> Render:
    """Import the report of that name on what each threshold would find. Raises ConfigError for an unknown one."""
    return cast(Render, _module(name, THRESHOLDS).render)


def load_comparison(name: str) -> RenderComparison:
    """Import the report of one pair of that name. Raises ConfigError for an unknown one."""
    return cast(RenderComparison, _module(name, COMPARISONS).render_comparison)


def load_cleaning(name: str) -> RenderCleaning:
    """Import the report of a cleaning of that name. Raises ConfigError for an unknown one."""
    return cast(RenderCleaning, _module(name, CLEANINGS).render_cleaning)


def _module(name: str, known: dict[str, str]) -> Any:  # noqa: ANN401 - a module
    if name not in known:
        raise ConfigError(f"format: unknown value {name!r}; known are {', '.join(known)}")
    return import_module(known[name])


def shown(result: Result, options: Options) -> Integers:
    """Which pairs a report shows: their numbers, in order."""
    pairs = result.pairs
    numbers: Integers = (pairs.counting | options.all_pairs).nonzero()[0]
    return numbers[: options.top]


def unlisted(result: Result, options: Options) -> int:
    """How many repeats that count a report leaves out."""
    return result.counts.repeats - int(result.pairs.counting[shown(result, options)].sum())
