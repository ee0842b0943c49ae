"""CSV: a row is a record, and the first row names the fields."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers.lines import decode, decode_marked, encode_marked
from dedup.readers.records import ONE_ID, id_taken, record_document

DELIMITERS: Final = (",", ";", "\t")
ADVICE: Final = "give rows of as many cells as the first one has, with quotation marks around cells that need them"

LONGEST_CELL: Final = (1 << 31) - 1  # characters; files have a limit of their own


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document a row, with the line the row begins in; an empty id or date is none. A broken row does not end the file.

    Cells are parted by a comma, a semicolon or a tab: by the one that makes the text field a cell of the first row.
    """
    try:
        for _, _, item in _documents(_decoded(lines, file), file, config):
            yield item
    except InputError as error:  # what cannot be decoded ends a file: nobody knows where the next row begins
        yield error


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config) -> bytes:
    """The file with other texts in the documents of these ids; rows without one stay byte for byte.

    A row with another text keeps its cells and its end of line, and has quotation marks where the old row had any or the
    new one needs them.
    """
    source = list(io.StringIO(decode_marked(data, file), newline=""))
    header = next((line for line in source if line.strip()), "")
    parts: list[str] = []
    end = 0
    for first, last, item in _documents(iter(source), file, config):
        if isinstance(item, Document) and item.id in texts:
            parts += source[end : first - 1]
            parts.append(_respelled("".join(source[first - 1 : last]), header, texts[item.id], config))
            end = last
    return encode_marked("".join(parts + source[end:]), data)


def _decoded(lines: Iterable[bytes], file: str) -> Iterator[str]:
    """Lines of text with their ends, which may be CR too. Raises InputError."""
    position = 0
    for number, line in enumerate(lines, 1):
        if b"\0" in line:
            raise InputError(f"{file}:{number}", "binary data (a NUL byte)", "give CSV, in UTF-8 or marked UTF-16")
        text = decode(line, file, number, position)
        position += len(line)
        yield from io.StringIO(text, newline="") if "\r" in text else (text,)


def _documents(lines: Iterator[str], file: str, config: Config) -> Iterator[tuple[int, int, Document | InputError]]:
    """The first and last line of each row below the header, and its document or what is wrong with it."""
    csv.field_size_limit(LONGEST_CELL)
    blank, header_line = _first_text(lines)
    if not header_line:
        return
    delimiter = _delimiter(header_line, config.text_field)
    reader = csv.reader(chain([header_line], lines), delimiter=delimiter, strict=True)
    fields: list[str] | None = None
    line_of: dict[str, int] = {}
    while True:
        first = blank + reader.line_num + 1
        try:
            cells = next(reader)
            if cells and fields is None:
                fields = cells
            elif cells and fields is not None:
                document = record_document(_record(fields, cells, f"{file}:{first}", config), file, first, config)
                if document.id in line_of:
                    raise id_taken(document.id, line_of[document.id], f"{file}:{first}", ONE_ID)
                line_of[document.id] = first
                last = blank + reader.line_num
                yield first, last, document if last == first else replace(document, last_line=last)
        except StopIteration:
            return
        except csv.Error as error:
            yield first, blank + reader.line_num, InputError(f"{file}:{first}", f"not CSV ({error})", ADVICE)
        except InputError as error:
            if error.where != f"{file}:{first}":
                raise  # of a line that could not be decoded
            yield first, blank + reader.line_num, error


def _first_text(lines: Iterator[str]) -> tuple[int, str]:
    """The first line that is not blank, and how many blank ones stand above it."""
    for blank, line in enumerate(lines):
        if line.strip():
            return blank, line
    return 0, ""


def _delimiter(header: str, text_field: str) -> str:
    """The one that makes the text field a cell of the header, else the one that makes most cells."""

    def fitness(delimiter: str) -> tuple[bool, int]:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return text_field in cells, len(cells)

    return max(DELIMITERS, key=fitness)


def _record(fields: list[str], cells: list[str], where: str, config: Config) -> dict[str, str]:
    """A row by the names of its fields, without an empty id or date. Raises InputError if it has other cells than fields."""
    if len(cells) < len(fields) or any(cells[len(fields) :]):
        raise InputError(where, f"{len(cells)} cells in the row, {len(fields)} fields in the header", ADVICE)
    record = dict(zip(fields, cells, strict=False))
    return {name: cell for name, cell in record.items() if cell or name not in (config.id_field, config.date_field)}


def _respelled(row: str, header: str, text: str, config: Config) -> str:
    """A row with another text in its cell; all other cells as they were."""
    delimiter = _delimiter(header, config.text_field)
    fields = next(csv.reader([header], delimiter=delimiter))
    cell = re.compile(rf'"(?:[^"]|"")*"|[^{delimiter}\r\n]*')
    start = end = 0
    for number in range(len(fields) - fields[::-1].index(config.text_field)):  # of a name that comes twice the last counts
        start = end + (number > 0)
        match = cell.match(row, start)
        end = match.end() if match else start
    if row.startswith('"', start) or any(mark in text for mark in (delimiter, '"', "\r", "\n")):
        text = '"' + text.replace('"', '""') + '"'
    return row[:start] + text + row[end:]
