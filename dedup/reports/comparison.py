"""What makes the score of one pair, for people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, TextIO

from dedup.explanation import Explanation
from dedup.features import FEATURES
from dedup.model import DECISION
from dedup.reports import Options
from dedup.reports.layout import FAINT, Marked, indented, paint
from dedup.reports.sheet import legend, sheet

NAME: Final = max(map(len, FEATURES))


def render_comparison(explanation: Explanation, out: TextIO, options: Options) -> None:
    """The pair as in a check, then every feature: its value, its part in the score, what it measures."""
    pair = explanation.pair
    out.writelines(line + "\n" for line in sheet(explanation, [pair.a, pair.b], options))
    if options.with_text and pair.kind != "exact":
        out.writelines(line + "\n" for line in ("", *legend(options)))
    if not options.brief:
        out.write("\n")
        out.writelines(line + "\n" for line in _account(explanation, options))


def _account(explanation: Explanation, options: Options) -> Iterator[str]:
    same = explanation.same_document
    regime = "two paragraphs of one document" if same else "paragraphs of two documents"
    title = f"How {regime} come to this score: log odds, where 0 is a score of {DECISION:g}"
    yield from indented(Marked.plain(title), options.width, "")
    yield ""
    yield f"  {'feature':<{NAME}}   value    part  what it measures"
    yield from _line("start", None, explanation.start, "where every such pair begins", options)
    for name in sorted(explanation.parts, key=lambda name: -abs(explanation.parts[name])):
        yield from _line(name, explanation.features[name], explanation.parts[name], FEATURES[name], options)
    for name, value in explanation.features.items():
        if name not in explanation.parts:
            yield from _line(name, value, None, FEATURES[name], options)
    total = explanation.start + sum(explanation.parts.values())
    yield from _line("sum", None, total, _outcome(explanation, total), options)


def _line(name: str, value: float | None, part: float | None, meaning: str, options: Options) -> Iterator[str]:
    """Yield a row of the table, its last column wrapped."""
    shown = "" if value is None else f"{value:.2f}"
    prefix = f"  {name:<{NAME}}  {shown:>6}  {'none' if part is None else f'{part:+.2f}':>6}  "
    first, *rest = indented(Marked.plain(meaning), options.width, " " * len(prefix))
    yield paint(prefix, FAINT if options.colour and part is None else "") + first[len(prefix) :]
    yield from rest


def _outcome(explanation: Explanation, total: float) -> str:
    if explanation.pair.kind == "exact":
        return f"would make {1 / (1 + math.exp(-total)):.4f}, but equal texts score 1 by rule"
    return f"makes {explanation.pair.score:.4f}"
