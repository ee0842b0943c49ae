#!/usr/bin/env python3
"""Draw the S-curve of the README: `s_curve.py benchmarks/s-curve.svg`.

How likely two paragraphs become a candidate pair, by their weighted Jaccard similarity, for some plans that dedup uses. The
figures are those of `dedup.lsh`. The same code gives the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from dedup.lsh import Plan
from dedup.nomination import WITHIN_BANDS


class Curve(NamedTuple):
    """A plan, when it is used, and how it is drawn."""

    plan: Plan
    used: str
    colour: str
    dashes: str


# The plans across documents are those that `plan_bands` chose for news of that many paragraphs.
CURVES: Final = (
    Curve(Plan(1, WITHIN_BANDS), "within a document", "#0b6b3a", "none"),
    Curve(Plan(2, 59), "across 5,000 paragraphs", "#9a4a00", "9 4"),
    Curve(Plan(3, 120, uses=2), "across 20,000 to 100,000", "#1f4e9c", "3 3"),
)
MARKS: Final = (0.2, 0.3, 0.5, 0.8)
STEPS: Final = 200  # points of a curve

# Dark on a light card of its own, so that it can be read on light and dark pages.
CARD, INK, FAINT, GRID = "#fbfbf9", "#22262a", "#5a6066", "#dcdfe2"
WIDTH, HEIGHT = 760, 534
LEFT, TOP, CHART_WIDTH, CHART_HEIGHT = 84, 58, 640, 300
ROW: Final = 24  # of the table below the chart
COLUMNS: Final = (480, 550, 620, 690)  # middles of its columns


def x_of(similarity: float) -> float:
    return LEFT + similarity * CHART_WIDTH


def y_of(probability: float) -> float:
    return TOP + (1 - probability) * CHART_HEIGHT


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK, size: int = 14, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"{more}>{words}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "none") -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-dasharray="{dashes}"/>'


def axes() -> Iterator[str]:
    yield text(LEFT, TOP - 24, "Probability that two paragraphs become a candidate pair", more=' font-weight="bold"')
    for quarter in range(5):
        y = y_of(quarter / 4)
        yield line(LEFT, y, LEFT + CHART_WIDTH, y, GRID)
        yield text(LEFT - 10, y + 5, f"{quarter / 4:.2f}", anchor="end", colour=FAINT)
    for tenth in range(11):
        yield text(x_of(tenth / 10), TOP + CHART_HEIGHT + 20, f"{tenth / 10:g}", anchor="middle", colour=FAINT)
    for mark in MARKS:
        yield line(x_of(mark), TOP, x_of(mark), TOP + CHART_HEIGHT, FAINT, "2 4")
    middle = LEFT + CHART_WIDTH / 2
    yield text(middle, TOP + CHART_HEIGHT + 44, "weighted Jaccard similarity s", anchor="middle")


def curve(one: Curve) -> Iterator[str]:
    points = ((step / STEPS, one.plan.recall(step / STEPS)) for step in range(STEPS + 1))
    path = "L".join(f"{x_of(s):.1f} {y_of(p):.1f}" for s, p in points)
    yield f'<path d="M{path}" fill="none" stroke="{one.colour}" stroke-width="2.5" stroke-dasharray="{one.dashes}"/>'
    for mark in MARKS:
        yield f'<circle cx="{x_of(mark):.1f}" cy="{y_of(one.plan.recall(mark)):.1f}" r="4" fill="{one.colour}"/>'


def table() -> Iterator[str]:
    """The probabilities at the marks, in figures; its head says which curve is which."""
    top = TOP + CHART_HEIGHT + 84
    for x, mark in zip(COLUMNS, MARKS, strict=True):
        yield text(x, top, f"s = {mark:g}", anchor="middle", colour=FAINT)
    for number, one in enumerate(CURVES, 1):
        y = top + number * ROW
        yield f'<path d="M24 {y - 5}L64 {y - 5}" stroke="{one.colour}" stroke-width="2.5" stroke-dasharray="{one.dashes}"/>'
        plan = f"{one.plan.bands} bands of {one.plan.rows} {'row' if one.plan.rows == 1 else 'rows'}"
        yield text(76, y, f"{one.used}: {plan}")
        for x, mark in zip(COLUMNS, MARKS, strict=True):
            yield text(x, y, f"{one.plan.recall(mark):.3f}", anchor="middle")


def picture() -> str:
    """The whole SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"',
        ' font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n',
        "<title>1 − (1 − s^r)^b: the more alike two paragraphs are, the likelier they become a candidate pair</title>\n",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10" fill="{CARD}" stroke="{GRID}"/>\n',
    ]
    drawn = [*axes(), *(part for one in CURVES for part in curve(one)), *table()]
    return "".join([*parts, *(f"{part}\n" for part in drawn), "</svg>\n"])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
