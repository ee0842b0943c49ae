"""Whatever goes wrong is one line, *where: what happened; what to do*, and an exit code; the rest is checked all the same."""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pytest
import typer

import dedup.destination
from dedup import Config
from dedup.cli import main
from dedup.errors import ConfigError

PROGRAM = [sys.executable, "-m", "dedup"]
REPEATED = "The council met on Tuesday and decided to keep the library open at night — for a year.\n"
SINGLE = "A petition with four thousand names lies on the desk beside the door.\n"
LINE = re.compile(r"dedup: (?P<where>[^:].*?): (?P<what>.+); (?P<advice>.+)")
NO_SPACE = "cannot be written (No space left on device); check the folder, its permissions and the space left"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in the tests are relative to a folder with a good file, which has one repeat in it."""
    monkeypatch.chdir(tmp_path)
    Path("good.txt").write_text(f"{REPEATED}\n{SINGLE}\n{REPEATED}", encoding="utf-8")
    return tmp_path


Run = Callable[..., tuple[int, dict[str, Any], list[str]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Check and give back the exit code, the report and the lines on standard error."""

    def run(*arguments: str) -> tuple[int, dict[str, Any], list[str]]:
        code = main(["check", *arguments, "--format", "json"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out), captured.err.splitlines()

    return run


def write(name: str, content: str | bytes) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def files() -> list[str]:
    return sorted(os.listdir("."))


def complaint(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The only line of a command that could not even begin."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = captured.err.splitlines()
    assert LINE.fullmatch(line) or line.endswith(" --help"), line
    return line


def told_and_rest_reported(run: Run, bad: str, line: str) -> None:
    """A file that cannot be checked is told in one line; the good one beside it is reported all the same."""
    code, report, lines = run(bad, "good.txt")
    assert (code, lines) == (2, [f"dedup: {line}"])
    assert LINE.fullmatch(lines[0])
    assert [pair["kind"] for pair in report["pairs"] if pair["a"]["file"] == "good.txt"] == ["exact"]
    assert ["{where}: {what}; {advice}".format_map(error) for error in report["errors"]] == [line]


# Files with nothing in them.


@pytest.mark.parametrize("name", ["empty.txt", "empty.md", "empty.jsonl", "empty"])
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_file_is_named_and_no_error(run: Run, name: str, content: str) -> None:
    said = f"dedup: {name}: no text in it; see whether that is meant"
    code, report, lines = run(write(name, content))
    assert (code, report["pairs"], lines[:1]) == (0, [], [said])
    assert lines[1].startswith("dedup: nothing was compared: ")
    code, _, lines = run(name, "good.txt")
    assert (code, lines) == (1, [said])


def test_of_many_empty_files_some_are_named_and_all_are_counted(run: Run) -> None:
    for number in range(1_007):
        write(f"folder/{number:04}.txt", "")
    _, _, lines = run("folder", "good.txt")
    named = ", ".join(f"folder/{number:04}.txt" for number in range(5))
    assert lines == [f"dedup: {named} and 1,002 more: no text in it; see whether that is meant"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("a.md", "# One heading\n\n## Another\n", "heading"), ("a.txt", "One heading\n\nAnother\n", "short")],
)
def test_only_headings_is_said_and_no_error(
    run: Run, capsys: pytest.CaptureFixture[str], name: str, content: str, reason: str
) -> None:
    code, report, lines = run(write(name, content))
    assert (code, report["counts"]["skipped"]) == (0, {reason: 2})
    assert lines == [
        f"dedup: nothing was compared: documents 1, paragraphs 0, skipped 2 {reason}; "
        "see --min-words, --paragraphs and --scope (all)"
    ]
    main(["check", name])
    assert f"fewer than two paragraphs to compare: {name} (0)" in capsys.readouterr().out


# Files that cannot be read.


def test_a_folder_without_readable_files_is_an_error(run: Run) -> None:
    write("nothing/picture.png", b"\x89PNG")
    what = "no file in this folder has a format that dedup reads; name the files themselves if they are text"
    told_and_rest_reported(run, "nothing", f"nothing: {what}")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.txt", b"one\n\0\1\2", "a.txt: binary data (a NUL at byte 4); give text, in UTF-8 or UTF-16 with a byte order mark"),
        ("a", b"\x89PNG\r\n\x1a\n\0", "a: binary data (a NUL at byte 8); give text, in UTF-8 or UTF-16 with a byte order mark"),
        ("a.jsonl", b'{"text": "a"}\n\0\n', "a.jsonl:2: binary data (a NUL byte); give one JSON object a line, in UTF-8"),
    ],
)
def test_binary_data_is_an_error(run: Run, name: str, content: bytes, line: str) -> None:
    told_and_rest_reported(run, write(name, content), line)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.txt", "Über\n\nGrüße\n".encode("latin-1"), "a.txt:1: the byte 0xdc at position 0 is not UTF-8"),
        ("a.txt", "Über\n\n".encode() + b"Gr\xfc\xdfe", "a.txt:3: the byte 0xfc at position 9 is not UTF-8"),
        ("a.jsonl", b'{"text": "a"}\n{"text": "\xfc"}\n', "a.jsonl:2: the byte 0xfc at position 24 is not UTF-8"),
        ("a.txt", b"\xff\xfea\0b", "a.txt: the byte 0x62 at position 4 is not UTF-16"),
    ],
)
def test_bytes_of_another_encoding_are_an_error_with_their_position(run: Run, name: str, content: bytes, line: str) -> None:
    told_and_rest_reported(run, write(name, content), f"{line}; convert the file to UTF-8")


