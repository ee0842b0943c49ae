from __future__ import annotations

import gc
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import typer

from dedup import pipeline
from dedup.cli import main
from dedup.commands.app import app
from dedup.config import Config
from dedup.model import Document
from dedup.past import Past
from dedup.progress import Progress
from dedup.reports import REPORTS
from dedup.results import Result

PROGRAM = [sys.executable, "-m", "dedup"]
REPEATED = "The council met on Tuesday and decided to keep the library open at night — for a year.\n"
SINGLE = "A petition with four thousand names lies on the desk beside the door.\n"
NOTHING = "nothing was compared"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in the tests are relative to a folder with these files; one repeat is in them, of equal paragraphs."""
    monkeypatch.chdir(tmp_path)
    Path("twice.txt").write_text(f"{REPEATED}\n{SINGLE}\n{REPEATED}", encoding="utf-8")
    Path("once.txt").write_text(f"{REPEATED}\n{SINGLE}", encoding="utf-8")
    Path("single.txt").write_text(SINGLE)
    Path("latin.txt").write_bytes("Grüße\n".encode("latin-1"))
    return tmp_path


def without_time(report: str) -> str:
    """A text report without its last line, the only one that is not the same every time."""
    *lines, last = report.splitlines(keepends=True)
    assert re.fullmatch(r"took \d+\.\d\d s\n", last)
    return "".join(lines)


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
        ([], 2),
    ],
)
def test_the_exit_code_says_what_was_found(arguments: list[str], code: int) -> None:
    assert main(["check", *arguments]) == code
    assert main(["check", *arguments, "--format", "jsonl", "--quiet", "--no-text"]) == code


def test_what_does_not_count_does_not_fail(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "twice.txt", "--kinds", "near,paraphrase", "--format", "jsonl"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == ""
    assert main([*arguments, "--all"]) == 0
    assert json.loads(capsys.readouterr().out)["why"] == "kind"


def test_the_program_ends_with_its_exit_code() -> None:
    assert [run("check", name).returncode for name in ("once.txt", "twice.txt", "latin.txt")] == [0, 1, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="threads are told otherwise")
def test_a_check_starts_no_threads() -> None:
    code = "import sys\nfrom dedup.cli import main\nmain(sys.argv[1:])\nprint(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", code, "check", "twice.txt"], capture_output=True, check=True, encoding="utf-8")
    assert re.findall(r"^Threads:\s(\d+)$", done.stdout, re.M) == ["1"]


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
    processes: list[int] = []
    check = pipeline.check

    def look(documents: Iterable[Document], config: Config, progress: Progress, *, jobs: int, past: Sequence[Past]) -> Result:
        seen.append(config)
        processes.append(jobs)
        return check(documents, config, progress, jobs=jobs, past=past)

    monkeypatch.setattr(pipeline, "check", look)
    options = "--min-score=.25 --scope=across --kinds=near,exact --paragraphs=line --min-words=3 --language=de"
    limits = "--boilerplate-documents=4 --boilerplate-overlap=.5 --count-boilerplate"
    fields = "--id-field=a --text-field=b --date-field=c --text-is=markdown --max-bytes=1000000"
    assert main(shlex.split(f"check twice.txt once.txt {options} {limits} {fields} --jobs=3")) == 1
    assert processes == [3]
    assert seen[0].as_dict() == {
        "min_score": 0.25,
        "scope": "across",
        "kinds": ["near", "exact"],
        "boilerplate_documents": 4,
        "boilerplate_overlap": 0.5,
        "count_boilerplate": True,
        "paragraphs": "line",
        "min_words": 3,
        "language": "de",
        "id_field": "a",
        "text_field": "b",
        "date_field": "c",
        "text_is": "markdown",
        "max_bytes": 1000000,
        "overrides": [],
    }


def test_quiet_prints_the_summary_only(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "twice.txt", "--quiet"])
    summary = without_time(capsys.readouterr().out)
    assert summary.splitlines() == ["1 document, 3 paragraphs to compare", "1 repeat in 1 group: 1 exact"]


def test_no_text_leaves_the_paragraphs_out(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "twice.txt", "--no-text"])
    assert "council" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["text", "json", "jsonl"])
def test_the_order_of_arguments_makes_no_difference(capsys: pytest.CaptureFixture[str], name: str) -> None:
    seen = []
    for paths in (["once.txt", "twice.txt", "single.txt"], ["single.txt", "twice.txt", "once.txt", "twice.txt"]):
        main(["check", *paths, "--format", name])
        captured = capsys.readouterr()
        seen.append((without_time(captured.out) if name == "text" else captured.out, captured.err))
    assert seen[0] == seen[1]


def test_the_best_repeats_are_listed_and_all_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "twice.txt", "--top", "0", "--width", "60"]) == 1
    out = capsys.readouterr().out
    assert "council" not in out
    assert "1 repeat in 1 group: 1 exact" in out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("dedup ")
    assert main(["check", "--help"]) == 0
    assert "[PATH...]" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "compare"])
def test_help_says_the_default_of_every_option(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    described = dict(re.findall(r"^  (--[a-z-]+) (.*(?:\n {10,}.*)*)", text, re.MULTILINE))
    known = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    assert set(described) == {"--help"} | {name for option in known for name in option.opts if name.startswith("--")}
    assert "Options without a value are off unless they are given." in " ".join(text.split())
    with_value = {name: words for name, words in described.items() if re.match("[A-Z]+ ", words)}
    assert [name for name, words in with_value.items() if "[default:" not in words.replace("\n", " ")] == []
    assert len(with_value) > 5


@pytest.mark.parametrize(
    ("option", "unit"),
    [("--min-score", "0 to 1"), ("--min-words", "WORDS"), ("--width", "COLUMNS"), ("--top", "N best repeats")],
)
def test_help_says_the_unit_of_every_number(capsys: pytest.CaptureFixture[str], option: str, unit: str) -> None:
    main(["check", "--help"])
    [described] = re.findall(rf"^  {option} .*(?:\n {{10,}}.*)*", capsys.readouterr().out, re.MULTILINE)
    assert unit in described


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
    Path("many.txt").write_text(f"{SINGLE}\n" * 1000)  # more than a pipe holds
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
    expected = without_time(capsys.readouterr().out)
    before = files()
    assert main(["check", name, "--output", "report"]) == code
    assert capsys.readouterr().out == ""
    assert without_time(Path("report").read_bytes().decode("utf-8")) == expected
    assert files() == sorted([*before, "report"])


def test_output_takes_the_place_of_a_file_and_its_permissions() -> None:
    Path("report").write_text("old")
    Path("report").chmod(0o640)
    Path("link").symlink_to("report")
    assert main(["check", "twice.txt", "--output", "link", "--quiet"]) == 1
    assert (Path("link").is_symlink(), oct(Path("report").stat().st_mode & 0o777)) == (True, "0o640")
    assert Path("report").read_text().startswith("1 document")


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no /dev/null on this system")
def test_a_device_is_written_to_and_not_replaced() -> None:
    assert main(["check", "twice.txt", "--output", "/dev/null"]) == 1
    assert Path("/dev/null").is_char_device()


def test_a_report_is_not_written_over_what_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("twice.txt").read_bytes()
    Path("link.txt").symlink_to("twice.txt")
    for output in ("twice.txt", "./twice.txt", "link.txt"):
        assert main(["check", "twice.txt", "--output", output]) == 2
        assert capsys.readouterr().err == (
            f"dedup: --output: {output} is read too, and would be overwritten; name another file\n"
        )
    assert Path("twice.txt").read_bytes() == before


def test_a_report_is_not_written_over_what_a_folder_holds(capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder").mkdir()
    Path("folder/a.txt").write_bytes(Path("twice.txt").read_bytes())
    before = files()
    assert main(["check", "folder", "--report", "text=folder/a.txt", "--report", "json=new"]) == 2
    message = "--report: folder/a.txt is read too, and would be overwritten; name another file"
    assert capsys.readouterr().err == f"dedup: {message}\n"
    assert (files(), Path("folder/a.txt").read_bytes()) == (before, Path("twice.txt").read_bytes())


def test_one_run_writes_every_report_as_its_own_run_would(capsys: pytest.CaptureFixture[str]) -> None:
    alone = {}
    for name in REPORTS:
        assert main(["check", "twice.txt", "--format", name]) == 1
        alone[name] = capsys.readouterr().out
    text = without_time(alone.pop("text"))
    asked = [part for name in alone for part in ("--report", f"{name}=a={name}")]
    for first in ("text", "text=-"):
        assert main(["check", "twice.txt", "--report", first, *asked]) == 1
        assert without_time(capsys.readouterr().out) == text
        assert {name: Path(f"a={name}").read_text(encoding="utf-8") for name in alone} == alone


@pytest.mark.parametrize("reports", [["json=a", "junit=no/b"], ["junit=no/b", "json=a"]])
def test_no_report_is_written_where_one_cannot_be(capsys: pytest.CaptureFixture[str], reports: list[str]) -> None:
    before = files()
    assert main(["check", "twice.txt", *(part for report in reports for part in ("--report", report))]) == 2
    assert capsys.readouterr().err.startswith("dedup: no/b: cannot be written (")
    assert files() == before


@pytest.mark.parametrize(("score", "code"), [("0.2", 1), ("0.5", 1), ("1", 0)])
def test_thresholds_are_told_with_the_exit_code_of_the_one_asked_for(
    capsys: pytest.CaptureFixture[str], score: str, code: int
) -> None:
    Path("edited.txt").write_text(f"{REPEATED}\n{REPEATED.strip()} Fin.\n", encoding="utf-8")
    assert main(["check", "edited.txt", "--explain-threshold", "--min-score", score]) == code
    lines = capsys.readouterr().out.splitlines()
    assert ["0.30", "1", "2", "1"] in [line.split()[:4] for line in lines]
    assert [line.split()[0] for line in lines if "← --min-score" in line] == [f"{float(score):.2f}"]


def test_cycles_are_not_looked_for_during_a_run_and_are_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = []
    monkeypatch.setattr("dedup.cli._exit_code", lambda arguments, raised: at_work.append(gc.isenabled()) or 0)
    assert [main([]), at_work, gc.isenabled()] == ([0, [False], True])


def test_what_is_told_of_lost_errors_is_changed_only_where_signals_are(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, usual = [], sys.unraisablehook
    monkeypatch.setattr("dedup.cli._exit_code", lambda arguments, raised: at_work.append(sys.unraisablehook) or 0)
    main([])
    other = threading.Thread(target=main, args=([],))
    other.start()
    other.join()
    assert [hook is usual for hook in at_work] == [False, True]
    assert sys.unraisablehook is usual


def test_a_program_keeps_its_own_way_with_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, signals = [], (signal.SIGINT, signal.SIGTERM)

    def handlers() -> list[object]:
        return [signal.getsignal(number) for number in signals]

    def own(number: int, frame: object) -> None:
        raise AssertionError

    monkeypatch.setattr("dedup.cli._exit_code", lambda arguments, raised: at_work.append(handlers()) or 0)
    usual = [signal.signal(number, own) for number in signals]
    try:
        main([])
        at_work.append(handlers())
    finally:
        for number, handler in zip(signals, usual, strict=True):
            signal.signal(number, handler)
    assert at_work == [[own, own], [own, own]]
