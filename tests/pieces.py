"""Files put together from known pieces: what is left of one without some of its paragraphs is known without reading it."""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

BLANK = r"(?:\s|\\[nr])*"  # also as JSON spells it
BREAK = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Piece:
    """A stretch of a file.

    text: what it says, of a paragraph. left: what may be left of it where that is taken out. below: lines from its beginning to
    its text. blocks: how many paragraphs it is, as they are counted.
    """

    spelled: str
    text: str = ""
    left: tuple[str, ...] = ("",)
    below: int = 0
    blocks: int = 1

    def mapped(self, spell: Callable[[str], str]) -> Piece:
        """The same piece, spelled in another way."""
        return replace(self, spelled=spell(self.spelled), left=tuple(map(spell, self.left)))


@dataclass(frozen=True)
class Body:
    """A text of a document: pieces with gaps before, between and behind them.

    exact: which gaps go with a piece is known, else any white space beside it may. rank: which of the texts of a document is
    shown first. counted: its paragraphs have known numbers.
    """

    pieces: Sequence[Piece]
    gaps: Sequence[str]
    exact: bool = True
    document: str | None = None
    rank: int = 0
    counted: bool = True

    def mapped(self, spell: Callable[[str], str]) -> Body:
        """The same body, spelled in another way."""
        return replace(self, pieces=[piece.mapped(spell) for piece in self.pieces], gaps=list(map(spell, self.gaps)))

    @property
    def spelled(self) -> str:
        """All of it."""
        return self.gaps[0] + "".join(piece.spelled + gap for piece, gap in zip(self.pieces, self.gaps[1:], strict=True))

    def remains(self, gone: set[int]) -> str:
        """A pattern of what is left without the pieces of these numbers."""
        if not gone:
            return re.escape(self.spelled)
        kept = [number for number in range(len(self.pieces)) if number not in gone]
        if self.exact:  # the gap below a piece goes, and behind the last piece the one above
            last = self.gaps[-1] if kept else ""
            after = [*(self.gaps[number + 1] for number in kept[:-1]), last]
            return re.escape(
                self.gaps[0] + "".join(self.pieces[number].spelled + gap for number, gap in zip(kept, after, strict=False))
            )
        pattern = BLANK if 0 in gone else re.escape(self.gaps[0])
        for number, piece in enumerate(self.pieces):
            pattern += f"(?:{'|'.join(map(re.escape, piece.left))})" if number in gone else re.escape(piece.spelled)
            pattern += BLANK if gone & {number, number + 1} else re.escape(self.gaps[number + 1])
        return pattern


@dataclass(frozen=True)
class File:
    """Fixed text and bodies in turn, and how they are stored."""

    name: str
    parts: Sequence[str | Body]
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        """What is stored."""
        text = "".join(part if isinstance(part, str) else part.spelled for part in self.parts)
        data = text.encode(self.encoding, "surrogatepass")
        return gzip.compress(data, mtime=0) if self.name.endswith(".gz") else data

    def read(self, data: bytes) -> str:
        """The text in what is stored."""
        return (gzip.decompress(data) if self.name.endswith(".gz") else data).decode(self.encoding, "surrogatepass")

    def remains(self, removed: Iterable[dict[str, Any]]) -> str:
        """A pattern of the text without the paragraphs of a report; each must stand where the report says."""
        gone: dict[int, set[int]] = defaultdict(set)
        for removal in removed:
            spot = Spot(removal["document"], removal["paragraph"], removal["line"], said(removal["text"]))
            known = spot, spot._replace(line=None), spot._replace(paragraph=None)
            found = next(one for one in known if one in self._spots)
            part, piece = self._spots.pop(found)
            gone[part].add(piece)
        return "".join(
            re.escape(part) if isinstance(part, str) else part.remains(gone[number]) for number, part in enumerate(self.parts)
        )

    @cached_property
    def _spots(self) -> dict[Spot, tuple[int, int]]:
        """Part and piece of each paragraph, by where it stands."""
        spots: dict[Spot, tuple[int, int]] = {}
        counts: Counter[str] = Counter()
        line = 1
        bodies = sorted((part.rank, number) for number, part in enumerate(self.parts) if isinstance(part, Body))
        for _, number in bodies:
            body = self.parts[number]
            assert isinstance(body, Body)
            document = body.document or f"in/{self.name}"
            line += len(BREAK.findall(f"{self.parts[0]}{body.gaps[0]}"))  # of a file that is one document
            for place, piece in enumerate(body.pieces):
                spot = Spot(
                    document,
                    counts[document] if body.counted else None,
                    line + piece.below if body.document is None else None,
                    said(piece.text),
                )
                spots[spot] = number, place
                counts[document] += piece.blocks
                line += len(BREAK.findall(piece.spelled)) + len(BREAK.findall(body.gaps[place + 1]))
        return spots


class Spot(NamedTuple):
    """Where a paragraph stands, and its letters and digits; None for what is not known."""

    document: str
    paragraph: int | None
    line: int | None
    said: str


def said(text: str) -> str:
    """The letters and digits of a text."""
    return "".join(re.findall(r"\w", text))
