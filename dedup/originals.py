"""Files as they are stored: read whole, and with other texts in them, in the format, encoding and packing they have."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers import format_of, load_reader, load_rewriter
from dedup.readers.lines import is_packed, open_lines


@dataclass(frozen=True)
class Original:
    """A file and its bytes as they are stored."""

    file: str
    data: bytes

    @classmethod
    def read(cls, file: str) -> Original:
        """Read a file. Raises InputError."""
        try:
            with open(file, "rb") as stream:
                return cls(file, stream.read())
        except OSError as error:
            what = f"cannot be read ({error.strerror})"
            raise InputError(file, what, "check that the file is whole and may be read") from error

    @property
    def packed(self) -> bool:
        """Whether it is gzip, by its name or by its content."""
        return is_packed(self.file, self.data)

    @cached_property
    def unpacked(self) -> bytes:
        """What is packed in it, or its bytes. Raises InputError."""
        try:
            return gzip.decompress(self.data) if self.packed else self.data
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                self.file, f"cannot be read ({error})", "check that the file is whole and may be read"
            ) from error

    def format(self, config: Config) -> str:
        """The name of the module that reads it."""
        with open_lines(self.file, self.data) as lines:
            return format_of(self.file, lines, config)

    def check_unchanged(self, documents: Sequence[Document], config: Config) -> None:
        """Raise InputError unless these, in any order, are its documents: it may have changed since they were read."""
        with open_lines(self.file, self.data) as lines:
            items = load_reader(self.format(config))(lines, self.file, config)
            found = {item.id: item.text for item in items if isinstance(item, Document)}
        if found != {document.id: document.text for document in documents}:
            raise InputError(self.file, "has changed since it was read", "clean it again when nobody writes to it")

    def with_texts(self, texts: Mapping[str, str], config: Config) -> bytes:
        """What is to be stored for other texts in the documents of these ids. Raises InputError.

        It is packed without a time, so that it is the same whenever it is made.
        """
        if not texts:
            return self.data
        rewritten = load_rewriter(self.format(config), self.file)(self.unpacked, self.file, texts, config)
        return gzip.compress(rewritten, mtime=0) if self.packed else rewritten
