"""Files of every format, put together from known pieces.

Documents repeat themselves and each other: paragraphs are copied, edited, joined or cut in two.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

from material import real_paragraphs
from pieces import Body, File, Piece

LONGEST = 320  # characters of a paragraph: many short ones find more than few long ones
NO_PROSE = re.compile(r"[\n*_`<>\[\]&#|~\\]|^\W|^\d+[.)]")  # means something in some markup


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
            lambda: self.body().mapped(self.chance.choice(JSON)),
            '{{"id": {0}, "more": [1, {{"a": "ä/"}}], "text": "',
            '"}}\n',
        )
        return File("a.jsonl.gz", parts)

    def json(self, count: int) -> File:
        """A list of records."""
        parts = self._listed(
            count,
            lambda: self.body().mapped(self.chance.choice(JSON)),
            '{{"text": "',
            '", "x": 1.50,\n "id": {0} }},\n',
        )
        return File("a.json", ["\ufeff[", *parts, '{"id": "last", "text": ""}]'], "utf-16-be")

    def csv(self, count: int) -> File:
        """A record a row."""

        def spelled(text: str) -> str:
            return text.replace('"', '""').replace("\n", "\r\n")

        parts = self._listed(count, lambda: self.body().mapped(spelled), '{0},"', '","x ""y"", z"\r\n')
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

    def _listed(self, count: int, body: Callable[[], Body], before: str, behind: str) -> list[str | Body]:
        """Records, each with its number in what stands before and behind its text."""
        parts: list[str | Body] = []
        for number in range(count):
            parts += [before.format(number), replace(body(), document=str(number)), behind.format(number)]
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
    lambda text: re.sub(r"(?<=\\u)[0-9a-f]{4}", lambda digits: digits[0].upper(), json.dumps(text)[1:-1]),
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
