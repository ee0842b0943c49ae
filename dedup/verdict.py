"""Whether what a check found is more than what is allowed, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from dedup.allowance import BOILERPLATE, NEVER, Allowance
from dedup.columns import Flags, each_once
from dedup.model import KINDS
from dedup.results import Result, counted

Outcome: TypeAlias = Literal["passed", "failed", "not checked"]


class Verdict(NamedTuple):
    """What becomes of a check, and why, each reason in words. by_allowance: whether one was given."""

    outcome: Outcome
    reasons: tuple[str, ...]
    by_allowance: bool

    def __str__(self) -> str:
        return f"{self.outcome}: {'; '.join(self.reasons)}"


def judge(result: Result, allowance: Allowance) -> Verdict:
    """Hold what was found against what is allowed."""
    failing = _failing(result, allowance)
    repeats, repeated, compared = int(failing.sum()), _repeated(result, failing), result.paragraphs.checked
    ratio = repeated / compared if compared else 0.0
    allowed = allowance.max_repeats if allowance.max_repeats is not None else 0 if allowance.max_ratio is None else repeats
    exceeded = repeats > allowed or (allowance.max_ratio is not None and ratio > allowance.max_ratio)
    reasons = [*_unchecked(result, allowance)]
    outcome: Outcome = "not checked" if reasons else "failed" if exceeded else "passed"
    if result.compared_nothing:
        return Verdict(outcome, tuple(reasons or ["nothing was compared"]), allowance.given)
    reasons.append(_told_repeats(result, allowance, repeats))
    if allowance.max_ratio is not None:
        share = f"{repeated:,} of {counted(compared, 'paragraph')} repeated ({ratio:.4f})"
        reasons.append(f"{share}, {allowance.max_ratio:g} allowed by --max-ratio")
    return Verdict(outcome, tuple(reasons), allowance.given)


def _failing(result: Result, allowance: Allowance) -> Flags:
    """bool[p]: which pairs make the check fail."""
    pairs = result.pairs
    if not allowance.fail_on:
        return pairs.counting
    named = pairs.of_kinds([kind for kind in KINDS if kind in allowance.fail_on])
    return pairs.counting & (named | pairs.of_boilerplate if BOILERPLATE in allowance.fail_on else named)


def _unchecked(result: Result, allowance: Allowance) -> Iterator[str]:
    """Yield why what was to be checked was not."""
    if result.errors:
        yield f"{counted(len(result.errors), 'file or record', 'files or records')} could not be read"
    if allowance.require_paragraphs and result.compared_nothing:
        yield "nothing was compared, which --require-paragraphs does not allow"


def _repeated(result: Result, failing: Flags) -> int:
    """How many of the checked paragraphs stand in one of these pairs."""
    pairs = result.pairs
    rows = each_once(np.concatenate([pairs.left[failing], pairs.right[failing]]))
    return int(np.count_nonzero(rows < result.paragraphs.checked))


def _told_repeats(result: Result, allowance: Allowance, repeats: int) -> str:
    found = counted(repeats, "repeat") if repeats else "no repeats"
    if allowance.fail_on == (NEVER,):
        found = counted(result.counts.repeats, "repeat") if result.counts.repeats else "no repeats"
        return f"{found}, any number allowed by --fail-on {NEVER}"
    if allowance.fail_on:
        found += f" of {', '.join(allowance.fail_on)}"
    if allowance.max_repeats is not None:
        found += f", {allowance.max_repeats:,} allowed by --max-repeats"
    elif repeats and allowance.max_ratio is None:
        found += ", none allowed"
    others = result.counts.repeats - int((result.pairs.counting & _failing(result, allowance)).sum())
    return f"{found}; {counted(others, 'repeat')} that --fail-on leaves out" if others else found
