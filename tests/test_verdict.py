"""What makes a check fail, and how that is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedup import Config, Document, Override, check
from dedup.allowance import Allowance
from dedup.cli import main
from dedup.errors import ConfigError
from dedup.verdict import judge

TIDE = "The council met on Tuesday and decided to keep the library open at night for a year."
EDITED = "The council met on Tuesday and decided to keep the old library open at night for a year."
SINGLE = "A petition with four thousand names lies on the desk beside the door of the town hall."
FOOTER = "Readers own this paper, and everyone may join for the price of a coffee once a month."
OTHER = [
    "Nine herons bred beside the quarry pond this spring, and their ringing was left to volunteers.",
    "The bakery on Mill Lane sells its last loaf in June, after ninety years and four generations.",
    "A tram derailed near the glassworks before dawn, and no passenger was aboard when it happened.",
]
# One exact repeat and two near ones among three of four paragraphs.
DOCUMENT = Document("one", "\n\n".join([TIDE, SINGLE, TIDE, EDITED]))


@pytest.mark.parametrize(
    ("allowance", "outcome", "reasons"),
    [
        ({}, "failed", ["3 repeats, none allowed"]),
        ({"fail_on": ("exact",)}, "failed", ["1 repeat of exact, none allowed; 2 repeats that --fail-on leaves out"]),
        ({"fail_on": ("exact", "near")}, "failed", ["3 repeats of exact, near, none allowed"]),
        ({"fail_on": ("paraphrase",)}, "passed", ["no repeats of paraphrase; 3 repeats that --fail-on leaves out"]),
        ({"fail_on": ("never",)}, "passed", ["3 repeats, any number allowed by --fail-on never"]),
        ({"max_repeats": 3}, "passed", ["3 repeats, 3 allowed by --max-repeats"]),
        ({"max_repeats": 2}, "failed", ["3 repeats, 2 allowed by --max-repeats"]),
        ({"max_ratio": 0.75}, "passed", ["3 repeats", "3 of 4 paragraphs repeated (0.7500), 0.75 allowed by --max-ratio"]),
        ({"max_ratio": 0.74}, "failed", ["3 repeats", "3 of 4 paragraphs repeated (0.7500), 0.74 allowed by --max-ratio"]),
        (
            {"max_ratio": 1.0, "max_repeats": 0},
            "failed",
            ["3 repeats, 0 allowed by --max-repeats", "3 of 4 paragraphs repeated (0.7500), 1 allowed by --max-ratio"],
        ),
        (
            {"max_ratio": 0.5, "fail_on": ("exact",)},
            "passed",
            [
                "1 repeat of exact; 2 repeats that --fail-on leaves out",
                "2 of 4 paragraphs repeated (0.5000), 0.5 allowed by --max-ratio",
            ],
        ),
    ],
)
def test_what_is_found_is_held_against_what_is_allowed(allowance: dict[str, object], outcome: str, reasons: list[str]) -> None:
    verdict = judge(check([DOCUMENT]), Allowance(**allowance))  # type: ignore[arg-type]
    assert (verdict.outcome, [*verdict.reasons], verdict.by_allowance) == (outcome, reasons, allowance != {})


def test_boilerplate_fails_a_check_only_if_it_is_asked_for() -> None:
    documents = [Document(str(number), f"{text}\n\n{FOOTER}") for number, text in enumerate(OTHER)]
    assert judge(check(documents), Allowance()).reasons == ("no repeats",)
    result = check(documents, Config(count_boilerplate=True))
    assert judge(result, Allowance(fail_on=("contained",))).outcome == "passed"
    verdict = judge(result, Allowance(fail_on=("boilerplate",)))
    assert (verdict.outcome, verdict.reasons) == ("failed", ("3 repeats of boilerplate, none allowed",))


@pytest.mark.parametrize(("require", "outcome"), [(False, "passed"), (True, "not checked")])
def test_nothing_compared_is_no_check_where_paragraphs_are_required(require: bool, outcome: str) -> None:
    verdict = judge(check([Document("one", SINGLE)]), Allowance(require_paragraphs=require))
    assert verdict.outcome == outcome
    assert verdict.reasons[0].startswith("nothing was compared")


@pytest.mark.parametrize(
    ("allowance", "config", "message"),
    [
        (
            {"fail_on": ("x",)},
            {},
            "fail_on: unknown value 'x'; known are exact, contained, near, paraphrase, boilerplate, never",
        ),
        ({"fail_on": ("never", "near")}, {}, "fail_on: never goes with nothing else; leave it out, or all others"),
        ({"max_repeats": -1}, {}, "max_repeats: -1 is below 0; "),
        ({"max_ratio": 1.1}, {}, "max_ratio: 1.1 is outside 0 to 1; "),
        ({"fail_on": ("near",)}, {"kinds": ("exact",)}, "fail_on: near does not count, as kinds has exact; name it in both"),
        ({"fail_on": ("boilerplate",)}, {}, "fail_on: boilerplate does not count; set count_boilerplate too"),
        *(
            (
                {"fail_on": ("boilerplate",)},
                {"count_boilerplate": True, **config},
                "fail_on: boilerplate: there is none, by scope ",
            )
            for config in ({"boilerplate_documents": 0}, {"scope": "within"})
        ),
    ],
)
def test_a_rule_that_cannot_hold_is_an_error(allowance: dict[str, object], config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Allowance(**allowance).check_against(Config.from_mapping(config))  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("one.txt", 1, None),
        ("one.txt --max-repeats 5", 0, "passed: 3 repeats, 5 allowed by --max-repeats"),
        ("one.txt --max-repeats 1", 1, "failed: 3 repeats, 1 allowed by --max-repeats"),
        ("one.txt --fail-on never", 0, "passed: 3 repeats, any number allowed by --fail-on never"),
        ("one.txt --max-repeats 5 --min-score 1", 0, "passed: 1 repeat, 5 allowed by --max-repeats"),
        (
            "one.txt missing.txt --fail-on never",
            2,
            "not checked: 1 file or record could not be read; 3 repeats, any number allowed by --fail-on never",
        ),
        (
            "one.txt --min-words 99 --require-paragraphs",
            2,
            "not checked: nothing was compared, which --require-paragraphs does not allow",
        ),
        ("one.txt --explain-threshold --max-repeats 3", 0, "passed: 3 repeats, 3 allowed by --max-repeats"),
    ],
)
def test_the_summary_and_standard_error_say_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    code: int,
    said: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.txt").write_text(DOCUMENT.text, encoding="utf-8")
    assert main(["check", "--quiet", "--width", "200", *arguments.split()]) == code
    out, err = capsys.readouterr()
    assert [
        line for line in out.splitlines() if ": " in line and line.split(":")[0] in ("passed", "failed", "not checked")
    ] == ([said] if said else [])
    assert (err.splitlines()[-1] if err else None) == (f"dedup: {said}" if said else None)


def test_json_and_github_have_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.txt").write_text(DOCUMENT.text, encoding="utf-8")
    assert main(["check", "one.txt", "--max-repeats", "3", "--report", "json=r.json", "--report", "github"]) == 0
    assert json.loads(Path("r.json").read_text())["verdict"] == {
        "outcome": "passed",
        "reasons": ["3 repeats, 3 allowed by --max-repeats"],
    }
    assert capsys.readouterr().out.endswith(" passed: 3 repeats, 3 allowed by --max-repeats\n")


def test_what_could_not_be_read_is_not_called_free_of_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.txt").write_text(f"{TIDE}\n\n{SINGLE}", encoding="utf-8")
    assert main(["check", "one.txt", "missing.txt", "--quiet"]) == 2
    assert "no repeats in what could be read" in capsys.readouterr().out


# Settings for some files, in the library.


def test_an_override_in_the_library_holds_for_documents_with_a_file() -> None:
    texts = {"a/1.txt": TIDE, "b/2.txt": EDITED, "a/3.txt": EDITED.replace("old", "new")}
    documents = [Document(file, text, file) for file, text in texts.items()]
    strict = check(documents, Config(overrides=(Override(("a/**",), min_score=1.0),)))
    assert (len(check(documents)), len(strict)) == (3, 0)
    loose = check(documents, Config(min_score=1.0, overrides=(Override(("a/**",), min_score=0.5),)))
    assert [(pair.a.file, pair.b.file, pair.group) for pair in loose] == [("a/1.txt", "a/3.txt", 1)]
    assert loose.config.as_dict()["overrides"] == [{"paths": ["a/**"], "min_score": 0.5}]
    kinds = check(documents, Config(overrides=(Override(("b/*",), kinds=("exact",)), Override(("b",), min_score=0.6))))
    assert {(pair.counts, pair.why) for pair in kinds if "b/2.txt" in (pair.a.file, pair.b.file)} == {(False, "kind")}
    assert kinds.counts.repeats == 1


def test_boilerplate_counts_between_files_that_both_count_it() -> None:
    documents = [Document(f"{n}.txt", f"{text}\n\n{FOOTER}", f"{'ab'[n > 0]}/{n}.txt") for n, text in enumerate(OTHER)]
    result = check(documents, Config(overrides=(Override(("b",), count_boilerplate=True),)))
    assert [(pair.a.file, pair.b.file) for pair in result if pair.counts] == [("b/1.txt", "b/2.txt")]
