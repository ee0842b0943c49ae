"""What commands say on standard error beside their reports."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from dedup.complaints import complain
from dedup.errors import PlaceError

if TYPE_CHECKING:
    from dedup.cleaning import Cleaned
    from dedup.config import Override
    from dedup.lsh import Plan
    from dedup.results import Result

LISTED: Final = 5  # empty files that a line names, and broken places of a file


def watched() -> bool:
    """Whether somebody sees what moves on standard error."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def tell_what_was_not_checked(result: Result, empty: Sequence[str]) -> None:
    """Say on standard error what could not be read, what is empty, and if there was nothing to compare."""
    for line in error_lines(result.errors):
        complain(line)
    if empty:
        complain(_empty(empty))
    if result.compared_nothing and (result.paragraphs.documents or not result.errors):
        complain(_nothing_compared(result))


def tell_of_idle_overrides(where: str, overrides: Sequence[Override], files: Sequence[str]) -> None:
    """Say on standard error which overrides are for none of the files: mostly a pattern is misspelt."""
    for number, override in enumerate(overrides, 1):
        if not any(map(override.globs.match, files)):
            complain(f"{where} {number}: no file that was checked matches {', '.join(override.paths)}; see dedup config")


def plan_lines(plan: Plan | None) -> Iterator[str]:
    """The plan across documents and the recall it expects, if there was one."""
    if plan is not None:
        expected = ", ".join(f"{recall:.1%} at {similarity}" for similarity, recall in plan.expected.items())
        yield f"plan: {plan.bands} bands of {plan.rows} rows; of the pairs of a weighted similarity it nominates {expected}"


def error_lines(errors: Sequence[PlaceError]) -> Iterator[str]:
    """Yield each error in a line, but of one file LISTED at most and how many more: a wrong field breaks every record."""
    told: Counter[str] = Counter()
    for error in errors:
        told[error.file] += 1
        if told[error.file] <= LISTED:
            yield str(error)
    for file, count in told.items():
        if count > LISTED:
            yield f"{file}: {count - LISTED:,} more that cannot be read; see them all with --format json"


def _empty(files: Sequence[str]) -> str:
    more = len(files) - LISTED
    return f"{', '.join(files[:LISTED])}{f' and {more:,} more' if more > 0 else ''}: no text in it; see whether that is meant"


def _nothing_compared(result: Result) -> str:
    skipped = ", ".join(f"{count} {reason}" for reason, count in result.skipped.items()) or "none"
    documents, paragraphs = len(result.paragraphs.documents), len(result.paragraphs.text)
    return (
        f"nothing was compared: documents {documents}, paragraphs {paragraphs}, skipped {skipped}; "
        f"see --min-words, --paragraphs and --scope ({result.config.scope})"
    )


def tell_of_cleaning(errors: Sequence[PlaceError], cleaned: Cleaned) -> None:
    """Say on standard error what could not be read, and what is left as it is."""
    for line in error_lines(errors):
        complain(line)
    undated = cleaned.undated if cleaned.keep == "newest" else 0
    if undated:
        undated_of = f"{undated:,} of {len(cleaned.documents):,} documents"
        complain(f"--keep newest: no date that can be read in {undated_of}; they count as the oldest")
    if not cleaned.complete:
        complain(f"repeats are left after {cleaned.rounds} rounds; clean the result again")
