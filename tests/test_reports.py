from __future__ import annotations

import functools
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import sample_documents
from rich.cells import cell_len

from dedup import Config, Document, Result, check, compare
from dedup.errors import ConfigError, InputError
from dedup.explanation import explain
from dedup.model import Pair
from dedup.reports import COMPARISONS, NARROWEST, REPORTS, Options, load_comparison, load_report
from dedup.reports.layout import SIDE_BY_SIDE, printable, wrap
from dedup.reports.rows import _escaped, encode, pair_lines, pair_row
from dedup.similarity import ten_thousandths

GOLDEN = Path(__file__).parent / "golden"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

NIGHT = (
    "On Monday nights the building is at its quietest. An average of 23 people pass the turnstile between midnight and "
    "five, most of them alone, and the favourite shelves are law and accountancy."
)
QUIET = (
    "The building is never as quiet as on Monday nights, when 23 people on average pass the turnstile between midnight "
    "and five. Most come alone, and law and accountancy are the shelves they like best."
)
RENT = "The lease runs until 2031, said the landlord, Ottilie Brack, and the rent of 4,500 a month will not rise before that."
LEASE = "The lease runs until 2032, said the landlord, Ottilie Brack, and the rent of 4,500 a month will not rise before then."
STAFF = "Nine librarians share the shifts, two at a time, and a tenth, Casper Dunmow, looks after the lights and the lifts."
CHINESE = "图书馆在周一的夜里最安静。从午夜到清晨五点，平均有二十三位读者走过闸机，他们大多独自前来，最喜欢的书架是法律和会计。"
REWORDED_CHINESE = (
    "周一夜里图书馆最为安静。午夜到清晨五点之间，平均有二十三位读者走过闸机，大多独自前来，最喜欢的是法律和会计的书架。"
)
ARABIC = "افتتحت مدينة كولمبريدج يوم الثلاثاء مكتبة جديدة على ضفة نهر أورلون بحضور 350 زائرا، واستغرق البناء 7 سنوات."
REWORDED_ARABIC = "فتحت كولمبريدج أبواب مكتبتها الجديدة على ضفة نهر أورلون يوم الثلاثاء أمام 350 زائرا، ودام البناء 7 سنوات."
FOOTER = "All rights reserved. No part of this page may be copied without the permission of the Fallowgate Courier."
PLUG = "Every Friday our letter brings the best of the week to 8,000 kitchens along the river: sign up on the front page."
GULLS = "Gulls have learned to open the lids of the new bins on the quay, and the harbour office is looking for heavier ones."


def article(name: str, *texts: str) -> Document:
    return Document(name, "\n\n".join(texts), file=name)


@functools.cache
def sample() -> Result:
    """A bit of everything: repeats within and across, copies of a text and of documents, other scripts, reservations."""
    documents = [
        article("night.txt", "# Nights", NIGHT, QUIET, RENT, PLUG),
        article("gulls.txt", GULLS, PLUG.replace("sign up", "subscribe")),
        article("lease.txt", LEASE, STAFF, "Too short."),
        article("copy.txt", LEASE, STAFF),
        article("edited.txt", LEASE.replace("landlord", "owner"), STAFF),
        article("empty.txt"),
        *(Document(f"item-{number:02}", FOOTER, file="feed.jsonl", line=number) for number in range(1, 25)),
        article("other.txt", CHINESE, REWORDED_CHINESE, ARABIC, REWORDED_ARABIC, FOOTER.upper(), PLUG),
    ]
    result = check(documents, Config(kinds=("exact", "contained", "paraphrase", "near")))
    return replace(result, errors=(InputError("broken.txt", "binary data", "give text"),), ignored=1)


def rendered(name: str, result: Result, **options: Any) -> str:  # noqa: ANN401 - as Options
    out = io.StringIO()
    load_report(name)(result, out, Options(**options))
    return out.getvalue()


