from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import Config
from dedup.errors import ConfigError, InputError
from dedup.model import Document, Pair, Place, Result
from dedup.paragraphs import split
from dedup.reports import REPORTS, load_report
from dedup.reports.wrapping import wrap

GOLDEN = Path(__file__).parent / "golden"

NIGHT = (
    "On Monday nights the building is at its quietest. An average of 23 people pass the turnstile between midnight and "
    "five, most of them alone, and the favourite shelves are law and accountancy."
)
QUIET = (
    "The building is never as quiet as on Monday nights, when 23 people on average pass the turnstile between midnight "
    "and five. Most come alone, and law and accountancy are the shelves they like best."
)
CHINESE = "图书馆在周一的夜里最安静。从午夜到清晨五点，平均有二十三位读者走过闸机，他们大多独自前来，最喜欢的书架是法律和会计。"
FOOTER = "All rights reserved. No part of this page may be copied without the permission of the Fallowgate Courier."


def result(pairs: Sequence[Pair], documents: Sequence[Document] = (), **settings: Any) -> Result:  # noqa: ANN401 - as Config
    config = Config(**settings)
    return Result(config, split(documents, config), pairs)


def sample() -> Result:
    night = Place("talks.txt", "talks.txt", 2, 5, NIGHT)
    quiet = Place("feed.jsonl", "item-7", 0, 12, QUIET)
    footers = [Place("feed.jsonl", f"feed.jsonl:{line}", 1, line, FOOTER) for line in (14, 15)]
    chinese = [Place(None, name, 0, 1, CHINESE) for name in "ab"]
    pairs = [
        Pair(1.0, "exact", *footers, {"shared": 1.0, "contained": 1.0, "numbers": None, "names": 1.0}, 1, copies=24),
        Pair(
            1.0, "exact", *chinese, {"shared": 1.0, "contained": 1.0, "numbers": None, "names": None}, 2, False, "boilerplate"
        ),
        Pair(0.93, "paraphrase", quiet, night, {"shared": 0.41239, "contained": 0.62, "numbers": 1.0, "names": 0.9}, 3),
        Pair(
            0.31, "near", night, footers[1], {"shared": 0.0, "contained": 1 / 3, "numbers": 0.5, "names": None, "dates": 0.25}
        ),
    ]
    documents = [Document(place.document, place.text, file=place.file) for place in [night, quiet, *footers, *chinese]]
    documents.append(Document("notes.md", "# One\n\nToo short.\n\n![x](y.png)", markup="markdown"))
    checked = result(pairs, documents, min_score=0.3)
    error = InputError("broken.txt", "binary data", "give text")
    return Result(checked.config, checked.paragraphs, pairs, errors=(error,), ignored=1)


def rendered(name: str, what: Result, *, with_text: bool = True, all_pairs: bool = False, brief: bool = False) -> str:
    out = io.StringIO()
    load_report(name, brief=brief)(what, out, with_text=with_text, all_pairs=all_pairs)
    return out.getvalue()


# To accept a change on purpose: write what the test got over the file, and read the difference.
@pytest.mark.parametrize(
    ("golden", "options"),
    [
        ("report.txt", {}),
        ("report-all.txt", {"all_pairs": True}),
        ("report-without-text.txt", {"with_text": False}),
        ("report-brief.txt", {"brief": True}),
        ("report.jsonl", {}),
        ("report-all.jsonl", {"all_pairs": True}),
        ("report-without-text.jsonl", {"with_text": False}),
    ],
)
def test_a_report_is_as_accepted(golden: str, options: dict[str, bool]) -> None:
    name = "jsonl" if golden.endswith(".jsonl") else "text"
    assert rendered(name, sample(), **options) == (GOLDEN / golden).read_text(encoding="utf-8")


def test_an_unknown_report_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(ConfigError, match="format: unknown value 'xml'; known are text, jsonl"):
        load_report("xml")


# What every report promises.

NASTY = "a\x1b[31mb\x00c\ud800d\u2028e\x85f\u202eg\tह\n\nh" + "x" * 200


def nasty() -> Result:
    return result([Pair(1.0, "exact", Place(NASTY, NASTY, 0, 1, NASTY), Place(None, NASTY, 1, 2, NASTY), {"shared": 1.0}, 1)])


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_can_be_written_whatever_the_text(name: str) -> None:
    lines = rendered(name, nasty()).encode("utf-8").decode("utf-8")
    assert lines.endswith("\n")
    assert not {"\x1b", "\x00", "\u2028", "\x85", "\t"} & set(lines)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("brief", [False, True])
def test_text_can_be_left_out(name: str, brief: bool) -> None:
    for text in (NIGHT, CHINESE, FOOTER):
        assert text[:15] not in rendered(name, sample(), with_text=False, all_pairs=True, brief=brief)


@pytest.mark.parametrize("name", REPORTS)
def test_what_does_not_count_is_left_out_unless_asked_for(name: str) -> None:
    assert CHINESE[:15] not in rendered(name, sample())
    assert CHINESE[:15] in rendered(name, sample(), all_pairs=True)


@pytest.mark.parametrize("name", REPORTS)
def test_the_order_of_the_result_is_kept(name: str) -> None:
    text = rendered(name, sample(), all_pairs=True)
    places = [text.index(part) for part in (FOOTER[:15], CHINESE[:15], QUIET[:15])]
    assert places == sorted(places)


# Each report.


def test_jsonl_is_read_back_as_it_was() -> None:
    [line] = rendered("jsonl", nasty()).splitlines()
    assert json.loads(line)["a"] == {"file": NASTY, "document": NASTY, "paragraph": 0, "line": 1, "text": NASTY}


def test_jsonl_of_nothing_is_empty() -> None:
    assert rendered("jsonl", result([])) == ""


def test_numpy_numbers_are_written_as_numbers() -> None:
    np = pytest.importorskip("numpy")
    place = Place("a", "a", 0, 1, "")
    pair = Pair(np.float32(0.9312), "near", place, place, {"shared": np.float64(0.25)})
    assert json.loads(rendered("jsonl", result([pair])))["score"] == 0.9312


@pytest.mark.parametrize(
    ("scope", "texts", "nothing"),
    [
        ("all", [], True),
        ("all", [NIGHT], True),
        ("all", [NIGHT, NIGHT], False),
        ("within", [NIGHT, NIGHT], True),
        ("within", [f"{NIGHT}\n\n{QUIET}"], False),
        ("across", [f"{NIGHT}\n\n{QUIET}", "Short."], True),
        ("across", [NIGHT, QUIET], False),
    ],
)
def test_text_says_when_nothing_was_compared(scope: str, texts: list[str], nothing: bool) -> None:
    documents = [Document(str(number), text) for number, text in enumerate(texts)]
    assert rendered("text", result([], documents, scope=scope)).splitlines()[-1] == (
        "nothing was compared" if nothing else "no repeats"
    )


@given(text=st.text(), columns=st.integers(2, 80))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    lines = wrap(" ".join(text.split()), columns)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(len(line) <= columns for line in lines if line.isascii())


def test_wide_characters_take_two_columns() -> None:
    assert wrap("图书馆在夜里 open", 8) == ["图书馆在", "夜里", "open"]
    assert wrap("a" * 10 + " b", 8) == ["a" * 8, "aa b"]
    assert wrap("", 8) == []
