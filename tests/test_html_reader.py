"""Pages as files: their encoding, their date, how they are written back, and what is refused."""

from __future__ import annotations

import codecs
import io
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from dedup.cli import main
from dedup.config import Config
from dedup.errors import ConfigError, InputError
from dedup.model import Document
from dedup.readers import HTML, Source
from dedup.readers import html as reader
from dedup.readers.lines import Lines

DEFAULTS = Config()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names in the tests are relative to an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(data: bytes, charset: str | None = None) -> Document:
    lines = Lines(io.BufferedReader(io.BytesIO(data)), "a.html", charset=charset)
    [document] = reader.read(lines, "a.html", DEFAULTS)
    assert isinstance(document, Document), document
    return document


def error(lines: Iterable[bytes]) -> str:
    [told] = reader.read(lines, "a.html", DEFAULTS)
    assert isinstance(told, InputError)
    return str(told)


# Encodings.

DECLARED = {
    "meta": ('<meta charset="windows-1251">Съезд', "cp1251"),
    "meta without quotes": ("<META CHARSET=koi8-r>Съезд", "koi8-r"),
    "meta as a header": ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">Grüße €', "cp1252"),
    "a late meta": (f"<title>{'x' * 2000}</title><meta charset=shift_jis>東京", "cp932"),
    "XML": ('<?xml version="1.0" encoding="ISO-8859-2"?><html>Łódź', "iso8859-2"),
    "the page of a delivered encoding": ("<meta charset=gb2312>图书馆", "gbk"),
    "in a comment, which says nothing": ("<!-- <meta charset=koi8-r> -->Grüße", "utf-8"),
    "an encoding nobody knows": ("<meta charset=x-mine>Grüße", "utf-8"),
    "an encoding that no page is in": ("<meta charset=unicode_escape>Grüße\\n", "utf-8"),
    "UTF-16, which it cannot be": ("<meta charset=utf-16>Grüße", "utf-8"),
}


@pytest.mark.parametrize("name", DECLARED)
def test_a_page_is_read_in_the_encoding_it_names_and_written_back_in_it(name: str) -> None:
    text, encoding = DECLARED[name]
    data = text.encode(encoding)
    assert read(data).text == text
    assert reader.rewrite(data, "a.html", {"a.html": text[:-1]}, DEFAULTS) == text[:-1].encode(encoding)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_knows_better(mark: bytes, encoding: str) -> None:
    text = "<meta charset=koi8-r>Grüße"
    data = mark + text.encode(encoding)
    assert read(data, "windows-1251").text == text
    assert reader.rewrite(data, "a.html", {"a.html": "ü"}, DEFAULTS) == mark + "ü".encode(encoding)


def test_what_delivered_a_page_knows_better_than_the_page() -> None:
    data = "<meta charset=utf-8>Съезд".encode("cp1251")
    assert read(data, "Windows-1251").text == "<meta charset=utf-8>Съезд"
    assert reader.rewrite(data, "a.html", {"a.html": "Съезд"}, DEFAULTS, "windows-1251") == "Съезд".encode("cp1251")


@pytest.mark.parametrize("charset", ["euc-kr", "iso-2022-jp", "euc-jp", "big5-hkscs", "shift_jis", "iso-8859-2", "koi8-r"])
def test_an_encoding_may_be_called_as_python_does(charset: str) -> None:
    text = {"iso-8859-2": "žluť", "koi8-r": "Съезд"}.get(charset, "東京")
    assert read(text.encode(charset), codecs.lookup(charset).name).text == text


def test_bytes_that_are_no_characters_are_counted_and_written_back() -> None:
    data = b"<meta charset=utf-8><p>One \xff two</p><p>three</p>"
    document = read(data)
    assert reader.rewrite(data, "a.html", {"a.html": document.text.replace("<p>three</p>", "")}, DEFAULTS) == data[:-12]
    assert reader.rewrite(data, "a.html", {}, DEFAULTS) == data


def test_a_page_that_would_change_is_not_written_back() -> None:
    data = b"<meta charset=iso-2022-jp>\x1b$B\x1b(Bx"  # changes the character set for nothing
    with pytest.raises(InputError, match="cannot be written back in iso-2022-jp"):
        reader.rewrite(data, "a.html", {}, DEFAULTS)


# Dates.

