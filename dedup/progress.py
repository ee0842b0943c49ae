"""What a check is at: silent, as bars on a terminal, or as seconds a step."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress as Display
    from rich.progress import TaskID

PATIENCE: Final = 1.0  # seconds before bars appear: a short run shows none
REFRESH: Final = 0.1  # seconds between two looks at a bar


class Progress:
    """Is told of every step of a check, one after the other; this one says nothing of it."""

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        """A step begins, and the one before it has ended. total: how many of the units it will do, None if not known."""

    def advance(self, count: int) -> None:
        """So many more units of the step are done."""

    def end(self) -> None:
        """The last step has ended, well or not."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()


SILENT: Final = Progress()


class Together(Progress):
    """Tells several."""

    def __init__(self, told: Sequence[Progress]) -> None:
        self._told = told

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        """See Progress."""
        for progress in self._told:
            progress.begin(step, total, unit)

    def advance(self, count: int) -> None:
        """See Progress."""
        for progress in self._told:
            progress.advance(count)

    def end(self) -> None:
        """See Progress."""
        for progress in self._told:
            progress.end()


class Timings(Progress):
    """Keeps the seconds of each step, on the clock and of the processors, in other processes too once they have ended.

    Also the most memory that this process has held up to the end of each step.
    """

    def __init__(self) -> None:
        self._steps: list[tuple[str, float, float, str]] = []

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        """See Progress."""
        self._steps.append((step, time.perf_counter(), _cpu_seconds(), _peak_memory()))

    def end(self) -> None:
        """See Progress."""
        self.begin("end")

    def lines(self) -> Iterator[str]:
        """A line for what was before the first step, for each step, and for all."""
        yield f"{'step':<12}{'CPU s':>8}{'wall s':>8}{'peak MiB':>10}"
        yield f"{'start':<12}{self._steps[0][2]:>8.2f}{'':8}{self._steps[0][3]:>10}"
        for (step, wall, cpu, _), (_, next_wall, next_cpu, peak) in pairwise(self._steps):
            yield f"{step:<12}{next_cpu - cpu:>8.2f}{next_wall - wall:>8.2f}{peak:>10}"
        yield f"{'all':<12}{self._steps[-1][2]:>8.2f}{'':8}{self._steps[-1][3]:>10}"


class Bars(Progress):
    """Shows a bar for each step on standard error, with counts and rate, once the check has taken PATIENCE seconds."""

    def __init__(self) -> None:
        self._shown = self._began = time.monotonic()
        self._patience = PATIENCE
        self._display: Display | None = None
        self._bar: TaskID | None = None
        self._step, self._total, self._unit = "", 0, ""
        self._done = 0

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        """See Progress."""
        if self._display is not None and self._bar is not None:
            self._display.update(self._bar, total=1, completed=1, count=self._count())  # full, whatever was told of it
        self._step, self._total, self._unit, self._done, self._bar = step, total or 0, unit, 0, None
        self._began = time.monotonic()
        self._show(self._began)

    def advance(self, count: int) -> None:
        """See Progress."""
        self._done += count
        now = time.monotonic()
        if now - self._shown > self._patience:
            self._show(now)

    def end(self) -> None:
        """Clear the bars away: the report says what is worth keeping."""
        if self._display is not None:
            self._display.stop()

    def _show(self, now: float) -> None:
        if self._display is None:
            if now - self._shown < self._patience:
                return
            self._display, self._patience = _display(), REFRESH
            self._display.start()
        self._shown = now
        if self._bar is None:
            self._bar = self._display.add_task(self._step, total=None, count="")
        known = self._total if self._done else None  # a step that does all at once only shows that it is at work
        self._display.update(self._bar, total=known or None, completed=self._done, count=self._count())

    def _count(self) -> str:
        """“12,000 of 50,000 pairs, 4,000/s”."""
        done = f"{self._done:,} of {self._total:,}" if self._total else f"{self._done:,}"
        rate = self._done / max(1e-9, time.monotonic() - self._began)
        return f"{done} {self._unit}, {rate:,.0f}/s" if self._done else f"{self._total:,} {self._unit}" if self._total else ""


def _cpu_seconds() -> float:
    others = os.times()
    return time.process_time() + others.children_user + others.children_system


def _peak_memory() -> str:
    """The most memory that this process has held, in MiB; a dash where the system does not say."""
    peak = _peak_of_linux() or _peak_of_unix()
    return f"{peak / (1 << 20):,.0f}" if peak else "–"


def _peak_of_linux() -> int:
    """In bytes, 0 elsewhere. What `getrusage` says there begins with the memory of the program that started this one."""
    try:
        with open("/proc/self/status", encoding="utf-8", errors="replace") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def _peak_of_unix() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1 << 10)


def _display() -> Display:
    # Late: most checks are over before they need it, and it costs as much as the rest of the command line.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(file=sys.stderr), transient=True)
