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
        with _nothing_collected(), _signals_raised() as raised:
            return _exit_code(sys.argv[1:] if arguments is None else arguments, raised)
    except _Terminated:
        return TERMINATED
    except KeyboardInterrupt:
        return INTERRUPTED


@contextmanager
def _signals_raised() -> Iterator[list[KeyboardInterrupt]]:
    """Let SIGINT and SIGTERM raise, unless a program that calls this has its own way with them; yields what was raised.

    Python goes on, and says so, after what is raised in a callback of a weak reference, which every import has.
    """
    raised: list[KeyboardInterrupt] = []
    told = sys.unraisablehook

    def tell(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            told(unraisable)

    def raise_it(number: int, frame: FrameType | None) -> None:
        raised.append(_Terminated() if number == signal.SIGTERM else KeyboardInterrupt())
        raise raised[-1]

    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    in_main = threading.current_thread() is threading.main_thread()
    taken = {number: handler for number, handler in usual.items() if in_main and signal.getsignal(number) is handler}
    for number in taken:
        signal.signal(number, raise_it)
    if taken:
        sys.unraisablehook = tell
    try:
        yield raised
    finally:
        if taken:
            sys.unraisablehook = told
        for number, handler in taken.items():
            signal.signal(number, handler)


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


def _exit_code(arguments: Sequence[str], raised: Sequence[KeyboardInterrupt]) -> int:
    """Do what is asked and tell what went wrong; nothing but KeyboardInterrupt is raised. raised: by signals so far."""
    debug = "--debug" in arguments
    try:
        work = _understood(arguments)
        if raised:  # and lost while something was imported
            raise raised[0]
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
