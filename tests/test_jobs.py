"""Work divided among processes gives what one process gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from material import every_real_pair, sample_documents, spun_documents

from dedup import Config, check, jobs, pipeline, similarity
from dedup.columns import Candidates
from dedup.errors import ConfigError, InputError
from dedup.jobs import can_fork, in_parts
from dedup.lsh import Plan, candidates_across

NUMBERS = [1, 2, 3, 7]
forks = pytest.mark.skipif(not can_fork(), reason="this system cannot fork")


@pytest.mark.parametrize("count", NUMBERS)
@pytest.mark.parametrize("parts", [0, 1, 2, 5, 20])
def test_parts_come_in_order(parts: int, count: int) -> None:
    made = list(in_parts(lambda part: np.full(3, part), parts, count))
    assert [[part] * 3 for part in range(parts)] == [part.tolist() for part in made]


@forks
def test_the_work_is_done_by_so_many_processes() -> None:
    workers = list(in_parts(lambda part: os.getpid(), 12, 3))
    assert (3, os.getpid()) == (len(set(workers)), workers[0])


def test_a_system_that_cannot_fork_does_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "can_fork", lambda: False)
    assert [os.getpid()] * 4 == list(in_parts(lambda part: os.getpid(), 4, 3))


@pytest.mark.parametrize("count", NUMBERS)
@pytest.mark.parametrize("broken", [0, 1, 3])
def test_an_exception_in_a_part_is_raised_here(broken: int, count: int) -> None:
    def work(part: int) -> int:
        if part == broken:
            raise ZeroDivisionError(f"part {part}")
        return part

    with pytest.raises(ZeroDivisionError, match=f"part {broken}"):
        list(in_parts(work, 5, count))


class UnsendableError(Exception):
    def __reduce__(self) -> str:
        raise TypeError("no")


class TwoPartError(Exception):
    """Can be sent, but not be made again of its one argument."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} in {where}")


@forks
@pytest.mark.parametrize("error", [UnsendableError("lost in part 1"), TwoPartError("lost", "part 1")])
def test_an_exception_that_cannot_be_sent_is_told_of(error: Exception) -> None:
    def work(part: int) -> int:
        if part == 1:
            raise error
        return part

    with pytest.raises(RuntimeError, match=f"^{type(error).__name__}: lost in part 1$"):
        list(in_parts(work, 4, 2))


@forks
def test_an_error_of_an_input_arrives_as_it_is() -> None:
    def work(part: int) -> int:
        if part == 1:
            raise InputError("a.txt:3", "broken", "mend it")
        return part

    with pytest.raises(InputError, match=r"^a\.txt:3: broken; mend it$") as raised:
        list(in_parts(work, 4, 2))
    assert raised.value.file == "a.txt"


@forks
def test_a_process_that_dies_is_said() -> None:
    def work(part: int) -> int:
        if part == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return part

    with pytest.raises(ConfigError, match=r"a process ended before its work was done \(exit code -9\)"):
        list(in_parts(work, 4, 2))


@forks
def test_nothing_goes_on_after_the_block_is_left(tmp_path: Path) -> None:
    beating = tmp_path / "beating"

    def work(part: int) -> int:
        while part:
            beating.write_text(str(time.monotonic_ns()))
            time.sleep(0.01)
        return part

    parts = in_parts(work, 2, 2)
    assert next(parts) == 0
    while not beating.exists():
        time.sleep(0.01)
    parts.close()  # type: ignore[attr-defined]
    last = beating.read_text()
    time.sleep(0.1)
    assert last == beating.read_text()


def ended_by_itself(script: str, stop: int | None = None) -> str:
    """What a program prints before it and all that it started are gone. stop: a signal, sent to it after its first line."""
    command = [sys.executable, "-c", f"import os, signal, sys\nfrom dedup.jobs import in_parts\n{script}"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, text=True)
    try:
        assert program.stdout
        first = program.stdout.readline()
        if stop is not None:
            program.send_signal(stop)
        return first + program.communicate(timeout=20)[0]  # to the end, which comes when the last of them is gone
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
        raise


@forks
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_program_that_was_killed(stop: int) -> None:
    # What each part gives is more than a pipe holds, so that all are waiting to send.
    script = (
        "for made in in_parts(lambda part: bytes(part % 3 << 20), 300, 3):\n    print(len(made), flush=True) or signal.pause()"
    )
    assert ended_by_itself(script, stop) == "0\n"


@forks
def test_an_interrupt_while_processes_are_started_is_told_of_by_none_of_them() -> None:
    script = (
        "os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "print(list(in_parts(lambda part: part, 6, 3)))"
    )
    assert ended_by_itself(script) == "[0, 1, 2, 3, 4, 5]\n"


@pytest.mark.parametrize("count", NUMBERS)
def test_candidates_are_those_of_one_process(count: int) -> None:
    signatures = np.random.default_rng(1).integers(0, 12, (500, 384), dtype=np.uint32)
    empty = np.zeros(500, dtype=bool)
    empty[::7] = True

    def found(count: int) -> Candidates:
        return candidates_across(lambda first, last: signatures[:, first:last], empty, Plan(3, 128), count)

    alone, divided = found(1), found(count)
    assert alone.left.tolist() == divided.left.tolist()
    assert alone.right.tolist() == divided.right.tolist()
    assert alone.capped == divided.capped


def test_a_check_finds_what_one_process_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, parts in ((pipeline, "TOLD"), (similarity, "LOOKED_AT")):
        monkeypatch.setattr(module, parts, 50)  # so that there are enough of them for all
    documents, config, alone = [*sample_documents(), *spun_documents()], Config(min_score=0.0), every_real_pair()
    for count in NUMBERS[1:]:
        divided = check(documents, config, jobs=count)
        assert list(alone) == list(divided)
        assert (alone.counts, alone.plan) == (divided.counts, divided.plan)


@pytest.mark.parametrize("count", [0, -1])
def test_fewer_than_one_process_is_an_error(count: int) -> None:
    with pytest.raises(ConfigError, match=f"^jobs: {count} is below 1; give a number of processes, such as 2$"):
        check([], jobs=count)
