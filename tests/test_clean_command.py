"""`dedup clean`: what goes where, what stays as it is, and what happens when it cannot go on."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files as resources
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from material import many

from dedup.blocks import block_remover
from dedup.cli import main
from dedup.config import Config
from dedup.destination import replace_file
from dedup.placement import names_below
from dedup.readers import READERS, RECORDS, TEXT, Source, load_rewriter
from dedup.readers.fields import with_field
from dedup.reports.diff import unified_diff

PROGRAM = [sys.executable, "-m", "dedup"]
ONE = "The council met on Tuesday and decided to keep the library open at night — for a year."
TWO = "A petition with four thousand names lies on the desk beside the door of the hall."
THREE = "Divers clearing nets from Thrift Bay have brought up a bell with the name of no known ship."
FOOTER = "Subscribe to the Harbour Gazette today and get every morning edition by post, for less than a cup of coffee."
TWICE = f"{ONE}\n\n{TWO}\n\n{ONE}\n"
ONCE = f"{ONE}\n\n{TWO}\n"
posix = pytest.mark.skipif(os.name == "nt", reason="no signals and terminals of this kind")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in the tests are relative to an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, content: str | bytes) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def read(name: str) -> str:
    return Path(name).read_bytes().decode()


def there() -> dict[str, bytes]:
    """Every file below the folder, with what is in it."""
    return {path.as_posix(): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


Run = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Clean and give back the exit code, standard output and the lines on standard error."""

    def run(*arguments: str) -> tuple[int, str, list[str]]:
        code = main(["clean", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err.splitlines()

    return run


# Every format.


def records(*texts: str, **more: object) -> str:
    lines = ({"more": [1, {"a": None}], "id": number, "text": text, **more} for number, text in enumerate(texts))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def page(text: str) -> str:
    paragraphs = "".join(f"<p>{paragraph}</p>\n" for paragraph in text.strip().split("\n\n"))
    return f"<html>\n<body>\n<article>\n{paragraphs}</article>\n</body>\n</html>\n"


# What a file of each format holds, before and after.
CONTENT = {
    TEXT: (TWICE, ONCE),
    RECORDS: (records(TWICE, TWO), records(ONCE, TWO)),
    READERS[".html"]: (page(TWICE), page(ONCE)),
}
CONTENT[READERS[".csv"]] = tuple(f'id,text,more\n0,"{text}",1\n1,{THREE},2\n' for text in (TWICE, ONCE))
CONTENT[READERS[".json"]] = tuple(json.dumps([{"id": 0, "text": text}, {"id": 1, "text": THREE}]) for text in (TWICE, ONCE))
PAGES = [f"<p>{ONE}</p>\n<p>{TWO}</p>\n<p>{ONE}</p>\n", f"<p>{ONE}</p>\n<p>{TWO}</p>\n"]
CONTENT[READERS[".xml"]] = tuple(
    f"<rss><channel><item><description><![CDATA[{page}]]></description></item></channel></rss>" for page in PAGES
)


@pytest.mark.parametrize("suffix", {module: suffix for suffix, module in READERS.items()}.values())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_is_written_in_its_encoding_and_packing(run: Run, suffix: str, encoding: str, packed: bool) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    old, new = ((mark + text).replace("\n", "\r\n").encode(encoding) for text in CONTENT[READERS[suffix]])
    if READERS[suffix] == RECORDS:  # the line feeds in its texts are escaped
        old, new = ((mark + text).encode(encoding) for text in CONTENT[RECORDS])
    name = write(f"a{suffix}.gz" if packed else f"a{suffix}", gzip.compress(old) if packed else old)
    assert run(name, "--output", "out")[0] == 0
    written = Path("out", name).read_bytes()
    assert (gzip.decompress(written) if packed else written) == new
    assert main(["check", "out", "--scope", "within"]) == 0


@pytest.mark.parametrize("module", sorted({*READERS.values()}))
def test_what_a_reader_reads_it_writes_with_other_texts(module: str) -> None:
    old, new = CONTENT[module]
    name = write(f"a{next(suffix for suffix in READERS if READERS[suffix] == module)}", old)
    config = Config()
    documents = list(Source([name], config))
    rewrite = load_rewriter(module, name)
    assert rewrite(old.encode(), name, {}, config) == old.encode()
    texts = {one.id: block_remover(one.markup)(one.text, "auto", {2}) for one in documents}
    assert rewrite(old.encode(), name, texts, config) == new.encode()


def test_what_a_folder_holds_of_no_known_format_is_left_out(run: Run) -> None:
    write("d/a.txt", TWICE)
    write("d/b.json", "{}")
    write("d/c.xml", "<note>x</note>")
    assert run("d", "--output", "out")[0] == 0
    assert (os.listdir("out/d"), read("out/d/a.txt")) == (["a.txt"], ONCE)
    assert run("d", "d/b.json", "--output", "out")[0] == 2


def test_a_format_that_cannot_be_written_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("dedup.readers.odd")
    module.read = __import__("dedup.readers.text", fromlist=["read"]).read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dedup.readers.odd", module)
    monkeypatch.setitem(READERS, ".odd", "dedup.readers.odd")
    code, _, lines = run(write("a.odd", TWICE), write("b.txt", TWICE), "--output", "out")
    assert (code, read("out/b.txt"), sorted(os.listdir("out"))) == (2, ONCE, ["b.txt"])
    what = "its format can be read but not be written (odd); leave the file out, or give it as text, Markdown or JSON Lines"
    assert lines == [f"dedup: a.odd: {what}"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (' {"text" : "a" , "x": 1.50} \r\n', ' {"text" : "b/ü" , "x": 1.50} \r\n'),
        ('{"text": "\\u00e4\\/", "x": "\\u00e4"}\n', '{"text": "b\\/\\u00fc", "x": "\\u00e4"}\n'),
        ('{"text": "a", "x": {"text": "y"}, "text": "c"}', '{"text": "a", "x": {"text": "y"}, "text": "b/ü"}'),
        ('{"x": [{"text": 1}], "te\\u0078t": "ä"}', '{"x": [{"text": 1}], "te\\u0078t": "b/ü"}'),
        ('\ufeff{"y": NaN,"text":""}', '\ufeff{"y": NaN,"text":"b/ü"}'),
    ],
)
def test_of_a_record_nothing_but_the_text_is_changed(line: str, expected: str) -> None:
    assert expected == with_field(line, "text", "b/ü")


FIELDS = st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(), st.lists(st.text()), st.none()))


