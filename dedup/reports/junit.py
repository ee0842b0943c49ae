"""JUnit XML, which every CI server reads: a suite for each file, a failed case for each repeat.

There is no standard; this is what the readers of Jenkins, GitLab, GitHub actions and Surefire have in common.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TextIO

from dedup.errors import PlaceError
from dedup.explanation import explain
from dedup.model import Pair
from dedup.reports import Options, shown, unlisted
from dedup.reports.addresses import relative
from dedup.reports.layout import printable, without_controls
from dedup.reports.messages import ends, sentence
from dedup.reports.sheet import place_name, sheet
from dedup.results import Result, counted

RUN: Final = "dedup"  # the suite of what concerns no file
WIDTH: Final = 100  # columns of the text of a failure

# What XML 1.0 does not allow, whatever the escaping: control characters, halves of surrogates, and two that are none.
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class _Case:
    """One test. element: what tells that it did not pass, `failure`, `error` or `skipped`; None: it passed."""

    name: str
    element: str | None = None
    message: str = ""
    kind: str = ""
    text: str = ""
    line: int | None = None


def render(result: Result, out: TextIO, options: Options) -> None:
    """Every file has a suite; one without repeats has a case that passed."""
    suites = _suites(result, options)
    cases = [case for suite in suites.values() for case in suite]
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f"<testsuites {_attributes(name='dedup', **_totals(cases))}>\n")
    for file, suite in suites.items():
        out.write(f"  <testsuite {_attributes(name=file, **_totals(suite))}>\n")
        out.writelines(f"    {line}\n" for case in suite for line in _case_lines(case, file))
        out.write("  </testsuite>\n")
    out.write("</testsuites>\n")


def _suites(result: Result, options: Options) -> dict[str, list[_Case]]:
    """The cases of each file, by its name."""
    suites: dict[str, list[_Case]] = defaultdict(list)
    for document in result.paragraphs.documents[: result.paragraphs.checked_documents]:
        suites[_suite_name(document.file or document.id, options)] = []
    for error in result.errors:
        suites[_suite_name(error.file, options)].append(_error_case(error))
    pairs = [result.pairs[number] for number in shown(result, options).tolist()]
    for pair, case in zip(pairs, _pair_cases(pairs, result, options), strict=True):
        here, _ = ends(pair)
        suites[_suite_name(here.file or here.document, options)].append(case)
    for case in _run_cases(result, options):
        suites[RUN].append(case)
    return {name: suites[name] or [_Case("repeats nothing that comes before")] for name in sorted(suites)}


def _run_cases(result: Result, options: Options) -> Iterator[_Case]:
    """What concerns the check as a whole."""
    if result.compared_nothing and options.unchecked:
        yield _Case("something is compared", "error", options.unchecked, "NotChecked")
    if more := unlisted(result, options):
        yield _Case("all repeats are listed", "failure", f"{counted(more, 'more repeat')}, left out by --top", "top")


def _suite_name(file: str, options: Options) -> str:
    return relative(file, options.folder)


def _pair_cases(pairs: list[Pair], result: Result, options: Options) -> Iterator[_Case]:
    for explanation in explain(pairs, result.config.language):
        pair = explanation.pair
        here, there = ends(pair)
        text = "\n".join(sheet(explanation, (pair.a, pair.b), options.plain(WIDTH)))
        message = sentence(pair, printable(place_name(there)))
        element = "failure" if pair.counts else "skipped"
        yield _Case(f"{place_name(here)} repeats {place_name(there)}", element, message, pair.kind, text, here.line)


def _error_case(error: PlaceError) -> _Case:
    return _Case(f"{error.where} can be read", "error", printable(str(error)), type(error).__name__)


def _totals(cases: list[_Case]) -> dict[str, str]:
    """How many there are of each sort; the time is there because some readers want one."""
    sorts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: sum(case.element == element for case in cases) for name, element in sorts.items()}
    return {name: str(count) for name, count in {"tests": len(cases), **counts, "time": 0}.items()}


def _case_lines(case: _Case, file: str) -> Iterator[str]:
    line = {} if case.line is None else {"line": str(case.line)}
    head = _attributes(classname=file, name=case.name, file=file, **line, time="0")
    if case.element is None:
        yield f"<testcase {head}/>"
        return
    yield f"<testcase {head}>"
    kind = {"type": case.kind} if case.element != "skipped" else {}
    yield f"  <{case.element} {_attributes(message=case.message, **kind)}>{_escaped(case.text)}</{case.element}>"
    yield "</testcase>"


def _attributes(**values: str) -> str:
    return " ".join(f'{name}="{_escaped(without_controls(value))}"' for name, value in values.items())


def _escaped(text: str) -> str:
    return html.escape(_ILLEGAL.sub("", text))
