"""The plugs as their tools see them: pre-commit installs the hook, the action installs itself, schemas check the files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.test_docs import ROOT
from tests.test_plugs import ACTION, Runner, git, recipes, write
from tests.test_reports import NIGHT, STAFF

pytestmark = pytest.mark.skipif(
    any(shutil.which(name, path=str(Path(sys.executable).parent)) is None for name in ("pre-commit", "check-jsonschema")),
    reason='no pre-commit and check-jsonschema; pip install -e ".[plugs]"',
)


def tool(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / name
    env = {**os.environ, **environment}
    return subprocess.run([program, *arguments], capture_output=True, check=False, encoding="utf-8", env=env)


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a repeat in two files of which one is staged, in a new repository."""
    folder = tmp_path / "repository" / "content"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder.parent)
    git("init", "--quiet")
    write(folder / "library.md", NIGHT, STAFF)
    git("add", ".")
    git("commit", "--quiet", "--message", "articles")
    write(folder / "new.md", STAFF)
    git("add", ".")
    return folder


def test_pre_commit_installs_and_runs_the_hook(content: Path, tmp_path: Path) -> None:
    Path("dedup.toml").write_text('paths = ["content"]\n')
    done = tool(
        "pre-commit", "try-repo", str(ROOT), "dedup", "--files", "content/new.md", PRE_COMMIT_HOME=str(tmp_path / "home")
    )
    assert (done.returncode, "content/library.md:3" in done.stdout, "- exit code: 1" in done.stdout) == (1, True, True), done
    write(content / "new.md", "Nobody has ever written what stands here, in these words or others.")
    git("add", ".")
    done = tool(
        "pre-commit", "try-repo", str(ROOT), "dedup", "--files", "content/new.md", PRE_COMMIT_HOME=str(tmp_path / "home")
    )
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done


def test_the_action_installs_itself_with_its_extras(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(tmp_path, Path())
    monkeypatch.setenv("GITHUB_ACTION_PATH", str(ROOT))
    [install] = (step for step in ACTION["runs"]["steps"] if step.get("id") == "install")
    assert runner.shell(install) == 0, runner.log
    (content / "page.html").write_text(f"<html><body><article><p>{NIGHT}</p></article></body></html>", encoding="utf-8")
    assert (runner.run(paths="content"), "content/page.html" in runner.log) == (1, True)


def test_the_manifest_of_the_hook_is_valid() -> None:
    done = tool("pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("vendor.github-actions", (ROOT / "action.yml").read_text(encoding="utf-8")),
        ("vendor.github-workflows", (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")),
        *(("vendor.github-workflows", one) for one in recipes("yaml") if "jobs" in yaml.safe_load(one)),
        *(("vendor.gitlab-ci", one) for one in recipes("yaml") if "dedup" in yaml.safe_load(one)),
    ],
)
def test_the_yaml_is_what_the_services_expect(schema: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yml"
    file.write_text(text, encoding="utf-8")
    done = tool("check-jsonschema", "--builtin-schema", schema, str(file))
    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n"), done


def test_the_configuration_of_pre_commit_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(recipes("yaml")[0], encoding="utf-8")
    done = tool("pre-commit", "validate-config", str(file))
    assert (done.returncode, done.stdout) == (0, "")
