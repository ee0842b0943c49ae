"""The same input gives the same report, however it is handed over; a score depends on its two texts alone."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from dedup import Config, check, compare
from dedup.copies import LISTED
from dedup.model import Pair
from dedup.readers import Source

SAMPLES = Path(__file__).parent.parent / "samples"
NOTICE = (
    "Subscribers to the Lathe Valley Courier will find “the usual supplement” inside Saturday's paper - 24 pages on gardens, "
    "ponds and sheds, edited by Ottilie Brack."
)
COPIES = LISTED + 5
RECORDS = 60

Found = set[tuple[object, ...]]


@cache
def sample_paragraphs() -> list[str]:
    return check(Source([str(SAMPLES)], Config())).paragraphs.text


def without_every(text: str, step: int, first: int) -> str:
    """A near copy: a word in `step` is missing."""
    return " ".join(word for place, word in enumerate(text.split()) if (place + first) % step)


def records() -> list[dict[str, str]]:
    """More equal texts than are listed pair by pair, near copies of these, and records of one to three paragraphs."""
    copies = [NOTICE if number % 2 else NOTICE.upper().replace("“", '"').replace("”", '"') for number in range(COPIES)]
    edited = [without_every(NOTICE, 9, first) for first in range(5)]
    others = []
    pool = sample_paragraphs()
    for number in range(RECORDS - COPIES - len(edited)):
        text = pool[number]
        parts = [text, pool[(7 * number) % len(pool)], without_every(text, 8, number)]
        others.append("\n\n".join(parts[: 1 + number % 3]))
    return [{"id": f"r-{number:02}", "text": text} for number, text in enumerate([*copies, *edited, *others])]


def write(path: Path, rows: Iterable[dict[str, str]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def pairs_of(*paths: str, min_score: float = 0.0) -> list[Pair]:
    config = Config(min_score=min_score)
    source = Source(paths, config)
    pairs = list(check(source, config).pairs)
    assert source.errors == []
    return pairs


def found(pairs: Iterable[Pair]) -> Found:
    """What must not depend on the order of records, nor on the file they stand in."""
    return {
        (
            frozenset([(pair.a.document, pair.a.paragraph), (pair.b.document, pair.b.paragraph)]),
            pair.score,
            pair.kind,
            pair.copies,
        )
        for pair in pairs
    }


def differences(before: list[Pair], after: list[Pair]) -> list[str]:
    """Up to three pairs that only one of the two has: enough to see what went wrong."""
    assert len(found(before)) == len(before)
    assert len(found(after)) == len(after)
    return sorted(map(str, found(before) ^ found(after)))[:3]


@cache
def printed(paths: tuple[str, ...], hash_seed: str = "0", name: str = "jsonl") -> bytes:
    """Standard output of a process of its own, without the seconds in the last line of the text report."""
    command = [sys.executable, "-m", "dedup", "check", "--format", name, "--min-score", "0", *paths]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONHASHSEED": hash_seed})
    assert (done.returncode, done.stderr) == (1, b"")
    return done.stdout.rpartition(b"took ")[0] if name == "text" else done.stdout


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Several files, one of them the sixty records."""
    samples = [str(path) for path in sorted(SAMPLES.iterdir()) if path.suffix in (".txt", ".md", ".jsonl")]
    return write(tmp_path_factory.mktemp("batch") / "records.jsonl", records()), *samples


def test_the_records_hold_what_they_are_here_for(tmp_path: Path) -> None:
    pairs = pairs_of(write(tmp_path / "records.jsonl", records()), min_score=0.5)
    assert len(records()) == RECORDS
    assert {pair.copies for pair in pairs if pair.score == 1.0} >= {None, COPIES}
    assert {pair.kind for pair in pairs} >= {"exact", "near", "paraphrase"}
    assert {pair.a.document == pair.b.document for pair in pairs} == {True, False}


def test_of_many_copies_each_meets_the_first_only(tmp_path: Path) -> None:
    pairs = pairs_of(write(tmp_path / "records.jsonl", records()))
    equal = {frozenset((pair.a.document, pair.b.document)) for pair in pairs if pair.kind == "exact" and pair.copies}
    assert sorted(map(sorted, equal))[:COPIES] == [["r-00", f"r-{number:02}"] for number in range(1, COPIES)]


def test_the_order_of_arguments_changes_no_byte(batch: tuple[str, ...]) -> None:
    first = printed(batch)
    assert len(first.splitlines()) > COPIES
    assert printed(batch[::-1]) == first
    assert printed((*batch[2:], batch[0], *batch)) == first


@pytest.mark.parametrize("hash_seed", ["1", "4242", "random"])
def test_the_hash_seed_changes_no_byte(batch: tuple[str, ...], hash_seed: str) -> None:
    assert printed(batch, hash_seed) == printed(batch)


@pytest.mark.parametrize("name", ["text", "json"])
def test_neither_order_nor_hash_seed_changes_a_byte_of_the_other_reports(batch: tuple[str, ...], name: str) -> None:
    first = printed(batch, name=name)
    assert len(first.splitlines()) > COPIES
    assert printed(batch[::-1], "random", name) == first


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_records_give_the_same_pairs(tmp_path: Path, seed: int) -> None:
    rows = records()
    shuffled = random.Random(seed).sample(rows, len(rows))
    before, after = (pairs_of(write(tmp_path / "records.jsonl", order)) for order in (rows, shuffled))
    assert differences(before, after) == []


@pytest.mark.parametrize("seed", range(5))
def test_records_split_into_two_files_give_the_same_pairs(tmp_path: Path, seed: int) -> None:
    rows = records()
    chance = random.Random(seed)
    shuffled = chance.sample(rows, len(rows))
    cut = chance.randrange(1, len(rows))
    # The file that sorts first is not the one with the first records.
    parts = [write(tmp_path / "z.jsonl", shuffled[:cut]), write(tmp_path / "a.jsonl", shuffled[cut:])]
    before, after = pairs_of(write(tmp_path / "records.jsonl", rows)), pairs_of(*parts)
    assert differences(before, after) == []


def test_every_pair_has_the_score_of_its_two_texts(batch: tuple[str, ...]) -> None:
    pairs = pairs_of(*batch)[::5]
    assert len(pairs) > 60
    for pair in pairs:
        same_document = (pair.a.file, pair.a.document) == (pair.b.file, pair.b.document)
        alone = compare(pair.a.text, pair.b.text, same_document=same_document)
        assert (alone.score, alone.kind, alone.evidence) == (pair.score, pair.kind, pair.evidence)
        assert compare(pair.b.text, pair.a.text, same_document=same_document).score == pair.score


def test_a_score_does_not_depend_on_what_else_is_checked(tmp_path: Path) -> None:
    rows = records()
    few = found(pairs_of(write(tmp_path / "few.jsonl", rows[-20:]), min_score=0.5))
    assert len(few) > 5
    assert few <= found(pairs_of(write(tmp_path / "many.jsonl", rows), min_score=0.5))
