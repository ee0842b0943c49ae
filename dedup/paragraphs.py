"""Documents → paragraphs with their place and line."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.blocks import DROPPED, IGNORE, Block, FindBlocks, block_finder, numbered
from dedup.blocks.lines import only_line
from dedup.config import Config
from dedup.errors import InputError
from dedup.links import address_kind, may_hold_address, without_urls
from dedup.model import Document, Paragraphs, Silence
from dedup.progress import Progress
from dedup.sentences import ends_sentence
from dedup.words import has_words

LONGEST_HEADING: Final = 15  # words
READ: Final = 16  # documents read between two words on the progress
REACH_OF_HEADING: Final = 2  # a heading and one below it may stand over the same text

Column = NDArray[np.int32]

_NOUGHT: Final = array("i", [0])
_ONE: Final = array("i", [1])
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# Of Latin texts: letters and digits; and nearly all else, but no mark with which an address begins.
_OF_WORDS: Final = r"[0-9A-Za-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f]"
_BETWEEN: Final = r"[\0-/;=-@\\-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u2010-\u2027\u2039\u203a\u20ac]"
_GOES_ON: Final = frozenset(",;:，、；：،؛")


def split(documents: Iterable[Document], config: Config) -> Paragraphs:
    """Every block worth comparing, ordered by (file, document id, position); the others are counted by reason.

    (file, id) must be unique. `config.paragraphs` rules plain text only. Line ends are CR, LF or CR LF: all give the same.
    Surrogates without their other half are no characters, and no output could hold them: they become U+FFFD, and are counted.
    """
    ordered = sorted(documents, key=attrgetter("id"))  # by one key after the other: no pair of keys has to be made
    ordered.sort(key=lambda document: document.file or "")
    only = _plain_lines(ordered, config.min_words)
    finders: dict[str, FindBlocks] = {}
    skipped: Counter[str] = Counter()
    kept = _Kept()
    silences: list[Silence] = []
    replaced = done = 0
    for row in (row for row, line in enumerate(only) if not line):
        kept.add_lines(done, only[done:row])
        done = row + 1
        document = ordered[row]
        text, broken = without_lone_surrogates(document.text)
        replaced += broken
        find_blocks = finders.get(document.markup) or finders.setdefault(document.markup, block_finder(document.markup))
        found = find_blocks(text, config.paragraphs)
        blocks, compared = numbered(found), {}
        for position, reason in enumerate(skip_reasons(blocks, config.min_words)):
            if reason is None:
                compared[position] = len(kept.texts)
                kept.add(row, position, blocks[position])
            else:
                skipped[reason] += 1
        if len(blocks) < len(found):
            skipped.update(block.kind for block in found if block.kind in DROPPED)
            silences += _silences(found, row, document.line, compared)
    kept.add_lines(done, only[done:])
    return Paragraphs(kept.texts, *kept.columns(ordered), ordered, dict(sorted(skipped.items())), replaced, silences)


class _Kept:
    """The blocks that are worth comparing: their texts, and where each stands, as columns."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._rows, self._positions, self._lines, self._last_lines = array("i"), array("i"), array("i"), array("i")

    def add(self, row: int, position: int, block: Block) -> None:
        """One block. row: of its document. position: among the blocks of that."""
        self.texts.append(block.text)
        self._rows.append(row)
        self._positions.append(position)
        self._lines.append(block.line)
        self._last_lines.append(block.last_line or block.line)

    def add_lines(self, row: int, texts: Sequence[str]) -> None:
        """The only lines of documents that stand in a row, from this one on."""
        if texts:
            self.texts += texts
            self._rows.extend(range(row, row + len(texts)))
            self._positions.extend(_NOUGHT * len(texts))
            self._lines.extend(_ONE * len(texts))
            self._last_lines.extend(_ONE * len(texts))

    def columns(self, documents: Sequence[Document]) -> tuple[Column, Column, Column, Column]:
        """Document, position, first and last line of each block; the lines are those of a record if its document is one."""
        row, position, line, last_line = map(np.array, (self._rows, self._positions, self._lines, self._last_lines))
        first = np.array([document.line or 0 for document in documents], dtype=np.int32)[row]
        last = np.array([document.last_line or document.line or 0 for document in documents], dtype=np.int32)[row]
        return row, position, np.where(first > 0, first, line), np.where(first > 0, last, last_line)


def _silences(found: Sequence[Block], document_row: int, line: int | None, compared: Mapping[int, int]) -> Iterator[Silence]:
    """Each comment that asks to ignore a block, with the row of the block behind it. compared: rows by position."""
    position = 0
    waiting: list[Block] = []
    for block in found:
        if block.kind == IGNORE:
            waiting.append(block)
            continue
        row = None if block.kind in DROPPED else compared.get(position)
        yield from (Silence(document_row, line or silence.line, silence.text, row) for silence in waiting)
        waiting.clear()
        position += block.kind not in DROPPED
    yield from (Silence(document_row, line or silence.line, silence.text, None) for silence in waiting)


