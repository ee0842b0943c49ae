"""CSV, lists of records in JSON, and JSON Feed: records with their lines, told by content too, and other text put in."""

from __future__ import annotations

import csv as standard
import io
import json as standard_json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import few

from dedup import Config, Document
from dedup.errors import InputError
from dedup.readers import Source, csv, json

CONFIG = Config()
FEED = '{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [\n{}\n]}}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(name: str, content: str | bytes, config: Config = CONFIG) -> tuple[list[Document], list[str]]:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    source = Source([name], config)
    return list(source), [str(error) for error in source.errors]


def told(name: str, content: str | bytes, config: Config = CONFIG) -> list[tuple[str, int | None, str]]:
    documents, errors = read(name, content, config)
    assert errors == []
    return [(document.id, document.line, document.text) for document in documents]


# CSV.


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_row_is_a_record_with_the_line_it_begins_in(delimiter: str, end: str, encoding: str) -> None:
    rows = ["", "id,text,date", '1,"one, ""two""', "", 'three",2026', "", ",four,", '5,"é",']
    content = end.join(rows).replace(",", delimiter).replace(f"one{delimiter}", "one,")
    documents, errors = read("a.csv", content.encode(encoding))
    assert errors == []
    assert documents == [
        Document("1", f'one, "two"{end}{end}three', "a.csv", "2026", line=3),
        Document("a.csv:7", "four", "a.csv", line=7),
        Document("5", "é", "a.csv", line=8),
    ]


def test_fields_of_csv_have_the_names_of_the_settings() -> None:
    config = Config(id_field="guid", text_field="body", date_field="day", text_is="markdown")
    documents, _ = read("a.csv", "body;day;guid\none;2026;a\n", config)
    assert documents == [Document("a", "one", "a.csv", "2026", "markdown", 2)]


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ("1,a,b\n", ["a.csv:2: 3 cells in the row, 2 fields in the header"]),
        ("1\n", ["a.csv:2: 1 cells in the row, 2 fields in the header"]),
        ('1,"a"b\n', ["a.csv:2: not CSV (',' expected after '\"')"]),
        ("9,a\n", ["a.csv:3: the id '9' is that of line 2 too"]),
        ("1,\xff\n", ["a.csv:2: the byte 0xff at position 10 is not UTF-8"]),
        ("1,\0\n", ["a.csv:2: binary data (a NUL byte)"]),
    ],
)
def test_a_broken_row_is_an_error_and_the_others_are_read(rows: str, errors: list[str]) -> None:
    documents, found = read("a.csv", f"id,text\n{rows}9,nine\n".encode("latin-1"))
    assert [error[: len(said)] for error, said in zip(found, errors, strict=True)] == errors
    ends = "\xff" in rows or "\0" in rows  # nobody knows where the next row begins
    assert [document.text for document in documents] == ([] if ends else ["a"] if "9" in rows else ["nine"])


def test_a_quotation_mark_that_is_not_closed_is_told_where_its_row_begins() -> None:
    documents, [error] = read("a.csv", 'id,text\n1,one\n2,"two\n3,three\n')
    assert [document.text for document in documents] == ["one"]
    assert error.startswith("a.csv:3: not CSV (unexpected end of data); ")


def test_a_long_cell_is_read() -> None:
    assert told("a.csv", "text,x\n" + "a" * 200_000 + ",\n")[0][2] == "a" * 200_000


# Lists of records.


def test_a_record_of_a_list_has_the_line_it_begins_in() -> None:
    content = '\n[ {"id": 1, "text": "one"},\n\n{"text":\n"two"}, {"id": "c", "text": "three", "date": "2026"}]\n'
    documents, errors = read("a.json", content)
    assert errors == []
    assert documents == [
        Document("1", "one", "a.json", line=2),
        Document("a.json:4", "two", "a.json", line=4),
        Document("c", "three", "a.json", "2026", line=5),
    ]


