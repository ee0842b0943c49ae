"""Reports for CI: what other programs read has to be valid for them, whatever stands in the texts and names."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest
from markdown_it import MarkdownIt
from test_reports import (
    CHINESE,
    FOOTER,
    GULLS,
    LEASE,
    NASTY,
    NIGHT,
    PLUG,
    QUIET,
    RENT,
    STAFF,
    article,
    nasty,
    rendered,
    sample,
)

from dedup import Config, Document, Result, check
from dedup.allowance import Allowance
from dedup.columns import Flags, Integers
from dedup.errors import InputError
from dedup.fingerprints import pair_fingerprint
from dedup.model import Pair
from dedup.reports import LOWEST, Options
from dedup.reports.addresses import relative, uri
from dedup.reports.markdown import LONGEST
from dedup.reports.thresholds import STEPS, render
from dedup.rows import PairRows
from dedup.verdict import judge

SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
HOSTILE = (
    "| `a` **b** <script>x</script> </pre></details> @boss #12 [l](http://x.y) ![i](u) www.z.com &amp; $m$ :tada: ](1) {0} "
    "%0A ]]>"
)
TAGS = {*"h2 ul li table thead tbody tr th td code br details summary pre p".split()}


def hostile() -> Result:
    document = Document(HOSTILE, f"{HOSTILE} {NIGHT}\n\n{HOSTILE} {QUIET}", file=f"{HOSTILE}.txt")
    return replace(check([document]), errors=(InputError(f"{HOSTILE}:7", HOSTILE, HOSTILE),))


def every_sort() -> Iterator[Result]:
    yield from (sample(), nasty(), hostile(), check([]), check([article("a.txt", NIGHT, STAFF)]))


# SARIF.


def sarif(result: Result, **options: Any) -> Any:  # noqa: ANN401 - JSON
    return json.loads(rendered("sarif", result, **options))["runs"][0]


@pytest.mark.parametrize("options", [{}, {"all_pairs": True}, {"with_text": False, "top": 2}, {"folder": "/w"}], ids=str)
def test_sarif_is_as_its_schema_says(options: dict[str, Any]) -> None:
    validator = jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker())
    for result in every_sort():
        validator.validate(json.loads(rendered("sarif", result, **options)))


def test_every_kind_has_its_rule() -> None:
    rules = [rule["id"] for rule in sarif(sample())["tool"]["driver"]["rules"]]
    assert rules == ["exact", "contained", "near", "paraphrase", "boilerplate"]
    for row in sarif(sample(), all_pairs=True)["results"]:
        assert rules[row["ruleIndex"]] == row["ruleId"]
        assert row["ruleId"] == ("boilerplate" if row["properties"].get("why") == "boilerplate" else row["properties"]["kind"])


def test_a_result_names_both_places() -> None:
    [row] = sarif(check([article("a.txt", "# Head", NIGHT, QUIET)]))["results"]
    [here], [there] = row["locations"], row["relatedLocations"]
    artifact = {"uri": "a.txt", "uriBaseId": "%SRCROOT%"}
    assert here["physicalLocation"] == {"artifactLocation": artifact, "region": {"startLine": 5}}
    assert there["physicalLocation"] == {"artifactLocation": artifact, "region": {"startLine": 3}}
    said = row["message"]["text"]
    assert said.startswith(f"This paragraph repeats [a.txt:3]({there['id']}), in other words (paraphrase, score 0.")
    assert said.endswith(f"There it begins “{NIGHT[:78]} …”")


def test_a_record_and_standard_input_are_named_too() -> None:
    records = [Document("one", NIGHT, file="feed.jsonl", line=1), Document("-", QUIET, file="-")]
    [row] = sarif(check(records))["results"]
    assert row["locations"][0]["logicalLocations"] == [{"name": "one", "fullyQualifiedName": "one#0"}]
    assert row["relatedLocations"][0]["logicalLocations"] == [{"name": "-", "fullyQualifiedName": "-#0"}]
    assert "physicalLocation" not in row["relatedLocations"][0]


def test_nothing_in_a_message_is_taken_for_a_link_or_a_placeholder() -> None:
    [row] = sarif(hostile())["results"]
    text = row["message"]["text"]
    assert re.findall(r"(?<!\\)\]\(([^)]*)\)", text) == ["1"]
    assert not re.search(r"(?<!\{)\{(?:\{\{)*(?!\{)", text)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.txt", "a.txt"),
        ("./a/../a/b c.txt", "./a/../a/b%20c.txt"),
        (".//news//a.txt", "news/a.txt"),
        ("häuser/100%#1?.txt", "h%C3%A4user/100%25%231%3F.txt"),
        ("a:b.txt", "a%3Ab.txt"),
        ("caf\udce9.txt", "caf%E9.txt"),
        ("/srv/repository/a.txt", "a.txt"),
        ("/srv/repository-2/a.txt", "file:///srv/repository-2/a.txt"),
        ("https://example.com/a?b=ö#c", "https://example.com/a?b=%C3%B6#c"),
    ],
)
def test_paths_are_uris_from_the_folder(path: str, expected: str) -> None:
    assert uri(path, "/srv/repository") == expected


def test_what_could_not_be_read_is_told() -> None:
    invocation = sarif(sample())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "broken.txt: binary data; give text"
    assert sarif(check([]))["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "nothing was compared"


class Judged(PairRows):
    """Pairs of which none counts, for a reason that the steps before do not give."""

    why = ""

    @property
    def counting(self) -> Flags:  # type: ignore[override]
        return np.zeros(len(self), dtype=bool)

    def _made(self, numbers: Integers) -> Iterator[Pair]:
        return (replace(pair, counts=False, why=self.why) for pair in super()._made(numbers))


def judged(why: str) -> Result:
    result = check([article("a.txt", NIGHT, QUIET, STAFF)])
    rows = type("Rows", (Judged,), {"why": why})(*(getattr(result.pairs, field.name) for field in fields(result.pairs)))
    return replace(result, pairs=rows)


@pytest.mark.parametrize(("why", "kind"), [("baselined", "external"), ("ignored", "external")])
def test_what_was_accepted_is_suppressed_and_not_left_out(why: str, kind: str) -> None:
    [row] = sarif(judged(why))["results"]
    assert (row["kind"], row["suppressions"]) == ("fail", [{"kind": kind, "justification": why}])
    assert all(one["suppressions"] == [] for one in sarif(sample())["results"])


def test_what_a_comment_ignores_is_suppressed_in_the_source() -> None:
    text = f"{NIGHT}\n\n<!-- dedup: ignore: quoted -->\n\n{QUIET}"
    [row] = sarif(check([Document("a.md", text, "a.md", markup="markdown")]))["results"]
    assert row["suppressions"] == [{"kind": "inSource", "justification": "ignored (quoted)"}]


@pytest.mark.parametrize("name", ["sarif", "junit"])
@pytest.mark.parametrize("top", [0, 1])
def test_a_list_that_is_cut_does_not_look_whole(name: str, top: int) -> None:
    result = check([article("a.txt", NIGHT, QUIET, STAFF, STAFF)])
    assert f"{2 - top} more repeat{'s'[: 2 - top - 1]}, left out by --top" in rendered(name, result, top=top)
    assert "left out by --top" not in rendered(name, result, top=2)


def test_a_check_that_was_none_is_an_error_in_every_report() -> None:
    result = check([article("a.txt", NIGHT)])
    verdict = judge(result, Allowance(require_paragraphs=True))
    said = "not checked: nothing was compared, which --require-paragraphs does not allow"
    invocation = sarif(result, verdict=verdict)["invocations"][0]
    assert invocation == {
        "executionSuccessful": False,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": said}}],
    }
    assert rendered("github", result, verdict=verdict) == f"::error title=dedup::{said}\n"
    suites = ElementTree.fromstring(rendered("junit", result, verdict=verdict))
    assert (suites.attrib["errors"], [error.attrib["message"] for error in suites.iter("error")]) == ("1", [said])


@pytest.mark.parametrize("why", ["kind not asked for", "outside the changed lines", "whatever comes later"])
def test_what_does_not_count_for_another_reason_is_no_problem(why: str) -> None:
    assert sarif(judged(why))["results"] == []
    [row] = sarif(judged(why), all_pairs=True)["results"]
    assert (row["kind"], row["level"], row["suppressions"], row["properties"]["why"]) == ("informational", "none", [], why)


def test_a_repeat_keeps_its_fingerprint_whatever_stands_around_it() -> None:
    before = sarif(check([article("a.txt", NIGHT, QUIET)]))["results"][0]["partialFingerprints"]
    changed = [article("0.txt", STAFF, STAFF.upper()), article("renamed.txt", RENT, "# Head", NIGHT), article("z.txt", QUIET)]
    after = [row["partialFingerprints"] for row in sarif(check(changed))["results"]]
    assert before == {"dedupPair/v1": pair_fingerprint(QUIET, NIGHT)}
    assert before in after
    assert [row["partialFingerprints"] for row in sarif(check(changed[::-1]))["results"]] == after


# GitHub.


def commands(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner does."""
    for line in text.splitlines():
        found = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        assert found, line
        properties = dict(part.split("=", 1) for part in found[2].split(","))
        yield found[1], {name: unescaped(value) for name, value in properties.items()}, unescaped(found[3])


