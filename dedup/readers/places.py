"""Where the values of a JSON text stand in it: the standard decoder, one value at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import Any, Final, NamedTuple

from dedup.errors import InputError

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*")


class Value(NamedTuple):
    """A value and the characters it is spelled with, from `start` up to `end`."""

    start: int
    end: int
    value: Any


class LineCounter:
    """Lines of places that only go forward."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._line = 1

    def line_at(self, place: int) -> int:
        """1-based line of a place that is not before the last one asked for."""
        self._line += self._text.count("\n", self._place, place)
        self._place = place
        return self._line


def after_space(text: str, place: int) -> int:
    """The next place that holds no white space."""
    match = _SPACE.match(text, place)
    return match.end() if match else place


def list_items(text: str, start: int, file: str) -> Generator[Value, None, int]:
    """The items of the list that begins at a place, one after the other; returns where it ends. Raises InputError."""
    place = after_space(text, start + 1)
    while not text.startswith("]", place):
        item = _value(text, place, file)
        yield item
        place = _next(text, item.end, "]", file)
    return place + 1


def object_members(text: str, start: int, file: str) -> tuple[dict[str, Value], int]:
    """The members of the object that begins at a place, and where it ends; of a name that comes twice the last.

    Raises InputError.
    """
    members = {}
    place = after_space(text, start + 1)
    while not text.startswith("}", place):
        if not text.startswith('"', place):
            raise _broken(text, place, "Expecting property name enclosed in double quotes", file)
        name = _value(text, place, file)
        colon = after_space(text, name.end)
        if not text.startswith(":", colon):
            raise _broken(text, colon, "Expecting ':' delimiter", file)
        members[name.value] = value = _value(text, after_space(text, colon + 1), file)
        place = _next(text, value.end, "}", file)
    return members, place + 1


def expect_end(text: str, place: int, file: str) -> None:
    """Raise InputError if more than white space stands behind a place."""
    place = after_space(text, place)
    if place < len(text):
        raise _broken(text, place, "Extra data", file)


def _next(text: str, end: int, closing: str, file: str) -> int:
    """The place of what follows a value: the next one behind a comma, or the closing bracket."""
    place = after_space(text, end)
    if text.startswith(closing, place):
        return place
    if not text.startswith(",", place):
        raise _broken(text, place, "Expecting ',' delimiter", file)
    place = after_space(text, place + 1)
    if text.startswith(closing, place):
        raise _broken(text, place, "Illegal trailing comma before it ends", file)
    return place


def _value(text: str, place: int, file: str) -> Value:
    try:
        value, end = _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise _broken(text, error.pos, error.msg.removesuffix(" at"), file) from error
    except (ValueError, RecursionError) as error:
        raise _broken(text, place, str(error), file) from error
    return Value(place, end, value)


def _broken(text: str, place: int, what: str, file: str) -> InputError:
    line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    return InputError(
        f"{file}:{line}",
        f"not JSON ({what} at column {column})",
        "give JSON; what stands before it was read",
    )
