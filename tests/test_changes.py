"""Only what changed since a commit counts: as git has it, whatever its settings, and whatever files are called."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import dedup.changes
from dedup.changes import Span, read_binaries, read_diff
from dedup.cli import main
from tests.test_reports import GULLS, NIGHT, QUIET, STAFF

Run = Callable[..., tuple[int, list[set[int]], list[str]]]
OTHER = "A ferry with two goats and a crate of 400 eggs left the quay at Hexwick before anybody had paid for the crossing."


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, check=True, encoding="utf-8")
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit, in a folder of its own."""
    root = tmp_path / "site"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text(
        "[user]\n name = A\n email = a@example.org\n[init]\n defaultBranch = main\n", encoding="utf-8"
    )
    git("init", "--quiet")
    article("night.txt", NIGHT, STAFF, QUIET)
    commit()
    return root


def article(name: str, *texts: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("\n\n".join(texts) + "\n", encoding="utf-8")


def commit() -> None:
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "x")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Check what changed since HEAD, or since what is given; the lines of each pair that counts."""

    def run(*paths: str, since: str = "HEAD") -> tuple[int, list[set[int]], list[str]]:
        code = main(["check", *(paths or ["."]), "--changed-since", since, "--format", "json", "--no-text"])
        captured = capsys.readouterr()
        pairs = json.loads(captured.out)["pairs"] if captured.out else []
        return code, [{pair["a"]["line"], pair["b"]["line"]} for pair in pairs], captured.err.splitlines()

    return run


def test_what_was_there_does_not_count_but_is_compared(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == (0, [], [])
    main(["check", ".", "--changed-since", "HEAD", "--all", "--format", "jsonl"])
    [pair] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (pair["counts"], pair["why"]) == (False, "outside the changed lines")
    main(["check", ".", "--changed-since", "HEAD", "--quiet"])
    assert "no repeats; not counted: 1 (1 outside the changed lines)" in capsys.readouterr().out


def stage() -> None:
    git("add", "--all")


@pytest.mark.parametrize("then", [lambda: None, stage, commit])
def test_an_added_paragraph_counts_in_the_folder_staged_or_committed(then: Callable[[], None], run: Run) -> None:
    since = git("rev-parse", "HEAD")
    article("night.txt", NIGHT, STAFF, QUIET, STAFF)
    then()
    assert run(since=since) == (1, [{3, 7}], [])


def test_a_new_file_counts_tracked_or_not(run: Run) -> None:
    article("new.txt", STAFF)
    assert run()[:2] == (1, [{1, 3}])
    git("add", "new.txt")
    assert run()[:2] == (1, [{1, 3}])
    Path(".gitignore").write_text("new.txt\n", encoding="utf-8")
    git("rm", "--quiet", "--cached", "new.txt")
    assert run()[:2] == (1, [{1, 3}])  # nothing says that it did not change


def test_an_edited_line_of_a_wrapped_paragraph_counts(run: Run) -> None:
    words = QUIET.split()
    wrapped = "\n".join(" ".join(words[place : place + 9]) for place in range(0, len(words), 9))
    article("night.txt", NIGHT, STAFF, wrapped)
    commit()
    article("night.txt", NIGHT, STAFF, wrapped.replace("accountancy", "bookkeeping"), OTHER)
    assert run()[:2] == (1, [{1, 5}])
    lines = Path("night.txt").read_text(encoding="utf-8").split("\n")
    git("checkout", "--quiet", "night.txt")
    Path("night.txt").write_text("\n".join(lines[:5] + lines[6:-3]) + "\n", encoding="utf-8")
    assert run()[:2] == (1, [{1, 5}])  # a line was taken out of it


def test_what_stands_beside_a_change_does_not_count(run: Run) -> None:
    article("night.txt", OTHER, NIGHT, STAFF.upper(), QUIET, GULLS)
    assert run() == (0, [], [])
    article("night.txt", NIGHT, QUIET)
    assert run() == (0, [], [])


def test_a_renamed_file_did_not_change(run: Run) -> None:
    git("mv", "night.txt", "day.txt")
    assert run() == (0, [], [])
    article("day.txt", NIGHT, STAFF, QUIET, STAFF)
    assert run()[:2] == (1, [{3, 7}])


def test_what_changed_elsewhere_since_is_not_ours(run: Run) -> None:
    git("checkout", "--quiet", "-b", "ours")
    article("ours.txt", OTHER)
    commit()
    git("checkout", "--quiet", "main")
    article("night.txt", NIGHT, STAFF, OTHER)
    commit()
    git("checkout", "--quiet", "ours")
    assert run(since="main") == (0, [], [])


@pytest.mark.parametrize(
    "name", ["a b.txt", "ümläut 文.txt", 'quo"te.txt', "tab\there.txt", "back\\slash.txt", "-x.txt", "b/b b.txt"]
)
def test_names_may_be_anything(name: str, run: Run) -> None:
    article(name, GULLS, OTHER)
    commit()
    article(name, GULLS, OTHER, GULLS)
    assert run(".")[:2] == (1, [{1, 5}])
    assert run(os.path.abspath(name))[:2] == (1, [{1, 5}])


def test_lines_that_look_like_a_diff_are_lines(run: Run) -> None:
    diff = "++ b/night.txt\n@@ -1 +1 @@\n-- a/x\n\\ No newline at end of file"
    article("z.md", OTHER, "    " + diff.replace("\n", "\n    "))
    article("y.txt", diff)
    commit()
    article("y.txt", diff.replace("x", "z"), OTHER)
    assert run("night.txt") == (0, [], [])
    assert [one for one in run(".")[1] if one != {1, 6}] == []


def test_records_count_by_their_lines_and_items_of_feeds_by_theirs(run: Run) -> None:
    records = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate((NIGHT, QUIET, GULLS, OTHER))]
    Path("r.jsonl").write_text("\n".join(records) + "\n", encoding="utf-8")
    items = [
        f"<item>\n<guid>{number}</guid>\n<description>{text}</description>\n</item>"
        for number, text in enumerate((NIGHT, QUIET, GULLS))
    ]
    Path("f.rss").write_text("<rss version='2.0'><channel>\n" + "\n".join(items) + "\n</channel></rss>\n", encoding="utf-8")
    Path("r.csv").write_text(f'id,text\n1,"{NIGHT}\n\nx"\n2,"{QUIET}\n\nx"\n3,"{GULLS}"\n', encoding="utf-8")
    commit()
    git("rm", "--quiet", "night.txt")
    Path("r.jsonl").write_text("\n".join([*records, json.dumps({"id": "9", "text": GULLS})]) + "\n", encoding="utf-8")
    assert run("r.jsonl") == (1, [{3, 5}], [])
    feed = Path("f.rss").read_text(encoding="utf-8")
    Path("f.rss").write_text(feed.replace("<guid>2<", "<guid>7<"), encoding="utf-8")
    assert run("f.rss") == (0, [], [])
    Path("f.rss").write_text(feed.replace("<guid>1<", "<guid>7<"), encoding="utf-8")
    assert run("f.rss") == (1, [{2, 6}], [])
    rows = Path("r.csv").read_text(encoding="utf-8")
    Path("r.csv").write_text(rows.replace('x"\n3', 'y"\n3'), encoding="utf-8")
    assert run("r.csv") == (1, [{2, 5}], [])


def test_what_git_has_no_lines_of_counts(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("p.txt.gz").write_bytes(gzip.compress(f"{GULLS}\n\n{GULLS}\n".encode(), mtime=0))
    Path(".gitattributes").write_text("*.md filter=stored\n", encoding="utf-8")
    article("lfs.md", GULLS, GULLS)
    commit()
    assert run("p.txt.gz", "lfs.md") == (0, [], [])
    Path("p.txt.gz").write_bytes(gzip.compress(f"{GULLS}\n\n{GULLS}\n\nx\n".encode(), mtime=0))
    assert run("p.txt.gz") == (1, [{1, 3}], [])
    article("lfs.md", GULLS, GULLS, "x")
    assert run("lfs.md") == (1, [{1, 3}], [])

    (tmp_path / "site2").mkdir()
    (tmp_path / "site2" / "a.txt").write_text(f"{GULLS}\n\n{GULLS}\n", encoding="utf-8")
    assert run("../site2/a.txt") == (1, [{1, 3}], [])
    Path("link.txt").symlink_to("night.txt")
    assert run("link.txt") == (0, [], [])


def test_settings_of_git_change_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = (
        "diff.noprefix=true diff.external=false diff.mnemonicPrefix=true color.ui=always diff.interHunkContext=99 "
        "diff.context=9 diff.renames=false diff.relative=true core.quotepath=true core.pager=false diff.x.textconv=false"
    )
    for setting in settings.split():
        git("config", *setting.split("="))
    Path(".gitattributes").write_text("*.txt diff=x\n", encoding="utf-8")
    commit()
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=9")
    article("sub/ü.txt", GULLS)
    article("night.txt", NIGHT, STAFF, QUIET, GULLS)
    monkeypatch.chdir("sub")
    assert run("..")[:2] == (1, [{1, 7}])


# ---------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("reference", ["-x", "--output=x", "", "a\nb", "nowhere", "HEAD~9", "HEAD:night.txt", "HEAD^{tree}"])
def test_what_is_no_commit_is_an_error(reference: str, run: Run) -> None:
    code, pairs, [told] = run(since=reference)
    assert (code, pairs) == (2, [])
    assert told.startswith("dedup: --changed-since '")
    assert not Path("x").exists()


def test_a_folder_without_a_repository_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    code, _, [told] = run("site")
    assert code == 2
    assert "git cannot tell (fatal: not a git repository" in told


def test_a_missing_git_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dedup.changes, "GIT", (str(tmp_path / "git"),))
    code, _, [told] = run()
    assert (code, told) == (
        2,
        "dedup: --changed-since: git cannot be run (No such file or directory); install it, or leave the option out",
    )


def test_a_shallow_clone_says_what_to_fetch(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    git("branch", "old")
    article("more.txt", OTHER)
    commit()
    git("clone", "--quiet", "--depth=1", f"file://{os.getcwd()}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    code, _, [told] = run(since="origin/old")
    assert code == 2
    assert "this clone is shallow" in told
    git("fetch", "--quiet", "--depth=1", "origin", "old:old")
    code, _, [told] = run(since="old")
    assert (code, "no commit in common with HEAD; this clone is shallow" in told) == (2, True)


# -------------------------------------------------------------------------------------------------------- what git prints


def test_a_diff_is_read() -> None:
    lines = [
        b"diff --git a/x b/x", b"--- a/x", b"+++ b/x", b"@@ -3 +3,2 @@ name", b"-++ b/y", b"+++ b/z", b"+@@ -1 +1 @@",
        b"@@ -9,2 +9,0 @@", b"-a", b"-b", b"\\ No newline at end of file",
        b"diff --git a/gone b/gone", b"--- a/gone", b"+++ /dev/null", b"@@ -1 +0,0 @@", b"-a",
        b'diff --git "a/t\\tab" "b/t\\tab"', b'--- "a/t\\tab"', b'+++ "b/t\\tab\\303\\274"', b"@@ -0,0 +1 @@", b"+a",
        b"+++ b/with space\t", b"@@ -0,0 +1,3 @@", b"+a", b"+b", b"+c",
    ]  # fmt: skip
    assert read_diff(lines) == {
        "x": [Span(3, 4, False), Span(9, 10, True)],
        "t\tabü": [Span(1, 1, False)],
        "with space": [Span(1, 3, False)],
    }


def test_files_without_lines_are_read() -> None:
    numbers = b"1\t2\ta\0-\t-\tb c\0-\t-\t\0old\0new\0" + b"3\t0\t\0o\0n\0"
    assert read_binaries(numbers) == ["b c", "new"]


@pytest.mark.parametrize(
    ("span", "lines", "expected"),
    [
        (Span(3, 4, False), (4, 9), True),
        (Span(3, 4, False), (5, 9), False),
        (Span(3, 4, False), (1, 3), True),
        (Span(3, 4, True), (3, 4), True),
        (Span(3, 4, True), (1, 3), False),
        (Span(3, 4, True), (4, 9), False),
    ],
)
def test_a_change_touches_lines(span: Span, lines: tuple[int, int], expected: bool) -> None:
    assert span.touches(*lines) == expected


def test_before_the_first_commit_all_has_changed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    git("init", "--quiet")
    article("night.txt", NIGHT, STAFF, QUIET)
    git("add", "--all")
    assert [run(since=since)[:2] for since in ("HEAD", "origin/main")] == [(1, [{1, 5}])] * 2
