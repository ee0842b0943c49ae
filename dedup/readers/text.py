"""Text and Markdown: a file is one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers.lines import decode

MARKDOWN: Final = (".md", ".markdown")


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document with the name of its file. An empty file is one without paragraphs."""
    data = b"".join(lines)
    null = data.find(b"\0")
    if null >= 0:
        yield InputError(file, f"binary data (a NUL at byte {null})", "give text, in UTF-8 or UTF-16 with a byte order mark")
        return
    is_markdown = file.lower().removesuffix(".gz").endswith(MARKDOWN)
    try:
        yield Document(id=file, text=decode(data, file), file=file, markup="markdown" if is_markdown else "plain")
    except InputError as error:
        yield error