def unescaped(text: str) -> str:
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_the_runner_reads_back_what_was_meant() -> None:
    name = "news, part 1: 100%/a=b::x\nc%3A.txt"
    [(command, properties, message), (last, _, total)] = commands(rendered("github", check([article(name, NIGHT, QUIET)])))
    assert (command, properties) == ("warning", {"file": name, "line": "3", "title": "dedup: paraphrase"})
    assert message.startswith(
        "This paragraph repeats news, part 1: 100%/a=b::x c%3A.txt:1, in other words (paraphrase, score 0."
    )
    assert (last, total) == ("notice", "1 repeat in 1 group: 1 paraphrase")


def test_github_is_told_how_many_there_are() -> None:
    *warnings, (command, _, message) = commands(rendered("github", check([article(f"{n}.txt", FOOTER) for n in range(6)])))
    assert [name for name, _, _ in warnings] == ["warning"] * 15
    said = "15 repeats in 1 group: 15 exact. GitHub shows the first 10 of a step; its log has 15"
    assert (command, message) == ("notice", said)
    *_, (_, _, message) = commands(rendered("github", check([article("a.txt", NIGHT, NIGHT, NIGHT)]), top=1))
    assert message == "3 repeats in 1 group: 3 exact. 1 are listed"


def test_github_is_told_what_went_wrong_and_nothing_if_nothing_did() -> None:
    error = InputError("sub/a.jsonl:3", "no JSON", "mend it")
    [(command, properties, message)] = commands(
        rendered("github", replace(check([article("b.txt", NIGHT, STAFF)]), errors=(error,)))
    )
    assert (command, properties["file"], properties["line"], message) == ("error", "sub/a.jsonl", "3", str(error))
    assert rendered("github", check([article("b.txt", NIGHT, STAFF)])) == ""
    assert list(commands(rendered("github", check([])))) == [("warning", {"title": "dedup"}, "nothing was compared")]


