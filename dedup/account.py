"""What a cleaning did with files, ready to be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dedup.cleaning import Cleaned, Removal
from dedup.errors import PlaceError
from dedup.model import KINDS


@dataclass(frozen=True)
class CleanedFile:
    """One file.

    written: where it went, None if nothing was written. backup: what the old one is called now. diff: lines with their ends of
    what would be changed, where nothing was to be written.
    """

    file: str
    removed: Sequence[Removal]
    written: str | None = None
    backup: str | None = None
    diff: Sequence[str] = ()


@dataclass(frozen=True)
class Account:
    """files: all that were cleaned, by name. errors: why others were not. dry: nothing was to be written."""

    cleaned: Cleaned
    files: Sequence[CleanedFile]
    errors: Sequence[PlaceError]
    dry: bool

    @property
    def counts(self) -> dict[str, Any]:
        """What was done, in figures, ready for JSON."""
        removed = [removal for file in self.files for removal in file.removed]
        kinds = Counter(removal.pair.kind for removal in removed)
        return {
            "files": len(self.files),
            "changed": sum(bool(file.removed) for file in self.files),
            "removed": len(removed),
            "kinds": {kind: kinds[kind] for kind in KINDS if kinds[kind]},
            "rounds": self.cleaned.rounds,
        }
