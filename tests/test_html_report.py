"""The page: what stands in it, that texts stay texts, and that it asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from material import sample_documents
from test_reports import CHINESE, FOOTER, LEASE, NIGHT, QUIET, RENT, STAFF, article, rendered, sample

from dedup import Config, Document, Result, check
from dedup.differences import find_differences
from dedup.errors import InputError
from dedup.reports.html import ERRORS
from dedup.reports.sheet import LONGEST

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>&lt;b&gt;<!--<script>\u2028 ]]> $data ${style} 'x' \"y\""
)


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: dict[str, str] = {}
        self.text = ""
        self._within = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = f"{tag} {dict(attrs).get('type', '')}".strip() if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within:
            self.contents[self._within] = self.contents.get(self._within, "") + data
        else:
            self.text += data

    @property
    def data(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.contents["script application/json"])

    @property
    def policy(self) -> str:
        return next(found["content"] or "" for _, found in self.elements if "http-equiv" in found)


def page_of(result: Result, **options: Any) -> Page:  # noqa: ANN401 - as Options
    return Page(rendered("html", result, **options))


def hostile(result: Result) -> Result:
    return replace(result, errors=(InputError(f"{HOSTILE}.txt", HOSTILE, HOSTILE),))


def test_the_page_is_as_accepted() -> None:
    """But for its style and script, which are files of their own, and what depends on them."""
    page = rendered("html", sample(), all_pairs=True)
    page = re.sub(r"(<style>|<script type=\"module\">).*?(?=</)", r"\1…", page, flags=re.S)
    page = re.sub(r"sha256-[\w+/=]+", "sha256-…", page)
    assert page == (GOLDEN / "report.html").read_text(encoding="utf-8")


def test_no_script_and_no_style_but_its_own_may_run() -> None:
    page = page_of(sample())
    for directive, content in (("style-src", page.contents["style"]), ("script-src", page.contents["script module"])):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in page.policy
    assert page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in page.policy


def test_the_page_asks_for_nothing() -> None:
    page = page_of(sample())
    assert {"link", "img", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in page.elements)
    assert {"src", "href", "action", "style"} & {name for _, found in page.elements for name in found} == {"href"}
    assert [found["href"] for tag, found in page.elements if "href" in found] == ["#pairs"]
    assert not re.search(r"url\(|@import", page.contents["style"])
    assert not re.search(
        r"fetch\(|XMLHttp|import\(|innerHTML|outerHTML|insertAdjacent|\beval\b", page.contents["script module"]
    )


def test_texts_and_names_stay_texts() -> None:
    documents = [
        Document(f"{HOSTILE}{number}", f"{HOSTILE} {text}\n\n{HOSTILE} {FOOTER}", file=f"{HOSTILE}{number}.txt", line=number)
        for number, text in enumerate((NIGHT, QUIET, STAFF, RENT, CHINESE))
    ]
    usual, page = page_of(sample()), page_of(hostile(check(documents, Config(boilerplate_overlap=1))), all_pairs=True)
    assert [tag for tag, _ in page.elements if tag in ("script", "img", "style")] == ["style", "script", "script"]
    assert page.contents["script module"] == usual.contents["script module"]
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    shown = HOSTILE.replace("\u2028", "").replace("  ", " ")
    assert any(text.startswith(shown) for text in page.data["texts"])
    assert all(shown in name for _, name in page.data["places"])
    assert f"{shown}.txt: {shown}; {shown}" in page.text  # the error
    assert "\u2028" not in rendered("html", check(documents))


def test_the_same_input_gives_the_same_bytes() -> None:
    documents = [*sample_documents()]
    first = rendered("html", check(documents))
    random.Random(1).shuffle(documents)
    assert rendered("html", check(documents)) == first


def test_every_pair_is_on_a_card_once() -> None:
    result = sample()
    data = page_of(result).data
    names = [name for _, name in data["places"]]
    of_cards = {
        (names[a], names[b], card["score"], card["kind"])
        for card in data["cards"]
        for a, b in (itertools.product(card["a"], card["b"]) if card["b"] else itertools.combinations(card["a"], 2))
    }
    for pair in (pair for pair in result.pairs if pair.counts):
        ends = [next(name for name in names if re.match(rf"{place.spot}( |$)", name)) for place in (pair.a, pair.b)]
        assert {(*ends, pair.score, pair.kind), (*ends[::-1], pair.score, pair.kind)} & of_cards
    assert sum(card["within"] + card["across"] for card in data["cards"]) == result.counts.repeats
    assert sum(card["within"] for card in data["cards"]) == sum(pair.same_document for pair in result.pairs if pair.counts)
    assert len(data["cards"]) < result.counts.repeats


def spans(marks: str) -> list[tuple[int, int, bool]]:
    """(first, last, whether the other paragraph lacks it) of each mark."""
    found, end = [], 0
    numbers = iter(map(int, marks.split()))
    for gap, length in zip(numbers, numbers, strict=True):
        found.append((end + gap, end + gap + abs(length), length > 0))
        end = found[-1][1]
    return found


@pytest.mark.parametrize("other", [QUIET, f"🦊 {NIGHT.replace('midnight', '𝟗 o’clock')}"], ids=["reworded", "beyond-16-bits"])
def test_marks_are_the_words_that_differ_in_the_units_of_browsers(other: str) -> None:
    data = page_of(check([article("a.txt", NIGHT), article("b.txt", other)])).data
    [card] = data["cards"]
    differences = find_differences(NIGHT, other)
    for text, marks, differing in zip((NIGHT, other), card["marks"], differences.spans, strict=True):
        assert data["texts"][card["texts"][0 if text is NIGHT else 1]] == text
        units = text.encode("utf-16-le")
        cut = [(units[2 * first : 2 * last].decode("utf-16-le"), alone) for first, last, alone in spans(marks)]
        assert [word for word, alone in cut if alone] == [text[slice(*span)] for span in differing]
        assert "turnstile" in " ".join(word for word, alone in cut if not alone)


def test_marks_end_where_a_long_text_is_cut() -> None:
    words = " ".join(f"word{number}" for number in range(1000))
    data = page_of(check([article("a.txt", words), article("b.txt", f"other {words} end")])).data
    [card] = data["cards"]
    for text, marks in zip(card["texts"], card["marks"], strict=True):
        assert re.search(r"… \(\d,\d{3} more characters\)$", data["texts"][text])
        assert spans(marks)[-1][1] <= LONGEST


def test_what_stands_below_is_said_without_scripts_too() -> None:
    result = check([article(f"{number}.txt", text, FOOTER) for number, text in enumerate((NIGHT, QUIET, STAFF, RENT, LEASE))])
    page = page_of(hostile(result))
    assert "in 5 of 5 documents" in page.text
    assert FOOTER in page.text
    assert "Could not be checked" in page.text
    assert re.search(r"0\.99\d\d near: 3\.txt:1 – 4\.txt:1", page.text)
    assert "The check kept pairs from 0.5 on (--min-score 0.5)." in page.text
    assert "boilerplate" not in {card.get("why") for card in page.data["cards"]}


def test_top_leaves_out_the_rest_and_says_so() -> None:
    page = page_of(sample(), top=2)
    assert len(page.data["cards"]) == 2
    left_out = sample().counts.repeats - sum(card["within"] + card["across"] for card in page.data["cards"])
    assert f"{left_out} more are not. Give a larger --top" in page.text


def test_a_page_of_nothing_says_so() -> None:
    assert "nothing was compared" in page_of(check([])).text
    page = page_of(check([article("a.txt", NIGHT, STAFF)]))
    assert "no repeats" in page.text
    assert page.data["cards"] == []


def test_many_errors_are_cut_and_counted() -> None:
    errors = tuple(InputError(f"{number}.txt", "binary data", "give text") for number in range(ERRORS + 3))
    page = page_of(replace(check([]), errors=errors))
    assert page.text.count("binary data; give text") == ERRORS
    assert "and 3 more; see them all with --format json" in page.text
