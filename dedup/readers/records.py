"""Records: a line is a JSON object with a text and perhaps an id and a date."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import count, repeat
from operator import attrgetter
from typing import Any, Final, cast

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document, Markup
from dedup.readers.fields import with_field
from dedup.readers.lines import NEWLINE, Lines, changed, decode, lines_in

LISTED_FIELDS: Final = 12  # names of fields that a message lists
ONE_ID: Final = "give every record its own, or name another field with --id-field"
NAME_ID: Final = "name another field with --id-field"
NAME_DATE: Final = "name another field with --date-field"

_DECODER: Final = json.JSONDecoder()
_MARK: Final = os.urandom(8).hex()  # between lines that are parsed together
_MARKED: Final = f',"{_MARK}",'.encode()
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document a record, in order; a record without an id is called FILE:LINE. A broken one does not end the file."""
    line_of: dict[str, int] = {}
    number, position = 1, 0  # of the first line and the first byte of a block
    for block in lines.blocks() if isinstance(lines, Lines) else lines:
        records = _plain_records(block)
        documents = _plain_documents(records, file, number, config) if records else []
        if documents and _are_named_apart(documents, number, line_of):
            yield from documents
        elif records:
            yield from (_document_or_error(record, file, line, line_of, config) for line, record in enumerate(records, number))
        elif (yield from _read_with_care(block, file, number, position, line_of, config)):
            return
        number += len(records) or max(1, block.count(NEWLINE))
        position += len(block)


def _read_with_care(
    block: bytes, file: str, first: int, position: int, line_of: dict[str, int], config: Config
) -> Generator[Document | InputError, None, bool]:
    """Yield what each line holds, and return whether the rest of the file must not be read. first: number of the first line."""
    for number, line in enumerate(io.BytesIO(block), first):
        if 0 in line:  # a NUL: it is found faster as a number
            yield InputError(f"{file}:{number}", "binary data (a NUL byte)", "give one JSON object a line, in UTF-8")
            return True
        try:
            if text := decode(line, file, number, position).strip():
                yield _document_or_error(_parse(text, f"{file}:{number}"), file, number, line_of, config)
        except InputError as error:
            yield error
        position += len(line)
    return False


def _document_or_error(
    record: Mapping[str, Any], file: str, number: int, line_of: dict[str, int], config: Config
) -> Document | InputError:
    """The document of a record in this line, which is noted; or why there is none: its fields, or the id of an earlier one."""
    try:
        document = record_document(record, file, number, config)
    except InputError as error:
        return error
    earlier = line_of.setdefault(document.id, number)
    return document if earlier == number else id_taken(document.id, earlier, f"{file}:{number}", ONE_ID)


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> bytes:
    """The file with other texts in the records of these ids: their other fields and all other lines keep their bytes."""
    return changed(data, file, lambda old: b"".join(_rewritten(old, file, texts, config)))


def _rewritten(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> Iterator[bytes]:
    records = (item for item in read(lines_in(data, file), file, config) if isinstance(item, Document))
    text_of = {record.line: texts[record.id] for record in records if record.id in texts}
    for number, line in enumerate(io.BytesIO(data), 1):
        text = text_of.get(number)
        yield line if text is None else with_field(line.decode("utf-8"), config.text_field, text).encode("utf-8")


def _plain_records(block: bytes) -> list[dict[str, Any]]:
    """The records of lines that are nothing but a JSON object each; none if a line has to be read with care.

    They are parsed as one list, with a mark between two lines that no file can know: so no line can run into the next one
    or pass for two.
    """
    lines = block.removesuffix(NEWLINE)
    marked = lines.replace(NEWLINE, _MARKED)
    try:
        items = _DECODER.decode(f"[{marked.decode('utf-8')}]")
    except (ValueError, RecursionError):
        return []
    records, marks = items[::2], items[1::2]
    breaks = (len(marked) - len(lines)) // (len(_MARKED) - len(NEWLINE))
    apart = marks == [_MARK] * breaks and len(records) == breaks + 1
    return records if apart and set(map(type, records)) == {dict} else []


def _plain_documents(records: Sequence[Mapping[str, Any]], file: str, first: int, config: Config) -> list[Document]:
    """The documents of records in lines from this one on; none if the fields of one of them do not make any."""
    columns: Iterator[list[Any]]
    columns = ([record.get(field) for record in records] for field in (config.text_field, config.id_field, config.date_field))
    texts, names, dates = columns
    numbers = range(first, first + len(records))
    if set(map(type, names)) == {int}:
        names = list(map(str, names))
    plain = {*map(type, texts), *map(type, names)} == {str} and {*map(type, dates)} <= {str, type(None)}
    if plain and "".join([*names, *filter(None, dates)]).isascii():
        return list(map(Document, names, texts, repeat(file), dates, repeat(cast(Markup, config.text_is)), numbers))
    try:
        return [record_document(record, file, number, config) for number, record in zip(numbers, records, strict=True)]
    except InputError:
        return []


def _are_named_apart(documents: Sequence[Document], first: int, line_of: dict[str, int]) -> bool:
    """Whether no two of these, or of those before, have one id; then their lines are noted. first: the line of the first."""
    names = dict(zip(map(attrgetter("id"), documents), count(first)))
    apart = len(names) == len(documents) and line_of.keys().isdisjoint(names)
    if apart:
        line_of.update(names)
    return apart


def record_document(record: Mapping[str, Any], file: str, number: int, config: Config) -> Document:
    """The document of a record that begins in this line. Raises InputError if its fields do not make one."""
    where = f"{file}:{number}"
    text = record.get(config.text_field)
    if type(text) is not str:
        raise _textless(record, config.text_field, where)
    name, date = record.get(config.id_field), record.get(config.date_field)
    name = where if name is None else as_label(name, config.id_field, where, NAME_ID)
    date = None if date is None else as_label(date, config.date_field, where, NAME_DATE)
    return Document(name, text, file, date, cast(Markup, config.text_is), number)


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(
            where, f"not JSON ({error.msg.removesuffix(' at')} at column {error.colno})", "give one JSON object a line"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(where, f"not JSON that can be read ({error})", "give one JSON object a line") from error
    if not isinstance(record, dict):
        raise InputError(where, f"{type_name(record)} instead of an object", "give one JSON object a line")
    return record


def _textless(record: Mapping[str, Any], field: str, where: str) -> InputError:
    if field in record:
        what = f"the field {field!r} is {type_name(record[field])}, not text"
    else:
        some = ", ".join(list(record)[:LISTED_FIELDS]) or "none"
        what = f"no field {field!r} (there are {some}{', …' if len(record) > LISTED_FIELDS else ''})"
    return InputError(where, what, "name the field that holds the text with --text-field")


def as_label(value: object, field: str, where: str, advice: str) -> str:
    """Text or whole number in a field, as text. Raises InputError with this place and advice."""
    if type(value) is str:
        return value if value.isascii() else _LONE_SURROGATE.sub("\ufffd", value)
    if type(value) is not int:
        what = f"the field {field!r} is {type_name(value)}, neither text nor a whole number"
        raise InputError(where, what, advice)
    return str(value)


def id_taken(name: str, first: int, where: str, advice: str) -> InputError:
    """Say that a document has the id of an earlier one, which stands in line `first`."""
    return InputError(where, f"the id {name!r} is that of line {first} too", advice)


def type_name(value: object) -> str:
    """What JSON calls the type of a value."""
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names[type(value)]
