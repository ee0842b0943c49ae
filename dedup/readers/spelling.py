"""Text and how a file spells it: other text put in place, and the spelling of all that stays kept to the byte."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

ANCHOR: Final = 32  # characters by which a stretch is found again behind one that was taken out
_STRIDE: Final = 4096  # characters compared at once

_JSON_PIECE: Final = re.compile(r"(\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.)|[^\\]+", re.DOTALL)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

Spell: TypeAlias = Callable[[str], str]


class Piece(NamedTuple):
    """A stretch of text and its spelling.

    A stretch of two or more characters is either spelled as it is, or all of it is spelled anew when a part goes. One that
    shows nothing is a mark, which always stays; `spell`, if it has one, is how text is spelled from there on.
    """

    shown: str
    spelled: str
    spell: Spell | None = None


def shown(pieces: Sequence[Piece]) -> str:
    """The text that pieces spell."""
    return "".join(piece.shown for piece in pieces)


def respell(pieces: Sequence[Piece], text: str, spell: Spell) -> str:
    """Spell another text: what it has of the old one as it was, and what is new by `spell`."""
    edits = _edits(shown(pieces), text)
    edit = next(edits, None)
    outer, out, start = spell, [], 0
    for piece in pieces:
        end = start + len(piece.shown)
        while edit and edit.start <= start and edit.new and (piece.shown or spell is not outer):
            out.append(spell(edit.new))
            edit = next(edits, None)
        if not piece.shown:
            out.append(piece.spelled)
            spell = piece.spell or spell
        while piece.shown and edit and edit.start < end:
            if edit.new:
                out.append(spell(edit.new))
            else:
                out.append(_part(piece, max(edit.start, start) - start, min(edit.end, end) - start, spell))
                if edit.end > end:
                    break
            edit = next(edits, None)
        start = end
    while edit:
        out.append(spell(edit.new))
        edit = next(edits, None)
    return "".join(out)


def json_pieces(literal: str) -> list[Piece]:
    """The pieces of a JSON string, given without its quotation marks."""
    return [Piece(json.loads(f'"{match[0]}"') if match[1] else match[0], match[0]) for match in _JSON_PIECE.finditer(literal)]


def respelled_json(literal: str, text: str) -> str:
    r"""Put text into a JSON string (both without quotation marks): in ASCII alone if the old one shows that it is.

    Slashes of what is new are \/ if the old one has such.
    """
    ascii_only = literal.isascii() and "\\u" in literal

    def spell(new: str) -> str:
        spelled = json.dumps(new, ensure_ascii=ascii_only)[1:-1]
        if "\\/" in literal:
            spelled = spelled.replace("/", "\\/")
        return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", spelled)

    return respell(json_pieces(literal), text, spell)


class _Edit(NamedTuple):
    """A stretch of the old text that stays, or text that is new at a place of it."""

    start: int
    end: int
    new: str = ""


def _edits(old: str, new: str) -> Iterator[_Edit]:
    """Make the new text of stretches of the old one, in order, and of what the old one does not have.

    Where parts were taken out, and nothing else is changed, all of the new text is found in the old one.
    """
    latest = _latest(old, new)
    here = there = 0
    while there < len(new):
        if length := _same(old, here, new, there):
            yield _Edit(here, here + length)
            here, there = here + length, there + length
        elif latest:
            here = _next(old, here, latest[there], new[there : there + ANCHOR])
        else:
            rest = min(len(old) - here, len(new) - there)
            kept = _same(old[::-1], 0, new[::-1], 0, rest)
            if end := len(new) - kept - there:
                yield _Edit(here, here, new[there : there + end])
            if kept:
                yield _Edit(len(old) - kept, len(old))
            return


def _latest(old: str, new: str) -> Sequence[int] | None:
    """Where each character of the new text stands in the old one at the latest; None if they are not all there in order."""
    places, end = array("q"), len(old)
    for character in reversed(new):
        end = old.rfind(character, 0, end)
        if end < 0:
            return None
        places.append(end)
    places.reverse()
    return places


def _next(old: str, first: int, last: int, wanted: str) -> int:
    """Where a stretch begins from `first` up to `last`; of one that is not there as a whole, the beginning that is."""
    while (found := old.find(wanted, first, last + len(wanted))) < 0:
        wanted = wanted[: len(wanted) // 2]
    return found


def _same(a: str, at_a: int, b: str, at_b: int, most: int | None = None) -> int:
    """How many characters are the same from two places on."""
    most = min(len(a) - at_a, len(b) - at_b) if most is None else most
    length = 0
    while length < most and a[at_a + length : at_a + length + _STRIDE] == b[at_b + length : at_b + length + _STRIDE]:
        length += _STRIDE
    while length < most and a[at_a + length] == b[at_b + length]:
        length += 1
    return min(length, most)


def _part(piece: Piece, start: int, end: int, spell: Spell) -> str:
    if (start, end) == (0, len(piece.shown)):
        return piece.spelled
    part = piece.shown[start:end]
    return part if piece.shown == piece.spelled else spell(part)
