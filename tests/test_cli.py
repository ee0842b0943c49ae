from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import fake_pipeline
import pytest

from dedup.cli import main
from dedup.config import Config
from dedup.model import Document, Result

PROGRAM = [sys.executable, fake_pipeline.__file__]
REPEATED = "The council met on Tuesday and decided to keep the library open at night — for a year.\n"
SINGLE = "A petition with four thousand names lies on the desk beside the door.\n"
NOTHING = "nothing was compared"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in the tests are relative to a folder with these files; equal paragraphs are what is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "dedup.pipeline", fake_pipeline)
    Path("twice.txt").write_text(f"{REPEATED}\n{SINGLE}\n{REPEATED}", encoding="utf-8")
    Path("once.txt").write_text(f"{REPEATED}\n{SINGLE}", encoding="utf-8")
    Path("footer.txt").write_text(f"This boilerplate stands under every page, and nobody reads it.\n\n{SINGLE}" * 2)
    Path("single.txt").write_text(SINGLE)
    Path("latin.txt").write_bytes("Grüße\n".encode("latin-1"))
    Path("crash.txt").write_text(f"Here comes a crash that nobody had expected to come.\n\n{SINGLE}")
    Path("interrupt.txt").write_text(f"Here comes an interrupt that somebody had been waiting for.\n\n{SINGLE}")
    return tmp_path


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, check=False, **options)  # type: ignore[call-overload]


# Exit codes.


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["once.txt"], 0),
        (["twice.txt"], 1),
        (["once.txt", "twice.txt"], 1),
        (["single.txt"], 0),
        (["latin.txt"], 2),
        (["missing.txt", "once.txt"], 2),
        (["missing.txt", "twice.txt"], 2),
        (["crash.txt"], 2),
        (["interrupt.txt"], 130),
        ([], 2),
    ],
)
def test_the_exit_code_says_what_was_found(arguments: list[str], code: int) -> None:
    assert main(["check", *arguments]) == code
    assert main(["check", *arguments, "--format", "jsonl", "--quiet", "--no-text"]) == code


def test_what_does_not_count_does_not_fail(capsys: pytest.CaptureFixture[str]) -> None:
    Path("footers.txt").write_text(("This boilerplate stands under every page, and nobody reads it.\n\n") * 2)
    assert main(["check", "footers.txt", "--format", "jsonl"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", "footers.txt", "--format", "jsonl", "--all"]) == 0
    assert json.loads(capsys.readouterr().out)["why"] == "boilerplate"


def test_the_program_ends_with_its_exit_code() -> None:
    assert [run("check", name).returncode for name in ("once.txt", "twice.txt", "latin.txt")] == [0, 1, 2]
    module = subprocess.run([sys.executable, "-m", "dedup", "check"], capture_output=True, check=False)
    assert (module.returncode, module.stdout) == (2, b"")


# Standard error: one line a problem.


def test_a_problem_is_one_line_and_the_rest_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.jsonl").write_text('{"text": "a"}\n{"text": 1}\n')
    assert main(["check", "twice.txt", "missing\n.txt", "bad.jsonl", "latin.txt", "--format", "jsonl", "--no-text"]) == 2
    captured = capsys.readouterr()
    assert [json.loads(line)["kind"] for line in captured.out.splitlines()] == ["exact"]
    assert captured.err.splitlines() == [
        "dedup: missing .txt: no such file or folder; check the name, and the folder it is relative to",
        "dedup: bad.jsonl:2: the field 'text' is a number, not text; name the field that holds the text with --text-field",
        "dedup: latin.txt:1: the byte 0xfc at position 2 is not UTF-8; convert the file to UTF-8",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "PATH: nothing to check; name files or folders, or - for standard input"),
        (["check", "a", "--min-score", "2"], "--min-score: 2 is outside 0 to 1; give a number between them, such as 0.5"),
        (["check", "a", "--min-score", "nan"], "--min-score: nan is outside 0 to 1; give a number between them, such as 0.5"),
        (["check", "a", "--min-words", "0"], "--min-words: 0 is below 1; give a whole number of words, such as 8"),
        (["check", "a", "--scope", "x"], "--scope: unknown value 'x'; known are all, within, across"),
        (["check", "a", "--kinds", "near,x"], "--kinds: unknown value 'x'; known are exact, contained, near, paraphrase"),
        (["check", "a", "--kinds", ""], "--kinds: unknown value ''; known are exact, contained, near, paraphrase"),
        (["check", "a", "--paragraphs", "x"], "--paragraphs: unknown value 'x'; known are auto, blank, line"),
        (["check", "a", "--format", "x"], "--format: unknown value 'x'; known are text, jsonl"),
    ],
)
def test_a_wrong_option_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"dedup: {message}\n")


