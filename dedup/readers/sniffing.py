"""What a file is, told by how it begins: for standard input, addresses and files whose suffix says nothing."""

from __future__ import annotations

import json
import re
from typing import Final

from dedup.config import Config
from dedup.readers.lines import UTF_16_MARKS

HEAD: Final = 1 << 16  # bytes that are looked at

_JSON_FEED: Final = re.compile(r'\{.*"version"\s*:\s*"https?://(www\.)?jsonfeed\.org/version/', re.DOTALL)
_JSON_LIST: Final = re.compile(r'\[\s*\{\s*["}]')
_JSON_OBJECT: Final = re.compile(r'\{\s*"')
_BEFORE_ROOT: Final = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE)
_FEED_ROOT: Final = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF|channel)[\s>]")
_PAGE_ROOT: Final = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)
_PAGE_DOCTYPE: Final = re.compile(r"<!DOCTYPE\s+html\b", re.IGNORECASE)
_SEPARATOR: Final = re.compile("[,;\t]")


def sniff(head: bytes, config: Config) -> str:
    """The format by its first bytes: `json`, `records`, `feeds`, `html` or `csv`; else `text`."""
    if head.startswith(UTF_16_MARKS):
        text = head.decode("utf-16", "ignore")
    else:
        text = head.decode("utf-8", "ignore").removeprefix("\ufeff")
    start = text.lstrip()
    if start.startswith("{"):
        return _sniff_object(start, cut=len(head) == HEAD)
    if _JSON_LIST.match(start):
        return "json"
    before_root = _BEFORE_ROOT.match(text)
    root = before_root.end() if before_root else 0
    if _FEED_ROOT.match(text, root):
        return "feeds"
    if _PAGE_ROOT.match(text, root) or _PAGE_DOCTYPE.search(text, 0, root):
        return "html"
    return "csv" if _is_header(start.partition("\n")[0].strip(), config.text_field) else "text"


def _sniff_object(start: str, *, cut: bool) -> str:
    """Tell a JSON Feed, or an object over several lines, from records; what is no JSON is text."""
    if _JSON_FEED.match(start):
        return "json"
    line, newline, _ = start.partition("\n")
    if not newline and cut:  # the line is longer than the head
        return "records" if _JSON_OBJECT.match(start) else "text"
    try:
        return "records" if isinstance(json.loads(line), dict) else "text"
    except (ValueError, RecursionError):
        return "json" if line.strip() == "{" and _JSON_OBJECT.match(start) else "text"


def _is_header(line: str, text_field: str) -> bool:
    """Whether one of several cells is the name of the field that holds the text."""
    cells = [cell.strip(' "') for cell in _SEPARATOR.split(line)]
    return len(cells) > 1 and text_field in cells
