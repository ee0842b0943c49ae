"""`dedup index`: what is done to an index as a whole."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from dedup.commands import CLEAN, Work
from dedup.commands.history import described, learned, opened_index, point_in_time
from dedup.commands.options import DEFAULTS, Debug, LearnFrom, Location, Output
from dedup.config import is_address
from dedup.destination import open_destination, output_errors
from dedup.errors import InputError

UPKEEP: Final = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@UPKEEP.command("rebuild")
def rebuild(location: Location, learn_from: LearnFrom = None, debug: Debug = False) -> Work:
    """Learn anew what words weigh, from what is kept or from other documents, and sketch all of it by that."""

    def work() -> int:
        from dedup.upkeep import rebuild

        with opened_index(location, writable=True) as kept:
            with_text = kept.store.scheme.with_text
            rebuild(kept, learned(learn_from, kept.config, with_text=with_text) if learn_from else None)
            print(*described(kept), sep="\n")
        return CLEAN

    return work


@UPKEEP.command("compact")
def compact(location: Location, debug: Debug = False) -> Work:
    """Give back the room of what was removed."""

    def work() -> int:
        with opened_index(location, writable=True) as kept:
            before = kept.store.room()
            kept.store.compact()
            print("compact" if before is None else f"{before:,} bytes before, {kept.store.room():,} now")
        return CLEAN

    return work


@UPKEEP.command("expire")
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

        with opened_index(location, writable=True) as kept:
            print(f"{expire(kept, moment):,} removed")
        return CLEAN

    return work


@UPKEEP.command("export")
def export(location: Location, output: Output = None, debug: Debug = False) -> Work:
    """Write all that is kept as JSON Lines, of which any later version can make the index again."""

    def work() -> int:
        from dedup.commands.outputs import keep_inputs
        from dedup.exports import exported

        keep_inputs([location], (), {} if output is None else {"--output": output})
        with opened_index(location) as kept, open_destination(output) as out, output_errors(output):
            out.writelines(line + "\n" for line in exported(kept.store))
            out.flush()
        return CLEAN

    return work


@UPKEEP.command("import")
def import_(
    location: Location,
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False, help="What dedup index export wrote.")],
    debug: Debug = False,
) -> Work:
    """Make an index of what was exported."""

    def work() -> int:
        from dedup.exports import imported
        from dedup.readers.lines import lines_of

        if is_address(file):
            raise InputError(file, "an address, and nothing is fetched unasked", "save it to a file")
        documents, paragraphs = imported(lines_of(file, DEFAULTS), file, location)
        print(f"documents {documents:,}, paragraphs {paragraphs:,}")
        return CLEAN

    return work
