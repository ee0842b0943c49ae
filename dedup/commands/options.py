"""Options that several commands have, and what they stand for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from dedup.allowance import BOILERPLATE, FAIL_ON, Allowance
from dedup.commands.layers import overrides_of, read_settings
from dedup.commands.settings_file import OWN, SHARED
from dedup.config import PARAGRAPH_RULES, TEXT_MARKUPS, Config
from dedup.errors import ConfigError
from dedup.globs import Globs, Selection
from dedup.model import KINDS
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
Location = Annotated[
    str, typer.Argument(metavar="INDEX", show_default=False, help="The index: a file, or redis://HOST/DB?name=NAME.")
]
LearnFrom = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE",
        show_default="none",
        help="Learn from these files or folders what words weigh, when the index is made; once for each.",
    ),
]
DateField = Annotated[str, typer.Option(metavar="NAME", help="Field of a record that holds its date.")]
Jobs = Annotated[
    int, typer.Option(metavar="N", help="Processes that divide the work; more take less time for the same result.")
]
BaselineFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", show_default="none", help="A file of accepted repeats: only new ones count, fixed ones are told."
    ),
]
WriteBaseline = Annotated[
    str | None,
    typer.Option(metavar="FILE", show_default="none", help="Accept the repeats there are now, and write them to this file."),
]
PruneBaseline = Annotated[
    bool, typer.Option("--prune-baseline", help="Take the fixed ones out of the file that --baseline names.")
]
Against = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", show_default="none", help="An index of what was published, to compare with; once for each."),
]
AddToIndex = Annotated[bool, typer.Option("--add", help="Add the documents to the index if the check passes.")]
Since = Annotated[
    str | None, typer.Option(metavar="DATE", show_default="all", help="Compare with what was published from this date on.")
]
Window = Annotated[
    str | None, typer.Option(metavar="SPAN", show_default="all", help="The same, as days or weeks up to now: 90d, 12w.")
]
Root = Annotated[
    str | None,
    typer.Option(
        metavar="DIR", show_default="the working directory", help="Folder from which files have the names that an index keeps."
    ),
]
IgnoreList = Annotated[
    str | None,
    typer.Option(metavar="FILE", show_default="none", help="Texts and fingerprints to ignore, one a line, with reasons."),
]
ChangedSince = Annotated[
    str | None,
    typer.Option(
        metavar="REF",
        show_default="all count",
        help="Only repeats count of which a paragraph changed since this commit of git, or since HEAD parted from it.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the summary of the text report only.")]
SettingsFile = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        show_default=f"{OWN} or {SHARED}, in this folder or one above it",
        help="File with settings; dedup config prints them.",
        is_eager=True,
        callback=read_settings,
    ),
]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        show_default="all that count",
        help=f"The repeats that make a run fail, one or more, with commas: {', '.join(FAIL_ON)}. Others are reported only.",
    ),
]
MaxRepeats = Annotated[
    int | None,
    typer.Option(
        metavar="N", show_default="0, or any number with --max-ratio", help="Fail if there are more than N such repeats."
    ),
]
MaxRatio = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        show_default="any",
        help="Fail if a larger share of the compared paragraphs stands in such repeats, 0 to 1.",
    ),
]
RequireParagraphs = Annotated[bool, typer.Option("--require-paragraphs", help="End with exit code 2 if nothing was compared.")]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOBS", show_default="all", help="Read only files that match, such as *.md or news/**; several with commas."
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="GLOBS", show_default="none", help="Leave out files that match, such as drafts or archive/**."),
]


def kinds_option(meaning: str) -> Any:  # noqa: ANN401 - as typer declares it
    """An option that names kinds of repeat."""
    shown = ",".join(DEFAULTS.kinds)
    return typer.Option("--kinds", metavar="NAMES", show_default=shown, help=f"{meaning}, one or more, with commas.")


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")]


def settings(values: Mapping[str, Any], ctx: typer.Context | None = None) -> Config:
    """Make the configuration, with what the settings file says of single paths. Raises ConfigError that names the option."""
    try:
        return Config.from_mapping({**values, "overrides": () if ctx is None else overrides_of(ctx)})
    except ConfigError as error:
        raise by_option(error) from error


def split_names(values: Sequence[str] | None) -> tuple[str, ...]:
    """The names of an option that takes several, with commas or one by one."""
    return tuple(name.strip() for value in values or () for name in value.split(","))


def removed_kinds(names: Sequence[str]) -> dict[str, Any]:
    """The settings that say which repeats go. Boilerplate is no kind, but what copies of some kind are."""
    kinds, known = tuple(name for name in names if name != BOILERPLATE), (*KINDS, BOILERPLATE)
    for name in kinds:
        if name not in known:
            raise ConfigError(f"--kinds: unknown value {name!r}; known are {', '.join(known)}")
    if not kinds:
        raise ConfigError("--kinds: boilerplate alone is no kind; name those of its copies too, such as exact,near,boilerplate")
    return {"kinds": kinds, "count_boilerplate": BOILERPLATE in names}


def allowed(config: Config, **given: Any) -> Allowance:  # noqa: ANN401 - as Allowance
    """What a check allows. Raises ConfigError that names the option."""
    try:
        allowance = Allowance(**given)
        allowance.check_against(config)
    except ConfigError as error:
        raise by_option(error) from error
    return allowance


def selected(include: Sequence[str] | None, exclude: Sequence[str] | None) -> Selection:
    """The files that are meant. Raises ConfigError that names the option."""
    return Selection(_globs("--include", include), _globs("--exclude", exclude))


def _globs(option: str, patterns: Sequence[str] | None) -> Globs:
    try:
        return Globs(split_names(patterns))
    except ConfigError as error:
        raise ConfigError(f"{option}: {error}") from error


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
