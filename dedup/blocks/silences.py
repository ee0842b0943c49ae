"""Comments in a text that ask to ignore the repeats of a block: `<!-- dedup: ignore -->`, with a reason or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_COMMENT: Final = re.compile(r"<!--\s*dedup:\s*ignore(?=[\s:-])[\s:]*(?P<reason>.{0,500}?)\s*-->", re.DOTALL | re.IGNORECASE)


def find_silences(source: str) -> Iterator[tuple[int, str]]:
    """Yield where each of them begins, and the reason that it gives, in one line; empty if it gives none."""
    for comment in _COMMENT.finditer(source):
        yield comment.start(), " ".join(comment["reason"].split())
