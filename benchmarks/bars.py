"""A bar plot as SVG, with nothing but strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH, LEFT, RIGHT, TOP = 720, 110, 150, 16  # pixels: of the picture, beside the bars, above the first panel
TITLE, ROW, BAR = 34, 26, 18  # pixels: heights of a panel's title, of a row, of the bar in it

# The background changes together with the text: what shows the picture may be light on a dark system, or the other way round.
STYLE: Final = """
.paper { fill: #ffffff } .text { fill: #1f2328 } .bar { fill: #6e9bd1 } .ours { fill: #d97706 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117 } .text { fill: #e6edf3 } .bar { fill: #4a78b5 } .ours { fill: #f59e0b }
}
text { font: 14px system-ui, sans-serif } .title { font-weight: 600 }
"""


@dataclass(frozen=True)
class Panel:
    """Bars of one scale. rows: name, length of the bar (not negative), what is written beside it."""

    title: str
    rows: Sequence[tuple[str, float, str]]


def svg(panels: Sequence[Panel], ours: str) -> str:
    """The panels one below the other, the bars named `ours` in a colour of their own."""
    parts: list[str] = []
    y = TOP
    for panel in panels:
        parts += _drawn(panel, ours, y)
        y += TITLE + ROW * len(panel.rows) + TOP
    spoken = ". ".join(f"{panel.title}: {', '.join(f'{name} {label}' for name, _, label in panel.rows)}" for panel in panels)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">\n'
        f"<title>{escape(spoken)}</title>\n<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{y}" rx="6"/>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"


def _drawn(panel: Panel, ours: str, y: int) -> list[str]:
    """The elements of one panel. y: pixels above it."""
    longest = max((value for _, value, _ in panel.rows), default=0) or 1
    parts = [f'<text class="text title" x="{TOP}" y="{y + TITLE - 16}">{escape(panel.title)}</text>']
    for number, (name, value, label) in enumerate(panel.rows):
        top = y + TITLE + ROW * number
        length = max(1.0, (WIDTH - LEFT - RIGHT) * value / longest)
        parts.append(f'<text class="text" x="{LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(name)}</text>')
        kind = "ours" if name == ours else "bar"
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>')
        parts.append(f'<text class="text" x="{LEFT + length + 8:.1f}" y="{top + 14}">{escape(label)}</text>')
    return parts
