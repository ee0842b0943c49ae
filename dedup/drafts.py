"""A document while it is cleaned: its paragraphs, which of them are gone, and where each stood at first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import NamedTuple

from dedup.blocks import DROPPED, Block, block_finder, block_remover
from dedup.blocks.removal import BLANK
from dedup.model import Document, Place
from dedup.paragraphs import without_lone_surrogates

_NOTHING = str.maketrans(dict.fromkeys(BLANK + "\u00ad", ""))


class Spot(NamedTuple):
    """A block of a draft, and where it stood at first. shown: whether it is part of the document now, or is dropped."""

    place: Place
    shown: bool


@dataclass(frozen=True)
class Draft:
    """A text in which the blocks that are shown are numbered, without those that are gone.

    document: as it was given. source: the text, in its markup. spots: all blocks of that. gone: numbers of blocks.
    before: what is left of texts that were shown in its place.

    The place of a block that the document did not show as it was given, because it is no part of the article of a page until
    others are gone, is numbered behind all that it showed.
    """

    document: Document
    rule: str
    source: Document
    spots: Sequence[Spot]
    gone: frozenset[int] = frozenset()
    before: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: Document, rule: str) -> Draft:
        """All of a document."""
        return cls(document, rule, document, list(_spots(document, rule, document, 0)))

    @property
    def key(self) -> tuple[str | None, str]:
        """File and id of the document."""
        return self.document.file, self.document.id

    @cached_property
    def places(self) -> list[Place]:
        """Where each block that is shown stood at first, by its number."""
        return [place for place, shown in self.spots if shown]

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
            return self.source
        text = block_remover(self.source.markup)(self.source.text, self.rule, self.gone)
        return replace(self.source, text=text)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is left of all texts that the document showed, one after the other."""
        return *self.before, self.current.text

    @cached_property
    def is_as_expected(self) -> bool:
        """Whether the blocks of what is left are those that are not gone. What ends a block may have ended with another one."""
        return not self.gone or _shown(self._blocks) == [self.places[number].text for number in self.left]

    def renumbered(self) -> Draft:
        """The text that is left as a text of its own; a block of it is placed where its first character stood."""
        return replace(self, source=self.current, spots=list(self._placed()), gone=frozenset())

    def read_as(self, document: Document) -> Draft:
        """What is read where the draft was written: the draft itself if that shows the same, else another text."""
        if _shown(_blocks(document, self.rule)) == _shown(self._blocks):
            return self
        source = replace(self.document, text=document.text, markup=document.markup)
        first = 1 + max((spot.place.paragraph for spot in self.spots), default=-1)
        spots = list(_spots(source, self.rule, self.document, first))
        return Draft(self.document, self.rule, source, spots, before=self.texts)

    @cached_property
    def _blocks(self) -> list[Block]:
        return _blocks(self.current, self.rule)

    def _placed(self) -> Iterator[Spot]:
        numbers = count()
        old = (spot for spot in self.spots if not (spot.shown and next(numbers) in self.gone))
        place, end, start = None, 0, 0
        for block in self._blocks:
            while place is None or end <= start:
                spot = next(old, None)
                if spot is None:
                    break
                place = spot.place
                end += _solid(place.text)
            start += _solid(block.text)
            if place is not None:
                yield Spot(replace(place, text=block.text), block.kind not in DROPPED)


def _spots(source: Document, rule: str, document: Document, first: int) -> Iterator[Spot]:
    """All blocks, numbered from `first` on: those that are shown, then the others."""
    blocks = _blocks(source, rule)
    shown, dropped = count(first), count(first + len(_shown(blocks)))
    for block in blocks:
        is_shown = block.kind not in DROPPED
        number, line = next(shown if is_shown else dropped), document.line or block.line
        yield Spot(Place(document.file, document.id, number, line, block.text, document.date), is_shown)


def _blocks(document: Document, rule: str) -> list[Block]:
    """All blocks, as they are when a document is split."""
    return block_finder(document.markup)(without_lone_surrogates(document.text)[0], rule)


def _shown(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks if block.kind not in DROPPED]


def _solid(text: str) -> int:
    """How many characters show something."""
    return len(text.translate(_NOTHING))
