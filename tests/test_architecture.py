"""The data path is one straight line: steps do not import steps, and only `pipeline` composes them."""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

import dedup
from dedup.blocks import MARKUPS
from dedup.indexes import STORES
from dedup.readers import READERS
from dedup.reports import CLEANINGS, COMPARISONS, REPORTS

PACKAGE = Path(dedup.__file__).parent
SAMPLE = PACKAGE.parent / "samples" / "talks.txt"
MODULES = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
LONGEST = 300  # lines of a module

GROUND = ("errors", "config", "model", "columns", "matching", "scripts", "tags", "jobs", "globs", "allowance")
STEPS = (
    "paragraphs",
    "vocabulary",
    "tokens",
    "terms",
    "rarity",
    "minhash",
    "collisions",
    "lsh",
    "profiles",
    "overlap",
    "features",
    "similarity",
    "boilerplate",
    "groups",
    "copies",
)
# A step may use an earlier one only as part of itself: these are the halves of one step.
PARTS = {
    "tokens": {"vocabulary"},
    "terms": {"tokens"},
    "lsh": {"collisions"},
    "overlap": {"profiles"},
    "features": {"profiles", "overlap"},
    "similarity": {"features", "profiles", "overlap"},
}
# What puts steps together, questions what they made, or stands between them and people. The rest is steps and what these know.
DOOR = ("__main__", "cli", "commands", "complaints", "destination", "placement")
INPUT = ("readers", "references", "originals", "revisions", "changes")
CLEANING = ("cleaning", "drafts", "answers", "edges", "multiples", "account")
OUTPUT = ("results", "rows", "verdict", "explanation", "differences", "baselines", "baseline_files", "ignores", "reports")
INDEXES = ("index", "indexes", "upkeep", "exports")
OUTSIDE = ("__init__", "pipeline", "batch", "nomination", *DOOR, *INPUT, *CLEANING, *OUTPUT, *INDEXES)
TABLES = {table for known in (READERS, REPORTS, COMPARISONS, CLEANINGS, MARKUPS, STORES) for table in known.values()}


def modules(*names: str) -> list[str]:
    """Modules of these names and those in folders of these names."""
    return [module for module in MODULES if module.split("/")[0] in names]


