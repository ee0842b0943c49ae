"""Workflow commands of GitHub Actions, which stand beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TextIO

from dedup.config import is_local
from dedup.errors import PlaceError
from dedup.model import Pair
from dedup.reports import Options, shown
from dedup.reports.addresses import relative
from dedup.reports.layout import printable, without_controls
from dedup.reports.messages import ends, message
from dedup.reports.summary import found
from dedup.results import Result

DISPLAYED: Final = 10  # warnings of a step that GitHub shows beside the lines


def render(result: Result, out: TextIO, options: Options) -> None:
    """A warning for each repeat, best first; an error for what could not be read; at the end how many repeats there are."""
    numbers = shown(result, options).tolist()
    out.writelines(line + "\n" for line in (_error(error, options) for error in result.errors))
    out.writelines(line + "\n" for line in (_annotation(result.pairs[number], options) for number in numbers))
    out.writelines(line + "\n" for line in _notices(result, options, len(numbers)))


def _annotation(pair: Pair, options: Options) -> str:
    here, _ = ends(pair)
    place = _place(here.file, here.line, options)
    title = {"title": f"dedup: {pair.kind}"}
    return _command("warning" if pair.counts else "notice", {**place, **title}, message(pair, with_text=options.with_text))


def _error(error: PlaceError, options: Options) -> str:
    _, colon, line = error.where.removeprefix(error.file).partition(":")
    place = _place(error.file, int(line) if colon else 1, options)
    return _command("error", {**place, "title": "dedup: cannot be checked"}, printable(str(error)))


def _notices(result: Result, options: Options, listed: int) -> Iterator[str]:
    repeats = result.counts.repeats
    if result.compared_nothing:
        yield _command("error" if options.unchecked else "warning", {"title": "dedup"}, options.unchecked or found(result))
    elif repeats:
        said = found(result)
        if options.verdict is not None and options.verdict.by_allowance:
            said += f". {options.verdict}"
        if listed > DISPLAYED:
            said += f". GitHub shows the first {DISPLAYED} of a step; its log has {listed:,}"
        elif listed < repeats:
            said += f". {listed:,} are listed"
        yield _command("notice", {"title": "dedup"}, said)


def _place(file: str | None, line: int, options: Options) -> dict[str, str]:
    return {"file": relative(file, options.folder), "line": str(line)} if file is not None and is_local(file) else {}


def _command(name: str, properties: Mapping[str, str], text: str) -> str:
    described = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items())
    return f"::{name} {described}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return without_controls(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
