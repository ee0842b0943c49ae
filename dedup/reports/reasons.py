"""What speaks for a pair and against it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dedup.differences import Differences
from dedup.explanation import Explanation, Shared

LISTED: Final = 6  # words that a reason names


def reasons(explanation: Explanation, differences: Differences) -> Iterator[str]:
    """Yield one reason after the other, the ones a reader can check in the two texts."""
    pair = explanation.pair
    if pair.kind == "exact":
        yield (
            "the same text" if pair.a.text == pair.b.text else "the same text, but for case, spaces, quotes, dashes or the like"
        )
        return
    if differences.common == max(differences.words):
        yield f"the same {counted(differences.common, 'word')} in another order or with other marks"
    elif pair.kind == "contained":
        yield f"{differences.common} of the {counted(min(differences.words), 'word')} of the shorter stand in the longer"
    else:
        yield f"{differences.common} of {counted(min(differences.words), 'word')} the same"
    yield from _kept("shares", "rare word", explanation.rare, explanation.rare.fewest, with_lost=False)
    yield from _kept("keeps", "number", explanation.numbers, explanation.numbers.total, with_lost=True)
    yield from _kept("keeps", "name", explanation.names, explanation.names.total, with_lost=True)


def _kept(verb: str, noun: str, shared: Shared, total: int, *, with_lost: bool) -> Iterator[str]:
    """Yield “keeps 2 of 3 numbers (7, 12; not 40)”, or nothing where there are none."""
    if total:
        lost = (*shared.only_a, *shared.only_b) if with_lost else ()
        named = [_listed(words) for words in (shared.both,) if words] + [f"not {_listed(words)}" for words in (lost,) if words]
        yield f"{verb} {len(shared.both)} of {counted(total, noun)}" + (f" ({'; '.join(named)})" if named else "")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:LISTED]) + (", …" if len(words) > LISTED else "")


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 repeat, 1,200 repeats."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
