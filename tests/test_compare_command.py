"""`dedup compare`: what a reference stands for, and that it scores as a check does."""

from __future__ import annotations

import functools
import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from dedup.cli import main
from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Pair, Place
from dedup.pipeline import check, compare
from dedup.readers import Source
from dedup.references import find_places

ROOT = Path(__file__).parent.parent
SAMPLES = "samples"
DEFAULTS = Config()

FIRST = "The council met on Tuesday and decided to keep the library open at night for a year."
SECOND = "On Tuesday the council decided that the library would stay open at night for a year."
THIRD = "A petition with four thousand names lies on the desk beside the door."
ARTICLE = f"Library stays open\n\n{FIRST}\n\n{THIRD}\n\n{SECOND}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in a test are relative to a folder with an article and with records."""
    monkeypatch.chdir(tmp_path)
    write("article.txt", ARTICLE)
    write("first.txt", FIRST)
    write("records.jsonl", record("one", f"{FIRST}\n\n{THIRD}"), record("a#1", SECOND), record(3, THIRD))
    return tmp_path


def record(name: str | int, text: str) -> str:
    return json.dumps({"id": name, "text": text}) + "\n"


def write(name: str, *parts: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(parts), encoding="utf-8")
    return name


def place(reference: str, config: Config = DEFAULTS) -> Place:
    return find_places([reference], config)[0]


def error(*references: str) -> str:
    with pytest.raises(InputError) as caught:
        find_places(references, DEFAULTS)
    return str(caught.value)


def on_standard_input(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    stream = io.BufferedReader(io.BytesIO(text.encode()))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))


