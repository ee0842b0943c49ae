"""`dedup index` and `dedup check --against`, as a user runs them."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import io
import json
import os
import random
import shutil
import sqlite3
import struct
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from index_soak import crowd, flips, kills
from material import spun_documents

from dedup import Config, Document, Index
from dedup.cli import main
from dedup.errors import OutputError
from dedup.indexes import create_store, open_store, sqlite
from dedup.indexes.scheme import Scheme
from dedup.indexes.sqlite_file import row_sum

LEDE = (
    "The Castermouth tram network is to be extended to the suburb of Pellgate after the regional transport board approved the "
    "final £212 million stage of the Harbour Line on Tuesday night."
)
REWORDED = (
    "On Tuesday evening, the last £212 million phase of the Harbour Line was given the go-ahead by the regional transport "
    "board, clearing the way for Castermouth's trams to run as far as suburban Pellgate."
)
OTHER = "Nobody had expected that the lynx would come back to the Kettle Hills within a decade, least of all the shepherds."
THIRD = "Eleven bakers of the old quarter have signed a petition against the tax on ovens that the council passed in February."

RECORDS = "give each record (see --id-field) or item an id"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in an empty folder: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        output, errors = capsys.readouterr()
        return code, output, "".join(line.removeprefix("dedup: ") for line in errors.splitlines(keepends=True))

    return command


def write(name: str, *texts: str) -> str:
    Path(name).write_text("\n\n".join(texts), encoding="utf-8")
    return name


def feed(name: str, **texts: str) -> str:
    lines = (
        json.dumps({"id": key, "text": text, "date": f"2026-{number % 12 + 1:02}-01"})
        for number, (key, text) in enumerate(texts.items())
    )
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


# ------------------------------------------------------------------------------------------------------------------- checks


def test_a_check_against_an_index_names_the_old_document_its_paragraph_line_and_date(run: Run) -> None:
    assert run("index", "add", "old.db", feed("may.jsonl", one=OTHER, two=f"{OTHER}\n\n{LEDE}")) == (
        0,
        "2 added, 0 changed, 0 unchanged\n",
        "",
    )
    write("new.md", REWORDED)

    code, output, errors = run("check", "new.md", "--against", "old.db")
    assert (code, errors) == (1, "")
    assert "old.db: may.jsonl:2 (two, paragraph 1, 2026-02-01)" in output
    assert "compared with old.db: 2 documents, 3 paragraphs" in output

    _, output, _ = run("check", "new.md", "--against", "old.db", "--format", "json")
    result = json.loads(output)
    assert result["against"] == [{"index": "old.db", "documents": 2, "paragraphs": 3}]
    [pair] = result["pairs"]
    assert {key: value for key, value in pair["b"].items() if key != "text"} == {
        "file": "may.jsonl",
        "document": "two",
        "paragraph": 1,
        "line": 2,
        "index": "old.db",
        "date": "2026-02-01",
    }
    assert (result["counts"]["documents"], result["counts"]["paragraphs"]) == (1, 1)

    for report, said in (
        ("github", "::warning file=new.md,line=1"),
        ("sarif", '"uri": "new.md"'),
        ("junit", 'name="new.md:1 repeats old.db: may.jsonl:2'),
        ("markdown", "old.db: may.jsonl:2"),
        ("html", "old.db: may.jsonl:2"),
        ("jsonl", '"index": "old.db"'),
    ):
        code, output, errors = run("check", "new.md", "--against", "old.db", "--format", report)
        assert (code, errors) == (1, "")
        assert said in output, report


def test_every_pair_has_the_score_that_a_comparison_gives_it_with_texts_kept_or_not(run: Run) -> None:
    for document in spun_documents()[:6]:
        write(f"{document.id}.txt", document.text)
        chosen = document.text.split("\n\n")
        write(f"new-{document.id}.txt", *random.Random(1).sample(chosen, len(chosen)))
    old = [str(path) for path in Path().glob("[0-9]*.txt")]
    for options in ([], ["--no-text"]):
        run("index", "add", f"old{len(options)}.db", *old, *options)
    new = [str(path) for path in Path().glob("new-*.txt")]

    rows = []
    for number in (0, 1):
        _, output, _ = run("check", *new, "--against", f"old{number}.db", "--format", "jsonl", "--scope", "across")
        pairs = [json.loads(line) for line in output.splitlines()]
        rows.append([{**pair, "b": {**pair["b"], "text": None, "index": None}} for pair in pairs])

    assert len(rows[0]) > 50
    assert rows[0] == rows[1]
    for pair in rows[0][::10]:
        references = [f"{pair[end]['file']}#{pair[end]['paragraph']}" for end in ("a", "b")]
        assert pair["score"] == json.loads(run("compare", *references, "--format", "json")[1])["score"]


def test_reports_do_without_texts_that_are_not_kept(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE), "--no-text")
    write("new.txt", REWORDED)
    for report in ("text", "json", "jsonl", "sarif", "github", "junit", "html", "markdown"):
        code, output, errors = run("check", "new.txt", "--against", "old.db", "--format", report)
        assert (code, errors) == (1, "")
        assert "approved the" not in output
    assert (
        "the words cannot be shown, as the index keeps no texts"
        in run("check", "new.txt", "--against", "old.db", "--width", "200")[1]
    )


def test_several_indexes_are_asked(run: Run) -> None:
    run("index", "add", "one.db", write("old.txt", LEDE))
    run("index", "add", "two.db", feed("feed.jsonl", x=OTHER))
    write("new.txt", REWORDED, OTHER)

    _, output, _ = run("check", "new.txt", "--against", "one.db", "--against", "two.db", "--format", "jsonl")

    assert sorted(json.loads(line)["b"]["index"] for line in output.splitlines()) == ["one.db", "two.db"]


def test_add_records_what_has_passed_and_only_that(run: Run) -> None:
    write("one.txt", LEDE, OTHER)
    assert run("check", "one.txt", "--against", "old.db", "--add")[::2] == (0, "old.db: 1 added, 0 changed, 0 unchanged\n")
    assert run("check", "one.txt", "--against", "old.db", "--add")[::2] == (0, "old.db: 0 added, 0 changed, 1 unchanged\n")
    write("two.txt", REWORDED)
    assert run("check", "two.txt", "--against", "old.db", "--add")[::2] == (
        1,
        "old.db: nothing added, as the check has not passed\n",
    )
    assert "documents: 1\n" in run("index", "info", "old.db")[1]


def test_an_index_that_a_check_makes_has_no_texts_where_none_may_be_kept(run: Run) -> None:
    write("one.txt", LEDE, OTHER)
    run("check", "one.txt", "--against", "old.db", "--add", "--no-text")
    assert "texts: not kept\n" in run("index", "info", "old.db")[1]


def test_no_check_adds_to_an_index_that_keeps_texts_where_none_may_be_kept(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    before = Path("old.db").read_bytes()
    said = "--no-text: old.db keeps texts already; leave it out, or make another index\n"
    assert run("check", write("new.txt", OTHER), "--against", "old.db", "--add", "--no-text") == (2, "", said)
    assert before == Path("old.db").read_bytes()
    assert run("check", "new.txt", "--against", "old.db", "--no-text")[::2] == (0, "")  # of the report only


def test_dates_that_cannot_be_read_are_told_where_they_matter(run: Run) -> None:
    dates = ["03.05.2020", "May 3, 2020", "2020-W18-7", "", None, "2020-05-03", "Sun, 03 May 2020 10:00:00 +0200", 1588464000]
    rows = [{"id": f"{number}", "text": f"{OTHER} {number}", "date": date} for number, date in enumerate(dates)]
    Path("feed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    what = "no date that can be read in 3 of the documents, which count by the day of their adding ('03.05.2020')"
    advice = "write dates such as 2026-05-31\n"

    assert run("index", "add", "old.db", "feed.jsonl") == (
        0,
        "8 added, 0 changed, 0 unchanged\n",
        f"feed.jsonl: {what}; {advice}",
    )
    write("new.txt", *(f"{OTHER} {number}" for number in range(8)))
    assert run("check", "new.txt", "--against", "old.db", "--quiet")[2] == ""
    for limit in (["--since", "2026-01-01"], ["--window", "9w"]):
        assert run("check", "new.txt", "--against", "old.db", "--quiet", *limit)[2] == f"old.db: {what}; {advice}"
    assert f"feed.jsonl: {what}; {advice}" in run("check", "feed.jsonl", "--against", "new.db", "--add", "--quiet")[2]
    assert run("check", "feed.jsonl", "--against", "old.db", "--quiet")[2] == ""


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (["--since", "2999-01-01"], "--since: leaves out all that was published until now; name an earlier day\n"),
        (["--window", "0d"], "--window: leaves out all that was published until now; give more days\n"),
        (["--window", "1d"], ""),
    ],
)
def test_that_nothing_can_be_recent_enough_is_told(run: Run, limit: list[str], said: str) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    assert run("check", write("new.txt", OTHER), "--against", "old.db", "--quiet", *limit)[::2] == (0, said)


def test_that_an_index_is_empty_is_told(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE, OTHER))
    run("index", "remove", "old.db", "old.txt")
    said = "old.db: there are no documents in it to compare with; dedup index add makes them known\n"
    assert run("check", "old.txt", "--against", "old.db", "--quiet")[::2] == (0, said)
    assert run("check", "old.txt", "--against", "old.db", "--add")[2] == "old.db: 1 added, 0 changed, 0 unchanged\n"
    assert run("check", "old.txt", "--against", "old.db", "--quiet")[2] == ""


def test_no_index_is_made_by_a_check_that_has_not_passed(run: Run) -> None:
    code, _, errors = run("check", "none.txt", "--against", "old.db", "--add")
    assert (code, errors.splitlines()[1:]) == (2, ["old.db: nothing added, as the check has not passed"])
    code, output, errors = run("check", write("twice.txt", LEDE, LEDE), "--against", "old.db", "--add", "--quiet")
    assert (code, errors) == (1, "old.db: nothing added, as the check has not passed\n")
    assert "compared with old.db: 0 documents, 0 paragraphs\n" in output
    assert os.listdir() == ["twice.txt"]


@pytest.mark.parametrize(
    ("name", "advice"), [("feed.jsonl", RECORDS), ("feed.json", RECORDS), ("feed.xml", RECORDS), ("-", "give a file")]
)
def test_documents_that_are_known_by_their_places_only_are_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, advice: str
) -> None:
    texts = {
        "feed.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in (LEDE, OTHER)),
        "feed.json": json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"content_text": LEDE}]}),
        "feed.xml": f'<rss version="2.0"><channel><item><description>{LEDE}</description></item></channel></rss>',
        "-": LEDE,
    }[name]
    Path(name).write_text(texts, encoding="utf-8")
    said = f"{name}: no ids, so an index takes what stands in a place next for a later version of what stood there"
    for command in (["index", "add", "old.db", name], ["check", name, "--against", "old.db", "--quiet"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(texts.encode()))))  # type: ignore[arg-type]
        code, _, errors = run(*command)
        assert (code, errors) == (0, f"{said}; {advice}\n")


def test_named_documents_are_not_told(run: Run) -> None:
    assert run("index", "add", "old.db", write("old.txt", LEDE), feed("feed.jsonl", one=THIRD))[2] == ""


def test_a_check_alone_writes_nothing(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    before = Path("old.db").read_bytes()
    run("check", write("new.txt", REWORDED), "--against", "old.db")
    assert before == Path("old.db").read_bytes()
    assert {"old.db", "old.txt", "new.txt"} == {path.name for path in Path().iterdir()}


def test_since_and_window_leave_out_what_is_older(run: Run) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", january=LEDE, february=REWORDED))
    write("new.txt", LEDE)

    def found(*options: str) -> list[str]:
        _, output, _ = run("check", "new.txt", "--against", "old.db", "--format", "jsonl", *options)
        return [json.loads(line)["b"]["document"] for line in output.splitlines()]

    assert found() == ["january", "february"]
    assert found("--since", "2026-01-15") == ["february"]
    assert found("--since", "2026-03-01") == []
    assert found("--window", "9999w") == ["january", "february"]


def test_a_single_paragraph_is_compared_with_an_index(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    code, _, errors = run("check", write("new.txt", OTHER), "--against", "old.db", "--require-paragraphs", "--quiet")
    assert (code, errors) == (0, "passed: no repeats\n")


def test_the_summary_names_what_was_compared_with_nothing_and_no_other(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    write("new.txt", OTHER)
    write("short.txt", "Too short.")
    said = "fewer than two paragraphs to compare: new.txt (1), short.txt (0)\n"
    assert said in run("check", "new.txt", "short.txt", "--quiet")[1]
    output = run("check", "new.txt", "short.txt", "--against", "old.db", "--quiet")[1]
    assert "no paragraphs to compare: short.txt (0)\n" in output
    assert "new.txt" not in output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--against", "none.db"], "none.db: there is no such index; make it with dedup index add"),
        (["--add"], "--add: to no index, or to several"),
        (["--since", "2026-01-01"], "--since: there is no index that it is for"),
        (["--against", "old.db", "--since", "soon"], "--since: 'soon' is no date"),
        (["--against", "old.db", "--window", "a year"], "--window: 'a year' is no span of time"),
        (["--against", "old.db", "--window", "9" * 400 + "d"], "--window: '9999"),
        (["--against", "old.db", "--since", "2026-01-01", "--window", "3d"], "--since: not together with --window"),
        (["--against", "old.db", "--scope", "within"], "--against: not together with --scope within"),
        (["--against", "old.db", "--against", "./old.db"], "--against: an index is named twice"),
        (
            ["--against", "old.db", "--language", "de"],
            "old.db: an index made without --language, and asked with --language de; leave --language out, or make another",
        ),
        (
            ["--against", "de.db"],
            "de.db: an index made with --language de, and asked without --language; give --language de, or make another",
        ),
        (["--against", "http://ann:secret@example.org/old.db"], "INDEX: http:// is no address that an index can have; give "),
        (["--against", "sqlite:///old.db"], "INDEX: sqlite:// is no address that an index can have; give "),
    ],
)
def test_what_makes_no_sense_is_told(run: Run, options: list[str], said: str) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    run("index", "add", "de.db", "old.txt", "--language", "de")
    code, _, errors = run("check", "old.txt", *options)
    assert code == 2
    assert errors.startswith(said)
    assert (errors.count("\n"), "secret" in errors) == (1, False)


@pytest.mark.skipif(sys.platform == "win32", reason="a colon has a meaning of its own there")
@pytest.mark.parametrize("name", [r"C:\old.db", "C://old.db", "news:may.db", "./redis://old.db"])
def test_a_path_with_a_colon_is_a_path(run: Run, name: str) -> None:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    assert run("index", "add", name, write("old.txt", LEDE))[0] == 0
    assert os.path.isfile(name)
    assert run("check", write("new.txt", REWORDED), "--against", name, "--quiet")[0] == 1


# ------------------------------------------------------------------------------------------------------------- keeping it


def test_documents_are_removed_by_the_name_that_they_have(run: Run) -> None:
    os.mkdir("news")
    run("index", "add", "old.db", write("news/a.txt", LEDE), feed("feed.jsonl", b=OTHER), "--root", "news")

    assert run("index", "remove", "old.db", "a.txt", "c") == (
        2,
        "",
        "DOCUMENT: old.db has no c; dedup index export lists what it has\n",
    )
    assert run("index", "remove", "old.db", "a.txt", "b") == (0, "2 removed\n", "")
    assert run("index", "verify", "old.db") == (0, "whole: documents 0, paragraphs 0\n", "")


def test_what_is_old_expires(run: Run) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", january=LEDE, february=REWORDED), write("undated.txt", OTHER))
    assert run("index", "expire", "old.db", "--before", "2026-02-01") == (0, "1 removed\n", "")
    assert run("index", "expire", "old.db", "--before", "x") == (
        2,
        "",
        "--before: 'x' is no date; give one such as 2026-05-31\n",
    )


@pytest.mark.parametrize("options", [[], ["--no-text"]])
def test_an_export_makes_the_same_index_again(run: Run, options: list[str]) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", one=f"{LEDE}\n\n{OTHER}", two=THIRD), write("old.txt", THIRD), *options)
    assert run("index", "export", "old.db", "--output", "old.jsonl") == (0, "", "")

    assert run("index", "import", "again.db", "old.jsonl") == (0, "documents 3, paragraphs 4\n", "")

    stores = [open_store(name) for name in ("old.db", "again.db")]
    assert [entry.header for entry in stores[0]] == [entry.header for entry in stores[1]]
    assert stores[0].scheme.fingerprint == stores[1].scheme.fingerprint
    for store in stores:
        store.close()
    assert run("index", "verify", "again.db")[0] == 0
    said = "again.db: it is there already; name an index that is not there yet\n"
    assert (2, "", said) == run("index", "import", "again.db", "old.jsonl")


@pytest.mark.parametrize("options", [[], ["--no-text", "--language", "de"]])
def test_info_says_what_is_kept_and_which_version_made_it(run: Run, options: list[str]) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", one=f"{LEDE}\n\n{OTHER}", two=THIRD), *options)
    facts = json.loads(run("index", "info", "old.db", "--format", "json")[1])
    with closing(open_store("old.db")) as store:
        expected = {"fingerprint": store.scheme.fingerprint, "method": store.scheme.method}
    expected |= {"index": "old.db", "documents": 2, "paragraphs": 3, "bytes": os.path.getsize("old.db")}
    expected |= {"learned_from": 0, "bands": 64, "rows": 3, "with_text": not options, "language": "de" if options else None}
    assert facts == {**expected, "made_by": version("dedup"), "index_format": 3}
    assert f"made by: dedup {version('dedup')}, as an index of format 3\n" in run("index", "info", "old.db")[1]
    said = "--format: unknown value 'xml'; known are text, json\n"
    assert run("index", "info", "old.db", "--format", "xml") == (2, "", said)


def test_a_version_that_made_an_index_is_known_to_a_later_one_and_changes_when_it_is_made_anew(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(create_store("old.db", dataclasses.replace(Scheme.usual(Config()), made_by="0.0.9"))):
        pass
    run("index", "add", "old.db", write("old.txt", LEDE, OTHER))
    assert "made by: dedup 0.0.9, " in run("index", "info", "old.db")[1]
    assert run("index", "export", "old.db", "--output", "old.jsonl")[0] == 0
    assert run("index", "import", "again.db", "old.jsonl")[0] == 0
    run("index", "rebuild", "old.db")
    for name in ("old.db", "again.db"):
        assert f"made by: dedup {version('dedup')}, " in run("index", "info", name)[1]


def test_an_export_does_not_replace_its_index(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", OTHER))
    code, _, errors = run("index", "export", "old.db", "--output", "./old.db")
    assert (code, errors) == (2, "--output: ./old.db is read too, and would be overwritten; name another file\n")
    assert run("index", "verify", "old.db")[0] == 0


def line(values: dict[str, object]) -> str:
    """A line of an export, with the sum that it has to have."""
    said = json.dumps({key: value for key, value in values.items() if key != "sum"}, ensure_ascii=False, sort_keys=True)
    return json.dumps({**values, "sum": f"{zlib.crc32(said.encode('utf-8', 'surrogatepass')):08x}"}) + "\n"


Refused = Callable[[str, str], None]


@pytest.fixture
def refused(run: Run) -> Refused:
    """Whether an export is refused with these words at the beginning, and nothing is left behind or changed."""
    run("index", "add", "there.db", write("there.txt", THIRD))

    def is_refused(export: str, said: str) -> None:
        Path("x.jsonl").write_text(export, encoding="utf-8")
        before = {path: path.read_bytes() for path in Path().iterdir()}
        code, output, errors = run("index", "import", "again.db", "x.jsonl")
        assert (code, output, errors.count("\n")) == (2, "", 1)
        assert errors.startswith(said)
        run("index", "import", "there.db", "x.jsonl")
        assert before == {path: path.read_bytes() for path in Path().iterdir()}

    return is_refused


def test_an_export_that_is_cut_or_changed_is_not_imported_and_leaves_nothing(run: Run, refused: Refused) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", one=LEDE, two=OTHER))
    head, one, two, end = run("index", "export", "old.db")[1].splitlines(keepends=True)

    refused(head + one + end, "x.jsonl: documents 1, paragraphs 1, but 2 and 2 were exported; ")
    refused(head + one + two, "x.jsonl: documents 2, paragraphs 2, but its end is missing; ")
    refused(head + one + two + end + one, "x.jsonl:5: a line after the one that says how much there is; ")
    refused(head + one + two + end.replace("2", "3", 1), "x.jsonl:4: a damaged line (its sum is not that")
    refused(head + one + one, "x.jsonl:3: this document is in the export twice (one); ")
    refused(head + one + two[:70], "x.jsonl:3: a damaged line (Unterminated string")
    refused(head + one.replace("tram", "trim") + two, "x.jsonl:2: a damaged line (its sum is not that of what it says); ")
    refused(head.replace('"rows": 3', '"rows": 4') + one + two + end, "x.jsonl:1: a damaged line (its sum is not that")
    refused(head + one + "[]", "x.jsonl:3: a damaged line (no object); ")
    refused(head + "[" * 100_000, "x.jsonl:2: a damaged line (")


def test_an_export_that_is_whole_but_says_what_no_index_has_is_not_imported(run: Run, refused: Refused) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", one=LEDE))
    head, one, end = map(json.loads, run("index", "export", "old.db")[1].splitlines())
    [paragraph] = one["paragraphs"]

    refused(line(head) + line(one) + line({**end, "documents": "two"}), "x.jsonl:3: a damaged line (")
    refused(line(head) + line(one) + line({}), "x.jsonl:3: a damaged line ('documents' is missing); ")
    refused(line({**head, "scheme": {**head["scheme"], "bands": 0}}) + line(one), "x.jsonl:1: a damaged line (a plan that is")
    nameless = [{"identity": 2}, {"file": 0}, {"date": 2026}, {"line": True}, {"line": 1 << 70}, {"line": -1}]
    for values in [*nameless, *({"added": added} for added in ("nan", "2026", True, None, -1e300, 1e12))]:
        refused(line(head) + line({**one, **values}), "x.jsonl:2: a damaged line (a document without its name, date or line); ")
    for added in (float("nan"), float("inf")):
        refused(line(head) + line({**one, "added": added}), "x.jsonl:2: a damaged line (Out of range float values")
    refused(line(head) + line({**one, "identity": "\ud800"}), "x.jsonl:2: a damaged line ('utf-8' codec can't encode")
    refused(
        line(head) + line({key: value for key, value in one.items() if key != "date"}),
        "x.jsonl:2: a damaged line ('date' is missing); ",
    )
    for values in ({"hash": "-1"}, {"position": 1.0}, {"length": "9"}, {"line": False}):
        bad = {**one, "paragraphs": [{**paragraph, **values}]}
        refused(line(head) + line(bad), "x.jsonl:2: a damaged line (a paragraph without its place, text or hash); ")
    for values in ({"text": 1}, {"hash": 1}):
        refused(line(head) + line({**one, "paragraphs": [{**paragraph, **values}]}), "x.jsonl:2: a damaged line (")


def test_an_export_without_texts_is_told_if_it_is_damaged(run: Run, refused: Refused) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", one=LEDE), "--no-text")
    exported = run("index", "export", "old.db")[1]
    head, one, _ = map(json.loads, exported.splitlines())
    [paragraph] = one["paragraphs"]
    for terms in (b"", b"short", base64.b64decode(paragraph["terms"])[:-1]):
        bad = {**one, "paragraphs": [{**paragraph, "terms": base64.b64encode(terms).decode("ascii")}]}
        refused(line(head) + line(bad), "x.jsonl:2: a damaged line (")

    chance, second = random.Random(8), exported.index("\n") + 1
    for place in chance.sample(range(second, exported.rindex("\n", 0, -1)), 40):
        other = chr(ord(exported[place]) ^ 1)
        refused(exported[:place] + other + exported[place + 1 :], "x.jsonl:2: ")


def test_a_text_of_an_export_is_known_by_what_it_says(run: Run) -> None:
    run("index", "add", "old.db", feed("feed.jsonl", one=LEDE))
    head, one, end = map(json.loads, run("index", "export", "old.db")[1].splitlines())
    one["paragraphs"][0]["text"] = OTHER
    Path("x.jsonl").write_text(line(head) + line(one) + line(end), encoding="utf-8")
    assert run("index", "import", "again.db", "x.jsonl")[0] == 0
    assert "1.00" in run("check", write("other.txt", OTHER), "--against", "again.db")[1]  # though the hash is that of another


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_file_whose_name_is_no_text_is_kept(run: Run) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    write(name, OTHER)
    assert run("index", "add", "old.db", name) == (0, "1 added, 0 changed, 0 unchanged\n", "")
    assert run("index", "add", "old.db", name) == (0, "0 added, 0 changed, 1 unchanged\n", "")
    assert run("index", "verify", "old.db")[0] == 0
    assert run("index", "remove", "old.db", name) == (0, "1 removed\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_an_index_whose_name_is_no_text_is_one_as_any(run: Run) -> None:
    name = os.fsdecode(b"caf\xe9.db")
    assert run("index", "add", name, write("old.txt", LEDE)) == (0, "1 added, 0 changed, 0 unchanged\n", "")
    assert json.loads(run("index", "info", name, "--format", "json")[1])["index"] == name
    for report in ("text", "json", "sarif", "html"):
        code, output, errors = run("check", write("new.txt", REWORDED), "--against", name, "--format", report)
        assert (code, errors) == (1, "")
        assert (name in output, "caf" in output) == (False, True)


def test_an_index_in_memory_is_told(run: Run) -> None:
    code, _, errors = run("check", write("new.txt", OTHER), "--against", "memory://")
    assert (code, errors.count("\n"), "gone with the program" in errors) == (2, 1, True)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("document", "count", 1 << 40),
        ("document", "date", b"2026"),
        ("passage", "content", "text"),
        ("passage", "content", b"\xff\xfe"),
        ("passage", "position", 1 << 40),
        ("passage", "length", "long"),
        ("total", "documents", "one"),
        ("total", "passages", 1.5),
        ("total", "passages", -1),
    ],
)
def test_rows_that_add_up_but_are_none_are_told(run: Run, table: str, column: str, value: object) -> None:
    run("index", "add", "old.db", write("old.txt", OTHER))
    with closing(sqlite3.connect("old.db")) as made:
        names = [row[1] for row in made.execute(f"PRAGMA table_info({table})")]
        [values] = made.execute(f"SELECT * FROM {table}")
        row = dict(zip(names, values, strict=True)) | {column: value}
        row["sum"] = row_sum(tuple(row[name] for name in names[:-1]))
        made.execute(f"REPLACE INTO {table} VALUES ({', '.join('?' * len(names))})", tuple(row.values()))
        made.commit()
    code, _, errors = run("check", write("new.txt", OTHER), "--against", "old.db", "--since", "2020-01-01")
    assert (code, errors.count("\n"), "old.db: a damaged index (" in errors) == (2, 1, True), errors


@pytest.mark.parametrize("text", ["", "{}", '{"format": "index of dedup", "format_version": 9}', "x"])
def test_what_is_no_export_is_not_imported(run: Run, text: str) -> None:
    Path("x.jsonl").write_text(text, encoding="utf-8")
    code, _, errors = run("index", "import", "again.db", "x.jsonl")
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("x.jsonl:1: ")
    assert not Path("again.db").exists()


def test_what_cannot_be_read_is_not_imported(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    packed = gzip.compress(run("index", "export", "old.db")[1].encode())
    Path("cut.jsonl.gz").write_bytes(packed[:-20])
    os.mkdir("folder")
    said = {
        "none.jsonl": "cannot be read (No such file or directory)",
        "folder": "cannot be read (Is a directory)",
        "cut.jsonl.gz": "cannot be read (Compressed file ended before",
        "http://localhost:9/x.jsonl": "an address, and nothing is fetched unasked",
    }
    for name, what in said.items():
        code, _, errors = run("index", "import", "again.db", name)
        assert (code, errors.count("\n")) == (2, 1)
        assert errors.startswith(f"{name}: {what}")
        assert not list(Path().glob("again*"))


def test_a_rebuilt_index_weighs_by_what_it_keeps(run: Run) -> None:
    for document in spun_documents():
        write(f"{document.id}.txt", document.text)
    run("index", "add", "old.db", ".")
    assert "weights: those of the prior" in run("index", "info", "old.db")[1]

    code, output, _ = run("index", "rebuild", "old.db")

    assert code == 0
    assert "weights: learned from " in output
    assert run("index", "verify", "old.db")[0] == 0
    assert run("index", "compact", "old.db")[0] == 0
    first = spun_documents()[0]
    write("other-name.txt", first.text)
    assert run("check", "other-name.txt", "--against", "old.db", "--quiet")[0] == 1


def test_weights_can_be_learned_when_an_index_is_made_and_not_later(run: Run) -> None:
    write("old.txt", LEDE, OTHER)
    assert run("index", "add", "old.db", "old.txt", "--learn-from", "old.txt")[0] == 0
    assert "weights: learned from 2 paragraphs" in run("index", "info", "old.db")[1]
    again = run("index", "add", "old.db", "old.txt", "--learn-from", "old.txt")
    assert again == (0, "0 added, 0 changed, 1 unchanged\n", "")  # as after an add that was cut off
    write("other.txt", THIRD)
    said = "--learn-from: the index is there already, and weighs otherwise; dedup index rebuild learns anew\n"
    assert run("index", "add", "old.db", "old.txt", "--learn-from", "other.txt") == (2, "", said)
    assert run("index", "add", "old.db", "old.txt", "--no-text")[2].startswith("--no-text: old.db keeps texts already")


def test_an_add_that_failed_can_be_run_again_with_what_it_was_to_learn_from(run: Run) -> None:
    command = ["index", "add", "old.db", "a.jsonl", "b.jsonl", "--learn-from", "a.jsonl", "--learn-from", "b.jsonl"]
    feed("a.jsonl", one=LEDE)
    feed("b.jsonl", one=OTHER)
    code, _, errors = run(*command)
    assert (code, "two documents named 'one'" in errors) == (2, True)

    feed("b.jsonl", two=OTHER, three=THIRD)

    assert run(*command) == (0, "3 added, 0 changed, 0 unchanged\n", "")
    assert "weights: learned from 3 paragraphs" in run("index", "info", "old.db")[1]
    assert run("index", "verify", "old.db")[0] == 0


@pytest.mark.parametrize("command", [["add", "new.db", "old.txt"], ["rebuild", "old.db"]])
def test_nothing_is_learned_where_something_cannot_be_read(run: Run, command: list[str]) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE, OTHER))
    for others in ([], ["--learn-from", "old.txt"]):
        code, output, errors = run("index", *command, "--learn-from", "none.txt", *others)
        assert (code, output) == (2, "")
        assert errors == "none.txt: no such file or folder; check the name, and the folder it is relative to\n"
    assert not os.path.exists("new.db")
    assert "weights: those of the prior" in run("index", "info", "old.db")[1]


def test_what_cannot_be_read_is_told_and_the_rest_is_added(run: Run) -> None:
    write("old.txt", LEDE)
    code, output, errors = run("index", "add", "old.db", "old.txt", "none.txt")
    assert (code, output, errors.count("\n")) == (2, "1 added, 0 changed, 0 unchanged\n", 1)


def test_no_index_is_made_of_what_cannot_be_read(run: Run) -> None:
    code, output, errors = run("index", "add", "old.db", "none.txt")
    assert (code, output, errors.count("\n"), os.path.exists("old.db")) == (2, "", 1, False)


def test_settings_name_paths_and_the_index(run: Run) -> None:
    write("old.txt", LEDE)
    write("new.txt", REWORDED)
    Path("dedup.toml").write_text(
        'paths = ["new.txt"]\n[check]\nagainst = ["old.db"]\n[index.add]\npaths = ["old.txt"]\n', encoding="utf-8"
    )
    assert run("index", "add", "old.db") == (0, "1 added, 0 changed, 0 unchanged\n", "")
    assert run("check")[0] == 1


# ------------------------------------------------------------------------------------------------- files that are not as made


@pytest.fixture
def intact(run: Run) -> bytes:
    """The bytes of an index of some articles."""
    for document in spun_documents()[:5]:
        write(f"{document.id}.txt", document.text)
    run("index", "add", "old.db", ".")
    write("new.txt", *(text for document in spun_documents()[:2] for text in document.text.split("\n\n")[:4]))
    return Path("old.db").read_bytes()


def test_a_flipped_byte_is_told_or_changes_nothing(run: Run, intact: bytes) -> None:
    expected = run("check", "new.txt", "--against", "old.db", "--format", "jsonl", "--no-text", "--scope", "across")
    assert expected[0] == 1
    chance, told = random.Random(4), 0
    for _ in range(25):
        place = chance.randrange(len(intact))
        Path("old.db").write_bytes(intact[:place] + bytes([intact[place] ^ chance.randrange(1, 256)]) + intact[place + 1 :])
        code, output, errors = run(
            "check", "new.txt", "--against", "old.db", "--format", "jsonl", "--no-text", "--scope", "across"
        )
        if code == 2:
            assert errors.startswith("old.db: ")
            assert (errors.count("\n"), "Traceback" in errors) == (1, False)
            told += 1
        else:
            assert expected == (code, output, errors)
    assert told > 2


def test_the_log_of_another_state_is_named(run: Run, intact: bytes) -> None:
    with closing(open_store("old.db", writable=True)) as store:
        Index(store=store).add([Document("more", LEDE)])
        log = Path("old.db-wal").read_bytes()
    broken = bytearray(intact)
    broken[4096 * 3 :] = bytes(len(intact) - 4096 * 3)
    Path("old.db").write_bytes(broken)
    Path("old.db-wal").write_bytes(log)
    code, _, errors = run("index", "verify", "old.db")
    assert (code, errors.count("\n")) == (2, 1)
    advice = "if you have restored the file, move old.db-wal away while nobody uses it; else restore it"
    assert errors.endswith(f"; {advice}\n")


@pytest.mark.parametrize("kept", [0, 1, 50, 100, 4096, 20_000])
def test_a_truncated_file_is_told(run: Run, intact: bytes, kept: int) -> None:
    Path("old.db").write_bytes(intact[:kept])
    for command in (
        ["check", "new.txt", "--against", "old.db"],
        ["index", "verify", "old.db"],
        ["index", "add", "old.db", "new.txt"],
    ):
        code, _, errors = run(*command)
        assert (code, errors.count("\n")) == (2, 1)
        assert errors.startswith("old.db: ")
        assert ("damaged" in errors) == errors.endswith("; restore it, or delete it and make it anew with dedup index add\n")


def damage_blocks(connection: sqlite3.Connection) -> None:
    """Put four bytes behind each block of buckets, and sum it up."""
    for first, last, entries, _ in connection.execute("SELECT * FROM bucket").fetchall():
        more = entries + bytes(4)
        total = zlib.crc32(more, zlib.crc32(struct.pack("<qq", first, last)))
        connection.execute("UPDATE bucket SET entries = ?, sum = ? WHERE first = ?", (more, total, first))


def damage_scheme(connection: sqlite3.Connection, **values: object) -> None:
    """Put other values into the scheme, or nested lists without any, and sum it up."""
    [(text,)] = connection.execute("SELECT text FROM scheme")
    text = json.dumps({**json.loads(text), **values}) if values else "[" * 200_000
    connection.execute("UPDATE scheme SET text = ?, sum = ?", (text, row_sum((0, text))))


@pytest.mark.parametrize(
    "damage", [damage_blocks, damage_scheme, partial(damage_scheme, hashes="AAAAAAAA"), partial(damage_scheme, weights="x")]
)
def test_what_adds_up_but_was_never_written_is_told(
    run: Run, intact: bytes, damage: Callable[[sqlite3.Connection], None]
) -> None:
    with closing(sqlite3.connect("old.db")) as connection:
        damage(connection)
        connection.commit()
    for command in (["check", "new.txt", "--against", "old.db", "--quiet"], ["index", "verify", "old.db"]):
        code, output, errors = run(*command)
        assert (code, output, errors.count("\n")) == (2, "", 1)
        assert errors.startswith("old.db: a damaged index (")


def test_a_text_that_is_none_is_told_by_an_export(run: Run) -> None:
    run("index", "add", "old.db", write("old.txt", OTHER))
    with closing(sqlite3.connect("old.db")) as connection:
        [(*row, _)] = connection.execute("SELECT * FROM passage")
        row[-1] = b"\xff\xfe"
        connection.execute("UPDATE passage SET content = ?, sum = ?", (row[-1], row_sum(tuple(row))))
        connection.commit()
    code, _, errors = run("index", "export", "old.db", "--output", "old.jsonl")
    assert (code, errors.count("\n"), os.path.exists("old.jsonl")) == (2, 1, False)
    assert errors.startswith("old.db: a damaged index (a paragraph is none: ")


def test_what_can_be_no_index_is_told(run: Run) -> None:
    os.mkdir("archive")
    os.symlink("nowhere.db", "link.db")
    said = {
        "archive": "a folder, where an index is a file; name the index first, then the documents",
        "link.db": "a link to nothing; remove it, or let it lead to an index",
    }
    for name, what in said.items():
        for command in (["index", "add", name, write("new.txt", LEDE)], ["check", "new.txt", "--against", name]):
            assert run(*command) == (2, "", f"{name}: {what}\n")


def test_another_program_and_a_later_version_are_told(run: Run, intact: bytes) -> None:
    foreign = sqlite3.connect("foreign.db")
    foreign.execute("CREATE TABLE document (number INTEGER)")
    foreign.commit()
    foreign.close()
    later = sqlite3.connect("old.db")
    later.execute("PRAGMA user_version = 1")
    later.close()
    write("plain.db", OTHER)
    said = {
        "foreign.db": "no index of dedup; ",
        "old.db": "an index of format version 1, and this dedup reads 3; ",
        "plain.db": "no index of dedup (",
    }
    for name, what in said.items():
        code, _, errors = run("check", "new.txt", "--against", name)
        assert (code, errors.count("\n")) == (2, 1)
        assert errors.startswith(f"{name}: {what}")
        before = Path(name).read_bytes()
        assert run("index", "add", name, "new.txt")[0] == 2
        assert before == Path(name).read_bytes()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW extra AS SELECT 1",
        "CREATE TRIGGER extra AFTER INSERT ON document BEGIN DELETE FROM passage; END",
        "UPDATE passage SET content = 'x' WHERE number = 3",
        "UPDATE bucket SET entries = x''",
        "DELETE FROM bucket WHERE first = (SELECT max(first) FROM bucket)",
        "DELETE FROM passage WHERE number = 3",
        "UPDATE scheme SET text = '{}'",
    ],
)
def test_what_was_tampered_with_is_told(run: Run, intact: bytes, statement: str) -> None:
    tampered = sqlite3.connect("old.db")
    tampered.execute(statement)
    tampered.commit()
    tampered.close()
    code, _, errors = run("index", "verify", "old.db")
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("old.db: a damaged index (")


def test_writers_and_readers_at_once_lose_nothing(tmp_path: Path) -> None:
    location, errors = str(tmp_path / "old.db"), []
    create_store(location, Scheme.usual(Config())).close()

    def write_some(writer: int) -> None:
        try:
            for number in range(5):
                index = Index.open(location, Config(), writable=True)
                index.add([Document(f"{writer}-{number}", f"{LEDE} {writer} {number}\n\n{OTHER}")])
                index.store.close()
        except Exception as error:
            errors.append(error)

    def read_some() -> None:
        try:
            for _ in range(5):
                index = Index.open(location, Config())
                index.query([Document("new", REWORDED)])
                index.store.close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write_some, args=(writer,)) for writer in range(3)]
    threads += [threading.Thread(target=read_some) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    index = Index.open(location, Config())
    assert index.store.sizes() == (15, 30)
    index.verify()
    index.store.close()


# ------------------------------------------------------------------------------- processes, disks; longer in benchmarks/soak.py

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


@forks
@pytest.mark.parametrize(("part", "amount"), [(crowd, 3.0), (kills, 15), (flips, 60)])
def test_an_index_stands_it(tmp_path: Path, part: Callable[[Path, float], str], amount: float) -> None:
    assert part(tmp_path / "old.db", amount)


@forks
def test_that_readers_find_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Index, "query", lambda index, documents: [])
    with pytest.raises(AssertionError, match="a process failed"):
        crowd(tmp_path / "old.db", 1.0, writers=1, readers=1)
    assert "a reader does not find" in capfd.readouterr().out


@forks
def test_that_writers_are_killed_before_they_write_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "remove", lambda index, name: time.sleep(60))  # which a writer begins with
    with pytest.raises(AssertionError, match="were killed after something was written"):
        kills(tmp_path / "old.db", 4)


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """The superuser may write everywhere, so be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def a_folder_for_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder that others may enter, with a folder `fixed` in it; in it are the texts of new.txt and old.txt."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        monkeypatch.chdir(folder)
        os.mkdir("fixed")
        write("new.txt", REWORDED)
        write("old.txt", LEDE)
        yield
        monkeypatch.chdir("/")


