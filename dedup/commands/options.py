"""Options that several commands have, and what they stand for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from dedup.config import PARAGRAPH_RULES, TEXT_MARKUPS, Config
from dedup.errors import ConfigError
from dedup.reports import NARROWEST, Options

DEFAULTS: Final = Config()
WIDTH: Final = 80  # of a report that does not go to a terminal, so that it is the same everywhere

Paragraphs = Annotated[
    str,
    typer.Option(
        metavar="NAME", help=f"Where plain text is split: {', '.join(PARAGRAPH_RULES)} (at blank lines, or at each line)."
    ),
]
Language = Annotated[
    str | None,
    typer.Option(metavar="CODE", show_default="told from each text", help="Language of number words, such as en or de."),
]
IdField = Annotated[str, typer.Option(metavar="NAME", help="Field of a record that holds its id.")]
TextField = Annotated[str, typer.Option(metavar="NAME", help="Field of a record that holds its text.")]
TextIs = Annotated[str, typer.Option(metavar="NAME", help=f"Markup of the text of records: {', '.join(TEXT_MARKUPS)}.")]
MaxBytes = Annotated[
    int | None,
    typer.Option(
        metavar="BYTES",
        show_default="64 MiB for feeds, HTML and JSON lists, none for text and records",
        help="How large a file may be, unpacked.",
    ),
]
Output = Annotated[
    str | None,
    typer.Option(metavar="FILE", show_default="standard output", help="Write the report here, whole or not at all."),
]
NoText = Annotated[bool, typer.Option("--no-text", help="Leave the paragraphs themselves out of the report.")]
Width = Annotated[
    int | None,
    typer.Option(
        metavar="COLUMNS",
        show_default=f"those of the terminal, or {WIDTH} where there is none",
        help=f"Columns of the text report, {NARROWEST} or more.",
    ),
]
DateField = Annotated[str, typer.Option(metavar="NAME", help="Field of a record that holds its date.")]
Jobs = Annotated[
    int, typer.Option(metavar="N", help="Processes that divide the work; more take less time for the same result.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the summary of the text report only.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")]


def settings(values: Mapping[str, Any]) -> Config:
    """Make the configuration; an error names the option. Raises ConfigError."""
    try:
        return Config.from_mapping(values)
    except ConfigError as error:
        raise by_option(error) from error


def by_option(error: ConfigError) -> ConfigError:
    """Name the option instead of the setting."""
    setting, colon, what = str(error).partition(":")
    return ConfigError(f"--{setting.replace('_', '-')}{colon}{what}")


def report_options(output: str | None, width: int | None, **given: Any) -> Options:  # noqa: ANN401 - as Options
    """How a report is written to this destination. Raises ConfigError that names the option."""
    terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    if width is None:
        width = max(NARROWEST, shutil.get_terminal_size((WIDTH, 0)).columns) if terminal else WIDTH
    try:
        return Options(width=width, colour=output is None and _in_colour(terminal), **given)
    except ConfigError as error:
        raise by_option(error) from error


def _in_colour(terminal: bool) -> bool:
    """Follow https://no-color.org and https://force-color.org: a variable counts unless it is empty."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")
