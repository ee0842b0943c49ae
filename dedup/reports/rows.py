"""Pairs and places as JSON has them."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from dedup.model import Pair, Place

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
# Control characters, what some readers take for the end of a line, surrogates without their other half: no encoding has them.
_NOT_VERBATIM: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def encode(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """One line of JSON, in its own script, that stays one line for every reader."""
    return _NOT_VERBATIM.sub(_escape, _ENCODER.encode(value))


def pair_row(pair: Pair, with_text: bool) -> dict[str, Any]:
    """All that is known of a pair."""
    row: dict[str, Any] = {"score": pair.score, "kind": pair.kind, "group": pair.group, "counts": pair.counts}
    if not pair.counts:
        row["why"] = pair.why
    if pair.copies is not None:
        row["copies"] = pair.copies
    row["a"] = place_row(pair.a, with_text)
    row["b"] = place_row(pair.b, with_text)
    row["evidence"] = {**pair.evidence}
    return row


def place_row(place: Place, with_text: bool) -> dict[str, Any]:
    """Where a paragraph stands, and the paragraph."""
    row = {"file": place.file, "document": place.document, "paragraph": place.paragraph, "line": place.line}
    return {**row, "text": place.text} if with_text else row


def rounded(value: float | None) -> float | None:
    """Four decimals."""
    return None if value is None else round(float(value), 4)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
