"""RSS, Atom and RDF: what items say, where they stand, and other text put into them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import TESTS, few

from dedup import Config, Document, check
from dedup.errors import InputError
from dedup.readers import Source, feeds

pytest.importorskip("feedparser")

CONFIG = Config()
CONTENT = "http://purl.org/rss/1.0/modules/content/"
RSS = '<?xml version="1.0"?>\n<rss version="2.0" xmlns:content="{}"><channel>\n<title>T</title>\n{}\n</channel></rss>\n'
ATOM = '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n{}\n</feed>\n'
SPUN = TESTS / "feeds"


def rss(items: str) -> bytes:
    return RSS.format(CONTENT, items).encode()


def atom(entries: str) -> bytes:
    return ATOM.format(entries).encode()


def read(data: bytes, config: Config = CONFIG) -> tuple[list[Document], list[str]]:
    documents, errors = [], []
    try:
        for item in feeds.read([data], "f.xml", config):
            (documents if isinstance(item, Document) else errors).append(item)
    except InputError as error:
        errors.append(error)
    return documents, [str(error) for error in errors]


def text_of(data: bytes) -> tuple[str, str]:
    [document], errors = read(data)
    assert errors == []
    return document.text.strip(), document.markup


# What an item says.

ATOM_ENTRY = "<entry><id>x</id>{}</entry>"
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    ("data", "text", "markup"),
    [
        (rss("<item><description>One &amp; two</description></item>"), "One & two", "plain"),
        (rss("<item><description>&lt;p&gt;One&lt;/p&gt;</description></item>"), "<p>One</p>", "html"),
        (rss("<item><description><![CDATA[<p>One</p>]]></description></item>"), "<p>One</p>", "html"),
        (rss("<item><description>&#60;p>One<![CDATA[</p>]]></description></item>"), "<p>One</p>", "html"),
        (rss(f"<item><body {XHTML}><p>One</p></body></item>"), "<p>One</p>", "html"),
        (
            rss("<item><content:encoded>Full</content:encoded><description>Short</description></item>"),
            "Full",
            "html",
        ),
        (
            rss("<item><description>Short</description><content:encoded> </content:encoded></item>"),
            "Short",
            "plain",
        ),
        (atom(ATOM_ENTRY.format("<content>a &lt; b</content><summary>s</summary>")), "a < b", "plain"),
        (atom(ATOM_ENTRY.format("<summary>s</summary><content type='html'>&lt;p>One</content>")), "<p>One", "html"),
        (atom(ATOM_ENTRY.format('<content src="http://x.example/"/><summary>s</summary>')), "s", "plain"),
        (atom(ATOM_ENTRY.format(f'<content type="xhtml"><div {XHTML}><p>One</p></div></content>')), "<p>One</p>", "html"),
        (
            atom(
                ATOM_ENTRY.format(
                    '<content type="xhtml" xmlns:h="http://www.w3.org/1999/xhtml"><h:div><h:p>a<h:br/><h:i/>'
                    "<![CDATA[<]]></h:p></h:div></content>"
                )
            ),
            "<p>a<br/><i></i>&lt;</p>",
            "html",
        ),
        (atom(ATOM_ENTRY.format('<content type="text/html" mode="base64">PHA+T25lPC9wPg==</content>')), "<p>One</p>", "html"),
        (atom(ATOM_ENTRY.format('<content type="image/png">iVBORw0KGgo=</content><summary>s</summary>')), "s", "plain"),
    ],
)
def test_content_is_read_however_it_is_spelled(data: bytes, text: str, markup: str) -> None:
    assert (text, markup) == text_of(data)


def test_an_item_is_called_by_guid_then_link_then_line() -> None:
    data = rss(
        "<item><guid>g</guid><link>http://x.example/1</link><description>a</description></item>\n"
        "<item><link>http://x.example/2</link><description>b</description></item>\n\n"
        "<item><description>c</description></item>"
    )
    documents, errors = read(data)
    assert [(item.id, item.line) for item in documents] == [("g", 4), ("http://x.example/2", 5), ("f.xml:7", 7)]
    assert errors == []


@pytest.mark.parametrize(
    ("data", "date"),
    [
        (rss("<item><pubDate>Mon, 04 Aug 2025 18:40:00 +0200</pubDate></item>"), "2025-08-04T16:40:00Z"),
        (
            atom(ATOM_ENTRY.format("<updated>2025-10-02T00:00:00Z</updated><published>2025-10-01T08:00:00Z</published>")),
            "2025-10-01T08:00:00Z",
        ),
        (rss("<item><pubDate>soon</pubDate></item>"), None),
    ],
)
def test_the_date_of_an_item_is_when_it_was_published(data: bytes, date: str | None) -> None:
    [document], _ = read(data)
    assert date == document.date


def test_an_rdf_feed_is_read() -> None:
    data = (
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">\n<channel r:about="c">'
        b'<items><r:Seq/></items></channel>\n<item r:about="http://x.example/1"><description>one</description></item></r:RDF>'
    )
    assert read(data) == ([Document("http://x.example/1", "one", "f.xml", line=3)], [])


def test_the_second_item_of_one_id_is_an_error() -> None:
    item = "<item><guid>g</guid><description>a</description></item>\n"
    documents, errors = read(rss(item * 2))
    assert [document.line for document in documents] == [4]
    assert errors == ["f.xml:5: the id 'g' is that of line 4 too; give every item an id of its own"]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "koi8-r", "gb2312", "shift_jis", "utf-16"])
def test_an_encoding_is_the_declared_one(encoding: str) -> None:
    text = {"koi8-r": "Привет", "gb2312": "中文", "shift_jis": "日本"}.get(encoding, "Grüße")
    data = f'<?xml version="1.0" encoding="{encoding}"?>\n<rss><channel>\n<item><description>{text}</description></item>'
    [document], errors = read((data + "</channel></rss>").encode(encoding))
    assert ((text, 3), []) == ((document.text, document.line), errors)


# What is not well-formed, and what could do harm.


def test_what_can_be_recovered_of_a_broken_feed_is_read_with_its_lines() -> None:
    data = rss("<item><guid>a</guid><description>One & two</description></item>\n\n<item><guid>b</guid><description>Three<br>")
    documents, _ = read(data)
    assert [
        (documents[0].id, documents[0].line, documents[0].text),
        (documents[1].id, documents[1].line),
    ] == [("a", 4, "One & two"), ("b", 6)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<rss><channel><title>T</title>", "f.xml:1: not well-formed XML (no element found: line 1, column 30)"),
        (b"<urlset/>", "f.xml: XML that is no feed; give RSS, Atom or RDF"),
        (b"<rss>" + b"<a>" * 300, "f.xml:1: elements nested more than 256 deep"),
        (b"<a " + b" ".join(b'b%d=""' % number for number in range(300)) + b"/>", "f.xml:1: more than 256 attributes"),
        (
            b"<rss></a>" + b" " * (1 << 19),
            "f.xml: not well-formed XML (mismatched tag: line 1, column 7), and more than 524,288",
        ),
        (b"<rss></a>\n" + b"a" * 3000, "f.xml:2: not well-formed XML (mismatched tag: line 1, column 7), with more than 2,000"),
        (b'<?xml version="1.0" encoding="punycode"?><rss>\xff', "f.xml: its encoding 'punycode' is unknown"),
        (b"<rss>\0</rss>", "f.xml: binary data (a NUL at position 5)"),
    ],
)
def test_what_is_no_feed_is_an_error(data: bytes, said: str) -> None:
    documents, [error] = read(data)
    assert ([], said) == (documents, error[: len(said)])


LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
FEED = "<rss><channel><item><description>{}</description></item></channel></rss>"
NOWHERE = "http://127.0.0.1:9/"
HARMFUL = {
    "laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>{FEED.format("&l9;")}',
    "file": f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{FEED.format("&x;")}',
    "network": f'<!DOCTYPE r [<!ENTITY x SYSTEM "{NOWHERE}">]>{FEED.format("&x;")}',
    "parameter": f'<!DOCTYPE r [<!ENTITY % x SYSTEM "{NOWHERE}"> %x;]>{FEED.format("a")}',
    "dtd": f'<!DOCTYPE rss SYSTEM "{NOWHERE}rss.dtd">{FEED.format("a&eacute;")}',
    "include": FEED.format('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
    "link": f'<?xml-stylesheet href="{NOWHERE}"?>{FEED.format(f"a</description><link>{NOWHERE}</link><description>")}',
}


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection is opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize("name", HARMFUL)
def test_a_feed_reaches_neither_network_nor_disk(name: str) -> None:
    started = time.perf_counter()
    documents, errors = read(HARMFUL[name].encode())
    assert time.perf_counter() - started < 2
    assert "root:" not in "".join(document.text for document in documents)
    assert (name in ("laughs", "file", "network", "parameter")) == any("it declares an entity" in error for error in errors)


@pytest.mark.usefixtures("no_connections")
def test_nothing_is_fetched_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "a.txt": "http://127.0.0.1:9/",
        "b.md": "![](http://127.0.0.1:9/a.png)",
        "c.jsonl": '{"text": "http://127.0.0.1:9/"}',
        "d.csv": "id,text\n1,http://127.0.0.1:9/",
        "e.json": '[{"text": "http://127.0.0.1:9/"}]',
        **{f"{name}.xml": data for name, data in HARMFUL.items()},
    }.items():
        Path(name).write_text(content, encoding="utf-8")
    source = Source([".", "http://127.0.0.1:9/feed.xml"], CONFIG)
    assert list(source)
    what = "an address, and nothing is fetched unasked; give dedup check --fetch, or save it to a file"
    assert f"{NOWHERE}feed.xml: {what}" in [str(error) for error in source.errors]


@pytest.mark.parametrize(
    "author", ["a." * 500_000, "&lt;" * 300_000], ids=["an address that takes long to find", "many references"]
)
def test_what_is_not_asked_for_takes_no_time(author: str) -> None:
    started = time.perf_counter()
    documents, errors = read(
        rss(f"<managingEditor>{author}</managingEditor><item><author>{author}</author><guid>x</guid></item>")
    )
    assert time.perf_counter() - started < 2
    assert ([document.id for document in documents], errors) == (["x"], [])


# Other text put in.


def changed(data: bytes, change: Callable[[str], str]) -> bytes:
    documents, _ = read(data)
    return feeds.rewrite(data, "f.xml", {document.id: change(document.text) for document in documents}, CONFIG)


P = "<p>Keep &amp; this.</p>\n<p>Drop this.</p>\n<p>Keep ‘that’ too.</p>"
SPELLINGS = {
    "cdata": rss(f"<item><description><![CDATA[{P}]]></description></item>"),
    "escaped": rss(f"<item><description>{P.replace('&', '&amp;').replace('<', '&#60;')}</description></item>"),
    "inline": atom(ATOM_ENTRY.format(f'<content type="xhtml">\n<div {XHTML}>{P}</div>\n</content>')),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_rest_stays_byte_for_byte(name: str) -> None:
    data = SPELLINGS[name]
    dropped = {"escaped": "&#60;p>Drop this.&#60;/p>\n"}.get(name, "<p>Drop this.</p>\n").encode()
    assert dropped in data
    assert data.replace(dropped, b"") == changed(data, lambda text: text.replace("<p>Drop this.</p>\n", ""))
    assert data == changed(data, str)


def test_cdata_that_would_end_too_soon_is_split() -> None:
    data = rss("<item><description><![CDATA[<p>a]] b> c</p>]]></description></item>")
    new = changed(data, lambda text: text.replace(" b", ""))
    assert text_of(new) == ("<p>a]]> c</p>", "html")
    assert b"<![CDATA[<p>a]]" in new


def test_a_feed_in_another_encoding_keeps_it() -> None:
    data = (
        '<?xml version="1.0" encoding="koi8-r"?><rss><channel><item><description>Раз, два</description></item></channel></rss>'
    )
    new = changed(data.encode("koi8-r"), lambda text: text.replace("Раз, ", "") + "€")
    assert data.replace("Раз, два", "два&#8364;").encode("koi8-r") == new


def test_what_would_break_a_feed_is_refused() -> None:
    with pytest.raises(InputError, match="would not be well-formed any more"):
        changed(SPELLINGS["inline"], lambda text: text.replace("<p>Drop", "Drop"))
    with pytest.raises(InputError, match="nothing can be put back into it"):
        changed(b"<rss><channel><item><description>a & b</description></item></channel></rss>", str)


markup = st.text(st.sampled_from("ab <>&;]'\"\n#3é😀") | st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40)


@few
@given(markup, markup, st.sampled_from(["<![CDATA[{}]]>", "{}", "a<![CDATA[{}]]><!-- c -->&lt;"]))
def test_any_text_can_be_put_in_and_is_read_again(old: str, new: str, spelled: str) -> None:
    inner = (
        old.replace("]]>", "") if "CDATA" in spelled else old.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )
    data = rss(f"<item><guid>x</guid><content:encoded>-{spelled.format(inner)}</content:encoded></item>")
    written = changed(data, lambda _: f"-{new}")
    ElementTree.fromstring(written)
    assert f"-{new}" == read(written)[0][0].text


# The labelled feeds.


LABELLED = {feed["file"]: feed for feed in json.loads((SPUN / "truth.json").read_text(encoding="utf-8"))["feeds"]}
Pairs = set[frozenset[tuple[str, int]]]


def labelled(pairs: list[dict[str, Any]]) -> Pairs:
    return {frozenset((side["guid"], side["p"]) for side in (pair["a"], pair["b"])) for pair in pairs}


def repeats(name: str) -> Pairs:
    """What a check finds in a labelled feed, footers aside."""
    pytest.importorskip("dedup.blocks.html")
    feed = LABELLED[name]
    source = Source([str(SPUN / name)], CONFIG)
    documents = list(source)
    assert (len(documents), source.errors) == (feed["items"], [])
    footer = feed["boilerplate"][0]["starts"]
    return {
        frozenset((place.document, place.paragraph) for place in (pair.a, pair.b))
        for pair in check(documents)
        if not (pair.a.text.startswith(footer) and pair.b.text.startswith(footer))
    }


@pytest.mark.parametrize("name", LABELLED)
def test_every_labelled_pair_of_a_feed_is_found_and_nothing_that_is_not_labelled(name: str) -> None:
    feed = LABELLED[name]
    found = repeats(name)
    assert found - labelled(feed["hard_negatives"]) == labelled(feed["pairs"])


@pytest.mark.parametrize("name", LABELLED)
def test_no_labelled_negative_of_a_feed_is_reported(name: str) -> None:
    assert repeats(name) & labelled(LABELLED[name]["hard_negatives"]) == set()