DATES = {
    "meta": ('<meta property="article:published_time" content="2025-02-18T10:00:00+01:00">', "2025-02-18T10:00:00+01:00"),
    "meta by name": ("<META NAME=date CONTENT='2025-02-18'>", "2025-02-18"),
    "the better meta": ("<meta name=date content=2024-01-01><meta itemprop=datePublished content=2025-02-18>", "2025-02-18"),
    "JSON-LD": ('<script type="application/ld+json">{"datePublished":"2025-02-18T09:00Z"}</script>', "2025-02-18T09:00Z"),
    "time": ("<time>now</time><time datetime='2025-02-18'>x</time><time datetime=2024-01-01>", "2025-02-18"),
    "meta before time": ("<time datetime=2024-01-01><meta name=pubdate content=2025-02-18>", "2025-02-18"),
    "no ISO 8601": ("<meta name=date content='18 February 2025'><time datetime=10:00>", None),
    "in a comment": ("<!-- <meta name=date content=2025-02-18> -->", None),
    "none": ("<p>2025-02-18</p>", None),
}


@pytest.mark.parametrize("name", DATES)
def test_the_date_of_a_page_is_what_it_says(name: str) -> None:
    source, date = DATES[name]
    assert read(source.encode()).date == date


# Which files.


@pytest.mark.parametrize(
    "begin",
    ["<!DOCTYPE html>", "\n\n<html lang=en>", '<?xml version="1.0"?>\n<!-- x\n -->\n<!doctype  HTML\n PUBLIC>', "\ufeff<head>"],
)
def test_a_page_is_told_by_its_content(begin: str) -> None:
    Path("page").write_text(f"{begin}\n<p>one</p>", encoding="utf-8")
    assert [document.markup for document in Source(["page"], DEFAULTS)] == ["html"]


@pytest.mark.parametrize("content", ["<p>one</p>", "I <html> you", "<3", "<?xml version='1.0'?><note><html>", "<htmlx>", "<"])
def test_what_only_looks_like_a_page_is_text(content: str) -> None:
    Path("page").write_text(content, encoding="utf-8")
    assert [document.text for document in Source(["page"], DEFAULTS) if document.markup == "plain"] == [content]


@pytest.mark.parametrize("suffix", ["html", "htm", "xhtml", "HTML"])
def test_a_page_is_told_by_its_suffix(suffix: str) -> None:
    Path(f"a.{suffix}").write_text("one", encoding="utf-8")
    assert list(Source(["."], DEFAULTS)) == [Document(f"./a.{suffix}", "one", file=f"./a.{suffix}", markup="html")]


# What is refused.


def test_binary_data_is_refused() -> None:
    assert error([b"<p>one\0</p>"]) == "a.html: binary data (a NUL at byte 6); give a page of HTML"


def test_half_a_character_of_utf_16_is_refused() -> None:
    assert error([codecs.BOM_UTF16_LE + b"a\0b"]).startswith("a.html: not utf-16-le (truncated data at byte 2); ")


def test_a_page_nested_too_deeply_is_refused_at_once() -> None:
    data = b"\n" * 9 + b"<div>" * 10_000_000
    started = time.process_time()
    assert error([data]).startswith("a.html:10: more than 1,000 elements inside each other; ")
    assert time.process_time() - started < 1.5


def test_elements_that_others_end_are_not_nested() -> None:
    assert read(b"<p>one<li>two<br>" * 2000).text


def test_a_gigabyte_of_tags_is_refused_before_it_is_read() -> None:
    taken = 0

    def lines() -> Iterable[bytes]:
        nonlocal taken
        for _ in range(1024):
            taken += 1
            yield b"<div>\n" * 174_763

    assert error(lines()).startswith("a.html: larger than 64 MiB, ")
    assert taken < 70


def test_a_missing_library_is_told_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.html").write_text("<p>one</p>", encoding="utf-8")
    monkeypatch.setattr(reader, "find_spec", lambda name: None)
    assert main(["check", "a.html"]) == 2
    [line, *_] = capsys.readouterr().err.splitlines()
    assert line == "dedup: a.html: HTML is read with lxml, which is not installed; python -m pip install 'dedup[html]'"


def test_a_missing_library_is_told_where_a_text_is_html(monkeypatch: pytest.MonkeyPatch) -> None:
    from dedup import check

    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(ConfigError, match=r"python -m pip install 'dedup\[html\]'"):
        check([Document("a", "<p>one</p>", markup="html")])


def test_the_reader_is_in_the_table() -> None:
    assert reader.__name__ == HTML