def compared(name: str, pair: Pair, **options: Any) -> str:  # noqa: ANN401 - as Options
    out = io.StringIO()
    load_comparison(name)(next(explain([pair])), out, Options(**options))
    return out.getvalue()


def schema(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(resources.files("dedup").joinpath(f"schemas/{name}.schema.json").read_text(encoding="utf-8"))


@functools.cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    return jsonschema.Draft202012Validator(schema(name))


# To accept a change on purpose: write what the test got over the file, and read the difference.
@pytest.mark.parametrize(
    ("golden", "options"),
    [
        ("report.txt", {}),
        ("report-wide.txt", {"width": 160}),
        ("report-narrow.txt", {"width": 60, "top": 3}),
        ("report-colour.txt", {"colour": True, "top": 4}),
        ("report-without-text.txt", {"with_text": False}),
        ("report-brief.txt", {"brief": True, "clock": lambda: 0.123}),
        ("report.json", {"with_text": False}),
        ("report.jsonl", {"top": 3}),
        ("report-without-text.jsonl", {"with_text": False}),
        ("report.sarif", {"top": 9}),
        ("report-all.sarif", {"all_pairs": True, "with_text": False, "top": 7}),
        ("report.github", {"top": 11}),
        ("report.junit", {"top": 3}),
        ("report.markdown", {}),
        ("report-brief.markdown", {"brief": True}),
    ],
)
def test_a_report_is_as_accepted(golden: str, options: dict[str, Any]) -> None:
    assert rendered(Path(golden).suffix[1:].replace("txt", "text"), sample(), **options) == (GOLDEN / golden).read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("golden", "options"),
    [("comparison.txt", {}), ("comparison-colour.txt", {"width": 120, "colour": True}), ("comparison.json", {})],
)
def test_a_comparison_is_as_accepted(golden: str, options: dict[str, Any]) -> None:
    name = Path(golden).suffix[1:].replace("txt", "text")
    assert compared(name, compare(NIGHT, QUIET), **options) == (GOLDEN / golden).read_text(encoding="utf-8")


@pytest.mark.parametrize(("load", "known"), [(load_report, REPORTS), (load_comparison, COMPARISONS)])
def test_an_unknown_format_is_an_error_that_lists_the_known(load: Any, known: dict[str, str]) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match=f"format: unknown value 'xml'; known are {', '.join(known)}"):
        load("xml")


