"""Baselines: only new repeats count, whatever moves; the file can be read, compared, and is written whole or not at all."""

from __future__ import annotations

import functools
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup import Config, Document, check
from dedup.baseline_files import FORMAT_VERSION, encoded, load_baseline, settings_of
from dedup.baselines import Baseline, accept, fixed_since, seen_pairs
from dedup.cli import main
from dedup.errors import InputError
from dedup.fingerprints import pair_fingerprint, paragraph_fingerprint
from dedup.globs import EVERYTHING
from tests.test_reports import GULLS, LEASE, NIGHT, QUIET, RENT, STAFF

Run = Callable[..., tuple[int, dict[str, Any], list[str]]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    article("content/night.txt", NIGHT, QUIET, STAFF)
    article("content/rent.txt", RENT, GULLS)
    article("content/lease.txt", LEASE)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Check and give back the exit code, the report and the lines on standard error."""

    def run(*arguments: str, path: str = "content") -> tuple[int, dict[str, Any], list[str]]:
        code = main(["check", path, "--format", "json", *arguments])
        captured = capsys.readouterr()
        return code, json.loads(captured.out or "{}"), captured.err.splitlines()

    return run


def article(name: str, *texts: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("\n\n".join(texts) + "\n", encoding="utf-8")


def entries(file: str = "b.json") -> dict[str, Any]:
    return {row["pair"]: row for row in json.loads(Path(file).read_text(encoding="utf-8"))["repeats"]}


def places(report: dict[str, Any]) -> list[set[str]]:
    return [{f"{pair[end]['file']}:{pair[end]['line']}" for end in "ab"} for pair in report["pairs"]]


def test_what_is_there_is_accepted_and_passes(run: Run) -> None:
    assert run()[0] == 1
    code, report, told = run("--write-baseline", "b.json")
    assert (code, report["counts"]["repeats"], report["counts"]["why_not"]) == (0, 0, {"baselined": 2})
    assert told == ["dedup: b.json: 2 repeats accepted; from now on check with --baseline b.json"]
    code, report, told = run("--baseline", "b.json")
    assert (code, report["pairs"], report["fixed"], told) == (0, [], [], [])


def test_an_entry_says_what_it_accepts(run: Run) -> None:
    run("--write-baseline", "b.json")
    pair = pair_fingerprint(RENT, LEASE)
    row = entries()[pair]
    ends = sorted([(paragraph_fingerprint(RENT), RENT), (paragraph_fingerprint(LEASE), LEASE)])
    assert [row["a"], row["b"]] == [fingerprint for fingerprint, _ in ends]
    assert (row["places"], row["kind"], 0.5 <= row["score"] <= 1) == ([1, 1], "near", True)
    assert all(text.startswith(excerpt.removesuffix(" …")) for excerpt, (_, text) in zip(row["text"], ends, strict=True))

    run("--write-baseline", "b.json", "--no-text")
    assert {**entries()[pair], "text": row["text"]} == row


def test_the_file_has_a_repeat_a_line_in_the_order_of_fingerprints(run: Run) -> None:
    run("--write-baseline", "b.json")
    lines = Path("b.json").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith('{"pair"')]
    assert len(rows) == 2
    assert [json.loads(row.rstrip(","))["pair"] for row in rows] == sorted(entries())


def move_a_paragraph() -> None:
    article("content/night.txt", STAFF, NIGHT)
    article("content/rent.txt", GULLS, QUIET, RENT)


def rename_and_move_files() -> None:
    Path("content/sub").mkdir()
    Path("content/rent.txt").rename("content/sub/a.txt")
    Path("content/night.txt").rename("content/zzz.md")


def change_and_add_others() -> None:
    article("content/night.txt", "A paragraph about something else altogether, with a ferry and two goats in it.", NIGHT, QUIET)
    article("content/0.txt", STAFF.replace("Nine", "Seventeen").replace("librarians", "gardeners of the park"))


def spell_it_otherwise() -> None:
    article("content/rent.txt", RENT.upper().replace(" ", "  "), GULLS)


@pytest.mark.parametrize("change", [move_a_paragraph, rename_and_move_files, change_and_add_others, spell_it_otherwise])
def test_nothing_is_new_or_fixed_when(change: Callable[[], None], run: Run) -> None:
    run("--write-baseline", "b.json")
    before = Path("b.json").read_bytes()
    change()
    code, report, told = run("--baseline", "b.json", "--prune-baseline")
    assert (code, report["counts"]["repeats"], report["fixed"]) == (0, 0, [])
    assert told == ["dedup: b.json: 0 repeats fixed and taken out; left: 2"]
    assert Path("b.json").read_bytes() == before
    if change is not spell_it_otherwise:  # the excerpt is as it is spelled
        run("--write-baseline", "b.json")
        scores = re.compile(rb'"score": [\d.]+')  # of two paragraphs of one document or of two
        assert scores.sub(b"", Path("b.json").read_bytes()) == scores.sub(b"", before)


def test_what_is_new_is_named_and_what_is_fixed_is_told(run: Run) -> None:
    run("--write-baseline", "b.json")
    article("content/lease.txt", GULLS.replace("new bins", "large bins"))
    code, report, _ = run("--baseline", "b.json")
    assert (code, places(report)) == (1, [{"content/lease.txt:1", "content/rent.txt:3"}])
    assert [(row["pair"], row["left"]) for row in report["fixed"]] == [(pair_fingerprint(RENT, LEASE), None)]

    code, _, told = run("--baseline", "b.json", "--prune-baseline")
    assert (code, told) == (1, ["dedup: b.json: 1 repeat fixed and taken out; left: 1"])
    assert list(entries()) == [pair_fingerprint(NIGHT, QUIET)]


def test_one_more_copy_is_new_and_one_less_is_fixed(run: Run) -> None:
    every = ["--boilerplate-documents", "0"]  # three documents with one text would be boilerplate
    article("content/copy.txt", STAFF)
    run("--write-baseline", "b.json", *every)
    pair = pair_fingerprint(STAFF, STAFF)
    assert entries()[pair]["places"] == [2, 2]

    article("content/more.txt", "A ferry with two goats.", STAFF)
    article("content/copy.txt", STAFF, "Another paragraph, about the goats that graze upon the roof of the old tram depot.")
    code, report, told = run("--baseline", "b.json", *every)
    assert (code, len(report["pairs"])) == (1, 3)
    assert {"content/more.txt:3", "content/night.txt:5"} in places(report)
    assert told[0] == "dedup: b.json: 1 repeat of it in more places than before; all of them are reported"

    run("--write-baseline", "b.json", *every)
    assert entries()[pair]["places"] == [3, 3]
    Path("content/more.txt").unlink()
    code, report, _ = run("--baseline", "b.json", "--prune-baseline", *every)
    assert (code, [(row["pair"], row["left"]) for row in report["fixed"] if row["left"]]) == (0, [(pair, [2, 2])])
    assert entries()[pair]["places"] == [2, 2]


FAR = Config(count_boilerplate=True)


def copies(names: list[str], text: str = STAFF) -> list[Document]:
    """Documents of these names with one text."""
    return [Document(name, text, file=name) for name in names]


def accepted(documents: list[Document]) -> Baseline:
    result = check(documents, FAR)
    seen = seen_pairs(result.pairs, result.pairs.counting.nonzero()[0])
    return Baseline({pair: one.entry for pair, one in seen.items()}, settings_of(FAR, EVERYTHING, "b.json"), [])


def new(documents: list[Document], baseline: Baseline) -> int:
    pairs, _ = accept(check(documents, FAR).pairs, baseline)
    return int(pairs.counting.sum())


@pytest.mark.parametrize("count", [2, 20, 21, 22])
def test_of_many_copies_places_are_counted_whatever_is_listed(count: int) -> None:
    other = [Document("near", STAFF.replace("tenth", "last one"), file="near")]
    names = [f"{number:02}.txt" for number in range(count)]
    baseline = accepted(copies(names) + other)
    random.Random(count).shuffle(names)
    renamed = [f"{place}/{name}" for place, name in enumerate(names)]
    assert new(copies(renamed) + other, baseline) == 0
    assert fixed_since(check(copies(renamed) + other, FAR).pairs, baseline) == []
    assert new(copies(renamed[:-1]) + other, baseline) == 0
    assert new(copies([*renamed, "one more"]) + other, baseline) > 0
    fixed = fixed_since(check(copies(renamed[1:]) + other, FAR).pairs, baseline)
    assert [max(one.left or (1, 1)) for one in fixed] == [count - 1, count - 1]


def test_a_check_of_the_same_texts_in_any_order_writes_the_same_file(run: Run) -> None:
    run("--write-baseline", "b.json")
    main(["check", "content/rent.txt", "content/night.txt", "content/lease.txt", "--write-baseline", "c.json", "--quiet"])
    main(["check", "content/night.txt", "content/lease.txt", "content/rent.txt", "--write-baseline", "d.json", "--quiet"])
    assert Path("c.json").read_bytes() == Path("d.json").read_bytes()
    assert entries("c.json") == entries("b.json")


# ------------------------------------------------------------------------------------------------- what is not looked at


def test_a_part_is_checked_but_does_not_tell_what_is_fixed_and_prunes_nothing(run: Run) -> None:
    run("--write-baseline", "b.json")
    before = Path("b.json").read_bytes()
    code, report, told = run("--baseline", "b.json", path="content/night.txt")
    assert (code, report["fixed"]) == (0, [])
    assert told == ["dedup: b.json: what is fixed cannot be told, as it was written for more paths (content)"]

    code, report, told = run("--baseline", "b.json", "--prune-baseline", path="content/night.txt")
    assert (code, report, Path("b.json").read_bytes()) == (2, {}, before)
    assert told == [
        "dedup: --prune-baseline: b.json was written for more paths (content); check with the same ones to prune it"
    ]


def test_more_is_checked_than_the_baseline_was_written_for_and_from_another_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    article("drafts/note.txt", GULLS)
    run("--write-baseline", "b.json", path="content/night.txt")
    monkeypatch.chdir("drafts")
    code, report, told = run("--baseline", "../b.json", "--prune-baseline", path="..")
    assert (code, report["fixed"], told) == (1, [], ["dedup: ../b.json: 0 repeats fixed and taken out; left: 1"])


def test_a_file_that_was_named_and_is_gone_does_not_matter(run: Run) -> None:
    main(["check", "content/rent.txt", "content/night.txt", "content/lease.txt", "--write-baseline", "b.json", "--quiet"])
    Path("content/lease.txt").unlink()
    main(["check", "content/rent.txt", "content/night.txt", "--baseline", "b.json", "--prune-baseline", "--quiet"])
    assert list(entries()) == [pair_fingerprint(NIGHT, QUIET)]


def test_other_settings_do_not_tell_what_is_fixed(run: Run) -> None:
    run("--write-baseline", "b.json")
    code, report, told = run("--baseline", "b.json", "--min-score", "0.999")
    assert (code, report["fixed"]) == (0, [])
    assert told == ["dedup: b.json: what is fixed cannot be told, as it was written with other settings (min_score)"]
    assert run("--baseline", "b.json", "--min-score", "0.999", "--prune-baseline")[0] == 2


def test_nothing_is_written_if_something_could_not_be_checked(run: Run) -> None:
    Path("content/broken.txt").write_bytes(b"a\0b")
    code, report, told = run("--write-baseline", "b.json")
    assert (code, len(report["pairs"]), Path("b.json").exists()) == (2, 2, False)
    assert told[0] == "dedup: b.json: not written, as not all could be checked; mend that first"

    Path("content/broken.txt").rename("broken.txt")
    run("--write-baseline", "b.json")
    before = Path("b.json").read_bytes()
    Path("broken.txt").rename("content/rent.txt")
    code, report, told = run("--baseline", "b.json", "--prune-baseline")
    assert (code, report["fixed"], Path("b.json").read_bytes()) == (2, [], before)
    assert told[0] == "dedup: b.json: not pruned, and what is fixed cannot be told, as not all could be checked"


def test_texts_that_are_away_do_not_empty_a_baseline(run: Run) -> None:
    run("--write-baseline", "b.json")
    before = Path("b.json").read_bytes()
    for file in Path("content").iterdir():
        file.unlink()
    assert run("--baseline", "b.json", "--prune-baseline")[0] == 2
    assert Path("b.json").read_bytes() == before


# ---------------------------------------------------------------------------------------------------------- broken files


@functools.cache
def written() -> bytes:
    """A baseline of two repeats."""
    return encoded(accepted([Document("a", "\n\n".join((NIGHT, STAFF, QUIET, STAFF)))]))


def changed(**members: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps({**json.loads(Path("b.json").read_text(encoding="utf-8")), **members})


def broken_entry(**members: Any) -> str:  # noqa: ANN401 - JSON
    first, *others = json.loads(Path("b.json").read_text(encoding="utf-8"))["repeats"]
    return changed(repeats=[{**first, **members}, *others])


BROKEN: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", "b.json:1: not JSON"),
    "cut off": (lambda: Path("b.json").read_text(encoding="utf-8")[:-9], "not JSON"),
    "a conflict": (lambda: Path("b.json").read_text(encoding="utf-8").replace("[", "<<<<<<< HEAD\n[", 1), "b.json:4: not JSON"),
    "a list": (lambda: "[]", "b.json: no baseline of dedup"),
    "of another program": (lambda: '{"clones": []}', "b.json: no baseline of dedup"),
    "of a later version": (lambda: changed(format_version=FORMAT_VERSION + 1), "format version 2, and this dedup reads 1"),
    "without repeats": (lambda: changed(repeats=None), "without its settings, paths or repeats"),
    "without settings": (lambda: changed(settings=[]), "without its settings, paths or repeats"),
    "an entry that is none": (lambda: changed(repeats=[7]), "repeat 1 of the baseline is broken"),
    "another text": (lambda: broken_entry(a="0" * 16), "repeat 1 of the baseline is broken"),
    "no places": (lambda: broken_entry(places=[0, 1]), "repeat 1 of the baseline is broken"),
    "three places": (lambda: broken_entry(places=[1, 1, 1]), "repeat 1 of the baseline is broken"),
    "places that are words": (lambda: broken_entry(places=["1", "1"]), "repeat 1 of the baseline is broken"),
    "no kind": (lambda: broken_entry(kind="alike"), "repeat 1 of the baseline is broken"),
    "half a text": (lambda: broken_entry(text=["a"]), "repeat 1 of the baseline is broken"),
    "twice the same": (
        lambda: changed(repeats=[*entries().values(), *entries().values()]),
        "repeat 3 of the baseline is there before",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_baseline_that_cannot_be_used_says_why(name: str, run: Run) -> None:
    Path("b.json").write_bytes(written())
    make, said = BROKEN[name]
    text = make()
    Path("b.json").write_text(text, encoding="utf-8")
    code, report, [told] = run("--baseline", "b.json", "--prune-baseline")
    assert (code, report, Path("b.json").read_text(encoding="utf-8")) == (2, {}, text)
    assert re.fullmatch(r"dedup: b\.json(:\d+)?: .+; .+", told)
    assert said in told


def test_a_baseline_is_read_as_it_was_written(run: Run) -> None:
    run("--write-baseline", "b.json")
    assert encoded(load_baseline("b.json")) == Path("b.json").read_bytes()
    with pytest.raises(InputError, match="there is no such baseline"):
        load_baseline("c.json")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--prune-baseline"], "there is no baseline to prune"),
        (["--baseline", "b.json", "--write-baseline", "c.json"], "not together with --baseline"),
        (["--write-baseline", "b.json", "--changed-since", "HEAD"], "not together with --changed-since"),
        (["--baseline", "b.json", "--prune-baseline", "--changed-since", "HEAD"], "not together with --changed-since"),
        (["--write-baseline", "content/night.txt"], "would be overwritten"),
        (["--write-baseline", "r.json", "--output", "r.json"], "would be overwritten"),
        (["--write-baseline", "content"], "cannot be written"),
        (["--baseline", "content"], "cannot be read"),
    ],
)
def test_options_that_cannot_be_done_change_nothing(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path("content/night.txt").read_bytes()
    assert main(["check", "content", "--quiet", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert Path("content/night.txt").read_bytes() == before


# ---------------------------------------------------------------------------------------------- nothing is lost by mistake


def test_a_configured_baseline_can_be_written(run: Run) -> None:
    Path("dedup.toml").write_text('baseline = "b.json"\n')
    code, _, said = run()
    assert (code, said) == (2, ["dedup: b.json: there is no such baseline; write it with --write-baseline"])
    assert run("--write-baseline", "b.json")[0] == 0
    assert run()[0] == 0


@pytest.mark.parametrize("option", [["--include", "night*"], ["--exclude", "rent*"]])
def test_what_is_left_out_is_not_taken_for_fixed(run: Run, option: list[str]) -> None:
    run("--write-baseline", "b.json")
    before = Path("b.json").read_bytes()
    code, _, said = run("--baseline", "b.json", "--prune-baseline", *option)
    told = f"was written with other settings ({option[0][2:]}); check with the same ones to prune it"
    assert (code, said) == (2, [f"dedup: --prune-baseline: b.json {told}"])
    code, report, said = run("--baseline", "b.json", *option)
    assert (code, report["fixed"], len(said)) == (0, [], 1)
    assert Path("b.json").read_bytes() == before


def test_a_baseline_of_selected_files_is_seen_from_its_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--include", "*.txt", "--write-baseline", "content/b.json")[0] == 0
    monkeypatch.chdir("content")
    assert run("--include", "*.txt", "--baseline", "b.json", path=".")[2] == [
        "dedup: b.json: what is fixed cannot be told, as it was written with other settings (include)"
    ]
    assert run("--include", "../*.txt", "--baseline", "b.json", path=".")[0] == 0


def test_an_override_is_one_of_the_settings(run: Run) -> None:
    run("--write-baseline", "b.json")
    Path("dedup.toml").write_text('[[overrides]]\npaths = ["night.txt"]\nmin_score = 0.9999\n')
    assert run("--baseline", "b.json", "--prune-baseline")[0] == 2


@pytest.mark.parametrize("option", [[], ["--require-paragraphs"]])
def test_a_check_of_nothing_writes_no_baseline(run: Run, option: list[str]) -> None:
    run("--write-baseline", "b.json")
    before = Path("b.json").read_bytes()
    code, _, said = run("--write-baseline", "b.json", "--exclude", "*", *option)
    told = "dedup: --write-baseline: nothing was compared, so b.json is left as it is; see whether the texts are there"
    assert (code, said[-1]) == (2, told)
    assert Path("b.json").read_bytes() == before


def test_a_baseline_makes_no_folders(run: Run) -> None:
    code, _, said = run("--write-baseline", "nowhere/b.json")
    assert (code, Path("nowhere").exists()) == (2, False)
    assert said == ["dedup: --write-baseline: there is no folder nowhere; make it, or name another file"]


@pytest.mark.parametrize(
    ("options", "file"),
    [
        (["--baseline", "b.json", "--report", "jsonl=b.json"], "b.json"),
        (["--ignore-list", "list.txt", "--output", "list.txt"], "list.txt"),
        (["--output", "dedup.toml"], "dedup.toml"),
        (["--write-baseline", "new.json", "--report", "jsonl=new.json"], "new.json"),
        (["--baseline", "b.json", "--prune-baseline", "--report", "jsonl=b.json"], "b.json"),
        (["--write-baseline", "content/night.txt"], "content/night.txt"),
    ],
)
def test_nothing_is_written_over_what_is_read_or_twice(
    options: list[str], file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "content", "--write-baseline", "b.json", "--quiet"])
    Path("list.txt").write_text("")
    Path("dedup.toml").write_text("min_score = 0.5\n")
    before = Path(file).read_bytes() if Path(file).exists() else None
    capsys.readouterr()
    code, said = main(["check", "content", *options]), capsys.readouterr().err
    assert code == 2
    assert re.search(rf": {file} is (read|written) too, and would be overwritten; name another file\n", said)
    assert (Path(file).read_bytes() if Path(file).exists() else None) == before
