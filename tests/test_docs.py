"""The README keeps its word: every example runs, and prints what stands below it; every table says what the program says.

`python tests/test_docs.py` puts what the examples print now into the README. Read the difference before you commit it.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from dedup import Config, Document, Pair, Place, Result
from dedup.cli import INTERRUPTED, PIPE_CLOSED, TERMINATED, main
from dedup.commands import CLEAN, NOT_CHECKED, REPEATS
from dedup.commands.app import app
from dedup.commands.options import WIDTH
from dedup.explanation import RARE
from dedup.reports import NARROWEST, cards, sheet
from dedup.reports.layout import SIDE_BY_SIDE
from dedup.results import Counts

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")

# A block of code with what it prints right below it, if anything.
EXAMPLE = re.compile(r"^```(?P<language>sh|python)\n(?P<code>.*?)^```$(?:\n\n^```text\n(?P<output>.*?)^```$)?", re.M | re.S)
# What would change settings, colours, or the width of help.
OURS = {name for name in os.environ if name == "FORCE_COLOR" or name.startswith("DEDUP_")}
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if name not in OURS}, "COLUMNS": "80"}
SECONDS = re.compile(r"^took \d+\.\d\d s$", re.M)


class Example(NamedTuple):
    language: str
    code: str
    output: str | None


EXAMPLES = [Example(*match.group("language", "code", "output")) for match in EXAMPLE.finditer(README)]
SETUP = [example.code for example in EXAMPLES if example.code.startswith("python3")]
COMMANDS = [example for example in EXAMPLES if example.code.startswith("dedup ")]
PYTHON = [example for example in EXAMPLES if example.language == "python"]


@functools.cache
def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in the repository; `dedup` and python of the README are those of the tests."""
    program, *arguments = shlex.split(command)
    if program == "dedup":
        return run_here(arguments)
    command_line = [sys.executable, *{".venv/bin/dedup": ["-m", "dedup"], ".venv/bin/python": []}[program], *arguments]
    return subprocess.run(
        command_line, capture_output=True, check=False, cwd=ROOT, encoding="utf-8", stdin=subprocess.DEVNULL, env=ENVIRONMENT
    )


