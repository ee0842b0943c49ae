"""What `dedup clean` promises, on a thousand documents in every format it writes, and on pages and feeds with labels.

What is left of a generated file is known from the pieces that it was put together from: no code of `dedup` says it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generated_files import Generator
from material import SPUN

from dedup.cli import main

Report = dict[str, Any]
Pair = frozenset[tuple[str, int]]  # of paragraphs, by document and number


@pytest.fixture
def cleaned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Report]:
    """Clean the folder `in` into the folder `once`, and see that nothing is left there to be cleaned or to be found."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()

    def cleaned(scope: str) -> Report:
        assert main(["clean", "in", "--scope", scope, "--output", "once", "--format", "json"]) == 0
        report: Report = json.loads(capsys.readouterr().out)
        assert report["complete"]
        assert main(["clean", "once", "--scope", scope, "--output", "twice", "--quiet"]) == 0
        assert contents(Path("once")) == contents(Path("twice", "once"))
        assert main(["check", "once", "--scope", scope, "--quiet"]) == 0, capsys.readouterr().out
        return report

    return cleaned


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(("scope", "each", "seed"), [("within", 72, 1), ("across", 14, 2), ("all", 14, 3)])
def test_of_a_thousand_documents_nothing_but_paragraphs_that_are_reported_goes(
    cleaned: Callable[[str], Report], scope: str, each: int, seed: int
) -> None:
    files = {f"in/{file.name}": file for file in Generator(seed).files(each)}
    for name, file in files.items():
        Path(name).write_bytes(file.data)

    report = cleaned(scope)

    assert report["counts"]["removed"] > 10 * each
    assert sorted(files) == sorted(one["file"] for one in report["files"])
    for one in report["files"]:
        file = files[one["file"]]
        left = file.read(Path(one["written"]).read_bytes())
        assert re.fullmatch(file.remains(one["removed"]), left), one["file"]
        assert Counter(left) <= Counter(file.read(file.data)), one["file"]


def labelled_pages() -> Iterator[Pair]:
    for page in json.loads((SPUN / "html" / "truth.json").read_text(encoding="utf-8"))["pages"]:
        yield from (frozenset((f"in/{page['file']}", pair[side]) for side in "ab") for pair in page["pairs"])


def labelled_feeds() -> Iterator[Pair]:
    for feed in json.loads((SPUN / "feeds" / "truth.json").read_text(encoding="utf-8"))["feeds"]:
        yield from (frozenset((pair[side]["guid"], pair[side]["p"]) for side in "ab") for pair in feed["pairs"])


@pytest.mark.parametrize("scope", ["within", "all"])
def test_of_labelled_pages_and_feeds_one_of_each_pair_goes(cleaned: Callable[[str], Report], scope: str) -> None:
    for path in [*SPUN.glob("html/page*"), *SPUN.glob("feeds/[!t]*")]:
        Path("in", path.name).write_bytes(path.read_bytes())

    report = cleaned(scope)

    expected = {"within": [*labelled_pages()], "all": [*labelled_pages(), *labelled_feeds()]}
    removed = [removal for file in report["files"] for removal in file["removed"]]
    assert len(removed) == len(expected[scope])
    assert set(expected[scope]) == {
        frozenset((one["document"], one["paragraph"]) for one in (removal, removal["kept"])) for removal in removed
    }
