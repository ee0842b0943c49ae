"""What an index keeps of a paragraph, as bytes: its text, or, where texts may not be kept, what a score is made from.

That is, of each distinct term: two hashes, its frequency in general text, whether it is a number, whether it is a name; then
the terms in reading order, where sentences begin, and the numbers by value. The words are not in it; who has a word can tell
whether it is there.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Ragged, Scalar, Terms
from dedup.profiles import Floats

ZIPF: Final = 32  # frequencies are whole numbers of these parts
_HEAD: Final = struct.Struct("<III")  # distinct terms, terms, numbers


def encoded_texts(texts: Sequence[str]) -> list[bytes]:
    """The texts."""
    return [text.encode("utf-8") for text in texts]


def encoded_terms(terms: Terms, zipf: Floats) -> Iterator[bytes]:
    """What a score is made from, of each paragraph. zipf: float64 of each term."""
    names = term_names(terms)
    parts = np.round(zipf * ZIPF).astype(np.uint8)
    digits = np.array([spelling[:1].isdigit() for spelling in terms.spelling], dtype=bool)
    for row in range(len(terms)):
        ascending, sequence, numbers = _row(terms.distinct, row), _row(terms.sequence, row), _row(terms.numbers, row)
        order = np.argsort(names[ascending])  # as the numbers of terms depend on other paragraphs
        place, distinct = np.argsort(order), ascending[order]
        begins = terms.begins[terms.sequence.offsets[row] : terms.sequence.offsets[row + 1]]
        yield b"".join(
            [
                _HEAD.pack(len(distinct), len(sequence), len(numbers)),
                names[distinct].astype("<u8").tobytes(),
                parts[distinct].tobytes(),
                np.packbits(digits[distinct]).tobytes(),
                np.packbits(np.isin(distinct, _row(terms.names, row))).tobytes(),
                place[np.searchsorted(ascending, sequence)].astype(_places(len(distinct))).tobytes(),
                np.packbits(begins).tobytes(),
                numbers.astype("<f8").tobytes(),
            ]
        )


def decoded_terms(contents: Sequence[bytes], keys: NDArray[np.uint64], known: Mapping[int, str]) -> tuple[Terms, Floats]:
    """Terms of the paragraphs that `encoded_terms` made the contents of, and the frequency of each.

    keys: those of their texts. known: spellings by `term_names`; a term that is not among them gets one that no word has.
    Raises ValueError or IndexError for other contents.
    """
    rows = [_Row(content) for content in contents]
    names, number = np.unique(np.concatenate([np.zeros(0, np.uint64), *(row.names for row in rows)]), return_inverse=True)
    parts, digits = np.zeros(len(names), dtype=np.uint8), np.zeros(len(names), dtype=bool)
    starts = np.cumsum([0, *(len(row.names) for row in rows)])
    local = [number[first:last].astype(np.int32) for first, last in itertools.pairwise(starts)]
    for row, numbers in zip(rows, local, strict=True):
        parts[numbers], digits[numbers] = row.parts, row.digits
    unknown = ("0\0" if digit else "\0" for digit in digits.tolist())
    spelling = [known.get(name) or f"{mark}{name:016x}" for name, mark in zip(names.tolist(), unknown, strict=True)]
    terms = Terms(
        spelling=spelling,
        hash=(names & np.uint64(0xFFFF_FFFF)).astype(np.uint32),
        sequence=_column([numbers[row.sequence] for row, numbers in zip(rows, local, strict=True)], np.int32),
        distinct=_column(local, np.int32).distinct(),
        begins=np.concatenate([np.zeros(0, dtype=bool), *(row.begins for row in rows)]),
        names=_column([numbers[row.named] for row, numbers in zip(rows, local, strict=True)], np.int32).distinct(),
        numbers=_column([row.numbers for row in rows], np.float64),
        keys=keys,
    )
    return terms, parts / ZIPF


def check_terms(content: bytes) -> None:
    """Raise ValueError for what `encoded_terms` does not make."""
    _Row(content)


def term_names(terms: Terms) -> NDArray[np.uint64]:
    """uint64[v]: two hashes of each term, below the one that it has in signatures."""
    others = [hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest() for word in terms.spelling]
    other = np.frombuffer(b"".join(others), dtype="<u4").astype(np.uint64)
    names: NDArray[np.uint64] = other << np.uint64(32) | terms.hash.astype(np.uint64)
    return names


class _Row:
    """The columns of one paragraph."""

    def __init__(self, content: bytes) -> None:
        if len(content) < _HEAD.size:
            raise ValueError("a paragraph is cut short")
        distinct, terms, numbers = _HEAD.unpack_from(content)
        self._content, self._place = content, _HEAD.size
        self.names = self._read("<u8", distinct).astype(np.uint64)
        self.parts = self._read("u1", distinct)
        self.digits, self.named = self._flags(distinct), self._flags(distinct)
        self.sequence = self._read(_places(distinct), terms).astype(np.int64)
        self.begins = self._flags(terms)
        self.numbers = self._read("<f8", numbers).astype(np.float64)
        if self._place != len(content) or (len(self.sequence) and self.sequence.max() >= distinct):
            raise ValueError("the columns of a paragraph do not fit")

    def _read(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._content, dtype=dtype, count=count, offset=self._place)
        self._place += values.nbytes
        return values

    def _flags(self, count: int) -> NDArray[np.bool_]:
        return np.unpackbits(self._read("u1", -(-count // 8)), count=count).astype(bool)


def _row(column: Ragged[Scalar], row: int) -> NDArray[Scalar]:
    return column.values[column.offsets[row] : column.offsets[row + 1]]


def _places(distinct: int) -> str:
    """How wide the number of a term is."""
    return "<u2" if distinct < 1 << 16 else "<u4"


def _column(rows: Sequence[NDArray[Scalar]], dtype: type[Scalar]) -> Ragged[Scalar]:
    return Ragged.from_lengths(
        np.concatenate([np.zeros(0, dtype), *rows]), np.array([len(row) for row in rows], dtype=np.int64)
    )
