"""Names of paragraphs and of pairs by what they say: the same in every run, wherever they stand and whatever beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from dedup.characters import canonical, read_characters

DIGITS: Final = 16  # hexadecimal, so 64 bits: of a million paragraphs, two share a name by chance once in 37 million times


def paragraph_fingerprints(texts: Sequence[str]) -> list[str]:
    """16 hexadecimal digits for each text, the same for texts that are `exact` repeats of each other, in any batch."""
    found = [""] * len(texts)
    for characters in read_characters(texts):
        plain = canonical(characters)
        ends = plain.offsets.tolist()
        for row, first, last in zip(characters.rows.tolist(), ends, ends[1:], strict=False):
            points = plain.values[first : last - 1].astype("<u4").tobytes()  # without the line feed that ends each text
            found[row] = _digest(points.decode("utf-32-le", "surrogatepass"))
    return found


def paragraph_fingerprint(text: str) -> str:
    """16 hexadecimal digits, the same for texts that are `exact` repeats: after NFKC, whatever case, spaces, quotes, dashes."""
    return paragraph_fingerprints([text])[0]


def row_fingerprints(texts: Sequence[str], rows: Iterable[int]) -> dict[int, str]:
    """The fingerprints of some of many texts, by their numbers; each text is looked at once."""
    chosen = list(rows)
    distinct = dict.fromkeys(texts[row] for row in chosen)
    fingerprints = dict(zip(distinct, paragraph_fingerprints(list(distinct)), strict=True))
    return {row: fingerprints[texts[row]] for row in chosen}


def pair_fingerprint(a: str, b: str) -> str:
    """16 hexadecimal digits of two texts in either order; neither their kind nor their score is in it."""
    return joined_fingerprint(*paragraph_fingerprints([a, b]))


def joined_fingerprint(one: str, other: str) -> str:
    """The `pair_fingerprint` of two texts of which the fingerprints are known."""
    return _digest(" ".join(sorted((one, other))))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