def test_lone_surrogates_are_replaced_and_counted(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    text = REPEATED.strip().replace("—", "\\ud800\\udc00\\ud83d")  # a pair, then a half
    write("a.jsonl", f'{{"id": "1", "text": "{text}"}}\n{{"id": "2", "text": "{text}"}}\n')
    code, report, lines = run("a.jsonl")
    assert (code, lines, report["counts"]["replaced"]) == (1, [], 2)
    assert "\U00010000\ufffd" in report["pairs"][0]["a"]["text"]
    main(["check", "a.jsonl"])
    assert "\nreplaced: 2 broken characters (lone surrogates)\n" in capsys.readouterr().out


@pytest.mark.parametrize(("path", "named"), [("missing.txt", "missing.txt"), ("no/such", "no/such"), ("", "''")])
def test_a_missing_path_is_an_error(run: Run, path: str, named: str) -> None:
    advice = "check the name, and the folder it is relative to"
    told_and_rest_reported(run, path, f"{named}: no such file or folder; {advice}")


UNREADABLE = "check that the file is whole and may be read"


def test_a_file_that_may_not_be_read_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    really_open = open

    def opened(file: str, *how: Any, **given: Any) -> object:  # noqa: ANN401 - as open
        if file == "bad.txt":
            raise PermissionError(13, "Permission denied")
        return really_open(file, *how, **given)

    monkeypatch.setattr(builtins, "open", opened)  # permissions would not stop root
    told_and_rest_reported(run, write("bad.txt", REPEATED), f"bad.txt: cannot be read (Permission denied); {UNREADABLE}")


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="no file on this system that nobody can read")
def test_a_file_that_fails_while_it_is_read_is_an_error(run: Run) -> None:
    Path("bad.txt").symlink_to("/proc/self/mem")
    told_and_rest_reported(run, "bad.txt", f"bad.txt: cannot be read (Input/output error); {UNREADABLE}")


def test_a_folder_that_may_not_be_looked_into_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def scanned(path: str) -> Any:  # noqa: ANN401 - as os.scandir
        if path == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    write("closed/a.txt", REPEATED)
    monkeypatch.setattr(os, "scandir", scanned)
    told_and_rest_reported(run, "closed", "closed: cannot be read (Permission denied); check the permissions of the folder")


