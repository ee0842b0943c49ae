"""`dedup index`: keep what was published."""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import Annotated, Final

import typer

from dedup.commands import CLEAN, NOT_CHECKED, Work
from dedup.commands.history import (
    dates_told,
    described,
    facts,
    learn_again,
    make,
    opened_index,
    refuse_texts,
    told,
    unnamed_told,
)
from dedup.commands.layers import LayeredCommand
from dedup.commands.notices import error_lines
from dedup.commands.options import (
    DEFAULTS,
    DateField,
    Debug,
    Exclude,
    IdField,
    Include,
    Language,
    LearnFrom,
    Location,
    MaxBytes,
    Paragraphs,
    Root,
    SettingsFile,
    TextField,
    TextIs,
    selected,
    settings,
)
from dedup.commands.upkeep import UPKEEP
from dedup.complaints import complain
from dedup.errors import ConfigError

GROUP: Final = typer.Typer(name="index", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@GROUP.callback()
def index() -> None:
    """Keep what was published, for dedup check --against."""


@GROUP.command("add", cls=LayeredCommand)
def add(
    location: Location,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH...", show_default=False, help="Files, folders (with all in them), - for standard input."),
    ] = None,
    root: Root = None,
    learn_from: LearnFrom = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Keep no texts, when the index is made, but what a score needs of them.")
    ] = False,
    include: Include = None,
    exclude: Exclude = None,
    paragraphs: Paragraphs = DEFAULTS.paragraphs,
    min_words: Annotated[
        int, typer.Option(metavar="WORDS", help="Paragraphs of fewer words are not kept.")
    ] = DEFAULTS.min_words,
    language: Language = DEFAULTS.language,
    id_field: IdField = DEFAULTS.id_field,
    text_field: TextField = DEFAULTS.text_field,
    date_field: DateField = DEFAULTS.date_field,
    text_is: TextIs = DEFAULTS.text_is,
    max_bytes: MaxBytes = DEFAULTS.max_bytes,
    settings_file: SettingsFile = None,
    debug: Debug = False,
) -> Work:
    """Add documents. The index is made if it is not there.

    A document that is there as it is stays; a later version takes the place of the one before. A document is known by the id
    of its record or item, else by its path from the root.

    Exit code: 0 all is in the index, 2 something could not be read or written (the rest is added all the same).
    """
    if not paths:
        raise ConfigError("PATH: nothing to add; name files or folders, - for standard input, or paths in the settings file")
    config = settings(
        {
            "paragraphs": paragraphs,
            "min_words": min_words,
            "language": language,
            "id_field": id_field,
            "text_field": text_field,
            "date_field": date_field,
            "text_is": text_is,
            "max_bytes": max_bytes,
        }
    )
    selection = selected(include, exclude)

    def work() -> int:
        from dedup.indexes import store_exists
        from dedup.readers import Source

        there = store_exists(location)
        source = Source(paths, config, selection=selection)
        documents = dates_told(unnamed_told(source))
        some = list(islice(documents, 1))
        if there or some or not source.errors:  # of what cannot be read no index is made
            if not there:
                make(location, config, learn_from=learn_from or (), with_text=not no_text)
            with opened_index(location, config, writable=True, root=root) as kept:
                if no_text:
                    refuse_texts(kept.store)
                if there and learn_from:
                    learn_again(kept, learn_from)
                print(told(kept.add(chain(some, documents))))
        for line in error_lines(source.errors):
            complain(line)
        return NOT_CHECKED if source.errors else CLEAN

    return work


@GROUP.command("remove")
def remove(
    location: Location,
    documents: Annotated[
        list[str],
        typer.Argument(metavar="DOCUMENT...", show_default=False, help="Ids, or paths from the root, as they were added."),
    ],
    debug: Debug = False,
) -> Work:
    """Forget documents, all or none of them."""

    def work() -> int:
        from dedup.indexes.entries import writable

        identities = [writable(document) for document in documents]
        with opened_index(location, writable=True) as kept:
            with kept.store.snapshot():
                there = {entry.header.identity for entry in kept.store.find(identities)}
            named = kept.store.location
        missing = [identity for identity in identities if identity not in there]
        if missing:
            raise ConfigError(f"DOCUMENT: {named} has no {', '.join(missing)}; dedup index export lists what it has")
        with opened_index(location, writable=True) as kept:
            print(f"{kept.forget(identities):,} removed")
        return CLEAN

    return work


@GROUP.command("info")
def info(
    location: Location,
    report: Annotated[str, typer.Option("--format", metavar="NAME", help="How it is said: text, json.")] = "text",
    debug: Debug = False,
) -> Work:
    """Say how much is kept, by which settings and by which version it was made."""
    if report not in ("text", "json"):
        raise ConfigError(f"--format: unknown value {report!r}; known are text, json")

    def work() -> int:
        with opened_index(location) as kept:
            lines = described(kept) if report == "text" else [json.dumps(facts(kept), indent=2)]
            print(*lines, sep="\n")
        return CLEAN

    return work


@GROUP.command("verify")
def verify(location: Location, debug: Debug = False) -> Work:
    """Look at all of it, and whether each paragraph can be found.

    Exit code: 0 it is whole, 2 it is damaged.
    """

    def work() -> int:
        with opened_index(location) as kept:
            kept.verify()
            documents, paragraphs = kept.store.sizes()
        print(f"whole: documents {documents:,}, paragraphs {paragraphs:,}")
        return CLEAN

    return work


GROUP.add_typer(UPKEEP)
