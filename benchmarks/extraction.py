"""How well the article of a page is found: precision, recall and lines, next to `trafilatura.extract` on the same pages.

python benchmarks/extraction.py

It takes $DEDUP_DATA/html/scrapinghub: pages, and the bodies of their articles in `ground-truth.json`.

A block is right if four fifths of its runs of four words stand in the labelled body, and a labelled paragraph is found if
four fifths of its runs stand in the blocks; shorter texts must stand there as they are. The last figures count runs of
words of a whole page, as often as they occur, whatever the blocks are.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dedup.blocks import Block, numbered
from dedup.blocks.html import find_blocks
from dedup.config import Config
from dedup.paragraphs import skip_reasons

RUN = 4  # words
ENOUGH = 0.8  # of the runs
READ_ON = 5  # lines in which the first word of a block may go on


class Page(NamedTuple):
    """What was found of one page: right and all blocks, found and all labelled paragraphs, and by runs of words."""

    right: int
    blocks: int
    found: int
    labelled: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str, length: int = RUN) -> list[tuple[str, ...]]:
    taken = words(text)
    return [tuple(taken[start : start + length]) for start in range(len(taken) - length + 1)]


class Body:
    """A text in which others are looked up."""

    def __init__(self, texts: Sequence[str]) -> None:
        whole = "\n".join(texts)
        self.count = Counter(runs(whole))
        self.short = {run for length in range(1, RUN) for run in runs(whole, length)}

    def has(self, text: str) -> bool:
        if len(words(text)) < RUN:
            return tuple(words(text)) in self.short
        taken = runs(text)
        return sum(run in self.count for run in taken) >= ENOUGH * len(taken)


def judge(texts: Sequence[str], body: str) -> Page:
    texts = [text for text in texts if words(text)]
    labelled = [text for text in body.split("\n\n") if words(text)]
    truth, answer = Body(labelled), Body(texts)
    common = (truth.count & answer.count).total()
    return Page(
        right=sum(map(truth.has, texts)),
        blocks=len(texts),
        found=sum(map(answer.has, labelled)),
        labelled=len(labelled),
        precision=common / max(1, answer.count.total()),
        recall=common / max(1, truth.count.total()),
    )


def begins_in_its_line(block: Block, lines: Sequence[str]) -> bool:
    """Whether the first word of a block begins in its line of the source, and goes on in those below if it is parted there."""
    word = block.text.split()[0]
    here = shown(lines[block.line - 1])
    return 0 <= shown("\n".join(lines[block.line - 1 : block.line + READ_ON])).find(word) < len(here)


def shown(source: str) -> str:
    """Decode without tags, comments and space."""
    return "".join(html.unescape(re.sub(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", "", source, flags=re.DOTALL)).split())


def row(name: str, pages: Sequence[Page], seconds: float) -> str:
    right, blocks, found, labelled = (sum(page[place] for page in pages) for place in range(4))
    by_page = [page for page in pages if page.blocks]
    figures = [
        right / blocks,
        found / labelled,
        statistics.mean(page.right / page.blocks for page in by_page),
        statistics.mean(page.found / max(1, page.labelled) for page in pages),
        statistics.mean(page.precision for page in pages),
        statistics.mean(page.recall for page in pages),
        statistics.mean(page.f1 for page in pages),
        statistics.median(page.recall for page in pages),
    ]
    return f"{name:24}" + "".join(f"{figure:9.4f}" for figure in figures) + f"{len(pages) - len(by_page):7d}{seconds:9.1f}"


def timed(find: object, pages: dict[str, str]) -> tuple[dict[str, list[Block]], float]:
    started = time.process_time()
    found = {name: find(source) for name, source in pages.items()}  # type: ignore[operator]
    return found, time.process_time() - started


def by_trafilatura(source: str) -> list[Block]:
    import trafilatura

    return [Block(1, line) for line in (trafilatura.extract(source) or "").splitlines()]


def worth_comparing(blocks: Sequence[Block]) -> list[Block]:
    reasons = skip_reasons(blocks, Config().min_words)
    return [block for block, reason in zip(blocks, reasons, strict=True) if reason is None]


def main() -> None:
    if "DEDUP_DATA" not in os.environ:
        sys.exit("DEDUP_DATA is not set: name the folder that holds html/scrapinghub")
    folder = Path(os.environ["DEDUP_DATA"]) / "html" / "scrapinghub"
    bodies = {name: page["articleBody"] for name, page in json.loads((folder / "ground-truth.json").read_text("utf-8")).items()}
    pages = {
        name: gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()).decode("utf-8") for name in sorted(bodies)
    }
    everything, seconds = timed(lambda source: find_blocks(source, "auto"), pages)
    ours = {name: numbered(blocks) for name, blocks in everything.items()}
    compared = {name: worth_comparing(blocks) for name, blocks in ours.items()}
    print(f"{len(pages)} pages; of blocks, of blocks by page, of runs of words by page, pages without paragraphs, CPU seconds")
    print(f"{'':24}" + "".join(f"{name:>9}" for name in ("P", "R", "P", "R", "P", "R", "F1", "median R", "none", "s")))
    rows = {"dedup": (ours, seconds), "  of it compared": (compared, 0.0)}
    try:
        rows["trafilatura.extract"] = timed(by_trafilatura, pages)
    except ImportError:
        print("trafilatura is not installed: python -m pip install -e '.[bench]'")
    for name, (found, taken) in rows.items():
        print(row(name, [judge([block.text for block in found[page]], bodies[page]) for page in pages], taken))
    checked = [
        (name, block, begins_in_its_line(block, re.split("\r\n|\r|\n", pages[name])))
        for name in pages
        for block in everything[name]
    ]
    wrong = [(name, block) for name, block, is_right in checked if not is_right]
    print(f"lines: {len(checked) - len(wrong):,} of {len(checked):,} blocks begin in theirs")
    for name, block in wrong[:10]:
        print(f"  {name[:12]}:{block.line} {block.kind}: {block.text[:60]}")
    print(
        "dropped:",
        ", ".join(f"{n} {kind}" for kind, n in Counter(b.kind for a in everything.values() for b in a).most_common()),
    )


if __name__ == "__main__":
    main()
