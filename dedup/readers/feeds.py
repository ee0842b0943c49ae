"""RSS, Atom and RDF: an item is a document. feedparser says what it is, expat where it stands and how it is spelled."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from time import struct_time
from typing import Any, Final, NamedTuple
from xml.parsers.expat import ExpatError

from dedup.config import Config
from dedup.errors import InputError, UnknownFormatError
from dedup.model import Document, Markup
from dedup.readers.contents import Written, inside, read_content, write_content
from dedup.readers.limits import read_whole
from dedup.readers.lines import NEWLINE
from dedup.readers.outline import RANK, Content, Item, Outline, outline
from dedup.readers.records import id_taken
from dedup.readers.xml_text import decoded, encoded, encoding_of

# A feed that is not well-formed may have so many bytes, and so many letters without a break: to recover items takes
# quadratic time at worst.
LARGEST_BROKEN: Final = 1 << 19
LONGEST_WORD: Final = 2000
HTML_TYPES: Final = ("text/html", "application/xhtml+xml")
DATES: Final = ("published_parsed", "updated_parsed", "created_parsed")
ONE_ID: Final = "give every item an id of its own"

_LONG_WORD: Final = re.compile(rb"[\w.+-]{%d}" % LONGEST_WORD)
_ITEM_TAG: Final = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)


@dataclass(frozen=True)
class _Feed:
    """A feed as it was read.

    utf8: its bytes in UTF-8, None if they are of an encoding that nobody knows. mark, encoding: how it was before.
    outline: where its items stand. broken: why that is not known.
    """

    utf8: bytes | None
    mark: bytes
    encoding: str
    outline: Outline
    broken: ExpatError | None


class _Found(NamedTuple):
    """A document, and what spells its text where the feed is well-formed and spells it at one place."""

    document: Document
    content: Content | None
    written: Written | None


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document an item, in order, with the line the item begins in; one without content or summary has no text.

    A feed that is not well-formed gives what can be recovered of it. The second item of one id is an error.
    """
    data = read_whole(lines, file, config)
    if not data.strip():
        return
    feed = _opened(data, file, getattr(lines, "charset", None))
    for found in _find(feed, data, file, config):
        yield found if isinstance(found, InputError) else found.document


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> bytes:
    """The feed with other texts in the items of these ids, everything else byte for byte; it stays well-formed.

    Raises InputError if it is not well-formed, or if a text has no place in it.
    """
    feed = _opened(data, file)
    if feed.utf8 is None or feed.broken or encoded(feed.utf8.decode(), feed.mark, feed.encoding) != data:
        raise InputError(file, f"nothing can be put back into it ({feed.broken or 'its encoding'})", "mend it, as UTF-8")
    parts, end = [], 0
    for found in _find(feed, data, file, config):
        if isinstance(found, InputError) or texts.get(found.document.id, found.document.text) == found.document.text:
            continue
        if found.content is None or found.written is None:
            where = f"{file}:{found.document.line}"
            raise InputError(where, "its text has no place of its own in the feed", "leave this item as it is")
        start, stop = inside(found.content)
        parts += [feed.utf8[end:start], write_content(found.content, feed.utf8, found.written, texts[found.document.id])]
        end = stop
    changed = b"".join([*parts, feed.utf8[end:]])
    try:
        outline(changed, file)
    except ExpatError as error:
        raise InputError(file, f"it would not be well-formed any more ({error})", "give texts that are well-formed") from error
    return encoded(changed.decode(), feed.mark, feed.encoding)


def _opened(data: bytes, file: str, charset: str | None = None) -> _Feed:
    """Decode a feed and find its items. Raises InputError for what is no XML at all, or XML that could do harm."""
    mark, encoding = encoding_of(data, file, charset)
    text = decoded(data, mark, encoding)
    if (null := data.find(b"\0") if text is None else text.find("\0")) >= 0:
        raise InputError(file, f"binary data (a NUL at position {null})", "give an XML feed")
    if text is None:
        return _Feed(None, mark, encoding, Outline(), ExpatError(f"bytes that are not {encoding}"))
    utf8 = text.encode("utf-8", "replace")
    try:
        return _Feed(utf8, mark, encoding, outline(utf8, file), None)
    except ExpatError as error:
        return _Feed(utf8, mark, encoding, Outline(), error)


def _find(feed: _Feed, data: bytes, file: str, config: Config) -> Iterator[_Found | InputError]:
    """Each document in order, and what cannot be read."""
    entries = _entries(feed, data, file, config)
    line_of: dict[str, int] = {}
    for entry, item, line, last_line in _placed(entries, feed, data):
        found = _document(entry, item, feed.utf8 or b"", file, line, last_line)
        name = found.document.id
        if name in line_of:
            yield id_taken(name, line_of[name], f"{file}:{line}", ONE_ID)
        else:
            line_of[name] = line
            yield found


