"""The file that settings stand in: `dedup.toml`, or the table `tool.dedup` of `pyproject.toml`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from dedup.errors import ConfigError

OWN: Final = "dedup.toml"
SHARED: Final = "pyproject.toml"
TABLE: Final = ("tool", "dedup")  # of the shared one

# Every way in which TOML can begin the table `tool.dedup`, and a few others.
_OURS: Final = rb"""(?m)\btool["'\s]*\.["'\s]*dedup\b|^\s*\[\s*["']?tool["']?\s*\]|^\s*["']?tool["']?\s*="""
_AT_LINE: Final = r" \(at line (\d+), column \d+\)$"


class SettingsFile(NamedTuple):
    """A file with settings. path: as messages name it. folder: absolute, what paths in it are relative to.

    prefix: the tables above its settings. table: all settings, not yet checked.
    """

    path: str
    folder: str
    prefix: tuple[str, ...]
    table: dict[str, Any]

    def where(self, *keys: str) -> str:
        """How messages name a setting."""
        return f"{self.path}: {'.'.join([*self.prefix, *keys])}"

    def beside(self, path: str) -> str:
        """A path of this file, relative to the working directory. Standard input and addresses stay."""
        if path == "-" or "://" in path or os.path.isabs(path):
            return path
        return _shown(os.path.join(self.folder, path))


def find_settings(given: str | None) -> SettingsFile | None:
    """Read the file that is given, or else the nearest, looking upward from the working directory.

    Raises ConfigError if it cannot be read, or if a folder has two.
    """
    if given is not None:
        found = _read(given, given)
        if found is None:
            raise ConfigError(f"{given}: it has no table [{'.'.join(TABLE)}]; add one, or give another file")
        return found
    for folder in _upward(os.getcwd()):
        paths = [os.path.join(folder, name) for name in (OWN, SHARED)]
        read = [found for path in paths if os.path.isfile(path) and (found := _read(path, _shown(path)))]
        if len(read) > 1:
            what = f"{read[1].path} has settings too"
            raise ConfigError(f"{read[0].path}: {what}; put all of them into one of the two")
        if read:
            return read[0]
    return None


def _upward(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _read(path: str, shown: str) -> SettingsFile | None:
    """Read a file; None if it is a shared one without our table."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read ({error.strerror}); check its name and permissions") from error
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.basename(path) != SHARED:
        return SettingsFile(shown, folder, (), _parsed(data, shown))
    if TABLE[-1].encode() not in data or not re.search(_OURS, data):  # spares the time to parse what is of no use here
        return None
    table: Any = _parsed(data, shown)
    for name in TABLE:
        table = table.get(name) if isinstance(table, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{shown}: {'.'.join(TABLE)}: {table!r} is no table; write [{'.'.join(TABLE)}]")
    return SettingsFile(shown, folder, TABLE, table)


def _parsed(data: bytes, shown: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(_AT_LINE, str(error))
        where = f"{shown}:{at[1]}" if at else shown
        raise ConfigError(f"{where}: not TOML ({re.sub(_AT_LINE, '', str(error))}); correct it") from error
    return table


def _shown(path: str) -> str:
    """Relative to the working directory, where there is a way."""
    try:
        return os.path.relpath(path).replace(os.sep, "/")
    except ValueError:  # another drive
        return path
