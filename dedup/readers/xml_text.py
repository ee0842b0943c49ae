"""The text of an XML file, by the encoding that its mark, its server or its declaration names, and back."""

from __future__ import annotations

import codecs
import re
from typing import Final

from dedup.errors import InputError

# The longest marks first: that of UTF-32 begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = (
    ("<".encode("utf-32-le"), "utf-32-le"),
    ("<".encode("utf-32-be"), "utf-32-be"),
    ("<".encode("utf-16-le"), "utf-16-le"),
    ("<".encode("utf-16-be"), "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.:-]*)["']""")
# What is called Latin-1 has the quotation marks of Windows where Latin-1 has control characters.
_AS_BROWSERS_DO: Final = {"iso8859-1": "cp1252", "ascii": "cp1252"}
# Codecs of Python that are no encodings of files: some take quadratic time.
_NO_ENCODINGS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def encoding_of(data: bytes, file: str, charset: str | None = None) -> tuple[bytes, str]:
    """The byte order mark of a file, if it has one, and its encoding. Raises InputError if nobody knows that.

    A mark goes before what the server said, which goes before the declaration; without any of them it is UTF-8, as
    where the name means nothing.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    for start, encoding in _UNMARKED:
        if data.startswith(start):
            return b"", encoding
    declared = _DECLARED.match(data)
    name = charset or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = "undefined"
    if known.replace("-", "_") in _NO_ENCODINGS:
        if decoded(data, b"", "utf-8") is None:
            raise InputError(file, f"its encoding {name!r} is unknown", "convert the file to UTF-8")
        known = "utf-8"
    # Bytes in which a declaration can be read are not in pairs.
    return b"", "utf-8" if known.startswith(("utf-16", "utf-32")) else _AS_BROWSERS_DO.get(known, known)


def decoded(data: bytes, mark: bytes, encoding: str) -> str | None:
    """The text behind the mark; None if it has bytes of another encoding."""
    try:
        return data[len(mark) :].decode(encoding)
    except (UnicodeError, LookupError):  # a LookupError for codecs that make no text
        return None


def encoded(text: str, mark: bytes, encoding: str) -> bytes:
    """Bytes in this encoding; characters that it does not have become references."""
    return mark + text.encode(encoding, "xmlcharrefreplace")
