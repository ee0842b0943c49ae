"""How large a file may be that has to be read whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dedup.config import Config
from dedup.errors import InputError

WHOLE: Final = 64 << 20  # bytes


def read_whole(lines: Iterable[bytes], file: str, config: Config) -> bytes:
    """All bytes of a file whose format needs them at once. Raises InputError if there are too many."""
    data = bytearray()
    for line in lines:
        data += line
        if len(data) > WHOLE:
            raise InputError(file, f"larger than {WHOLE >> 20} MiB, the limit of what has to be read whole", "split the file")
    return bytes(data)
