from __future__ import annotations

import os

import pytest

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of the hundreds of processes that tests start compiles all of `dedup`


@pytest.fixture(autouse=True)
def no_wishes_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are compared as they come without a terminal and settings, whatever variables ask for where the tests run."""
    for name in ["FORCE_COLOR", "NO_COLOR", *(name for name in os.environ if name.startswith("DEDUP_"))]:
        monkeypatch.delenv(name, raising=False)
