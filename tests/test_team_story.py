"""What a team does with a check that it keeps switched on, from the first day to a repeat that was mended."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from dedup.cli import main
from dedup.reports import REPORTS
from tests.test_reports import GULLS, LEASE, NIGHT, QUIET, RENT, STAFF

# How a report names a line of a file.
NAMED = {
    "json": r'"file": "{file}",[^{{}}]* "line": {line}[,}}]',
    "jsonl": r'"file": "{file}",[^{{}}]* "line": {line}[,}}]',
    "sarif": r'"uri": "{file}"[^}}]*}}, "region": {{"startLine": {line}}}',
    "github": r"^::warning file={file},line={line},",
    "junit": r'file="{file}" line="{line}"',
}
ANYWHERE = r"{file}:{line}\b"


def named(report: str, file: str, line: int, text: str) -> bool:
    pattern = NAMED.get(report, ANYWHERE).format(file=re.escape(file), line=line)
    return re.search(pattern, text, re.M) is not None


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of articles in a new repository."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    folder = Path("content")
    folder.mkdir()
    write(folder / "library.md", "# The library", NIGHT, STAFF)
    write(folder / "lease.md", RENT, GULLS)
    write(folder / "again.md", LEASE)
    return folder


def write(path: Path, *texts: str) -> None:
    path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")


def test_the_story_of_a_team(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def dedup(*arguments: str) -> tuple[int, str, str]:
        return main(["check", "content", *arguments]), *capsys.readouterr()

    everything = [f"--report={name}=report.{name}" for name in REPORTS]

    # The first check fails: there are old repeats, which nobody has the time to mend now.
    code, out, _ = dedup()
    assert (code, "1 repeat in 1 group: 1 near" in out) == (1, True)

    # They are accepted, and the check passes from now on.
    code, _, told = dedup("--write-baseline", "baseline.json", "--quiet")
    assert (code, told) == (0, "dedup: baseline.json: 1 repeat accepted; from now on check with --baseline baseline.json\n")
    accepted = Path("baseline.json").read_bytes()
    code, _, told = dedup("--baseline", "baseline.json", *everything)
    assert (code, told) == (0, "")
    assert not any(
        named(name, "content/lease.md", 1, Path(f"report.{name}").read_text()) for name in REPORTS if name != "sarif"
    )
    [alert] = json.loads(Path("report.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert alert["suppressions"] == [{"kind": "external", "justification": "baselined"}]

    # A paragraph moves within its file, another one into a file of another name.
    write(content / "lease.md", GULLS, RENT)
    (content / "again.md").rename(content / "moved.md")
    code, _, told = dedup("--baseline", "baseline.json", "--quiet")
    assert (code, told) == (0, "")

    # Somebody writes again what is there already, in other words. Every report says where.
    write(content / "library.md", "# The library", NIGHT, STAFF)
    write(content / "nights.md", "# Nights", "Who comes?", QUIET)
    code, _, told = dedup("--baseline", "baseline.json", *everything)
    assert (code, told) == (1, "")
    for name in REPORTS:
        text = Path(f"report.{name}").read_text(encoding="utf-8")
        assert named(name, "content/nights.md", 5, text), name
        if name not in ("sarif", "json"):  # where accepted repeats stand too, and what is in a group
            assert not named(name, "content/lease.md", 3, text), name
    [pair] = [json.loads(line) for line in Path("report.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (pair["kind"], pair["a"]["line"], pair["b"]["line"]) == ("paraphrase", 3, 5)

    # It is mended, and an old repeat along with it. What is mended leaves the baseline.
    write(content / "nights.md", "# Nights", "Who comes?")
    write(content / "moved.md", "The landlord of the library on the river has a say in all of this, and has not spoken yet.")
    code, out, _ = dedup("--baseline", "baseline.json", "--quiet")
    assert (code, "fixed: 1 repeat of the baseline" in out, Path("baseline.json").read_bytes() == accepted) == (0, True, True)
    code, _, told = dedup("--baseline", "baseline.json", "--prune-baseline", "--quiet")
    assert (code, told) == (0, "dedup: baseline.json: 1 repeat fixed and taken out; left: 0\n")
    assert json.loads(Path("baseline.json").read_text(encoding="utf-8"))["repeats"] == []

    # It does not come back unseen.
    write(content / "moved.md", LEASE)
    code, _, _ = dedup("--baseline", "baseline.json", "--quiet")
    assert code == 1
