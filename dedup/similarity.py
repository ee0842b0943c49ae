"""Pairs → score, kind and evidence.

A score depends on the two paragraphs and on whether they share a document, and on nothing else.

The model is additive: each feature adds what its curve says to the log odds that an editor would call the two a repeat. There
is a set of curves for two paragraphs of one document, whose topic is the same anyway, and one across documents.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Flags, Integers, Ragged, Rows, Terms, at, share
from dedup.features import Meeting, ceilings, content, wording
from dedup.jobs import in_parts
from dedup.model import KINDS
from dedup.overlap import Extent, shared, term_features
from dedup.profiles import Floats, Lexicon, profile

CHUNK: Final = 1024  # pairs measured at a time, so that their columns stay in the cache
LOOKED_AT: Final = 1 << 15  # pairs looked at before, at a time
LEAST_CONTAINED: Final = 0.2  # containment below which two documents' paragraphs are not scored …
LEAST_ODDS: Final = -6.6  # … nor are they if their terms alone add less to the log odds …
SELDOM_ADDED: Final = 5.5  # … or so much less than is wanted: the rest adds more to 1 repeat in 600 at most (benchmarks/cut.py)
ROUNDING: Final = 1e-4  # more than rounding can raise a score by
BELOW_EXACT: Final = 0.9999  # 1.0 says that two texts are equal
CONTAINED: Final = 0.75  # of the shorter one's weight is in the other …
CLEARLY_MORE: Final = 0.7  # … which has so many more terms that this is the ratio at most
SAME_WORDING: Final = 1 / 3  # of all neighbouring pairs of terms are in both
PASTED: Final = 0.85  # of them: a word, a date or a figure was changed, but nothing was rewritten

PARTS: Final = 10_000  # of a figure with four decimals
NONE: Final = -1  # a figure that does not apply
DOUBT: Final = 1e-6  # more than a product of two numbers is off
EVIDENCE: Final = ("shared", "contained", "numbers", "names")

Parts = NDArray[np.int16]
Curves = dict[str, tuple[list[float], list[float]]]


@dataclass(frozen=True)
class Scored:
    """Scores of p pairs, as whole ten-thousandths: a report has four decimals, and there may be a hundred million of them.

    parts: int16[p], 0 to PARTS, of the scores. kind: int8[p], index into KINDS. pasted: bool[p], whether the two are the same
    but for a small edit. evidence: int16[p] by name, NONE where it does not apply.
    """

    parts: Parts
    kind: NDArray[np.int8]
    pasted: Flags
    evidence: dict[str, Parts]

    @classmethod
    def none(cls, count: int) -> Scored:
        """So many pairs with score 0 and no evidence."""
        kind = np.full(count, KINDS.index("paraphrase"), dtype=np.int8)
        evidence = {name: np.full(count, NONE, dtype=np.int16) for name in EVIDENCE}
        return cls(np.zeros(count, dtype=np.int16), kind, np.zeros(count, dtype=bool), evidence)

    def __len__(self) -> int:
        return len(self.parts)

    def take(self, order: Rows | Flags | slice) -> Scored:
        """The given pairs, in the given order."""
        evidence = {name: column[order] for name, column in self.evidence.items()}
        return Scored(self.parts[order], self.kind[order], self.pasted[order], evidence)

    def put(self, places: Integers, others: Scored) -> None:
        """Set the pairs at the given places to others."""
        self.parts[places], self.kind[places], self.pasted[places] = others.parts, others.kind, others.pasted
        for name, column in self.evidence.items():
            column[places] = others.evidence[name]

    def reach(self, score: float) -> Flags:
        """bool[p]: whether the score is so high."""
        reached: Flags = self.parts >= parts_of(score)
        return reached

    @classmethod
    def concatenated(cls, parts: list[Scored]) -> Scored:
        """The pairs of several parts, one part after the other."""
        return cls(
            np.concatenate([part.parts for part in parts]),
            np.concatenate([part.kind for part in parts]),
            np.concatenate([part.pasted for part in parts]),
            {name: np.concatenate([part.evidence[name] for part in parts]) for name in EVIDENCE},
        )


def parts_of(score: float) -> int:
    """The fewest ten-thousandths that reach a score."""
    return int(np.searchsorted(np.arange(PARTS + 1) / PARTS, score))


def ten_thousandths(values: Floats) -> Parts:
    """What `round` to four decimals makes of values from 0 to 1, as whole ten-thousandths; NONE for NaN."""
    scaled = values * PARTS
    parts = np.rint(np.nan_to_num(scaled, nan=NONE)).astype(np.int16)
    # Half-way between two it depends on digits that the product has lost.
    for place in np.flatnonzero(np.abs(np.abs(scaled - parts) - 0.5) < DOUBT).tolist():
        parts[place] = round(round(float(values[place]), 4) * PARTS)
    return parts


@functools.cache
def coefficients() -> dict[str, tuple[float, Curves]]:
    """Intercept and curves (x, y: points joined by straight lines) of `within` and `across`; benchmarks/fit.py makes them."""
    raw = json.loads(Path(__file__).with_name("coefficients.json").read_text(encoding="utf-8"))
    return {
        regime: (part["intercept"], {name: (x, y) for name, (x, y) in part["curves"].items()}) for regime, part in raw.items()
    }


def together(left: Rows, right: Rows) -> Integers:
    """An order of the pairs (left[i], right[i]), left < right, in which those of a few rows follow each other.

    The rows of a chunk of pairs are fewer then, and each is prepared for fewer chunks.
    """
    least = np.arange(1 + int(right.max(initial=0)))
    np.minimum.at(least, right, left)  # of the rows a row is paired with
    return np.argsort(at(least, left), kind="stable")


def score(
    terms: Terms,
    lexicon: Lexicon,
    left: Rows,
    right: Rows,
    same_document: Flags,
    equal: Flags,
    least: float = 0.0,
) -> Scored:
    """Score the pairs (left[i], right[i]). Quickest where `left` ascends.

    equal: bool[p], whether the two texts are equal after normalising: 1.0 by rule. least: a pair that cannot reach this score,
    whatever its wording, is not measured to the end; its score is then 0.
    """
    chunks = [slice(first, first + CHUNK) for first in range(0, max(1, len(left)), CHUNK)]
    return Scored.concatenated(
        [_score_chunk(terms, lexicon, left[chunk], right[chunk], same_document[chunk], equal[chunk], least) for chunk in chunks]
    )


def _score_chunk(
    terms: Terms,
    lexicon: Lexicon,
    left: Rows,
    right: Rows,
    same_document: Flags,
    equal: Flags,
    least: float,
) -> Scored:
    rows, row = np.unique(np.concatenate([left, right]), return_inverse=True)
    meeting = Meeting.of(profile(terms.take(rows), lexicon), row[: len(left)], row[len(left) :])
    features, limits = content(meeting), ceilings(meeting)
    most = _probability(lambda regime: highest_odds(features, limits, regime), same_document)
    able = np.flatnonzero(equal | (most >= least - ROUNDING))
    scored = Scored.none(len(left))
    scored.put(able, _score_all(meeting.take(able), _taken(features, able), same_document[able], equal[able]))
    return scored


def _score_all(meeting: Meeting, features: dict[str, Floats], same_document: Flags, equal: Flags) -> Scored:
    """Score every pair. features: those of the `content`."""
    features = features | wording(meeting)
    probability = _probability(lambda regime: log_odds(features, regime), same_document)
    value = np.minimum(np.round(probability, 4), BELOW_EXACT)
    pasted = equal | (features["word_pairs"] >= PASTED)
    parts = np.rint(np.where(equal, 1.0, value) * PARTS).astype(np.int16)
    evidence = {name: ten_thousandths(column) for name, column in _evidence(meeting, features).items()}
    return Scored(parts, _kinds(features, equal), pasted, evidence)


def _probability(odds: Callable[[str], Floats], same_document: Flags) -> Floats:
    """Of log odds by the curves of each pair's regime. odds: those of all pairs by the curves of a regime."""
    across = odds("across")
    fitting = np.where(same_document, odds("within"), across) if same_document.any() else across
    probability: Floats = 1.0 / (1.0 + np.exp(-fitting))
    return probability


