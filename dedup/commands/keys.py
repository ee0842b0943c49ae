"""What an option is called in a settings file and in the environment, and which values a file may give it.

All of it follows from the declaration of the option. `Any` stands for the types of typer or click, which of them by version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dedup.commands.settings_file import SettingsFile
from dedup.errors import ConfigError

PREFIX: Final = "DEDUP_"  # of variables
OTHERS: Final = ("DEDUP_CONFIG", "DEDUP_DATA")  # variables that are no twins of options: --config, and data of benchmarks
SEPARATOR: Final = ","  # of the values that one variable holds

NAMES: Final = "NAMES"  # what the help calls values of which one has to be given

# What a value has to be, by the type that the option declares, and how a message calls it. Names of types change by version.
_TYPES: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "boolean": ((bool,), "true or false"),
    "bool": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "text": ((str,), "a text in quotes"),
    "str": ((str,), "a text in quotes"),
}
_SHOWN: Final = 60  # characters of a value that a message shows


def key_of(parameter: Any) -> str | None:  # noqa: ANN401
    """The key of an option, `min_score` for `--min-score`; that of PATH... is its name. None for what no file can say."""
    if parameter.is_eager:
        return None  # --config itself
    long = long_option(parameter)
    if long is not None:
        return long.removeprefix("--").replace("-", "_")
    return str(parameter.name) if parameter.nargs == -1 else None


def variable_of(parameter: Any) -> str | None:  # noqa: ANN401
    """The variable of an option, `DEDUP_MIN_SCORE` for `--min-score`, and that of PATH..., `DEDUP_PATHS`."""
    long = long_option(parameter)
    name = long.removeprefix("--") if long is not None else parameter.name if parameter.nargs == -1 else None
    return name and PREFIX + name.replace("-", "_").upper()


def long_option(parameter: Any) -> str | None:  # noqa: ANN401
    """`--min-score`; None for an argument."""
    return next((name for name in parameter.opts if name.startswith("--")), None)


def opposite(option: str) -> str:
    """What turns an option without a value off: `--no-all` for `--all`, `--text` for `--no-text`."""
    return f"--{option[5:]}" if option.startswith("--no-") else f"--no-{option[2:]}"


def takes_several(parameter: Any) -> bool:  # noqa: ANN401
    """Whether it holds a list."""
    return bool(getattr(parameter, "multiple", False)) or parameter.nargs == -1


def read_value(settings: SettingsFile, where: str, value: object, parameter: Any) -> Any:  # noqa: ANN401
    """The value that a file gives an option, with its paths relative to the working directory.

    Raises ConfigError if it is of another type.
    """
    types, meant = _TYPES[parameter.type.name]
    relocate = _RELOCATED.get(parameter.metavar, _as_it_is)
    if not takes_several(parameter):
        return relocate(settings, _of_type(where, value, types, meant))
    values = value if isinstance(value, list) else [value]
    if not values and parameter.metavar == NAMES:
        raise ConfigError(f"{where}: none is named; give some, or leave it out")  # none could mean all or nothing
    return [relocate(settings, _of_type(where, one, types, f"{meant}, or a list of such")) for one in values]


def _of_type(where: str, value: object, types: tuple[type, ...], meant: str) -> Any:  # noqa: ANN401
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        shown = repr(value)
        raise ConfigError(f"{where}: {shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + '…'} does not fit; give {meant}")
    return value


def _as_it_is(settings: SettingsFile, value: Any) -> Any:  # noqa: ANN401
    return value


def _path(settings: SettingsFile, value: str) -> str:
    return settings.beside(value)


def _report(settings: SettingsFile, value: str) -> str:
    name, equals, path = value.partition("=")
    return f"{name}={settings.beside(path)}" if equals and path else value


def _globs(settings: SettingsFile, value: str) -> str:
    from dedup.globs import anchored  # only if there is a file

    return ",".join(anchored(pattern.strip(), settings.folder) for pattern in value.split(",") if pattern.strip())


# What holds paths, told by what the help calls its values.
_RELOCATED: Final[Mapping[str, Callable[[SettingsFile, Any], Any]]] = {
    "FILE": _path,
    "DIR": _path,
    "PATH...": _path,
    "REPORT": _report,
    "GLOBS": _globs,
}
