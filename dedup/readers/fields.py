"""A JSON object as it is written, with another text in one of its fields."""

from __future__ import annotations

import json
import re
from typing import Final

from dedup.readers.spelling import respelled_json

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*")


def with_field(line: str, field: str, text: str) -> str:
    """Put a text into a field of the object that a line is; everything else in it stays as it is written.

    So does what the text has of the old one, and what is new is written like that.
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
    return f"{line[: first + 1]}{respelled_json(line[first + 1 : last - 1], text)}{line[last - 1 :]}"


def _after_space(line: str, place: int) -> int:
    found = _SPACE.match(line, place)
    return found.end() if found else place
