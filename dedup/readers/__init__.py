"""Documents from files, folders and standard input: one module a format, each with `read(lines, file, config)`."""

from __future__ import annotations

import codecs
import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from itertools import chain
from typing import Final, TypeAlias, cast

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers.files import STANDARD_INPUT, find_files
from dedup.readers.lines import open_lines

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
    ".html": "dedup.readers.html",
    ".htm": "dedup.readers.html",
    ".xhtml": "dedup.readers.html",
}
TEXT: Final = READERS[".txt"]
RECORDS: Final = READERS[".jsonl"]
HTML: Final = READERS[".html"]
HEAD: Final = 1024  # bytes in which a page must begin as one

_NOT_SPACE: Final = re.compile(r"\S")
_PAGE: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<\?xml[^>]*\?>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)


class Source:
    """The documents of `paths`: files, folders (with all they hold) and `-` for standard input.

    Each iteration reads anew, file by file in the order of their names, whatever the order of `paths`. What cannot be read
    does not end it: afterwards `files` names those that were found, `errors` says what and why, `empty` names the files that
    were read and had no text in them, and `ignored` counts the files in folders that were left out.
    """

    def __init__(self, paths: Iterable[str], config: Config, standard_input: bytes | None = None) -> None:
        self.paths = list(paths)
        self.config = config
        self.standard_input = standard_input  # what was read from there, if somebody else needs it too
        self.files: list[str] = []
        self.errors: list[InputError] = []
        self.empty: list[str] = []
        self.ignored = 0

    def __iter__(self) -> Iterator[Document]:
        found = find_files(self.paths, lambda path: _suffix(path) in READERS)
        self.files = found.files
        self.errors = list(found.errors)
        self.empty = []
        self.ignored = found.ignored
        for file in found.files:
            before = len(self.errors)
            has_text = False
            for document in self._documents(file):
                has_text = has_text or bool(_NOT_SPACE.search(document.text))
                yield document
            if not has_text and len(self.errors) == before:
                self.empty.append(file)

    def _documents(self, file: str) -> Iterator[Document]:
        try:
            with open_lines(file, self.standard_input if file == STANDARD_INPUT else None) as lines:
                read, lines = _reader(file, lines)
                for item in read(lines, file, self.config):
                    if isinstance(item, InputError):
                        self.errors.append(item)
                    else:
                        yield item
        except InputError as error:
            self.errors.append(error)
        except (OSError, EOFError, zlib.error) as error:
            what = getattr(error, "strerror", None) or str(error)
            self.errors.append(InputError(file, f"cannot be read ({what})", "check that the file is whole and may be read"))


def format_of(file: str, lines: Iterable[bytes], config: Config) -> str:
    """The name of the module that reads it: told by its suffix, else by its lines, in UTF-8."""
    return READERS.get(_suffix(file)) or _sniff(iter(lines))[0]


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


def _reader(file: str, lines: Iterable[bytes]) -> tuple[Read, Iterable[bytes]]:
    """Choose by suffix, else by content; the lines come back because finding out may have taken some."""
    module = READERS.get(_suffix(file))
    if module is None:
        module, lines = _sniff(iter(lines))
    return load_reader(module), lines


def _sniff(lines: Iterator[bytes]) -> tuple[str, Iterable[bytes]]:
    """Take for records what begins with a line (blank ones aside) that is a JSON object, for HTML what begins like a page."""
    taken: list[bytes] = []
    begin, size = b"", 0
    for line in lines:
        taken.append(line)
        size += len(line)
        begin = begin or line.strip().removeprefix(codecs.BOM_UTF8)
        if begin and not (begin.startswith(b"<") and size < HEAD):
            break
    if _PAGE.match(b"".join(taken)):
        return HTML, chain(taken, lines)
    try:
        first = json.loads(taken[-1].decode("utf-8-sig")) if taken else None
    except (ValueError, RecursionError):
        first = None
    return RECORDS if isinstance(first, dict) else TEXT, chain(taken, lines)
