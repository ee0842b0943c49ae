"""Which lines of which files changed since a commit, as git has it.

Git is run without a shell, a pager, and external programs for diffs. What it knows nothing of counts as changed in all lines:
files that it does not track, or that are outside the repository; standard input; addresses.
"""

from __future__ import annotations

import os
import re
import subprocess
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.config import is_local
from dedup.errors import ConfigError
from dedup.model import Document, Paragraphs

OPTION: Final = "--changed-since"
GIT: Final = ("git", "--no-pager", "-c", "core.quotepath=off", "-c", "core.fsmonitor=false")
DIFF: Final = (
    "diff --no-color --no-ext-diff --no-textconv --no-relative --ignore-submodules=all --find-renames --unified=0 "
    "--inter-hunk-context=0 --src-prefix=a/ --dst-prefix=b/"
).split()

_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPED: Final = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_ESCAPES: Final = {bytes([name]): bytes([code]) for name, code in zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True)}
DROPPED: Final = ("GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF")  # would change what a diff looks like


class Span(NamedTuple):
    """Lines that were added or changed, from 1. Where lines were taken out there is none between `first` and `last`."""

    first: int
    last: int
    removed: bool

    def touches(self, first: int, last: int) -> bool:
        """Whether it changed what stands in these lines: one of them, or something between two of them."""
        return first <= self.first < last if self.removed else first <= self.last and self.first <= last


@dataclass(frozen=True)
class Changes:
    """What changed since a commit.

    root: the folder of the repository, without links. tracked: its files, with forward slashes. spans: of those that changed;
    None where git knows no lines, as of packed files.
    """

    root: str
    tracked: frozenset[str]
    spans: Mapping[str, list[Span] | None]

    def touched(self, paragraphs: Paragraphs) -> NDArray[np.bool_]:
        """bool[n]: whether each paragraph stands in lines that changed; those of a record in the lines of the record."""
        touched = np.zeros(len(paragraphs.text), dtype=bool)
        bounds = np.searchsorted(paragraphs.document_row, np.arange(len(paragraphs.documents) + 1)).tolist()
        known: dict[str | None, list[Span] | None] = {}
        for document, start, end in zip(paragraphs.documents, bounds, bounds[1:], strict=False):
            if document.file not in known or document.index is not None:
                known[document.file] = self._of(document)
            spans = known[document.file]
            if spans is None:
                touched[start:end] = True
            elif spans:
                rows = range(start, end)
                ends = (paragraphs.line[start:end].tolist(), paragraphs.last_line[start:end].tolist())
                lasts = [span.last for span in spans]
                for row, first, last in zip(rows, *ends, strict=True):
                    touched[row] = any(span.touches(first, last) for span in _near(spans, bisect_left(lasts, first), last))
        return touched

    def _of(self, document: Document) -> list[Span] | None:
        """The changed lines of the file of a document, None for all."""
        if document.index is not None:
            return []
        if document.file is None or not is_local(document.file):
            return None
        path = os.path.realpath(document.file)
        name = (
            os.path.relpath(path, self.root).replace(os.sep, "/") if path.startswith(self.root.rstrip(os.sep) + os.sep) else ""
        )
        return self.spans.get(name, []) if name in self.tracked else None


def _near(spans: Sequence[Span], number: int, last: int) -> Iterator[Span]:
    """Spans from this number on that begin up to a line."""
    while number < len(spans) and spans[number].first <= last:
        yield spans[number]
        number += 1


def changes_since(reference: str) -> Changes:
    """What changed since the last commit that HEAD has in common with the reference: in commits, staged or not.

    The repository is that of the current folder; before its first commit all has changed. Raises ConfigError.
    """
    if not reference or reference.startswith("-") or not reference.isprintable():
        raise _error(reference, "no name of a commit", "give a branch, a tag or a commit, such as origin/main")
    root = os.fsdecode(_asked(reference, "rev-parse", "--show-toplevel").removesuffix(b"\n"))
    if _run("rev-parse", "--verify", "--quiet", "HEAD").returncode:
        return Changes(os.path.realpath(root), frozenset(), {})
    base = _base(reference, _commit(reference))
    tracked = _names(_asked(reference, "-C", root, "ls-files", "-z", "--cached", "--"))
    spans: dict[str, list[Span] | None] = {**read_diff(_asked(reference, *DIFF, "--patch", base, "--").split(b"\n"))}
    opaque = read_binaries(_asked(reference, *DIFF, "--numstat", "-z", base, "--"))
    return Changes(os.path.realpath(root), frozenset(tracked), {**spans, **dict.fromkeys([*opaque, *_filtered(root, spans)])})


