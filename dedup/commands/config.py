"""`dedup config`: which settings are in force, and where each comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from dedup.allowance import Allowance
from dedup.commands import CLEAN, Work
from dedup.commands.keys import PREFIX
from dedup.commands.layers import layered_commands, load_settings, origin_of, unknown_variables
from dedup.commands.options import Debug, split_names
from dedup.commands.settings_file import OWN, SHARED, TABLE, SettingsFile
from dedup.commands.tables import MAIN, OVERRIDES, Commands, Path, find_overrides, idle_keys
from dedup.config import Config
from dedup.destination import open_destination, output_errors
from dedup.errors import ConfigError
from dedup.reports import Options

NAMED: Final = ("kinds", "fail_on")  # options that hold names with commas
COMMAND_CLASS: Final = TyperCommand  # it prints what other commands are told, and is told nothing itself
COLUMN: Final = 40  # where the sources begin, if there is room
_SECRET: Final = re.compile(r"^(rediss?:/*).*@", re.IGNORECASE | re.DOTALL)  # user and password of the address of an index


def config(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", show_default=" ".join(MAIN), help="The command whose settings are printed."),
    ] = None,
    settings_file: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="FILE",
            envvar=f"{PREFIX}CONFIG",
            show_envvar=False,
            show_default=f"{OWN} or {SHARED}, in this folder or one above it",
            help="File with settings.",
        ),
    ] = None,
    debug: Debug = False,
) -> Work:
    """Print the settings in force, and where each comes from.

    Defaults come first, then a settings file, then variables such as DEDUP_MIN_SCORE, then the command line. The file is
    dedup.toml, or pyproject.toml with a table [tool.dedup], in this folder or the nearest one above it.

    Exit code: 0 printed, 2 a setting is wrong (one line on standard error says which).
    """
    commands = layered_commands(ctx)
    path = tuple(command or MAIN)
    if path not in commands:
        known = ", ".join(" ".join(one) for one in commands)
        raise ConfigError(f"COMMAND: unknown value {' '.join(path)!r}; known are {known}")
    settings = load_settings(ctx, settings_file, path, commands[path])
    return partial(_print, [*_listing(ctx, path, settings, commands)])


def _print(lines: list[str]) -> int:
    with open_destination(None) as out, output_errors(None):
        out.writelines(line + "\n" for line in lines)
        out.flush()
    return CLEAN


def _listing(ctx: Any, path: Path, settings: SettingsFile | None, commands: Commands) -> Iterator[str]:  # noqa: ANN401
    yield f"# dedup {' '.join(path)}"
    if settings is None:
        yield f"# no {OWN}, and no {SHARED} with [{'.'.join(TABLE)}], in this folder or above it"
    values = {key: _value(ctx, parameter, settings, path) for key, parameter in commands[path].items()}
    _refuse_impossible(values)
    for key, parameter in commands[path].items():
        value, where = values[key]
        if value is None or value == ():
            yield _with_source(f"# {key}: {_default(parameter)}", where)
        else:
            yield _with_source(f"{key} = {_toml(value)}", where)
    if settings is not None:
        idle = idle_keys(settings, path, commands[path], commands)
        yield from () if OVERRIDES in idle else _overrides(settings)
        for key in idle:
            yield _with_source(f"# {key}: no effect on dedup {' '.join(path)}", settings.where(key))
    for name in unknown_variables(ctx):
        yield _with_source("# no setting", name)


def _value(ctx: Any, parameter: Any, settings: SettingsFile | None, path: Path) -> tuple[Any, str]:  # noqa: ANN401
    """What an option is, and where that comes from."""
    value, source = parameter.consume_value(ctx, {})
    where = origin_of(parameter, source, settings, path) or "default"
    return _cast(ctx, parameter, value, where), where


def _refuse_impossible(values: dict[str, tuple[Any, str]]) -> None:
    """Raise ConfigError for a value that the command would refuse."""
    given: dict[str, Any] = {key: value for key, (value, _) in values.items() if value not in (None, ())}
    given.update({key: split_names(given[key]) for key in NAMED if key in given})
    makers: tuple[Any, ...] = (Config, Allowance, Options)
    for maker in makers:
        known = {field.name for field in fields(maker)}
        try:
            maker(**{key: value for key, value in given.items() if key in known})
        except ConfigError as error:
            key, colon, what = str(error).partition(":")
            raise ConfigError(f"{values[key][1]}{colon}{what}") from error


def _overrides(settings: SettingsFile) -> Iterator[str]:
    for number, override in enumerate(find_overrides(settings), 1):
        yield ""
        yield _with_source(f"[[{OVERRIDES}]]", f"{settings.where(OVERRIDES)} {number}")
        yield from (f"{key} = {_toml(value)}" for key, value in override.as_dict().items())


def _cast(ctx: Any, parameter: Any, value: object, where: str) -> Any:  # noqa: ANN401
    """The value as the option has it. Raises ConfigError if it is of another type."""
    try:
        return parameter.type_cast_value(ctx, value)
    except Exception as error:
        if not hasattr(error, "message"):  # the mark of usage errors in all versions of typer and click
            raise
        raise ConfigError(f"{where}: {str(error.message).rstrip('.')}; correct it, or leave it out") from error


def _default(parameter: Any) -> str:  # noqa: ANN401
    return parameter.show_default if isinstance(parameter.show_default, str) else "none"


def _with_source(line: str, where: str) -> str:
    return f"{line:<{COLUMN}}  # {where}"


def _toml(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(_SECRET.sub(r"\1…@", value) if isinstance(value, str) else value, ensure_ascii=False)
