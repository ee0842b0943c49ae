"""`dedup check`: find repeats."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

import typer

from dedup.allowance import BOILERPLATE, Allowance
from dedup.commands import CLEAN, NOT_CHECKED, REPEATS, Work
from dedup.commands.acceptance import Acceptance
from dedup.commands.history import History
from dedup.commands.layers import overrides_for_all, settings_files
from dedup.commands.notices import plan_lines, tell_of_idle_overrides, tell_what_was_not_checked, watched
from dedup.commands.options import (
    DEFAULTS,
    AddToIndex,
    Against,
    BaselineFile,
    ChangedSince,
    DateField,
    Debug,
    Exclude,
    FailOn,
    IdField,
    IgnoreList,
    Include,
    Jobs,
    Language,
    MaxBytes,
    MaxRatio,
    MaxRepeats,
    NoText,
    Output,
    Paragraphs,
    PruneBaseline,
    Quiet,
    RequireParagraphs,
    Root,
    SettingsFile,
    Since,
    TextField,
    TextIs,
    Width,
    Window,
    WriteBaseline,
    allowed,
    by_option,
    kinds_option,
    selected,
    settings,
    split_names,
)
from dedup.commands.outputs import Report, asked_reports, keep_inputs, opened, write_reports
from dedup.complaints import complain
from dedup.config import SCOPES, Config
from dedup.errors import ConfigError
from dedup.globs import Selection
from dedup.jobs import checked
from dedup.progress import Bars, Progress, Timings, Together
from dedup.reports import LOWEST, REPORTS, load_report, load_thresholds

EXIT_CODES: Final = {"passed": CLEAN, "failed": REPEATS, "not checked": NOT_CHECKED}


@dataclass(frozen=True)
class _Check:
    """What a command line asks for.

    lowest: the score down to which is looked, if that is below the one of the settings. overrides: where they stand, if each
    should be for some file.
    """

    paths: list[str]
    config: Config
    reports: Sequence[Report]
    acceptance: Acceptance
    history: History
    lowest: float
    bars: bool
    timings: bool
    jobs: int
    fetch: bool
    selection: Selection
    allowance: Allowance
    overrides: str | None

    def __call__(self) -> int:
        started = time.perf_counter()
        # Late, so that help and wrong options answer at once.
        from dedup.pipeline import check
        from dedup.readers import Source
        from dedup.verdict import judge

        config = replace(self.config, min_score=min(self.lowest, self.config.min_score))
        accepted = self.acceptance.loaded()
        with opened(self.reports) as destinations:
            source = Source(self.paths, config, fetch=self.fetch, selection=self.selection)
            timings = Timings()
            with self.history.opened() as past, Bars() if self.bars else Progress() as bars:
                result = check(source, config, Together([timings, bars]), jobs=self.jobs, past=past)
            keep_inputs(source.files, self.reports, self.acceptance.writes)
            timings.begin("report")
            result = replace(result, errors=tuple(source.errors), ignored=source.ignored, excluded=source.excluded)
            result = accepted.applied(result)
            tell_what_was_not_checked(result, source.empty)
            if self.overrides is not None:
                tell_of_idle_overrides(self.overrides, config.overrides, source.files)
            asked = result if config == self.config else result.at(self.config.min_score)
            verdict = judge(asked, self.allowance)
            write_reports(result, verdict, destinations, lambda: time.perf_counter() - started)
        accepted.write()
        self.history.record(result, verdict)
        timings.end()
        if self.timings:
            print(*timings.lines(), *plan_lines(result.plan), sep="\n", file=sys.stderr)
        if verdict.by_allowance:
            complain(str(verdict))
        return EXIT_CODES[verdict.outcome]


def check(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH...", show_default=False, help="Files, folders (with all in them), - for standard input."),
    ] = None,
    min_score: Annotated[
        float,
        typer.Option(metavar="SCORE", help="A pair is a repeat from this score on, 0 to 1; 0 lists all that was compared."),
    ] = DEFAULTS.min_score,
    scope: Annotated[
        str, typer.Option(metavar="NAME", help=f"Where repeats are looked for: {', '.join(SCOPES)}.")
    ] = DEFAULTS.scope,
    kinds: Annotated[list[str] | None, kinds_option("The kinds of repeat that count")] = None,
    boilerplate_documents: Annotated[
        int,
        typer.Option(
            metavar="N", help="Copies in N documents that share little else are boilerplate, which does not count; 0: none are."
        ),
    ] = DEFAULTS.boilerplate_documents,
    boilerplate_overlap: Annotated[
        float, typer.Option(metavar="SHARE", help="Documents that share more of the rest of their text share much, 0 to 1.")
    ] = DEFAULTS.boilerplate_overlap,
    count_boilerplate: Annotated[
        bool, typer.Option("--count-boilerplate", help="Let boilerplate count as other repeats do.")
    ] = False,
    fail_on: FailOn = None,
    max_repeats: MaxRepeats = None,
    max_ratio: MaxRatio = None,
    require_paragraphs: RequireParagraphs = False,
    baseline: BaselineFile = None,
    write_baseline: WriteBaseline = None,
    prune_baseline: PruneBaseline = False,
    ignore_list: IgnoreList = None,
    changed_since: ChangedSince = None,
    against: Against = None,
    add: AddToIndex = False,
    since: Since = None,
    window: Window = None,
    root: Root = None,
    all_pairs: Annotated[bool, typer.Option("--all", help="List the repeats that do not count too, and say why.")] = False,
    format_name: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", show_default="text", help=f"How the report is written: {', '.join(REPORTS)}."),
    ] = None,
    output: Output = None,
    reports: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            metavar="REPORT",
            show_default="none",
            help="Instead of these two, FORMAT=FILE, or FORMAT for standard output; once for each report that is wanted.",
        ),
    ] = None,
    explain_threshold: Annotated[
        bool, typer.Option("--explain-threshold", help="Print how many repeats each --min-score would report, and no repeats.")
    ] = False,
    top: Annotated[
        int | None,
        typer.Option(
            metavar="N", show_default="all", help="List the N best repeats only; the summary and the exit code count all."
        ),
    ] = None,
    width: Width = None,
    include: Include = None,
    exclude: Exclude = None,
    paragraphs: Paragraphs = DEFAULTS.paragraphs,
    min_words: Annotated[
        int,
        typer.Option(metavar="WORDS", help="Paragraphs of fewer words are not compared; two characters of Chinese are a word."),
    ] = DEFAULTS.min_words,
    language: Language = DEFAULTS.language,
    id_field: IdField = DEFAULTS.id_field,
    text_field: TextField = DEFAULTS.text_field,
    date_field: DateField = DEFAULTS.date_field,
    text_is: TextIs = DEFAULTS.text_is,
    max_bytes: MaxBytes = DEFAULTS.max_bytes,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch the addresses (http, https) among the paths; off unless given.")
    ] = False,
    no_text: NoText = False,
    quiet: Quiet = False,
    jobs: Jobs = 1,
    timings: Annotated[
        bool,
        typer.Option(
            "--timings",
            help="Say on standard error what time and memory each step took, and the plan of bands; off unless given.",
        ),
    ] = False,
    settings_file: SettingsFile = None,
    debug: Debug = False,
) -> Work:
    """Find repeats, within documents and across them.

    A .txt, .md or .html file is one document; a line of a .jsonl or .ndjson file is one, with fields for its id, text and date;
    a row of a .csv file and an object of a list in a .json file too. A .xml, .rss or .atom file is a feed, and so is .json
    that is a JSON Feed: each item is a document. All may be packed (.gz). Other files are read if named, and told apart by
    their content. Options without a value are off unless they are given.

    Each option can be set by a variable too, DEDUP_MIN_SCORE for --min-score, and by a settings file; see dedup config --help.

    Exit code: 0 no repeats, or no more than are allowed, 1 repeats, 2 something could not be checked (one line on standard
    error says what; the rest is checked and reported all the same), 130 interrupted, 141 the reader of the output went away.
    """
    if not paths:
        raise ConfigError("PATH: nothing to check; name files or folders, - for standard input, or paths in the settings file")
    config = settings(
        {
            "min_score": min_score,
            "scope": scope,
            "kinds": split_names(kinds) or DEFAULTS.kinds,
            "boilerplate_documents": boilerplate_documents,
            "boilerplate_overlap": boilerplate_overlap,
            "count_boilerplate": count_boilerplate or BOILERPLATE in split_names(fail_on),
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
    load, lowest = (load_thresholds, LOWEST) if explain_threshold else (load_report, min_score)
    shown = {"with_text": not no_text, "all_pairs": all_pairs, "top": top, "brief": quiet, "min_score": min_score}
    asked = asked_reports(reports or [], format_name, output, width, load, **shown)
    selection = selected(include, exclude)
    acceptance = Acceptance(
        paths, config, selection, ignore_list, baseline, write_baseline, prune_baseline, changed_since, with_text=not no_text
    )
    history = History(against or (), add, since, window, root, config, with_text=not no_text)
    keep_inputs([*paths, *acceptance.reads, *history.against, *settings_files(ctx)], asked, acceptance.writes)
    try:
        bars, jobs = not quiet and watched(), checked(jobs)
    except ConfigError as error:
        raise by_option(error) from error
    allowance = allowed(
        config,
        fail_on=split_names(fail_on),
        max_repeats=max_repeats,
        max_ratio=max_ratio,
        require_paragraphs=require_paragraphs,
    )
    return _Check(
        paths,
        config,
        asked,
        acceptance,
        history,
        lowest,
        bars=bars,
        timings=timings,
        jobs=jobs,
        fetch=fetch,
        selection=selection,
        allowance=allowance,
        overrides=overrides_for_all(ctx),
    )
