"""Pairs → what speaks for each and against it: every feature with its part in the score, and the words behind the figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np

from dedup.batch import Batch, prepare
from dedup.columns import Ragged, Terms
from dedup.features import measure
from dedup.model import Pair
from dedup.profiles import Profiles, profile
from dedup.similarity import coefficients, contributions
from dedup.tokens import find_tokens

CHUNK: Final = 128  # pairs explained at a time
RARE: Final = 5.3  # Zipf frequency below which a word is listed as rare: less than 200 in a million words


class Shared(NamedTuple):
    """Words, or numbers, of one sort: those in both paragraphs, as `a` writes them, and those in one only."""

    both: tuple[str, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.both) + len(self.only_a) + len(self.only_b)

    @property
    def fewest(self) -> int:
        """Those of the paragraph that has fewer."""
        return len(self.both) + min(len(self.only_a), len(self.only_b))


class Explanation(NamedTuple):
    """Why a pair has its score.

    features: what was measured, by name (see `dedup.features.FEATURES`). start and parts: log odds; the score is the logistic
    function of their sum, except that equal texts score 1.0 by rule and others at most 0.9999. A feature that has no part in
    the score of such a pair is not in `parts`. rare: the rarest first; names: in reading order; numbers: ascending in each.
    """

    pair: Pair
    same_document: bool
    features: Mapping[str, float]
    start: float
    parts: Mapping[str, float]
    rare: Shared
    names: Shared
    numbers: Shared

    @property
    def telling(self) -> frozenset[str]:
        """The words in both that speak most for a repeat, without regard to case: rare ones, names, numbers."""
        return frozenset(word.casefold() for shared in (self.rare, self.names, self.numbers) for word in shared.both)


def explain(pairs: Iterable[Pair], language: str | None = None, *, same_document: bool = False) -> Iterator[Explanation]:
    """Explain pairs one after the other, lazily.

    language: as in the check that found them. same_document: explain even pairs of two documents as if they stood in one.
    """
    waiting = iter(pairs)
    while chunk := list(islice(waiting, CHUNK)):
        yield from _explain(chunk, language, same_document)


def _explain(pairs: Sequence[Pair], language: str | None, same_document: bool) -> Iterator[Explanation]:
    texts = [text for pair in pairs for text in (pair.a.text, pair.b.text)]
    batch = prepare(texts, language)
    left = np.arange(0, len(texts), 2)
    profiles = profile(batch.terms, batch.lexicon)
    features = measure(profiles, left, left + 1)
    parts = {regime: contributions(features, regime) for regime in ("within", "across")}
    written = _written_terms(batch.terms, texts)
    for number, pair in enumerate(pairs):
        within = same_document or pair.same_document
        regime = "within" if within else "across"
        rows = 2 * number, 2 * number + 1
        a, b = written[rows[0]], written[rows[1]]
        yield Explanation(
            pair=pair,
            same_document=within,
            features={name: float(column[number]) for name, column in features.items()},
            start=coefficients()[regime][0],
            parts={name: float(column[number]) for name, column in parts[regime].items()},
            rare=_rare(batch, a, b),
            names=_names(profiles, rows, a, b),
            numbers=_numbers(batch, rows),
        )


def _written_terms(terms: Terms, texts: Sequence[str]) -> list[dict[int, str]]:
    """For each text, its terms in reading order and the word where each stands first: the columns have no words."""
    tokens = find_tokens(texts)
    written: list[dict[int, str]] = []
    for row in range(len(tokens.word)):
        found: dict[int, str] = {}
        for term, word in zip(_row(terms.sequence, row), _row(tokens.word, row), strict=True):
            found.setdefault(term, _as_written(tokens.words[word]))
        written.append(found)
    return written


def _as_written(word: str) -> str:
    """Give an acronym back the last stop, which tokens lack."""
    return f"{word}." if "." in word and word[-1].isalpha() else word


def _rare(batch: Batch, a: Mapping[int, str], b: Mapping[int, str]) -> Shared:
    zipf, spelling = batch.zipf, batch.terms.spelling
    terms = [term for term in {**a, **b} if zipf[term] < RARE and not spelling[term][0].isdigit()]
    return _shared(sorted(terms, key=lambda term: float(zipf[term])), a, b)


def _names(profiles: Profiles, rows: tuple[int, int], a: Mapping[int, str], b: Mapping[int, str]) -> Shared:
    """A name is in the other text if its term is, as in the score."""
    names = {term for row in rows for term in _row(profiles.names, row)}
    return _shared([term for term in {**a, **b} if term in names], a, b)


def _numbers(batch: Batch, rows: tuple[int, int]) -> Shared:
    a, b = ({value: f"{value:.15g}" for value in _row(batch.terms.numbers, row)} for row in rows)
    return _shared([*{**a, **b}], a, b)


def _shared(items: Iterable[Any], a: Mapping[Any, str], b: Mapping[Any, str]) -> Shared:
    return Shared(
        tuple(a[item] for item in items if item in a and item in b),
        tuple(a[item] for item in items if item not in b),
        tuple(b[item] for item in items if item not in a),
    )


def _row(column: Ragged[Any], row: int) -> list[Any]:
    return column.values[column.offsets[row] : column.offsets[row + 1]].tolist()  # type: ignore[no-any-return]
