"""What the content of an item says and in what markup, however the feed spells it; and other text spelled the same way."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from dedup.model import Markup
from dedup.readers.outline import Content
from dedup.readers.spelling import Piece, respell, shown

# Elements that HTML never closes: all others need an end tag there, which XML may leave out.
VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split(" "))

_MARKED_UP: Final = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;")
_TEXT: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>|(<!--.*?-->|<\?.*?\?>)|(&[^;&<]+;)|[^<&]+|[<&]", re.DOTALL)
_INLINE: Final = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|<!--.*?-->|<\?.*?\?>"
    r"|<(?P<slash>/?)(?P<name>[^\s<>/!?]+)(?P<rest>[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*)>",
    re.DOTALL,
)


class Written(NamedTuple):
    """The text of a content, its markup, and the pieces that spell it; no pieces if it is packed in base64."""

    text: str
    markup: Markup
    pieces: list[Piece]


def read_content(content: Content, data: bytes) -> Written | None:
    """What a content of a feed in UTF-8 says; None if it is no text."""
    start, end = inside(content)
    raw = data[start:end].decode("utf-8")
    media_type = content.attributes.get("type", "").strip().lower()
    if _is_base64(content, media_type):
        text = _unpacked(raw)
        return None if text is None else Written(text, "html" if "html" in media_type else "plain", [])
    pieces = list(_inline_pieces(raw) if content.has_elements else _text_pieces(raw))
    text = shown(pieces)
    return Written(text, _markup(content, media_type, text), pieces)


def write_content(content: Content, data: bytes, written: Written, text: str) -> bytes:
    """What has to stand in place of `inside` to say another text: CDATA stays CDATA, and markup within XML stays markup."""
    if not written.pieces and written.text:
        return base64.b64encode(text.encode("utf-8"))
    if content.has_elements:
        return respell(written.pieces, text, str).encode("utf-8")
    raw = respell(written.pieces, text, escape)
    if shown(list(_text_pieces(raw))) != text:  # the ends of what was taken out make a mark where they meet
        raw = f"<![CDATA[{_in_cdata(text)}]]>" if any(piece.spell for piece in written.pieces) else escape(text)
    return raw.encode("utf-8")


def inside(content: Content) -> tuple[int, int]:
    """The bytes that spell the text: without the division around it, if that is all there is."""
    return content.div or (content.start, content.end)


def _is_base64(content: Content, media_type: str) -> bool:
    """Atom 0.3 says so; Atom 1.0 packs what is neither text nor XML."""
    if content.attributes.get("mode") == "base64":
        return True
    is_text = "/" not in media_type or media_type.startswith("text/") or media_type.endswith(("+xml", "/xml"))
    return content.is_atom and not is_text and not content.has_elements


def _unpacked(raw: str) -> str | None:
    try:
        text = base64.b64decode("".join(raw.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):  # a picture, for instance
        return None
    return None if "\0" in text else text


def _markup(content: Content, media_type: str, text: str) -> Markup:
    if content.has_elements or content.name in ("encoded", "fullitem", "body"):
        return "html"
    if content.is_atom:
        return "html" if "html" in media_type else "plain"
    return "html" if _MARKED_UP.search(text) else "plain"  # RSS does not say


def _text_pieces(raw: str) -> Iterator[Piece]:
    """Escaped text and CDATA."""
    for match in _TEXT.finditer(raw):
        cdata, nothing, reference = match.groups()
        if cdata is not None:
            yield Piece("", "<![CDATA[", _in_cdata)
            yield Piece(cdata, cdata)
            yield Piece("", "]]>", escape)
        elif nothing:
            yield Piece("", nothing)
        else:
            yield Piece(html.unescape(reference) if reference else match[0], match[0])


def _inline_pieces(raw: str) -> Iterator[Piece]:
    """Elements of XHTML, as HTML has them: without prefixes, with all end tags, and without CDATA."""
    end = 0
    for match in _INLINE.finditer(raw):
        yield Piece(raw[end : match.start()], raw[end : match.start()])
        end = match.end()
        if match["cdata"] is not None:
            yield Piece(escape(match["cdata"]), match[0])
        elif match["name"] is None:
            yield Piece(match[0], match[0])
        else:
            name = match["name"].rpartition(":")[2]
            yield Piece(f"<{match['slash']}{name}", f"<{match['slash']}{match['name']}")
            rest = f"{match['rest']}>"
            if rest.endswith("/>") and name.lower() not in VOID:
                yield Piece(rest[:-2], rest[:-2])
                yield Piece(f"></{name}>", "/>")
            else:
                yield Piece(rest, rest)
    yield Piece(raw[end:], raw[end:])


def _in_cdata(text: str) -> str:
    return text.replace("]]>", "]]]]><![CDATA[>")