# Records.


def records(seventh: str) -> str:
    return "".join(
        f'{{"id": {number}, "text": "Record {number} of ten."}}\n' if number != 7 else seventh for number in range(1, 11)
    )


@pytest.mark.parametrize(
    ("seventh", "line"),
    [
        ('{"id": 7 "text": "a"}\n', "not JSON (Expecting ',' delimiter at column 10); give one JSON object a line"),
        ('{"id": 7, "text": \n', "not JSON (Expecting value at column 18); give one JSON object a line"),
        ("[7]\n", "a list instead of an object; give one JSON object a line"),
        (
            '{"id": 7, "body": "a"}\n',
            "no field 'text' (there are id, body); name the field that holds the text with --text-field",
        ),
        (
            '{"id": 3, "text": "a"}\n',
            "the id '3' is that of line 3 too; give every record its own, or name another field with --id-field",
        ),
    ],
    ids=["no comma", "cut", "no object", "no text", "same id"],
)
def test_a_broken_record_is_an_error_that_names_its_line(run: Run, seventh: str, line: str) -> None:
    told_and_rest_reported(run, write("a.jsonl", records(seventh)), f"a.jsonl:7: {line}")
    assert run("a.jsonl")[1]["counts"]["documents"] == 9


def test_an_id_that_is_the_name_of_a_line_is_told_apart(run: Run) -> None:
    write("a.jsonl", '{"text": "one"}\n{"id": "a.jsonl:3", "text": "two"}\n{"text": "three"}\n')
    _, report, [line, *_] = run("a.jsonl")
    assert line.startswith("dedup: a.jsonl:3: the id 'a.jsonl:3' is that of line 2 too; ")
    assert report["counts"]["documents"] == 2


# Options.

KNOWN_OPTIONS = (
    "known are --min-score, --scope, --kinds, --boilerplate-documents, --boilerplate-overlap, --count-boilerplate, "
    "--fail-on, --max-repeats, --max-ratio, --require-paragraphs, --baseline, --write-baseline, --prune-baseline, "
    "--ignore-list, --changed-since, --against, --add, --since, --window, --root, --all, "
    "--format, --output, --report, --explain-threshold, "
)


