from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dedup import Config, Document, check, progress
from dedup.cli import main
from dedup.jobs import can_fork, in_parts
from dedup.paragraphs import READ
from dedup.progress import Bars, Progress, Timings, Together

SAMPLES = Path(__file__).parent.parent / "samples"
STEPS = ["read", "terms", "candidates", "score", "bridges", "groups"]


class Heard(Progress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int | None]] = []
        self.done: dict[str, int] = {}
        self.ended = 0

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        self.steps.append((step, total))

    def advance(self, count: int) -> None:
        step = self.steps[-1][0]
        self.done[step] = self.done.get(step, 0) + count

    def end(self) -> None:
        self.ended += 1


def documents() -> list[Document]:
    return [Document(path.name, path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.txt"))]


def test_a_check_tells_its_steps_and_how_much_of_them_is_done() -> None:
    heard = Heard()
    check(documents(), Config(), heard)
    assert [step for step, _ in heard.steps] == STEPS
    assert heard.done["read"] == len(documents())
    assert {step: heard.done[step] for step in ("terms", "score")} == {
        step: dict(heard.steps)[step] for step in ("terms", "score")
    }
    assert 0 < heard.done["candidates"] <= (dict(heard.steps)["candidates"] or 0)


@pytest.mark.parametrize("count", [READ - 1, READ, 2 * READ + 1])
def test_every_document_that_is_read_is_told(count: int) -> None:
    heard = Heard()
    check((Document(str(number), "") for number in range(count)), Config(), heard)
    assert count == heard.done["read"]


def test_a_check_may_be_watched_by_several() -> None:
    told = [Heard(), Heard()]
    with Together(told) as together:
        check(documents(), Config(), together)
    assert told[0].steps == told[1].steps
    assert [heard.ended for heard in told] == [1, 1]


def test_timings_name_where_the_time_goes() -> None:
    timings = Timings()
    check(documents(), Config(), timings)
    timings.end()
    lines = list(timings.lines())
    assert [line.split()[0] for line in lines] == ["step", "start", *STEPS, "all"]
    spent = [float(line.split()[1]) for line in lines[1:]]
    assert sum(spent[:-1]) == pytest.approx(spent[-1], abs=0.005 * len(spent))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the memory of the tests may count")
def test_timings_say_what_memory_was_held_up_to_the_end_of_each_step() -> None:
    script = (
        "from dedup.progress import Timings\n"
        "timings = Timings()\n"
        "timings.begin('idle')\n"
        "timings.begin('greedy')\n"
        "bytearray(b'x' * (100 << 20))\n"
        "timings.begin('idle again')\n"
        "timings.end()\n"
        "print(*timings.lines(), sep='\\n')"
    )  # in a process of its own: another test may have held more
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    _, start, idle, greedy, again, whole = (line.split()[-1].replace(",", "") for line in printed.splitlines())
    assert int(greedy) - int(idle) >= 100
    assert int(start) <= int(idle)
    assert greedy == again == whole


@pytest.mark.skipif(not can_fork(), reason="this system cannot fork")
def test_timings_count_what_other_processes_do() -> None:
    def work(part: int) -> None:
        while part and time.process_time() < 0.3:
            pass

    timings = Timings()
    timings.begin("score")
    list(in_parts(work, 2, 2))
    timings.end()
    assert float(list(timings.lines())[2].split()[1]) >= 0.25


def test_timings_are_printed_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SAMPLES / "clean.txt"), "--timings"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["step", "start", *STEPS, "report", "all"]


def shown_on_a_terminal(*arguments: str) -> str:
    """What a check prints on standard error where that is a terminal."""
    pty = pytest.importorskip("pty")
    script = (
        "import sys, dedup.progress as progress; progress.PATIENCE = progress.REFRESH = 0.0\n"
        "from dedup.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    master, slave = pty.openpty()
    child = os.fork()
    if child == 0:
        os.dup2(slave, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.environ.update(TERM="xterm", COLUMNS="100")
        os.execv(sys.executable, [sys.executable, "-c", script, "check", *arguments])
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # how Linux tells that the other end is closed
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(master)
    os.waitpid(child, 0)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_a_terminal_shows_bars_with_counts_and_rate() -> None:
    shown = shown_on_a_terminal(str(SAMPLES))
    assert re.search(r"score +━+ +(\d[\d,]*) of \1 pairs, [\d,]+/s", shown)
    assert re.search(r"read +━+ +11 documents, [\d,]+/s", shown)


def test_a_step_that_does_all_at_once_shows_that_it_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    display = progress._display()
    monkeypatch.setattr(progress, "_display", lambda: display)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "REFRESH", -1.0)
    with Bars() as bars:
        bars.begin("groups", 10, "pairs")
        [groups] = display.tasks
        assert (groups.total, groups.fields["count"]) == (None, "10 pairs")  # a bar without a total moves to and fro
        bars.begin("report", 4, "pairs")
        bars.advance(1)
        assert (groups.finished, [task.total for task in display.tasks]) == (True, [1, 4])


def test_quiet_shows_no_bars() -> None:
    assert shown_on_a_terminal(str(SAMPLES), "--quiet") == ""


def test_nothing_moves_where_nobody_looks(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    assert main(["check", str(SAMPLES / "talks.txt")]) == 1
    assert capfd.readouterr().err == ""


def test_a_short_check_shows_no_bars(capfd: pytest.CaptureFixture[str]) -> None:
    with Bars() as bars:
        check(documents(), Config(), bars)
    assert capfd.readouterr().err == ""
