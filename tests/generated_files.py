"""Files of every format with documents that repeat themselves and each other: paragraphs copied, edited, joined or cut."""

from __future__ import annotations

import csv
import io
import json
import random
from html import escape
from xml.sax.saxutils import escape as escape_xml

from material import real_paragraphs

WRITINGS = (
    "<p>{}</p>\n",
    "<p>{}</p>\n",
    "<p>{}</p>",
    "<p>{}\n",
    "{}<br><br>\n",
    "<div class=x><p>{}</div>\n",
    "<blockquote>\n<p>{}</p>\n</blockquote>\n",
    "<p><a name=a></a><b>{}</b><img src=x></p>",
    "<ul>\n<li>{}\n</ul>",
    "<!-- {0:.9} --><section><h2>Heading of it</h2>\n<p>{0}</p></section>\n",
    "<table><tr><td>{}</td><td>x</td></tr></table>",
)
BETWEEN = ("<h2>A heading</h2>\n", "<script>var a = '<p>';</script>", "<img src='y'>", "<hr>\n", "<!-- note -->\n")
PARTS = (
    "<article>\n{}</article>\n",
    "<main><div>{}</div></main>\n",
    "<div><div>{}</div></div>\n",
    "<aside>{}</aside>",
    "<div class=comments>{}</div>\n",
    "<div class=teaser>{}</div>",
    "<footer>{}</footer>",
    "{}",
)


class Generator:
    """Makes the same files from the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pool = [text for text in real_paragraphs().text if "\n" not in text]

    def texts(self, least: int = 2) -> list[str]:
        """Paragraphs of one document: neighbours in an article, rewrites among them, some of them again in some form."""
        first = self.chance.randrange(len(self.pool) - 30)
        texts = self.chance.sample(self.pool[first : first + 30], self.chance.randint(least, 4))
        for _ in range(self.chance.randint(0, 3)):
            text = self.chance.choice(texts)
            forms = [text, text.upper(), self._edited(text), text[: len(text) // 2], f"{text} {self.chance.choice(texts)}"]
            texts.insert(self.chance.randrange(len(texts) + 1), self.chance.choice(forms))
        texts.insert(
            self.chance.randrange(len(texts)), self.chance.choice(["A heading", "https://example.com/a", "Short one.", "– – –"])
        )
        return texts

    def _edited(self, text: str) -> str:
        words = text.split(" ")
        for _ in range(self.chance.randint(0, max(1, len(words) // 12))):
            del words[self.chance.randrange(len(words))]
        return " ".join(words) or text

    def plain(self) -> str:
        """Text or Markdown."""
        gap = self.chance.choice(["\n\n", "\n\n", "\r\n\r\n", "\n\n\n", "\n \n"])
        texts = gap.join(text.strip() for text in self.texts())
        return self.chance.choice(["", "", "\n"]) + texts + self.chance.choice(["", "\n", "\n\n"])

    def html(self, least: int = 2) -> str:
        """A piece of HTML."""
        pieces = []
        for text in self.texts(least):
            pieces.append(self.chance.choice(WRITINGS).format(escape(text, quote=False)))
            if self.chance.random() < 0.2:
                pieces.append(self.chance.choice(BETWEEN))
        return "".join(pieces)

    def page(self) -> str:
        """A whole page: what is its article may change with every paragraph that goes."""
        parts = [self.chance.choice(PARTS).format(self.html(1)) for _ in range(self.chance.randint(1, 3))]
        head = "<!doctype html>\n<html><head><title>T</title><style>p {}</style></head>\n<body>\n"
        return f"{head}<nav><ul><li><a href=/>Home</a></ul></nav>\n{''.join(parts)}</body></html>\n"

    def records(self, count: int) -> list[dict[str, object]]:
        """Objects with a text and other fields."""
        return [{"id": number, "more": [1, {"a": "ä/"}], "text": self.plain()} for number in range(count)]

    def jsonl(self, count: int) -> str:
        """A record a line."""
        return "".join(json.dumps(one, ensure_ascii=self.chance.random() < 0.5) + "\n" for one in self.records(count))

    def json(self, count: int) -> str:
        """A list of records."""
        return json.dumps(self.records(count), ensure_ascii=False, indent=1)

    def csv(self, count: int) -> str:
        """A record a row."""
        out = io.StringIO()
        rows = csv.DictWriter(out, ["id", "text", "more"])
        rows.writeheader()
        rows.writerows({**record, "more": 'x "y", z'} for record in self.records(count))
        return out.getvalue()

    def json_feed(self, count: int) -> str:
        """Items with one text or several of which the first is shown."""
        items = []
        for number in range(count):
            texts = self.texts(1)
            html = "".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)
            fields = {"content_html": html, "content_text": "\n\n".join(texts), "summary": texts[0]}
            names = self.chance.choice([["content_html"], ["content_text"], ["content_html", "summary"], [*fields]])
            items.append({"id": str(number), "title": "T", **{name: fields[name] for name in names}})
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": items}, indent=1)

    def rss(self, count: int) -> str:
        """Items with a description, full content, or both."""
        items = []
        for number in range(count):
            content = self.html(1)
            short = f"<p>{escape(self.chance.choice(self.pool), quote=False)}</p>" * self.chance.randint(0, 1) + content[:400]
            spelled = self.chance.choice([escape_xml(content), f"<![CDATA[{content}]]>"])
            both = [f"<description>{escape_xml(short)}</description>\n", f"<content:encoded>{spelled}</content:encoded>\n"]
            parts = self.chance.choice([both, both, both[1:], [f"<description>{spelled}</description>"]])
            items.append(f"<item>\n<title>T</title>\n<guid>{number}</guid>{''.join(parts)}<x:y a='b'>c</x:y></item>\n")
        spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:x="urn:x"'
        return f'<rss version="2.0" {spaces}><channel><title>F</title>\n{"".join(items)}</channel></rss>\n'

    def atom(self, count: int) -> str:
        """Entries whose content is plain text, escaped HTML or XHTML."""
        entries = []
        for number in range(count):
            texts = self.texts(1)
            paragraphs = "".join(f"<p>{escape_xml(text)}</p>\n" for text in texts)
            contents = (
                f'<content type="html">{escape_xml(self.html(1))}</content>',
                f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}<br/></div></content>',
                f"<content>{escape_xml(chr(10).join(f'{text}{chr(10)}' for text in texts))}</content>",
            )
            summary = self.chance.choice(["", f"<summary>{escape_xml(self.chance.choice([*texts, *self.pool]))}</summary>"])
            entries.append(f"<entry><id>{number}</id><title>T</title>{summary}{self.chance.choice(contents)}</entry>\n")
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>{"".join(entries)}</feed>'

    def files(self, pages: int, texts: int, records: int, items: int) -> dict[str, str]:
        """Files by name: so many pages, files of text and of Markdown, records a format and items a feed."""
        return {
            **{f"page{number}.html": self.page() for number in range(pages)},
            **{f"text{number}.{suffix}": self.plain() for number in range(texts) for suffix in ("txt", "md")},
            "a.jsonl": self.jsonl(records),
            "a.json": self.json(records),
            "a.csv": self.csv(records),
            "feed.json": self.json_feed(items),
            "rss.xml": self.rss(items),
            "atom.xml": self.atom(items),
        }
