"""Which files a list of paths stands for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dedup.config import STANDARD_INPUT, is_address, is_local
from dedup.errors import InputError
from dedup.globs import EVERYTHING, Selection


@dataclass
class Found:
    """Files in the order of their names, each once however often and by whatever path it was named.

    ignored: files in folders that no reader knows, and links, which are not followed.
    named: the files that are paths themselves, not only found in a folder.
    excluded: files and whole folders that were not selected.
    """

    files: list[str]
    errors: list[InputError]
    ignored: int
    named: frozenset[str]
    excluded: int = 0


@dataclass
class _Search:
    selection: Selection
    name: dict[str, str] = field(default_factory=dict)  # real path → the name it is reported under
    named: set[str] = field(default_factory=set)  # real paths
    unread: set[str] = field(default_factory=set)
    excluded: set[str] = field(default_factory=set)  # real paths
    error: dict[str, InputError] = field(default_factory=dict)

    def add(self, path: str, *, named: bool = True) -> None:
        if is_local(path) and not self.selection.has(path):
            self.excluded.add(os.path.realpath(path))
            return
        # The smallest name, not the first, so that the order of the arguments does not matter.
        real = os.path.realpath(path) if is_local(path) else path
        self.name[real] = min(path, self.name.get(real, path))
        if named:
            self.named.add(real)

    def fail(self, path: str, what: str, advice: str) -> None:
        self.error[path] = InputError(path or "''", what, advice)


def find_files(
    paths: Iterable[str], is_known: Callable[[str], bool], *, fetch: bool = False, selection: Selection = EVERYTHING
) -> Found:
    """Look into folders for files that `is_known`, hidden ones aside; a file named itself is taken whatever it is.

    Of both only those that are selected. An address is taken if `fetch`, else it is an error.
    """
    search = _Search(selection)
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
    return Found(sorted(search.name.values()), errors, len(search.unread - search.name.keys()), named, len(search.excluded))


def _look_into(folder: str, is_known: Callable[[str], bool], search: _Search) -> None:
    before = len(search.error)
    readable = False

    def unreadable(error: OSError) -> None:
        search.fail(error.filename, f"cannot be read ({error.strerror})", "check the permissions of the folder")

    for parent, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        left_out = [name for name in folders if not search.selection.may_have(os.path.join(parent, name))]
        folders[:] = [name for name in folders if name not in left_out]
        search.excluded.update(os.path.realpath(os.path.join(parent, name)) for name in left_out)
        readable = readable or bool(left_out)  # perhaps
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
