"""A document while it is cleaned: its paragraphs, which of them are gone, and where each stood at first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dedup.blocks import Block, block_finder, block_remover, numbered
from dedup.blocks.removal import BLANK
from dedup.model import Document, Place
from dedup.paragraphs import without_lone_surrogates

_NOTHING = str.maketrans(dict.fromkeys(BLANK + "\u00ad", ""))


@dataclass(frozen=True)
class Draft:
    """A text in which blocks are numbered, without those that are gone.

    document: as it was given. places: where each block of the text stood in that. gone: numbers of blocks of the text.
    """

    document: Document
    rule: str
    text: str
    places: Sequence[Place]
    gone: frozenset[int] = frozenset()

    @classmethod
    def of(cls, document: Document, rule: str) -> Draft:
        """All of a document."""
        blocks = enumerate(_blocks(document, document.text, rule))
        lines = ((number, document.line or block.line, block.text) for number, block in blocks)
        places = [Place(document.file, document.id, number, line, text, document.date) for number, line, text in lines]
        return cls(document, rule, document.text, places)

    def without(self, gone: Collection[int]) -> Draft:
        """The same text with these blocks gone, and no others."""
        return self if self.gone == gone else replace(self, gone=frozenset(gone))

    @property
    def left(self) -> list[int]:
        """Numbers of the blocks that are not gone."""
        return [number for number in range(len(self.places)) if number not in self.gone]

    @cached_property
    def current(self) -> Document:
        """The document as it is now."""
        if not self.gone:
            return self.document if self.text == self.document.text else replace(self.document, text=self.text)
        text = block_remover(self.document.markup)(self.text, self.rule, self.gone)
        return replace(self.document, text=text)

    @cached_property
    def is_as_expected(self) -> bool:
        """Whether the blocks of what is left are those that are not gone. What ends a block may have ended with another one."""
        if not self.gone:
            return True
        found = [block.text for block in _blocks(self.document, self.current.text, self.rule)]
        return found == [self.places[number].text for number in self.left]

    def renumbered(self) -> Draft:
        """The text that is left as a text of its own; a block of it is placed where its first character stood."""
        return replace(self, text=self.current.text, places=list(self._placed()), gone=frozenset())

    def _placed(self) -> Iterator[Place]:
        old = iter(self.left)
        place, end, start = None, 0, 0
        for block in _blocks(self.document, self.current.text, self.rule):
            while place is None or end <= start:
                number = next(old, None)
                if number is None:
                    break
                place = self.places[number]
                end += _solid(place.text)
            start += _solid(block.text)
            if place is not None:
                yield replace(place, text=block.text)


def _blocks(document: Document, text: str, rule: str) -> list[Block]:
    """The blocks that have numbers, as they are when a document is split."""
    return numbered(block_finder(document.markup)(without_lone_surrogates(text)[0], rule))


def _solid(text: str) -> int:
    """How many characters show something."""
    return len(text.translate(_NOTHING))
