"""Pairs and places as JSON has them."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from dedup.columns import Integers
from dedup.model import KINDS, Pair, Place
from dedup.results import PairRows

CHUNK: Final = 4_096  # pairs taken from the columns at a time
KEPT: Final = 1 << 14  # places kept as they were encoded, as one may stand in many pairs

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
# Control characters, what some readers take for the end of a line, surrogates without their other half: no encoding has them.
_NOT_VERBATIM: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def encode(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """One line of JSON, in its own script, that stays one line for every reader."""
    return _NOT_VERBATIM.sub(_escape, _ENCODER.encode(value))


def pair_lines(pairs: PairRows, numbers: Integers, with_text: bool) -> Iterator[str]:
    """Give what `encode` makes of the `pair_row` of each of these pairs, made from the columns."""

    @functools.lru_cache(KEPT)
    def place(row: int) -> str:
        return encode(place_row(pairs.paragraphs.place(row), with_text))

    for first in range(0, len(numbers), CHUNK):
        chunk = numbers[first : first + CHUNK]
        ends = pairs.left[chunk].tolist(), pairs.right[chunk].tolist()
        for head, a, b, evidence in zip(_heads(pairs, chunk), *ends, _evidence(pairs, chunk), strict=True):
            yield f'{{{head}, "a": {place(a)}, "b": {place(b)}, "evidence": {{{evidence}}}}}'


def _heads(pairs: PairRows, numbers: Integers) -> Iterator[str]:
    """What stands before the places."""
    columns = (pairs.scored.score, pairs.scored.kind, pairs.group, pairs.counting, pairs.copies)
    for score, kind, group, counts, copies in zip(*(column[numbers].tolist() for column in columns), strict=True):
        counted = "true" if counts else 'false, "why": "kind"'
        copied = f', "copies": {copies}' if copies else ""
        yield f'"score": {score}, "kind": "{KINDS[kind]}", "group": {group or "null"}, "counts": {counted}{copied}'


def _evidence(pairs: PairRows, numbers: Integers) -> Iterator[str]:
    columns = ([_figure(name, value) for value in column[numbers].tolist()] for name, column in pairs.scored.evidence.items())
    return map(", ".join, zip(*columns, strict=True))


def _figure(name: str, value: float) -> str:
    return f'"{name}": {"null" if math.isnan(value) else round(value, 4)}'


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