def test_a_path_below_the_folder_is_relative_to_it() -> None:
    assert relative("/srv/repository/sub/a.txt", "/srv/repository") == "sub/a.txt"
    [(_, properties, _), _] = commands(rendered("github", check([article("/w/a.txt", NIGHT, QUIET)]), folder="/w"))
    assert properties["file"] == "a.txt"


# JUnit.


@pytest.mark.parametrize("options", [{}, {"all_pairs": True, "with_text": False}, {"top": 2}], ids=str)
def test_junit_is_xml_whose_totals_are_right(options: dict[str, Any]) -> None:
    for result in every_sort():
        root = ElementTree.fromstring(rendered("junit", result, **options).encode("utf-8"))
        for node in (root, *root.iter("testsuite")):
            cases = list(node.iter("testcase"))
            found = [
                len(cases),
                *(sum(case.find(name) is not None for case in cases) for name in ("failure", "error", "skipped")),
            ]
            assert [int(node.attrib[name]) for name in ("tests", "failures", "errors", "skipped")] == found
        files = {document.file for document in result.paragraphs.documents} | {error.file for error in result.errors}
        assert len([suite for suite in root if suite.attrib["name"] != "dedup"]) == len(files)


def test_junit_fails_where_the_repeat_is_and_passes_elsewhere() -> None:
    root = ElementTree.fromstring(rendered("junit", check([article("a.txt", NIGHT, STAFF), article("b.txt", QUIET)])))
    [passed, failed] = root.iter("testcase")
    assert (passed.attrib["classname"], list(passed)) == ("a.txt", [])
    assert (failed.attrib["name"], failed.attrib["line"]) == ("b.txt:1 repeats a.txt:1", "1")
    [failure] = failed
    assert failure.attrib["message"].startswith("This paragraph repeats a.txt:1, in other words")
    assert "rare words" in (failure.text or "")


