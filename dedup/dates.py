"""Dates as records and feeds write them → points in time."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Final

_ISO: Final = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d))?)?"
    r"(?:[T ](?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE,
)
_EPOCH: Final = re.compile(r"\d{9,13}")
MILLISECONDS: Final = 12  # digits from which a number counts milliseconds


def instant(date: str | None) -> float | None:
    """Seconds since 1970 of ISO 8601, of the dates of mail and RSS, and of such seconds themselves; None for anything else.

    What is not said is the first: a month is its first day, a day its first hour; without a zone it is UTC.
    """
    if date is None:
        return None
    text = date.strip()
    if _EPOCH.fullmatch(text):
        return int(text) / (1000 if len(text) >= MILLISECONDS else 1)
    try:
        found = _ISO.fullmatch(text)
        return _iso(found).timestamp() if found else _of_mail(text).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _iso(found: re.Match[str]) -> datetime:
    parts = [int(found[name] or least) for name, least in zip(("year", "month", "day"), (1, 1, 1), strict=True)]
    clock = [int(found[name] or 0) for name in ("hour", "minute", "second")]
    zone = (found["zone"] or "Z").upper().replace("Z", "+0000").replace(":", "").ljust(5, "0")
    written = "".join([f"{parts[0]:04}", *(f"{part:02}" for part in (*parts[1:], *clock)), zone])
    return datetime.strptime(written, "%Y%m%d%H%M%S%z")


def _of_mail(text: str) -> datetime:
    from email.utils import parsedate_to_datetime  # late: it takes longer than all else here

    date = parsedate_to_datetime(text)
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
