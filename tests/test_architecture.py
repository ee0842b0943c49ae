"""The data path is one straight line: steps do not import steps, and only `pipeline` composes them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dedup

PACKAGE = Path(dedup.__file__).parent
SAMPLE = PACKAGE.parent / "samples" / "talks.txt"

GROUND = ("errors", "config", "model", "columns", "scripts")
STEPS = (
    "paragraphs",
    "vocabulary",
    "tokens",
    "terms",
    "rarity",
    "minhash",
    "lsh",
    "profiles",
    "features",
    "similarity",
    "groups",
    "copies",
)
OUTSIDE = ("pipeline", "cli", "readers", "reports", "results", "destination", "__main__")
# A step may use an earlier one only as part of itself: these are the halves of one step.
PARTS = {"tokens": {"vocabulary"}, "terms": {"tokens"}, "features": {"profiles"}, "similarity": {"features", "profiles"}}


def imported(module: str, *, at_run_time: bool = True) -> set[str]:
    """Modules of the package that a module imports, without those it needs for type annotations only."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    if at_run_time:
        tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {parts[1] for name in names if (parts := name.split("."))[0] == "dedup" and len(parts) > 1}


@pytest.mark.parametrize("module", GROUND)
def test_the_ground_imports_nothing_but_ground(module: str) -> None:
    assert imported(module) <= set(GROUND)


@pytest.mark.parametrize("module", STEPS)
def test_a_step_knows_nothing_of_what_composes_it(module: str) -> None:
    assert imported(module, at_run_time=False).isdisjoint(OUTSIDE)


@pytest.mark.parametrize("module", STEPS)
def test_a_step_does_not_import_another_step(module: str) -> None:
    assert imported(module) & set(STEPS) <= PARTS.get(module, set())


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_tests_and_indexes_import_datasketch(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert "indexes" in path.parts or {name.split(".")[0] for name in names}.isdisjoint({"datasketch", "scipy"})


def modules_after(*arguments: str) -> set[str]:
    """Names of all modules that are loaded after a command line was run."""
    code = f"import sys; from dedup.cli import main; main({list(arguments)!r}); print(*sys.modules, sep='\\n', file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)
    loaded = set(run.stderr.split())
    assert "dedup.cli" in loaded
    return loaded


def test_check_imports_neither_datasketch_nor_scipy() -> None:
    loaded = modules_after("check", str(SAMPLE))

    assert "dedup.pipeline" in loaded
    assert loaded.isdisjoint({"datasketch", "scipy"})


def test_help_does_not_import_numpy() -> None:
    assert "numpy" not in modules_after("--help")
    assert "numpy" not in modules_after("check", "--help")
