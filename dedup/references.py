"""`FILE`, `FILE:LINE`, `FILE#PARAGRAPH` and `FILE#DOCUMENT#PARAGRAPH` → the paragraphs they stand for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dedup.blocks import Block, block_finder, numbered
from dedup.config import STANDARD_INPUT, Config
from dedup.errors import InputError
from dedup.model import Document, Place
from dedup.paragraphs import without_lone_surrogates
from dedup.readers import Source

MARK: Final = "#"
LINE_MARK: Final = ":"
LONGEST_LINE_NUMBER: Final = 12  # digits
NAMED: Final = 5  # documents that a message lists


@dataclass(frozen=True)
class _Reference:
    """The parts of a reference; what is not named is None."""

    text: str
    file: str
    document: str | None = None
    paragraph: str | None = None
    line: int | None = None


def find_places(references: Sequence[str], config: Config) -> list[Place]:
    """Read the paragraphs that references stand for, each file once. Raises InputError.

    Paragraphs are counted from 0 among all blocks, as reports count them; a line is one that a paragraph begins in, or the
    line of a record. A reference that names neither stands for all of its document as one paragraph, which must not be empty.
    """
    parsed = [_parsed(reference) for reference in references]
    documents = {file: _read(file, config) for file in dict.fromkeys(reference.file for reference in parsed)}
    return [_place(reference, documents[reference.file], config) for reference in parsed]


def _parsed(text: str) -> _Reference:
    """Part a reference where the longest name of a file ends: names and ids may have marks in them."""
    marks = [place for place, character in enumerate(text) if character == MARK]
    for end in (len(text), *reversed(marks)):
        file, rest = text[:end], text[end + 1 :]
        if file == STANDARD_INPUT or os.path.exists(file):
            document, mark, paragraph = rest.rpartition(MARK)
            return _Reference(text, file, document if mark else None, paragraph if end < len(text) else None)
    file, _, line = text.rpartition(LINE_MARK)
    if os.path.isfile(file) and line.isdecimal() and len(line) <= LONGEST_LINE_NUMBER:
        return _Reference(text, file, line=int(line))
    return _Reference(text, text)


def _read(file: str, config: Config) -> tuple[list[Document], list[InputError]]:
    if os.path.isdir(file):
        raise InputError(file, "a folder has no paragraph of its own", "name a file in it")
    source = Source([file], config)
    return list(source), source.errors


def _place(reference: _Reference, read: tuple[list[Document], list[InputError]], config: Config) -> Place:
    document = _document(reference, *read)
    text, _ = without_lone_surrogates(document.text)
    blocks = numbered(block_finder(document.markup)(text, config.paragraphs))
    if reference.line is not None:
        return _place_in_line(reference, document, blocks)
    if reference.paragraph is None:
        line = document.line or (blocks[0].line if blocks else 1)
        whole = text if document.markup == "plain" else "\n".join(block.text for block in blocks)
        if not whole.strip():
            raise InputError(reference.text, "no text in it", "name a file with text in it")
        return Place(document.file, document.id, 0, line, whole, document.date)
    position = next((number for number in range(len(blocks)) if str(number) == reference.paragraph), None)
    if position is None:
        there = f"it has 0 to {len(blocks) - 1}" if blocks else "it has none"
        raise InputError(
            reference.text, f"no paragraph {reference.paragraph!r} ({there})", "count blocks from 0, as reports do"
        )
    line = document.line or blocks[position].line
    return Place(document.file, document.id, position, line, blocks[position].text, document.date)


def _place_in_line(reference: _Reference, document: Document, blocks: Sequence[Block]) -> Place:
    """The paragraph that begins in a line of its file, or the only one of the record in that line."""
    lines = [document.line or block.line for block in blocks]
    found = [number for number, line in enumerate(lines) if line == reference.line]
    if len(found) == 1:
        return Place(document.file, document.id, found[0], lines[found[0]], blocks[found[0]].text, document.date)
    if found:
        advice = f"name one as FILE{MARK}{document.id}{MARK}PARAGRAPH, counted from 0"
        raise InputError(reference.text, f"{len(found)} paragraphs in this line", advice)
    raise InputError(reference.text, "no paragraph begins in this line", "name the line that a report names")


def _document(reference: _Reference, documents: Sequence[Document], errors: Sequence[InputError]) -> Document:
    """Find the one that is meant. What cannot be read in a file matters unless another document of it is named."""
    wanted = [document for document in documents if _may_mean(reference, document)]
    if errors and (reference.document is None or not wanted):
        raise errors[0]
    if len(wanted) == 1:
        return wanted[0]
    if not wanted:
        what = f"no document {reference.document!r}" if reference.document is not None else "no document"
        raise InputError(reference.text, f"{what} in {reference.file}", f"name one that is there{_named(documents)}")
    advice = f"name one as FILE{MARK}DOCUMENT{MARK}PARAGRAPH{_named(documents)}"
    raise InputError(reference.text, f"{len(documents)} documents in {reference.file}", advice)


def _may_mean(reference: _Reference, document: Document) -> bool:
    if reference.line is not None:
        return document.line in (None, reference.line)
    return reference.document in (None, document.id)


def _named(documents: Sequence[Document]) -> str:
    names = [document.id for document in documents[:NAMED]] + ["…"] * (len(documents) > NAMED)
    return f" ({', '.join(names)})" if names else ""
