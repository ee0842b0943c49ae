from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dedup.config import Config
from dedup.model import Document
from dedup.readers import HTML, READERS, RECORDS, TEXT, Source
from dedup.readers import records as reader
from dedup.readers.lines import Lines, lines_in

# One document of each format, the text of which is "Grüße".
CONTENT = {
    TEXT: "Grüße",
    HTML: "Grüße",
    RECORDS: '{"id": "x", "text": "Grüße"}\n',
    READERS[".csv"]: "id,text\nx,Grüße\n",
    READERS[".json"]: '[{"id": "x", "text": "Grüße"}]',
    READERS[".xml"]: "<rss><channel><item><description>Grüße</description></item></channel></rss>",
}
DEFAULTS = Config()
TRUNCATED = gzip.compress(b"x" * 1000)[:-20]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in the tests are relative to an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, content: str | bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def read(*paths: str, config: Config = DEFAULTS) -> tuple[list[Document], list[str], int]:
    """Documents, error lines, ignored files."""
    source = Source(paths, config)
    documents = list(source)
    return documents, [str(error) for error in source.errors], source.ignored


def records(*lines: str, config: Config = DEFAULTS) -> tuple[list[Document], list[str]]:
    documents, errors, _ = read(write("r.jsonl", "\n".join(lines)), config=config)
    return documents, errors


# What every reader promises.


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_format_is_read_in_every_encoding(suffix: str, encoding: str, packed: bool) -> None:
    data = CONTENT[READERS[suffix]].encode(encoding)
    name = write(f"a{suffix}.gz" if packed else f"a{suffix.upper()}", gzip.compress(data) if packed else data)
    documents, errors, ignored = read(name)
    assert ([document.text for document in documents], errors, ignored) == (["Grüße"], [], 0)
    assert [document.file for document in documents] == [name]


@pytest.mark.parametrize("suffix", READERS)
def test_an_empty_file_is_no_error(suffix: str) -> None:
    documents, errors, _ = read(write(f"a{suffix}", ""))
    assert ([document.text for document in documents if document.text], errors) == ([], [])


@pytest.mark.parametrize("suffix", [suffix for suffix in READERS if READERS[suffix] != READERS[".xml"]])
def test_bytes_of_another_encoding_are_an_error_with_place(suffix: str) -> None:
    data = ("\n" + CONTENT[READERS[suffix]]).encode("latin-1")
    position = data.index(b"\xfc")
    line = data.count(b"\n", 0, position) + 1
    documents, errors, _ = read(write(f"a{suffix}", data))
    assert documents == []
    assert errors == [f"a{suffix}:{line}: the byte 0xfc at position {position} is not UTF-8; convert the file to UTF-8"]


@pytest.mark.parametrize("suffix", READERS)
def test_binary_data_is_one_error(suffix: str) -> None:
    documents, errors, _ = read(write(f"a{suffix}", b"\x00\x01\n\x00\n\x00"))
    assert (documents, len(errors)) == ([], 1)
    assert "binary data" in errors[0]


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("data", [b"not packed", TRUNCATED], ids=["not gzip", "truncated"])
def test_broken_gzip_is_an_error(suffix: str, data: bytes) -> None:
    _, errors, _ = read(write(f"a{suffix}.gz", data))
    assert errors[-1].startswith(f"a{suffix}.gz: cannot be read (")


@pytest.mark.parametrize("suffix", READERS)
def test_others_are_read_after_an_error(suffix: str) -> None:
    bad, good = write(f"a{suffix}", b"\xff\n"), write(f"b{suffix}", CONTENT[READERS[suffix]])
    documents, errors, _ = read(bad, good)
    assert ([document.file for document in documents], len(errors)) == ([good], 1)


# Text and Markdown.


def test_a_text_file_is_one_document_with_its_name() -> None:
    assert read(write("./a b.txt", "one\r\n\ntwo"))[0] == [Document("./a b.txt", "one\r\n\ntwo", file="./a b.txt")]


@pytest.mark.parametrize("name", ["a.md", "a.MARKDOWN", "a.md.gz"])
def test_markdown_is_told_by_its_suffix(name: str) -> None:
    content = gzip.compress(b"# One") if name.endswith(".gz") else b"# One"
    assert read(write(name, content))[0] == [Document(name, "# One", file=name, markup="markdown")]


def test_broken_utf_16_is_an_error() -> None:
    assert read(write("a.txt", "Grüße".encode("utf-16") + b"x"))[1] == [
        "a.txt: the byte 0x78 at position 12 is not UTF-16; convert the file to UTF-8"
    ]