KNOWN_FORMATS = "known are text, json, jsonl, sarif, github, junit, markdown, html"
OF_ITS_OWN = "give each a file of its own"
NOT_TOGETHER = "not together with --format and --output; give one more --report instead"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "PATH: nothing to check; name files or folders, - for standard input, or paths in the settings file"),
        (["--min-score", "2"], "--min-score: 2 is outside 0 to 1; give a number between them, such as 0.5"),
        (["--min-score", "-0.1"], "--min-score: -0.1 is outside 0 to 1; give a number between them, such as 0.5"),
        (["--min-score", "nan"], "--min-score: nan is outside 0 to 1; give a number between them, such as 0.5"),
        (["--min-words", "0"], "--min-words: 0 is below 1; give a whole number of words, such as 8"),
        (["--scope", "x"], "--scope: unknown value 'x'; known are all, within, across"),
        (["--scope", "Within"], "--scope: unknown value 'Within'; known are all, within, across"),
        (["--kinds", "near,x"], "--kinds: unknown value 'x'; known are exact, contained, near, paraphrase"),
        (["--kinds", "paraphrases"], "--kinds: unknown value 'paraphrases'; known are exact, contained, near, paraphrase"),
        (["--kinds", ""], "--kinds: unknown value ''; known are exact, contained, near, paraphrase"),
        (["--paragraphs", "lines"], "--paragraphs: unknown value 'lines'; known are auto, blank, line"),
        (["--format", "x"], f"--format: unknown value 'x'; {KNOWN_FORMATS}"),
        (["--format", "JSON"], f"--format: unknown value 'JSON'; {KNOWN_FORMATS}"),
        (["--report", "x=y"], f"--report: unknown value 'x'; {KNOWN_FORMATS}"),
        (["--report", "json="], "--report: no file in 'json='; give FORMAT=FILE, or FORMAT alone for standard output"),
        (["--report", "json", "--report", "text=-"], "--report: two reports would go to standard output; " + OF_ITS_OWN),
        (["--report", "json=r", "--report", "text=./r"], "--report: two reports would go to ./r; " + OF_ITS_OWN),
        (["--report", "json", "--format", "text"], "--report: " + NOT_TOGETHER),
        (["--report", "json", "--output", "r"], "--report: " + NOT_TOGETHER),
        (["--report", "json=good.txt"], "--report: good.txt is read too, and would be overwritten; name another file"),
        (["--explain-threshold", "--format", "json"], "--format: unknown value 'json'; known are text"),
        (
            ["--language", "german"],
            "--language: 'german' is no ISO 639 code; give two or three lower-case letters, such as de",
        ),
        (["--text-is", "rtf"], "--text-is: unknown value 'rtf'; known are plain, markdown, html"),
        (["--max-bytes", "0"], "--max-bytes: 0 is below 1; give a number of bytes, such as 1000000000"),
        (["--jobs", "0"], "--jobs: 0 is below 1; give a number of processes, such as 2"),
        (["--top", "-1"], "--top: -1 is below 0; give the number of repeats to list"),
        (["--width", "10"], "--width: 10 is too narrow; give 40 columns or more"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_known_ones(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    paths = ["good.txt"] if arguments else []
    assert complaint(["check", *paths, *arguments], capsys) == f"dedup: {message}"


def test_a_wrong_value_of_compare_is_an_error_that_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint(["compare", "good.txt#0", "good.txt#1", "--format", "jsonl"], capsys)
    assert line == "dedup: --format: unknown value 'jsonl'; known are text, json"


# The first words of these are typer's, and change with its versions.
@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        ([], "dedup --help"),
        (["chekc"], "known are check, clean, compare, config, index; see dedup --help"),
        (["--nonsense"], "known are --version, --help; see dedup --help"),
        (["check", "good.txt", "--nonsense"], KNOWN_OPTIONS),
        (["check", "good.txt", "--formt", "json"], KNOWN_OPTIONS),
        (["check", "good.txt", "--min_score", "0.5"], KNOWN_OPTIONS),
        (["check", "good.txt", "-x"], KNOWN_OPTIONS),
        (["compare", "good.txt", "good.txt", "--kinds", "near"], "known are --same-document, --format, "),
        (["check", "good.txt", "--min-words", "x"], "see dedup check --help"),
        (["check", "good.txt", "--min-score", "high"], "see dedup check --help"),
        (["check", "--output"], "see dedup"),
        (["compare", "good.txt"], "see dedup compare --help"),
        (["compare", "good.txt", "good.txt", "good.txt"], "see dedup compare --help"),
    ],
)
def test_a_wrong_use_is_an_error_that_names_the_right_one(
    capsys: pytest.CaptureFixture[str], arguments: list[str], known: str
) -> None:
    assert known in complaint(arguments, capsys)


def test_an_unknown_setting_is_an_error_that_names_the_known_ones() -> None:
    limits = "boilerplate_documents, boilerplate_overlap, count_boilerplate"
    fields = "id_field, text_field, date_field, text_is, max_bytes, overrides"
    known = f"known are min_score, scope, kinds, {limits}, paragraphs, min_words, language, {fields}"
    with pytest.raises(ConfigError, match=f"setting: unknown value 'min_scor'; {known}"):
        Config.from_mapping({"min_scor": 0.5})


def test_an_unknown_field_is_an_error_that_names_those_there_are(run: Run) -> None:
    write("a.jsonl", '{"id": 1, "text": "a"}\n')
    code, _, [line, *_] = run("a.jsonl", "--text-field", "txt")
    assert (code, line) == (
        2,
        "dedup: a.jsonl:1: no field 'txt' (there are id, text); name the field that holds the text with --text-field",
    )


