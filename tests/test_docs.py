"""The README keeps its word: every example runs, and prints what stands below it."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


class Example(NamedTuple):
    """A block of code, and the block of text right below it, if any."""

    language: str
    code: str
    output: str | None


def examples() -> list[Example]:
    """Every fenced block that names a language of its own."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", README, re.MULTILINE | re.DOTALL)
    return [Example(language, code, output or None) for language, code, output in blocks if language != "text"]


SHELL = [example for example in examples() if example.language == "sh"]
SETUP = [example.code for example in SHELL if example.code.startswith("python3")]
COMMANDS = [example for example in SHELL if example.code.startswith("dedup ")]
PYTHON = [example for example in examples() if example.language == "python"]


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in the repository; `dedup` and python of the README are those of the tests."""
    program, *arguments = shlex.split(command)
    own = {"dedup": ["-m", "dedup"], ".venv/bin/dedup": ["-m", "dedup"], ".venv/bin/python": []}[program]
    command_line = [sys.executable, *own, *arguments]
    return subprocess.run(command_line, capture_output=True, check=False, cwd=ROOT, encoding="utf-8", stdin=subprocess.DEVNULL)


def last_part(command: str) -> str:
    return command.split("&&")[-1].strip()


def test_every_example_is_tested() -> None:
    assert {example.language for example in examples()} == {"sh", "python"}
    assert len(SETUP) + len(COMMANDS) == len(SHELL)
    assert (len(SETUP), len(COMMANDS), len(PYTHON)) == (2, 2, 2)


@pytest.mark.parametrize("example", COMMANDS, ids=lambda example: example.code.strip())
def test_a_command_prints_what_stands_below_it(example: Example) -> None:
    done = run(example.code)
    assert (done.stdout, done.stderr, done.returncode) == (example.output, "", 1)


@pytest.mark.parametrize("example", PYTHON, ids=["library", "limit"])
def test_python_prints_what_stands_below_it(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(example.code, "README.md", "exec"), {})
    assert printed.getvalue() == example.output


@pytest.mark.parametrize(("command", "installed"), list(zip(SETUP, (".", '".[dev]"'), strict=True)), ids=["check", "test"])
def test_a_setup_command_is_one_line_that_makes_an_environment_of_its_own(command: str, installed: str) -> None:
    assert command.count("\n") == 1
    make, install, _ = (part.strip() for part in command.split("&&"))
    assert make == "python3 -m venv .venv"
    assert install == f".venv/bin/python -m pip install --quiet -e {installed}"


def test_the_first_setup_command_checks_the_sample_and_finds_repeats() -> None:
    done = run(last_part(SETUP[0]))
    assert (done.stdout, done.returncode) == (COMMANDS[0].output, 1)
    assert f"It ends with exit code {done.returncode}." in README


def test_the_second_setup_command_runs_the_tests() -> None:
    done = run(last_part(SETUP[1]) + " --collect-only tests/test_docs.py")
    assert done.returncode == 0, done.stdout
    assert "test_the_second_setup_command_runs_the_tests" in done.stdout


def test_the_options_table_has_every_option_and_its_default() -> None:
    offered = dict(re.findall(r"^  (--[a-z-]+)(.*(?:\n {5,}.*)*)", run("dedup check --help").stdout, re.MULTILINE))
    listed = dict(re.findall(r"^\| `(--[a-z-]+)[^`]*` \| ([^|]*) \|", README, re.MULTILINE))
    assert listed.keys() == offered.keys()
    for option, description in offered.items():
        default = re.search(r"\[default:\s+([^\]]+)\]", description)
        if default and option != "--kinds":
            assert listed[option] == f"`{default[1]}`"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md"])
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = re.findall(r"`((?:dedup|tests|benchmarks|samples|\.ci|\.github)/[\w./-]+)`", text)
    places = (ROOT, (ROOT / name).parent)
    paths = [path for path in linked + named if "NAME" not in path]
    missing = [path for path in paths if not any((place / path).exists() for place in places)]
    assert missing == []


def test_the_map_names_every_module() -> None:
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    modules = {path.name for path in (ROOT / "dedup").rglob("*.py")} - {"__init__.py", "__main__.py"}
    assert {module for module in modules if module not in text} == set()
