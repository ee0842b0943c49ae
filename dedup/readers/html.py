"""Web pages: a file is one document, in the encoding that it names itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Final

from dedup.config import Config
from dedup.errors import InputError
from dedup.model import Document
from dedup.readers.limits import read_whole
from dedup.readers.lines import UTF_16_MARKS, decode
from dedup.readers.page_date import page_date
from dedup.tags import Nesting, scan

DEEPEST: Final = 1000  # elements in each other; browsers stop at 512
DECLARED_WITHIN: Final = 4096  # bytes in which a page must have named its encoding

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_COMMENT: Final = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARED: Final = re.compile(
    rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)|\A\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE
)
# What a page calls its encoding, and what browsers take that for (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT: Final = {
    **dict.fromkeys("ascii us-ascii latin1 latin-1 l1 iso8859-1 iso-8859-1 cp819 ansi_x3.4-1968 x-cp1252".split(), "cp1252"),
    **dict.fromkeys("iso-8859-9 iso8859-9 latin5 l5".split(), "cp1254"),
    **dict.fromkeys("gb2312 gbk x-gbk gb_2312-80 gb_2312 chinese".split(), "gbk"),
    **dict.fromkeys("shift_jis shift-jis sjis x-sjis ms_kanji windows-31j".split(), "cp932"),
    **dict.fromkeys("euc-kr ks_c_5601-1987 ksc5601 ks_c_5601-1989 korean windows-949".split(), "cp949"),
    **dict.fromkeys("tis-620 iso-8859-11 dos-874 windows-874".split(), "cp874"),
    **dict.fromkeys("x-mac-cyrillic x-mac-ukrainian".split(), "mac-cyrillic"),
}
_KNOWN: Final = re.compile(
    r"utf-?8|(?:windows-|cp)(?:125\d|874|866|93[26]|949|950)|iso-?8859-(?:[2-8]|1[03-6])|koi8-[ru]|big5(?:-?hkscs)?|euc-jp|"
    r"iso-?2022-jp|gb18030|macintosh|mac-cyrillic|ibm866"
)


def read(lines: Iterable[bytes], file: str, config: Config) -> Iterator[Document | InputError]:
    """One document with the name of its file, and the date it was published if it says so.

    `charset` of the lines is what the page is said to be in by who delivered it; only a byte order mark knows better.
    """
    try:
        text = _text(read_whole(lines, file, config), file, getattr(lines, "charset", None))
        _refuse_what_cannot_be_parsed(text, file)
        yield Document(id=file, text=text, file=file, date=page_date(text), markup="html")
    except InputError as error:
        yield error


def rewrite(data: bytes, file: str, texts: Mapping[str, str], config: Config, charset: str | None = None) -> bytes:
    """The page with another text, in its own encoding and with its own byte order mark. Raises InputError."""
    mark, encoding = _encoding(data, charset)
    body = data[len(mark) :]
    text = _decoded(body, encoding, file)
    if _encoded(text, encoding) != body:
        raise InputError(file, f"cannot be written back in {encoding} without a change", "convert the file to UTF-8")
    return mark + _encoded(texts.get(file, text), encoding)


def _text(data: bytes, file: str, charset: str | None) -> str:
    mark, encoding = _encoding(data, charset)
    null = data.find(b"\0")
    if null >= 0 and not mark.startswith(UTF_16_MARKS):
        raise InputError(file, f"binary data (a NUL at byte {null})", "give a page of HTML")
    return _decoded(data[len(mark) :], encoding, file)


def _decoded(data: bytes, encoding: str | None, file: str) -> str:
    if encoding is None:
        return decode(data, file)
    # What is no character becomes a lone surrogate: it is counted where texts are split, and written back as it was.
    try:
        return data.decode(encoding, "surrogateescape")
    except UnicodeDecodeError as error:  # half a character of UTF-16
        raise InputError(file, f"not {encoding} ({error.reason} at byte {error.start})", "convert the file to UTF-8") from error


def _encoded(text: str, encoding: str | None) -> bytes:
    return text.encode(encoding or "utf-8", "surrogateescape")


def _encoding(data: bytes, charset: str | None) -> tuple[bytes, str | None]:
    """The byte order mark, and the encoding by mark, by `charset`, or by the page itself; None if nobody says one we know."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    declared = _DECLARED.search(_COMMENT.sub(b"", data[:DECLARED_WITHIN]))
    own = (declared[1] or declared[2]).decode("ascii", "replace") if declared else ""
    return b"", next((codec for name in (charset or "", own) if (codec := _codec(name))), None)


def _codec(name: str) -> str | None:
    name = name.strip().strip("\"'").lower()
    if name in _MEANT:
        return _MEANT[name]
    if "_" in name:  # as Python writes it
        return _codec(name.replace("_", "-"))
    # Who could read in it that a page is in UTF-16 was not reading UTF-16.
    return "utf-8" if name.startswith(("utf-16", "utf16")) else name if _KNOWN.fullmatch(name) else None


def _refuse_what_cannot_be_parsed(text: str, file: str) -> None:
    if find_spec("lxml") is None:
        raise InputError(file, "HTML is read with lxml, which is not installed", "python -m pip install 'dedup[html]'")
    nesting = Nesting()
    for token in scan(text):
        if token.kind in ("start", "end"):
            nesting.pass_tag(token)
            if nesting.depth > DEEPEST:
                line = text.count("\n", 0, token.start) + 1
                what = f"more than {DEEPEST:,} elements inside each other"
                raise InputError(f"{file}:{line}", what, "leave this file out: it is no page that people read")
