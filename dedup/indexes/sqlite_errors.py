"""What SQLite says went wrong → an error in one line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dedup.errors import DedupError, InputError, OutputError
from dedup.indexes.buckets import DamageError

PATIENCE: Final = 120.0  # seconds that a writer waits for others
NO_ACCESS: Final = ("readonly", "read-only", "unable to open", "disk I/O")
RESTORE: Final = "restore it, or delete it and make it anew with dedup index add"
BROKEN: Final = (DamageError, ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError)  # what is read


def damaged(location: str, what: str) -> InputError:
    """What is to be said of an index that is not as it was written."""
    log = f"{location}-wal"  # of another state of the file, it makes one of both that never was; else it may hold the latest
    restored = f"if you have restored the file, move {log} away while nobody uses it; else restore it"
    advice = restored if os.path.exists(log) else RESTORE
    return InputError(location, f"a damaged index ({what})", advice)


@contextmanager
def errors(location: str, *, writable: bool = True) -> Iterator[None]:
    """Tell in a line what went wrong. writable: whether it was to be written."""
    try:
        yield
    except DedupError:
        raise
    except sqlite3.Error as error:
        raise _told(location, str(error), writable) from error
    except BROKEN as error:
        raise damaged(location, str(error)) from error


def _told(location: str, said: str, writable: bool) -> DedupError:
    if "locked" in said or "busy" in said:
        return OutputError(location, f"others have been using it for {PATIENCE:.0f} s", "try again when they are done")
    if "full" in said:
        return OutputError(location, f"nothing was recorded ({said})", "make room, and run it again")
    if not writable and any(sign in said for sign in NO_ACCESS):
        return InputError(location, f"cannot be read ({said})", "check its permissions and those of its folder")
    if any(sign in said for sign in NO_ACCESS):
        return OutputError(location, f"cannot be written ({said})", "check the folder, its permissions and the space left")
    if "not a database" in said:
        return InputError(location, f"no index of dedup ({said})", "name one that dedup index add made")
    return damaged(location, said)
