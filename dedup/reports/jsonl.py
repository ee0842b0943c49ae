"""One pair a line, as a JSON object."""

from __future__ import annotations

import json
import re
from typing import Any, Final, TextIO

from dedup.model import Pair, Place, Result
from dedup.reports import shown_pairs

# What some readers take for the end of a line, and surrogates without their other half, which no encoding has.
_NOT_VERBATIM: Final = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def render(result: Result, out: TextIO, *, with_text: bool, all_pairs: bool) -> None:
    """Nothing but pairs, in their order; no line if there are none. Scores and evidence have four decimals."""
    for pair in shown_pairs(result, all_pairs):
        line = json.dumps(_pair(pair, with_text), ensure_ascii=False)
        out.write(_NOT_VERBATIM.sub(_escape, line) + "\n")


def _pair(pair: Pair, with_text: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"score": _rounded(pair.score), "kind": pair.kind, "group": pair.group, "counts": pair.counts}
    if not pair.counts:
        row["why"] = pair.why
    if pair.copies is not None:
        row["copies"] = pair.copies
    row["a"] = _place(pair.a, with_text)
    row["b"] = _place(pair.b, with_text)
    row["evidence"] = {name: _rounded(value) for name, value in pair.evidence.items()}
    return row


def _place(place: Place, with_text: bool) -> dict[str, Any]:
    row = {"file": place.file, "document": place.document, "paragraph": place.paragraph, "line": place.line}
    return {**row, "text": place.text} if with_text else row


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
