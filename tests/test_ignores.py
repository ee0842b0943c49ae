"""What users silence, by a comment before a block or by a list: marked with the reason, counted, told if it is of no use."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from dedup import Config, Document, check, clean
from dedup.cli import main
from dedup.fingerprints import pair_fingerprint, paragraph_fingerprint
from dedup.model import Markup, Pair
from dedup.paragraphs import split
from tests.test_reports import GULLS, NIGHT, QUIET, RENT, STAFF

COMMENT = "<!-- dedup: ignore: quoted on purpose -->"
Run = Callable[..., tuple[int, dict[str, Any], list[str]]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Check and give back the exit code, the report with all pairs, and the lines on standard error."""

    def run(*arguments: str) -> tuple[int, dict[str, Any], list[str]]:
        code = main(["check", *arguments, "--all", "--format", "json", "--no-text"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out), captured.err.splitlines()

    return run


def write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def silenced(text: str, markup: Markup) -> tuple[list[str], list[tuple[int, str, str | None]]]:
    """Paragraphs of a text; and of each comment the line, the reason, and the beginning of the paragraph it silences."""
    found = split([Document("x", text, markup=markup)], Config(min_words=2))
    silences = [(one.line, one.reason, None if one.row is None else found.text[one.row][:5]) for one in found.silences]
    return found.text, silences


MARKDOWN = {
    "on a line of its own": (f"First here.\n\n{COMMENT}\n\nSecond here.\n", [(3, "quoted on purpose", "Secon")]),
    "right above": ("<!-- dedup: ignore -->\nFirst here.\n\nSecond here.", [(1, "", "First")]),
    "right below another block": ("First here.\n<!--dedup:ignore-->\nSecond here.", [(2, "", "Secon")]),
    "in the line of the block": ("First here.\n\n<!-- dedup: ignore --> Second here.", [(3, "", "Secon")]),
    "at the end of the block": ("First here. <!-- dedup: ignore: why -->\n\nSecond here.", [(1, "why", "First")]),
    "over two lines": ("<!-- dedup:\nignore:  why\nso -->\n\nFirst here.\n\nSecond here.", [(1, "why so", "First")]),
    "in capitals": ("<!-- DEDUP: Ignore -->\n\nFirst here.\n\nSecond here.", [(1, "", "First")]),
    "two of them": (
        "<!-- dedup: ignore: a -->\n<!-- dedup: ignore: b -->\n\nFirst here.\n\nSecond here.",
        [(1, "a", "First"), (2, "b", "First")],
    ),
    "below front matter": ("---\ntitle: x\n---\n\n<!-- dedup: ignore -->\n\nFirst here.\n\nSecond here.", [(5, "", "First")]),
    "before a list": ("First here.\n\n<!-- dedup: ignore -->\n\n- Second here.\n", [(3, "", "Secon")]),
    "with nothing behind it": ("First here.\n\nSecond here.\n\n<!-- dedup: ignore -->\n", [(5, "", None)]),
    "before a heading": ("<!-- dedup: ignore -->\n# Nights\n\nFirst here.\n\nSecond here.", [(1, "", None)]),
    "in code": ("First here.\n\nSecond here.\n\n```\n<!-- dedup: ignore -->\n```\n", []),
    "another comment": ("<!-- dedup: ignored -->\n\nFirst here.\n\n<!-- ignore -->\n\nSecond here.", []),
}  # fmt: skip


@pytest.mark.parametrize("name", MARKDOWN)
def test_a_comment_in_markdown_silences_the_block_behind_it(name: str) -> None:
    text, expected = MARKDOWN[name]
    paragraphs, silences = silenced(text, "markdown")
    assert (paragraphs[:2], silences) == (["First here.", "Second here."], expected)
    assert silenced(text.replace("\n", "\r\n"), "markdown")[1] == expected


HTML = {
    "between elements": (f"<p>First here.</p>\n{COMMENT}\n<p>Second here.</p>", [(2, "quoted on purpose", "Secon")]),
    "within an element": ("<p>First here.</p><p>Second <!-- dedup: ignore -->here.</p>", [(1, "", "Secon")]),
    "around an element": ("<!-- dedup: ignore --><div>\n<p>First here.</p><p>Second here.</p></div>", [(1, "", "First")]),
    "with nothing behind it": ("<p>First here.</p><p>Second here.</p>\n<!-- dedup: ignore -->", [(2, "", None)]),
    "in an attribute": ("<p title='<!-- dedup: ignore -->'>First here.</p><p>Second here.</p>", []),
    "in a script": ("<script>'<!-- dedup: ignore -->'</script><p>First here.</p><p>Second here.</p>", []),
    "never closed": ("<p>First here.</p><p>Second here.</p><!-- dedup: ignore ", []),
}


@pytest.mark.parametrize("name", HTML)
def test_a_comment_in_html_silences_the_block_behind_it(name: str) -> None:
    text, expected = HTML[name]
    assert silenced(text, "html") == (["First here.", "Second here."], expected)


def test_plain_text_has_no_comments() -> None:
    text = f"{COMMENT}\n\nFirst here."
    assert silenced(text, "plain")[1] == []


def test_what_is_silenced_is_listed_with_the_reason_and_counted(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.md", f"{NIGHT}\n\n{COMMENT}\n\n{QUIET}\n\n{STAFF}\n\n{GULLS}\n\n{GULLS}\n")
    code, report, told = run("a.md")
    assert (code, report["counts"]["why_not"], told) == (1, {"ignored": 1}, [])
    [ignored] = [pair for pair in report["pairs"] if not pair["counts"]]
    assert (ignored["why"], ignored["reason"], ignored["a"]["line"], ignored["b"]["line"]) == (
        "ignored", "quoted on purpose", 1, 5
    )  # fmt: skip
    assert [pair["counts"] for pair in report["pairs"]].count(True) == 1

    main(["check", "a.md", "--all"])
    text = capsys.readouterr().out
    assert "does not count: ignored (quoted on purpose)" in text
    assert "not counted: 1 (1 ignored)" in text
    main(["check", "a.md", "--format", "sarif"])
    run_of_sarif = json.loads(capsys.readouterr().out)["runs"][0]
    suppressions = [result["suppressions"] for result in run_of_sarif["results"] if result["suppressions"]]
    assert suppressions == [[{"kind": "inSource", "justification": "ignored (quoted on purpose)"}]]


def feed(text: str) -> str:
    return f"<rss version='2.0'><channel><item>\n<guid>1</guid><description>{escape(text)}</description></item></channel></rss>"


def test_a_comment_works_in_feeds_and_records_too(run: Run) -> None:
    marked = f"<p>{NIGHT}</p>{COMMENT}<p>{QUIET}</p>"
    write("f.rss", feed(marked))
    write("r.jsonl", json.dumps({"id": "1", "text": marked}) + "\n")
    for arguments in (["f.rss"], ["r.jsonl", "--text-is", "html"]):
        code, report, told = run(*arguments)
        assert (code, report["counts"]["why_not"], told) == (0, {"ignored": 1}, [])
    stale = f"<p>{NIGHT}</p>{COMMENT}<p>{STAFF}</p>"
    write("f.rss", feed(stale))
    assert run("f.rss")[2][-1] == "dedup: f.rss:1: this comment ignores nothing; take it out"


def test_one_silenced_copy_of_many_does_not_silence_the_others() -> None:
    plain = [
        Document(f"{number:02}", f"{STAFF}\n\nItem {number} of many, and what else there is to say of it.")
        for number in range(25)
    ]
    first = Document("00", f"{COMMENT}\n\n{STAFF}", markup="markdown")
    result = check([first, *plain[1:]], Config(boilerplate_documents=0, kinds=("exact",)))
    assert (result.counts.repeats, result.counts.why_not["ignored"]) == (23, 1)


def test_what_is_silenced_stays_when_a_document_is_cleaned() -> None:
    text = f"{NIGHT}\n\n{COMMENT}\n\n{QUIET}\n\n{GULLS}\n\n{GULLS}\n"
    document = Document("a", text, markup="markdown")
    assert clean([document]).text(document) == f"{NIGHT}\n\n{COMMENT}\n\n{QUIET}\n\n{GULLS}\n"


# ----------------------------------------------------------------------------------------------------------------- lists


def ignored(report: dict[str, Any]) -> list[tuple[int, str | None]]:
    return sorted((pair["a"]["line"], pair.get("reason")) for pair in report["pairs"] if pair.get("why") == "ignored")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([GULLS.upper()], [(7, None)]),
        (["# why", "# so", f"  {QUIET}  "], [(1, "why so")]),
        ([f"{paragraph_fingerprint(QUIET)}  two ledes"], [(1, "two ledes")]),
        (["# above", pair_fingerprint(GULLS, GULLS), paragraph_fingerprint(NIGHT)], [(1, "above"), (7, "above")]),
        (["# of another one", "", QUIET], [(1, None)]),
        ([f"{pair_fingerprint(NIGHT, QUIET)} first", QUIET], [(1, "first")]),
    ],
)
def test_a_list_silences_texts_and_pairs(lines: list[str], expected: list[tuple[int, str | None]], run: Run) -> None:
    write("a.txt", "\n\n".join((NIGHT, QUIET, STAFF, GULLS, GULLS)) + "\n")
    write("ignore.txt", "\ufeff" + "\n".join(lines) + "\n")
    code, report, told = run("a.txt", "--ignore-list", "ignore.txt")
    assert (code, ignored(report), told) == (1 if len(expected) == 1 else 0, expected, [])


