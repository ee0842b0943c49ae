"""Paths as other programs want them: relative to the folder they are read in, or as URIs."""

from __future__ import annotations

import posixpath
from typing import Final
from urllib.parse import quote

from dedup.config import is_address

_OF_ADDRESSES: Final = ":/?#[]@!$&'()*+,;=%~"  # may stand in a URI as they are


def relative(path: str, folder: str | None) -> str:
    """The path from that folder, which is absolute, if the file is below it; else as it was. `./` is left out."""
    if folder is not None and path.startswith("/"):
        below = folder.rstrip("/") + "/"
        path = path.removeprefix(below)
    return path if ".." in path.split("/") else posixpath.normpath(path)


def uri(path: str, folder: str | None) -> str:
    """URI reference of a file or an address, percent-encoded: relative to the folder if the file is below it."""
    if is_address(path):
        return quote(_bytes(path), safe=_OF_ADDRESSES)
    path = relative(path, folder)
    return ("file://" if path.startswith("/") else "") + quote(_bytes(path), safe="/")


def _bytes(path: str) -> bytes:
    """UTF-8, but of a name that is none the bytes it has on the disk."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "replace")
