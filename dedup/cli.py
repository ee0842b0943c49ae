"""The door: the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import typer

from dedup.config import PARAGRAPH_RULES, SCOPES, Config
from dedup.destination import open_destination, output_errors
from dedup.errors import ConfigError, DedupError
from dedup.model import Result
from dedup.reports import REPORTS, load_report

CLEAN: Final = 0
REPEATS: Final = 1
NOT_CHECKED: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141  # what a shell reports of a program that a closed pipe ended

_DEFAULTS: Final = Config()

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class _Order:
    """What a command line asks for."""

    paths: list[str]
    settings: dict[str, Any]
    report: str
    output: str | None
    all_pairs: bool
    with_text: bool
    quiet: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (without the name of the program) and return its exit code; nothing is raised."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        order = _parse(arguments)
        return _carry_out(order) if isinstance(order, _Order) else CLEAN
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return PIPE_CLOSED
    except DedupError as error:
        _complain(str(error))
    except Exception as error:
        _complain_of_bug(error, "--debug" in arguments)
    finally:
        _settle_standard_output()
    return NOT_CHECKED


def _parse(arguments: Sequence[str]) -> object:
    """Read an order; anything else if the answer (help, version) is printed already."""
    command = typer.main.get_command(app)
    try:
        return command.main(list(arguments), prog_name="dedup", standalone_mode=False)
    except SystemExit:  # how typer answers a closed pipe
        raise BrokenPipeError from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        if not hasattr(error, "format_message"):  # the mark of usage errors in all versions of typer and click
            raise
        path = getattr(getattr(error, "ctx", None), "command_path", "dedup")
        raise ConfigError(f"{error.format_message().rstrip('.')}; see {path} --help") from error


def _carry_out(order: _Order) -> int:
    config, render = _validated(order)
    # Late, so that help and wrong options answer at once.
    from dedup.pipeline import check
    from dedup.readers import Source

    with open_destination(order.output) as out:
        source = Source(order.paths, config)
        result = check(source, config)
        result = replace(result, errors=(*result.errors, *source.errors), ignored=source.ignored)
        _tell_what_was_not_checked(result)
        with output_errors(order.output):
            render(result, out, with_text=order.with_text, all_pairs=order.all_pairs)
            out.flush()
    if result.errors:
        return NOT_CHECKED
    return REPEATS if any(pair.counts for pair in result.pairs) else CLEAN


def _validated(order: _Order) -> tuple[Config, Any]:
    if not order.paths:
        raise ConfigError("PATH: nothing to check; name files or folders, or - for standard input")
    try:
        return Config.from_mapping(order.settings), load_report(order.report, brief=order.quiet)
    except ConfigError as error:
        setting, colon, what = str(error).partition(":")
        raise ConfigError(f"--{setting.replace('_', '-')}{colon}{what}") from error


def _tell_what_was_not_checked(result: Result) -> None:
    for error in result.errors:
        _complain(str(error))
    if result.compared_nothing:
        skipped = ", ".join(f"{count} {reason}" for reason, count in result.skipped.items()) or "none"
        documents, paragraphs = len(result.paragraphs.documents), len(result.paragraphs.text)
        _complain(
            f"nothing was compared: documents {documents}, paragraphs {paragraphs}, skipped {skipped}; "
            f"see --min-words, --paragraphs and --scope ({result.config.scope})"
        )


def _complain(message: str) -> None:
    line = "".join(character if character.isprintable() else " " for character in message)
    with suppress(OSError):  # nobody is listening
        if sys.stderr is not None:
            print(f"dedup: {line}", file=sys.stderr)


def _complain_of_bug(error: Exception, with_traceback: bool) -> None:
    if with_traceback:
        import traceback

        traceback.print_exception(error)
    _complain(f"internal error: {type(error).__name__}: {error}; run again with --debug and report what it prints")


def _settle_standard_output() -> None:
    """Drop what cannot be written: Python would try again when it ends, with a traceback and an exit code of its own."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


@app.command("check")
def _check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", show_default=False, help="Files, folders (with all in them), - for standard input."),
    ] = None,
    min_score: Annotated[float, typer.Option(help="A pair is a repeat from this score on, 0 to 1.")] = _DEFAULTS.min_score,
    scope: Annotated[str, typer.Option(help=f"Where repeats are looked for: {', '.join(SCOPES)}.")] = _DEFAULTS.scope,
    kinds: Annotated[str, typer.Option(help="The kinds of repeat that count, with commas.")] = ",".join(_DEFAULTS.kinds),
    all_pairs: Annotated[bool, typer.Option("--all", help="List the repeats that do not count too, and say why.")] = False,
    report: Annotated[str, typer.Option("--format", help=f"How the report is written: {', '.join(REPORTS)}.")] = "text",
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the report here, whole or not at all; else to standard output.")
    ] = None,
    paragraphs: Annotated[
        str, typer.Option(help=f"Where plain text is split: {', '.join(PARAGRAPH_RULES)} (at blank lines, or at each line).")
    ] = _DEFAULTS.paragraphs,
    min_words: Annotated[int, typer.Option(help="Paragraphs of fewer words are not compared.")] = _DEFAULTS.min_words,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Language of number words, such as en or de; else told from the text.")
    ] = _DEFAULTS.language,
    id_field: Annotated[str, typer.Option(metavar="NAME", help="Field of a record that holds its id.")] = _DEFAULTS.id_field,
    text_field: Annotated[
        str, typer.Option(metavar="NAME", help="Field of a record that holds its text.")
    ] = _DEFAULTS.text_field,
    date_field: Annotated[
        str, typer.Option(metavar="NAME", help="Field of a record that holds its date.")
    ] = _DEFAULTS.date_field,
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave the paragraphs themselves out of the report.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the summary of the text report only.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> _Order:
    """Find repeats, within documents and across them.

    A .txt or .md file is one document; a line of a .jsonl or .ndjson file is one, with fields for its id, text and date.
    All may be packed (.gz). Other files are read if named, and told apart by their content.

    Exit code: 0 no repeats, 1 repeats, 2 something could not be checked (one line on standard error says what; the rest
    is checked and reported all the same), 130 interrupted, 141 the reader of the output went away.
    """
    settings = {
        "min_score": min_score,
        "scope": scope,
        "kinds": tuple(kind.strip() for kind in kinds.split(",")),
        "paragraphs": paragraphs,
        "min_words": min_words,
        "language": language,
        "id_field": id_field,
        "text_field": text_field,
        "date_field": date_field,
    }
    return _Order(paths or [], settings, report, output, all_pairs, with_text=not no_text, quiet=quiet)
