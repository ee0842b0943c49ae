"""Files as lines of bytes: unpacked, in UTF-8, one at a time."""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, cast

from dedup.config import STANDARD_INPUT, Config, is_address
from dedup.errors import InputError
from dedup.readers.limits import Limited, Tally

NEWLINE: Final = b"\n"
UNPACKED: Final = 1 << 16  # bytes unpacked at a time
GZIP_MAGIC: Final = b"\x1f\x8b"
UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF_16: Final = dict(zip(UTF_16_MARKS, ("utf-16-le", "utf-16-be"), strict=True))


class Lines:
    r"""The content of one file, unpacked; it can be gone through once.

    Iterating gives lines in UTF-8 that end in \n alone, whatever else may end a line. `read` gives the bytes as they stand.
    charset, media_type: what a server said of an address, None for files.
    """

    def __init__(
        self,
        stream: io.BufferedReader,
        file: str,
        tally: Tally | None = None,
        charset: str | None = None,
        media_type: str | None = None,
    ) -> None:
        self._stream = stream
        self._file = file
        self._tally = tally
        self.charset = charset
        self.media_type = media_type

    @property
    def packed(self) -> int:
        """Packed bytes that were read for it so far; 0 if it is not packed."""
        return self._tally.count if self._tally else 0

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._in_utf_8())

    def blocks(self) -> Iterator[bytes]:
        """Yield the same lines, as many at a time as are unpacked at once: mostly far more than one."""
        stream = self._in_utf_8()
        begun: list[bytes] = []  # of a line
        while data := stream.read1(UNPACKED):
            end = data.rfind(NEWLINE) + 1
            if end:
                yield b"".join([*begun, data[:end]])
                begun.clear()
            begun.append(data[end:])
        if last := b"".join(begun):
            yield last

    def _in_utf_8(self) -> io.BufferedReader | io.BytesIO:
        if self._stream.peek(2).startswith(UTF_16_MARKS):
            return io.BytesIO(_from_utf_16(self._stream.read(), self._file).encode("utf-8"))
        if self.charset and codecs.lookup(self.charset).name != "utf-8":
            return io.BytesIO(self._stream.read().decode(self.charset, "replace").encode("utf-8"))
        return self._stream

    def read(self, size: int) -> bytes:
        """At most so many of the next bytes, empty at the end."""
        return self._stream.read(size)

    def head(self, size: int) -> bytes:
        """The first bytes, or fewer if there are not so many; they come again when the file is read."""
        data = self._stream.read(size)
        self._stream = _buffered(_Preceded(data, self._stream))
        return data


class _Preceded(io.RawIOBase):
    """A stream with bytes before it."""

    def __init__(self, before: bytes, stream: io.BufferedReader) -> None:
        self._before = before
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._before:
            return self._stream.readinto1(buffer)
        size = min(len(buffer), len(self._before))
        buffer[:size] = self._before[:size]
        self._before = self._before[size:]
        return size


@contextmanager
def open_lines(file: str, config: Config, data: bytes | None = None) -> Iterator[Lines]:
    """Open a file or standard input, or fetch an address; gzip is told by name or content.

    data: the bytes of the file as it is stored, if they were read already.

    Raises OSError, EOFError or zlib.error while opening or reading (see `reading`); InputError for broken UTF-16, for what
    passes a limit, and for what cannot be fetched.
    """
    with ExitStack() as opened:
        charset = media_type = None
        if is_address(file):
            from dedup.readers.fetching import fetch  # nothing else needs the network

            page = fetch(file, config)
            stream, charset, media_type = _buffered(io.BytesIO(page.body)), page.charset, page.media_type
        else:
            stream = opened.enter_context(_stored(file, data))
        tally = None
        if is_packed(file, stream.peek(2)):
            tally = Tally(stream)
            unpacked = opened.enter_context(gzip.GzipFile(fileobj=cast(io.BytesIO, tally)))
            stream = _buffered(Limited(unpacked, file, config.max_bytes, tally), UNPACKED)
        elif config.max_bytes is not None:
            stream = _buffered(Limited(stream, file, config.max_bytes, None))
        yield Lines(stream, file, tally, charset, media_type)


def lines_in(data: bytes, file: str) -> Lines:
    """The lines of a file that was read and unpacked already."""
    return Lines(_buffered(io.BytesIO(data)), file)


def lines_of(file: str, config: Config) -> Iterator[bytes]:
    """The lines of a file or of standard input, unpacked. Raises InputError for what cannot be read."""
    with reading(file), open_lines(file, config) as lines:
        yield from lines


@contextmanager
def reading(file: str) -> Iterator[None]:
    """Turn what goes wrong while a file is opened and read into InputError."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        what = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise InputError(file, what, "check that the file is whole and may be read") from error


def _buffered(stream: io.IOBase, size: int = io.DEFAULT_BUFFER_SIZE) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, stream), size)


def is_packed(file: str, data: bytes) -> bool:
    """Whether a file that begins so is gzip."""
    named_so = file.lower().endswith(".gz") and not is_address(file)  # servers unpack some files on their own
    return named_so or data.startswith(GZIP_MAGIC)


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


def decode_marked(data: bytes, file: str) -> str:
    """Text of a whole file in UTF-8, or in UTF-16 with its mark. Raises InputError as `decode`."""
    return _from_utf_16(data, file) if data.startswith(UTF_16_MARKS) else decode(data, file)


def encode_marked(text: str, original: bytes) -> bytes:
    """Bytes of a text in the encoding of the file it was, and with its byte order mark if that had one."""
    if original.startswith(UTF_16_MARKS):
        little = original.startswith(codecs.BOM_UTF16_LE)
        return original[:2] + text.encode("utf-16-le" if little else "utf-16-be")
    return (codecs.BOM_UTF8 if original.startswith(codecs.BOM_UTF8) else b"") + text.encode("utf-8")


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
        yield _buffered(io.BytesIO(data))
    elif file == STANDARD_INPUT:
        yield _standard_input()
    else:
        with open(file, "rb") as stream:
            yield stream


def _standard_input() -> io.BufferedReader:
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return cast(io.BufferedReader, sys.stdin.buffer)
