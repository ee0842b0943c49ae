"""Where output goes: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Literal, TextIO

from dedup.errors import OutputError

STANDARD_OUTPUT: Final = "standard output"
BACKUP: Final = ".bak"


@contextmanager
def open_destination(path: str | None) -> Iterator[TextIO]:
    r"""UTF-8 with \n whatever the locale; None is standard output. A file takes its name when the block ends well.

    Opening fails at once where nothing can be written, so open before long work. Devices and pipes are written directly.
    Raises OutputError; wrap writing in `output_errors` to get the same from there.
    """
    if path is None:
        yield _standard_output()
    elif path and (os.path.isfile(path) or not os.path.exists(path)):
        with _replacing(os.path.realpath(path), path) as out:
            yield out
    else:
        with _direct(path) as out:
            yield out


@contextmanager
def output_errors(path: str | None) -> Iterator[None]:
    """Turn what goes wrong while writing to a destination into OutputError; a closed pipe stays BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        where = STANDARD_OUTPUT if path is None else path or "''"
        advice = "check the folder, its permissions and the space left"
        raise OutputError(where, f"cannot be written ({error.strerror})", advice) from error


def replace_file(path: str, data: bytes, *, backup: bool = False) -> None:
    """Write a file that takes its name when all of it is on the disk; folders that are missing are made.

    One that had the name gives it its mode and owner. backup: that one stays, with BACKUP behind its name.
    Raises OutputError; whatever happens, the name stands for the old file or for the new one, and both are whole.
    """
    folder = os.path.dirname(path) or os.curdir
    beside = _beside(path)
    with output_errors(path):
        os.makedirs(folder, exist_ok=True)
        try:  # from before the file is made, or an interrupt could leave it
            with open(beside, "xb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            if os.path.exists(path):
                _take_after(path, beside)
                if backup:
                    _back_up(path)
            os.replace(beside, path)
            _settle(folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(beside)
            raise


def _beside(path: str) -> str:
    """A name in the same folder, so that taking its place is one step of one file system."""
    return os.path.join(os.path.dirname(path), f".dedup-{os.urandom(8).hex()}.tmp")


def _take_after(path: str, beside: str) -> None:
    shutil.copymode(path, beside)
    if hasattr(os, "chown"):
        owner = os.stat(path)
        with suppress(OSError):  # only root may give files away
            os.chown(beside, owner.st_uid, owner.st_gid)


def _back_up(path: str) -> None:
    """Give a file a second name, or a copy where a file cannot have two."""
    beside = _beside(path)
    try:
        try:
            os.link(path, beside)
        except OSError:
            shutil.copy2(path, beside)
        os.replace(beside, path + BACKUP)
    finally:
        with suppress(OSError):  # there is one if the two names already stood for one file
            os.unlink(beside)


def _settle(folder: str) -> None:
    """See to it that the names in a folder are on the disk."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _direct(path: str) -> Iterator[TextIO]:
    with output_errors(path):
        out = _open(path, "w")
    try:
        yield out
    finally:
        with output_errors(path):
            out.close()


@contextmanager
def _replacing(real: str, path: str) -> Iterator[TextIO]:
    beside = _beside(real)
    out: TextIO | None = None
    try:  # from before the file is made, or an interrupt could leave it
        with output_errors(path):
            out = _open(beside, "x")
        yield out
        with output_errors(path):
            out.close()
            if os.path.exists(real):
                shutil.copymode(real, beside)
            os.replace(beside, real)
    except BaseException:
        if out is not None:
            with suppress(OSError):
                out.close()
        with suppress(OSError):
            os.unlink(beside)
        raise


def _open(path: str, mode: Literal["w", "x"]) -> TextIO:
    return open(path, mode, encoding="utf-8", errors="backslashreplace", newline="\n")


def _standard_output() -> TextIO:
    if sys.stdout is None:
        raise OutputError(STANDARD_OUTPUT, "it is closed", "write to a file with --output")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a caller may have put a string buffer there
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    return sys.stdout
