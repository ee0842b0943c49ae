"""What the tables of a settings file say to each command.

A key outside of tables holds for every command that has an option of that name; a table of a command's name holds for that
command alone and goes before. `Any` stands for the types of typer or click, which of them by version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from dedup.commands.keys import key_of, read_value
from dedup.commands.settings_file import SettingsFile
from dedup.config import OVERRIDABLE, Override
from dedup.errors import ConfigError

Path: TypeAlias = tuple[str, ...]  # of a command: ("check",)
Keys: TypeAlias = dict[str, Any]  # parameters of a command by key
Commands: TypeAlias = Mapping[Path, Keys]  # in the order in which messages list their keys

MAIN: Final[Path] = ("check",)
OVERRIDES: Final = "overrides"
OVERRIDDEN: Final[tuple[Path, ...]] = (MAIN, ("clean",))  # commands that mind which file a text stands in
# What a command writes and where is its own: outside of tables these are meant for the main command.
OUTPUT: Final = ("format", "output")


def keys_of(command: Any) -> Keys:  # noqa: ANN401
    """What a file can set of a command."""
    return {key: parameter for parameter in command.params if (key := key_of(parameter)) is not None}


def refuse_unknown(settings: SettingsFile, commands: Commands) -> None:
    """Raise ConfigError for a key that no command has, and for a value of the wrong type, whichever command runs."""
    known: Keys = {}
    for keys in commands.values():
        known = {**keys, **known}
    _refuse_in(settings, (), {key: known[key] for keys in commands.values() for key in keys}, commands)
    find_overrides(settings)


def values_for(settings: SettingsFile, path: Path, keys: Keys) -> dict[str, Any]:
    """Values by the name of the parameter."""
    own = own_table(settings, path)
    shared = {key: value for key, value in settings.table.items() if key in keys and _meant(key, path)}
    return {
        keys[key].name: read_value(settings, where_set(settings, path, key), value, keys[key])
        for key, value in {**shared, **own}.items()
    }


def where_set(settings: SettingsFile, path: Path, key: str) -> str:
    """Where a key of a command stands."""
    return settings.where(*(path if key in own_table(settings, path) else ()), key)


def own_table(settings: SettingsFile, path: Path) -> dict[str, Any]:
    """The table of a command."""
    table: Any = settings.table
    for name in path:
        table = table.get(name, {})
    return dict(table)


def idle_keys(settings: SettingsFile, path: Path, keys: Keys, commands: Commands) -> list[str]:
    """Keys outside of tables that mean nothing to a command."""
    tables = {command[0] for command in commands}
    meant = {key for key in keys if _meant(key, path)} | ({OVERRIDES} if path in OVERRIDDEN else set())
    return [key for key in settings.table if key not in tables | meant]


def find_overrides(settings: SettingsFile) -> tuple[Override, ...]:
    """What the file says of single paths. Raises ConfigError for what is not like that."""
    tables = settings.table.get(OVERRIDES, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        heading = ".".join([*settings.prefix, OVERRIDES])
        raise ConfigError(f"{settings.where(OVERRIDES)}: no list of tables; write [[{heading}]] above each")
    return tuple(_override(settings, number, table) for number, table in enumerate(tables, 1))


def _override(settings: SettingsFile, number: int, table: dict[str, Any]) -> Override:
    where = f"{settings.where(OVERRIDES)} {number}"
    for key in table:
        if key not in OVERRIDABLE:
            raise ConfigError(f"{where}: {key}: cannot be set for single paths; known are {', '.join(OVERRIDABLE)}")
    try:
        return Override(**{"paths": (), **table}, folder=settings.folder)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _meant(key: str, path: Path) -> bool:
    return path == MAIN or key not in OUTPUT


def _refuse_in(settings: SettingsFile, path: Path, known: Keys, commands: Commands) -> None:
    """Look through one table. known: the keys it may have beside those of the tables in it."""
    inner = {command[len(path)]: command for command in commands if command[: len(path)] == path and command != path}
    for key, value in own_table(settings, path).items():
        if key in inner:
            if not isinstance(value, dict):
                raise ConfigError(f"{settings.where(*path, key)}: no table; write [{'.'.join([*settings.prefix, *path, key])}]")
            _refuse_in(settings, (*path, key), commands.get((*path, key), {}), commands)
        elif key in known:
            read_value(settings, settings.where(*path, key), value, known[key])
        elif path or key != OVERRIDES:
            names = [*known, *inner, *([] if path else [OVERRIDES])]
            raise ConfigError(f"{settings.where(*path, key)}: no such setting; known are {', '.join(names)}")