@many
@given(FIELDS, st.text(st.characters()), st.text(st.characters()), st.booleans())
def test_a_record_with_another_text_is_read_as_that(fields: dict[str, Any], old: str, new: str, ascii_only: bool) -> None:
    line = json.dumps({**fields, "text": old, "last": 1, "text ": "x"}, ensure_ascii=ascii_only)
    record = json.loads(line)
    changed = with_field(line, "text", new)
    assert {**record, "text": new} == json.loads(changed)
    assert list(record) == list(json.loads(changed))
    changed.encode("utf-8", "surrogatepass" if "text" in fields or not ascii_only else "strict")


# What a JSON string may have for a character.
SPELLINGS = [
    ("a", "a"),
    ("b", "b"),
    ("\n", "\\n"),
    ("é", "\\u00e9"),
    ("ü", "ü"),
    ("<", "\\u003C"),
    ("/", "\\/"),
    ("🦊", "\\ud83e\\udd8a"),
]


@many
@given(st.lists(st.tuples(st.sampled_from(SPELLINGS), st.booleans())))
def test_what_stays_of_the_text_of_a_record_keeps_its_spelling(characters: list[tuple[tuple[str, str], bool]]) -> None:
    def record(spelled: list[str]) -> str:
        return f'{{"x": 1.0, "text": "{"".join(spelled)}" }}\n'

    left = [spelling for spelling, stays in characters if stays]
    old = record([spelled for (_, spelled), _ in characters])
    new = with_field(old, "text", "".join(character for character, _ in left))
    assert record([spelled for _, spelled in left]) == new


