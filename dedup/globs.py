"""Which files are meant: patterns for their names, relative to a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from dedup.errors import ConfigError

# What is more in a pattern than the character itself.
_PARTS: Final = r"(?P<above>(?<=/)\*\*/)|(?P<below>\*\*)|(?P<some>\*)|(?P<one>\?)|\[(?P<not>!?)(?P<of>\]?[^\]]*)\]"


class Globs:
    """Patterns of which a file has to match one.

    `*` and `?` stand for characters of one name, `**` for any number of folders, `[…]` for one of some characters. A pattern
    without a slash is that of a name at any depth below the folder; one with a slash begins in it. What matches a folder
    matches all that is in it.
    """

    def __init__(self, patterns: Sequence[str], folder: str | None = None) -> None:
        """Raises ConfigError for an empty pattern. folder: what patterns are relative to; None: the working directory."""
        self.patterns = tuple(patterns)
        self.folder = folder
        if not all(self.patterns):
            raise ConfigError("'' is no pattern; give one, such as archive/** or *.md")

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def match(self, path: str) -> bool:
        """Whether a path, absolute or relative to the working directory, is one of those meant."""
        return bool(self.patterns) and bool(self._matcher.fullmatch(os.path.abspath(path).replace(os.sep, "/")))

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        return re.compile("|".join(_expression(anchored(pattern, self.folder)) for pattern in self.patterns))


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


def anchored(pattern: str, folder: str | None = None) -> str:
    """The same pattern as an absolute one."""
    root = re.sub(r"([*?[])", r"[\1]", os.path.abspath(folder or os.getcwd()).replace(os.sep, "/")).rstrip("/")
    pattern = pattern.rstrip("/")
    if os.path.isabs(pattern):
        return pattern
    name, steps = pattern.removeprefix("./"), root.split("/")
    while name.startswith("../"):
        name, steps = name.removeprefix("../"), steps[:-1]
    return "/".join([*steps, name] if "/" in pattern else [*steps, "**", name])


def _expression(pattern: str) -> str:
    """Regular expression of an absolute pattern."""
    made, end = "", 0
    for part in re.finditer(_PARTS, pattern):
        made += re.escape(pattern[end : part.start()]) + _translated(part)
        end = part.end()
    return f"{made}{re.escape(pattern[end:])}(?:/.*)?"


def _translated(part: re.Match[str]) -> str:
    kinds = {"above": "(?:.*/)?", "below": ".*", "some": "[^/]*", "one": "[^/]"}
    if part.lastgroup in kinds:
        return kinds[part.lastgroup]
    members = re.sub(r"([\\\[&~|^])", r"\\\1", part["of"])
    return f"(?!/)[{'^' if part['not'] else ''}{members}]"