def without_lone_surrogates(text: str) -> tuple[str, int]:
    """Put U+FFFD for every surrogate without its other half; also how many there were."""
    return (text, 0) if text.isascii() else _LONE_SURROGATE.subn("\ufffd", text)


def skip_reasons(blocks: Sequence[Block], min_words: int) -> list[str | None]:
    """Why each block of a document is not compared, None if it is; the first that holds.

    image: nothing but images or addresses of images. link: nothing but links or addresses.
    heading: so marked; or, where nothing is marked, at most 15 words that neither end a sentence nor go on after a comma
    or colon, and that stand over text: one of the next two blocks, pictures and links aside, is no such line itself.
    So a document of one block, its last block, and lists of headlines are compared.
    short: fewer than `min_words` words, addresses aside.
    """
    if len(blocks) == 1:
        return [_own_reason(blocks[0], min_words)]
    reasons: list[str | None] = []
    below: list[bool] = []  # which of the text blocks below, nearest last, are no headings
    for block in reversed(blocks):
        reason = _own_reason(block, min_words)
        if reason in (None, "short"):
            over_text = any(below[-REACH_OF_HEADING:])
            below.append(not _looks_like_heading(block))
            if over_text and not below[-1]:
                reason = "heading"
        reasons.append(reason)
    return reasons[::-1]


def _own_reason(block: Block, min_words: int) -> str | None:
    if block.kind == "prose" and not may_hold_address(block.text):
        return None if has_words(block.text, min_words) else "short"
    marked = block.kind if block.kind in ("image", "link") else address_kind(block.text)
    if marked is not None:
        return marked
    if block.kind == "heading":
        return "heading"
    return None if has_words(without_urls(block.text), min_words) else "short"


def _plain_lines(documents: Iterable[Document], min_words: int) -> list[str]:
    """What each document says if it plainly is one line that is compared, as most records are; else nothing.

    `skip_reasons` would say None of that line as the only block.
    """
    begins_with_words = _words_at_first(min_words).match
    found = []
    for document in documents:
        text = document.text
        only = only_line(text) if document.markup == "plain" and (text.isascii() or _is_well_formed(text)) else ""
        if not begins_with_words(only) and (may_hold_address(only) or not has_words(only, min_words)):
            only = ""
        found.append(only)
    return found


@cache
def _words_at_first(least: int) -> re.Pattern[str]:
    """What a line matches only if it is compared, whatever else it says: it begins with Latin words, and with no address.

    An address begins with a mark that is left out here, or has one behind its first word, or begins with www.
    """
    return re.compile(rf"{_BETWEEN}*(?:(?![Ww]{{3}}\.){_OF_WORDS}+{_BETWEEN}+){{{least}}}")


def _is_well_formed(text: str) -> bool:
    """Whether it has no lone surrogate."""
    try:
        text.encode("utf-16-le")  # faster than any other look at it
    except UnicodeEncodeError:
        return False
    return True


def _looks_like_heading(block: Block) -> bool:
    if block.kind != "prose" or ends_sentence(block.text) or block.text[-1] in _GOES_ON:
        return False
    return not has_words(block.text, LONGEST_HEADING + 1)


def once_each(documents: Iterable[Document], progress: Progress) -> Iterator[Document]:
    """Yield documents, and tell how many there were. Raises InputError if two of one file share an id."""
    seen: dict[str | None, set[str]] = defaultdict(set)
    unread = iter(documents)
    while some := list(islice(unread, READ)):
        for document in some:
            if not isinstance(document, Document) or not (isinstance(document.id, str) and isinstance(document.text, str)):
                raise InputError(repr(document)[:60], "not a document", "give Document(id, text), both of type str")
            named = seen[document.file]
            if document.id in named:
                raise InputError(
                    document.file or document.id, f"two documents named {document.id!r}", "give each an id of its own"
                )
            named.add(document.id)
        yield from some
        progress.advance(len(some))


def place_key(paragraphs: Paragraphs) -> Callable[[int], tuple[bool, str, int, str]]:
    """What decides which of many copies is the first.

    A document keeps its name when its file is split in two, so the file comes last. What a comment asks to ignore comes behind
    all else, as the others are paired with the first one.
    """
    ignored = {silence.row for silence in paragraphs.silences}

    def key(row: int) -> tuple[bool, str, int, str]:
        document = paragraphs.documents[paragraphs.document_row[row]]
        return row in ignored, document.id, int(paragraphs.position[row]), document.file or ""

    return key