def _entries(feed: _Feed, data: bytes, file: str, config: Config) -> list[dict[str, Any]]:
    """What feedparser makes of a feed. It gets bytes, so it fetches and opens nothing. Raises InputError if that is nothing."""
    try:
        import feedparser
    except ImportError as error:
        advice = "run python -m pip install 'dedup[feeds]'"
        raise InputError(file, "a feed, and feedparser is not installed", advice) from error
    if feed.broken:
        _check_recoverable(data, feed.broken, file, config)
    headers = {} if feed.utf8 is None else {"content-type": "application/xml; charset=utf-8"}
    source = io.BytesIO(data if feed.utf8 is None else feed.outline.bare(feed.utf8))
    try:
        parsed = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # of any kind: it guesses at broken input
        raise InputError(file, f"no feed that feedparser can read ({error})", "see whether it is a feed") from error
    if not parsed.entries and feed.broken:
        where = f"{file}:{feed.broken.lineno}" if hasattr(feed.broken, "lineno") else file
        raise InputError(where, f"not well-formed XML ({feed.broken}), and no item could be recovered", "give a feed")
    if not parsed.entries and not parsed.version:
        raise UnknownFormatError(file, "XML that is no feed", "give RSS, Atom or RDF")
    return list(parsed.entries)


def _check_recoverable(data: bytes, broken: ExpatError, file: str, config: Config) -> None:
    """Refuse what could take long: much that is not well-formed, or endless words. Raises InputError."""
    limit = LARGEST_BROKEN if config.max_bytes is None else config.max_bytes
    if len(data) > limit:
        what = f"not well-formed XML ({broken}), and more than {limit:,} bytes to recover items from"
        raise InputError(file, what, "mend it, or raise the limit with --max-bytes")
    if word := _LONG_WORD.search(data):
        where = f"{file}:{data.count(NEWLINE, 0, word.start()) + 1}"
        what = f"not well-formed XML ({broken}), with more than {LONGEST_WORD:,} letters without a break"
        raise InputError(where, what, "mend it")


def _placed(entries: list[dict[str, Any]], feed: _Feed, data: bytes) -> Iterator[tuple[dict[str, Any], Item | None, int, int]]:
    """Entries with their items and first and last lines.

    Of a feed that is not well-formed with the lines of what looks like items, each up to the end of the feed.
    """
    if len(feed.outline.items) == len(entries):
        placed = zip(entries, feed.outline.items, strict=True)
        yield from ((entry, item, item.line, item.last_line) for entry, item in placed)
        return
    text = feed.utf8.decode() if feed.utf8 is not None else data.decode("latin-1")
    line, place, last_line = 1, 0, text.count("\n") + 1
    tags = (match.start() for match in _ITEM_TAG.finditer(text))
    for entry, start in zip_longest(entries, tags):
        if entry is None:
            return
        if start is not None:
            line, place = line + text.count("\n", place, start), start
        yield entry, None, line, last_line


def _document(entry: dict[str, Any], item: Item | None, utf8: bytes, file: str, line: int, last_line: int) -> _Found:
    # dict.get: the one of feedparser answers with other fields where one is missing.
    name = dict.get(entry, "id") or dict.get(entry, "link") or f"{file}:{line}"
    date = next((_iso(value) for field in DATES if (value := dict.get(entry, field))), None)
    content, written = _content(item, utf8)
    text, markup = (written.text, written.markup) if written else _recovered(entry)
    return _Found(Document(str(name), text, file, date, markup, line, last_line), content, written)


def _content(item: Item | None, utf8: bytes) -> tuple[Content | None, Written | None]:
    """The content of an item that goes before the others: the first that is full, else the first summary, with text in it."""
    for content in sorted(item.contents, key=lambda content: RANK[content.name]) if item else ():
        written = read_content(content, utf8)
        if written and written.text.strip():
            return content, written
    return None, None


def _recovered(entry: dict[str, Any]) -> tuple[str, Markup]:
    """What feedparser takes for the content of an item, else for its summary."""
    for content in [*dict.get(entry, "content", []), dict.get(entry, "summary_detail", {})]:
        value = dict.get(content, "value")
        if value and value.strip():
            return value, "html" if dict.get(content, "type") in HTML_TYPES else "plain"
    return dict.get(entry, "summary") or "", "plain"


def _iso(time: struct_time) -> str:
    return f"{time.tm_year:04}-{time.tm_mon:02}-{time.tm_mday:02}T{time.tm_hour:02}:{time.tm_min:02}:{time.tm_sec:02}Z"
