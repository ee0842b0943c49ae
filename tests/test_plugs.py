"""The hook of pre-commit, the action, and the recipes of the README, as far as they can be tried without these services.

`tests/test_plugs_installed.py` has what needs their tools.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from dedup.cli import main
from dedup.readers import READERS
from tests.test_docs import ROOT, section, table
from tests.test_reports import GULLS, LEASE, NIGHT, QUIET, RENT, STAFF

HOOK: Final = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
ACTION: Final = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
RECIPES: Final = section("## Hooks and services")
EXPRESSION: Final = re.compile(r"\$\{\{ (.+?) \}\}")
IDENTITY: Final = ["-c", "user.name=editor", "-c", "user.email=editor@example.org"]


def recipes(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", RECIPES, re.M | re.S)


def write(path: Path, *texts: str) -> None:
    path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")


def git(*arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation, with `dedup` and `python`."""
    folder = tmp_path_factory.mktemp("programs")
    for name, options in (("dedup", "-m dedup "), ("python", "")):
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {options}"$@"\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team's folder in a repository with the settings of the README. Its repeat, of rent.md and lease.md, is accepted."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("DEDUP_")]:
            patched.delenv(name)
        patched.chdir(tmp_path_factory.mktemp("repository"))
        folder = Path("content")
        folder.mkdir()
        write(folder / "library.md", NIGHT, STAFF)
        write(folder / "rent.md", RENT, GULLS)
        write(folder / "lease.md", LEASE)
        assert main(["check", "content", "--write-baseline=baseline.json"]) == 0
        [settings] = recipes("toml")
        Path("dedup.toml").write_text(settings)
        git("init", "--quiet")
        git("add", ".")
        git("commit", "--quiet", "--message", "articles")
        git("update-ref", "refs/remotes/origin/main", "HEAD")
        return Path.cwd()