@pytest.mark.parametrize(
    ("content", "texts", "errors"),
    [
        ('[{"text": "a"},\n7, {"text": "b"}]', ["a", "b"], ["a.json:2: a number instead of an object"]),
        ('[{"text": "a"},\n{"body": "b"}]', ["a"], ["a.json:2: no field 'text' (there are body)"]),
        ('[{"text": "a"},\n{"text" "b"}]', ["a"], ["a.json:2: not JSON (Expecting ':' delimiter at column 9)"]),
        ('[{"text": "a"},\n]', ["a"], ["a.json:2: not JSON ("]),
        ('[{"text": "a"}\n{}', ["a"], ["a.json:2: not JSON (Expecting ',' delimiter at column 1)"]),
        ('[{"text": "a"}]\nmore', ["a"], ["a.json:2: not JSON (Extra data at column 1)"]),
        ("[" * 100_000, [], ["a.json:1: not JSON ("]),
        ('{"a": 1}', [], ["a.json: an object that is no JSON Feed (by its version)"]),
        ("12", [], ["a.json: neither a list nor an object of JSON"]),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', [], ["a.json: a JSON Feed without a list of items"]),
        ('{"version": "https://jsonfeed.org/version/2", "items": []}', [], ["a.json: an object that is no JSON Feed"]),
        ('[{"id": 1, "text": "a"},\n{"id": 1, "text": "b"}]', ["a"], ["a.json:2: the id '1' is that of line 1 too"]),
    ],
)
def test_what_is_broken_in_a_list_is_an_error_and_the_others_are_read(
    content: str, texts: list[str], errors: list[str]
) -> None:
    documents, found = read("a.json", content)
    assert [document.text for document in documents] == texts
    assert [error[: len(said)] for error, said in zip(found, errors, strict=True)] == errors


def test_a_json_file_of_another_kind_is_left_out_of_a_folder_and_an_error_if_named() -> None:
    read("d.json", "{}")
    read("a.json", '[{"text": "a"}]')
    source = Source(["."], CONFIG)
    assert ([document.text for document in source], source.errors, source.ignored) == (["a"], [], 1)
    source = Source([".", "d.json"], CONFIG)
    assert ([document.text for document in source], len(source.errors), source.ignored) == (["a"], 1, 0)


# JSON Feed.


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_an_item_is_a_document(version: str) -> None:
    items = [
        '{"id": "a", "url": "u", "content_html": "<p>One</p>", "content_text": "no", "date_published": "2026"}',
        '{"url": "u", "content_html": "", "content_text": "Two", "date_modified": "2025"}',
        '{"summary": "Three"}',
        '{"id": 4}',
    ]
    documents, errors = read("a.json", FEED.format(",\n".join(items)).replace("1.1", version))
    assert errors == []
    assert documents == [
        Document("a", "<p>One</p>", "a.json", "2026", "html", 2),
        Document("u", "Two", "a.json", "2025", line=3),
        Document("a.json:4", "Three", "a.json", line=4),
        Document("4", "", "a.json", line=5),
    ]


def test_an_item_that_breaks_the_schema_is_an_error() -> None:
    documents, errors = read("a.json", FEED.format('{"id": [], "content_text": "a"},\n"b",\n{"content_text": 1},\n{"id": "d"}'))
    assert [document.id for document in documents] == ["d"]
    assert [error.split(";")[0] for error in errors] == [
        "a.json:2: the field 'id' is a list, neither text nor a whole number",
        "a.json:3: an item that is text, not an object",
        "a.json:4: the field 'content_text' is a number, not text",
    ]