# Records.


def test_a_record_is_a_document() -> None:
    documents, errors = records(
        '{"id": "a", "text": "one", "date": "2026-01-31", "more": [1]}', "", '{"text": "two", "id": 7}\r'
    )
    assert documents == [
        Document("a", "one", file="r.jsonl", date="2026-01-31", line=1),
        Document("7", "two", file="r.jsonl", line=3),
    ]
    assert errors == []


@pytest.mark.parametrize("line", ['{"text": "one"}', '{"text": "one", "id": null, "date": null}'])
def test_a_record_without_id_is_called_by_its_line(line: str) -> None:
    assert records("", line)[0] == [Document("r.jsonl:2", "one", file="r.jsonl", line=2)]


def test_fields_have_the_names_of_the_settings() -> None:
    config = Config(id_field="guid", text_field="body", date_field="published")
    line = '{"guid": "a", "id": "b", "body": "one", "text": "two", "published": "2026", "date": "2025"}'
    assert records(line, config=config)[0] == [Document("a", "one", file="r.jsonl", date="2026", line=1)]


ONE_A_LINE = "give one JSON object a line"
NAME_TEXT = "name the field that holds the text with --text-field"
NO_LABEL = "neither text nor a whole number; name another field with"
BROKEN_RECORDS = {
    '{"text": "a"': f"not JSON (Expecting ',' delimiter at column 13); {ONE_A_LINE}",
    '["text"]': f"a list instead of an object; {ONE_A_LINE}",
    '"text"': f"text instead of an object; {ONE_A_LINE}",
    "12": f"a number instead of an object; {ONE_A_LINE}",
    "{}": f"no field 'text' (there are none); {NAME_TEXT}",
    '{"id": 1, "body": "a"}': f"no field 'text' (there are id, body); {NAME_TEXT}",
    json.dumps(dict.fromkeys("abcdefghijklmn")): f"no field 'text' (there are {', '.join('abcdefghijkl')}, …); {NAME_TEXT}",
    '{"text": null}': f"the field 'text' is null, not text; {NAME_TEXT}",
    '{"text": ["a"]}': f"the field 'text' is a list, not text; {NAME_TEXT}",
    '{"text": "a", "id": 1.5}': f"the field 'id' is a number, {NO_LABEL} --id-field",
    '{"text": "a", "id": true}': f"the field 'id' is true or false, {NO_LABEL} --id-field",
    '{"text": "a", "date": {}}': f"the field 'date' is an object, {NO_LABEL} --date-field",
}


@pytest.mark.parametrize(("line", "message"), BROKEN_RECORDS.items())
def test_a_broken_record_is_an_error_and_the_others_are_read(line: str, message: str) -> None:
    documents, errors = records('{"text": "one"}', line, '{"text": "two"}')
    assert [document.text for document in documents] == ["one", "two"]
    assert errors == [f"r.jsonl:2: {message}"]


def test_a_record_nested_too_deeply_is_an_error() -> None:
    documents, errors = records('{"text": ' + "[" * 100_000, '{"text": "two"}')
    assert [document.text for document in documents] == ["two"]
    assert errors[0].startswith("r.jsonl:1: not JSON")


def test_an_id_twice_is_an_error_that_names_both_lines() -> None:
    documents, errors = records('{"id": 1, "text": "one"}', '{"id": "1", "text": "two"}', '{"id": 2, "text": "three"}')
    assert [document.text for document in documents] == ["one", "three"]
    assert errors == [
        "r.jsonl:2: the id '1' is that of line 1 too; give every record its own, or name another field with --id-field"
    ]


def test_an_id_may_come_again_in_another_file() -> None:
    line = '{"id": "x", "text": "one"}'
    documents, errors, _ = read(write("a.jsonl", line), write("b.jsonl", line))
    assert ([(document.file, document.id) for document in documents], errors) == ([("a.jsonl", "x"), ("b.jsonl", "x")], [])


def test_only_a_line_feed_ends_a_record() -> None:
    text = "one\u2028two\u2029three\x85four"
    documents, errors = records(json.dumps({"text": text}, ensure_ascii=False), '{"text": "five"}')
    assert ([(document.line, document.text) for document in documents], errors) == ([(1, text), (2, "five")], [])