def test_what_xml_does_not_allow_is_left_out() -> None:
    document = Document("a\x00\ufffe", f"\x08{NIGHT}\uffff\n\n{QUIET}", file="a\x0b\uffff.txt")
    root = ElementTree.fromstring(rendered("junit", check([document])).encode("utf-8"))
    assert root[0].attrib["name"] == "a\ufffd.txt"


# Markdown.


def page(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


@pytest.mark.parametrize("make", [hostile, nasty, sample])
def test_no_text_is_taken_for_markup(make: Any) -> None:  # noqa: ANN401 - a function
    tags = re.findall(r"</?([a-z0-9]+)[^>]*>", page(rendered("markdown", make(), all_pairs=True)))
    assert set(tags) <= TAGS
    assert all(tags.count(name) % 2 == 0 for name in tags if name != "br")


def test_names_in_the_table_are_read_as_they_are() -> None:
    cell = page(rendered("markdown", hostile())).partition("<tbody>")[2].partition("</tbody>")[0]
    plain = re.sub("<[^>]*>", "", cell.replace("<br>", "\n"))
    assert HOSTILE in plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert cell.count("<tr>") == 1


def word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(10_000 + number))


def many(count: int) -> Result:
    texts = [" ".join(word(90 * number + place) for place in range(90)) for number in range(count)]
    return check([article(f"folder/{number:04}.txt", text, f"{text} Fin.") for number, text in enumerate(texts)])


def test_a_comment_is_never_too_long_and_says_how_many_are_left_out() -> None:
    report = rendered("markdown", many(400))
    assert 0.8 * LONGEST < len(report) <= LONGEST
    rows = len(re.findall(r"^\| \d", report, re.MULTILINE))
    sheets = len(re.findall(r"^[01]\.\d{4} ", report, re.MULTILINE))
    assert report.startswith("## dedup: 400 repeats in 400 groups: 400 near\n")
    assert re.findall(r"^and (\d+) more$", report, re.MULTILINE) == [str(400 - rows), str(400 - sheets)]
    assert len(rendered("markdown", replace(nasty(), errors=(InputError(NASTY * 400, "x", "y"),) * 50))) <= LONGEST


# Thresholds.


def thresholds(result: Result, **options: Any) -> list[list[str]]:  # noqa: ANN401 - as Options
    out = io.StringIO()
    render(result, out, Options(**options))
    return [line.split() for line in out.getvalue().split("\n\n")[0].splitlines()]


def test_each_threshold_reports_what_a_check_with_it_would() -> None:
    documents = [article("a.txt", NIGHT, QUIET, RENT), article("b.txt", LEASE, STAFF), article("c.txt", NIGHT[:90], GULLS)]
    documents += [article(f"{n}.txt", FOOTER, text) for n, text in enumerate((CHINESE, PLUG, STAFF))]
    heading, *rows = thresholds(check(documents, Config(min_score=LOWEST)))
    assert heading == ["min-score", "repeats", "paragraphs", "documents"]
    assert [float(row[0]) for row in rows] == [*STEPS]
    for score, repeats, paragraphs, touched, *_ in rows[::4]:
        found = check(documents, Config(min_score=float(score)))
        places = {place.key for pair in found if pair.counts for place in (pair.a, pair.b)}
        assert [int(repeats), int(paragraphs), int(touched)] == [
            found.counts.repeats,
            len(places),
            len({place[:2] for place in places}),
        ]


def test_the_threshold_asked_for_is_marked_wherever_it_is() -> None:
    result = check([article("a.txt", NIGHT, QUIET)], Config(min_score=0.1))
    for score, written in ((0.5, "0.50"), (0.42, "0.42"), (0.1, "0.10"), (0.123456, "0.123456")):
        marked = [row for row in thresholds(result, min_score=score) if row[-1] == "--min-score"]
        assert [row[0] for row in marked] == [written]
    assert len(thresholds(check([], Config(min_score=LOWEST)))) == 1 + len(STEPS)
