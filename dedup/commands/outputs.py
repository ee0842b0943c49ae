"""The reports that a command line asks for, and where each of them goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO

from dedup.commands.options import by_option, report_options
from dedup.destination import open_destination, output_errors
from dedup.errors import ConfigError
from dedup.reports import Options, Render

if TYPE_CHECKING:
    from dedup.results import Result
    from dedup.verdict import Verdict

STANDARD_OUTPUT: Final = "-"  # a report of that path goes there
DEFAULT: Final = "text"
_NONE: Final[Mapping[str, str]] = {}

Load = Callable[[str], Render]


class Report(NamedTuple):
    """One report. path: None for standard output. option: the one that asked for it."""

    render: Render
    path: str | None
    options: Options
    option: str


def asked_reports(
    reports: Sequence[str],
    name: str | None,
    path: str | None,
    width: int | None,
    load: Load,
    **given: Any,  # noqa: ANN401
) -> list[Report]:
    """Understand every FORMAT=FILE of `--report`, or else `--format` and `--output`. given: as Options.

    Raises ConfigError for an unknown format, and for two reports to one place.
    """
    if reports and (name is not None or path is not None):
        raise ConfigError("--report: not together with --format and --output; give one more --report instead")
    outputs = [_parsed(report, width, load, given) for report in reports]
    if not outputs:
        outputs = [_output(name or DEFAULT, path, "--output", width, load, given)]
    _refuse_shared(outputs)
    return outputs


def keep_inputs(inputs: Iterable[str], reports: Sequence[Report], others: Mapping[str, str] = _NONE) -> None:
    """Refuse to write over a file that is read, or twice to one. others: what else is written, by its option.

    Raises ConfigError.
    """
    kept = {os.path.realpath(path): "read" for path in inputs if os.path.isfile(path)}
    for option, path in [*((report.option, report.path) for report in reports), *others.items()]:
        if path is not None:
            real = os.path.realpath(path)
            if real in kept:
                raise ConfigError(f"{option}: {path} is {kept[real]} too, and would be overwritten; name another file")
            kept[real] = "written"


@contextmanager
def opened(outputs: Sequence[Report]) -> Iterator[list[tuple[Report, TextIO]]]:
    """Open all at once, as that fails at once where nothing can be written. Files take their names when all are written.

    Raises OutputError.
    """
    with ExitStack() as stack:
        yield [(output, stack.enter_context(open_destination(output.path))) for output in outputs]


def write_reports(
    result: Result, verdict: Verdict, destinations: Sequence[tuple[Report, TextIO]], clock: Callable[[], float]
) -> None:
    """Write every report. Raises OutputError."""
    for output, out in destinations:
        with output_errors(output.path):
            output.render(result, out, replace(output.options, clock=clock, verdict=verdict))
            out.flush()


def _parsed(report: str, width: int | None, load: Load, given: dict[str, Any]) -> Report:
    name, equals, path = report.partition("=")
    if equals and not path:
        raise ConfigError(f"--report: no file in {report!r}; give FORMAT=FILE, or FORMAT alone for standard output")
    try:
        return _output(name, path if equals and path != STANDARD_OUTPUT else None, "--report", width, load, given)
    except ConfigError as error:
        raise ConfigError(str(error).replace("--format:", "--report:", 1)) from error


def _output(name: str, path: str | None, option: str, width: int | None, load: Load, given: dict[str, Any]) -> Report:
    options = report_options(path, width, folder=os.getcwd(), **given)
    try:
        return Report(load(name), path, options, option)
    except ConfigError as error:
        raise by_option(error) from error


def _refuse_shared(outputs: Sequence[Report]) -> None:
    places = [None if output.path is None else os.path.realpath(output.path) for output in outputs]
    for number, place in enumerate(places):
        if place in places[:number]:
            shared = outputs[number].path or "standard output"
            raise ConfigError(f"--report: two reports would go to {shared}; give each a file of its own")