def test_a_lone_surrogate_in_a_name_is_replaced() -> None:
    # Those in the text stay: what splits it into paragraphs replaces and counts them.
    documents, _ = records(r'{"id": "\ud800", "text": "a\udfffb \ud83d\ude00", "date": "\udc00"}')
    assert documents == [Document("\ufffd", "a\udfffb 😀", file="r.jsonl", date="\ufffd", line=1)]


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters()), st.lists(st.integers()))
OBJECTS = st.dictionaries(st.sampled_from(["id", "text", "date", "more"]), VALUES)
LINES = st.builds(
    lambda before, value, cut, after: (before + json.dumps(value, ensure_ascii=False)[:cut] + after).encode("utf-8", "replace"),
    st.sampled_from(["", "", "", " ", "\ufeff", "\u00a0", "{}", "\x00"]),
    st.one_of(OBJECTS, OBJECTS, VALUES),
    st.sampled_from([None, None, None, 1, 5, -1]),
    st.sampled_from(["\n", "\n", "\r\n", "", " \n", "\u2028\n", "\x1f\n", "{}\n", "x\n"]),
)


NAMES = st.one_of(st.integers(), st.text(st.sampled_from("abé\ud800")), st.sampled_from(["a", 1, None]))
PLAIN_LINES = st.builds(
    lambda record, ascii_only, end: (json.dumps(record, ensure_ascii=ascii_only) + end).encode("utf-8", "replace"),
    st.fixed_dictionaries({"text": st.text()}, optional={"id": NAMES, "date": NAMES, "more": VALUES}),
    st.booleans(),
    st.sampled_from(["\n", "\n", "\r\n", " \n"]),
)


def told(lines: Iterable[bytes]) -> list[Document | str]:
    return [item if isinstance(item, Document) else str(item) for item in reader.read(lines, "r.jsonl", DEFAULTS)]


def streamed(lines: list[bytes]) -> Lines:
    return lines_in(b'{"text": "first"}\n' + b"".join(lines), "r.jsonl")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(PLAIN_LINES, max_size=8), st.lists(st.one_of(LINES, st.binary(max_size=8)), max_size=8)))
@example([b'{"text": "a", "text": "b", "id": 1}\n', b'{"text": NaN}', b'{"text": "\\ud800"}', b'{"id": 1e400, "text": "a"}'])
@example([b'{"text": "a", "x": [1\n', b"2]}\n", b'{"text": "a"}, "", {"text": "a"}\n', b'{"text": "b", "date": []}\n'])
@example([b'{"text": "a", "x": [1\n', b"2]}\n", b'{"text": "a"}, "", {"text": "a"}\n'])
@example([b'{"text": "a", "id": ' + b"9" * 5000 + b"}\n", b'{"text": ' + b"[" * 100_000, b'{"text": "\xed\xa0\x80"}'])
def test_a_plain_record_is_read_like_one_that_is_read_with_care(lines: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_plain_records", lambda block: [])
        expected, expected_of_stream = told(lines), told(streamed(lines))
    assert expected == told(lines)
    assert expected_of_stream == told(streamed(lines))


def test_a_record_without_a_document_does_not_make_others_be_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_parse", lambda line, where: pytest.fail("parsed again"))
    _, textless, second, doubled, last = told(
        streamed([b'{"text": 3}\n', b'{"text": "b"}\n', b'{"text": "c", "id": "r.jsonl:3"}\n', b'{"text": "d"}'])
    )
    assert isinstance(second, Document)
    assert isinstance(last, Document)
    assert (second.line, last.line) == (3, 5)
    assert str(textless).startswith("r.jsonl:2: the field 'text' is a number")
    assert str(doubled).startswith("r.jsonl:4: the id 'r.jsonl:3' is that of line 3 too")


@given(st.lists(st.sampled_from([b"", b"a", b"\n", b"\r", b"b\n" * 9]), max_size=40), st.integers(1, 5))
def test_blocks_are_whole_lines(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.readers.lines.UNPACKED", size)
        blocks = list(lines_in(data, "file").blocks())
    assert b"".join(blocks) == data
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert b"" not in blocks


def test_records_before_a_break_in_the_gzip_data_are_read() -> None:
    lines = "".join(f'{{"text": "{number:09} {number * 7919 % 1000}"}}\n' for number in range(20_000))
    documents, errors, _ = read(write("r.jsonl.gz", gzip.compress(lines.encode())[:-2000]))
    assert documents[0].text == "000000000 0"
    assert len(errors) == 1


# Which format, which files.


@pytest.mark.parametrize("name", ["noname", "a.log", "a.gz"])
@pytest.mark.parametrize(
    ("content", "line"),
    [('\n \n{"text": "one"}\n', 3), ("{not JSON\n", None), ('["text"]\n', None), ("", None), ("\n\n", None)],
)
def test_an_unknown_suffix_is_told_by_content(name: str, content: str, line: int | None) -> None:
    data = gzip.compress(content.encode()) if name.endswith(".gz") else content.encode()
    text = content if line is None else "one"
    assert [(document.text, document.line) for document in read(write(name, data))[0]] == [(text, line)]


def test_gzip_is_told_by_content_too() -> None:
    assert read(write("a.jsonl", gzip.compress(b'{"text": "one"}')))[0][0].text == "one"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("one\ntwo", [Document("-", "one\ntwo", file="-")]),
        ('{"text": "one"}', [Document("-:1", "one", file="-", line=1)]),
        ("", [Document("-", "", file="-")]),
    ],
)
def test_standard_input_is_told_by_content(monkeypatch: pytest.MonkeyPatch, content: str, expected: list[Document]) -> None:
    stream = io.BufferedReader(io.BytesIO(content.encode()))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    assert read("-", "-")[0] == expected


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert read("-")[1] == ["-: cannot be read (standard input is closed); check that the file is whole and may be read"]


