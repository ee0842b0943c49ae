"""A JSON object as it is written, with another text in one of its fields."""

from __future__ import annotations

import json
import re
from typing import Final

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def with_field(line: str, field: str, text: str) -> str:
    r"""Put a text into a field of the object that a line is; everything else in it stays as it is written.

    The new text has characters outside ASCII as \u if the old one had, and slashes as \/ if the old one had.
    Of several fields of one name the last one counts, as it does when JSON is read. Raises KeyError if there is none.
    """
    span = None
    place = _after_space(line, line.index("{") + 1)
    while line[place] != "}":
        name, place = _DECODER.raw_decode(line, place)
        first = _after_space(line, _after_space(line, place) + 1)  # the colon
        _, last = _DECODER.raw_decode(line, first)
        if name == field:
            span = first, last
        place = _after_space(line, last)
        if line[place] == ",":
            place = _after_space(line, place + 1)
    if span is None:
        raise KeyError(field)
    first, last = span
    return line[:first] + _written_like(line[first:last], text) + line[last:]


def _written_like(old: str, text: str) -> str:
    """A JSON string."""
    escaped = old.isascii() and not json.loads(old).isascii()
    new = json.dumps(text, ensure_ascii=escaped)
    if "\\/" in old:
        new = new.replace("/", "\\/")
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", new)


def _after_space(line: str, place: int) -> int:
    found = _SPACE.match(line, place)
    return found.end() if found else place