# The words of these are typer's, and change with its versions.
@pytest.mark.parametrize(
    "arguments", [[], ["chekc"], ["check", "a", "--nonsense"], ["check", "a", "--min-words", "x"], ["check", "--output"]]
)
def test_a_wrong_use_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, len(captured.err.splitlines())) == ("", 1)
    assert captured.err.startswith("dedup: ")
    assert captured.err.endswith(" --help\n")


def test_an_internal_error_is_one_line_and_a_traceback_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    line = "dedup: internal error: RuntimeError: it said crash; run again with --debug and report what it prints\n"
    assert main(["check", "crash.txt"]) == 2
    assert capsys.readouterr().err == line
    assert main(["check", "crash.txt", "--debug"]) == 2
    traceback = capsys.readouterr().err
    assert traceback.startswith("Traceback (most recent call last)")
    assert traceback.endswith(line)


def test_an_interrupt_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "interrupt.txt"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "nothing"),
    [
        (["single.txt"], True),
        (["once.txt"], False),
        (["once.txt", "--scope", "across"], True),
        (["once.txt", "--scope", "within"], False),
        (["once.txt", "--min-words", "50"], True),
    ],
)
def test_a_run_that_compared_nothing_says_so(capsys: pytest.CaptureFixture[str], arguments: list[str], nothing: bool) -> None:
    assert main(["check", *arguments, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert (NOTHING in captured.err, NOTHING in captured.out) == (nothing, nothing)


# What the options do.


def test_options_reach_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Config] = []
    check = fake_pipeline.check

    def look(documents: Iterable[Document], config: Config) -> Result:
        seen.append(config)
        return check(documents, config)

    monkeypatch.setattr(fake_pipeline, "check", look)
    options = "--min-score=.25 --scope=across --kinds=near,exact --paragraphs=line --min-words=3 --language=de"
    fields = "--id-field=a --text-field=b --date-field=c"
    assert main(shlex.split(f"check twice.txt {options} {fields}")) == 1
    assert seen[0].as_dict() == {
        "min_score": 0.25,
        "scope": "across",
        "kinds": ["near", "exact"],
        "paragraphs": "line",
        "min_words": 3,
        "language": "de",
        "id_field": "a",
        "text_field": "b",
        "date_field": "c",
    }


def test_quiet_prints_the_summary_only(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "twice.txt", "--quiet"])
    assert capsys.readouterr().out.splitlines() == ["1 document, 3 paragraphs to compare", "1 repeat in 1 group: 1 exact"]


def test_no_text_leaves_the_paragraphs_out(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "twice.txt", "--no-text"])
    assert "council" not in capsys.readouterr().out


def test_the_order_of_arguments_makes_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "once.txt", "twice.txt", "single.txt"])
    first = capsys.readouterr()
    main(["check", "single.txt", "twice.txt", "once.txt", "twice.txt"])
    assert capsys.readouterr() == first


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("dedup ")
    assert main(["check", "--help"]) == 0
    assert "[PATH]..." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["check", "--help"], ["check"], ["check", "a", "--scope", "x"]]
)
def test_help_and_wrong_options_answer_without_numpy(arguments: list[str]) -> None:
    program = "import sys; from dedup.cli import main; main(sys.argv[1:]); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=False).returncode == 0


# Standard input and output.


def test_standard_input_is_checked() -> None:
    done = run("check", "-", "--format", "jsonl", input=f"{REPEATED}\n{REPEATED}".encode())
    assert (done.returncode, json.loads(done.stdout)["a"]["file"]) == (1, "-")


