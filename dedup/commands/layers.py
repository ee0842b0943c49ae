"""Where the value of an option comes from: defaults < settings file < environment < command line.

The layers are those of typer (`default_map`, `envvar`, `get_parameter_source`). A command of the class LayeredCommand has all
of them for each option that it declares, so a new option needs nothing but its declaration. `Any` stands for the types of typer
or click, which of them by version.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer
from typer.core import TyperCommand

from dedup.commands import Work
from dedup.commands.keys import OTHERS, PREFIX, SEPARATOR, key_of, long_option, opposite, takes_several, variable_of
from dedup.commands.settings_file import SettingsFile, find_settings
from dedup.commands.tables import (
    MAIN,
    OVERRIDES,
    Commands,
    Keys,
    Path,
    find_overrides,
    idle_keys,
    keys_of,
    refuse_unknown,
    values_for,
    where_set,
)
from dedup.complaints import complain
from dedup.config import Override
from dedup.errors import ConfigError

# Options that exclude each other: if they come from different layers, the upper one is meant.
RIVALS: Final = (("report", "format"), ("report", "output"), ("in_place", "output"), ("baseline", "write_baseline"))

_FILE: Final = "dedup.settings"  # in the `meta` of a context
_RANK: Final = {"DEFAULT": 0, "DEFAULT_MAP": 1, "ENVIRONMENT": 2, "COMMANDLINE": 3}


class LayeredCommand(TyperCommand):
    """A command whose options have all layers."""

    def __init__(self, *args: Any, **given: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **given)
        for parameter in self.params:
            layered: Any = parameter
            layered.envvar = variable_of(layered)
            layered.show_envvar = False  # it follows from the name
            if takes_several(layered):
                layered.type = copy.copy(layered.type)
                layered.type.envvar_list_splitter = SEPARATOR

    def make_parser(self, ctx: Any) -> Any:  # noqa: ANN401
        """Let every option without a value be turned off too, as it may be on in another layer."""
        parser: Any = super().make_parser(ctx)
        for parameter in self.params:
            if getattr(parameter, "is_flag", False):
                names = [opposite(name) for name in parameter.opts]
                parser.add_option(obj=parameter, opts=names, dest=parameter.name, action="store_const", const=False)
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Read the command line; the other layers come in where it says nothing. Raises ConfigError, or a usage error."""
        try:
            rest: list[str] = super().parse_args(ctx, args)
        except Exception as error:
            parameter: Any = getattr(error, "param", None)
            where = None if parameter is None else origin(ctx, parameter)
            if where is None or not hasattr(error, "message"):
                raise
            raise ConfigError(f"{where}: {str(error.message).rstrip('.')}; see {ctx.command_path} --help") from error
        for pair in RIVALS:
            _settle(ctx, pair)
        return rest

    def invoke(self, ctx: Any) -> LayeredWork:  # noqa: ANN401
        """Understand the options. Raises ConfigError, which names a setting as it is called where it stands."""
        with _named(ctx):
            return LayeredWork(ctx, super().invoke(ctx))


class LayeredWork:
    """The work of a command. debug: whether the traceback of an internal error is wanted."""

    def __init__(self, context: Any, work: Work) -> None:  # noqa: ANN401
        self.context = context
        self.work = work
        self.debug = bool(context.params.get("debug"))

    def __call__(self) -> int:
        """Do it. Raises what the work raises; a wrong setting is called as it is where it stands."""
        _tell_idle(self.context)
        with _named(self.context):
            return self.work()


def read_settings(ctx: typer.Context, path: str | None) -> str | None:
    """Find the settings file before any other option is read, and make its values the defaults. Raises ConfigError."""
    load_settings(ctx, path, path_of(ctx), keys_of(ctx.command))
    return path


def load_settings(ctx: Any, path: str | None, command: Path, keys: Keys) -> SettingsFile | None:  # noqa: ANN401
    """Make the values that a file has for a command the defaults of a context. Raises ConfigError."""
    settings = find_settings(path)
    if settings is not None:
        refuse_unknown(settings, layered_commands(ctx))
        ctx.meta[_FILE] = settings
        ctx.default_map = values_for(settings, command, keys)
    return settings