# Where the report goes.


@pytest.fixture
def report() -> Iterator[str]:
    """The name of a report that must stay as it was, with nothing else left beside it."""
    write("report", "old")
    before = files()
    yield "report"
    assert (files(), Path("report").read_text()) == (before, "old")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    "arguments",
    [["check", "good.txt"], ["check", "good.txt", "--format", "json"], ["compare", "good.txt#0", "good.txt#1"], ["--help"]],
)
def test_a_full_disk_behind_standard_output_is_an_error(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.decode()) == (2, f"dedup: standard output: {NO_SPACE}\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_device_is_an_error_and_is_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert complaint(["check", "good.txt", "--output", "/dev/full"], capsys) == f"dedup: /dev/full: {NO_SPACE}"
    assert Path("/dev/full").is_char_device()


@pytest.mark.skipif(os.name == "nt", reason="no limits on files")
@pytest.mark.parametrize("arguments", [["check", "good.txt"], ["compare", "good.txt#0", "good.txt#1"]])
def test_a_full_disk_leaves_the_old_report(report: str, arguments: list[str]) -> None:
    limited = ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *PROGRAM]  # blocks of a file that can be written
    done = subprocess.run([*limited, *arguments, "--output", report], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(rb"dedup: report: cannot be written \(File too large\); [^\n]*\n", done.stderr)


@pytest.mark.parametrize("command", [["check", "good.txt"], ["compare", "good.txt#0", "good.txt#1"]])
@pytest.mark.parametrize("step", ["replace", "copymode"])
def test_a_report_that_cannot_take_its_place_leaves_the_old_one(
    report: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], step: str
) -> None:
    monkeypatch.setattr(f"{'os' if step == 'replace' else 'shutil'}.{step}", raiser(OSError(28, "No space left on device")))
    assert complaint([*command, "--output", report], capsys) == f"dedup: report: {NO_SPACE}"