@pytest.mark.parametrize(("options", "name"), [({"width": NARROWEST - 1}, "width"), ({"top": -1}, "top")])
def test_a_wrong_option_is_an_error_that_names_it(options: dict[str, int], name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: "):
        Options(**options)  # type: ignore[arg-type]


# What every report promises.

NASTY = "a\x1b[31mb\x00c\ud800d\u2028e\x85f\u202eg\tह\x9b\n\nh" + "x" * 200


@functools.cache
def nasty() -> Result:
    document = Document(NASTY, f"{NASTY.replace(chr(10), ' ')} {NIGHT}\n\n{NASTY.replace(chr(10), ' ')} {QUIET}", file=NASTY)
    result = check([document], Config(min_score=0))
    assert len(result.pairs) == 1
    return result


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("options", [{}, {"width": 160}, {"colour": True}], ids=str)
def test_a_report_can_be_written_whatever_the_text(name: str, options: dict[str, Any]) -> None:
    lines = ESCAPES.sub("", rendered(name, nasty(), **options)).encode("utf-8").decode("utf-8")
    assert lines.endswith("\n")
    assert not {"\x1b", "\x00", "\u2028", "\x85", "\x9b", "\t"} & set(lines)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_can_be_written_whatever_the_text(name: str) -> None:
    lines = compared(name, compare(NASTY, NIGHT)).encode("utf-8").decode("utf-8")
    assert lines.endswith("\n")
    assert not {"\x1b", "\x00", "\u2028", "\x85", "\x9b", "\t"} & set(lines)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("brief", [False, True])
def test_text_can_be_left_out(name: str, brief: bool) -> None:
    report = rendered(name, sample(), with_text=False, all_pairs=True, brief=brief)
    for text in (NIGHT, CHINESE, ARABIC, FOOTER):
        assert text[:15] not in report


@pytest.mark.parametrize("name", REPORTS)
def test_what_does_not_count_is_left_out_unless_asked_for(name: str) -> None:
    result = check([article("a.txt", NIGHT, QUIET, RENT), article("b.txt", LEASE)], Config(kinds=("near",)))
    assert NIGHT[:15] not in rendered(name, result)
    assert LEASE[:15] in rendered(name, result)
    assert NIGHT[:15] in rendered(name, result, all_pairs=True)


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_the_order_of_the_result_is_kept(name: str) -> None:
    scores = re.findall(r'^\{"score": ([0-9.]+), "kind', rendered(name, sample()), re.MULTILINE)
    assert list(map(float, scores)) == [pair.score for pair in sample().pairs if pair.counts]


@pytest.mark.parametrize("name", REPORTS)
def test_boilerplate_is_no_repeat_unless_it_is_asked_for(name: str) -> None:
    documents = [article(f"{number}.txt", text, FOOTER) for number, text in enumerate((NIGHT, STAFF, GULLS, RENT))]
    alone = rendered(name, check(documents))
    assert alone.count(FOOTER[:15]) == (1 if name in ("text", "json", "markdown", "html") else 0)
    assert "does not count" not in alone
    assert "boilerplate" in rendered(name, check(documents), all_pairs=True)
    assert FOOTER[:15] in rendered(name, check(documents, Config(count_boilerplate=True)))


def test_boilerplate_is_told_once_with_its_documents() -> None:
    report = rendered("text", sample())
    assert "\n\nboilerplate  in 3 of 31 documents\n  gulls.txt:3\n  and 2 more places\n    Every Friday" in report
    assert report.count("Every Friday") == 1
    assert "\nboilerplate: 1 text in documents that share little else\n" in report
    [told] = json.loads(rendered("json", sample()))["boilerplate"]
    assert (told["documents"], len(told["places"]), told["text"][:12]) == (3, 3, "Every Friday")


def test_a_copied_document_has_its_footer_too() -> None:
    documents = [article(f"{number}.txt", text, FOOTER) for number, text in enumerate((NIGHT, NIGHT, STAFF, GULLS))]
    assert rendered("text", check(documents)).startswith("1.txt is a copy of 0.txt: 2 of 2 paragraphs\n")
    # … but two documents that have nothing but boilerplate are no copies worth a line.
    texts = (NIGHT, STAFF, GULLS, RENT, CHINESE, ARABIC)
    documents = [article(f"{number}.txt", text, FOOTER, PLUG) for number, text in enumerate(texts)]
    result = check([article("a.txt", FOOTER, PLUG), *documents], Config(boilerplate_overlap=0.7))
    assert result.counts.boilerplate == 2
    assert "is a copy of" not in rendered("text", result)


def test_equal_texts_of_which_a_later_one_differs_in_case_are_not_called_the_same() -> None:
    result = check([article("a.txt", NIGHT), article("b.txt", NIGHT), article("c.txt", NIGHT.upper())])
    assert "the same text, but for case" in rendered("text", result)


# JSON and JSON Lines.


@pytest.mark.parametrize("options", [{}, {"with_text": False}, {"top": 2}, {"all_pairs": True}], ids=str)
@pytest.mark.parametrize("kinds", [("exact", "contained", "near", "paraphrase"), ("near",)], ids=str)
def test_json_is_as_its_schema_says(options: dict[str, Any], kinds: Any) -> None:  # noqa: ANN401 - kinds
    whole = sample()
    for result in (whole, check([]), nasty(), check([article("a.txt", NIGHT, NIGHT, LEASE, RENT)], Config(kinds=kinds))):
        validator("report").validate(json.loads(rendered("json", result, **options)))


def test_the_schema_refuses_what_is_wrong() -> None:
    report = json.loads(rendered("json", sample()))
    for break_it in (
        lambda wrong: wrong["pairs"][0].pop("a"),
        lambda wrong: wrong["pairs"][0].update(score=2),
        lambda wrong: wrong["pairs"][0].update(counts=False),
        lambda wrong: wrong["counts"].pop("documents"),
        lambda wrong: wrong.update(format_version=2),
        lambda wrong: wrong["groups"][0].update(places=[]),
    ):
        wrong = json.loads(json.dumps(report))
        break_it(wrong)
        with pytest.raises(jsonschema.ValidationError):
            validator("report").validate(wrong)


@pytest.mark.parametrize("pair", [compare(NIGHT, QUIET), compare(NIGHT, NIGHT, same_document=True), compare("", "7")], ids=str)
def test_json_of_a_comparison_is_as_its_schema_says(pair: Pair) -> None:
    validator("comparison").validate(json.loads(compared("json", pair)))


def test_json_has_the_pairs_that_jsonl_has() -> None:
    assert json.loads(rendered("json", sample()))["pairs"] == [
        json.loads(line) for line in rendered("jsonl", sample()).splitlines()
    ]


def test_jsonl_is_read_back_as_it_was() -> None:
    [line] = rendered("jsonl", nasty()).splitlines()
    place = json.loads(line)["a"]
    assert (place["file"], place["document"], place["paragraph"]) == (NASTY, NASTY, 0)
    assert place["text"] == nasty().pairs[0].a.text


def test_jsonl_of_nothing_is_empty() -> None:
    assert rendered("jsonl", check([])) == ""


# The text report.


@pytest.mark.parametrize("width", [NARROWEST, 60, 80, SIDE_BY_SIDE, 160])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_asked_for(width: int, colour: bool) -> None:
    for line in rendered("text", sample(), width=width, colour=colour).splitlines():
        assert cell_len(ESCAPES.sub("", line)) <= width
    for line in compared("text", compare(NIGHT, QUIET), width=max(width, 60), colour=colour).splitlines():
        assert cell_len(ESCAPES.sub("", line)) <= max(width, 60)


def test_colour_adds_nothing_but_colour() -> None:
    """Where plain marks are brackets, so that only lines wide enough for both are wrapped alike."""
    plain = re.sub(r"[\[\]]", "", rendered("text", sample(), width=10_000)).splitlines()
    coloured = ESCAPES.sub("", rendered("text", sample(), width=10_000, colour=True)).splitlines()
    differing = [line for line in plain if line not in coloured and "│" not in line]
    assert differing == ["  (or { } in a text with brackets) marks words that the other paragraph does not have"]
    assert len(plain) == len(coloured)


def test_wide_texts_stand_side_by_side_in_line() -> None:
    lines = [line for line in rendered("text", sample(), width=160).splitlines() if "│" in line]
    assert any("图书馆" in line for line in lines)
    assert {cell_len(line.split("│")[0]) for line in lines} == {cell_len(lines[0].split("│")[0])}


def test_right_to_left_texts_stand_alone_on_their_lines() -> None:
    for width in (80, 160):
        lines = [line for line in rendered("text", sample(), width=width).splitlines() if "كولمبريدج" in line]
        assert len(lines) >= 2
        assert not any("│" in line for line in lines)


def test_a_copied_document_is_one_line() -> None:
    lines = rendered("text", sample()).splitlines()
    assert lines[:2] == [
        "edited.txt is a copy of copy.txt: 2 of 2 paragraphs, 1 edited",
        "lease.txt is a copy of copy.txt: 2 of 2 paragraphs",
    ]
    assert [line for line in lines if line.strip().startswith("lease.txt:")] == []
    assert [line for line in lines if line.strip().startswith("edited.txt:")] == ["  edited.txt:1"] * 2


def test_many_copied_documents_are_a_few_lines() -> None:
    result = check([article(f"{number:03}.txt", NIGHT, STAFF) for number in range(30)])
    lines = rendered("text", result).splitlines()
    assert lines[4:6] == ["005.txt is a copy of 000.txt: 2 of 2 paragraphs", "24 more documents are copies of 000.txt"]
    assert lines[7] == "30 documents, 60 paragraphs to compare"


def test_the_whole_of_a_longer_document_is_the_original() -> None:
    result = check([article("a.txt", NIGHT, STAFF), article("b.txt", STAFF, RENT, NIGHT), article("c.txt", STAFF, NIGHT)])
    assert rendered("text", result).splitlines()[:3] == [
        "a.txt is a copy of b.txt: 2 of 2 paragraphs",
        "c.txt is a copy of b.txt: 2 of 2 paragraphs",
        "",
    ]


def test_what_an_edit_of_a_copy_repeats_is_listed() -> None:
    """The line about the copy does not tell it: the original does not have it."""
    result = check([article("a.txt", RENT, STAFF, FOOTER), article("b.txt", LEASE, STAFF, FOOTER), article("c.txt", LEASE)])
    report = rendered("text", result)
    assert report.startswith("b.txt is a copy of a.txt: 3 of 3 paragraphs, 1 edited\n")
    assert "\n  b.txt:1\n  c.txt:1\n" in report


def test_a_stray_paragraph_elsewhere_hides_no_copied_documents() -> None:
    copies = [article(f"d{number:02}.txt", NIGHT, STAFF, RENT) for number in range(30)]
    lines = rendered("text", check([article("aaa.txt", STAFF, CHINESE), *copies])).splitlines()
    assert lines[0] == "d01.txt is a copy of d00.txt: 3 of 3 paragraphs"
    assert lines[5] == "24 more documents are copies of d00.txt"
    assert "1.0000  exact  group 1  31 copies" in lines


def test_near_copies_of_many_equal_texts_are_one_entry() -> None:
    edited = FOOTER.replace("permission", "consent")
    report = rendered("text", check([article(f"{number}.txt", FOOTER if number < 9 else edited) for number in range(12)]))
    assert re.findall(r"^[01]\.\d{4}  (\S+.*)$", report, re.MULTILINE) == [
        "exact  group 1  9 copies",
        "near  group 1  and 26 pairs of the same texts",
        "exact  group 1  3 copies",
    ]


def test_a_text_with_brackets_is_marked_with_others() -> None:
    pair = compare(f"[Sic] {RENT}", f"[Sic] {LEASE}", same_document=True)
    assert "{2031}" in compared("text", pair)
    assert "[Sic]" in compared("text", pair)


def test_the_marks_are_explained_where_there_are_any() -> None:
    mixed = check([article("a.txt", FOOTER, RENT, NIGHT), article("b.txt", FOOTER, LEASE, STAFF)])
    assert "marks words" not in rendered("text", mixed, top=1)
    assert "marks words" in rendered("text", mixed)
    assert "marks words" in rendered(
        "text", check([article("a.txt", RENT), article("b.txt", LEASE)], Config(kinds=("exact",))), all_pairs=True
    )


def test_a_long_path_is_not_cut_to_stand_side_by_side() -> None:
    name = "/".join(["folder-of-a-name"] * 5) + "/a.txt"
    assert f"\n  {name}:1\n" in rendered("text", check([article(name, RENT), article("b.txt", LEASE)]), width=120)


def test_equal_texts_are_one_entry_with_all_places() -> None:
    report = rendered("text", sample())
    assert report.count("All rights reserved") == 1
    assert "1.0000  exact  group 3  25 copies\n  feed.jsonl:1 (item-01, paragraph 0)\n" in report
    assert "  and 17 more places\n" in report


def test_top_lists_the_best_and_counts_all() -> None:
    report = rendered("text", sample(), top=1)
    assert len(re.findall(r"^[01]\.\d{4}  ", report, re.MULTILINE)) == 1
    assert "and 6 more; give a larger --top to see them\n" in report
    assert report.splitlines()[-1] == rendered("text", sample()).splitlines()[-1]
    assert rendered("text", sample(), top=0).startswith("edited.txt is a copy")


def test_a_long_paragraph_is_cut() -> None:
    words = " ".join(f"word{number}" for number in range(1000))
    report = rendered("text", check([article("a.txt", words, f"{words} end")]))
    assert re.search(r"… \(\d,\d{3} more characters\)", report.replace("\n    ", " "))
    assert "word999" not in report


@pytest.mark.parametrize(
    ("scope", "texts", "nothing"),
    [
        ("all", [], True),
        ("all", [NIGHT], True),
        ("all", [NIGHT, STAFF], False),
        ("within", [NIGHT, STAFF], True),
        ("within", [f"{NIGHT}\n\n{STAFF}"], False),
        ("across", [f"{NIGHT}\n\n{STAFF}", "Short."], True),
        ("across", [NIGHT, STAFF], False),
    ],
)
def test_text_says_when_nothing_was_compared(scope: str, texts: Sequence[str], nothing: bool) -> None:
    result = check([Document(str(number), text) for number, text in enumerate(texts)], Config(scope=scope))
    assert rendered("text", result).splitlines()[-1] == ("nothing was compared" if nothing else "no repeats")


def test_documents_too_small_to_repeat_anything_are_named() -> None:
    result = check(
        [article("a.txt", NIGHT, STAFF), *(article(f"{number}.txt", NIGHT) for number in range(7)), article("b.txt")]
    )
    assert "fewer than two paragraphs to compare: 0.txt (1), 1.txt (1), 2.txt (1), 3.txt (1), 4.txt (1), 3 more\n" in rendered(
        "text", result, width=160
    )


@given(text=st.text(), columns=st.integers(2, 80))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    text = printable(text)
    lines = [text[first:last] for first, last in wrap(text, columns)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= columns for line in lines if line.isascii())


def test_wide_characters_take_two_columns() -> None:
    def lines(text: str, columns: int) -> list[str]:
        return [text[first:last] for first, last in wrap(text, columns)]

    assert lines("图书馆在夜里 open", 8) == ["图书馆在", "夜里", "open"]
    assert lines("a" * 10 + " b", 8) == ["a" * 8, "aa b"]
    assert lines("", 8) == []


@given(
    st.lists(
        st.one_of(
            st.just(math.nan),
            st.floats(0, 1),
            st.fractions(0, 1, max_denominator=1000).map(float),
            st.integers(0, 20_000).map(lambda number: number / 20_000),  # every other one is half-way
        )
    )
)
def test_figures_are_rounded_as_python_rounds(values: list[float]) -> None:
    expected = [-1 if math.isnan(value) else round(round(value, 4) * 10_000) for value in values]
    assert expected == ten_thousandths(np.array(values)).tolist()


def test_lines_from_the_columns_are_the_rows_of_the_pairs() -> None:
    equal = [
        Document(f"copy-{number}", "The Müller mill — “sold” in 1999 — burnt down\u2028on Friday night.")
        for number in range(25)
    ]
    result = check([*sample_documents(), *equal], Config(min_score=0.0, kinds=("paraphrase", "exact")))

    for with_text in (True, False):
        lines = list(pair_lines(result.pairs, np.arange(len(result.pairs)), with_text))

        assert lines == [encode(pair_row(pair, with_text)) for pair in result.pairs]
    assert {pair.kind for pair in result.pairs} >= {"exact", "near", "paraphrase"}
    assert any(pair.copies for pair in result.pairs)


@given(st.lists(st.one_of(st.text(), st.text(st.sampled_from('ab "\\\\\0\t\n\x1f\x7f~\x80\xa0é\u2028\ud800😀')))))
def test_texts_are_escaped_together_as_one_by_one(texts: list[str]) -> None:
    assert [f'"{text}"' for text in _escaped(texts)] == [encode(text) for text in texts]