def overrides_of(ctx: typer.Context) -> tuple[Override, ...]:
    """What the settings file says of single paths."""
    settings: SettingsFile | None = ctx.meta.get(_FILE)
    return () if settings is None else find_overrides(settings)


def overrides_for_all(ctx: typer.Context) -> str | None:
    """Where the overrides stand, if what is checked are the configured paths: then each should be for some file."""
    settings: SettingsFile | None = ctx.meta.get(_FILE)
    source = ctx.get_parameter_source("paths")
    if settings is None or source is None or source.name != "DEFAULT_MAP":
        return None
    return settings.where(OVERRIDES)


def settings_files(ctx: typer.Context) -> list[str]:
    """The file that settings come from, if there is one."""
    settings: SettingsFile | None = ctx.meta.get(_FILE)
    return [] if settings is None else [settings.path]


def layered_commands(ctx: Any) -> Commands:  # noqa: ANN401
    """All commands that have settings."""
    found: dict[Path, Keys] = {}

    def look(path: Path, command: Any) -> None:  # noqa: ANN401
        if isinstance(command, LayeredCommand):
            found[path] = keys_of(command)
        for name, inner in getattr(command, "commands", {}).items():
            look((*path, name), inner)

    look((), ctx.find_root().command)
    return found


def path_of(ctx: Any) -> Path:  # noqa: ANN401
    """The names by which a command is called, that of the program aside."""
    return () if ctx.parent is None else (*path_of(ctx.parent), ctx.info_name)


def origin(ctx: Any, parameter: Any) -> str | None:  # noqa: ANN401
    """Where a value was set, and as what; None for the command line and for defaults."""
    return origin_of(parameter, ctx.get_parameter_source(parameter.name), ctx.meta.get(_FILE), path_of(ctx))


def origin_of(parameter: Any, source: Any, settings: SettingsFile | None, command: Path) -> str | None:  # noqa: ANN401
    """The same of a value from a source as typer has it."""
    layer = None if source is None else source.name
    if layer == "ENVIRONMENT":
        return str(parameter.envvar)
    if layer == "DEFAULT_MAP" and settings is not None:
        return where_set(settings, command, str(key_of(parameter)))
    return None


@contextmanager
def _named(ctx: Any) -> Iterator[None]:  # noqa: ANN401
    """Let an error that begins with an option begin with what set it."""
    try:
        yield
    except ConfigError as error:
        option, _, what = str(error).partition(":")
        where = next((origin(ctx, one) for one in ctx.command.params if long_option(one) == option), None)
        if where is None:
            raise
        raise ConfigError(f"{where}:{what}") from error


def unknown_variables(ctx: Any) -> list[str]:  # noqa: ANN401
    """Variables that look like settings and are none."""
    names = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in OTHERS)
    if not names:
        return []  # without a look at all commands
    known = {variable_of(parameter) for keys in layered_commands(ctx).values() for parameter in keys.values()}
    return [name for name in names if name not in known]


def _tell_idle(ctx: Any) -> None:  # noqa: ANN401
    """Say which settings mean nothing to the command that runs."""
    for name in unknown_variables(ctx):
        complain(f"{name}: no setting of that name; see dedup config for those there are")
    settings: SettingsFile | None = ctx.meta.get(_FILE)
    idle = [] if settings is None else idle_keys(settings, path_of(ctx), keys_of(ctx.command), layered_commands(ctx))
    if settings is not None and idle:
        table = ".".join([*settings.prefix, *MAIN])
        advice = f"put what is meant for dedup {' '.join(MAIN)} alone below [{table}]"
        complain(f"{settings.path}: no effect on {ctx.command_path}: {', '.join(idle)}; {advice}")


def _settle(ctx: Any, rivals: tuple[str, str]) -> None:  # noqa: ANN401
    """Forget the one of two options that a lower layer has set."""
    both = [parameter for parameter in ctx.command.params if key_of(parameter) in rivals]
    if len(both) < len(rivals):
        return
    ranks = [_RANK.get(ctx.get_parameter_source(parameter.name).name, 0) for parameter in both]
    if min(ranks) and ranks[0] != ranks[1]:
        weaker = both[ranks.index(min(ranks))]
        ctx.params[weaker.name] = () if takes_several(weaker) else weaker.default