def compared(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What `--format json` prints."""
    assert main(["compare", *arguments, "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found: dict[str, Any] = json.loads(captured.out)
    return found


# What a reference stands for.


@pytest.mark.usefixtures("folder")
def test_a_file_is_one_paragraph() -> None:
    assert place("article.txt") == Place("article.txt", "article.txt", 0, 1, ARTICLE)


@pytest.mark.usefixtures("folder")
def test_a_markdown_file_is_one_paragraph_without_its_marks() -> None:
    assert place(write("a.md", f"---\ntitle: x\n---\n\n# Head\n\n{FIRST}\n")).text == f"Head\n{FIRST}"


@pytest.mark.usefixtures("folder")
def test_a_paragraph_is_counted_from_0_headings_and_all() -> None:
    assert place("article.txt#3") == Place("article.txt", "article.txt", 3, 7, SECOND)


@pytest.mark.usefixtures("folder")
def test_a_paragraph_of_a_record_has_the_line_of_the_record() -> None:
    assert place("records.jsonl#one#1") == Place("records.jsonl", "one", 1, 1, THIRD)
    assert place("records.jsonl#3#0") == Place("records.jsonl", "3", 0, 3, THIRD)


@pytest.mark.usefixtures("folder")
def test_an_id_may_have_marks_in_it() -> None:
    write("more.jsonl", record("a#1", FIRST), record("a#1#0", SECOND), record("#", THIRD))
    assert place("records.jsonl#a#1#0").text == SECOND
    assert [place(f"more.jsonl#{name}#0").text for name in ("a#1", "a#1#0", "#")] == [FIRST, SECOND, THIRD]


@pytest.mark.usefixtures("folder")
def test_the_id_of_an_only_record_need_not_be_named() -> None:
    write("single.jsonl", record("x", f"{FIRST}\n\n{THIRD}"))
    assert place("single.jsonl#1") == place("single.jsonl#x#1")
    assert place("single.jsonl").text == f"{FIRST}\n\n{THIRD}"


@pytest.mark.usefixtures("folder")
def test_a_record_without_an_id_is_named_by_its_line() -> None:
    write("unnamed.jsonl", '{"text": "one"}\n', '{"text": "two"}\n')
    assert place("unnamed.jsonl#unnamed.jsonl:2#0").text == "two"


@pytest.mark.usefixtures("folder")
def test_a_file_may_have_marks_in_its_name() -> None:
    write("a#1.txt", f"{THIRD}\n\n{FIRST}")
    write("a", FIRST)  # the longer name is meant
    write("b#/c.txt", SECOND)
    assert [place(reference).file for reference in ("a#1.txt", "a#1.txt#1", "a#0", "b#/c.txt#0")] == [
        "a#1.txt",
        "a#1.txt",
        "a",
        "b#/c.txt",
    ]
    assert place("a#1.txt#1").text == FIRST


@pytest.mark.usefixtures("folder")
def test_settings_decide_what_is_read() -> None:
    write("lines.txt", f"{FIRST}\n{SECOND}\n")
    write("fields.jsonl", json.dumps({"name": "x", "body": FIRST}))
    assert place("lines.txt#1", Config(paragraphs="line")).text == SECOND
    assert place("fields.jsonl#x#0", Config(id_field="name", text_field="body")).text == FIRST


@pytest.mark.usefixtures("folder")
def test_a_broken_record_does_not_hide_another() -> None:
    write("broken.jsonl", record("x", FIRST), "{\n")
    assert place("broken.jsonl#x#0").text == FIRST
    assert error("broken.jsonl#0").startswith("broken.jsonl:2: not JSON ")


@pytest.mark.usefixtures("folder")
def test_lone_surrogates_are_replaced_as_in_a_check() -> None:
    write("s.jsonl", '{"id": "x", "text": "a \\ud800 b"}')
    assert place("s.jsonl#x#0").text == place("s.jsonl").text == "a \ufffd b"


@pytest.mark.usefixtures("folder")
def test_standard_input_is_one_paragraph_or_several(monkeypatch: pytest.MonkeyPatch) -> None:
    on_standard_input(monkeypatch, ARTICLE)
    assert find_places(["-", "first.txt"], DEFAULTS)[0] == Place("-", "-", 0, 1, ARTICLE)
    on_standard_input(monkeypatch, ARTICLE)
    assert [one.text for one in find_places(["-#1", "-#3"], DEFAULTS)] == [FIRST, SECOND]
    on_standard_input(monkeypatch, record("x", FIRST) + record("y", SECOND))
    assert [one.text for one in find_places(["-#y#0", "-#x#0"], DEFAULTS)] == [SECOND, FIRST]


# What it cannot stand for.

COUNT = "count blocks from 0, as reports do"
NAME = "name one as FILE#DOCUMENT#PARAGRAPH"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("article.txt#4", f"article.txt#4: no paragraph '4' (it has 0 to 3); {COUNT}"),
        ("article.txt#-1", f"article.txt#-1: no paragraph '-1' (it has 0 to 3); {COUNT}"),
        ("article.txt#", f"article.txt#: no paragraph '' (it has 0 to 3); {COUNT}"),
        ("article.txt#two", f"article.txt#two: no paragraph 'two' (it has 0 to 3); {COUNT}"),
        ("article.txt#" + "9" * 5_000, f"article.txt#{'9' * 5_000}: no paragraph '{'9' * 5_000}' (it has 0 to 3); {COUNT}"),
        ("records.jsonl#one#2", f"records.jsonl#one#2: no paragraph '2' (it has 0 to 1); {COUNT}"),
        ("blank.txt#0", f"blank.txt#0: no paragraph '0' (it has none); {COUNT}"),
        ("blank.txt", "blank.txt: no text in it; name a file with text in it"),
        ("blank.md", "blank.md: no text in it; name a file with text in it"),
        ("blank.jsonl", "blank.jsonl: no document in blank.jsonl; name one that is there"),
        ("records.jsonl", f"records.jsonl: 3 documents in records.jsonl; {NAME} (one, a#1, 3)"),
        ("records.jsonl#0", f"records.jsonl#0: 3 documents in records.jsonl; {NAME} (one, a#1, 3)"),
        ("records.jsonl#one", f"records.jsonl#one: 3 documents in records.jsonl; {NAME} (one, a#1, 3)"),
        ("many.jsonl", f"many.jsonl: 9 documents in many.jsonl; {NAME} (0, 1, 2, 3, 4, …)"),
        (
            "records.jsonl#two#0",
            "records.jsonl#two#0: no document 'two' in records.jsonl; name one that is there (one, a#1, 3)",
        ),
        ("article.txt#x#0", "article.txt#x#0: no document 'x' in article.txt; name one that is there (article.txt)"),
        ("folder", "folder: a folder has no paragraph of its own; name a file in it"),
        ("folder#0", "folder: a folder has no paragraph of its own; name a file in it"),
        ("missing.txt", "missing.txt: no such file or folder; check the name, and the folder it is relative to"),
        ("missing.txt#0", "missing.txt#0: no such file or folder; check the name, and the folder it is relative to"),
        ("mis#sing#0", "mis#sing#0: no such file or folder; check the name, and the folder it is relative to"),
        ("", "'': no such file or folder; check the name, and the folder it is relative to"),
        ("latin.txt#0", "latin.txt:1: the byte 0xfc at position 2 is not UTF-8; convert the file to UTF-8"),
        ("bad.jsonl", "bad.jsonl:1: a list instead of an object; give one JSON object a line"),
        ("bad.jsonl#x#0", "bad.jsonl:1: a list instead of an object; give one JSON object a line"),
    ],
)
def test_what_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str], reference: str, message: str) -> None:
    for name in ("blank.txt", "blank.md", "blank.jsonl"):
        write(name, " \n")
    write("many.jsonl", *(record(number, FIRST) for number in range(9)))
    write("folder/a.txt", FIRST)
    write("bad.jsonl", "[1]\n")
    Path("latin.txt").write_bytes("Grüße".encode("latin-1"))
    for arguments in (["first.txt", reference], [reference, "first.txt"]):
        assert main(["compare", *arguments]) == 2
        assert capsys.readouterr() == ("", f"dedup: {message}\n")


# The score is that of a check.


def reference(place: Place) -> str:
    return (
        f"{place.file}#{place.paragraph}"
        if place.document == place.file
        else f"{place.file}#{place.document}#{place.paragraph}"
    )


@functools.cache
def sample_pairs() -> list[Pair]:
    """Every pair that is nominated in the samples, with paths relative to the repository."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        config = Config(min_score=0)
        source = Source([SAMPLES], config)
        pairs = list(check(source, config))
    assert source.errors == []
    return pairs


def test_every_pair_of_a_check_has_the_same_score_by_its_references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    pairs = sample_pairs()
    assert {Path(pair.a.file or "").suffix for pair in pairs} == {".txt", ".md", ".jsonl"}
    assert {pair.same_document for pair in pairs} == {True, False}
    references = [reference(one) for pair in pairs for one in (pair.a, pair.b)]
    places = find_places(references, DEFAULTS)
    assert places == [one for pair in pairs for one in (pair.a, pair.b)]
    for number, pair in enumerate(pairs[::4]):
        a, b = places[8 * number : 8 * number + 2]
        alone = compare(a.text, b.text, same_document=(a.file, a.document) == (b.file, b.document))
        assert (alone.score, alone.kind, alone.evidence) == (pair.score, pair.kind, pair.evidence), pair


@pytest.mark.parametrize("same_document", [True, False])
def test_the_command_gives_a_pair_of_a_check_its_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], same_document: bool
) -> None:
    monkeypatch.chdir(ROOT)
    pair = next(pair for pair in sample_pairs() if pair.same_document == same_document and pair.kind != "exact")
    found = compared(capsys, reference(pair.a), reference(pair.b))
    main(["check", SAMPLES, "--min-score", "0", "--format", "jsonl"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [row] = [row for row in rows if (row["a"], row["b"]) == (found["a"], found["b"])]
    assert {name: found[name] for name in ("score", "kind", "a", "b", "evidence")} == {
        name: row[name] for name in ("score", "kind", "a", "b", "evidence")
    }
    assert found["same_document"] == same_document


@pytest.mark.usefixtures("folder")
def test_two_records_of_one_file_are_two_documents(capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(capsys, "records.jsonl#one#0", "records.jsonl#a#1#0")["same_document"] is False
    assert compared(capsys, "records.jsonl#one#0", "records.jsonl#one#1")["same_document"] is True
    assert compared(capsys, "article.txt#1", "article.txt#3")["same_document"] is True
    assert compared(capsys, "article.txt#1", "first.txt")["same_document"] is False


@pytest.mark.usefixtures("folder")
def test_two_files_can_be_scored_as_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    write("second.txt", SECOND)
    apart, together = (compared(capsys, "first.txt", "second.txt", *more) for more in ([], ["--same-document"]))
    assert (apart["same_document"], together["same_document"]) == (False, True)
    assert together["score"] == compare(FIRST, SECOND, same_document=True).score
    assert apart["score"] == compare(FIRST, SECOND).score != together["score"]
    assert (together["a"]["file"], together["b"]["file"]) == ("first.txt", "second.txt")
    log_odds = together["start"] + sum(feature["part"] or 0 for feature in together["features"])
    assert 1 / (1 + math.exp(-log_odds)) == pytest.approx(together["score"], abs=0.001)


@pytest.mark.usefixtures("folder")
def test_the_order_of_the_two_changes_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (
        compared(capsys, *order) for order in (("article.txt#1", "article.txt#3"), ("article.txt#3", "article.txt#1"))
    )
    assert (one["score"], one["kind"], one["evidence"]) == (other["score"], other["kind"], other["evidence"])


# What is printed.


@pytest.mark.parametrize("number", range(0, 60, 6))
def test_start_and_parts_are_the_log_odds_of_the_score(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    monkeypatch.chdir(ROOT)
    pairs = [pair for pair in sample_pairs() if pair.kind != "exact"]
    pair = pairs[number * len(pairs) // 60]
    found = compared(capsys, reference(pair.a), reference(pair.b))
    log_odds = found["start"] + sum(feature["part"] or 0 for feature in found["features"])
    score = min(1 / (1 + math.exp(-log_odds)), 0.9999)
    assert score == pytest.approx(found["score"], abs=0.0001 + len(found["features"]) * 0.00005 / 4)


@pytest.mark.usefixtures("folder")
def test_the_text_has_both_places_and_every_feature(capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(capsys, "article.txt#1", "article.txt#3")
    assert main(["compare", "article.txt#1", "article.txt#3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{found['score']:.4f}  {found['kind']}\n")
    assert all(f"article.txt:{line}\n" in out for line in (3, 7))
    assert all(f"\n  {feature['name']} " in out for feature in found["features"])


@pytest.mark.usefixtures("folder")
def test_quiet_leaves_the_features_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "article.txt#1", "article.txt#3", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "library" in out
    assert "log odds" not in out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["text", "json"])
def test_no_text_leaves_the_texts_out(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["compare", "article.txt#1", "article.txt#2", "--no-text", "--format", name]) == 0
    out = capsys.readouterr().out
    assert "petition with four" not in out
    assert "article.txt" in out


@pytest.mark.usefixtures("folder")
def test_output_is_written_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "article.txt#1", "article.txt#3"]) == 0
    expected = capsys.readouterr().out
    assert main(["compare", "article.txt#1", "article.txt#3", "--output", "report"]) == 0
    assert (capsys.readouterr().out, Path("report").read_text(encoding="utf-8")) == ("", expected)


@pytest.mark.usefixtures("folder")
def test_standard_input_can_be_compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on_standard_input(monkeypatch, ARTICLE)
    assert compared(capsys, "-#1", "-#3")["score"] == compare(FIRST, SECOND, same_document=True).score
    on_standard_input(monkeypatch, ARTICLE)
    assert compared(capsys, "--width", "60", "-#1", "--quiet", "first.txt")["score"] == 1.0
    on_standard_input(monkeypatch, SECOND)
    assert compared(capsys, "first.txt", "-")["score"] == compare(FIRST, SECOND).score


# A line, as the text report names it.


def test_a_line_of_a_report_names_the_paragraph() -> None:
    for pair in check(Source([str(SAMPLES)], Config()), Config()).pairs:
        for place in (pair.a, pair.b):
            if place.document == place.file:
                assert find_places([place.spot], Config()) == [place]


def test_a_line_with_one_paragraph_of_a_record_names_it(tmp_path: Path) -> None:
    records = tmp_path / "r.jsonl"
    records.write_text('{"id": "a", "text": "One."}\n{"text": "Two.\\n\\nThree."}\n')
    assert [place.text for place in find_places([f"{records}:1"], Config())] == ["One."]
    with pytest.raises(InputError, match=r"r\.jsonl:2: 2 paragraphs in this line; name one as FILE#.*r\.jsonl:2#PARAGRAPH"):
        find_places([f"{records}:2"], Config())
    with pytest.raises(InputError, match=r"r\.jsonl:3: no document"):
        find_places([f"{records}:3"], Config())


@pytest.mark.parametrize("line", ["2", "999", "0"])
def test_a_line_in_which_no_paragraph_begins_is_an_error(tmp_path: Path, line: str) -> None:
    text = tmp_path / "a.txt"
    text.write_text("One.\n\nTwo.\n")
    with pytest.raises(InputError, match="no paragraph begins in this line; name the line that a report names"):
        find_places([f"{text}:{line}"], Config())