# Told by content.


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("id,text\n1,one\n", ["one"]),
        ('"id";"text"\r\n"1";"one"\r\n', ["one"]),
        ('[{"text": "one"}]', ["one"]),
        ('[\n  {\n    "text": "one"\n  }\n]', ["one"]),
        (FEED.format('{"id": 1, "content_text": "one"}'), ["one"]),
        ('{"items": [{"id": 1, "content_text": "one"}],\n"version": "https://jsonfeed.org/version/1"}', ["one"]),
        ('{"text": "' + "a" * 100_000 + '"}', ["a" * 100_000]),
        ("<!-- c --><rss><channel><item><description>one</description></item></channel></rss>", ["one"]),
        (
            '<?xml version="1.0"?>\n<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:summary>one</a:summary></a:entry></a:feed>',
            ["one"],
        ),
        ("a text, one", ["a text, one"]),
        ("text\none\n", ["text\none\n"]),
        ("<b>one</b>", ["<b>one</b>"]),
        ("[one]", ["[one]"]),
        ("", [""]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_has_no_suffix_is_told_by_its_content(
    content: str, texts: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [text for _, _, text in told("noname", content.encode(encoding))] == texts
    stream = io.BufferedReader(io.BytesIO(content.encode(encoding)))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    assert [document.text for document in Source(["-"], CONFIG)] == texts


# Other text put in.

CSV = '\ufeffid;text;more\r\n1;"one ""and"" two";"x"\r\n\r\n2;"a\nb";\r\n3;plain; y \r\n'
LIST = '[{"id":1,  "text":"one \\u00e9\\n\\/two","more":[1.0]},\n {"text": "three", "text": "fo\\tur"}]\n'
ITEMS = FEED.format('{"id": "1", "content_html": "<p>one</p>", "x": 1e2}, {"content_text": "two", "id": 2}')


@pytest.mark.parametrize(
    ("rewrite", "data", "texts", "expected"),
    [
        (csv.rewrite, CSV, {"1": 'one "and"', "3": "a;b", "9": "no"}, {'"one ""and"" two"': '"one ""and"""', "plain": '"a;b"'}),
        (csv.rewrite, CSV, {"2": ""}, {'"a\nb"': '""'}),
        (json.rewrite, LIST, {"1": "one é\n/"}, {"\\/two": "\\/"}),
        (json.rewrite, LIST, {"f:2": "fo\tu"}, {"fo\\tur": "fo\\tu"}),
        (json.rewrite, ITEMS, {"1": "", "2": "tw “ö”"}, {"<p>one</p>": "", "two": "tw “ö”"}),
        (json.rewrite, ITEMS, {}, {}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_rest_stays_byte_for_byte(
    rewrite: Callable[..., bytes], data: str, texts: dict[str, str], expected: dict[str, str], encoding: str
) -> None:
    data = data.removeprefix("\ufeff")
    changed = data
    for old, new in expected.items():
        assert old in changed
        changed = changed.replace(old, new)
    assert rewrite(data.encode(encoding), "f", texts, CONFIG) == changed.encode(encoding)


def test_what_cannot_be_read_cannot_be_written() -> None:
    with pytest.raises(InputError, match="is not UTF-8"):
        json.rewrite(b"[\xff", "f", {}, CONFIG)
    with pytest.raises(InputError, match="is not UTF-8"):
        csv.rewrite(b"id,text\n\xff", "f", {}, CONFIG)


texts = st.text(st.sampled_from(',;"\n\r \\u0/aé😀\t'), max_size=20)


@few
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4), st.sampled_from([standard.QUOTE_ALL, standard.QUOTE_MINIMAL]))
def test_any_text_can_be_put_into_csv(pairs: list[tuple[str, str]], quoting: int) -> None:
    out = io.StringIO()
    standard.writer(out, quoting=quoting).writerows([("id", "text"), *((number, old) for number, (old, _) in enumerate(pairs))])  # type: ignore[arg-type]
    data = csv.rewrite(out.getvalue().encode(), "f", {str(number): new for number, (_, new) in enumerate(pairs)}, CONFIG)
    rows = list(standard.reader(io.StringIO(data.decode(), newline="")))
    assert rows == [["id", "text"], *([str(number), new] for number, (_, new) in enumerate(pairs))]


@few
@given(st.lists(st.tuples(texts, texts), max_size=4), st.booleans())
def test_any_text_can_be_put_into_a_list(pairs: list[tuple[str, str]], ascii_only: bool) -> None:
    records = [{"id": number, "text": old, "x": old} for number, (old, _) in enumerate(pairs)]
    data = standard_json.dumps(records, ensure_ascii=ascii_only).encode()
    changed = json.rewrite(data, "f", {str(number): new for number, (_, new) in enumerate(pairs)}, CONFIG)
    assert standard_json.loads(changed) == [{**record, "text": new} for record, (_, new) in zip(records, pairs, strict=True)]
