"""What went wrong, told in one line each on standard error."""

from __future__ import annotations

import sys
from contextlib import suppress


def complain(message: str) -> None:
    """Print a line; control characters in it, from names of files for instance, become spaces."""
    line = "".join(character if character.isprintable() else " " for character in message)
    with suppress(OSError):  # nobody is listening
        if sys.stderr is not None:
            print(f"dedup: {line}", file=sys.stderr)


def complain_of_bug(error: BaseException, with_traceback: bool) -> None:
    """Print what an unexpected exception says, below its traceback if that is wanted; for want of memory what to do."""
    if with_traceback:
        import traceback

        traceback.print_exception(error)
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, MemoryError):
        complain(f"memory: not enough of it ({said}); check fewer or smaller files at a time")
    else:
        complain(f"internal error: {said}; run again with --debug and report what it prints")
