"""Which files a list of paths stands for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from dedup.config import STANDARD_INPUT
from dedup.errors import InputError

_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def is_address(path: str) -> bool:
    """Whether a path is an address that can be fetched: http or https."""
    return bool(_ADDRESS.match(path))


@dataclass
class Found:
    """Files in the order of their names, each once however often and by whatever path it was named.

    ignored: files in folders that no reader knows, and links, which are not followed.
    named: the files that are paths themselves, not only found in a folder.
    """

    files: list[str]
    errors: list[InputError]
    ignored: int
    named: frozenset[str]


@dataclass
class _Search:
    name: dict[str, str] = field(default_factory=dict)  # real path → the name it is reported under
    named: set[str] = field(default_factory=set)  # real paths
    unread: set[str] = field(default_factory=set)
    error: dict[str, InputError] = field(default_factory=dict)

    def add(self, path: str, *, named: bool = True) -> None:
        # The smallest name, not the first, so that the order of the arguments does not matter.
        real = path if path == STANDARD_INPUT or is_address(path) else os.path.realpath(path)
        self.name[real] = min(path, self.name.get(real, path))
        if named:
            self.named.add(real)

    def fail(self, path: str, what: str, advice: str) -> None:
        self.error[path] = InputError(path or "''", what, advice)


def find_files(paths: Iterable[str], is_known: Callable[[str], bool], *, fetch: bool = False) -> Found:
    """Look into folders for files that `is_known`, hidden ones aside; a file named itself is taken whatever it is.

    An address is taken if `fetch`, else it is an error.
    """
    search = _Search()
    for path in paths:
        if path == STANDARD_INPUT:
            search.add(path)
        elif is_address(path):
            if fetch:
                search.add(path)
            else:
                search.fail(
                    path, "an address, and nothing is fetched unasked", "give dedup check --fetch, or save it to a file"
                )
        elif os.path.isdir(path):
            _look_into(path, is_known, search)
        elif os.path.exists(path):
            search.add(path.replace(os.sep, "/"))
        else:
            search.fail(path, "no such file or folder", "check the name, and the folder it is relative to")
    errors = [search.error[path] for path in sorted(search.error)]
    named = frozenset(search.name[real] for real in search.named)
    return Found(sorted(search.name.values()), errors, len(search.unread - search.name.keys()), named)


def _look_into(folder: str, is_known: Callable[[str], bool], search: _Search) -> None:
    before = len(search.error)
    readable = False

    def unreadable(error: OSError) -> None:
        search.fail(error.filename, f"cannot be read ({error.strerror})", "check the permissions of the folder")

    for parent, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in links + [name for name in files if not name.startswith(".")]:
            path = os.path.join(parent, name)
            if is_known(name) and os.path.isfile(path) and not os.path.islink(path):
                readable = True
                search.add(path.replace(os.sep, "/"), named=False)
            else:
                search.unread.add(os.path.join(os.path.realpath(parent), name))
    if not readable and len(search.error) == before:
        search.fail(
            folder, "no file in this folder has a format that dedup reads", "name the files themselves if they are text"
        )