def test_a_read_only_folder_is_an_error_before_the_check(
    report: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Permissions would not stop root.
    monkeypatch.setattr("dedup.destination._open", raiser(PermissionError(13, "Permission denied")))
    monkeypatch.setattr("dedup.pipeline.check", raiser(AssertionError("checked before the report is open")))
    assert complaint(["check", "good.txt", "--output", report], capsys) == (
        "dedup: report: cannot be written (Permission denied); check the folder, its permissions and the space left"
    )


@pytest.mark.parametrize("output", ["good.txt/report", "missing/report", ".", "", "/proc/report"])
def test_a_place_that_cannot_be_written_is_an_error_before_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    monkeypatch.setattr("dedup.pipeline.check", raiser(AssertionError("checked before the report is open")))
    before = files()
    line = complaint(["check", "good.txt", "--output", output], capsys)
    assert line.startswith(f"dedup: {output or repr(output)}: cannot be written (")
    assert files() == before


# An exception at every stage. Each stage is the name of a function that a command calls.


def raiser(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*arguments: object, **options: object) -> NoReturn:
        raise error

    return fail


READING = [
    "dedup.readers.find_files",
    "dedup.readers.open_lines",
    "dedup.readers.text.read",
    "dedup.readers.text.decode",
]
SCORING = [
    "dedup.pipeline.prepare",
    "dedup.batch.find_terms",
    "dedup.batch.zipf_frequencies",
    "dedup.similarity.profile",
    "dedup.pipeline.score",
    "dedup.destination._standard_output",
]
EXPLAINING = ["dedup.explanation.measure", "dedup.explanation.contributions", "dedup.explanation.find_tokens"]
STAGES = {
    "check good.txt": [
        *READING,
        *SCORING,
        "dedup.pipeline.split",
        "dedup.pipeline.find_copies",
        "dedup.pipeline.nominate",
        "dedup.nomination.learned_weights",
        "dedup.nomination.candidates_within",
        "dedup.pipeline.bridges",
        "dedup.nomination.spread",
        "dedup.pipeline.union",
        "dedup.pipeline.PairRows.ranked",
        "dedup.rows.number_groups",
        *EXPLAINING,
        "dedup.reports.text.outline",
        "dedup.reports.text.explain",
        "dedup.reports.text.sheet",
        "dedup.reports.text.render",
    ],
    "check good.txt a.jsonl": [
        "dedup.readers.records.read",
        "dedup.readers.records.record_document",
        "dedup.nomination.plan_bands",
        "dedup.nomination.candidates_across",
    ],
    "check good.txt --format json": [
        "dedup.reports.json.render",
        "dedup.reports.json.pair_lines",
        "dedup.reports.rows._place_encoder",
    ],
    "check good.txt --format jsonl": ["dedup.reports.jsonl.render", "dedup.reports.jsonl.pair_lines"],
    "compare good.txt#0 good.txt#1": [
        *READING,
        *SCORING,
        "dedup.references.find_places",
        "dedup.references.block_finder",
        "dedup.pipeline.pairs_of",
        *EXPLAINING,
        "dedup.explanation.explain",
        "dedup.reports.comparison.render_comparison",
        "dedup.reports.comparison.sheet",
    ],
    "compare good.txt#0 good.txt#1 --format json": ["dedup.reports.json.render_comparison"],
}
STAGES_OF_CLEANING = {
    "clean good.txt": [
        *READING,
        *SCORING,
        "dedup.originals.load_originals",
        "dedup.originals.load_rewriter",
        "dedup.cleaning.clean",
        "dedup.cleaning.check",
        "dedup.cleaning.told_of_copies",
        "dedup.cleaning.choose",
        "dedup.edges.pairs_of",
        "dedup.drafts.block_finder",
        "dedup.drafts.block_remover",
        "dedup.readers.text.rewrite",
        "dedup.reports.removals.render_cleaning",
    ],
    "clean a.jsonl": ["dedup.readers.records.rewrite", "dedup.readers.records.with_field"],
    "clean good.txt --format json": ["dedup.reports.json.render_cleaning", "dedup.reports.json.place_row"],
    "clean good.txt --dry-run": ["dedup.reports.diff.unified_diff"],
}
EVERY_STAGE_OF_CLEANING = [(command, stage) for command, stages in STAGES_OF_CLEANING.items() for stage in stages]
EVERY_STAGE = [(command, stage) for command, stages in STAGES.items() for stage in stages]


@pytest.mark.parametrize(("command", "stage"), EVERY_STAGE)
def test_an_exception_at_any_stage_is_one_line_and_a_traceback_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, stage: str
) -> None:
    write("a.jsonl", json.dumps({"text": f"{REPEATED}\n\n{SINGLE}"}))
    monkeypatch.setattr(stage, raiser(RuntimeError("it broke\nin two")))
    said = "dedup: internal error: RuntimeError: it broke in two; run again with --debug and report what it prints\n"
    assert main(command.split()) == 2
    captured = capsys.readouterr()
    assert captured.err == said
    assert main([*command.split(), "--debug"]) == 2
    traceback = capsys.readouterr().err
    assert traceback.startswith("Traceback (most recent call last)")
    assert traceback.endswith(said)


@pytest.mark.parametrize(("command", "stage"), EVERY_STAGE)
@pytest.mark.parametrize(("error", "code"), [(RuntimeError("it broke"), 2), (KeyboardInterrupt(), 130)])
def test_a_report_stays_as_it_was_whatever_the_stage(
    report: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    stage: str,
    error: BaseException,
    code: int,
) -> None:
    if stage.endswith("_standard_output"):
        stage = "dedup.destination._replacing"
    write("a.jsonl", json.dumps({"text": f"{REPEATED}\n\n{SINGLE}"}))
    monkeypatch.setattr(stage, raiser(error))
    assert main([*command.split(), "--output", report]) == code
    captured = capsys.readouterr()
    assert (captured.out, len(captured.err.splitlines())) == ("", int(code == 2))
    Path("a.jsonl").unlink()


