"""Text and Markdown: a file is one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers.lines import changed, decode

MARKDOWN: Final = (".md", ".markdown")
_MARK: Final = b"\xef\xbb\xbf"  # that UTF-8 may begin with


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


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> bytes:
    """The file with another text, if there is one for it; in its encoding, with the byte order mark it may have."""
    if file not in texts:
        return data
    return changed(data, file, lambda old: (_MARK if old.startswith(_MARK) else b"") + texts[file].encode("utf-8"))
