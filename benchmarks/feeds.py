"""Read every feed of feedparser's own tests: no traceback, none that takes long, and the items of the well-formed ones.

`python benchmarks/feeds.py` needs `$DEDUP_DATA/feeds/feedparser-tests.tar.gz`. Ends with 1 if a promise is broken.
"""

from __future__ import annotations

import io
import os
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from dedup import Config, Document
from dedup.errors import InputError
from dedup.readers import feeds

SLOWEST: Final = 2.0  # seconds that a file may take


def read(data: bytes, name: str) -> tuple[list[Document], list[str]]:
    """Read one feed: its items, and what was wrong with it."""
    documents, errors = [], []
    try:
        for item in feeds.read([data], name, Config()):
            if isinstance(item, Document):
                documents.append(item)
            else:
                errors.append(item.what)
    except InputError as error:
        errors.append(error.what)
    return documents, errors


def with_text(data: bytes) -> int:
    """How many entries feedparser finds that have a content or a summary."""
    import feedparser

    entries = feedparser.parse(io.BytesIO(data), response_headers={"content-type": "application/xml"}).entries
    texts = ([part.get("value") for part in dict.get(entry, "content", [])] + [dict.get(entry, "summary")] for entry in entries)
    return sum(any(text and text.strip() for text in parts) for parts in texts)


def main() -> int:
    data = os.environ.get("DEDUP_DATA")
    archive = Path(data or ".") / "feeds" / "feedparser-tests.tar.gz"
    if not data or not archive.exists():
        print("skipped: DEDUP_DATA names no folder with feeds/feedparser-tests.tar.gz")
        return 0
    files, found, expected, slowest, broken = 0, 0, 0, 0.0, []
    said: Counter[str] = Counter()
    with tarfile.open(archive) as members:
        for member in members:
            stream = members.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            content = stream.read()
            started = time.perf_counter()
            documents, errors = read(content, member.name)
            slowest = max(slowest, took := time.perf_counter() - started)
            items, wanted = sum(bool(document.text.strip()) for document in documents), with_text(content)
            files, found, expected = files + 1, found + items, expected + wanted
            said.update(error.split("(")[0].strip() for error in errors)
            if took > SLOWEST:
                broken.append(f"{member.name}: {took:.1f} s")
            if items < wanted and not any("entity" in error or "the id" in error for error in errors):
                broken.append(f"{member.name}: {items} of {wanted} items")
    print(f"{files:,} files, slowest {slowest:.2f} s; {found:,} items with text, feedparser has {expected:,}")
    for what, count in said.most_common():
        print(f"{count:6,}  {what}")
    print(*broken, sep="\n")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
