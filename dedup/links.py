"""Addresses in a text: URLs, and links and images as Markdown and HTML write them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS, character_class

# Text in a script without spaces may follow an address directly, so its characters (and its punctuation) end one.
_NOT_IN_URL: Final = rf"\s<>\"\u3000-\u303f\uff00-\uff65{character_class(IDEOGRAPHIC, UNSPACED_LETTERS)}"
_WORD: Final = re.compile(r"[^\W_]")

# No class below can run past the next opening of its own kind: the time stays linear in the text.
_TARGET: Final = r"\([^()\s]*(?:\s+\"[^\"()]*\")?\)"
_MARKED_IMAGE: Final = re.compile(rf"\[!\[[^\[\]]*\]{_TARGET}\]{_TARGET}|!\[[^\[\]]*\]{_TARGET}|<img\b[^<>]*>", re.IGNORECASE)
_MARKED_LINK: Final = re.compile(rf"\[[^\[\]]*\]{_TARGET}")
_MAY_BE_ADDRESS: Final = re.compile(r"[!\[<]|www\.|mailto:", re.IGNORECASE)
_IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif", ".bmp", ".tif", ".tiff", ".ico", ".heic")


def may_hold_address(text: str) -> bool:
    """Whether anything below has to look at the text: of one for which this is false, `address_kind` says None.

    And `without_urls` leaves it as it is.
    """
    # Most texts have no colon, and one character is looked for faster than three.
    return (":" in text and "://" in text) or "www." in text or _MAY_BE_ADDRESS.match(text) is not None


def address_kind(text: str) -> Literal["image", "link"] | None:
    """`image` if the text is nothing but images and addresses of images, `link` if links are among them; else None."""
    if "://" not in text and not _MAY_BE_ADDRESS.match(text):
        return None
    rest, images = _MARKED_IMAGE.subn(" ", text)
    rest, links = _MARKED_LINK.subn(" ", rest)
    if _WORD.search(_url().sub(" ", rest)):
        return None
    urls = _url().findall(rest)
    shown = sum(map(_shows_image, urls))
    if links or shown < len(urls):
        return "link"
    return "image" if images or shown else None


def without_urls(text: str) -> str:
    """Put a space for each address."""
    return _url().sub(" ", text) if "://" in text or "www." in text else text


@cache
def _url() -> re.Pattern[str]:
    # Compiled when the first address is met. A wide class whose case is ignored would take many milliseconds.
    return re.compile(rf"(?i:\b(?:https?|ftp)://|\bwww\.|\bmailto:)[^{_NOT_IN_URL}]+")


def _shows_image(url: str) -> bool:
    path = re.split("[?#]", url, maxsplit=1)[0]
    return path.rstrip(").,;]").lower().endswith(_IMAGE_SUFFIXES)
