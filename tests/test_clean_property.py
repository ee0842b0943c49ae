"""What `dedup clean` promises, on a thousand documents in every format it writes.

What is left of a file is known from the pieces that the file was put together from: no code of `dedup` says it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from generated_files import Generator

from dedup.cli import main


def is_subsequence(text: str, of: str) -> bool:
    rest = iter(of)
    return all(character in rest for character in text)


@pytest.mark.parametrize(("scope", "each", "seed"), [("within", 60, 1), ("across", 20, 2), ("all", 20, 3)])
def test_nothing_but_repeats_goes_and_none_is_left(
    scope: str, each: int, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = Generator(seed).files(each)
    Path("in").mkdir()
    for file in files:
        Path("in", file.name).write_bytes(file.data)

    assert main(["clean", "in", "--output", "once", "--scope", scope, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    removed = {one["file"]: one["removed"] for one in report["files"]}
    assert report["counts"]["removed"] > 3 * each
    assert report["complete"]
    wrong = []
    for file in files:
        old, new = file.read(file.data), file.read(Path("once", "in", file.name).read_bytes())
        if not re.fullmatch(file.remains(removed[f"in/{file.name}"]), new) or not is_subsequence(new, old):
            wrong.append(file.name)
    assert wrong == []

    assert main(["clean", "once", "--output", "twice", "--scope", scope, "--quiet"]) == 0
    again = {file.name: Path("twice", "once", "in", file.name).read_bytes() for file in files}
    assert again == {file.name: Path("once", "in", file.name).read_bytes() for file in files}
    assert main(["check", "once", "--scope", scope, "--quiet"]) == 0, capsys.readouterr().out
