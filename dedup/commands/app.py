"""The command line as typer has it: the commands, and what is said of the program as a whole."""

from __future__ import annotations

from typing import Annotated

import typer

from dedup.commands.check import check
from dedup.commands.clean import clean
from dedup.commands.compare import CompareCommand, compare
from dedup.commands.config import config
from dedup.commands.index import app as index
from dedup.commands.layers import LayeredCommand

# Plain help: rich help costs 2.5 times the import of typer, on every start.
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command("check", cls=LayeredCommand)(check)
app.command("clean", cls=LayeredCommand)(clean)
app.command("compare", cls=CompareCommand)(compare)
app.command("config")(config)
app.add_typer(index, name="index")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dedup {version('dedup')}")
        raise typer.Exit


@app.callback()
def dedup(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Find paragraphs that say the same thing twice: copied, edited, or rewritten in other words."""