def _taken(features: dict[str, Floats], pairs: Integers) -> dict[str, Floats]:
    return {name: at(column, pairs) for name, column in features.items()}


def hopeful(
    terms: Ragged[np.int32], lexicon: Lexicon, extent: Extent, left: Rows, right: Rows, least: float = 0.0, jobs: int = 1
) -> Flags:
    """Whether two paragraphs of two documents share so much that they are worth a score, bool[p]: a cheap look at their terms.

    terms: the distinct terms of each paragraph; extent: theirs. least: the score from which on they are wanted.
    Quickest where `left` ascends.
    """
    odds = max(LEAST_ODDS, _log_odds_of(least) - SELDOM_ADDED)

    def part(number: int) -> Flags:
        looked_at = slice(number * LOOKED_AT, (number + 1) * LOOKED_AT)
        a, b = left[looked_at], right[looked_at]
        return _hopeful(extent, a, b, shared(terms, lexicon, a, b), odds)

    return np.concatenate([np.zeros(0, dtype=bool), *in_parts(part, -(-len(left) // LOOKED_AT), jobs)])


def _log_odds_of(probability: float) -> float:
    return math.log(probability / (1.0 - probability)) if probability > 0 else -math.inf


def _hopeful(extent: Extent, left: Rows, right: Rows, both: Extent, least: float) -> Flags:
    hopeful: Flags = share(both.weight, np.minimum(at(extent.weight, left), at(extent.weight, right))) >= LEAST_CONTAINED
    some = np.flatnonzero(hopeful)
    features = term_features(extent.take(left[some]), extent.take(right[some]), both.take(some))
    hopeful[some] = log_odds(features, "across") >= least
    return hopeful


def log_odds(features: dict[str, Floats], regime: str) -> Floats:
    """Sum of the intercept and of what each of these features adds: float64[p]."""
    intercept, _ = coefficients()[regime]
    total: Floats = np.full(len(next(iter(features.values()))), intercept)
    for part in contributions(features, regime).values():
        total = total + part  # one feature after the other: a matrix product adds in an order that depends on its size
    return total


def highest_odds(features: dict[str, Floats], limits: dict[str, Floats], regime: str) -> Floats:
    """What the log odds cannot exceed, float64[p]. features: those that are known; limits: ceilings of some of the others."""
    _, curves = coefficients()[regime]
    total = log_odds(features, regime)
    for name, (x, y) in curves.items():
        if name not in features:  # below a ceiling a curve is nowhere higher than the line through its peaks so far
            total = total + np.interp(limits.get(name, np.inf), x, np.maximum.accumulate(y))
    return total


def contributions(features: dict[str, Floats], regime: str) -> dict[str, Floats]:
    """What each feature adds to the log odds: float64[p] by name."""
    _, curves = coefficients()[regime]
    return {name: np.interp(features[name], *curves[name]) for name in curves if name in features}


def _kinds(features: dict[str, Floats], equal: Flags) -> NDArray[np.int8]:
    contained = (features["containment"] >= CONTAINED) & (features["length_ratio"] <= CLEARLY_MORE)
    near = features["word_pairs"] >= SAME_WORDING
    kind = np.select(
        [equal, contained, near], [KINDS.index(name) for name in ("exact", "contained", "near")], KINDS.index("paraphrase")
    )
    return kind.astype(np.int8)


def _evidence(meeting: Meeting, features: dict[str, Floats]) -> dict[str, Floats]:
    """The four figures every report has.

    shared: weighted Jaccard similarity. contained: weighted share of the shorter one that the other has.
    numbers: share of the numbers that both have, each by its significant digits. names: share of the names that the other
    paragraph has. Both nan where neither has any.
    """
    numbers, names = (
        at(column.lengths, meeting.left) + at(column.lengths, meeting.right)
        for column in (meeting.profiles.numbers, meeting.profiles.names)
    )
    return {
        "shared": features["weighted_jaccard"],
        "contained": features["containment"],
        "numbers": np.where(numbers > 0, features["numbers_kept"], np.nan),
        "names": np.where(names > 0, features["names_kept"], np.nan),
    }