def read_diff(lines: Iterable[bytes]) -> dict[str, list[Span]]:
    """The changed lines of each file that is there, from a diff of git without context."""
    found: dict[str, list[Span]] = defaultdict(list)
    spans: list[Span] = []
    skipped = 0  # lines of a hunk, which may look like anything
    for line in lines:
        if skipped and not line.startswith(b"\\"):
            skipped -= 1
        elif line.startswith(b"+++ "):
            name = _unquoted(line.removeprefix(b"+++ ").removesuffix(b"\t"))
            spans = found[os.fsdecode(name.removeprefix(b"b/"))] if name.startswith(b"b/") else []
        elif match := _HUNK.match(line):
            removed, first, added = (1 if part is None else int(part) for part in match.groups())
            skipped = removed + added
            spans.append(Span(first, first + added - 1, False) if added else Span(first, first + 1, True))
    return dict(found)


def read_binaries(numbers: bytes) -> list[str]:
    """The files of which a diff of git in numbers, parted by NUL, tells no lines."""
    found = []
    fields = iter(_names(numbers, empty=True))
    for field in fields:
        *counts, name = field.split("\t", 2)
        if counts and not name:  # renamed: the old and the new name follow
            next(fields)
            name = next(fields)
        if counts == ["-", "-"]:
            found.append(name)
    return found


def _filtered(root: str, names: Iterable[str]) -> list[str]:
    """Those whose lines git stores in another form than they have in the folder."""
    asked = b"\0".join(map(os.fsencode, names))
    done = _run("-C", root, "check-attr", "-z", "--stdin", "filter", given=asked) if asked else None
    told = _names(done.stdout) if done else []
    return [name for name, value in zip(told[::3], told[2::3], strict=False) if value not in ("unspecified", "unset")]


def _commit(reference: str) -> str:
    done = _run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if done.returncode:
        advice = "fetch it, or clone in full (fetch-depth: 0 in GitHub Actions)"
        shallow = "this clone is shallow: " if _is_shallow() else "see git branch --all and git tag; or "
        raise _error(reference, "no commit of that name in this repository", shallow + advice)
    return done.stdout.decode("ascii", "replace").strip()


def _base(reference: str, commit: str) -> str:
    """Where this branch parted from the other one: what changed there since then is not of this one."""
    done = _run("merge-base", commit, "HEAD")
    if done.returncode:
        advice = "name a commit that HEAD comes from"
        if _is_shallow():
            advice = "this clone is shallow: fetch more (git fetch --unshallow, or fetch-depth: 0 in GitHub Actions)"
        raise _error(reference, "no commit in common with HEAD", advice)
    return done.stdout.decode("ascii", "replace").strip()


def _is_shallow() -> bool:
    return _run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _asked(reference: str, *arguments: str) -> bytes:
    """What git answers. Raises ConfigError if it fails."""
    done = _run(*arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0] or f"exit code {done.returncode}"
        raise _error(reference, f"git cannot tell ({said})", "run dedup in the folder of a git repository with its files")
    return done.stdout


def _run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
    try:
        return subprocess.run(
            [*GIT, *arguments],
            input=given,
            capture_output=True,
            env={**environment, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except OSError as error:
        raise ConfigError(f"{OPTION}: git cannot be run ({error.strerror}); install it, or leave the option out") from error


def _error(reference: str, what: str, advice: str) -> ConfigError:
    return ConfigError(f"{OPTION} {reference!r}: {what}; {advice}")


def _names(parted: bytes, *, empty: bool = False) -> list[str]:
    """Names that are parted by NUL."""
    names = parted.split(b"\0")
    return [os.fsdecode(name) for name in (names[:-1] if empty else names) if name or empty]


def _unquoted(name: bytes) -> bytes:
    """A name as git writes it: in quotes, and escaped as in C, if there are control characters, quotes or backslashes in it."""
    if not name.startswith(b'"'):
        return name
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1]) or bytes([int(match[1], 8)]), name[1:-1])
