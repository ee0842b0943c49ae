"""Records: a line is a JSON object with a text and perhaps an id and a date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers.lines import decode

LISTED_FIELDS: Final = 12  # names of fields that a message lists

_DECODER: Final = json.JSONDecoder()
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document a record, in order; a record without an id is called FILE:LINE. A broken one does not end the file."""
    line_of: dict[str, int] = {}
    position = 0
    for number, line in enumerate(lines, 1):
        if b"\0" in line:
            yield InputError(f"{file}:{number}", "binary data (a NUL byte)", "give one JSON object a line, in UTF-8")
            return
        try:
            text = decode(line, file, number, position).strip()
            if text:
                document = _document(text, file, number, config)
                _claim(document.id, number, file, line_of)
                yield document
        except InputError as error:
            yield error
        position += len(line)


def _document(line: str, file: str, number: int, config: Config) -> Document:
    where = f"{file}:{number}"
    record = _parse(line, where)
    if config.text_field not in record:
        some = ", ".join(list(record)[:LISTED_FIELDS]) or "none"
        what = f"no field {config.text_field!r} (there are {some}{', …' if len(record) > LISTED_FIELDS else ''})"
        raise InputError(where, what, "name the field that holds the text with --text-field")
    text = record[config.text_field]
    if not isinstance(text, str):
        what = f"the field {config.text_field!r} is {_type_name(text)}, not text"
        raise InputError(where, what, "name the field that holds the text with --text-field")
    name = _label(record, config.id_field, "--id-field", where)
    date = _label(record, config.date_field, "--date-field", where)
    return Document(id=where if name is None else name, text=text, file=file, date=date, line=number)


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        record = _decoded(line)
    except json.JSONDecodeError as error:
        raise InputError(where, f"not JSON ({error.msg} at column {error.colno})", "give one JSON object a line") from error
    except (ValueError, RecursionError) as error:
        raise InputError(where, f"not JSON that can be read ({error})", "give one JSON object a line") from error
    if not isinstance(record, dict):
        raise InputError(where, f"{_type_name(record)} instead of an object", "give one JSON object a line")
    return record


def _decoded(line: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Give what `json.loads` does, which looks for white space around the value too and knows what is wrong."""
    try:
        value, end = _DECODER.raw_decode(line)
    except ValueError:
        end = -1
    return value if end == len(line) else json.loads(line)


def _label(record: dict[str, Any], field: str, option: str, where: str) -> str | None:
    """Text or whole number in a field, as text; None if it is not there or null."""
    value = record.get(field)
    if value is None:
        return None
    if type(value) is str:
        return _whole(value)
    if isinstance(value, bool) or not isinstance(value, int):
        what = f"the field {field!r} is {_type_name(value)}, neither text nor a whole number"
        raise InputError(where, what, f"name another field with {option}")
    return _whole(str(value))


def _claim(name: str, number: int, file: str, line_of: dict[str, int]) -> None:
    first = line_of.setdefault(name, number)
    if first != number:
        what = f"the id {name!r} is that of line {first} too"
        raise InputError(f"{file}:{number}", what, "give every record its own, or name another field with --id-field")


def _whole(text: str) -> str:
    """Replace surrogates that JSON escapes left alone: they are no characters, and no output could hold them."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def _type_name(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names[type(value)]
