"""Files as lines of bytes: unpacked, in UTF-8, one at a time."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, cast

from dedup.errors import InputError
from dedup.readers.files import STANDARD_INPUT

NEWLINE: Final = b"\n"
GZIP_MAGIC: Final = b"\x1f\x8b"
UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF_16: Final = dict(zip(UTF_16_MARKS, ("utf-16-le", "utf-16-be"), strict=True))


@contextmanager
def open_lines(file: str, data: bytes | None = None) -> Iterator[Iterable[bytes]]:
    r"""Lines that end in \n alone, whatever else may end a line; gzip is told by name or content, UTF-16 by its mark.

    data: the bytes of the file as it is stored, if they were read already.
    Raises OSError, EOFError or zlib.error while opening or reading, InputError for broken UTF-16.
    """
    with ExitStack() as opened:
        stream = opened.enter_context(_stored(file, data))
        if is_packed(file, stream.peek(2)):
            unpacked = opened.enter_context(gzip.GzipFile(fileobj=stream))
            stream = io.BufferedReader(unpacked)
        if stream.peek(2).startswith(UTF_16_MARKS):
            yield io.BytesIO(_from_utf_16(stream.read(), file).encode("utf-8"))
        else:
            yield stream


def is_packed(file: str, data: bytes) -> bool:
    """Whether a file that begins so is gzip."""
    return file.lower().endswith(".gz") or data.startswith(GZIP_MAGIC)


def changed(data: bytes, file: str, change: Callable[[bytes], bytes]) -> bytes:
    """Unpacked bytes after a change of them in UTF-8, as `open_lines` gives them; in the encoding and with the mark they have.

    Raises InputError for broken UTF-16.
    """
    mark = data[:2]
    if mark not in _UTF_16:
        return change(data)
    text = change(_from_utf_16(data, file).encode("utf-8")).decode("utf-8")
    return mark + text.encode(_UTF_16[mark])


def decode(data: bytes, file: str, line: int = 1, position: int = 0) -> str:
    """Text of UTF-8 with or without a byte order mark; `line` (1-based) and `position` (0-based) are those of its first byte.

    Raises InputError that names the line and the byte that is wrong.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        where = f"{file}:{line + data.count(NEWLINE, 0, error.start)}"
        raise _undecodable(where, "UTF-8", error, position) from error


def _from_utf_16(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise _undecodable(file, "UTF-16", error, 0) from error


def _undecodable(where: str, encoding: str, error: UnicodeDecodeError, position: int) -> InputError:
    what = f"the byte 0x{error.object[error.start]:02x} at position {position + error.start} is not {encoding}"
    return InputError(where, what, "convert the file to UTF-8")


@contextmanager
def _stored(file: str, data: bytes | None) -> Iterator[io.BufferedReader]:
    if data is not None:
        yield io.BufferedReader(cast(io.RawIOBase, io.BytesIO(data)))
    elif file == STANDARD_INPUT:
        yield _standard_input()
    else:
        with open(file, "rb") as stream:
            yield stream


def _standard_input() -> io.BufferedReader:
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return cast(io.BufferedReader, sys.stdin.buffer)