def test_lines_that_cannot_be_read_stay_as_they_are_and_are_told(run: Run) -> None:
    broken = '{"id": 7 "text": "a"}\n\n'
    name = write("a.jsonl", records(TWICE) + broken + records(TWO, TWO).replace('"id": 0', '"id": 5'))
    code, _, lines = run(name, "--output", "out")
    assert code == 2
    assert lines == ["dedup: a.jsonl:2: not JSON (Expecting ',' delimiter at column 10); give one JSON object a line"]
    assert read("out/a.jsonl") == records(ONCE) + broken + records(TWO, TWO).replace('"id": 0', '"id": 5')


def test_records_may_have_other_fields(run: Run) -> None:
    content = f'{{"guid": "x", "body": {json.dumps(TWICE)}, "text": 1}}\n'
    assert run(write("a.jsonl", content), "--output", "out", "--text-field", "body", "--id-field", "guid")[0] == 0
    assert json.loads(read("out/a.jsonl")) == {"guid": "x", "body": ONCE, "text": 1}


# Names below the folder.


def test_files_without_repeats_are_copied_and_the_rest_of_a_folder_is_not(run: Run) -> None:
    write("in/a.txt", TWICE)
    write("in/deep/b.md", "\ufeff# A\r\n")
    write("in/c.png", b"\0")
    write("in/.hidden.txt", TWICE)
    packed = gzip.compress(ONCE.encode(), mtime=99)
    write("in/d.txt.gz", packed)
    assert run("in", "--output", "out")[0] == 0
    written = {name: data for name, data in there().items() if name.startswith("out/")}
    assert written == {
        "out/in/a.txt": ONCE.encode(),
        "out/in/deep/b.md": "\ufeff# A\r\n".encode(),
        "out/in/d.txt.gz": packed,
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["a.txt", "./b/a.txt"], ["a.txt", "b/a.txt"]),
        (["../a.txt", "a.txt", "../../a.txt"], ["a-3.txt", "a.txt", "a-2.txt"]),
        (["/a/b.txt", "a/b.txt"], ["a/b-2.txt", "a/b.txt"]),
        (["/x/a.jsonl.gz", "/x/../x/b"], ["x/a.jsonl.gz", "x/b"]),
        (["a/../b.txt", "b.txt"], ["b-2.txt", "b.txt"]),
        (["-", "stdin.txt"], ["stdin-2.txt", "stdin.txt"]),
        (["a", "../a/b"], ["a", "a-2/b"]),
        (["../a", "a/b"], ["a-2", "a/b"]),
    ],
)
def test_names_stay_below_the_folder_and_never_collide(files: list[str], expected: list[str]) -> None:
    names = names_below(files, "stdin.txt")
    assert [names[file] for file in files] == expected or files == ["a/../b.txt", "b.txt"]


PARTS = st.lists(st.sampled_from(["a", "b", "a.txt", "..", ".", "a-2.txt", "stdin.txt", "-"]), min_size=1, max_size=4)


@many
@given(
    st.lists(st.builds(lambda root, parts: root + "/".join([*parts, "a.txt"]), st.sampled_from(["", "/"]), PARTS), unique=True)
)
def test_any_names_can_be_made_side_by_side(files: list[str]) -> None:
    names = [*names_below([*files, "-"], "stdin.txt").values()]
    assert len(set(names)) == len(files) + 1
    for name in names:
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert not any(other.startswith(f"{name}/") for other in names)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TWICE.encode(), "stdin.txt"),
        (records(TWICE).encode(), "stdin.jsonl"),
        (gzip.compress(records(TWICE).encode()), "stdin.jsonl.gz"),
    ],
)
def test_standard_input_is_called_by_what_it_is(run: Run, monkeypatch: pytest.MonkeyPatch, data: bytes, name: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))  # type: ignore[arg-type]
    code, out, lines = run("-", "--output", "out")
    assert (code, os.listdir("out"), lines) == (0, [name], [])
    assert out.startswith(f"- → out/{name}: 1 paragraph removed\n")


