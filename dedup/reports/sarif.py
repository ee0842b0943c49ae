"""SARIF 2.1.0, which code scanning services and editors read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.

A pair is a result: its later paragraph is the location, the earlier one a related location. What was accepted before, or is
ignored in the text, is not left out but suppressed, so that a service does not take it for mended.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final, TextIO

import numpy as np

from dedup.config import STANDARD_INPUT, is_local
from dedup.errors import PlaceError
from dedup.fingerprints import joined_fingerprint, paragraph_fingerprint
from dedup.model import KINDS, Pair, Place
from dedup.reports import Options, shown, unlisted
from dedup.reports.addresses import uri
from dedup.reports.layout import printable
from dedup.reports.messages import ends, excerpt, sentence
from dedup.reports.rows import array, encode
from dedup.reports.sheet import place_name
from dedup.reports.summary import found
from dedup.results import Result, counted

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "dedupPair/v1"  # the number is raised when fingerprints change
BASE: Final = "%SRCROOT%"  # how services call the root of the repository
KEPT: Final = 1 << 14  # fingerprints of paragraphs, as one may stand in many pairs

# Why a pair is suppressed rather than left out. For any other reason it is listed with --all only.
SUPPRESSED: Final = ("baselined", "ignored")

_RULES: Final = {
    "exact": ("ExactRepeat", "The same text twice", "Two paragraphs are equal but for case, spaces, quotes or dashes."),
    "contained": ("ContainedRepeat", "One text within another", "One paragraph holds another one, and clearly more."),
    "near": ("NearRepeat", "The same text twice, edited", "Two paragraphs have the same wording but for small edits."),
    "paraphrase": ("ParaphrasedRepeat", "The same text in other words", "Two paragraphs say the same thing in other words."),
    "boilerplate": (
        "BoilerplateText",
        "A text that many documents have",
        "Copies of a footer, a byline or the like stand in documents that share little else. They are no repeats to be mended.",
    ),
}
_RULE_INDEX: Final = {name: index for index, name in enumerate(_RULES)}
_ADVICE: Final = "Keep one of the two paragraphs and take out what the other one only repeats."


def render(result: Result, out: TextIO, options: Options) -> None:
    """One run, a result a line."""
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(result, options)],
    }
    out.write(f'{{"$schema": {encode(SCHEMA)}, "version": "2.1.0", "runs": [{{\n')
    out.writelines(f"{encode(name)}: {encode(value)},\n" for name, value in run.items())
    out.write('"results": ')
    out.writelines(array(encode(row) for row in _result_rows(result, options)))
    out.write("\n}]}\n")


def _driver() -> dict[str, Any]:
    number = version("dedup")
    return {"name": "dedup", "version": number, "semanticVersion": number, "rules": [_rule(name) for name in _RULES]}


def _rule(name: str) -> dict[str, Any]:
    title, short, full = _RULES[name]
    return {
        "id": name,
        "name": title,
        "shortDescription": {"text": f"{short}."},
        "fullDescription": {"text": full},
        "help": {"text": _ADVICE if name in KINDS else "Nothing has to be done."},
        "defaultConfiguration": {"level": "warning" if name in KINDS else "note"},
    }


def _invocation(result: Result, options: Options) -> dict[str, Any]:
    """Whether all could be checked, and what could not; and what is not listed."""
    notifications = [_error_row(error, options) for error in result.errors]
    if result.compared_nothing:
        level = "error" if options.unchecked else "warning"
        notifications.append({"level": level, "message": {"text": options.unchecked or found(result)}})
    if more := unlisted(result, options):
        notifications.append({"level": "note", "message": {"text": f"{counted(more, 'more repeat')}, left out by --top"}})
    return {"executionSuccessful": not (result.errors or options.unchecked), "toolExecutionNotifications": notifications}


def _error_row(error: PlaceError, options: Options) -> dict[str, Any]:
    row: dict[str, Any] = {"level": "error", "message": {"text": _plain(printable(str(error)))}}
    if is_local(error.file):
        row["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(error.file, options)}}]
    return row


def _result_rows(result: Result, options: Options) -> Iterator[dict[str, Any]]:
    fingerprint = functools.lru_cache(KEPT)(paragraph_fingerprint)
    listed = np.zeros(len(result.pairs), dtype=bool)
    listed[shown(result, options)] = True
    silent = [silence.row for silence in result.paragraphs.silences if silence.row is not None]
    in_source = np.isin(result.pairs.left, silent) | np.isin(result.pairs.right, silent)
    for pair, is_listed, by_comment in zip(result.pairs, listed.tolist(), in_source.tolist(), strict=True):
        if is_listed or pair.why in SUPPRESSED:
            name = joined_fingerprint(fingerprint(pair.a.text), fingerprint(pair.b.text))
            yield _result_row(pair, name, _suppressions(pair, by_comment=by_comment), options)


def _result_row(pair: Pair, fingerprint: str, suppressions: list[dict[str, str]], options: Options) -> dict[str, Any]:
    here, there = ends(pair)
    rule = "boilerplate" if pair.why == "boilerplate" else pair.kind
    fails = pair.counts or bool(suppressions)
    return {
        "ruleId": rule,
        "ruleIndex": _RULE_INDEX[rule],
        "kind": "fail" if fails else "informational",
        "level": "warning" if fails else "none",
        "message": {"text": _message(pair, options)},
        "locations": [_location(here, options)],
        "relatedLocations": [{"id": 1, "message": {"text": "the other paragraph"}, **_location(there, options)}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "suppressions": suppressions,
        "rank": round(100 * pair.score, 2),
        "properties": _properties(pair),
    }


def _suppressions(pair: Pair, *, by_comment: bool) -> list[dict[str, str]]:
    """Empty for what is not suppressed: of all results in a run, each has the list or none has.

    by_comment: whether a comment asks to ignore one of the paragraphs; else a list or a baseline does.
    """
    if pair.why not in SUPPRESSED:
        return []
    return [{"kind": "inSource" if pair.why == "ignored" and by_comment else "external", "justification": pair.excuse}]


def _properties(pair: Pair) -> dict[str, Any]:
    row: dict[str, Any] = {"score": pair.score, "kind": pair.kind, "group": pair.group, "counts": pair.counts}
    if pair.why is not None:
        row["why"] = pair.why
    return row if pair.reason is None else {**row, "reason": pair.reason}


def _message(pair: Pair, options: Options) -> str:
    _, there = ends(pair)
    text = sentence(pair, f"[{_link_text(printable(place_name(there)))}](1)")
    return f"{text} There it begins {_plain(excerpt(there))}" if options.with_text and there.text else text


def _link_text(text: str) -> str:
    """As it stands in the brackets of a link (3.11.6 of the standard)."""
    return _braced(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _plain(text: str) -> str:
    """As it stands elsewhere in a message; brackets are no link there unless a parenthesis follows."""
    return _braced(text).replace("](", "] (")


def _braced(text: str) -> str:
    """Text in which no brace begins a placeholder (3.11.5 of the standard)."""
    return text.replace("{", "{{").replace("}", "}}")


def _location(place: Place, options: Options) -> dict[str, Any]:
    """Where a paragraph stands: in a file, unless it has none, and in which document."""
    name = printable(place.document)
    document = {"name": name, "fullyQualifiedName": f"{_kept_in(place)}{name}#{place.paragraph}"}
    if place.file is None or place.file == STANDARD_INPUT or place.index is not None:
        return {"logicalLocations": [document]}
    artifact = _artifact(place.file, options)
    physical = {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": place.line}}}
    return physical if place.document == place.file else {**physical, "logicalLocations": [document]}


def _kept_in(place: Place) -> str:
    return "" if place.index is None else f"{printable(place.index)}: "


def _artifact(file: str, options: Options) -> dict[str, str]:
    address = uri(file, options.folder)
    return {"uri": address, "uriBaseId": BASE} if ":" not in address else {"uri": address}