def test_a_folder_is_read_with_all_it_holds_but_hidden_files_and_links() -> None:
    for name in ("d/b.txt", "d/a.md", "d/sub/deep/c.jsonl", "d/.hidden.txt", "d/.git/x.txt", "d/z.dat", "d/y.tar.gz"):
        write(name, "")
    Path("d/link.txt").symlink_to("b.txt")
    Path("d/loop").symlink_to(".")
    documents, errors, ignored = read("d")
    assert ([document.file for document in documents], errors, ignored) == (["d/a.md", "d/b.txt"], [], 4)


@pytest.mark.parametrize(("path", "file"), [("d", "d/a.txt"), ("d/", "d/a.txt"), ("./d", "./d/a.txt"), (".", "./d/a.txt")])
def test_a_file_in_a_folder_is_called_by_the_folder_as_given(path: str, file: str) -> None:
    write("d/a.txt", "one")
    assert [document.file for document in read(path)[0]] == [file]


def test_a_file_is_read_once() -> None:
    write("d/a.txt", "one")
    write("d/b.log", "two")
    Path("link.txt").symlink_to("d/a.txt")
    documents, errors, ignored = read("d", "d/a.txt", "d/b.log", "link.txt", "d")
    assert ([document.file for document in documents], errors, ignored) == (["d/a.txt", "d/b.log"], [], 0)


def test_the_order_of_arguments_makes_no_difference() -> None:
    paths = [write("b.txt", "one"), write("a.txt", "two"), "./a.txt", "missing", write("c.txt", b"\xff"), "absent"]
    assert read(*paths) == read(*reversed(paths))
    assert [document.file for document in read(*paths)[0]] == ["./a.txt", "b.txt"]


def test_a_missing_path_is_an_error() -> None:
    documents, errors, _ = read("missing.txt", "", write("a.txt", "one"))
    assert [document.file for document in documents] == ["a.txt"]
    assert errors == [
        "'': no such file or folder; check the name, and the folder it is relative to",
        "missing.txt: no such file or folder; check the name, and the folder it is relative to",
    ]


def test_a_folder_without_readable_files_is_an_error() -> None:
    write("d/a.dat", "")
    assert read("d") == (
        [],
        ["d: no file in this folder has a format that dedup reads; name the files themselves if they are text"],
        1,
    )


def test_files_without_text_are_named() -> None:
    paths = [write("d/a.txt", ""), write("d/b.jsonl", "\n"), write("d/c.jsonl", '{"text": " "}'), write("d/d.md", "\ufeff")]
    others = [write("d/e.txt", "one"), write("d/f.jsonl", "{}"), write("d/g.jsonl", '{"text": ""}\n{"text": "one"}')]
    source = Source(["d"], DEFAULTS)
    for _ in range(2):
        assert len(list(source)) == 6
        assert source.empty == paths
    assert list(Source(others, DEFAULTS))
    assert source.errors[0].where == "d/f.jsonl:1"


def test_a_source_can_be_read_again() -> None:
    source = Source([write("a.txt", "one"), "missing"], Config())
    assert (list(source), len(source.errors)) == (list(source), 1)
