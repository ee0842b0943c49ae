"""`dedup clean`: files without their repeats."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from dedup.commands import CLEAN, NOT_CHECKED, Work
from dedup.commands.notices import tell_of_cleaning, watched
from dedup.commands.options import (
    DEFAULTS,
    DateField,
    Debug,
    Exclude,
    IdField,
    Include,
    Jobs,
    Language,
    MaxBytes,
    Paragraphs,
    Quiet,
    SettingsFile,
    TextField,
    TextIs,
    Width,
    by_option,
    kinds_option,
    removed_kinds,
    report_options,
    selected,
    settings,
    split_names,
)
from dedup.complaints import complain
from dedup.config import SCOPES, STANDARD_INPUT, Config
from dedup.destination import BACKUP, open_destination, output_errors, replace_file
from dedup.errors import ConfigError, InputError, OutputError, PlaceError
from dedup.globs import Selection
from dedup.jobs import checked
from dedup.keeping import KEEP
from dedup.progress import Bars, Progress
from dedup.reports import CLEANINGS, Options, RenderCleaning, load_cleaning

if TYPE_CHECKING:
    from dedup.account import CleanedFile
    from dedup.cleaning import Cleaned, Removal
    from dedup.originals import Original
    from dedup.readers import Source
    from dedup.revisions import Revisions


@dataclass(frozen=True)
class _Where:
    """Where cleaned files go. folder: below this one; None: over the old ones, which stay as backups if `backup`."""

    folder: str | None
    backup: bool
    dry: bool


@dataclass(frozen=True)
class _Clean:
    """What a command line asks for."""

    paths: list[str]
    config: Config
    keep: str
    where: _Where
    interactive: bool
    render: RenderCleaning
    options: Options
    bars: bool
    jobs: int
    selection: Selection

    def __call__(self) -> int:
        # Late, so that help and wrong options answer at once.
        from dedup.account import Account
        from dedup.cleaning import clean
        from dedup.commands.review import Interview, QuitError
        from dedup.originals import load_originals
        from dedup.readers import Source
        from dedup.revisions import Revisions

        with open_destination(None) as out:
            standard_input = _standard_input() if STANDARD_INPUT in self.paths else None
            source = Source(self.paths, self.config, standard_input=standard_input, selection=self.selection)
            originals, failures = load_originals(source)
            errors: list[PlaceError] = [*failures]
            targets = _targets(originals, source, self.where)
            revisions = Revisions(originals)
            review = Interview(self.options, self.config.language) if self.interactive else None
            try:
                with Bars() if self.bars else Progress() as bars:
                    cleaned = clean(
                        revisions.documents,
                        self.config,
                        keep=self.keep,
                        review=review,
                        reread=revisions.put,
                        progress=bars,
                        jobs=self.jobs,
                    )
            except QuitError:
                complain("quit: nothing was written")
                return CLEAN
            files = list(self._put(revisions, targets, cleaned, errors))
            tell_of_cleaning(errors, cleaned)
            with output_errors(None):
                self.render(Account(cleaned, files, errors, self.where.dry), out, self.options)
                out.flush()
        return CLEAN if cleaned.complete and not errors else NOT_CHECKED

    def _put(
        self, revisions: Revisions, targets: dict[str, str], cleaned: Cleaned, errors: list[PlaceError]
    ) -> Iterator[CleanedFile]:
        """Write what became of each file, in the order of their names; add to the errors what cannot be."""
        removed: dict[str | None, list[Removal]] = defaultdict(list)
        for removal in cleaned.removed:
            removed[removal.place.file].append(removal)
        for original in sorted(revisions.originals, key=lambda original: original.file):
            with _gathered(errors):
                new = revisions.data(original.file)
                yield self._put_one(original, new, targets[original.file], removed[original.file])

    def _put_one(self, original: Original, new: bytes, target: str, removed: list[Removal]) -> CleanedFile:
        from dedup.account import CleanedFile
        from dedup.reports.diff import unified_diff

        if self.where.dry:
            diff = unified_diff(original.shown(original.data), original.shown(new), original.file)
            return CleanedFile(original.file, removed, diff=tuple(diff))
        if self.where.folder is not None:
            replace_file(target, new)
            return CleanedFile(original.file, removed, target)
        if new == original.data:
            return CleanedFile(original.file, removed)
        original.check_unchanged()
        replace_file(target, new, backup=self.where.backup)
        old = target if os.path.islink(original.file) else original.file  # the link stays, and what it names is replaced
        return CleanedFile(original.file, removed, original.file, old + BACKUP if self.where.backup else None)


@contextmanager
def _gathered(errors: list[PlaceError]) -> Iterator[None]:
    try:
        yield
    except (InputError, OutputError) as error:
        errors.append(error)


def _standard_input() -> bytes:
    try:
        if sys.stdin is None:
            raise OSError(0, "it is closed")
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError(STANDARD_INPUT, f"cannot be read ({error.strerror})", "give a file instead") from error


def _targets(originals: Sequence[Original], source: Source, where: _Where) -> dict[str, str]:
    """Where each file goes. Raises ConfigError if an input would be lost."""
    from dedup.placement import names_below, standard_input_name

    inputs = {os.path.realpath(file): file for file in source.files if file != STANDARD_INPUT}
    if where.folder is None:
        real = {original.file: os.path.realpath(original.file) for original in originals}
        lost = [path + BACKUP for path in real.values() if where.backup and not where.dry and path + BACKUP in inputs]
        if lost:
            advice = "leave it out, or give --no-backup"
            raise ConfigError(f"--in-place: {inputs[lost[0]]} is to be cleaned, and the backup would take its place; {advice}")
        return {file: path if os.path.islink(file) else file for file, path in real.items()}
    stdin = next((one for one in originals if one.file == STANDARD_INPUT), None)
    name = standard_input_name(stdin.format, stdin.packed) if stdin else ""
    names = names_below([original.file for original in originals], name)
    targets = {file: os.path.join(where.folder, name) for file, name in names.items()}
    for target in targets.values():
        if os.path.realpath(target) in inputs and not where.dry:
            advice = "name another folder, or give --in-place"
            raise ConfigError(f"--output: {target} is to be cleaned, and would be overwritten; {advice}")
    return targets


def clean(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH...", show_default=False, help="Files, folders (with all in them), - for standard input."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="DIR", show_default="none", help="Write the cleaned files into this folder, under their names."),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Write over the files themselves; each changed one stays as NAME.bak.")
    ] = False,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="With --in-place: leave no NAME.bak.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; print what would be changed, as a unified diff.")
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Show each pair on the terminal and ask which of the two stays.")
    ] = False,
    keep: Annotated[
        str, typer.Option(metavar="NAME", help=f"Which of two repeats stays: {', '.join(KEEP)}; first is as paths are named.")
    ] = "first",
    scope: Annotated[str, typer.Option(metavar="NAME", help=f"Where repeats are looked for: {', '.join(SCOPES)}.")] = "within",
    kinds: Annotated[list[str] | None, kinds_option("The kinds of repeat that are removed, and perhaps boilerplate")] = None,
    min_score: Annotated[
        float, typer.Option(metavar="SCORE", help="A pair is a repeat from this score on, 0 to 1.")
    ] = DEFAULTS.min_score,
    report: Annotated[
        str, typer.Option("--format", metavar="NAME", help=f"How the report is written: {', '.join(CLEANINGS)}.")
    ] = "text",
    width: Width = None,
    include: Include = None,
    exclude: Exclude = None,
    paragraphs: Paragraphs = DEFAULTS.paragraphs,
    min_words: Annotated[
        int, typer.Option(metavar="WORDS", help="Paragraphs of fewer words are neither compared nor removed.")
    ] = DEFAULTS.min_words,
    language: Language = DEFAULTS.language,
    id_field: IdField = DEFAULTS.id_field,
    text_field: TextField = DEFAULTS.text_field,
    date_field: DateField = DEFAULTS.date_field,
    text_is: TextIs = DEFAULTS.text_is,
    max_bytes: MaxBytes = DEFAULTS.max_bytes,
    quiet: Quiet = False,
    jobs: Jobs = 1,
    settings_file: SettingsFile = None,
    debug: Debug = False,
) -> Work:
    """Write files without their repeats.

    A copy of every file goes below DIR, in its format, without the paragraphs that repeat others; everything else in it stays
    byte for byte, and a file without repeats is copied. With --in-place the files themselves are changed instead. A paragraph
    is removed only for one that stays, and the report says which. Cleaning what was cleaned changes nothing.

    Options without a value are off unless they are given.

    Exit code: 0 done, 2 something could not be done (one line on standard error says what; the rest is done all the same),
    130 interrupted, 141 the reader of the output went away.
    """
    if not paths:
        raise ConfigError("PATH: nothing to clean; name files or folders, or - for standard input")
    where = _where(paths, output, in_place=in_place, backup=not no_backup, dry=dry_run)
    if interactive:
        _need_terminal(paths)
    if keep not in KEEP:
        raise ConfigError(f"--keep: unknown value {keep!r}; known are {', '.join(KEEP)}")
    config = settings(
        {
            "min_score": min_score,
            "scope": scope,
            **removed_kinds(split_names(kinds) or DEFAULTS.kinds),
            "paragraphs": paragraphs,
            "min_words": min_words,
            "language": language,
            "id_field": id_field,
            "text_field": text_field,
            "date_field": date_field,
            "text_is": text_is,
            "max_bytes": max_bytes,
        },
        ctx,
    )
    options = report_options(None, width, brief=quiet)
    try:
        render, jobs = load_cleaning(report), checked(jobs)
    except ConfigError as error:
        raise by_option(error) from error
    bars = not quiet and not interactive and watched()
    return _Clean(paths, config, keep, where, interactive, render, options, bars, jobs, selected(include, exclude))


def _where(paths: Sequence[str], output: str | None, *, in_place: bool, backup: bool, dry: bool) -> _Where:
    if output is not None and in_place:
        raise ConfigError("--in-place: not together with --output; give one of them")
    if output is None and not in_place and not dry:
        raise ConfigError("--output: nowhere to write; name a folder, or give --in-place or --dry-run")
    if in_place and STANDARD_INPUT in paths:
        raise ConfigError("--in-place: standard input cannot be written over; give --output")
    if output is not None and (not output or (os.path.exists(output) and not os.path.isdir(output))):
        raise ConfigError(f"--output: {output or repr(output)} is no folder; name one, or one that is to be made")
    return _Where(output, backup, dry)


def _need_terminal(paths: Sequence[str]) -> None:
    if STANDARD_INPUT in paths:
        raise ConfigError("--interactive: the answers come from standard input, so - cannot be cleaned; give a file")
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError("--interactive: standard input is no terminal, and nobody can answer; leave it out")
