"""How large an input may become: bytes a file, and bytes unpacked for each packed one, counted while they stream.

What has to be read whole before anything of it is known (feeds, HTML, lists of records) may have 64 MiB and 200 bytes for
each packed one. Text and records have no limit of bytes, and the same ratio holds from 64 MiB on, because many copies of one
record pack well. `Config.max_bytes` takes the place of all of this: who gives it says how much may come.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final, Protocol, cast, runtime_checkable

from dedup.config import Config
from dedup.errors import InputError

MEBIBYTE: Final = 1 << 20
WHOLE: Final = 64 * MEBIBYTE  # bytes of a file that is read whole, unpacked
RATIO: Final = 200  # bytes unpacked for each packed one
RATIO_FROM: Final = MEBIBYTE  # bytes from which on the ratio of a file that is read whole counts
STREAM_RATIO_FROM: Final = WHOLE  # the same of text and records


class Tally(io.RawIOBase):
    """A stream that knows how many bytes were read from it: the packed side of a file."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Read as its stream does."""
        data = self._stream.read(size)
        self.count += len(data)
        return data


class Limited(io.RawIOBase):
    """The unpacked side of a file: raises InputError from the read on that passes a limit of streams.

    packed: the packed side, None if the file is not packed.
    """

    def __init__(self, stream: io.BufferedIOBase, file: str, max_bytes: int | None, packed: Tally | None) -> None:
        self._stream = stream
        self._file = file
        self._max_bytes = max_bytes
        self._packed = packed
        self._count = 0

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read as its stream does, and count."""
        size = self._stream.readinto(buffer)
        self._count += size
        if self._max_bytes is not None and self._count > self._max_bytes:
            raise too_large(self._file, self._max_bytes)
        if self._max_bytes is None and self._packed and _too_dense(self._count, self._packed.count, STREAM_RATIO_FROM):
            raise _bomb(self._file)
        return size


@runtime_checkable
class Readable(Protocol):
    """Lines that can also be read as the bytes they are, and know how many packed ones were read for them (0: not packed)."""

    @property
    def packed(self) -> int:
        """Packed bytes read so far."""

    def read(self, size: int) -> bytes:
        """At most so many of the next bytes."""


def read_whole(lines: Iterable[bytes], file: str, config: Config) -> bytes:
    """All bytes of a file whose format needs them at once, as they stand in it (UTF-16 stays UTF-16).

    Raises InputError as soon as there are more than the limit, or too many for the packed bytes they came from.
    """
    limit = WHOLE if config.max_bytes is None else config.max_bytes
    readable = isinstance(lines, Readable)
    parts = iter(lambda: cast(Readable, lines).read(MEBIBYTE), b"") if readable else iter(lines)
    data = bytearray()
    for part in parts:
        data += part
        if len(data) > limit:
            raise too_large(file, config.max_bytes)
        packed = cast(Readable, lines).packed if readable else 0
        if config.max_bytes is None and packed and _too_dense(len(data), packed, RATIO_FROM):
            raise _bomb(file)
    return bytes(data)


def too_large(where: str, max_bytes: int | None) -> InputError:
    """Say that something is larger than `max_bytes`, or than what is read whole may be if that is None."""
    if max_bytes is None:
        what = f"larger than {WHOLE // MEBIBYTE} MiB, the limit of what has to be read whole"
    else:
        what = f"larger than {max_bytes:,} bytes, the limit given"
    return InputError(where, what, "raise the limit with --max-bytes, or split the file")


def _too_dense(unpacked: int, packed: int, counted_from: int) -> bool:
    return unpacked > counted_from and unpacked > RATIO * packed


def _bomb(file: str) -> InputError:
    what = f"unpacks to more than {RATIO} times its size"
    return InputError(file, what, "unpack it first, or say with --max-bytes how many bytes it may become")
