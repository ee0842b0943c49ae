"""What speaks for a pair and against it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dedup.differences import Differences
from dedup.explanation import Explanation
from dedup.results import counted
from dedup.scripts import is_unspaced

LISTED: Final = 6  # words that a reason names


def reasons(explanation: Explanation, differences: Differences, *, same: bool) -> Iterator[str]:
    """Yield one reason after the other, the ones a reader can check. same: whether the texts are, to the letter."""
    pair = explanation.pair
    if pair.kind == "exact":
        yield "the same text" if same else "the same text, but for case, spaces, quotes, dashes or the like"
        return
    if pair.unseen:
        contained = pair.evidence["contained"]
        yield f"{contained:.0%} of the shorter, by rarity, is in both; the words cannot be shown, as the index keeps no texts"
        return
    if differences.common == max(differences.words):
        yield f"the same {counted(differences.common, 'word')} in another order or with other marks"
    elif pair.kind == "contained":
        yield f"{differences.common} of the {counted(min(differences.words), 'word')} of the shorter stand in the longer"
    else:
        yield f"{differences.common} of {counted(max(differences.words), 'word')} the same"
    rare, numbers, names = explanation.rare, explanation.numbers, explanation.names
    if rare.fewest:
        # Where words have no spaces, what is known of them are n-grams, which mean little to a reader.
        others = [word for word in rare.both if word not in names.both and not is_unspaced(word[0])]
        yield f"shares {len(rare.both)} of {counted(rare.fewest, 'rare word')}{_in_brackets(others, ())}"
    for noun, kept in (("number", numbers), ("name", names)):
        if kept.total:
            lost = (*kept.only_a, *kept.only_b)
            yield f"keeps {len(kept.both)} of {counted(kept.total, noun)}{_in_brackets(kept.both, lost)}"


def _in_brackets(kept: Sequence[str], lost: Sequence[str]) -> str:
    """“ (7, 12; not 40)”, or nothing where there is nothing to name."""
    named = [_listed(kept)] if kept else []
    named += [f"not {_listed(lost)}"] if lost else []
    return f" ({'; '.join(named)})" if named else ""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:LISTED]) + (", …" if len(words) > LISTED else "")
