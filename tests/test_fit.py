from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from material import SPUN, TESTS

FIT = TESTS.parent / "benchmarks" / "fit.py"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the fit prints when it has the labelled articles only, and the coefficients it writes."""
    written = tmp_path_factory.mktemp("fit") / "coefficients.json"
    run = subprocess.run(
        [sys.executable, str(FIT), str(SPUN), "--write", str(written)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return run.stdout, written


def test_the_fit_prints_figures_out_of_fold_for_five_seeds(fitted: tuple[str, Path]) -> None:
    printed, _ = fitted
    figures, wrong = r"((?:\d\.\d{3} ?)+)", r"((?:\d+/\d+ ?)+)"
    match = re.search(rf"out of fold, 5 seeds: F1 at 0\.5 {figures}; false reports / hostile negatives {wrong}", printed)

    assert match
    assert len(match.group(1).split()) == len(match.group(2).split()) == 5
    assert all(float(f1) > 0.75 for f1 in match.group(1).split())


def test_the_fit_says_that_its_coefficients_are_not_the_shipped_ones(fitted: tuple[str, Path]) -> None:
    printed, written = fitted
    shipped = TESTS.parent / "dedup" / "coefficients.json"

    assert "Not the shipped coefficients" in printed
    assert json.loads(written.read_text(encoding="utf-8")) != json.loads(shipped.read_text(encoding="utf-8"))


def test_the_fit_writes_curves_that_a_score_can_be_made_of(fitted: tuple[str, Path]) -> None:
    _, written = fitted
    shipped = json.loads((TESTS.parent / "dedup" / "coefficients.json").read_text(encoding="utf-8"))

    regimes = json.loads(written.read_text(encoding="utf-8"))

    assert set(regimes) == set(shipped)
    for name, regime in regimes.items():
        assert set(regime) == {"intercept", "curves"}
        assert set(regime["curves"]) == set(shipped[name]["curves"])
        assert all(x == sorted(x) and len(x) == len(y) for x, y in regime["curves"].values())