def test_what_was_cleaned_before_is_written_over(run: Run) -> None:
    write("out/a.txt", "old")
    assert run(write("a.txt", TWICE), "--output", "out")[0] == 0
    assert read("out/a.txt") == ONCE


def test_a_link_below_the_folder_is_not_followed(run: Run) -> None:
    write("elsewhere.txt", "precious")
    Path("out").mkdir()
    Path("out/a.txt").symlink_to("../elsewhere.txt")
    assert run(write("a.txt", TWICE), "--output", "out")[0] == 0
    assert (read("elsewhere.txt"), read("out/a.txt")) == ("precious", ONCE)


# What is refused.


NOWHERE = "--output: nowhere to write; name a folder, or give --in-place or --dry-run"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "PATH: nothing to clean; name files or folders, or - for standard input"),
        (["a.txt"], NOWHERE),
        (["a.txt", "--output", "out", "--in-place"], "--in-place: not together with --output; give one of them"),
        (["-", "--in-place"], "--in-place: standard input cannot be written over; give --output"),
        (
            ["a.txt", "--output", "."],
            "--output: ./a.txt is to be cleaned, and would be overwritten; name another folder, or give --in-place",
        ),
        (["a.txt", "--output", "a.txt"], "--output: a.txt is no folder; name one, or one that is to be made"),
        (["a.txt", "--output", ""], "--output: '' is no folder; name one, or one that is to be made"),
        (["a.txt", "--dry-run", "--keep", "last"], "--keep: unknown value 'last'; known are first, longest, newest"),
        (
            ["a.txt", "--dry-run", "--kinds", "x"],
            "--kinds: unknown value 'x'; known are exact, contained, near, paraphrase, boilerplate",
        ),
        (
            ["a.txt", "--dry-run", "--kinds", "boilerplate"],
            "--kinds: boilerplate alone is no kind; name those of its copies too, such as exact,near,boilerplate",
        ),
        (["a.txt", "--dry-run", "--format", "jsonl"], "--format: unknown value 'jsonl'; known are text, json"),
        (["a.txt", "--dry-run", "--jobs", "0"], "--jobs: 0 is below 1; give a number of processes, such as 2"),
        (
            ["a.txt", "a.txt.bak", "--in-place"],
            "--in-place: a.txt.bak is to be cleaned, and the backup would take its place; leave it out, or give --no-backup",
        ),
        (
            ["a.txt", "--dry-run", "--interactive"],
            "--interactive: standard input is no terminal, and nobody can answer; leave it out",
        ),
        (
            ["-", "--dry-run", "--interactive"],
            "--interactive: the answers come from standard input, so - cannot be cleaned; give a file",
        ),
    ],
)
def test_what_would_do_harm_is_refused_before_anything_is_done(run: Run, arguments: list[str], message: str) -> None:
    write("a.txt", TWICE)
    write("a.txt.bak", TWICE)
    before = there()
    assert run(*arguments) == (2, "", [f"dedup: {message}"])
    assert there() == before


def test_a_link_to_an_input_is_one(run: Run) -> None:
    write("in/a.txt", TWICE)
    Path("out").mkdir()
    Path("out/in").symlink_to("../in")
    code, _, [line] = run("in", "--output", "out")
    assert (code, read("in/a.txt")) == (2, TWICE)
    assert line.startswith("dedup: --output: out/in/a.txt is to be cleaned")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bad.txt", b"\xff"),
        ("bad.txt", b"a\0"),
        ("bad.jsonl", b"{"),
        ("bad.txt.gz", b"x"),
        ("bad.jsonl.gz", gzip.compress(records(*["x"] * 999).encode())[:-9]),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(run: Run, name: str, content: bytes) -> None:
    code, _, [line] = run(write(name, content), write("a.txt", TWICE), "--output", "out")
    assert (code, os.listdir("out"), read("out/a.txt")) == (2, ["a.txt"], ONCE)
    assert line.startswith(f"dedup: {name}")