@pytest.fixture
def content(tmp_path: Path, repository: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `content` of a copy of the repository, in which the test runs."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(shutil.copytree(repository, tmp_path / "repository"))
    return Path("content").absolute()


# ------------------------------------------------------------------------------------------------------------- pre-commit


def commit_hook() -> subprocess.CompletedProcess[str]:
    """Run the hook of the README as pre-commit does: entry and arguments, but no names of files, as it does not pass them."""
    [repository] = yaml.safe_load(recipes("yaml")[0])["repos"]
    [wanted] = repository["hooks"]
    assert (wanted["id"], HOOK["pass_filenames"]) == (HOOK["id"], False)
    return subprocess.run([*shlex.split(HOOK["entry"]), *wanted["args"]], capture_output=True, check=False, encoding="utf-8")


def test_the_hook_runs_for_all_files_that_are_read_and_no_others() -> None:
    pattern = re.compile(HOOK["files"])
    assert [name for suffix in READERS for name in (f"a/b{suffix}", f"a/b{suffix}.gz") if not pattern.search(name)] == []
    assert [name for name in ("page.css", "notes.txt.bak", "html", "photo.jpg", "a.md/b.png") if pattern.search(name)] == []


def test_the_hook_finds_what_repeats_a_file_that_is_not_in_the_commit(content: Path) -> None:
    write(content / "new.md", STAFF)
    git("add", "content/new.md")
    done = commit_hook()
    assert (done.returncode, "content/library.md:3" in done.stdout, "content/new.md:1" in done.stdout) == (1, True, True)


def test_the_hook_lets_pass_what_the_commit_does_not_touch(content: Path) -> None:
    write(content / "new.md", STAFF)
    git("add", ".")
    git("commit", "--quiet", "--message", "a repeat that somebody let pass")
    write(content / "other.md", QUIET[::-1])
    git("add", ".")
    done = commit_hook()
    assert (done.returncode, done.stderr) == (0, "")


# ----------------------------------------------------------------------------------------------------------------- action


class Runner:
    """What runs the action: the shell steps in bash, all others by name. The installation is there already.

    log: what the steps print. summary: that of the job. uploaded: the SARIF reports that would be.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.summary, self.log = folder, "", ""
        self.uploaded: list[dict[str, Any]] = []
        self.values = {"runner.temp": str(folder), "steps.install.outputs.programs": str(programs)}

    def filled(self, text: str) -> str:
        """The text with the values of its expressions; an output that no step has written is empty."""
        return EXPRESSION.sub(lambda match: self.values.get(match[1], ""), text)

    def wanted(self, condition: str) -> bool:
        """Whether comparisons, joined by `&&`, hold."""
        parts = [re.fullmatch(r"(\S+) (==|!=) '(.*)'", one) for one in condition.split(" && ")]
        return all(part and (self.values.get(part[1], "") == part[3]) == (part[2] == "==") for part in parts)

    def shell(self, step: dict[str, Any]) -> int:
        output, summary = self.folder / "output", self.folder / "summary"
        output.write_text("")
        own = {"RUNNER_TEMP": self.folder, "GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary}
        own |= {name: self.filled(value) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, **{name: str(value) for name, value in own.items()}},
        )
        self.log += done.stdout + done.stderr
        self.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
        for line in output.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            self.values[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode

    def run(self, **inputs: str) -> int:
        """The exit code of the action: that of its first step that fails."""
        known = {name: one["default"] for name, one in ACTION["inputs"].items()}
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= known.keys()
        self.values |= {f"inputs.{name}": value for name, value in {**known, **given}.items()}
        for step in ACTION["runs"]["steps"]:
            if step.get("id") == "install" or ("if" in step and not self.wanted(step["if"])):
                continue
            if "uses" in step:
                assert step["uses"].startswith("github/codeql-action/upload-sarif@")
                self.uploaded.append(json.loads(Path(self.filled(step["with"]["sarif_file"])).read_text(encoding="utf-8")))
            elif code := self.shell(step):
                return code
        return 0

    def outputs(self) -> dict[str, str]:
        return {name: self.filled(one["value"]) for name, one in ACTION["outputs"].items()}


@pytest.fixture
def runner(tmp_path: Path, programs: Path) -> Runner:
    folder = tmp_path / "runner temp"
    folder.mkdir()
    return Runner(folder, programs)


def test_the_action_passes_what_is_accepted_and_does_not_upload_it(content: Path, runner: Runner) -> None:
    assert runner.run() == 0
    assert runner.summary.startswith("## dedup: no repeats")
    [uploaded] = runner.uploaded
    assert [run["results"] for run in uploaded["runs"]] == [[]]
    sarif = json.loads(Path(runner.outputs()["sarif"]).read_text(encoding="utf-8"))
    assert [result["suppressions"][0]["kind"] for result in sarif["runs"][0]["results"]] == ["external"]


def test_the_action_fails_for_a_repeat_and_says_where_in_every_way(content: Path, runner: Runner) -> None:
    write(content / "new.md", STAFF)
    assert (runner.run(), runner.outputs()["exit-code"]) == (1, "1")
    assert re.search(r"^::warning file=content/new\.md,line=1,", runner.log, re.M)
    assert (runner.summary.startswith("## dedup: 1 repeat"), "content/new.md:1" in runner.summary) == (True, True)
    [result] = runner.uploaded[0]["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "content/new.md"


def test_what_could_not_be_checked_fails_and_closes_no_alerts(content: Path, runner: Runner) -> None:
    (content / "broken.md").write_bytes(b"\0\0\0")
    assert (runner.run(paths="content/broken.md\ncontent/library.md"), runner.uploaded) == (2, [])
    assert ("content/broken.md" in runner.log, runner.outputs()) == (True, {"exit-code": "2", "sarif": ""})


def test_a_wrong_option_fails_and_the_summary_says_so(content: Path, runner: Runner) -> None:
    assert (runner.run(args="--min-scores=0.5"), runner.uploaded) == (2, [])
    assert runner.summary == "**dedup** could not check anything; the log of the step says why.\n"


def test_paths_and_options_of_the_action_are_taken_as_they_are(content: Path, runner: Runner) -> None:
    folder = content.parent / "$(touch pwned); -drafts"
    folder.mkdir()
    write(folder / "a.md", STAFF)
    write(folder / "b.md", STAFF)
    assert runner.run(paths=f"content\n\n{folder.name}\n", args="--max-repeats=3\n--report=json=all of it.json\n") == 0
    assert (Path("pwned").exists(), len(json.loads(Path("all of it.json").read_text(encoding="utf-8"))["pairs"])) == (False, 3)


def test_code_scanning_gets_nothing_where_it_is_not_wanted(content: Path, runner: Runner) -> None:
    assert (runner.run(upload_sarif="false"), runner.uploaded) == (0, [])


def test_no_script_of_the_action_has_an_expression_in_it() -> None:
    assert [step["name"] for step in ACTION["runs"]["steps"] if EXPRESSION.search(step.get("run", ""))] == []


def test_the_workflow_of_the_readme_finds_what_is_new_and_writes_its_page(content: Path, runner: Runner) -> None:
    [job] = (found["jobs"]["dedup"] for found in map(yaml.safe_load, recipes("yaml")) if "jobs" in found)
    [given] = (step["with"] for step in job["steps"] if "/dedup@" in step["uses"])
    write(content / "new.md", STAFF)
    assert (runner.run(**given), Path("dedup.html").is_file()) == (1, True)


def test_the_readme_has_the_inputs_and_outputs_of_the_action() -> None:
    inputs, outputs = table(RECIPES, "input"), table(RECIPES, "output")
    assert [name.strip("`") for name in inputs] == list(ACTION["inputs"])
    assert [name.strip("`") for name in outputs] == list(ACTION["outputs"])


# ---------------------------------------------------------------------------------------------------------------- recipes


def commands_of(recipe: str) -> list[str]:
    """The lines of a recipe that call `dedup`."""
    return re.findall(r"^ *(?:- |exec )?(dedup .*?)(?: \|\| .*)?$", recipe, re.M)


def test_the_recipes_call_the_command_where_they_say() -> None:
    assert [len(commands_of(recipe)) for recipe in [*recipes("yaml"), *recipes("bash")]] == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("recipe", [one for one in [*recipes("yaml"), *recipes("bash")] if commands_of(one)])
def test_the_commands_of_a_recipe_find_what_is_new(recipe: str, content: Path) -> None:
    for command in commands_of(recipe):
        assert subprocess.run(shlex.split(command), check=False, capture_output=True).returncode == 0
    write(content / "new.md", STAFF)
    for command in commands_of(recipe):
        assert subprocess.run(shlex.split(command), check=False, capture_output=True).returncode == 1


def test_what_the_recipe_of_gitlab_keeps_is_what_is_written(content: Path) -> None:
    [job] = (found["dedup"] for found in map(yaml.safe_load, recipes("yaml")) if "dedup" in found)
    [command] = commands_of("\n".join(job["script"]))
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert [Path(name).is_file() for name in kept] == [True, True]


@pytest.mark.parametrize(
    ("broken", "code", "said"), [(None, 0, "no new repeats"), ("repeat", 1, "repeats: "), ("file", 2, "not all")]
)
def test_the_script_of_the_readme_tells_the_three_outcomes_apart(
    broken: str | None, code: int, said: str, content: Path
) -> None:
    if broken == "repeat":
        write(content / "new.md", STAFF)
    elif broken == "file":
        (content / "broken.md").write_bytes(b"\0\0\0")
    done = subprocess.run(["bash", "-c", recipes("bash")[0]], capture_output=True, check=False, encoding="utf-8")
    assert (done.returncode, done.stdout.startswith(said)) == (code, True)
