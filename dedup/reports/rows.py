"""Pairs and places as JSON has them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import compress, repeat
from json.encoder import encode_basestring
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, each_once
from dedup.model import KINDS, WHYS, Pair, Paragraphs, Place
from dedup.rows import PairRows
from dedup.similarity import NONE, PARTS

CHUNK: Final = 4_096  # pairs taken from the columns at a time
KEPT: Final = 1 << 15  # places kept as they were encoded, as one may stand in many pairs

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
# Control characters, what some readers take for the end of a line, surrogates without their other half: no encoding has them.
_NOT_VERBATIM: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def encode(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """One line of JSON, in its own script, that stays one line for every reader."""
    return _one_line(_ENCODER.encode(value))


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
        new = [row for row in rows.tolist() if row not in known]
        documents = [paragraphs.documents[number] for number in paragraphs.document_row[new].tolist()]
        where = paragraphs.position[new].tolist(), paragraphs.line[new].tolist()
        names = _escaped([document.id for document in documents])
        texts = _escaped([paragraphs.text[row] for row in new]) if with_text else repeat("")
        before, behind = (', "text": "', '"}') if with_text else ("", "}")
        for row, document, name, position, line, text in zip(new, documents, names, *where, texts, strict=with_text):
            recalled = ""
            if document.index is not None:
                recalled = f', "index": {file(document.index)}, "date": {encode(document.date)}'
            place = f'"document": "{name}", "paragraph": {position}, "line": {line}{recalled}'
            yield row, f'{{"file": {file(document.file)}, {place}{before}{text}{behind}'

    return places


def _escaped(texts: Sequence[str]) -> list[str]:
    """What `encode` puts between the quotes for each of these texts: most are as they are."""
    escaped = []
    for text, plain in zip(texts, _are_plain(texts), strict=True):
        if not plain and not text.isprintable():
            escaped.append(_one_line(encode_basestring(text))[1:-1])
        elif '"' in text or "\\" in text:
            escaped.append(text.replace("\\", "\\\\").replace('"', '\\"'))
        else:
            escaped.append(text)
    return escaped


def _are_plain(texts: Sequence[str]) -> list[bool]:
    """Whether each has nothing but printable ASCII in it. One look at all of them takes a fifth of one look at each."""
    plain = np.fromiter(map(str.isascii, texts), dtype=bool, count=len(texts))
    some = list(compress(texts, plain))
    ends = np.cumsum(np.fromiter(map(len, some), dtype=np.int64, count=len(some)))
    codes = np.frombuffer("".join(some).encode("ascii"), dtype=np.uint8)
    control = np.flatnonzero(codes - np.uint8(ord(" ")) > ord("~") - ord(" "))
    plain[np.flatnonzero(plain)[np.searchsorted(ends, control, side="right")]] = False
    return cast(list[bool], plain.tolist())


def _heads(pairs: PairRows, numbers: Integers) -> Iterator[str]:
    """What stands before the places."""
    columns = (pairs.scored.parts, pairs.scored.kind, pairs.group, pairs.why_not, pairs.copies)
    rows = zip(numbers.tolist(), *(column[numbers].tolist() for column in columns), strict=True)
    for number, parts, kind, group, why, copies in rows:
        counted = _COUNTED[why]
        if pairs.reasons and (reason := pairs.reason(number)) is not None:
            counted += f', "reason": {encode(reason)}'
        copied = f', "copies": {copies}' if copies else ""
        yield f'"score": {_FIGURES[parts]}, "kind": "{KINDS[kind]}", "group": {group or "null"}, "counts": {counted}{copied}'


def _evidence(pairs: PairRows, numbers: Integers) -> Iterator[str]:
    evidence = pairs.scored.evidence
    columns = (map(_FIGURES.__getitem__, column[numbers].tolist()) for column in evidence.values())
    line = ", ".join(f'"{name}": %s' for name in evidence)
    return map(line.__mod__, zip(*columns, strict=True))


class _Figures(dict[int, str]):
    """Parts of a score as JSON has them, each written when it is first met."""

    def __missing__(self, part: int) -> str:
        self[part] = "null" if part == NONE else str(part / PARTS)
        return self[part]


_FIGURES: Final = _Figures()
_COUNTED: Final = ("true", *(f'false, "why": "{why}"' for why in WHYS))


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
