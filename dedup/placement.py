"""What cleaned files are called below the folder they go to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import accumulate, count

from dedup.config import STANDARD_INPUT
from dedup.readers import READERS


def names_below(files: Iterable[str], standard_input: str) -> dict[str, str]:
    """A relative name for each file, no two the same, none that climbs out of the folder it is below.

    A relative path stays as it is. Of an absolute one the root goes, and of one that climbs the `..`; what is then called like
    another one gets a number. standard_input: what that is called.
    """
    taken = _Taken()
    names = {file: standard_input if file == STANDARD_INPUT else os.path.normpath(file) for file in files}
    for file, name in sorted(names.items(), key=lambda item: (_rank(*item), item)):
        names[file] = taken.add(_parts(name))
    return names


def standard_input_name(module: str, packed: bool) -> str:
    """`stdin` with the suffix of the format that a module reads."""
    suffix = next(suffix for suffix, name in READERS.items() if name == module)
    return f"stdin{suffix}" + (".gz" if packed else "")


def _rank(file: str, name: str) -> int:
    """Who may keep a name: first the files that have it already, last what has none."""
    if file == STANDARD_INPUT:
        return 2
    return int(os.path.isabs(name) or name.split(os.sep)[0] == os.pardir)


def _parts(name: str) -> list[str]:
    _, path = os.path.splitdrive(name)
    return [part for part in path.split(os.sep) if part not in ("", os.curdir, os.pardir)]


class _Taken:
    """Names that were given, and the folders they are in."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add(self, parts: list[str]) -> str:
        """Take a name, with a number if it is taken."""
        for number in count(1):
            numbered = parts if number == 1 else self._numbered(parts, number)
            *folders, path = accumulate(map(os.path.normcase, numbered), os.path.join)
            if path not in self._files | self._folders and self._files.isdisjoint(folders):
                self._files.add(path)
                self._folders.update(folders)
                return "/".join(numbered)
        raise AssertionError("unreachable")

    def _numbered(self, parts: list[str], number: int) -> list[str]:
        folders = list(accumulate(map(os.path.normcase, parts[:-1]), os.path.join))
        if not self._files.isdisjoint(folders):  # a file is called like a folder of this one
            return [f"{parts[0]}-{number}", *parts[1:]]
        stem, dot, suffixes = parts[-1].partition(".") if not parts[-1].startswith(".") else (parts[-1], "", "")
        return [*parts[:-1], f"{stem}-{number}{dot}{suffixes}"]
