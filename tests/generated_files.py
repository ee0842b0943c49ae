"""Files of every format, put together from known pieces: what is left without some of them is known without reading it.

Documents repeat themselves and each other: paragraphs are copied, edited, joined or cut in two.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any, NamedTuple

from material import real_paragraphs

BLANK = r"(?:\s|\\[nr])*"  # also as JSON spells it
BREAK = re.compile("\r\n|\r|\n")
LONGEST = 320  # characters of a paragraph: many short ones find more than few long ones
NO_PROSE = re.compile(r"[\n*_`<>\[\]&#|~\\]|^\W|^\d+[.)]")  # means something in some markup


@dataclass(frozen=True)
class Piece:
    """A stretch of a file.

    text: what it says, of a paragraph. left: what may be left of it where that is taken out. below: lines from its beginning to
    its text. blocks: how many paragraphs it is, as they are counted.
    """

    spelled: str
    text: str = ""
    left: tuple[str, ...] = ("",)
    below: int = 0
    blocks: int = 1

    def mapped(self, spell: Callable[[str], str]) -> Piece:
        """The same piece, spelled in another way."""
        return replace(self, spelled=spell(self.spelled), left=tuple(map(spell, self.left)))


@dataclass(frozen=True)
class Body:
    """A text of a document: pieces with gaps before, between and behind them.

    exact: which gaps go with a piece is known, else any white space beside it may. rank: which of the texts of a document is
    shown first. counted: its paragraphs have known numbers.
    """

    pieces: Sequence[Piece]
    gaps: Sequence[str]
    exact: bool = True
    document: str | None = None
    rank: int = 0
    counted: bool = True

    def mapped(self, spell: Callable[[str], str]) -> Body:
        """The same body, spelled in another way."""
        return replace(self, pieces=[piece.mapped(spell) for piece in self.pieces], gaps=list(map(spell, self.gaps)))

    @property
    def spelled(self) -> str:
        """All of it."""
        return self.gaps[0] + "".join(piece.spelled + gap for piece, gap in zip(self.pieces, self.gaps[1:], strict=True))

    def remains(self, gone: set[int]) -> str:
        """A pattern of what is left without the pieces of these numbers."""
        if not gone:
            return re.escape(self.spelled)
        kept = [number for number in range(len(self.pieces)) if number not in gone]
        if self.exact:  # the gap below a piece goes, and behind the last piece the one above
            last = self.gaps[-1] if kept else ""
            after = [*(self.gaps[number + 1] for number in kept[:-1]), last]
            return re.escape(
                self.gaps[0] + "".join(self.pieces[number].spelled + gap for number, gap in zip(kept, after, strict=False))
            )
        pattern = BLANK if 0 in gone else re.escape(self.gaps[0])
        for number, piece in enumerate(self.pieces):
            pattern += f"(?:{'|'.join(map(re.escape, piece.left))})" if number in gone else re.escape(piece.spelled)
            pattern += BLANK if gone & {number, number + 1} else re.escape(self.gaps[number + 1])
        return pattern


@dataclass(frozen=True)
class File:
    """Fixed text and bodies in turn, and how they are stored."""

    name: str
    parts: Sequence[str | Body]
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        """What is stored."""
        text = "".join(part if isinstance(part, str) else part.spelled for part in self.parts)
        data = text.encode(self.encoding, "surrogatepass")
        return gzip.compress(data, mtime=0) if self.name.endswith(".gz") else data

    def read(self, data: bytes) -> str:
        """The text in what is stored."""
        return (gzip.decompress(data) if self.name.endswith(".gz") else data).decode(self.encoding, "surrogatepass")

    def remains(self, removed: Iterable[dict[str, Any]]) -> str:
        """A pattern of the text without the paragraphs of a report; each must stand where the report says."""
        gone: dict[int, set[int]] = defaultdict(set)
        for removal in removed:
            spot = Spot(removal["document"], removal["paragraph"], removal["line"], said(removal["text"]))
            known = spot, spot._replace(line=None), spot._replace(paragraph=None)
            found = next(one for one in known if one in self._spots)
            part, piece = self._spots.pop(found)
            gone[part].add(piece)
        return "".join(
            re.escape(part) if isinstance(part, str) else part.remains(gone[number]) for number, part in enumerate(self.parts)
        )

    @cached_property
    def _spots(self) -> dict[Spot, tuple[int, int]]:
        """Part and piece of each paragraph, by where it stands."""
        spots: dict[Spot, tuple[int, int]] = {}
        counts: Counter[str] = Counter()
        line = 1
        bodies = sorted((part.rank, number) for number, part in enumerate(self.parts) if isinstance(part, Body))
        for _, number in bodies:
            body = self.parts[number]
            assert isinstance(body, Body)
            document = body.document or f"in/{self.name}"
            line += len(BREAK.findall(f"{self.parts[0]}{body.gaps[0]}"))  # of a file that is one document
            for place, piece in enumerate(body.pieces):
                spot = Spot(
                    document,
                    counts[document] if body.counted else None,
                    line + piece.below if body.document is None else None,
                    said(piece.text),
                )
                spots[spot] = number, place
                counts[document] += piece.blocks
                line += len(BREAK.findall(piece.spelled)) + len(BREAK.findall(body.gaps[place + 1]))
        return spots


class Spot(NamedTuple):
    """Where a paragraph stands, and its letters and digits; None for what is not known."""

    document: str
    paragraph: int | None
    line: int | None
    said: str


def said(text: str) -> str:
    """The letters and digits of a text."""
    return "".join(re.findall(r"\w", text))


def html_text(text: str) -> str:
    """Text as HTML has it."""
    return escape(text, quote=False)


# How a paragraph may be written, and what is left of that without it.
WRITINGS = (
    ("<p>{}</p>", ("",), 0),
    ("<p>{}</p>", ("",), 0),
    ('<P id="a">{}</P >', ("",), 0),
    ("<div class=x><p>{}</p></div>", ("<div class=x></div>",), 0),
    ("<section>\n<div>\n<p>{}</p>\n</div></section>", ("<section>\n<div>\n</div></section>",), 2),
    (
        "<p><a name=a></a><b>{}</b><img src=x></p>",
        ("<p><a name=a></a><img src=x></p>", "<p><a name=a></a><b></b><img src=x></p>"),
        0,
    ),
    ("<ul>\n<li>{}\n</ul>", ("<ul>\n</ul>",), 1),
    ("<ol><li><p><em>{}</em></p></li></ol>", ("<ol></ol>",), 0),
    ("<dl><dt></dt><dd>{}</dd></dl>", ("<dl><dt></dt></dl>",), 0),
    ("<table><tr><td>{}</td><td></td></tr></table>", ("<table><tr><td></td><td></td></tr></table>",), 0),
    ("<div>{}<!-- note --></div>", ("<div><!-- note --></div>", "<!-- note -->"), 0),
    ("<p>\n  {}\n</p>", ("",), 1),
)
OPEN = ("<p>{}", ("",), 0)  # its end is where the next one begins
BETWEEN = ("<hr>", "<script>var a = '<p>';</script>", "<div><img src='y'></div>", "<!-- note -->", "<table></table>")


class Generator:
    """Makes the same files from the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pool = [text for text in real_paragraphs().text if len(text) <= LONGEST and not NO_PROSE.search(text)]

    def texts(self, least: int = 2) -> list[str]:
        """Paragraphs of one document: neighbours in an article, rewrites among them, some of them again in some form."""
        first = self.chance.randrange(len(self.pool) - 20)
        texts = self.chance.sample(self.pool[first : first + 20], self.chance.randint(least, 3))
        for _ in range(self.chance.randint(0, 3)):
            text = self.chance.choice(texts)
            forms = [text, text.upper(), self._odd(text), self._edited(text), text[: len(text) // 2].strip()]
            forms.append(f"{text} {self.chance.choice(texts)}")
            texts.insert(self.chance.randrange(len(texts) + 1), self.chance.choice(forms))
        return texts

    def _edited(self, text: str) -> str:
        words = text.split(" ")
        for _ in range(self.chance.randint(0, max(1, len(words) // 12))):
            del words[self.chance.randrange(len(words))]
        return " ".join(words) or text

    def _odd(self, text: str) -> str:
        """The same text with a few characters that are seldom or show nothing."""
        words = text.split(" ")
        for _ in range(3):
            place = self.chance.randrange(len(words))
            words[place] += self.chance.choice(
                ["\u00a0—", "\u200d", "\u2009…", "\u00ad", "\u0301", " 🦊", "\u200f", " &", " 𝟗", "\ufe0f"]
            )
        return " ".join(words) + "."

    def body(self, texts: Sequence[str] | None = None, markdown: bool = False) -> Body:
        """Plain text, or Markdown."""
        texts = self.texts() if texts is None else texts
        pieces = [self._markdown(text, number) if markdown else Piece(text, text) for number, text in enumerate(texts)]
        short = (
            ["# A heading", "<!-- note -->", "***"]
            if markdown
            else ["A heading", "https://example.com/a", "– – –", "Short one."]
        )
        aside = self.chance.choice(short)
        pieces.insert(self.chance.randrange(len(pieces)), Piece(aside, blocks=int(aside[0] not in "<*–" or not markdown)))
        between = [self.chance.choice(["\n\n", "\n\n", "\n\n\n", "\n \n"]) for _ in pieces[1:]]
        return Body(pieces, [self.chance.choice(["", "", "\n"]), *between, self.chance.choice(["", "\n", "\n\n"])])

    def _markdown(self, text: str, number: int) -> Piece:
        """A paragraph, wrapped or not, a list with a sign of its own, or a quote."""
        words = text.split(" ")
        middle = len(words) // 2
        one, other = " ".join(words[:middle]), " ".join(words[middle:])
        wrapped = f"{one}\n{other}" if one and other[:1].isalpha() else text
        sign = ["-", "*", "+", f"{number}.", f"{number})"][number % 5]
        quote = "\n".join(f"> {line}" for line in wrapped.split("\n"))
        forms = [text, text, wrapped, f"{sign} {text}", f"{sign} Short\n\n  > {text}" if number % 5 < 3 else text, quote]
        spelled = self.chance.choice(forms)
        return Piece(spelled, f"Short {text}" if "Short\n" in spelled else text)

    def html(self, least: int = 2) -> Body:
        """A piece of HTML."""
        pieces: list[Piece] = []
        for text in self.texts(least):
            writing, left, below = self.chance.choice([*WRITINGS, OPEN])
            spelled = html_text(text) if self.chance.random() < 0.7 else html_text(text).replace(" ", "&#32;")
            pieces.append(Piece(writing.format(spelled), text, left, below))
            if self.chance.random() < 0.2 and not writing.endswith("{}"):
                pieces.append(Piece(self.chance.choice(BETWEEN), blocks=0))
        pieces.append(Piece("<h2>A heading</h2>"))
        gaps = [self.chance.choice(["\n", "\n", "", "\n\n", " "]) for _ in pieces]
        return Body(pieces, ["", *gaps], exact=False)

    def text_files(self, count: int) -> list[File]:
        """Text and Markdown in several encodings and with several line ends."""
        files = []
        for number in range(count):
            markdown = number % 2 > 0
            mark, encoding = self.chance.choice([("", "utf-8"), ("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le")])
            ends = self._line_ends(["\n", "\n", "\r\n", "\r"])
            body = self.body(markdown=markdown).mapped(ends)
            suffix = ("md" if markdown else "txt") + self.chance.choice(["", "", "", ".gz"])
            files.append(File(f"text{number}.{suffix}", [mark, body], encoding))
        return files

    def pages(self, count: int) -> list[File]:
        """Whole pages, with more around the article."""
        files = []
        for number in range(count):
            encoding = self.chance.choice(["utf-8", "windows-1252"])
            ends = self._line_ends(["\n", "\r\n"])
            head = (
                f"<!doctype html>\n<html><head><meta charset={encoding}><title>T</title><style>p {{}}</style></head>\n<body>\n"
            )
            head += "<nav><ul><li><a href=/>Home</a></ul></nav>\n<article>\n"
            foot = f"\n</article>\n<footer>{html_text(self.chance.choice(self.pool))}</footer>\n</body></html>\n"

            def spell(text: str, encoding: str = encoding, ends: Callable[[str], str] = ends) -> str:
                return ends(text).encode(encoding, "xmlcharrefreplace").decode(encoding)

            body = replace(self.html(), counted=False)
            body = replace(body, gaps=["\n" for _ in body.gaps]).mapped(spell)
            files.append(File(f"page{number}.html", [spell(head), body, spell(foot)], encoding))
        return files

    def _line_ends(self, ends: Sequence[str]) -> Callable[[str], str]:
        end = self.chance.choice(ends)
        return lambda text: text.replace("\n", end)

    def jsonl(self, count: int) -> File:
        """A record a line; each paragraph has a spelling of its own."""
        parts = self._listed(
            count,
            lambda number: [self.body().mapped(self.chance.choice(JSON))],
            '{{"id": {0}, "more": [1, {{"a": "ä/"}}], "text": "',
            '"}}\n',
        )
        return File("a.jsonl.gz", parts)

    def json(self, count: int) -> File:
        """A list of records."""
        parts = self._listed(
            count,
            lambda number: [self.body().mapped(self.chance.choice(JSON))],
            '{{"text": "',
            '", "x": 1.50,\n "id": {0} }},\n',
        )
        return File("a.json", ["\ufeff[", *parts, '{"id": "last", "text": ""}]'], "utf-16-be")

    def csv(self, count: int) -> File:
        """A record a row."""

        def spelled(text: str) -> str:
            return text.replace('"', '""').replace("\n", "\r\n")

        parts = self._listed(count, lambda number: [self.body().mapped(spelled)], '{0},"', '","x ""y"", z"\r\n')
        return File("a.csv", ["id,text,more\r\n", *parts])

    def json_feed(self, count: int) -> File:
        """Items with one text or two, of which the second is shown where nothing is left of the first."""
        items: list[str | Body] = []
        for number in range(count):
            bodies = [("content_html", self.html(1)), ("summary", self.body(self.texts(1)))]
            chosen = self.chance.choice([bodies, bodies[:1], [("content_text", self.body())]])
            items.append(f'{{"id": "{number}"')
            for rank, (name, body) in enumerate(chosen):
                items += [
                    f', "{name}": "',
                    replace(body.mapped(self.chance.choice(JSON)), document=str(number), rank=rank),
                    '"',
                ]
            items.append("},\n")
        return File("feed.json", ['{"version": "https://jsonfeed.org/version/1.1", "items": [', *items, '{"id": "x"}]}'])

    def rss(self, count: int, *, rdf: bool = False) -> File:
        """Items with a description, full content, or both; RDF has the items beside the channel."""
        parts: list[str | Body] = []
        for number in range(count):
            full, short = ("content:encoded", self.html(1)), ("description", self.html(1))
            chosen = self.chance.choice([[short, full], [full], [short]])
            parts.append(f'<item rdf:about="{number}">\n<title>T</title>\n<guid>{number}</guid><link>{number}</link>')
            for name, body in chosen:
                cdata = self.chance.choice(["<![CDATA[", ""])
                body = body if cdata else body.mapped(self.chance.choice(XML))
                body = replace(body, document=str(number), rank=int(name == "description"))
                parts += [f"<{name}>{cdata}", body, f"{']]>' if cdata else ''}</{name}>"]
            parts.append("<x:y a='b'>c</x:y></item>\n")
        spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:x="urn:x"'
        spaces += ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        if rdf:
            head = f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" {spaces}><channel><title>F</title></channel>\n'
            return File("rdf.xml", [head, *parts, "</rdf:RDF>"])
        return File("rss.xml", [f'<rss version="2.0" {spaces}><channel><title>F</title>\n', *parts, "</channel></rss>\n"])

    def atom(self, count: int) -> File:
        """Entries whose content is plain text, escaped HTML or XHTML, all in ASCII and references."""
        parts: list[str | Body] = []
        for number in range(count):
            xhtml = self.texts(1)
            paragraphs = [Piece(f"<p>{html_text(text)}</p>", text) for text in xhtml]
            kind, start, end, body = self.chance.choice(
                [
                    ("html", "", "", self.html(1).mapped(self.chance.choice(XML))),
                    (
                        "xhtml",
                        '<div xmlns="http://www.w3.org/1999/xhtml">',
                        "</div>",
                        Body(paragraphs, ["\n"] * (len(xhtml) + 1), exact=False),
                    ),
                    ("text", "", "", self.body().mapped(self.chance.choice(XML))),
                ]
            )
            body = replace(body.mapped(in_ascii), document=str(number))
            parts += [
                f'<entry><id>{number}</id><title>T</title><content type="{kind}">{start}',
                body,
                f"{end}</content></entry>\n",
            ]
        head = '<?xml version="1.0" encoding="us-ascii"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>'
        return File("atom.xml.gz", [head, *parts, "</feed>"], "ascii")

    def _listed(self, count: int, bodies: Callable[[int], list[Body]], before: str, behind: str) -> list[str | Body]:
        parts: list[str | Body] = []
        for number in range(count):
            [body] = bodies(number)
            parts += [before.format(number), replace(body, document=str(number)), behind.format(number)]
        return parts

    def files(self, each: int) -> list[File]:
        """So many documents in each of ten formats; text and Markdown take two tenths together."""
        lists = [self.jsonl, self.json, self.csv, self.json_feed, self.rss, self.atom]
        return [*self.text_files(2 * each), *self.pages(each), *(make(each) for make in lists), self.rss(each, rdf=True)]


def in_json(text: str) -> str:
    """Text within a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


# The same, as other programs write it.
JSON = (
    in_json,
    lambda text: json.dumps(text)[1:-1],
    lambda text: re.sub(r"(?<=\\\\u)[0-9a-f]{4}", lambda digits: digits[0].upper(), json.dumps(text)[1:-1]),
    lambda text: in_json(text).replace("/", "\\/"),
    lambda text: in_json(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
)
# Text within an element, in as many ways.
XML = (
    html_text,
    escape,
    lambda text: html_text(text).replace("&lt;", "&#60;"),
    lambda text: html_text(text).replace("&gt;", ">"),
    lambda text: re.sub("[ü“é—]", lambda found: f"&#x{ord(found[0]):x};", html_text(text)),
)


def in_ascii(text: str) -> str:
    """With references to all other characters."""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