@pytest.mark.parametrize(("command", "stage"), EVERY_STAGE_OF_CLEANING)
@pytest.mark.parametrize(("error", "code"), [(RuntimeError("it broke"), 2), (KeyboardInterrupt(), 130)])
def test_whatever_the_stage_a_cleaning_leaves_whole_files(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    stage: str,
    error: BaseException,
    code: int,
) -> None:
    write("a.jsonl", json.dumps({"text": f"{REPEATED}\n\n{SINGLE}\n\n{REPEATED}"}))
    before = {name: Path(name).read_bytes() for name in files()}
    monkeypatch.setattr(stage, raiser(error))
    assert main([*command.split(), *([] if "--dry-run" in command else ["--in-place"])]) == code
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == int(code == 2)
    reported = ".reports." in stage and "--dry-run" not in command  # then all is done but telling of it
    assert reported or {name: Path(name).read_bytes() for name in files()} == before
    assert not [name for name in files() if name.endswith(".tmp")]


@pytest.mark.skipif(os.name == "nt", reason="no closed pipes of this kind")
def test_a_cleaning_whose_report_nobody_reads_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dedup.reports.removals.render_cleaning", raiser(BrokenPipeError(32, "Broken pipe")))
    assert main(["clean", "good.txt", "--output", "out"]) == 141
    assert capsys.readouterr().err == ""
    assert Path("out/good.txt").read_text(encoding="utf-8") == f"{REPEATED}\n{SINGLE}"


@pytest.mark.skipif(os.name == "nt", reason="no limits on files")
def test_a_full_disk_leaves_the_old_file(capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("good.txt").read_bytes()
    limited = ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *PROGRAM]
    done = subprocess.run([*limited, "clean", "good.txt", "--in-place"], capture_output=True, check=False)
    assert (done.returncode, Path("good.txt").read_bytes(), files()) == (2, before, ["good.txt"])
    assert re.match(rb"dedup: good.txt: cannot be written \(File too large\); [^\n]*\n", done.stderr)


@pytest.mark.parametrize("command", ["check good.txt", "compare good.txt#0 good.txt#1", "clean good.txt --dry-run"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "memory: not enough of it (MemoryError); check fewer or smaller files at a time"),
        (
            MemoryError("Unable to allocate 7 GiB"),
            "memory: not enough of it (MemoryError: Unable to allocate 7 GiB); check fewer or smaller files at a time",
        ),
        (
            RecursionError("too deep"),
            "internal error: RecursionError: too deep; run again with --debug and report what it prints",
        ),
        (
            AssertionError(),
            "internal error: AssertionError; run again with --debug and report what it prints",
        ),
    ],
)
def test_no_memory_and_no_stack_are_errors_like_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, error: Exception, said: str
) -> None:
    monkeypatch.setattr("dedup.pipeline.prepare", raiser(error))
    assert complaint(command.split(), capsys) == f"dedup: {said}"


@pytest.mark.parametrize("module", ["dedup.reports.text", "dedup.pipeline"])
def test_a_module_that_cannot_be_imported_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type] - how Python marks a module that is not to be had
    assert "internal error: ModuleNotFoundError" in complaint(["check", "good.txt"], capsys)


# Interrupts and closed pipes.


@pytest.mark.parametrize(("command", "stage"), [*EVERY_STAGE, ("check good.txt", "dedup.cli._understood")])
def test_an_interrupt_is_quiet_whatever_the_stage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, stage: str
) -> None:
    write("a.jsonl", json.dumps({"text": f"{REPEATED}\n\n{SINGLE}"}))
    monkeypatch.setattr(stage, raiser(KeyboardInterrupt()))
    assert main(command.split()) == 130
    assert capsys.readouterr().err == ""


