"""Texts and pairs that users list to be ignored, with their reasons; and what of that, or of comments, ignores nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dedup.columns import each_once
from dedup.errors import InputError
from dedup.fingerprints import DIGITS, joined_fingerprint, paragraph_fingerprints, row_fingerprints
from dedup.model import Silence
from dedup.rows import PairRows

_BY_FINGERPRINT: Final = re.compile(rf"([0-9a-f]{{{DIGITS}}})(?:\s+(.*))?")


@dataclass(frozen=True)
class Ignore:
    """One line of a list. fingerprint: of a paragraph or of a pair. reason: what is given as such, may be empty."""

    line: int
    fingerprint: str
    reason: str


def load_ignore_list(file: str) -> list[Ignore]:
    """Read a list: a line for each text, or for each fingerprint with its reason.

    `#` begins a comment, which is the reason of the lines below it, up to the next blank line or comment. A text is ignored
    wherever it stands, whatever its case, spaces, quotes and dashes. Raises InputError.
    """
    try:
        with open(file, encoding="utf-8-sig") as lines:
            written = list(_lines(lines.read()))
    except OSError as error:
        raise InputError(file, f"cannot be read ({error.strerror})", "check its name and permissions") from error
    except UnicodeDecodeError as error:
        raise InputError(file, f"not UTF-8 ({error.reason} at byte {error.start})", "save it as UTF-8") from error
    texts = [text for _, text, _ in written if not _BY_FINGERPRINT.fullmatch(text)]
    by_text = dict(zip(texts, paragraph_fingerprints(texts), strict=True))
    return [_ignore(line, text, reason, by_text.get(text)) for line, text, reason in written]


def ignore(pairs: PairRows, ignores: Sequence[Ignore]) -> tuple[PairRows, list[Ignore]]:
    """Waive the pairs that are listed, or have a text that is; also the lines that fit nothing."""
    listed = {one.fingerprint: one for one in reversed(ignores)}  # of several the first
    fingerprint = row_fingerprints(pairs.paragraphs.text, each_once(np.concatenate([pairs.left, pairs.right])).tolist())
    waived = np.zeros(len(pairs), dtype=bool)
    reasons: dict[int, str] = {}
    used: set[str] = set()
    for number, (left, right) in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        a, b = fingerprint[left], fingerprint[right]
        found = [listed[name] for name in (a, b, joined_fingerprint(a, b)) if name in listed]
        if found:
            waived[number] = True
            used.update(one.fingerprint for one in found)
            reasons[number] = next((one.reason for one in found if one.reason), "")
    return pairs.waive(waived, "ignored", reasons), [one for one in ignores if one.fingerprint not in used]


def stale_silences(pairs: PairRows) -> list[Silence]:
    """Comments that ignore nothing: what they stand before repeats nothing, is not compared, or is not there."""
    silences = pairs.paragraphs.silences
    paired = {*pairs.left.tolist(), *pairs.right.tolist()} if silences else set()
    return [silence for silence in silences if silence.row not in paired]


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, text and the reason above it of each line that is neither blank nor a comment."""
    reason, above = "", False
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("#"):
            said = line.lstrip("#").strip()
            reason, above = f"{reason} {said}".strip() if above else said, True
        elif line:
            above = False
            yield number, line, reason
        else:
            reason, above = "", False


def _ignore(line: int, text: str, reason: str, fingerprint: str | None) -> Ignore:
    match = _BY_FINGERPRINT.fullmatch(text)
    if fingerprint is not None or match is None:
        return Ignore(line, fingerprint or "", reason)
    return Ignore(line, match[1], match[2] or reason)
