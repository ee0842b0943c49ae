"""What was compared and found, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from dedup.reports import Options
from dedup.reports.layout import printable
from dedup.reports.sheet import document_name
from dedup.results import Result, counted

LISTED: Final = 5  # documents that a line names


def summary(result: Result, options: Options) -> Iterator[str]:
    """Yield a line each: what was compared, what was not and why, what was found, how long it took."""
    counts = result.counts
    yield f"{counted(counts.documents, 'document')}, {counted(counts.paragraphs, 'paragraph')} to compare"
    for one in result.against:
        yield f"compared with {one.index}: {counted(one.documents, 'document')}, {counted(one.paragraphs, 'paragraph')}"
    if counts.skipped:
        yield "skipped: " + ", ".join(f"{count:,} {reason}" for reason, count in counts.skipped.items())
    yield from (line for line in _reservations(result) if line)
    yield found(result)
    if options.verdict is not None and options.verdict.by_allowance:
        yield str(options.verdict)
    if result.fixed:
        yield f"fixed: {counted(len(result.fixed), 'repeat')} of the baseline"
    if options.clock is not None:
        yield f"took {options.clock():.2f} s"


def found(result: Result) -> str:
    """Say how many repeats count, and of which kinds."""
    counts = result.counts
    if result.compared_nothing:
        return "nothing was compared"
    said = counted(counts.repeats, "repeat") if counts.repeats else "no repeats"
    if result.errors and not counts.repeats:
        said += " in what could be read"
    if counts.repeats:
        said += f" in {counted(counts.groups, 'group')}: " if counts.groups else ": "
        said += ", ".join(f"{count:,} {kind}" for kind, count in counts.kinds.items())
    return f"{said}; not counted: {counts.not_counted:,}{_excuses(counts.why_not)}" if counts.not_counted else said


def _excuses(why_not: Mapping[str, int]) -> str:
    """Say how many of the repeats that do not count a user has accepted."""
    accepted = [f"{count:,} {why}" for why, count in why_not.items() if why not in ("boilerplate", "kind")]
    return f" ({', '.join(accepted)})" if accepted else ""


def _reservations(result: Result) -> Iterator[str]:
    """Yield what was not as one might expect."""
    counts = result.counts
    yield _thin_documents(result)
    if counts.boilerplate:
        yield f"boilerplate: {counted(counts.boilerplate, 'text')} in documents that share little else"
    if counts.replaced:
        yield f"replaced: {counted(counts.replaced, 'broken character')} (lone surrogates)"
    if result.ignored:
        yield f"ignored: {counted(result.ignored, 'file')} of other formats, or linked"
    if result.excluded:
        yield f"excluded: {counted(result.excluded, 'file or folder', 'files or folders')}, by pattern"
    if counts.capped_buckets:
        yield f"not all compared: {counted(counts.capped_buckets, 'bucket')} held too many paragraphs that are alike"
    if result.errors:
        yield f"could not be read: {len(result.errors):,} (files or records)"


def _thin_documents(result: Result) -> str:
    """Name the documents in which nothing can repeat; what is compared with an index needs one paragraph only."""
    least, said = (1, "no paragraphs") if result.has_past else (2, "fewer than two paragraphs")
    thin = result.documents_below(least)
    named = [f"{printable(document_name(document))} ({size})" for document, size in thin[:LISTED]]
    if len(thin) > LISTED:
        named.append(f"{len(thin) - LISTED:,} more")
    return f"{said} to compare: {', '.join(named)}" if thin else ""