@pytest.mark.parametrize("name", ["text", "jsonl"])
def test_output_is_utf_8_in_any_locale(name: str) -> None:
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"}
    done = run("check", "twice.txt", "--format", name, env={**os.environ, **locale})
    assert (done.returncode, done.stderr) == (1, b"")
    assert "night — for" in done.stdout.decode("utf-8").replace("\n    ", " ")


def test_a_closed_pipe_ends_quietly() -> None:
    Path("many.txt").write_text(f"{SINGLE}\n" * 200)
    with subprocess.Popen(
        [*PROGRAM, "check", "many.txt", "--format", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"score": 1.0')
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_pipe_closed_before_the_first_line_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*PROGRAM, "check", "once.txt"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize("arguments", [["check", "once.txt"], ["check", "twice.txt", "--format", "jsonl"]])
def test_a_full_disk_behind_standard_output_is_an_error(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "dedup: standard output: cannot be written (No space left on device); "
        "check the folder, its permissions and the space left\n"
    )


def test_closed_standard_output_is_an_error() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *PROGRAM, "check", "twice.txt"], stderr=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stderr) == (2, b"dedup: standard output: it is closed; write to a file with --output\n")


# --output: whole or not at all.


def files() -> list[str]:
    return sorted(os.listdir("."))


@pytest.mark.parametrize(("name", "code"), [("twice.txt", 1), ("once.txt", 0)])
def test_output_is_what_standard_output_would_be(capsys: pytest.CaptureFixture[str], name: str, code: int) -> None:
    assert main(["check", name]) == code
    expected = capsys.readouterr().out
    before = files()
    assert main(["check", name, "--output", "report"]) == code
    assert capsys.readouterr().out == ""
    assert Path("report").read_bytes().decode("utf-8") == expected
    assert files() == sorted([*before, "report"])


def test_output_takes_the_place_of_a_file_and_its_permissions() -> None:
    Path("report").write_text("old")
    Path("report").chmod(0o640)
    Path("link").symlink_to("report")
    assert main(["check", "twice.txt", "--output", "link", "--quiet"]) == 1
    assert (Path("link").is_symlink(), oct(Path("report").stat().st_mode & 0o777)) == (True, "0o640")
    assert Path("report").read_text().startswith("1 document")


@pytest.mark.parametrize(("name", "code"), [("crash.txt", 2), ("interrupt.txt", 130)])
def test_output_stays_as_it_was_if_the_check_does_not_end(name: str, code: int) -> None:
    Path("report").write_text("old")
    before = files()
    assert main(["check", name, "--output", "report"]) == code
    assert (files(), Path("report").read_text()) == (before, "old")


def test_output_stays_as_it_was_if_writing_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    Path("report").write_text("old")
    before = files()
    monkeypatch.setattr(os, "replace", fail)
    assert main(["check", "twice.txt", "--output", "report"]) == 2
    assert capsys.readouterr().err.startswith("dedup: report: cannot be written (No space left on device); ")
    assert (files(), Path("report").read_text()) == (before, "old")


@pytest.mark.skipif(os.name == "nt", reason="no limits on files")
def test_output_stays_as_it_was_if_the_disk_is_full() -> None:
    Path("report").write_text("old")
    before = files()
    limited = ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *PROGRAM]  # blocks of a file that can be written
    done = subprocess.run([*limited, "check", "twice.txt", "--output", "report"], capture_output=True, check=False)
    assert (done.returncode, done.stderr[:32]) == (2, b"dedup: report: cannot be written")
    assert (files(), Path("report").read_text()) == (before, "old")


@pytest.mark.parametrize("output", ["once.txt/report", "missing/report", ".", ""])
def test_output_that_cannot_be_written_fails_before_the_check(capsys: pytest.CaptureFixture[str], output: str) -> None:
    before = files()
    assert main(["check", "crash.txt", "--output", output]) == 2
    captured = capsys.readouterr()
    assert (captured.out, files()) == ("", before)
    assert captured.err.startswith(f"dedup: {output or repr(output)}: cannot be written (")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_device_is_written_to_and_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "twice.txt", "--output", "/dev/null"]) == 1
    assert main(["check", "twice.txt", "--output", "/dev/full"]) == 2
    assert capsys.readouterr().err.startswith("dedup: /dev/full: cannot be written (No space left on device); ")
    assert [Path(name).is_char_device() for name in ("/dev/null", "/dev/full")] == [True, True]
