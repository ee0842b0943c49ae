"""Where the tags and the text of an HTML source stand in it: what a reader and the markup must know of it alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal, NamedTuple

# Nothing in here is markup, and none of it is text that a reader sees.
RAW: Final = frozenset("script style textarea title xmp iframe noembed noframes".split())
VOID: Final = frozenset("area base br col embed frame hr img input link meta param source track wbr".split())
# Elements that the next of their kind, or the end of what they stand in, ends too: they pile up without being nested.
ENDED_BY_OTHERS: Final = frozenset(
    "html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup rt rp caption".split()
)

# One character decides between any two alternatives, so no text is read twice. A quote counts after an equals sign only,
# as in browsers; a tag that is never closed takes all that is left, which happens once.
_TAG: Final = re.compile(
    r"""<(?:
        (?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*)[^>=]*(?:=\s*(?:"[^"]*"|'[^']*'|(?![\s"']))[^>=]*)*(?P<closed>>)
        | !--(?:-?>|.*?(?:--!?>|\Z))
        | !\[CDATA\[.*?(?:\]\]>|\Z)
        | [!?/][^>]*(?:>|\Z)
        | [a-zA-Z].*
    )""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE: Final = re.compile(r"""([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?""")
_XHTML: Final = re.compile(r"\s*<\?xml\b|\s*<!DOCTYPE[^>]*\bXHTML\b", re.IGNORECASE)


class Token(NamedTuple):
    """A piece of the source, `text[start:end]`.

    kind: a `start` or `end` tag, `text` with its entities, or `raw`: what stands in a script, a title or the like. Comments,
    declarations and what no tag ends are none of these, and no token.
    name: of the tag, or of the element a `raw` piece stands in, in lower case.
    """

    kind: Literal["start", "end", "text", "raw"]
    start: int
    end: int
    name: str = ""


def scan(text: str) -> Iterator[Token]:
    """Yield all tokens in order; they do not overlap. Takes time linear in the text, whatever it is."""
    is_xhtml = bool(_XHTML.match(text))  # there, <script/> has no content
    position = 0
    while (tag := _TAG.search(text, position)) is not None:
        if tag.start() > position:
            yield Token("text", position, tag.start())
        position = tag.end()
        if not tag["closed"]:
            continue
        name = tag["name"].lower()
        yield Token("end" if tag["slash"] else "start", tag.start(), position, name)
        if name in RAW and not tag["slash"] and not (is_xhtml and text[position - 2] == "/"):
            end = _raw_end(name).search(text, position)
            yield Token("raw", position, end.start() if end else len(text), name)
            position = end.start() if end else len(text)
    if position < len(text):
        yield Token("text", position, len(text))


@cache
def _raw_end(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)


def attributes(tag: str) -> dict[str, str]:
    """Names, in lower case, and values of a start tag, entities as they stand; of a name that comes twice, the first counts."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag, re.match(r"<[^\s/>]*", tag).end()):  # type: ignore[union-attr]
        found.setdefault(name.lower(), "".join(values))
    return found


class Nesting:
    """How deep the elements are nested whose tags have passed; what others end is no part of it."""

    def __init__(self) -> None:
        self.depth = 0
        self._open: Counter[str] = Counter()

    def pass_tag(self, token: Token) -> None:
        """Take account of a start or end tag."""
        name = token.name
        if name in VOID or name in ENDED_BY_OTHERS:
            return
        if token.kind == "start":
            self._open[name] += 1
            self.depth += 1
        elif self._open[name]:
            self._open[name] -= 1
            self.depth -= 1
