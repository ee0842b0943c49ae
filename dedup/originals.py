"""Files as they are stored: read whole, and with other texts in them, in the format, encoding and packing they have."""

from __future__ import annotations

import gzip
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dedup.config import STANDARD_INPUT, Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers import Source, format_of, load_reader, load_rewriter
from dedup.readers.lines import is_packed, open_lines, reading


@dataclass(frozen=True)
class Original:
    """A file, its bytes as they are stored, and the documents that were read from it."""

    file: str
    data: bytes
    documents: Sequence[Document]
    config: Config

    @property
    def packed(self) -> bool:
        """Whether it is gzip, by its name or by its content."""
        return is_packed(self.file, self.data)

    @cached_property
    def format(self) -> str:
        """The name of the module that reads it."""
        with open_lines(self.file, self.config, self.data) as lines:
            return format_of(self.file, lines, self.config)

    def shown(self, data: bytes) -> str:
        """What is in its bytes, or in other ones in their place: unpacked, as text."""
        with open_lines(self.file, self.config, data) as lines:
            return b"".join(lines).decode("utf-8", "replace")

    def with_texts(self, texts: Mapping[str, str]) -> bytes:
        """What is to be stored for other texts in its documents, by their ids; its own bytes if nothing differs.

        It is packed without a time, so that it is the same whenever it is made. Raises InputError.
        """
        changed = {one.id: texts[one.id] for one in self.documents if texts[one.id] != one.text}
        if not changed:
            return self.data
        unpacked = gzip.decompress(self.data) if self.packed else self.data
        rewritten = load_rewriter(self.format, self.file)(unpacked, self.file, changed, self.config)
        return gzip.compress(rewritten, mtime=0) if self.packed else rewritten

    def revised(self, texts: Mapping[str, str]) -> Original:
        """The file as it is stored with other texts, and the documents that are read from that; itself if nothing differs.

        Raises InputError, also if there would be more or fewer documents than before.
        """
        data = self.with_texts(texts)
        if data == self.data:
            return self
        found = self._read(data)
        if len(found) != len(self.documents) and (found or any(text.strip() for text in texts.values())):
            raise InputError(self.file, "would hold other documents without its repeats", "leave the file out")
        return replace(self, data=data, documents=found or [replace(one, text="") for one in self.documents])

    def _read(self, data: bytes) -> list[Document]:
        with open_lines(self.file, self.config, data) as lines:
            items = load_reader(self.format)(lines, self.file, self.config)
            return [item for item in items if isinstance(item, Document)]

    def check_documents(self) -> None:
        """Raise InputError unless its documents, which were read before, are those of its bytes, and can be written anew."""
        load_rewriter(self.format, self.file)
        if self._read(self.data) != list(self.documents):
            raise _changed(self.file)

    def check_unchanged(self) -> None:
        """Raise InputError unless the file still has its bytes."""
        with reading(self.file):
            now = _stored(self.file, None)
        if now != self.data:
            raise _changed(self.file)


def load_originals(source: Source) -> tuple[list[Original], list[InputError]]:
    """Every file of a source that can be read and written, in the order of its paths; and what cannot.

    A file that is named by two paths has the place of the first. Of one that was read to its end a record that cannot be read
    stays as it is.
    """
    documents: dict[str | None, list[Document]] = defaultdict(list)
    for document in source:
        documents[document.file].append(document)
    failed = {error.where for error in source.errors} | {error.file for error in source.errors if not documents[error.file]}
    originals, errors = [], [*source.errors]
    for file in _as_named(source.files, source.paths):
        if file in failed:
            continue
        try:
            with reading(file):
                original = Original(file, _stored(file, source.standard_input), documents[file], source.config)
                original.check_documents()
            originals.append(original)
        except InputError as error:
            errors.append(error)
    return originals, errors


def _as_named(files: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Files by the first path that names them or a folder of theirs, then by name."""
    number: dict[str, int] = {}
    for path in paths:
        number.setdefault(path if path == STANDARD_INPUT else os.path.realpath(path), len(number))

    def first(file: str) -> int:
        named = [number[file]] if file in number else []
        path = "" if file == STANDARD_INPUT else os.path.realpath(file)
        while path:
            named += [number[path]] if path in number else []
            parent = os.path.dirname(path)
            path = "" if parent == path else parent
        return min(named)

    return sorted(files, key=lambda file: (first(file), file))


def _stored(file: str, standard_input: bytes | None) -> bytes:
    if file == STANDARD_INPUT and standard_input is not None:
        return standard_input
    with open(file, "rb") as stream:
        return stream.read()


def _changed(file: str) -> InputError:
    return InputError(file, "has changed since it was read", "clean it again when nobody writes to it")