@functools.cache
def imported_names(module: str, *, at_run_time: bool = True) -> frozenset[str]:
    """Full names of what a module imports, wherever in it, without what it needs for type annotations only."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    if at_run_time:
        tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def imported(module: str, *, at_run_time: bool = True) -> set[str]:
    """Modules and folders at the top of the package that a module imports."""
    names = imported_names(module, at_run_time=at_run_time)
    return {parts[1] for name in names if (parts := name.split("."))[0] == "dedup" and len(parts) > 1}


def test_every_module_named_here_is_there() -> None:
    there = {module.split("/")[0] for module in MODULES}
    assert {*GROUND, *STEPS, *PARTS, *OUTSIDE} <= there


@pytest.mark.parametrize("module", GROUND)
def test_the_ground_imports_nothing_but_ground(module: str) -> None:
    assert imported(module) <= set(GROUND)


@pytest.mark.parametrize("module", [module for module in MODULES if module.split("/")[0] not in OUTSIDE])
def test_a_step_knows_nothing_of_what_composes_it(module: str) -> None:
    assert imported(module, at_run_time=False).isdisjoint(OUTSIDE)


@pytest.mark.parametrize("module", STEPS)
def test_a_step_does_not_import_another_step(module: str) -> None:
    assert imported(module) & set(STEPS) <= PARTS.get(module, set())


@pytest.mark.parametrize("module", modules("readers"))
def test_a_reader_knows_nothing_but_ground_and_readers(module: str) -> None:
    assert imported(module, at_run_time=False) <= {*GROUND, "readers"}


@pytest.mark.parametrize("module", modules(*OUTPUT, *CLEANING))
def test_a_result_and_its_reports_know_nothing_of_the_door_and_of_files(module: str) -> None:
    assert imported(module, at_run_time=False).isdisjoint({*DOOR, *INPUT})


@pytest.mark.parametrize("module", modules("indexes"))
def test_a_store_knows_nothing_of_how_texts_are_read_and_scored(module: str) -> None:
    steps = set(STEPS) - {"lsh", "minhash", "rarity", "profiles"}  # plans, permutations, weights, and the type of frequencies
    assert imported(module, at_run_time=False).isdisjoint(
        {*DOOR, *INPUT, *OUTPUT, *steps, "pipeline", "batch", "nomination", "index"}
    )


@pytest.mark.parametrize("module", modules("results", "rows", "differences"))
def test_what_a_check_found_can_be_questioned_without_its_report(module: str) -> None:
    assert imported(module, at_run_time=False).isdisjoint({"reports", "explanation", "pipeline"})


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module.split("/")[0] not in ("__main__", "cli", "commands")]
)
def test_only_the_door_opens_commands(module: str) -> None:
    assert imported(module, at_run_time=False).isdisjoint({"cli", "commands", "complaints"})


@pytest.mark.parametrize("module", MODULES)
def test_a_reader_a_report_and_a_markup_are_imported_through_their_table(module: str) -> None:
    # A module of the same folder may build on one.
    folder = f"dedup.{module.split('/')[0]}."
    named = {table for table in TABLES for name in imported_names(module) if f"{name}.".startswith(f"{table}.")}
    assert {table for table in named if not table.startswith(folder)} == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_tests_and_indexes_import_datasketch(module: str) -> None:
    libraries = {name.split(".")[0] for name in imported_names(module, at_run_time=False)}
    assert module.startswith("indexes/") or libraries.isdisjoint({"datasketch", "scipy"})


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_enough_to_be_read_at_once(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST


# What is loaded when.


def loaded_after(*command_lines: list[str]) -> set[str]:
    """Names of all modules that are loaded after `dedup.cli` was imported and command lines were run."""
    code = (
        "import json, sys\n"
        "from dedup.cli import main\n"
        "for command_line in json.loads(sys.argv[1]): main(command_line)\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, json.dumps(command_lines)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)
    loaded = set(done.stderr.split())
    assert "dedup.cli" in loaded
    return loaded


def test_the_door_stands_before_everything_else() -> None:
    # So that an interrupt is told apart from the first moment on.
    assert loaded_after().isdisjoint({"typer", "numpy", "dedup.commands.app", "dedup.config", "dedup.model"})


def test_help_and_wrong_options_do_not_import_numpy() -> None:
    wrong = [
        ["clean"],
        ["clean", "x"],
        ["clean", "x", "--dry-run", "--keep", "x"],
        ["check"],
        ["check", "x", "--scope", "x"],
        ["check", "x", "--format", "x"],
        ["compare", "x"],
    ]
    loaded = loaded_after(["--help"], ["--version"], ["check", "--help"], ["clean", "--help"], ["compare", "--help"], *wrong)
    assert "dedup.commands.app" in loaded
    assert loaded.isdisjoint({"numpy", "rich", "dedup.pipeline"})


def test_a_check_imports_nothing_it_has_no_use_for() -> None:
    loaded = loaded_after(*(["check", str(SAMPLE), "--format", report] for report in REPORTS))
    assert set(REPORTS.values()) <= loaded
    assert "dedup.pipeline" in loaded
    assert loaded.isdisjoint(
        {"datasketch", "scipy", "numpy.ma", "jsonschema", "rich.console", "markdown_it", "dedup.references", "sqlite3"}
    )
    assert loaded.isdisjoint({"dedup.index", "dedup.indexes"})
    assert loaded.isdisjoint({"lxml", "dedup.tags", "dedup.blocks.html", "dedup.readers.html"})
    assert loaded.isdisjoint(
        {"dedup.cleaning", "dedup.originals", "dedup.placement", "dedup.readers.fields", "dedup.reports.diff"}
    )
    assert loaded.isdisjoint({"feedparser", "urllib.request", "http.client", "xml.parsers.expat"})
    assert "numpy.random" not in loaded  # milliseconds, for a table of three kilobytes


def test_a_comparison_imports_nothing_it_has_no_use_for() -> None:
    loaded = loaded_after(["compare", f"{SAMPLE}#2", f"{SAMPLE}#3"])
    assert "dedup.pipeline" in loaded
    assert loaded.isdisjoint({"datasketch", "scipy", "numpy.ma", "jsonschema", "rich.console", "markdown_it"})