@contextmanager
def nothing_written_to_it(folder: str) -> Iterator[None]:
    """Be somebody who may only read what is in the folder."""
    os.chmod(folder, 0o555)
    try:
        with an_ordinary_user():
            yield
    finally:
        os.chmod(folder, 0o755)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no such permissions on this system")
def test_a_folder_that_cannot_be_written_is_told_and_an_index_in_it_can_be_read(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_folder_for_all(monkeypatch):
        run("index", "add", "fixed/old.db", "old.txt")
        run("check", "new.txt", "--against", "fixed/old.db")  # loads what somebody else may not be able to read
        with nothing_written_to_it("fixed"):
            assert run("check", "new.txt", "--against", "fixed/old.db", "--quiet")[0] == 1
            for name in ("fixed/old.db", "fixed/none.db"):
                code, _, errors = run("index", "add", name, "new.txt")
                assert (code, errors.count("\n"), errors.startswith("fixed/")) == (2, 1, True)
        assert run("index", "verify", "fixed/old.db")[1] == "whole: documents 1, paragraphs 1\n"


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no such permissions on this system")
def test_an_index_that_its_last_writer_did_not_tidy_up_is_read_where_nothing_can_be_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_folder_for_all(monkeypatch):
        run("index", "add", "old.db", "old.txt")
        with closing(open_store("old.db", writable=True)) as kept:
            Index(store=kept).add([Document("more", OTHER)])
            with closing(sqlite3.connect("old.db")) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy("old.db", "fixed/old.db")  # as it is while somebody has it open
            shutil.copy("old.db", "fixed/logged.db")
            Path("fixed/logged.db-wal").touch()
        run("check", "new.txt", "--against", "fixed/old.db")  # loads what somebody else may not be able to read
        shutil.copy("fixed/old.db", "fixed/other.db")
        with nothing_written_to_it("fixed"):
            code, _, errors = run("check", "new.txt", "--against", "fixed/other.db", "--quiet")
            assert (code, errors) == (1, "")
            assert run("index", "verify", "fixed/other.db")[1] == "whole: documents 2, paragraphs 2\n"
            code, _, errors = run("check", "new.txt", "--against", "fixed/logged.db", "--quiet")
            assert (code, errors.count("\n")) == (2, 1)
            assert errors.startswith("fixed/logged.db: cannot be read (")
            reader = Index.open("fixed/other.db", Config())
        assert len(reader.query([Document("new", LEDE)])) == 1
        run("index", "add", "fixed/other.db", write("third.txt", THIRD))
        with pytest.raises(OutputError, match="others wrote to it meanwhile; run this again"):
            reader.query([Document("new", LEDE)])
        reader.store.close()


def test_a_disk_that_is_full_is_told_and_the_index_stays_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("index", "add", "old.db", write("old.txt", LEDE))
    connect = sqlite.connect

    def small(location: str, mode: str) -> sqlite3.Connection:
        connection = connect(location, mode)
        connection.execute("PRAGMA max_page_count = 20")  # SQLite says that it is full as it does of a disk
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "connect", small)
        code, _, errors = run("index", "add", "old.db", feed("feed.jsonl", **{f"d{n}": f"{OTHER} {n}" for n in range(1, 90)}))

    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("old.db: nothing was recorded (database or disk is full); make room")
    assert run("index", "verify", "old.db")[1] == "whole: documents 1, paragraphs 1\n"