def test_a_line_or_a_comment_that_silences_nothing_is_told(run: Run) -> None:
    write("a.md", f"{COMMENT}\n\n{STAFF}\n\n{GULLS}\n\n{NIGHT}\n\n{QUIET}\n")
    write(
        "ignore.txt", "# gone\n" + "\n".join([RENT, "0" * 16, *(f"{number:016x} x" for number in range(1, 8))]) + f"\n{NIGHT}"
    )
    code, _, told = run("a.md", "--ignore-list", "ignore.txt")
    assert (code, told) == (
        0,
        [
            "dedup: a.md:1: this comment ignores nothing; take it out",
            *(f"dedup: ignore.txt:{line}: this line ignores nothing; take it out" for line in range(2, 7)),
            "dedup: 4 more: this line ignores nothing",
        ],
    )


@pytest.mark.parametrize("name", ["missing.txt", ".", "latin.txt"])
def test_a_list_that_cannot_be_read_is_an_error(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.txt", f"{NIGHT}\n\n{QUIET}\n")
    Path("latin.txt").write_bytes(b"caf\xe9")
    assert main(["check", "a.txt", "--ignore-list", name]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.startswith(f"dedup: {name}: ")) == ("", True)


def test_a_pair_says_why_it_does_not_count() -> None:
    result = check([Document("a", f"{COMMENT}\n\n{NIGHT}\n\n{QUIET}", markup="markdown")])
    [pair] = result.pairs
    assert isinstance(pair, Pair)
    assert (pair.counts, pair.why, pair.reason, pair.excuse) == (
        False, "ignored", "quoted on purpose", "ignored (quoted on purpose)"
    )  # fmt: skip
    assert result.at(0.6).pairs[0] == pair
    assert len(result.at(1.0)) == 0
