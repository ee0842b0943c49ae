from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_wishes_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are compared as they come without a terminal, whatever variables ask for where the tests run."""
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
