"""What a cleaning took out, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from dedup.account import Account, CleanedFile
from dedup.reports import Options
from dedup.reports.layout import BOLD, paint, printable
from dedup.reports.sheet import place_name
from dedup.results import counted


def render_cleaning(account: Account, out: TextIO, options: Options) -> None:
    """Every file, where it went, and a line for each paragraph that it lost: where, why, and which one stays. Then a summary.

    Where nothing was to be written, what would be changed comes first.
    """
    for file in account.files:
        out.writelines(file.diff)
    if any(file.diff for file in account.files) and not options.brief:
        out.write("\n")
    if not options.brief:
        for file in account.files:
            out.writelines(line + "\n" for line in _file_lines(file, account.dry, options))
        if account.files:
            out.write("\n")
    out.write(_summary(account) + "\n")


def _file_lines(file: CleanedFile, dry: bool, options: Options) -> Iterator[str]:
    named = paint(printable(file.file), BOLD if options.colour and file.removed else "")
    if file.written not in (None, file.file):
        named += f" → {printable(str(file.written))}"
    removed = f"{counted(len(file.removed), 'paragraph')} {'to be removed' if dry else 'removed'}"
    backup = f"; the old file is {printable(file.backup)}" if file.backup else ""
    yield f"{named}: {removed if file.removed else 'no repeats'}{backup}"
    for removal in file.removed:
        places = [printable(place_name(place)) for place in (removal.place, removal.kept)]
        yield f"  {places[0]}  {removal.pair.kind} {removal.pair.score:.4f} of {places[1]}"


def _summary(account: Account) -> str:
    counts = account.counts
    removed = f"{counted(counts['removed'], 'paragraph')} {'to be removed' if account.dry else 'removed'}"
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts["kinds"].items())
    return f"{removed} from {counts['changed']:,} of {counted(counts['files'], 'file')}" + (f": {kinds}" if kinds else "")
