"""Pairs as a page shows them: those of the same two texts as one, with the marks in the texts and the reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

import numpy as np

from dedup.columns import connect
from dedup.differences import Differences, Span, find_differences, word_spans
from dedup.explanation import Explanation, explain
from dedup.model import Pair
from dedup.reports import Options, shown
from dedup.reports.layout import cut, printable
from dedup.reports.outline import EXACT
from dedup.reports.reasons import reasons
from dedup.reports.sheet import LONGEST
from dedup.results import Result

MOST: Final = 20_000  # cards of a page, unless `Options.top` says otherwise: what a browser still opens at once


@dataclass(frozen=True)
class Card:
    """Pairs of two texts with one score, or all pairs of equal texts. pair: number of the first one.

    left, right: rows of the paragraphs with either text, ascending; `right` is empty where all are equal. within, across: how
    many pairs there are of one document, and of two.
    """

    pair: int
    left: tuple[int, ...]
    right: tuple[int, ...]
    within: int
    across: int


def deal_cards(result: Result, options: Options) -> tuple[list[Card], int]:
    """The cards of the pairs that a report shows, best first, and how many pairs are left out."""
    pairs = result.pairs
    exact = pairs.scored.kind == EXACT
    label = connect(pairs.left[exact], pairs.right[exact], len(result.paragraphs.text))
    numbers = shown(result, replace(options, top=None))
    ends = np.sort(np.stack([label[pairs.left[numbers]], label[pairs.right[numbers]]]), axis=0)
    columns = (*ends, pairs.scored.parts[numbers], pairs.scored.kind[numbers], pairs.counting[numbers])
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, *key in zip(numbers.tolist(), *(column.tolist() for column in columns), strict=True):
        alike[tuple(key)].append(number)
    dealt = list(alike.values())
    top = MOST if options.top is None else options.top
    return [_card(result, label, of_card) for of_card in dealt[:top]], sum(map(len, dealt[top:]))


def _card(result: Result, label: Any, numbers: Sequence[int]) -> Card:  # noqa: ANN401 - column of labels
    pairs, document = result.pairs, result.paragraphs.document_row
    ends = [(int(pairs.left[number]), int(pairs.right[number])) for number in numbers]
    rows = sorted(set(chain(*ends)))
    first = label[ends[0][0]]
    within = sum(int(document[left] == document[right]) for left, right in ends)
    return Card(
        pair=numbers[0],
        left=tuple(row for row in rows if label[row] == first),
        right=tuple(row for row in rows if label[row] != first),
        within=within,
        across=len(ends) - within,
    )


def card_rows(result: Result, cards: Sequence[Card]) -> Iterator[dict[str, Any]]:
    """What is known of each card, ready for JSON, but for its places and texts."""
    explained = explain((result.pairs[card.pair] for card in cards), result.config.language)
    for card, explanation in zip(cards, explained, strict=True):
        pair = explanation.pair
        differences = Differences.unknown() if pair.unseen else find_differences(*_texts(pair))
        same = all(result.paragraphs.text[row] == pair.a.text for row in card.left + card.right)
        row: dict[str, Any] = {"score": pair.score, "kind": pair.kind, "group": pair.group}
        if not pair.counts:
            row["why"] = f"does not count: {printable(pair.excuse)}"
        row |= {"within": card.within, "across": card.across}
        row["marks"] = list(_marks(explanation, differences)) if card.right else [""]
        row["reasons"] = [printable(reason) for reason in reasons(explanation, differences, same=same)]
        yield row


def card_texts(result: Result, card: Card) -> list[str]:
    """The paragraphs that a card shows: one if all are equal, else two, to which its marks belong."""
    pairs = result.pairs
    ends = [pairs.left[card.pair], pairs.right[card.pair]] if card.right else [pairs.left[card.pair]]
    return [result.paragraphs.text[row] for row in ends]


def page_text(text: str) -> str:
    """A paragraph as a page shows it: its beginning if it is long."""
    text = printable(text)
    end = cut(text, LONGEST)
    return text if end == len(text) else f"{text[:end]} … ({len(text) - end:,} more characters)"


def _texts(pair: Pair) -> tuple[str, str]:
    return printable(pair.a.text), printable(pair.b.text)


def _marks(explanation: Explanation, differences: Differences) -> Iterator[str]:
    """For each text gap and length by turns, in the units of UTF-16 that browsers count in; negative for words of both."""
    telling = explanation.telling
    for text, differing in zip(_texts(explanation.pair), differences.spans, strict=True):
        end = cut(text, LONGEST)
        shared = (span for span in word_spans(text) if text[slice(*span)].casefold() in telling)
        both = _together(text, _outside(shared, differing))
        marked = sorted([*((span, 1) for span in differing), *((span, -1) for span in both)])
        inside = [((first, min(last, end)), sign) for (first, last), sign in marked if first < end]
        yield " ".join(map(str, _gaps(text, inside)))


def _together(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans that nothing but a space parts as one."""
    waiting: Span | None = None
    for first, last in spans:
        if waiting is not None and text[waiting[1] : first] == " ":
            waiting = waiting[0], last
            continue
        if waiting is not None:
            yield waiting
        waiting = first, last
    if waiting is not None:
        yield waiting


def _outside(spans: Iterable[Span], covered: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans that no other touches; both ascend."""
    waiting = iter(covered)
    cover = next(waiting, None)
    for first, last in spans:
        while cover is not None and cover[1] <= first:
            cover = next(waiting, None)
        if cover is None or last <= cover[0]:
            yield first, last


def _gaps(text: str, marked: Iterable[tuple[Span, int]]) -> Iterator[int]:
    end = 0
    for (first, last), sign in marked:
        yield _units(text[end:first])
        yield sign * _units(text[first:last])
        end = last


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
