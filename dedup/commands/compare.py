"""`dedup compare`: score two texts and say why."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import typer

from dedup.commands import CLEAN, Work
from dedup.commands.layers import LayeredCommand
from dedup.commands.options import (
    DEFAULTS,
    Debug,
    IdField,
    Language,
    MaxBytes,
    NoText,
    Output,
    Paragraphs,
    SettingsFile,
    TextField,
    TextIs,
    Width,
    by_option,
    report_options,
    settings,
)
from dedup.config import STANDARD_INPUT, Config
from dedup.destination import open_destination, output_errors
from dedup.errors import ConfigError
from dedup.model import Place
from dedup.reports import COMPARISONS, Options, RenderComparison, load_comparison

HELP: Final = "FILE, FILE:LINE, FILE#PARAGRAPH or FILE#ID#PARAGRAPH; FILE may be - for standard input."


_MASK: Final = "\0"  # nothing that a command line can hold


class CompareCommand(LayeredCommand):
    """Takes references to standard input, such as -#0, for the arguments they are: they look like options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of typer or click, by version
        """Hide them from the parser, which has no other way."""
        rest: list[str] = super().parse_args(ctx, [_MASK + arg if arg.startswith("-#") else arg for arg in args])
        ctx.params = {name: _unmasked(value) for name, value in ctx.params.items()}
        return rest


COMMAND_CLASS: Final = CompareCommand


def _unmasked(value: object) -> object:
    return value.removeprefix(_MASK) if isinstance(value, str) else value


def _origin(place: Place) -> tuple[str, str | None]:
    """The document a place is in, however its file is spelled: a check reads a file once, too."""
    file = place.file or ""
    real = file if file == STANDARD_INPUT else os.path.realpath(file)
    return real, None if place.document == place.file else place.document


@dataclass(frozen=True)
class _Comparison:
    """What a command line asks for."""

    references: tuple[str, str]
    same_document: bool
    config: Config
    render: RenderComparison
    output: str | None
    options: Options

    def __call__(self) -> int:
        # Late, so that help and wrong options answer at once.
        from dedup.explanation import explain
        from dedup.pipeline import compare
        from dedup.references import find_places

        with open_destination(self.output) as out:
            a, b = find_places(self.references, self.config)
            same_document = self.same_document or _origin(a) == _origin(b)
            pair = compare(a.text, b.text, same_document=same_document, language=self.config.language)
            [explanation] = explain([replace(pair, a=a, b=b)], self.config.language, same_document=same_document)
            with output_errors(self.output):
                self.render(explanation, out, self.options)
                out.flush()
        return CLEAN


def compare(
    a: Annotated[str, typer.Argument(metavar="A", show_default=False, help=HELP)],
    b: Annotated[str, typer.Argument(metavar="B", show_default=False, help=HELP)],
    same_document: Annotated[
        bool, typer.Option("--same-document", help="Score two files as if they were paragraphs of one document.")
    ] = False,
    report: Annotated[
        str, typer.Option("--format", metavar="NAME", help=f"How the report is written: {', '.join(COMPARISONS)}.")
    ] = "text",
    output: Output = None,
    width: Width = None,
    paragraphs: Paragraphs = DEFAULTS.paragraphs,
    language: Language = DEFAULTS.language,
    id_field: IdField = DEFAULTS.id_field,
    text_field: TextField = DEFAULTS.text_field,
    text_is: TextIs = DEFAULTS.text_is,
    max_bytes: MaxBytes = DEFAULTS.max_bytes,
    no_text: NoText = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Leave the table of features out of the text report.")] = False,
    settings_file: SettingsFile = None,
    debug: Debug = False,
) -> Work:
    """Score two texts, and say what makes the score.

    FILE takes all of a file as one paragraph. FILE:25 is the paragraph that begins in line 25, as the text report names it.
    FILE#12 is its paragraph 12, counted from 0 as in the other reports, headings and all; FILE#ID#12 that of one record of a
    file that has several. Two paragraphs of one document get the score that a check gives
    them, which is stricter within a document than across documents.

    Options without a value are off unless they are given.

    Exit code: 0 compared, 2 something could not be read (one line on standard error says what), 130 interrupted, 141 the
    reader of the output went away.
    """
    config = settings(
        {
            "paragraphs": paragraphs,
            "language": language,
            "id_field": id_field,
            "text_field": text_field,
            "text_is": text_is,
            "max_bytes": max_bytes,
        }
    )
    options = report_options(output, width, with_text=not no_text, brief=quiet)
    try:
        return _Comparison((a, b), same_document, config, load_comparison(report), output, options)
    except ConfigError as error:
        raise by_option(error) from error
