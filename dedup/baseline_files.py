"""Files of accepted repeats: JSON, sorted, a repeat a line, so that a difference between two of them can be read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any, Final, TypeGuard, TypeVar

from dedup.baselines import Baseline, Entry
from dedup.config import Config, is_local
from dedup.errors import InputError
from dedup.fingerprints import DIGITS, joined_fingerprint
from dedup.globs import Selection, anchored
from dedup.model import KINDS

FORMAT: Final = "baseline of dedup"
FORMAT_VERSION: Final = 1  # raised when a reader of the format would have to change, and with fingerprints
# The settings that decide what is a repeat.
SETTINGS: Final = (
    "min_score",
    "scope",
    "kinds",
    "boilerplate_documents",
    "boilerplate_overlap",
    "count_boilerplate",
    "paragraphs",
    "min_words",
    "language",
    "text_field",
    "text_is",
    "overrides",
)
_Item = TypeVar("_Item")

RESTORE: Final = "restore it, or write it anew with --write-baseline"

_FINGERPRINT: Final = re.compile(f"[0-9a-f]{{{DIGITS}}}")


def settings_of(config: Config, selection: Selection, file: str) -> dict[str, Any]:
    """The settings that have to be the same for a baseline to mean the same; patterns of files as seen from its folder."""
    values = config.as_dict()
    patterns = {"include": selection.include.patterns, "exclude": selection.exclude.patterns}
    seen = {name: stored_paths(map(anchored, globs), file) for name, globs in patterns.items()}
    return {**{name: values[name] for name in SETTINGS}, **seen}


def encoded(baseline: Baseline) -> bytes:
    """The file: JSON, an entry a line, in the order of their fingerprints; so two files differ where their repeats do."""
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "settings": baseline.settings, "paths": [*baseline.paths]}
    lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},\n" for name, value in head.items()]
    rows = ",\n".join(json.dumps(_row(baseline.entries[pair]), ensure_ascii=False) for pair in sorted(baseline.entries))
    text = "{\n" + "".join(lines) + '"repeats": [' + (f"\n{rows}\n" if rows else "") + "]\n}\n"
    return text.encode("utf-8", "backslashreplace")


def load_baseline(file: str) -> Baseline:
    """Read a baseline. Raises InputError for what is none, is broken, or is of a later version."""
    try:
        with open(file, encoding="utf-8") as lines:
            found = json.load(lines)
    except FileNotFoundError as error:
        raise InputError(file, "there is no such baseline", "write it with --write-baseline") from error
    except OSError as error:
        raise InputError(file, f"cannot be read ({error.strerror})", "check its name and permissions") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{file}:{error.lineno}", f"not JSON, so no baseline ({error.msg})", RESTORE) from error
    except (ValueError, RecursionError) as error:
        raise InputError(file, f"not JSON, so no baseline ({error})", RESTORE) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(file, "no baseline of dedup", "name one that --write-baseline wrote")
    version = found.get("format_version")
    if version != FORMAT_VERSION:
        what = f"a baseline of format version {version!r}, and this dedup reads {FORMAT_VERSION}"
        raise InputError(file, what, "use the dedup that wrote it, or write it anew with --write-baseline")
    settings, paths, rows = (found.get(name) for name in ("settings", "paths", "repeats"))
    if not isinstance(settings, dict) or not _is_list_of(paths, str) or not isinstance(rows, list):
        raise InputError(file, "a baseline without its settings, paths or repeats", RESTORE)
    entries: dict[str, Entry] = {}
    for number, row in enumerate(rows, 1):
        entry = _entry(row)
        if entry is None or entry.pair in entries:
            what = "broken" if entry is None else f"there before ({entry.pair})"
            raise InputError(file, f"repeat {number} of the baseline is {what}", RESTORE)
        entries[entry.pair] = entry
    return Baseline(entries, settings, paths)


def stored_paths(paths: Iterable[str], file: str) -> list[str]:
    """Paths as a baseline names them: from its own folder, with forward slashes. Standard input and addresses stay."""
    folder = os.path.dirname(os.path.realpath(file))
    names = (_from(path, folder) if is_local(path) else path for path in paths)
    return sorted(set(names))


def covers(paths: Iterable[str], baseline: Baseline, file: str) -> bool:
    """Whether all that the baseline was written for, and is still there, is in these paths."""
    folder = os.path.dirname(os.path.realpath(file))
    looked_at = [os.path.realpath(path) if is_local(path) else path for path in paths]
    for path in baseline.paths:
        real = os.path.realpath(os.path.join(folder, path)) if is_local(path) else path
        is_there = os.path.exists(real) if is_local(path) else True
        if is_there and not any(real == one or real.startswith(one.rstrip(os.sep) + os.sep) for one in looked_at):
            return False
    return True


def _from(path: str, folder: str) -> str:
    try:
        return os.path.relpath(os.path.realpath(path), folder).replace(os.sep, "/")
    except ValueError:  # on another drive
        return os.path.realpath(path).replace(os.sep, "/")


def _row(entry: Entry) -> dict[str, Any]:
    row = {"pair": entry.pair, "a": entry.a, "b": entry.b, "places": [*entry.places], "kind": entry.kind, "score": entry.score}
    return row if entry.text is None else {**row, "text": [*entry.text]}


def _entry(row: object) -> Entry | None:
    """What a row of the file says, None if it is broken."""
    if not isinstance(row, dict):
        return None
    a, b, places, kind, score, text = (row.get(name) for name in ("a", "b", "places", "kind", "score", "text"))
    if not (_is_fingerprint(a) and _is_fingerprint(b) and a <= b and row.get("pair") == joined_fingerprint(a, b)):
        return None
    if not (_is_pair_of(places, int) and min(places) > 0 and kind in KINDS and isinstance(score, (int, float))):
        return None
    if text is None:
        return Entry(a, b, (places[0], places[1]), kind, score)
    return Entry(a, b, (places[0], places[1]), kind, score, (text[0], text[1])) if _is_pair_of(text, str) else None


def _is_fingerprint(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _FINGERPRINT.fullmatch(value) is not None


def _is_pair_of(value: object, kind: type[_Item]) -> TypeGuard[list[_Item]]:
    return _is_list_of(value, kind) and len(value) == 2


def _is_list_of(value: object, kind: type[_Item]) -> TypeGuard[list[_Item]]:
    return isinstance(value, list) and all(type(item) is kind for item in value)
