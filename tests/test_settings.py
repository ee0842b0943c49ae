"""Settings files, variables and flags: every option has all layers, and nothing in a file is ignored in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from dedup.cli import main
from dedup.commands.app import app
from dedup.commands.keys import key_of, variable_of
from dedup.commands.layers import LayeredCommand

COMMANDS = {
    name: command
    for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
    if isinstance(command, LayeredCommand)
}
OPTIONS = [(name, parameter) for name, command in COMMANDS.items() for parameter in command.params if key_of(parameter)]
REPEATED = "The council met on Tuesday and decided to keep the library open at night for a year.\n"
EDITED = "The council met on Tuesday and decided to keep the old library open at night for a year.\n"
SINGLE = "A petition with four thousand names lies on the desk beside the door of the town hall.\n"


# What options may be that take certain names only.
NAMES = {
    "scope": "within",
    "kinds": "near",
    "fail_on": "never",
    "paragraphs": "line",
    "language": "xx",
    "text_is": "html",
}


class Done(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one repeat in `twice.txt`, none in `once.txt`, and an edited copy of it in `archive`."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "old.txt").write_text(f"{REPEATED}\n{SINGLE}")
    (tmp_path / "twice.txt").write_text(f"{REPEATED}\n{SINGLE}\n{EDITED}")
    (tmp_path / "once.txt").write_text(f"{REPEATED}\n{SINGLE}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Done:
        code = main(arguments)
        return Done(code, *capsys.readouterr())

    return run


def write(text: str, name: str = "dedup.toml") -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def in_force(run: Run, key: str, command: str = "check", *arguments: str) -> str | None:
    """The line of `dedup config` on a setting, with one space where it has several."""
    lines = [" ".join(line.split()) for line in run("config", command, *arguments).out.splitlines()]
    return next((line for line in lines if line.startswith(f"{key} = ")), None)


def example(parameter: Any) -> tuple[str, str]:  # noqa: ANN401 - of typer or click, by version
    """A value that is not the default, as a variable has it and as TOML has it."""
    if getattr(parameter, "is_flag", False):
        return "1", "true"
    number = {"int": ("77", "77"), "integer": ("77", "77"), "float": ("0.25", "0.25")}.get(parameter.type.name)
    listed = parameter.nargs == -1 or parameter.multiple
    name = NAMES.get(str(key_of(parameter)), "x")
    return number or (name, f'["{name}"]' if listed else f'"{name}"')


# ------------------------------------------------------------------------------------------------------- every option


@pytest.mark.parametrize(("command", "parameter"), OPTIONS, ids=lambda one: one if isinstance(one, str) else one.name)
def test_every_option_can_be_set_by_a_file_and_by_a_variable_which_goes_before(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    parameter: Any,  # noqa: ANN401 - of typer or click, by version
) -> None:
    key, variable = str(key_of(parameter)), str(variable_of(parameter))
    value, toml = example(parameter)
    write(f"[{command}]\n{key} = {toml}\n")
    line = in_force(run, key, command)
    assert line is not None
    assert line.endswith(f" # dedup.toml: {command}.{key}")
    monkeypatch.setenv(variable, value)
    assert in_force(run, key, command) == f"{key} = {toml} # {variable}"


def test_flags_go_before_variables_before_the_file_before_defaults(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def score(*flags: str) -> float:
        report = json.loads(run("check", "twice.txt", "--format", "json", *flags).out)
        return float(report["config"]["min_score"])

    assert score() == 0.5
    write("min_score = 0.1")
    assert score() == 0.1
    write("min_score = 0.1\n[check]\nmin_score = 0.2")
    assert score() == 0.2
    monkeypatch.setenv("DEDUP_MIN_SCORE", "0.3")
    assert score() == 0.3
    assert score("--min-score", "0.4") == 0.4


def test_what_a_file_turns_on_a_flag_turns_off(run: Run) -> None:
    write("no_text = true\nquiet = true")
    assert len(run("check", "twice.txt").out.splitlines()) == 3
    report = run("check", "twice.txt", "--no-quiet", "--text").out
    assert REPEATED[:20] in report


def test_of_options_that_exclude_each_other_the_upper_layer_is_meant(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write('report = ["json=report.json"]\n[clean]\nin_place = true')
    assert run("check", "twice.txt", "--format", "jsonl").out.startswith('{"score"')
    assert not Path("report.json").exists()
    assert run("clean", "twice.txt", "--output", "cleaned").code == 0
    assert EDITED in Path("twice.txt").read_text()
    monkeypatch.setenv("DEDUP_FORMAT", "jsonl")
    assert run("check", "twice.txt").out.startswith('{"score"')
    assert run("check", "twice.txt", "--report", "json=a", "--output", "b").code == 2


# ------------------------------------------------------------------------------------------------------------ the file


def test_the_nearest_file_upward_counts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("[project]\nname = 'x'\n[tool.dedup]\nmin_words = 3", "pyproject.toml")
    write("[project]\nname = 'dedup'", "archive/pyproject.toml")
    monkeypatch.chdir("archive")
    assert in_force(run, "min_words") == "min_words = 3 # ../pyproject.toml: tool.dedup.min_words"
    write("min_words = 4")
    assert in_force(run, "min_words") == "min_words = 4 # dedup.toml: min_words"
    assert in_force(run, "min_words", "check", "--config", "../pyproject.toml") == (
        "min_words = 3 # ../pyproject.toml: tool.dedup.min_words"
    )
    assert in_force(run, "min_words", "check", "--config", "/dev/null") == "min_words = 8 # default"


def test_paths_and_patterns_are_relative_to_their_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write('paths = ["."]\nexclude = ["archive/**", "once*"]\n[check]\nreport = ["json=made/report.json"]')
    Path("made").mkdir()
    monkeypatch.chdir("archive")
    assert run("check") == (1, "", "")
    report = json.loads(Path("../made/report.json").read_text())
    assert {pair["a"]["file"] for pair in report["pairs"]} == {"../twice.txt"}
    assert (report["counts"]["documents"], report["counts"]["excluded"]) == (1, 2)


def test_paths_on_the_command_line_take_the_place_of_those_of_the_file(run: Run) -> None:
    write('paths = ["twice.txt"]')
    assert [run("check", "--quiet").code, run("check", "once.txt", "--quiet").code] == [1, 0]
    assert run("clean", "--dry-run").out.startswith("--- twice.txt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("min_scor = 1", "dedup.toml: min_scor: no such setting; known are paths, min_score, scope, "),
        ("[check]\nkeep = 'first'", "dedup.toml: check.keep: no such setting; known are paths, min_score, scope, "),
        ("config = 'x'", "dedup.toml: config: no such setting; known are "),
        ("[tool.dedup]", "dedup.toml: tool: no such setting; known are "),
        ("check = 1", "dedup.toml: check: no table; write [check]"),
        ("min_score = 'high'", "dedup.toml: min_score: 'high' does not fit; give a number"),
        ("min_score = true", "dedup.toml: min_score: True does not fit; give a number"),
        ("[compare]\nquiet = 1", "dedup.toml: compare.quiet: 1 does not fit; give true or false"),
        ("top = 1.5", "dedup.toml: top: 1.5 does not fit; give a whole number"),
        ("kinds = ['near', 1]", "dedup.toml: kinds: 1 does not fit; give a text in quotes, or a list of such"),
        ("fail_on = []", "dedup.toml: fail_on: none is named; give some, or leave it out"),
        ("min_score = 2", "dedup.toml: min_score: 2 is outside 0 to 1; give a number between them, such as 0.5"),
        ("[check]\nscope = 'x'", "dedup.toml: check.scope: unknown value 'x'; known are all, within, across"),
        ("kinds = ['x']", "dedup.toml: kinds: unknown value 'x'; known are exact, contained, near, paraphrase"),
        ("exclude = ['']", "dedup.toml: exclude: '' is no pattern; give one, such as archive/** or *.md"),
        ("\nmin_score 1", "dedup.toml:2: not TOML (Expected '=' after a key in a key/value pair); correct it"),
        ("overrides = 1", "dedup.toml: overrides: no list of tables; write [[overrides]] above each"),
        (
            "[[overrides]]\npaths = ['a']\nscope = 'all'",
            "dedup.toml: overrides 1: scope: cannot be set for single paths; known are paths, min_score, kinds, ",
        ),
        (
            "[[overrides]]\nmin_score = 1",
            "dedup.toml: overrides 1: paths: () is no list of patterns; give one, ",
        ),
        (
            "[[overrides]]\npaths = ['a']",
            "dedup.toml: overrides 1: paths: nothing is set for a; give min_score, ",
        ),
        ("[[overrides]]\npaths = ['a']\nmin_score = 'x'", "dedup.toml: overrides 1: min_score: 'x' is no number; give one"),
        ("[[overrides]]\npaths = ['a']\nmin_score = 2", "dedup.toml: overrides 1: min_score: 2 is outside 0 to 1; "),
    ],
)
def test_a_wrong_setting_is_an_error_that_says_where_and_what_is_known(run: Run, text: str, message: str) -> None:
    write(text)
    code, out, err = run("check", "once.txt")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"dedup: {message}")


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ({}, ["--config", "no.toml"], "no.toml: cannot be read (No such file or directory); check its name and permissions"),
        (
            {"pyproject.toml": "[tool.x]"},
            ["--config", "pyproject.toml"],
            "pyproject.toml: it has no table [tool.dedup]; add one, or give another file",
        ),
        (
            {"pyproject.toml": "[tool.dedup]", "dedup.toml": ""},
            [],
            "dedup.toml: pyproject.toml has settings too; put all of them into one of the two",
        ),
        ({"pyproject.toml": "[tool]\ndedup = 1"}, [], "pyproject.toml: tool.dedup: 1 is no table; write [tool.dedup]"),
        ({"pyproject.toml": "[tool.dedup]\nx = 1"}, [], "pyproject.toml: tool.dedup.x: no such setting; known are paths, "),
    ],
)
def test_a_wrong_file_is_an_error(run: Run, files: dict[str, str], arguments: list[str], message: str) -> None:
    for name, text in files.items():
        write(text, name)
    code, _, err = run("check", "once.txt", *arguments)
    assert (code, err.startswith(f"dedup: {message}")) == (2, True), err


def test_a_broken_file_without_our_table_is_none_of_our_business(run: Run) -> None:
    write("= broken", "pyproject.toml")
    assert run("check", "once.txt", "--quiet").code == 0


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DEDUP_MIN_SCORE", "high", "DEDUP_MIN_SCORE: 'high' is not a valid float; see dedup check --help"),
        ("DEDUP_SCOPE", "x", "DEDUP_SCOPE: unknown value 'x'; known are all, within, across"),
        ("DEDUP_REPORT", "json=a,text=a", "DEDUP_REPORT: two reports would go to a; give each a file of its own"),
    ],
)
def test_a_wrong_variable_is_an_error_that_names_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert run("check", "once.txt") == (2, "", f"dedup: {message}\n")


def test_a_setting_without_effect_is_told(run: Run) -> None:
    write("min_score = 0.7\nlanguage = 'en'\nformat = 'jsonl'\n[check]\njobs = 1\n[clean]\nkeep = 'longest'")
    done = run("compare", "twice.txt#0", "twice.txt#2", "--quiet")
    assert done.code == 0
    advice = "put what is meant for dedup check alone below [check]"
    assert done.err == f"dedup: dedup.toml: no effect on dedup compare: min_score, format; {advice}\n"
    assert run("check", "once.txt").err == ""
    assert "# min_score: no effect on dedup compare" in run("config", "compare").out


def test_config_tells_of_overrides_and_of_variables_that_set_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEDUP_MIN_SCOER", "1")
    write("[[overrides]]\npaths = ['a']\nkinds = ['near']")
    said = [" ".join(line.split()) for line in run("config").out.splitlines()]
    assert said[-4:] == [
        "[[overrides]] # dedup.toml: overrides 1",
        'paths = ["a"]',
        'kinds = ["near"]',
        "# no setting # DEDUP_MIN_SCOER",
    ]
    assert run("config", "chekc").err == "dedup: COMMAND: unknown value 'chekc'; known are check, clean, compare, index add\n"


def test_a_traceback_can_be_asked_for_in_a_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr("dedup.pipeline.check", fail)
    assert "Traceback" not in run("check", "once.txt").err
    write("debug = true")
    assert run("check", "once.txt").err.startswith("Traceback")


# ------------------------------------------------------------------------------------------------------------ patterns


def test_files_are_left_out_by_pattern_however_they_are_named_and_counted(run: Run) -> None:
    def compared(*arguments: str) -> tuple[int, int]:
        counts = json.loads(run("check", "--format", "json", *arguments).out)["counts"]
        return counts["documents"], counts["excluded"]

    assert compared(".") == (3, 0)
    assert compared(".", "--exclude", "archive, once.txt") == (1, 2)
    assert compared("once.txt", "archive/old.txt", "--exclude", "archive") == (1, 1)
    assert compared(".", "--include", "archive/**") == (1, 2)
    assert compared(".", "--include", "*.txt", "--exclude", "*ce.txt") == (1, 2)
    done = run("check", "archive", "--exclude", "archive", "--quiet")
    assert (done.code, "excluded: 1 file or folder, by pattern" in done.out) == (0, True)
    assert "nothing was compared" in done.err


# ----------------------------------------------------------------------------------------------------------- overrides


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("paths = ['nowhere']\nmin_score = 1.0", 1),
        ("paths = ['archive/**']\nmin_score = 1.0", 0),
        ("paths = ['*.txt']\nkinds = ['paraphrase']", 0),
        ("paths = ['twice.txt']\nkinds = ['near']", 1),
        ("paths = ['archive']\nkinds = ['exact']", 0),
    ],
)
def test_a_pair_has_to_do_for_both_of_its_files(run: Run, override: str, code: int) -> None:
    Path("new.txt").write_text(EDITED)
    write(f"[[overrides]]\n{override}")
    assert run("check", "new.txt", "archive", "--scope", "across", "--quiet").code == code


def test_a_lower_score_holds_among_the_files_that_share_it(run: Run) -> None:
    write("min_score = 1.0\n[[overrides]]\npaths = ['archive', 'new.txt']\nmin_score = 0.5")
    Path("new.txt").write_text(EDITED)
    codes = [
        run("check", *paths, "--scope", "across", "--quiet").code for paths in (["new.txt", "archive"], ["new.txt", "once.txt"])
    ]
    assert codes == [1, 0]


def test_cleaning_heeds_overrides(run: Run) -> None:
    assert run("clean", "twice.txt", "--dry-run").out.startswith("--- twice.txt")
    write("[[overrides]]\npaths = ['twice.txt']\nmin_score = 1.0")
    assert not run("clean", "twice.txt", "--dry-run").out.startswith("---")


def test_an_override_for_no_file_is_told_where_all_is_checked(run: Run) -> None:
    write(
        "paths = ['.']\n"
        "[[overrides]]\npaths = ['archive/**']\nmin_score = 0.8\n"
        "[[overrides]]\npaths = ['archiv/**']\nmin_score = 0.8\n"
    )
    told = "dedup: dedup.toml: overrides 2: no file that was checked matches archiv/**; see dedup config\n"
    assert (run("check", "--quiet").err, run("check", "twice.txt", "--quiet").err) == (told, "")


def test_a_variable_that_sets_nothing_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEDUP_MIN_SCOR", "0.9")
    told = "dedup: DEDUP_MIN_SCOR: no setting of that name; see dedup config for those there are\n"
    assert run("check", "once.txt", "--quiet").err == told


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("min_score = 7", "dedup.toml: min_score: 7 is outside 0 to 1; "),
        ("kinds = ['foo']", "dedup.toml: kinds: unknown value 'foo'; "),
        ("[check]\nfail_on = ['x']", "dedup.toml: check.fail_on: unknown value 'x'; "),
        ("max_ratio = 9.0", "dedup.toml: max_ratio: 9 is outside 0 to 1; "),
        ("width = 3", "dedup.toml: width: 3 is too narrow; "),
    ],
)
def test_config_refuses_what_a_check_would_refuse(run: Run, setting: str, message: str) -> None:
    write(setting)
    done = run("config")
    assert (done.code, done.err.removeprefix("dedup: ").startswith(message)) == (2, True)
    assert run("check", "once.txt").err == done.err
