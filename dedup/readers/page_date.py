"""When a page was published, as it says itself."""

from __future__ import annotations

import html
import re
from typing import Final

from dedup.tags import attributes, scan

# Names under which a <meta> says it, the best first.
_NAMES: Final = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "dc.date",
    "dcterms.date",
    "date",
)
_JSON_LD: Final = re.compile(r'"datePublished"\s*:\s*"([^"\\]{4,40})"')
_ISO: Final = re.compile(r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)?)?)?")


def page_date(source: str) -> str | None:
    """The date in ISO 8601 by a <meta>, else by JSON-LD, else by the first <time>; None if none of them says one."""
    said: dict[str, str] = {}
    for kind, start, end, name in scan(source):
        if kind == "start" and name in ("meta", "time"):
            given = attributes(source[start:end])
            label = "time" if name == "time" else given.get("property") or given.get("name") or given.get("itemprop") or ""
            _note(said, label.lower(), given.get("datetime" if name == "time" else "content", ""))
        elif kind == "raw" and name == "script" and (match := _JSON_LD.search(source, start, end)):
            _note(said, "json-ld", match[1])
    return next((said[name] for name in (*_NAMES, "json-ld", "time") if name in said), None)


def _note(said: dict[str, str], label: str, date: str) -> None:
    date = html.unescape(date).strip()
    if _ISO.fullmatch(date):
        said.setdefault(label, date)
