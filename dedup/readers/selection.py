"""Which files are read of those that the paths stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from dedup.globs import Globs


@dataclass(frozen=True)
class Selection:
    """Files that match `include`, if that has patterns, and not `exclude`, however they were named."""

    include: Globs = field(default_factory=lambda: Globs(()))
    exclude: Globs = field(default_factory=lambda: Globs(()))

    def has(self, file: str) -> bool:
        """Whether a file is one of them."""
        return not self.exclude.match(file) and (not self.include or self.include.match(file))

    def may_have(self, folder: str) -> bool:
        """Whether some of them may be in a folder."""
        return not self.exclude.match(folder)


EVERYTHING: Final = Selection()
