"""What each document asks of a repeat, where settings differ by file: columns, one entry a document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers
from dedup.config import Config
from dedup.model import KINDS, Document


@dataclass(frozen=True, repr=False, eq=False)
class Standards:
    """What n documents ask; a pair has to do for both of its own.

    least: float64[n], the least score; NaN: that of the check. kinds: bool[n, kinds], those that count. aside: bool[n], whether
    boilerplate does not. All that takes `one` and `other`, rows of documents, has an entry a pair.
    """

    least: NDArray[np.float64]
    kinds: NDArray[np.bool_]
    aside: Flags

    @classmethod
    def of(cls, documents: list[Document], config: Config) -> Standards | None:
        """None if they all ask the same."""
        if not config.overrides:
            return None
        files = {document.file: config.for_file(document.file) for document in documents}
        scored = {file: any("min_score" in one.settings for one in config.matching(file)) for file in files}
        asked = [files[document.file] for document in documents]
        least = [one.min_score if scored[document.file] else np.nan for one, document in zip(asked, documents, strict=True)]
        kinds = np.array([[kind in one.kinds for kind in KINDS] for one in asked], dtype=bool).reshape(-1, len(KINDS))
        return cls(np.array(least, dtype=np.float64), kinds, np.array([not one.count_boilerplate for one in asked], dtype=bool))

    def reached(self, score: NDArray[np.float64], one: Integers, other: Integers, min_score: float) -> Flags:
        """bool[p]: whether pairs reach what both documents ask. min_score: that of the check."""
        least = np.where(np.isnan(self.least), min_score, self.least)
        reached: Flags = score >= np.maximum(least[one], least[other])
        return reached

    def wanted(self, kind: NDArray[np.int8], one: Integers, other: Integers) -> Flags:
        """bool[p]: whether pairs are of a kind that counts for both. kind: numbers in KINDS."""
        wanted: Flags = self.kinds[one, kind] & self.kinds[other, kind]
        return wanted

    def set_aside(self, one: Integers, other: Integers) -> Flags:
        """bool[p]: whether a copy of boilerplate would not count."""
        aside: Flags = self.aside[one] | self.aside[other]
        return aside