def test_what_cannot_be_written_is_told_and_the_rest_is_done(run: Run) -> None:
    write("b/a.txt", TWICE)
    write("out/b", "in the way")
    code, out, [line] = run("b", write("c.txt", TWICE), "--output", "out")
    assert (code, read("out/c.txt")) == (2, ONCE)
    assert line.startswith("dedup: out/b/a.txt: cannot be written (")
    assert "1 paragraph removed from 1 of 1 file:" in out


def test_a_file_that_changes_while_it_is_cleaned_is_left_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from dedup import cleaning

    really = cleaning.check

    def checked(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as check
        write("a.txt", "new")
        return really(*arguments, **options)

    monkeypatch.setattr("dedup.cleaning.check", checked)
    code, _, lines = run(write("a.txt", TWICE), "--in-place")
    assert (code, there()) == (2, {"a.txt": b"new"})
    assert lines == ["dedup: a.txt: has changed since it was read; clean it again when nobody writes to it"]


# In place.


@pytest.mark.parametrize(("options", "backup"), [([], True), (["--no-backup"], False)])
def test_in_place_the_old_file_stays_beside_the_new_one(run: Run, options: list[str], backup: bool) -> None:
    write("a.txt", TWICE)
    write("b.txt", ONCE)
    Path("a.txt").chmod(0o640)
    before = Path("b.txt").stat()
    code, out, _ = run("a.txt", "b.txt", "--in-place", *options)
    expected = {"a.txt": ONCE, "b.txt": ONCE} | ({"a.txt.bak": TWICE} if backup else {})
    assert (code, there()) == (0, {name: text.encode() for name, text in expected.items()})
    assert Path("a.txt").stat().st_mode & 0o777 == 0o640
    after = Path("b.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert out.splitlines()[0] == "a.txt: 1 paragraph removed" + ("; the old file is a.txt.bak" if backup else "")


def test_a_linked_file_is_changed_where_it_is(run: Run) -> None:
    write("in/a.txt", TWICE)
    Path("link.txt").symlink_to("in/a.txt")
    code, out, _ = run("link.txt", "--in-place", "--format", "json")
    assert (code, os.path.realpath(json.loads(out)["files"][0]["backup"])) == (0, os.path.realpath("in/a.txt.bak"))
    assert (Path("link.txt").is_symlink(), read("in/a.txt"), read("in/a.txt.bak")) == (True, ONCE, TWICE)


def test_a_backup_is_made_where_a_file_cannot_have_two_names(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", raiser(OSError(errno.EPERM, "no links")))
    assert run(write("a.txt", TWICE), "--in-place")[0] == 0
    assert (sorted(there()), read("a.txt.bak")) == (["a.txt", "a.txt.bak"], TWICE)


def test_cleaning_twice_is_cleaning_once(run: Run) -> None:
    write("in/a.txt", TWICE)
    write("in/b.jsonl", records(TWICE, f"{THREE}\n\n{TWO}"))
    assert run("in", "--in-place", "--scope", "all", "--no-backup")[0] == 0
    before = there()
    code, out, _ = run("in", "--in-place", "--scope", "all")
    assert (code, there(), out.splitlines()[-1]) == (0, before, "0 paragraphs removed from 0 of 2 files")
    assert main(["check", "in", "--scope", "all"]) == 0


@pytest.mark.parametrize(("kinds", "left"), [("exact,near", 3), ("exact,near,boilerplate", 1)])
def test_boilerplate_is_removed_only_where_it_is_named(run: Run, kinds: str, left: int) -> None:
    for name, text in zip("abc", (ONE, TWO, THREE), strict=True):
        write(f"in/{name}.txt", f"{text}\n\n{FOOTER}\n")
    assert run("in", "--output", "out", "--scope", "all", "--kinds", kinds)[0] == 0
    assert sum(FOOTER in read(f"out/in/{name}.txt") for name in "abc") == left
    assert main(["check", "out", "--kinds", "exact,near", "--count-boilerplate", "--quiet"]) == int(left > 1)


# What is said.


def test_the_report_says_what_went_from_where_and_why(run: Run) -> None:
    write("a.txt", TWICE)
    write("b.jsonl", records(f"{THREE}\n\n{ONE.upper()}"))
    assert run("b.jsonl", "a.txt", "--output", "out", "--scope", "all")[:2] == (
        0,
        "a.txt → out/a.txt: 2 paragraphs removed\n"
        "  a.txt:1  exact 1.0000 of b.jsonl:1 (0, paragraph 1)\n"
        "  a.txt:5  exact 1.0000 of b.jsonl:1 (0, paragraph 1)\n"
        "b.jsonl → out/b.jsonl: no repeats\n"
        "\n"
        "2 paragraphs removed from 1 of 2 files: 2 exact\n",
    )


def test_the_first_is_that_of_the_path_named_first(run: Run) -> None:
    write("in/z/a.txt", ONE)
    write("in/b.txt", ONE)
    run("in/z", "in", "--output", "out", "--scope", "across")
    assert (read("out/in/z/a.txt"), read("out/in/b.txt")) == (ONE, "")


def test_quiet_is_the_summary(run: Run) -> None:
    assert run(write("a.txt", TWICE), "--output", "out", "--quiet")[1] == "1 paragraph removed from 1 of 1 file: 1 exact\n"


def test_documents_without_a_date_are_told_if_the_newest_stays(run: Run) -> None:
    _, _, lines = run(write("a.jsonl", records(ONE)), "--output", "out", "--keep", "newest")
    assert lines == ["dedup: --keep newest: no date that can be read in 1 of 1 documents; they count as the oldest"]


def test_json_has_everything_and_follows_its_schema(run: Run) -> None:
    schema = json.loads(resources("dedup").joinpath("schemas/cleaning.schema.json").read_text(encoding="utf-8"))
    write("a.txt", TWICE)
    write("bad.txt", b"\xff")
    for options, written in ((["--output", "out"], "out/a.txt"), (["--in-place"], "a.txt"), (["--dry-run"], None)):
        write("a.txt", TWICE)
        code, out, _ = run("a.txt", "bad.txt", "--format", "json", *options)
        report = json.loads(out)
        Draft202012Validator(schema).validate(report)
        [file] = report["files"]
        assert (code, file["written"], file["removed"][0]["line"], file["removed"][0]["kept"]["line"]) == (2, written, 5, 1)
        assert ("diff" in file) == (written is None)
        assert [error["where"] for error in report["errors"]] == ["bad.txt:1"]


# Dry runs.


def test_a_dry_run_prints_a_diff_and_writes_nothing(run: Run) -> None:
    write("in/a.txt", TWICE)
    before = there()
    for options in ([], ["--in-place"], ["--output", "out"], ["--output", "."]):
        code, out, _ = run("in/a.txt", "--dry-run", *options)
        assert (code, there()) == (0, before)
        assert out == (
            f"--- in/a.txt\n+++ in/a.txt\n@@ -1,5 +1,3 @@\n {ONE}\n \n {TWO}\n-\n-{ONE}\n"
            "\nin/a.txt: 1 paragraph to be removed\n  in/a.txt:5  exact 1.0000 of in/a.txt:1\n"
            "\n1 paragraph to be removed from 1 of 1 file: 1 exact\n"
        )


@pytest.mark.skipif(shutil.which("patch") is None, reason="no patch on this system")
def test_patch_makes_of_a_dry_run_what_a_run_makes(run: Run) -> None:
    write("in/a.txt", f"{THREE}\n\n" + TWICE.rstrip())
    write("in/b.jsonl", records(THREE, TWICE, TWO, TWICE))
    _, out, _ = run("in", "--dry-run")
    run("in", "--output", "out")
    subprocess.run(["patch", "-p0"], input=out.encode(), check=True, capture_output=True)
    assert (read("in/a.txt"), read("in/b.jsonl")) == (read("out/in/a.txt"), read("out/in/b.jsonl"))


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8).map("\n".join)


@many
@given(LINES, LINES)
def test_a_diff_has_all_that_is_new_and_all_that_is_old(old: str, new: str) -> None:
    diff = list(unified_diff(old, new, "a"))
    assert bool(diff) == (old != new)
    body = [line for line in "".join(diff[2:]).split("\n") if line and line[0] in " +-"]
    whole = len(old.split("\n")) <= 3 and len(new.split("\n")) <= 3
    if diff and whole:
        assert [line[1:] for line in body if line[0] != "+"] == old.removesuffix("\n").split("\n") or not old
        assert [line[1:] for line in body if line[0] != "-"] == new.removesuffix("\n").split("\n") or not new


def test_a_diff_of_many_equal_lines_takes_little_time() -> None:
    diff = list(unified_diff("a\n" * 100_000, "a\n", "a"))
    assert len(diff) == 3 + 100_000


# Killed, terminated, interrupted.


def raiser(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*arguments: object, **options: object) -> NoReturn:
        raise error

    return fail


# A process for each moment of writing, in a folder of that name, which ends itself there: before the call with this number of
# one of these functions. Prints how each of them ended.
ENDING = """
import os, signal, sys
import dedup.cleaning, dedup.commands.clean
from dedup.cli import main
def ending(function):
    def called(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), getattr(signal, sys.argv[1]))
        return function(*arguments, **options)
    return called
for name in ("fsync", "replace", "link", "unlink", "chown"):
    setattr(os, name, ending(getattr(os, name)))
ended = []
for left in map(int, sys.argv[2].split()):
    child = os.fork()
    if child == 0:
        os.chdir(str(left))
        code = main(sys.argv[3:])
        sys.stdout.flush()
        os._exit(code)
    ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(ended)
"""
MOMENTS = (1, 2, 3, 4, 5, 9)


def whole_or_untouched(moment: int) -> None:
    """An ended run left no half file."""
    for name in ("a.txt", "b.txt", "c.txt"):
        assert read(f"{moment}/in/{name}") in (TWICE, ONCE)
    for name, data in there().items():
        if name.startswith(f"{moment}/") and not os.path.basename(name).startswith("."):
            assert data.decode() in (TWICE, ONCE), name


@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("where", [["--output", "out"], ["--in-place"]])
def test_a_run_that_is_ended_while_it_writes_leaves_no_half_file(name: str, where: list[str]) -> None:
    for moment in MOMENTS:
        for file in ("a.txt", "b.txt", "c.txt"):
            write(f"{moment}/in/{file}", TWICE)
    command = [sys.executable, "-c", ENDING, name, " ".join(map(str, MOMENTS)), "clean", "in", *where]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    assert json.loads(done.stdout) == [-signal.SIGKILL if name == "SIGKILL" else 143] * len(MOMENTS)
    assert done.stderr == ""
    for moment in MOMENTS:
        whole_or_untouched(moment)
        if where[0] == "--output":
            assert {read(f"{moment}/in/{file}") for file in ("a.txt", "b.txt", "c.txt")} == {TWICE}
    if name == "SIGTERM":
        assert [file for file in there() if ".tmp" in file] == []


@posix
@pytest.mark.parametrize("seconds", [0.02, 0.15, 0.3, 0.6])
def test_a_run_that_is_killed_at_any_time_leaves_the_inputs(seconds: float) -> None:
    write("in/a.txt", TWICE)
    with subprocess.Popen([*PROGRAM, "clean", "in", "--output", "out"], stdout=subprocess.DEVNULL) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
    assert read("in/a.txt") == TWICE
    assert {name: data for name, data in there().items() if name.startswith("out/") and not name.endswith(".tmp")} in (
        {},
        {"out/in/a.txt": ONCE.encode()},
    )


@posix
def test_a_check_that_is_terminated_leaves_nothing_beside_its_report() -> None:
    write("report", "old")
    command = [*PROGRAM, "check", "-", "--output", "report"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while len(os.listdir()) < 2:  # until it has begun to write
            assert process.poll() is None
        process.terminate()
        process.wait(60)
        out, err = process.communicate()
    assert (process.returncode, out, err, there()) == (143, b"", b"", {"report": b"old"})


class InterruptAtLine:
    """A trace function that interrupts before the line with a number (from 1) among those run in a module."""

    def __init__(self, number: int, file: str) -> None:
        self.left = number
        self.file = file

    def __call__(self, frame: FrameType, event: str, argument: object) -> InterruptAtLine:
        if event == "line" and frame.f_code.co_filename == self.file:
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("backup", [False, True])
def test_an_interrupt_at_any_line_of_writing_leaves_the_old_file_or_the_new_one(backup: bool) -> None:
    module = str(sys.modules["dedup.destination"].__file__)
    written, interrupts = False, 0
    while not written:
        write("a.txt", "old")
        Path("a.txt.bak").unlink(missing_ok=True)
        tracing = sys.gettrace()
        sys.settrace(InterruptAtLine(interrupts + 1, module))
        try:
            replace_file("a.txt", b"new", backup=backup)
            written = True
        except KeyboardInterrupt:
            interrupts += 1
        finally:
            sys.settrace(tracing)
        found = there()
        assert found.pop("a.txt") in (b"old", b"new")
        assert found in ({}, {"a.txt.bak": b"old"})
    assert interrupts > 20


# Reviewed on a terminal.


@pytest.fixture
def terminal() -> Callable[..., tuple[int, str]]:
    pty = pytest.importorskip("pty")

    def run(answers: list[str | None], *arguments: str) -> tuple[int, str]:
        """Answer each question as it comes; None ends the input."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([*PROGRAM, "clean", *arguments], stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            said = ""
            with contextlib.suppress(OSError):  # how a terminal ends on Linux
                while select.select([ours], [], [], 30)[0] and (some := os.read(ours, 4096)):
                    said += some.decode(errors="replace")
                    if re.search(r"(\[q\]uit\?|\[n\]o:) $", said.rsplit("\n", 1)[-1]):
                        answer = answers.pop(0)
                        os.write(ours, b"\x04" if answer is None else f"{answer}\n".encode())
            process.kill() if answers else process.wait(30)
        os.close(ours)
        assert answers == []
        return process.returncode, said.replace("\r\n", "\n")

    return run


PAIRS = f"{ONE}\n\n{TWO}\n\n{ONE.replace('a year', 'two years')}\n\n{TWO.upper()}\n"
NEAR, UPPER = ONE.replace("a year", "two years"), TWO.upper()


@posix
@pytest.mark.parametrize(
    ("answers", "left"),
    [
        (["1", "1"], [ONE, TWO]),
        (["2", "b"], [TWO, NEAR, UPPER]),
        (["b", "B"], [ONE, TWO, NEAR, UPPER]),
        (["what?", "", "1", " 2 "], [ONE, UPPER]),
        (["1", "q", "y"], [ONE, TWO, UPPER]),
    ],
)
def test_a_review_asks_about_each_pair(terminal: Any, answers: list[str | None], left: list[str]) -> None:  # noqa: ANN401
    write("a.txt", PAIRS)
    code, said = terminal(answers, "a.txt", "--output", "out", "--interactive")
    expected = set(left)
    assert (code, set(read("out/a.txt").strip().split("\n\n"))) == (0, expected), said
    assert read("a.txt") == PAIRS
    plain = re.sub(r"\x1b\[\d*m", "", said)
    assert "a.txt:1" in plain
    assert f"{4 - len(left)} paragraph" in plain


@posix
@pytest.mark.parametrize("answers", [["q"], [None], ["1", "q", "x", "n"], ["1", None], ["1", "q", None]])
def test_who_quits_a_review_has_changed_nothing(terminal: Any, answers: list[str | None]) -> None:  # noqa: ANN401
    write("a.txt", PAIRS)
    code, said = terminal(answers, "a.txt", "--in-place", "--interactive")
    assert (code, there()) == (0, {"a.txt": PAIRS.encode()})
    assert said.endswith("dedup: quit: nothing was written\n")
