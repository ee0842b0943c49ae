"""Documents from files, folders and standard input: one module a format, each with `read(lines, file, config)`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Final, TypeAlias, cast

from dedup.config import STANDARD_INPUT, Config, is_address
from dedup.errors import InputError, UnknownFormatError
from dedup.globs import EVERYTHING, Selection
from dedup.model import Document
from dedup.readers.files import find_files
from dedup.readers.lines import Lines, open_lines, reading
from dedup.readers.sniffing import HEAD, sniff

# (lines with their ends, in UTF-8; name of the file; settings) → its documents, and what could not be read, in order.
Read: TypeAlias = Callable[[Iterable[bytes], str, Config], Iterator[Document | InputError]]
# (unpacked file; its name; other texts by the id of their document; settings) → the file with these texts, all else as it was.
Rewrite: TypeAlias = Callable[[bytes, str, Mapping[str, str], Config], bytes]

READERS: Final = {
    ".txt": "dedup.readers.text",
    ".md": "dedup.readers.text",
    ".markdown": "dedup.readers.text",
    ".jsonl": "dedup.readers.records",
    ".ndjson": "dedup.readers.records",
    ".csv": "dedup.readers.csv",
    ".json": "dedup.readers.json",
    ".xml": "dedup.readers.feeds",
    ".rss": "dedup.readers.feeds",
    ".atom": "dedup.readers.feeds",
    ".html": "dedup.readers.html",
    ".htm": "dedup.readers.html",
    ".xhtml": "dedup.readers.html",
}
TEXT: Final = READERS[".txt"]
RECORDS: Final = READERS[".jsonl"]
HTML: Final = READERS[".html"]

# What a server calls a page, where its content does not say what it is.
MEDIA_TYPES: Final = {
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "text/csv": READERS[".csv"],
    "application/json": READERS[".json"],
    "application/feed+json": READERS[".json"],
    "application/x-ndjson": RECORDS,
    "application/rss+xml": READERS[".rss"],
    "application/atom+xml": READERS[".atom"],
    "application/rdf+xml": READERS[".xml"],
}

_NOT_SPACE: Final = re.compile(r"\S")


class Source:
    """The documents of `paths`: files, folders (with all they hold) and `-` for standard input.

    Each iteration reads anew, file by file in the order of their names, whatever the order of `paths`. What cannot be read
    does not end it: afterwards `files` names those that were read or named, `errors` says what and why, `empty` names the
    files that were read and had no text in them, and `ignored` counts the files in folders that were left out: those of other
    formats, by suffix or by content; `excluded` counts the files and folders that were not selected. Addresses among the
    paths are fetched if `fetch`, else they are errors.
    """

    def __init__(
        self,
        paths: Iterable[str],
        config: Config,
        *,
        fetch: bool = False,
        standard_input: bytes | None = None,
        selection: Selection = EVERYTHING,
    ) -> None:
        self.paths = list(paths)
        self.config = config
        self.fetch = fetch
        self.standard_input = standard_input  # what was read from there, if somebody else needs it too
        self.files: list[str] = []
        self.errors: list[InputError] = []
        self.empty: list[str] = []
        self.ignored = 0
        self.selection = selection
        self.excluded = 0

    def __iter__(self) -> Iterator[Document]:
        found = find_files(self.paths, lambda path: _suffix(path) in READERS, fetch=self.fetch, selection=self.selection)
        self.files = []
        self.errors = list(found.errors)
        self.empty = []
        self.ignored = found.ignored
        self.excluded = found.excluded
        for file in found.files:
            self.files.append(file)
            before = len(self.errors)
            has_text = False
            try:
                documents = self._documents(file)
                for document in documents:
                    has_text = bool(_NOT_SPACE.search(document.text))
                    yield document
                    if has_text:
                        break
                yield from documents
            except UnknownFormatError as error:
                if file in found.named:
                    self.errors.append(error)
                else:
                    self.ignored += 1
                    self.files.pop()
                continue
            if not has_text and len(self.errors) == before:
                self.empty.append(file)

    def _documents(self, file: str) -> Iterator[Document]:
        try:
            data = self.standard_input if file == STANDARD_INPUT else None
            with reading(file), open_lines(file, self.config, data) as lines:
                for item in load_reader(format_of(file, lines, self.config))(lines, file, self.config):
                    if isinstance(item, InputError):
                        self.errors.append(item)
                    else:
                        yield item
        except UnknownFormatError:
            raise
        except InputError as error:
            self.errors.append(error)


def format_of(file: str, lines: Lines, config: Config) -> str:
    """The name of the module that reads it: told by its suffix, else by its content.

    That of an address is told by its content, else by what its server says, else by its suffix.
    """
    module = READERS.get(_suffix(file))
    if is_address(file) or module is None:
        told = f"dedup.readers.{sniff(lines.head(HEAD), config)}"
        module = (MEDIA_TYPES.get(lines.media_type or "") or module or TEXT) if told == TEXT else told
    return module


def load_reader(module: str) -> Read:
    """Import what reads a format."""
    return cast(Read, import_module(module).read)


def load_rewriter(module: str, file: str) -> Rewrite:
    """Import what writes a file of a format anew. Raises InputError if nothing does."""
    rewrite = getattr(import_module(module), "rewrite", None)
    if rewrite is None:
        what = f"its format can be read but not be written ({module.rpartition('.')[2]})"
        raise InputError(file, what, "leave the file out, or give it as text, Markdown or JSON Lines")
    return cast(Rewrite, rewrite)


def _suffix(path: str) -> str:
    name = os.path.basename(path).lower()
    return os.path.splitext(name.removesuffix(".gz"))[1]