def run_here(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the program in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patched:
        patched.chdir(ROOT)
        for name in OURS:
            patched.delenv(name, raising=False)
        patched.setenv("COLUMNS", ENVIRONMENT["COLUMNS"])
        return subprocess.CompletedProcess(arguments, main(arguments), out.getvalue(), err.getvalue())


def printed(code: str) -> str:
    """What Python code prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    return out.getvalue()


def timeless(text: str | None) -> str | None:
    return text and SECONDS.sub("took … s", text)


def section(heading: str) -> str:
    """The text below a heading, up to the next one of its rank or above."""
    marks = re.escape(heading.split()[0])
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{2,{len(marks.replace(chr(92), ''))}}} |\Z)", README, re.M | re.S)
    assert found, f"no heading {heading!r}"
    return found[1]


def table(text: str, head: str) -> dict[str, list[str]]:
    """The table whose head begins so: the other cells of each row by its first."""
    found = re.search(rf"^\| {re.escape(head)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M)
    assert found, f"no table {head!r}"
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found[1].splitlines()]
    return {first: rest for first, *rest in rows}


def names(table_of_names: dict[str, Any]) -> list[str]:
    """What the first cells name, several in some."""
    return [name for cell in table_of_names for name in re.findall(r"`(\w+)", cell)]


# ------------------------------------------------------------------------------------------------------------- examples


def test_every_example_is_tested() -> None:
    blocks = re.findall(r"^```(\w*)$(?=.*?^```$)", README, re.M | re.S)
    assert sum(language in ("sh", "python") for language in blocks) == len(EXAMPLES)
    assert len(SETUP) + len(COMMANDS) + len(PYTHON) == len(EXAMPLES)
    assert len(SETUP) == 2
    assert all(example.output for example in COMMANDS + PYTHON)


@pytest.mark.parametrize("example", COMMANDS, ids=lambda example: example.code.strip())
def test_a_command_prints_what_stands_below_it(example: Example) -> None:
    done = run(example.code)
    expected_code = 1 if example.code.startswith("dedup check") else 0
    assert (timeless(done.stdout), done.stderr, done.returncode) == (timeless(example.output), "", expected_code)


@pytest.mark.parametrize("example", PYTHON, ids=lambda example: example.code.splitlines()[-1])
def test_python_prints_what_stands_below_it(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert printed(example.code) == example.output


def test_the_readme_opens_with_a_run_then_the_set_up_then_five_lines_of_library() -> None:
    first, *rest = EXAMPLES
    assert first.code == "dedup check samples/talks.txt\n"
    assert [example.code for example in rest[:2]] == SETUP
    assert rest[2] is PYTHON[0]
    assert len([line for line in PYTHON[0].code.splitlines() if line]) == 5


@pytest.mark.parametrize(("command", "installed"), list(zip(SETUP, (".", '-e ".[dev]"'), strict=True)), ids=["check", "test"])
def test_a_setup_command_is_one_line_that_makes_an_environment_of_its_own(command: str, installed: str) -> None:
    assert command.count("\n") == 1
    make, install, _ = (part.strip() for part in command.split("&&"))
    assert make == "python3 -m venv .venv"
    assert install == f".venv/bin/python -m pip install --quiet {installed}"


def last_part(command: str) -> str:
    return command.split("&&")[-1].strip()


def test_the_first_setup_command_checks_the_sample_and_finds_repeats() -> None:
    done = run(last_part(SETUP[0]))
    assert (timeless(done.stdout), done.returncode) == (timeless(COMMANDS[0].output), 1)
    assert f"It ends with exit code {done.returncode}." in README


def test_the_second_setup_command_runs_the_tests() -> None:
    done = run(last_part(SETUP[1]) + " --collect-only tests/test_docs.py")
    assert done.returncode == 0, done.stdout
    assert "test_the_second_setup_command_runs_the_tests" in done.stdout


def test_one_line_of_the_readme_runs_the_tests() -> None:
    assert len(re.findall(r"^python3 .*pytest", README, re.M)) == 1  # .ci/run takes it from there


# --------------------------------------------------------------------------------------------------------------- tables


COMMANDS_OF_THE_APP = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def offered_by(command: str) -> dict[str, str]:
    """The options that the help of a command lists, with their defaults; of a group those of all its commands."""
    if inner := getattr(COMMANDS_OF_THE_APP.get(command), "commands", None):
        return {option: default for name in inner for option, default in offered_by(f"{command} {name}").items()}
    offered = {}
    for option, text in re.findall(
        r"^  (--[a-z-]+(?: [A-Z]+)?)(.*(?:\n {5,}.*)*)", run(f"dedup {command} --help").stdout, re.M
    ):
        default = re.search(r"\[default:\s+([^\]]+)\]", text)
        required = "required" if "[required]" in text else "off"
        offered[option] = " ".join(default[1].split()).strip("()") if default else required
    return offered


@pytest.mark.parametrize("command", COMMANDS_OF_THE_APP)
def test_an_options_table_has_every_option_and_its_default(command: str) -> None:
    offered = offered_by(command)

    rows = table(section(f"{'##' if command == 'check' else '###'} Options of `dedup {command}`"), "option")
    listed = {option.strip("`"): default.strip("`") for option, (default, _) in rows.items()}

    assert listed == offered
    assert list(listed) == list(offered) or command in ("check", "index")


def variables() -> str:
    """The rows of the table of variables."""
    commands: dict[str, list[str]] = {}
    inner = {f"index {name}": command for name, command in COMMANDS_OF_THE_APP["index"].commands.items()}
    for name, command in {**COMMANDS_OF_THE_APP, **inner}.items():
        for parameter in command.params:
            if parameter.envvar:
                commands.setdefault(parameter.envvar, []).append(f"`{name}`")
    return "".join(f"| `{name}` | {', '.join(commands[name])} |\n" for name in sorted(commands))


def test_the_table_of_variables_is_that_of_the_program() -> None:
    assert variables() in section("### Variables")


def test_the_table_of_exit_codes_has_every_one() -> None:
    codes = {int(code) for cell in table(section("### Exit codes"), "code") for code in cell.split(", ")}
    assert codes == {CLEAN, REPEATS, NOT_CHECKED, INTERRUPTED, TERMINATED, PIPE_CLOSED}


def test_the_example_of_settings_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"^```toml\n(.*?)^```$", section("## Settings"), re.M | re.S)
    assert found
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(found[1], encoding="utf-8")
    assert main(["config"]) == 0


@pytest.mark.parametrize(("kind", "heading"), [(Document, "of a `Document`"), (Config, "of a `Config`")])
def test_a_table_of_settings_has_every_field_and_its_default(kind: type, heading: str) -> None:
    rows = table(section("## The library"), heading)
    fields = dataclasses.fields(kind)
    assert names(rows) == [field.name for field in fields]

    defaults = {field.name: field.default for field in fields}
    for cell, (written, _) in rows.items():
        if written == "all four":
            continue
        for name, value in zip(re.findall(r"`(\w+)`", cell), written.split(", "), strict=True):
            assert value == ("–" if defaults[name] is dataclasses.MISSING else "`" + json_like(defaults[name]) + "`")


def json_like(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_what_is_said_of_results_pairs_and_places_is_there() -> None:
    library = section("## The library")
    assert {name for name in names(table(library, "of a result")) if name != "len"} <= set(dir(Result)) | {
        field.name for field in dataclasses.fields(Result)
    }
    of_a_pair = table(library, "of a pair")
    assert {*names(of_a_pair)} == {field.name for field in dataclasses.fields(Pair)} | {"same_document", "unseen"}
    assert re.findall(r"`(\w+)`", of_a_pair["`a`, `b`"][0]) == [field.name for field in dataclasses.fields(Place)]


def schema(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((ROOT / "dedup" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_the_fields_of_a_pair_are_those_of_its_schema() -> None:
    rows = table(section("### `jsonl`: one pair a line"), "field")
    parts = schema("report")["$defs"]
    assert sorted(names(rows)) == sorted([*parts["pair"]["properties"], *parts["place"]["properties"]])
    shares = re.findall(r"`(\w+)`", rows["`evidence`"][0])
    assert set(shares) - {"null"} == set(parts["evidence"]["required"])


def test_the_members_of_the_json_reports_are_those_of_their_schemas() -> None:
    text = section("### `json`: everything in one object")
    first, second = text.split("dedup compare --format json")
    members = table(first, "member")
    assert names(members) == list(schema("report")["properties"])
    assert set(re.findall(r"`(\w+)`", members["`counts`"][0])) == {
        *(field.name for field in dataclasses.fields(Counts)),
        "ignored",
        "excluded",
    }

    pair = set(schema("report")["$defs"]["pair"]["properties"]) - {"group", "counts", "why", "reason", "copies"}
    assert {*names(table(second, "member"))} | pair == set(schema("comparison")["properties"])


def test_the_figures_of_the_text_report_are_those_of_the_code() -> None:
    text = " ".join((section("## The text report") + section("## Options of `dedup check`")).split())
    for words in (
        f"From {SIDE_BY_SIDE} columns on",
        f"of which {sheet.LISTED} are named",
        f"cut at {sheet.LONGEST:,} characters",
        f"fewer than {10 ** (RARE - 3):.0f} in a million words",
        f"the report has {WIDTH} columns",
        f"how wide the text report is, {NARROWEST} or more",
    ):
        assert words in text


def test_the_figures_of_the_html_report_are_those_of_the_code() -> None:
    text = " ".join(section("## The HTML report").split())
    assert f"the best {cards.MOST:,} entries" in text
    assert f"cut at {sheet.LONGEST:,} characters" in text


# ---------------------------------------------------------------------------------------------------- files and pictures


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = re.findall(r"`((?:dedup|tests|benchmarks|samples|\.ci|\.github)/[\w./-]+)`", text)
    places = (ROOT, (ROOT / name).parent)
    paths = [path for path in linked + named if "NAME" not in path]
    missing = [path for path in paths if not any((place / path).exists() for place in places)]
    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_every_heading_that_a_page_links_to_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for file, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
        page = (ROOT / name).parent / file if file else ROOT / name
        headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
        assert anchor in [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def modules() -> set[str]:
    """Every module by its path in the package."""
    package = ROOT / "dedup"
    found = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    return {path for path in found if not path.endswith(("__init__.py", "__main__.py"))}


def test_the_map_of_contributing_names_every_module_and_nothing_else() -> None:
    named = set()
    for row, (told,) in table((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), "file").items():
        files = re.findall(r"`([\w/]+(?:\.py|/))`", row)
        folders = [file for file in files if file.endswith("/")]
        named |= {file for file in files if file not in folders}
        named |= {folder + file for folder in folders for file in re.findall(r"`(\w+\.py)`", told)}
    assert named == modules()


def test_the_map_of_the_readme_names_what_is_there() -> None:
    found = re.search(r"```text\ndedup/\n(.*?)```", section("## Map of the code"), re.S)
    assert found
    named = set(re.findall(r"(?<![\w/])(\w+\.(?:py|bin|json)|\w+/)(?= )", found[1]))
    there = {path.name for folder in ("dedup", "benchmarks") for path in (ROOT / folder).rglob("*.*")}
    folders = {f"{path.name}/" for parent in (ROOT, ROOT / "dedup") for path in parent.iterdir() if path.is_dir()}
    assert named <= there | folders
    assert {path.split("/")[0] + "/" for path in modules() if "/" in path} <= named


def test_every_script_has_a_line_in_the_page_about_them() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in (ROOT / "benchmarks").glob("*.py") if f"`{path.name}`" not in page} == set()


def test_the_picture_is_what_its_script_draws(tmp_path: Path) -> None:
    drawn = tmp_path / "s-curve.svg"
    done = run(f".venv/bin/python benchmarks/s_curve.py {shlex.quote(str(drawn))}")
    assert done.returncode == 0, done.stderr
    assert drawn.read_text(encoding="utf-8") == (ROOT / "benchmarks" / "s-curve.svg").read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------------------- pasting


def pasted(match: re.Match[str]) -> str:
    """An example with what it prints now; what differs in its seconds alone stays as it is."""
    if match["output"] is None:
        return match[0]
    output = printed(match["code"]) if match["language"] == "python" else run(match["code"]).stdout
    return (
        match[0]
        if timeless(output) == timeless(match["output"])
        else f"```{match['language']}\n{match['code']}```\n\n```text\n{output}```"
    )


if __name__ == "__main__":
    rows = re.compile(r"(^\| variable \| commands \|\n\|---\|---\|\n)(?:\|.*\n)*", re.M)
    (ROOT / "README.md").write_text(rows.sub(rf"\1{variables()}", EXAMPLE.sub(pasted, README)), encoding="utf-8")
