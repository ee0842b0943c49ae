"""The command line as typer has it: the commands, and what is said of the program as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from dedup.commands.layers import LayeredCommand

COMMANDS: Final = (
    "check",
    "clean",
    "compare",
    "config",
    "index",
)  # each a function in a module of its name, in the order of the help


class _Commands(Mapping[str, Any]):
    """What typer makes of each command, by name; made when it is first asked for: a run needs one of them."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - of typer or click, by version
        if name not in COMMANDS:
            raise KeyError(name)
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(TyperGroup):
    def __init__(self, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**{**given, "commands": _Commands()})


def _plain(**given: Any) -> typer.Typer:  # noqa: ANN401
    # Plain help: rich help costs 2.5 times the import of typer, on every start.
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **given)


@cache
def _command(name: str) -> Any:  # noqa: ANN401
    """The command of a module: of the class that it names, else a layered one; or its group of commands."""
    module, alone = import_module(f"dedup.commands.{name}"), _plain()
    if hasattr(module, "GROUP"):
        return typer.main.get_command(module.GROUP)
    alone.command(name, cls=getattr(module, "COMMAND_CLASS", LayeredCommand))(getattr(module, name))
    return typer.main.get_command(alone)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dedup {version('dedup')}")
        raise typer.Exit


app = _plain(cls=_Group)


@app.callback()
def dedup(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Find paragraphs that say the same thing twice: copied, edited, or rewritten in other words."""
