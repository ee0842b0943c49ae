"""`dedup index`: keep what was published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dedup.commands import CLEAN, NOT_CHECKED, Work
from dedup.commands.history import make, point_in_time, told
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
    MaxBytes,
    Output,
    Paragraphs,
    Root,
    SettingsFile,
    TextField,
    TextIs,
    selected,
    settings,
)
from dedup.complaints import complain
from dedup.config import Config
from dedup.destination import open_destination, output_errors
from dedup.errors import ConfigError

if TYPE_CHECKING:
    from dedup.index import Index

GROUP: Final = typer.Typer(name="index", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

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

        if not store_exists(location):
            make(location, config, learn_from=learn_from or (), with_text=not no_text)
        elif learn_from:
            raise ConfigError("--learn-from: the index is there already; dedup index rebuild learns anew")
        source = Source(paths, config, selection=selection)
        with _opened(location, config, writable=True, root=root) as kept:
            if no_text and kept.store.scheme.with_text:
                raise ConfigError(f"--no-text: {kept.store.location} keeps texts already; make another index")
            added = kept.add(source)
        for line in error_lines(source.errors):
            complain(line)
        print(told(added))
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
        with _opened(location, writable=True) as kept:
            there = {entry.header.identity for entry in kept.store.find(documents)}
            named = kept.store.location
        missing = [document for document in documents if document not in there]
        if missing:
            raise ConfigError(f"DOCUMENT: {named} has no {', '.join(missing)}; dedup index export lists what it has")
        with _opened(location, writable=True) as kept:
            print(f"{kept.forget(documents):,} removed")
        return CLEAN

    return work


@GROUP.command("info")
def info(location: Location, debug: Debug = False) -> Work:
    """Say how much is kept, and by which settings."""

    def work() -> int:
        with _opened(location) as kept:
            print(*_described(kept), sep="\n")
        return CLEAN

    return work


@GROUP.command("verify")
def verify(location: Location, debug: Debug = False) -> Work:
    """Look at all of it, and whether each paragraph can be found.

    Exit code: 0 it is whole, 2 it is damaged.
    """

    def work() -> int:
        with _opened(location) as kept:
            kept.verify()
            documents, paragraphs = kept.store.sizes()
        print(f"whole: documents {documents:,}, paragraphs {paragraphs:,}")
        return CLEAN

    return work


@GROUP.command("rebuild")
def rebuild(location: Location, learn_from: LearnFrom = None, debug: Debug = False) -> Work:
    """Learn anew what words weigh, from what is kept or from other documents, and sketch all of it by that."""

    def work() -> int:
        from dedup.index import learned_scheme
        from dedup.readers import Source
        from dedup.upkeep import rebuild

        with _opened(location, writable=True) as kept:
            config, with_text = kept.config, kept.store.scheme.with_text
            rebuild(kept, learned_scheme(Source(learn_from, config), config, with_text=with_text) if learn_from else None)
            print(*_described(kept), sep="\n")
        return CLEAN

    return work


@GROUP.command("compact")
def compact(location: Location, debug: Debug = False) -> Work:
    """Give back the room of what was removed."""

    def work() -> int:
        with _opened(location, writable=True) as kept:
            before = kept.store.room()
            kept.store.compact()
            print("compact" if before is None else f"{before:,} bytes before, {kept.store.room():,} now")
        return CLEAN

    return work


@GROUP.command("expire")
def expire(
    location: Location,
    before: Annotated[
        str, typer.Option(metavar="DATE", show_default=False, help="Documents of before this date are forgotten.")
    ],
    debug: Debug = False,
) -> Work:
    """Forget old documents; one without a date has that on which it was added."""
    moment = point_in_time(before, "--before")

    def work() -> int:
        from dedup.upkeep import expire

        with _opened(location, writable=True) as kept:
            print(f"{expire(kept, moment):,} removed")
        return CLEAN

    return work


@GROUP.command("export")
def export(location: Location, output: Output = None, debug: Debug = False) -> Work:
    """Write all that is kept as JSON Lines, of which any later version can make the index again."""

    def work() -> int:
        from dedup.commands.outputs import keep_inputs
        from dedup.upkeep import exported

        keep_inputs([location], (), {} if output is None else {"--output": output})
        with _opened(location) as kept, open_destination(output) as out, output_errors(output):
            out.writelines(line + "\n" for line in exported(kept.store))
            out.flush()
        return CLEAN

    return work


@GROUP.command("import")
def import_(
    location: Location,
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False, help="What dedup index export wrote.")],
    debug: Debug = False,
) -> Work:
    """Make an index of what was exported."""

    def work() -> int:
        from dedup.readers.lines import open_lines
        from dedup.upkeep import imported

        with open_lines(file, DEFAULTS) as lines, closing(imported(lines, file, location)) as store:
            documents, paragraphs = store.sizes()
        print(f"documents {documents:,}, paragraphs {paragraphs:,}")
        return CLEAN

    return work


@contextmanager
def _opened(location: str, config: Config | None = None, *, writable: bool = False, root: str | None = None) -> Iterator[Index]:
    """The index, by its own settings unless others are given."""
    from dedup.index import Index
    from dedup.indexes import open_store

    with closing(open_store(location, writable=writable)) as store:
        yield Index(config or Config(language=store.scheme.language), store, root=root)


def _described(kept: Index) -> Iterator[str]:
    scheme, (documents, paragraphs) = kept.store.scheme, kept.store.sizes()
    learned = f"learned from {scheme.weights.paragraphs:,} paragraphs" if scheme.weights.paragraphs else "those of the prior"
    yield f"documents: {documents:,}"
    yield f"paragraphs: {paragraphs:,}"
    if (room := kept.store.room()) is not None:
        yield f"bytes: {room:,}"
    yield f"weights: {learned}"
    yield f"plan: {scheme.plan.bands} bands of {scheme.plan.rows} rows"
    yield f"texts: {'kept' if scheme.with_text else 'not kept'}"
    yield f"language: {scheme.language or 'told from each text'}"
    yield f"settings: {scheme.fingerprint}, method {scheme.method}"
