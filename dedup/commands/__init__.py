"""What the command line can do: one module a command, which reads its options and gives back the work to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

# Exit codes.
CLEAN: Final = 0
REPEATS: Final = 1
NOT_CHECKED: Final = 2

Work: TypeAlias = Callable[[], int]  # → exit code; done after the command line is understood, so that errors are told apart
