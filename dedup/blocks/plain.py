"""Blocks of plain text: between blank lines, or one a line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from dedup.blocks import Block
from dedup.blocks.lines import SOFT_HYPHEN, only_line, stripped
from dedup.blocks.removal import Span, without_spans
from dedup.scripts import is_unspaced
from dedup.sentences import ends_sentence

WIDEST_WRAP: Final = 160  # columns; no editor wraps lines later than this

_PARAGRAPH_BREAK: Final = re.compile("[\f\u2029]")  # a new page begins a paragraph
_LINE_BREAK: Final = re.compile("[\v\x85\u2028]")
_ANY_BREAK: Final = re.compile("[\f\v\x85\u2028\u2029]")
_PIECE_BREAK: Final = re.compile("\r\n|[\r\n\f\v\x85\u2028\u2029]")
_UNSPACED_PUNCTUATION: Final = frozenset(map(chr, [*range(0x3001, 0x3040), *range(0xFF01, 0xFF10), *range(0xFF1A, 0xFF20)]))

Line = tuple[int, str]  # number, text without white space around it


def find_blocks(text: str, rule: str) -> list[Block]:
    """`auto` takes one block a line where there is no blank line and the lines are whole (see `one_a_line`)."""
    if only := only_line(text):
        return [Block(1, only)]
    paragraphs = _paragraphs(_lines(text), rule)
    return [Block(lines[0][0], join_lines([line for _, line in lines]), last_line=lines[-1][0]) for lines in paragraphs]


def without_blocks(text: str, rule: str, positions: Collection[int]) -> str:
    """The same text without the blocks of these numbers, nor the blank lines that would be double; rule as in `find_blocks`."""
    pieces = list(_pieces(text))
    numbered = [(number, stripped(text[first:last])) for number, (first, last) in enumerate(pieces)]
    blocks = enumerate(_paragraphs(numbered, rule))
    gone = [(pieces[lines[0][0]][0], pieces[lines[-1][0]][1]) for position, lines in blocks if position in positions]
    return without_spans(text, gone, apart=False)


def one_a_line(lines: Sequence[str]) -> bool:
    """Whether lines without a blank one between them are a paragraph each, rather than one hard-wrapped paragraph.

    A whole line ends a sentence, or is wider than lines are wrapped. At least half must be whole (a title is not). Lines
    all filled up to one width are wrapped even then, unless every one but the last is whole: sentences do end there by chance.
    """
    whole = [ends_sentence(line) or len(line) > WIDEST_WRAP for line in lines]
    if 2 * sum(whole) < len(lines):
        return False
    return all(whole[:-1]) or not _filled(lines)


def join_lines(lines: Sequence[str]) -> str:
    """One line of several: a space between them, but none where words have no spaces, nor for a soft hyphen."""
    joined = list(lines[:1])
    for before, line in pairwise(lines):
        if before.endswith(SOFT_HYPHEN):
            joined[-1] = before[:-1]
        elif not (_needs_no_space(before[-1]) and _needs_no_space(line[0])):
            joined.append(" ")
        joined.append(line)
    return "".join(joined)


def _paragraphs(lines: Sequence[Line], rule: str) -> list[list[Line]]:
    """The lines of each block."""
    paragraphs = [list(group) for is_text, group in groupby(lines, key=_is_text) if is_text]
    if rule == "line" or (rule == "auto" and len(paragraphs) == 1 and one_a_line([line for _, line in paragraphs[0]])):
        return [[line] for paragraph in paragraphs for line in paragraph]
    return paragraphs


def _is_text(line: Line) -> bool:
    return line[1] != ""


def _lines(text: str) -> list[Line]:
    physical = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not _ANY_BREAK.search(text):
        return [(number, stripped(line)) for number, line in enumerate(physical, 1)]
    lines = []
    for number, line in enumerate(physical, 1):
        for index, part in enumerate(_PARAGRAPH_BREAK.split(line)):
            if index > 0:
                lines.append((number, ""))
            lines.extend((number, stripped(piece)) for piece in _LINE_BREAK.split(part))
    return lines


def _pieces(text: str) -> Iterator[Span]:
    """Yield the spans of what `_lines` has, without the breaks between them."""
    first = 0
    for found in _PIECE_BREAK.finditer(text):
        yield first, found.start()
        if _PARAGRAPH_BREAK.match(found[0]):
            yield found.start(), found.start()
        first = found.end()
    yield first, len(text)


def _filled(lines: Sequence[str]) -> bool:
    """Whether no line but the last had room for the first word of the next."""
    width = max(map(len, lines))
    if width > WIDEST_WRAP:
        return False
    return all(len(line) + 1 + _first_piece(after) > width for line, after in pairwise(lines))


def _first_piece(line: str) -> int:
    """Characters that cannot be parted at its beginning: a word, or an ideograph and the punctuation it keeps."""
    return 2 if _needs_no_space(line[0]) else len(line.split(maxsplit=1)[0])


def _needs_no_space(character: str) -> bool:
    return character in _UNSPACED_PUNCTUATION or is_unspaced(character)
