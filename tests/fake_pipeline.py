"""A check that finds equal paragraphs only: the command line does not care how repeats are found.

Run as a program it is `dedup` with this check in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import combinations

from dedup.cli import main
from dedup.config import Config
from dedup.model import Document, Pair, Paragraphs, Place, Result
from dedup.paragraphs import split


def check(documents: Iterable[Document], config: Config) -> Result:
    """Pair equal paragraphs; what says `boilerplate` does not count, what says `crash` or `interrupt` does it."""
    paragraphs = split(documents, config)
    text = " ".join(paragraphs.text)
    if "crash" in text:
        raise RuntimeError("it said\ncrash")
    if "interrupt" in text:
        raise KeyboardInterrupt
    places = [_place(paragraphs, row) for row in range(len(paragraphs.text))]
    pairs = [_pair(a, b) for a, b in combinations(places, 2) if a.text == b.text]
    return Result(config, paragraphs, pairs)


def _pair(a: Place, b: Place) -> Pair:
    if "boilerplate" in a.text:
        return Pair(1.0, "exact", a, b, {"shared": 1.0}, 1, counts=False, why="boilerplate")
    return Pair(1.0, "exact", a, b, {"shared": 1.0}, 1)


def _place(paragraphs: Paragraphs, row: int) -> Place:
    document = paragraphs.documents[paragraphs.document_row[row]]
    position, line = int(paragraphs.position[row]), int(paragraphs.line[row])
    return Place(document.file, document.id, position, line, paragraphs.text[row], document.date)


if __name__ == "__main__":
    sys.modules["dedup.pipeline"] = sys.modules[__name__]
    sys.exit(main())