def test_an_interrupt_while_the_report_is_imported_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dedup.commands.check.load_report", raiser(KeyboardInterrupt()))
    assert main(["check", "good.txt"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="interrupts are told otherwise")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_that_is_lost_while_something_is_imported_ends_the_command(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], report: str
) -> None:
    get_command, handlers = typer.main.get_command, [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    class Noticed:
        """What a weak reference can be to; the callback of one loses what is raised in it."""

    def losing(app: typer.Typer) -> object:
        noticed = Noticed()
        reference = weakref.ref(noticed, lambda _: signal.raise_signal(number))
        del noticed
        assert reference() is None
        return get_command(app)

    monkeypatch.setattr(typer.main, "get_command", losing)

    assert main(["check", "good.txt", "--output", report]) == code
    assert capsys.readouterr() == ("", "")
    assert handlers == [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]


INTERRUPTED = """
import signal, sys
from dedup.cli import main
signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="interrupts are told otherwise")
@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.2, 0.4])
def test_an_interrupt_is_quiet_at_any_time(seconds: float, report: str) -> None:
    # A check that does not end by itself: it waits for the rest of standard input.
    command = [sys.executable, "-c", INTERRUPTED, str(seconds), "check", "-", "--output", report]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.wait(60)
        out, err = process.communicate()
    # Python ends by the signal itself, which a shell calls 130 too, if the interrupt came while it compiled something.
    assert process.returncode in (130, -signal.SIGINT)
    assert (out, err) == (b"", b"")


class InterruptAtLine:
    """A trace function that interrupts before the line with a number (from 1) among those run in some files."""

    def __init__(self, number: int, files: frozenset[str]) -> None:
        self.left = number
        self.files = files

    def __call__(self, frame: FrameType, event: str, argument: object) -> InterruptAtLine:
        if event == "line" and frame.f_code.co_filename in self.files:
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_an_interrupt_at_any_line_of_the_output_leaves_a_whole_report_and_nothing_beside_it() -> None:
    traced = frozenset(str(module.__file__) for module in (contextlib, dedup.destination))
    written, interrupts = False, 0
    while not written:
        write("report", "old")
        before, tracing = files(), sys.gettrace()
        sys.settrace(InterruptAtLine(interrupts + 1, traced))
        try:
            with dedup.destination.open_destination("report") as out:
                out.write("new")
            written = True
        except KeyboardInterrupt:
            interrupts += 1
        finally:
            sys.settrace(tracing)
        assert (files(), Path("report").read_text() in ("old", "new")) == (before, True)
    assert interrupts > 30


def test_a_pipe_that_closes_while_the_report_is_written_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dedup.reports.text.sheet", raiser(BrokenPipeError(32, "Broken pipe")))
    assert main(["check", "good.txt"]) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="no head on this system")
def test_head_ends_a_report_quietly() -> None:
    write("many.txt", SINGLE * 1000)  # more than a pipe holds
    command = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", command, "bash", *PROGRAM, "check", "many.txt", "--format", "jsonl"], capture_output=True, check=False
    )
    first, code = done.stdout.splitlines()
    assert (json.loads(first)["score"], code, done.stderr) == (1.0, b"141", b"")


# Sizes.


def long_line(characters: int) -> str:
    """Made-up words without a line feed."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 10))) for _ in range(5_000)]
    return " ".join(chance.choices(words, k=characters // 7))[:characters]


def test_a_line_of_five_megabytes_is_checked_as_any_other(run: Run) -> None:
    line = long_line(5_000_000)
    write("a.txt", line)
    write("b.jsonl", json.dumps({"id": "b", "text": line.upper()}) + "\n")
    code, report, lines = run("a.txt", "b.jsonl", "--no-text")
    assert (code, lines) == (1, [])
    assert [(pair["a"]["file"], pair["b"]["document"], pair["kind"]) for pair in report["pairs"]] == [("a.txt", "b", "exact")]
