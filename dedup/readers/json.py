"""JSON: a list of records, or a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, NamedTuple

from dedup.config import Config
from dedup.errors import InputError, UnknownFormatError
from dedup.model import Document
from dedup.readers.limits import read_whole
from dedup.readers.lines import decode_marked, encode_marked
from dedup.readers.places import LineCounter, Value, after_space, expect_end, list_items, object_members
from dedup.readers.records import as_label, id_taken, record_document, type_name
from dedup.readers.spelling import respelled_json

VERSION: Final = re.compile(r"https?://(www\.)?jsonfeed\.org/version/1(\.1)?/?$")
CONTENT: Final[dict[str, Literal["html", "plain"]]] = {"content_html": "html", "content_text": "plain", "summary": "plain"}
DATES: Final = ("date_published", "date_modified")
KNOWN: Final = "give a list of records, [{…}, {…}], or a JSON Feed 1.0 or 1.1; records that are a line each are .jsonl"
SPECIFIED: Final = "see https://www.jsonfeed.org/version/1.1/ for what a feed holds"
ONE_ID: Final = "give every one an id of its own"


class _Found(NamedTuple):
    """A document, where its record or item stands, and the field that holds its text."""

    item: Value
    field: str
    document: Document


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document a record or item, in order, with the line it begins in. A broken one does not end the file."""
    text = _text(read_whole(lines, file, config), file)
    for found in _find(text, file, config):
        yield found if isinstance(found, InputError) else found.document


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> bytes:
    """The file with other texts in the documents of these ids, everything else byte for byte. Raises InputError."""
    text = _text(data, file)
    parts, end = [], 0
    for found in _find(text, file, config):
        if isinstance(found, _Found) and found.document.id in texts and found.field:
            value = object_members(text, found.item.start, file)[0][found.field]
            literal = text[value.start + 1 : value.end - 1]
            parts += [text[end : value.start + 1], respelled_json(literal, texts[found.document.id])]
            end = value.end - 1
    return encode_marked("".join([*parts, text[end:]]), data)


def _text(data: bytes, file: str) -> str:
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(file, f"binary data (a NUL at byte {data.index(0)})", "give JSON, in UTF-8")
    return decode_marked(data, file)


def _find(text: str, file: str, config: Config) -> Iterator[_Found | InputError]:
    """Each document in order, and what cannot be read."""
    start = after_space(text, 0)
    if start == len(text):
        return
    line_of: dict[str, int] = {}
    lines = LineCounter(text)
    found_by = _feed_item if text.startswith("{", start) else _record
    for item in _items(text, start, file):
        line = lines.line_at(item.start)
        try:
            found = found_by(item, file, line, config)
            if found.document.id in line_of:
                raise id_taken(found.document.id, line_of[found.document.id], f"{file}:{line}", ONE_ID)
            line_of[found.document.id] = line
            yield found._replace(document=replace(found.document, last_line=lines.line_at(item.end)))
        except InputError as error:
            yield error


def _items(text: str, start: int, file: str) -> Iterator[Value]:
    """The records of a list, or the items of a feed. Raises InputError where it is broken."""
    if text.startswith("[", start):
        end = yield from list_items(text, start, file)
        expect_end(text, end, file)
        return
    if not text.startswith("{", start):
        raise UnknownFormatError(file, "neither a list nor an object of JSON", KNOWN)
    members, end = object_members(text, start, file)
    expect_end(text, end, file)
    version = members["version"].value if "version" in members else None
    if not (isinstance(version, str) and VERSION.match(version)):
        raise UnknownFormatError(file, "an object that is no JSON Feed (by its version)", KNOWN)
    if "items" not in members or type(members["items"].value) is not list:
        raise InputError(file, "a JSON Feed without a list of items", SPECIFIED)
    yield from list_items(text, members["items"].start, file)


def _record(item: Value, file: str, line: int, config: Config) -> _Found:
    if type(item.value) is not dict:
        raise InputError(f"{file}:{line}", f"{type_name(item.value)} instead of an object", "give a list of objects")
    return _Found(item, config.text_field, record_document(item.value, file, line, config))


def _feed_item(item: Value, file: str, line: int, config: Config) -> _Found:
    """Take the HTML of an item before its text, and either before its summary; an item may have none of them."""
    where = f"{file}:{line}"
    if type(item.value) is not dict:
        raise InputError(where, f"an item that is {type_name(item.value)}, not an object", SPECIFIED)
    given: dict[str, Any] = {name: value for name, value in item.value.items() if value not in (None, "")}
    name = next((as_label(given[field], field, where, SPECIFIED) for field in ("id", "url") if field in given), where)
    date = next((as_label(given[field], field, where, SPECIFIED) for field in DATES if field in given), None)
    field = next((field for field in CONTENT if field in given), "")
    content = given.get(field, "")
    if type(content) is not str:
        raise InputError(where, f"the field {field!r} is {type_name(content)}, not text", SPECIFIED)
    return _Found(item, field, Document(name, content, file, date, CONTENT.get(field, "plain"), line))
