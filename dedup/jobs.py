"""Work divided among processes: they share the memory of the one that forked them, and hand back what they made."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar

from dedup.errors import ConfigError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

MOST: Final = 64  # processes, whatever is asked for: each takes two open files

Made = TypeVar("Made")


def in_parts(work: Callable[[int], Made], parts: int, jobs: int) -> Iterator[Made]:
    """Yield work(0), work(1) … work(parts - 1), done by so many processes in turn, this one among them.

    Whatever `work` refers to is there in all of them, unchanged and not copied; only what it returns is sent. An exception in
    one of them is raised here. Where a process cannot be forked safely (Windows, macOS), this one does it all.
    """
    jobs = min(jobs, parts, MOST) if can_fork() else 1
    with ExitStack() as ended:
        others = [ended.enter_context(_Other(work, range(number, parts, jobs))) for number in range(1, jobs)]
        for part in range(parts):
            yield others[part % jobs - 1].next() if part % jobs else work(part)


def checked(jobs: int) -> int:
    """Return the number of processes asked for. Raises ConfigError for fewer than one."""
    if jobs < 1:
        raise ConfigError(f"jobs: {jobs} is below 1; give a number of processes, such as 2")
    return jobs


def can_fork() -> bool:
    """Whether work can be divided here. The libraries of macOS do not survive a fork in all their threads."""
    return hasattr(os, "fork") and sys.platform != "darwin"


class _Other:
    """Another process with parts of the work, ended with the block that it is used in."""

    def __init__(self, work: Callable[[int], object], parts: range) -> None:
        import multiprocessing  # late: one job needs none of it

        context = multiprocessing.get_context("fork")
        self._results, there = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(target=_send, args=(work, parts, self._results, there), daemon=True)
        with warnings.catch_warnings(), _uninterrupted():
            # Of threads: those of numpy's matrix products, which no part of the work waits for.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        there.close()

    def next(self) -> Made:  # type: ignore[type-var]
        """Wait for the next result."""
        try:
            made, error = self._results.recv()
        except EOFError:
            self._process.join()
            what = f"jobs: a process ended before its work was done (exit code {self._process.exitcode})"
            raise ConfigError(f"{what}; it may have run out of memory: use fewer jobs") from None
        if error is not None:
            raise error
        return made  # type: ignore[no-any-return]

    def __enter__(self) -> _Other:
        return self

    def __exit__(self, *error: object) -> None:
        self._results.close()
        self._process.terminate()
        self._process.join()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait until a process is started: in the new one it would be told of, and end it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _send(work: Callable[[int], object], parts: range, read: Connection, results: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt reaches the process that waits, and it ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    read.close()  # of the process that waits: if that is killed, the pipe must be closed at this end, or sending never ends
    with suppress(BrokenPipeError):  # nobody waits any more
        try:
            for part in parts:
                results.send((work(part), None))
        except Exception as error:  # raised again where it is waited for
            results.send((None, _sendable(error)))


def _sendable(error: Exception) -> Exception:
    """The error, or one that tells of it if it would not arrive: not every exception can be taken apart and made again."""
    try:
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    except Exception:  # whatever the parts of an exception raise
        pass
    return RuntimeError(f"{type(error).__name__}: {error}")
