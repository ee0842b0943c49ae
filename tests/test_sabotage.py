"""Three ways to break the method, and the promises that notice.

- all weights 1: `common_words_nominate_nothing` and `rare_words_decide` break
- numbers ignored: `other_figures_make_another_paragraph` breaks
- one band only: `a_reworded_paragraph_in_another_document_is_nominated` breaks

Each promise is kept as the code stands, and broken under its sabotage.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from material import articles
from numpy.typing import NDArray

from dedup import Config, Document, batch, check, compare, nomination, similarity
from dedup.columns import Integers
from dedup.features import Meeting, content
from dedup.lsh import Plan, plan_bands
from dedup.profiles import Floats

# ---------------------------------------------------------------------------------------------------------------- promises

COMMON = (
    "We know that it was not the same for all of them, but they had more time than the others and so it went on for a {} {}.",
    "They had not been told about it, so it was the same for all of them and we know that the {} {} had more time than others.",
)
RARE = (
    "Elske Thorvald, the governor of Norrhamn, inspected a derelict aluminium smelter yesterday.",
    "A derelict smelter for aluminium was visited by Norrhamn's chief Elske Thorvald on Monday.",
)
FRAME = (
    "Industrial output in the region {} {} per cent in {}, the office said, its {} rise in {} months. Output of machinery grew "
    "{} per cent and that of shipyards {} per cent, while {} firms hired staff and {} cut jobs."
)


def common_words_nominate_nothing() -> bool:
    """Two paragraphs in two documents that share their common words only are not even scored."""
    one, other = COMMON[0].format("kestrel", "harbour"), COMMON[1].format("lynx", "orchard")

    return not check([Document("a", one), Document("b", other)], Config(min_score=0)).pairs


def rare_words_decide() -> bool:
    """Of two pairs, that which shares the rare words has more in common, though the other shares more words."""
    rare = compare(*RARE).evidence["shared"] or 0.0
    common = compare(COMMON[0].format("kestrel", "harbour"), COMMON[1].format("lynx", "orchard")).evidence["shared"] or 0.0

    return rare > common + 0.2


def other_figures_make_another_paragraph() -> bool:
    """A neighbour in the same frame whose figures differ is no repeat, though with the same figures it would be one."""
    text = FRAME.format("rose", "0.4", "August", "third", "12", "1.2", "3.5", "312", "48")
    neighbour = FRAME.format("rose", "2.7", "August", "third", "15", "6.1", "8.8", "907", "63")
    copy = FRAME.format("increased", "0.4", "August", "third", "12", "1.2", "3.5", "312", "48")

    return compare(text, neighbour, same_document=True).score < 0.5 <= compare(text, copy, same_document=True).score


def a_reworded_paragraph_in_another_document_is_nominated() -> bool:
    """Of the labelled repeats, with each paragraph in a document of its own, at least 97 in 100 are scored."""
    documents = [
        Document(f"{article['id']}#{number}", paragraph["text"])
        for article in articles()
        for number, paragraph in enumerate(article["paragraphs"])
    ]
    repeats = {
        frozenset((f"{article['id']}#{pair['a']}", f"{article['id']}#{pair['b']}"))
        for article in articles()
        for pair in article["pairs"]
    }
    scored = {frozenset((pair.a.document, pair.b.document)) for pair in check(documents, Config(min_score=0)).pairs}

    return len(repeats & scored) >= 0.97 * len(repeats)


# --------------------------------------------------------------------------------------------------------------- sabotages


def all_weights_1(patch: pytest.MonkeyPatch) -> None:
    def learned(zipf: Floats, document_frequency: Integers, paragraphs: int) -> Integers:
        return np.ones(len(zipf), dtype=np.int64)

    patch.setattr(nomination, "learned_weights", learned)
    patch.setattr(batch, "score_weights", lambda zipf: np.ones(len(zipf), dtype=np.int64))


def numbers_ignored(patch: pytest.MonkeyPatch) -> None:
    def without_numbers(meeting: Meeting) -> dict[str, Floats]:
        neutral = {"numbers_kept": 0.5, "numbers_changed": 0.0, "numbers_replaced": 0.0}
        return content(meeting) | {name: np.full(len(meeting.left), value) for name, value in neutral.items()}

    patch.setattr(similarity, "content", without_numbers)


def one_band_only(patch: pytest.MonkeyPatch) -> None:
    def plan(sample: NDArray[np.uint32], paragraphs: int) -> Plan:
        return Plan(plan_bands(sample, paragraphs).rows, 1)

    patch.setattr(nomination, "plan_bands", plan)
    patch.setattr(nomination, "WITHIN_BANDS", 1)


# ------------------------------------------------------------------------------------------------------------------- tests

Promise = Callable[[], bool]
Sabotage = Callable[[pytest.MonkeyPatch], None]

CAUGHT: list[tuple[Sabotage, Promise]] = [
    (all_weights_1, common_words_nominate_nothing),
    (all_weights_1, rare_words_decide),
    (numbers_ignored, other_figures_make_another_paragraph),
    (one_band_only, a_reworded_paragraph_in_another_document_is_nominated),
]


@pytest.mark.parametrize("promise", [promise for _, promise in CAUGHT], ids=lambda promise: promise.__name__)
def test_the_promise_is_kept(promise: Promise) -> None:
    assert promise()


@pytest.mark.parametrize(("sabotage", "promise"), CAUGHT, ids=lambda function: function.__name__)
def test_the_sabotage_breaks_the_promise(sabotage: Sabotage, promise: Promise, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch)

    assert not promise()
