"""The door: the command line, and the one place where errors become messages and exit codes.

Little is imported here, so that an interrupt finds `main` at work almost from the start.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from dedup.commands import CLEAN, NOT_CHECKED
from dedup.complaints import complain, complain_of_bug
from dedup.errors import ConfigError, DedupError

INTERRUPTED: Final = 130
TERMINATED: Final = 143  # what a shell reports of a program that SIGTERM ended
PIPE_CLOSED: Final = 141  # what a shell reports of a program that a closed pipe ended


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as an interrupt does: nothing half-written stays."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (without the name of the program) and return its exit code; nothing is raised."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no matrices are multiplied: its threads are a fifth of a small check
    try:
        with _nothing_collected(), _termination_raised():
            return _exit_code(sys.argv[1:] if arguments is None else arguments)
    except _Terminated:
        return TERMINATED
    except KeyboardInterrupt:
        return INTERRUPTED


@contextmanager
def _termination_raised() -> Iterator[None]:
    """Let SIGTERM raise, unless a program that calls this has its own way with it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise _Terminated


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Spare Python the search for cycles: a check makes none that would grow with its input, and millions of objects.

    At the end of the program too, where Python would look through all that is left of it.
    """
    enabled = gc.isenabled()
    gc.disable()
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _exit_code(arguments: Sequence[str]) -> int:
    """Do what is asked and tell what went wrong; nothing but KeyboardInterrupt is raised."""
    debug = "--debug" in arguments
    try:
        work = _understood(arguments)
        debug = debug or getattr(work, "debug", False)
        # The answer (help, version) may be printed already; typer gives back an exit code then, and after an interrupt too.
        return _done(work)
    except BrokenPipeError:
        return PIPE_CLOSED
    except DedupError as error:
        complain(str(error))
    except Exception as error:
        complain_of_bug(error, debug)
    finally:
        _settle_standard_output()
    return NOT_CHECKED


def _done(work: object) -> int:
    if callable(work):
        code: int = work()
        return code
    return work if isinstance(work, int) else CLEAN


def _understood(arguments: Sequence[str]) -> object:
    """Read what is to be done; an exit code or None if there is nothing left to do."""
    import typer

    from dedup.commands.app import app
    from dedup.destination import output_errors

    try:
        with output_errors(None):
            return typer.main.get_command(app).main(list(arguments), prog_name="dedup", standalone_mode=False)
    except SystemExit:  # how typer answers a closed pipe
        raise BrokenPipeError from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        if not hasattr(error, "format_message"):  # the mark of usage errors in all versions of typer and click
            raise
        raise ConfigError(_usage(error)) from error


def _usage(error: Any) -> str:  # noqa: ANN401 - of typer or click, by version
    """Say what is wrong with a command line, in a line that names what would be right."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "dedup")
    said = error.format_message().partition("\n")[0].rstrip(".")
    known = ""
    if hasattr(error, "option_name") and context is not None:
        options = (name for parameter in context.command.params for name in parameter.opts if name.startswith("--"))
        known = f"; known are {', '.join([*options, '--help'])}"
    elif said.startswith("No such command"):
        known = f"; known are {', '.join(context.command.commands)}" if context is not None else ""
    return f"{said}{known}; see {path} --help"


def _settle_standard_output() -> None:
    """Drop what cannot be written: Python would try again when it ends, with a traceback and an exit code of its own."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
