"""Records: a line is a JSON object with a text and perhaps an id and a date."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document, Markup
from dedup.readers.fields import with_field
from dedup.readers.lines import changed, decode

LISTED_FIELDS: Final = 12  # names of fields that a message lists
ONE_ID: Final = "give every record its own, or name another field with --id-field"
NAME_ID: Final = "name another field with --id-field"
NAME_DATE: Final = "name another field with --date-field"

_DECODER: Final = json.JSONDecoder()
_ENDS: Final = ("\n", "\r\n", "")  # of a line
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document a record, in order; a record without an id is called FILE:LINE. A broken one does not end the file."""
    line_of: dict[str, int] = {}
    position = 0
    for number, line in enumerate(lines, 1):
        if 0 in line:  # a NUL: it is found faster as a number
            yield InputError(f"{file}:{number}", "binary data (a NUL byte)", "give one JSON object a line, in UTF-8")
            return
        try:
            record = _plainly(line)
            if record is None and (text := decode(line, file, number, position).strip()):
                record = _parse(text, f"{file}:{number}")
            if record is not None:
                document = record_document(record, file, number, config)
                if (first := line_of.setdefault(document.id, number)) != number:
                    raise id_taken(document.id, first, f"{file}:{number}", ONE_ID)
                yield document
        except InputError as error:
            yield error
        position += len(line)


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> bytes:
    """The file with other texts in the records of these ids: their other fields and all other lines keep their bytes."""
    return changed(data, file, lambda old: b"".join(_rewritten(old, file, texts, config)))


def _rewritten(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> Iterator[bytes]:
    records = (item for item in read(io.BytesIO(data), file, config) if isinstance(item, Document))
    text_of = {record.line: texts[record.id] for record in records if record.id in texts}
    for number, line in enumerate(io.BytesIO(data), 1):
        text = text_of.get(number)
        yield line if text is None else with_field(line.decode("utf-8"), config.text_field, text).encode("utf-8")


def _plainly(line: bytes) -> dict[str, Any] | None:
    """The record in a line that is nothing but a JSON object; None if the line has to be read with care."""
    try:
        text = line.decode("utf-8")
        record, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return record if type(record) is dict and text[end:] in _ENDS else None


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
