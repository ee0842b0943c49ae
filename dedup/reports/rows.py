"""Pairs and places as JSON has them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Container, Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, each_once
from dedup.model import KINDS, Pair, Paragraphs, Place
from dedup.rows import PairRows, why_of
from dedup.similarity import NONE, PARTS

CHUNK: Final = 4_096  # pairs taken from the columns at a time
KEPT: Final = 1 << 15  # places kept as they were encoded, as one may stand in many pairs

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
# Control characters, what some readers take for the end of a line, surrogates without their other half: no encoding has them.
_NOT_VERBATIM: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def encode(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """One line of JSON, in its own script, that stays one line for every reader."""
    return _one_line(_ENCODER.encode(value))


def _encoded(text: str) -> str:
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'  # most texts are so, and it is told three times as fast
    return _one_line(encode_basestring(text))


def _one_line(line: str) -> str:
    if line.isascii() and "\x7f" not in line:
        return line
    return _NOT_VERBATIM.sub(_escape, line)


def array(elements: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of an array with one element a line."""
    yield "["
    separator = "\n"
    for element in elements:
        yield separator + element
        separator = ",\n"
    yield "]" if separator == "\n" else "\n]"


def pair_lines(pairs: PairRows, numbers: Integers, with_text: bool) -> Iterator[str]:
    """Give what `encode` makes of the `pair_row` of each of these pairs, made from the columns."""
    places: dict[int, str] = {}
    encode_places = _place_encoder(pairs.paragraphs, with_text)
    for first in range(0, len(numbers), CHUNK):
        chunk = numbers[first : first + CHUNK]
        left, right = pairs.left[chunk], pairs.right[chunk]
        if len(places) > KEPT:
            places.clear()
        places.update(encode_places(each_once(np.concatenate([left, right])), places))
        ends = map(places.__getitem__, left.tolist()), map(places.__getitem__, right.tolist())
        for head, a, b, evidence in zip(_heads(pairs, chunk), *ends, _evidence(pairs, chunk), strict=True):
            yield f'{{{head}, "a": {a}, "b": {b}, "evidence": {{{evidence}}}}}'


def _place_encoder(
    paragraphs: Paragraphs, with_text: bool
) -> Callable[[NDArray[np.int32], Container[int]], Iterator[tuple[int, str]]]:
    """Give what yields the rows that are not known yet, each with what `encode` makes of its `place_row`."""
    file = functools.cache(encode)  # thousands of documents are of one

    def places(rows: NDArray[np.int32], known: Container[int]) -> Iterator[tuple[int, str]]:
        columns = (paragraphs.document_row, paragraphs.position, paragraphs.line)
        for row, number, position, line in zip(rows.tolist(), *(column[rows].tolist() for column in columns), strict=True):
            if row not in known:
                document = paragraphs.documents[number]
                where = f'"paragraph": {position}, "line": {line}'
                if document.index is not None:
                    where += f', "index": {file(document.index)}, "date": {encode(document.date)}'
                text = f', "text": {_encoded(paragraphs.text[row])}' if with_text else ""
                yield row, f'{{"file": {file(document.file)}, "document": {_encoded(document.id)}, {where}{text}}}'

    return places


def _heads(pairs: PairRows, numbers: Integers) -> Iterator[str]:
    """What stands before the places."""
    columns = (pairs.scored.parts, pairs.scored.kind, pairs.group, pairs.why_not, pairs.copies)
    rows = zip(numbers.tolist(), *(column[numbers].tolist() for column in columns), strict=True)
    for number, parts, kind, group, why, copies in rows:
        counted = "true" if why == 0 else f'false, "why": "{why_of(why)}"'
        if (reason := pairs.reason(number)) is not None:
            counted += f', "reason": {encode(reason)}'
        copied = f', "copies": {copies}' if copies else ""
        yield f'"score": {_figure(parts)}, "kind": "{KINDS[kind]}", "group": {group or "null"}, "counts": {counted}{copied}'


def _evidence(pairs: PairRows, numbers: Integers) -> Iterator[str]:
    evidence = pairs.scored.evidence
    columns = ([_figure(part) for part in column[numbers].tolist()] for column in evidence.values())
    line = ", ".join(f'"{name}": %s' for name in evidence)
    return (line % figures for figures in zip(*columns, strict=True))


@functools.cache
def _figure(part: int) -> str:
    return "null" if part == NONE else str(part / PARTS)


def pair_row(pair: Pair, with_text: bool) -> dict[str, Any]:
    """All that is known of a pair."""
    row: dict[str, Any] = {"score": pair.score, "kind": pair.kind, "group": pair.group, "counts": pair.counts}
    if not pair.counts:
        row["why"] = pair.why
    if pair.reason is not None:
        row["reason"] = pair.reason
    if pair.copies is not None:
        row["copies"] = pair.copies
    row["a"] = place_row(pair.a, with_text)
    row["b"] = place_row(pair.b, with_text)
    row["evidence"] = {**pair.evidence}
    return row


def place_row(place: Place, with_text: bool) -> dict[str, Any]:
    """Where a paragraph stands, and the paragraph."""
    row: dict[str, Any] = {"file": place.file, "document": place.document, "paragraph": place.paragraph, "line": place.line}
    if place.index is not None:
        row |= {"index": place.index, "date": place.date}
    return {**row, "text": place.text} if with_text else row


def rounded(value: float | None) -> float | None:
    """Four decimals."""
    return None if value is None else round(float(value), 4)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
