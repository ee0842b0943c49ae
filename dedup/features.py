"""What two paragraphs have in common, as columns over pairs: the inputs of the score.

A paraphrase keeps rare words, numbers and names and scatters its changes; a templated neighbour keeps long verbatim
stretches, the frame, and puts other words, numbers and names into them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dedup.columns import Flags, Integers, Ragged, places_among, running_totals, share, spans
from dedup.overlap import Extent, term_features
from dedup.profiles import Floats, Profiles

# Each feature with what it measures, in words; every one is the same for (a, b) and (b, a).
FEATURES: Final = {
    "jaccard": "share of all terms that both have",
    "weighted_jaccard": "share of all terms that both have, weighted by rarity",
    "containment": "share of the shorter one's rarity-weighted terms that the other has",
    "rare_shared": "very rare terms in both, at most 8",
    "rare_lost": "very rare terms that only one has, on both sides, at most 6",
    "best_sentence": "weighted share of the best-kept sentence that the other paragraph has",
    "order": "correlation of the places of the shared terms",
    "gap": "weighted share of the longest stretch without a shared content word, in the one where it is shorter",
    "patchwork": "verbatim share times the longest stretch of new content words, at most 10: copied pieces between new ones",
    "word_pairs": "share of all pairs of neighbouring terms that both have",
    "word_pairs_kept": "share of the pairs of neighbouring terms of the shorter one that the other has",
    "verbatim": "weighted share in verbatim stretches of four words or more, in the one where it is smaller",
    "frame": "pairs of neighbours kept beyond what the containment explains: common words in place, rare ones changed",
    "names_kept": "share of the names that the other paragraph has",
    "numbers_kept": "share of the numbers, by their digits, that both have",
    "numbers_changed": "numbers that only one has, on both sides, at most 4",
    "numbers_replaced": "neighbours of a number that stand beside another number in the other paragraph, at most 4",
    "length": "logarithm of the number of terms of the shorter",
    "length_ratio": "shorter by longer, in terms",
    "new_rarity": "mean rarity of the terms that only one has",
}
NEUTRAL: Final = 0.5  # of a share of nothing: no names, no numbers
VERBATIM: Final = 4  # terms


def measure(profiles: Profiles, left: Integers, right: Integers) -> dict[str, Floats]:
    """Every feature of the pairs (left[i], right[i]): float64[p] by name, in the order of FEATURES."""
    a, b = _Side(profiles, left), _Side(profiles, right)
    in_b, in_a = _shared(a.distinct, b.distinct)
    extent = Extent.of(profiles.terms.distinct, profiles.lexicon)
    found = term_features(extent.take(left), extent.take(right), Extent.of(a.distinct.where(in_b), profiles.lexicon))
    found["order"] = _order(a, b, in_b, in_a)
    found |= _wording_features(a, b, in_b, in_a)
    found |= _name_features(a, b)
    found |= _number_features(profiles, left, right)
    found["frame"] = np.maximum(0.0, found["word_pairs_kept"] - found["containment"])
    return {name: found[name] for name in FEATURES}


class _Side:
    """One paragraph of each pair: its terms, and its tokens with the weight of each and its place among the terms."""

    def __init__(self, profiles: Profiles, rows: Integers) -> None:
        terms, lexicon = profiles.terms, profiles.lexicon
        self.distinct = terms.distinct.take(rows)
        self.names = profiles.names.take(rows)
        self.pairs = profiles.word_pairs.take(rows)
        starts = terms.sequence.offsets.take(rows)
        lengths = terms.sequence.offsets.take(rows + 1) - starts
        tokens = spans(starts, lengths)
        self.tokens = Ragged.from_lengths(terms.sequence.values.take(tokens), lengths)
        self.weight = lexicon.weight.take(self.tokens.values)
        self.total_weight = self.tokens.sum(self.weight)
        self.content = np.flatnonzero(lexicon.content.take(self.tokens.values))
        # Places count through the whole batch; here they count through the pairs.
        self.place = profiles.place.take(tokens)
        self.place += np.repeat((self.distinct.offsets[:-1] - terms.distinct.offsets.take(rows)).astype(np.int32), lengths)
        self.begins = profiles.pair_begins.take(tokens)
        self.pair_place = profiles.pair_place.take(tokens)
        self.pair_place += np.repeat(self.pairs.offsets[:-1] - profiles.word_pairs.offsets.take(rows), lengths)
        self.pair_place[~self.begins] = 0
        self.sentence_begins = terms.begins.take(tokens)


def _order(a: _Side, b: _Side, in_b: Flags, in_a: Flags) -> Floats:
    """Pearson correlation of the first places of the shared terms; 0 for fewer than three."""
    x, y = _first_places(a)[in_b], _first_places(b)[in_a]  # the shared terms of a pair stand in the same order in both
    shared = Ragged.from_lengths(x, a.distinct.sum(in_b))
    count, sum_x, sum_y = shared.lengths, shared.sum(x), shared.sum(y)
    covariance = count * shared.sum(x * y) - sum_x * sum_y
    variances = (count * shared.sum(x * x) - sum_x**2).astype(np.float64) * (count * shared.sum(y * y) - sum_y**2)
    defined = (count >= 3) & (variances > 0)
    return np.where(defined, covariance / np.sqrt(np.where(defined, variances, 1.0)), 0.0)


def _first_places(side: _Side) -> Integers:
    """For each distinct term, the number of terms before its first use."""
    position = np.arange(len(side.place)) - np.repeat(side.tokens.offsets[:-1], side.tokens.lengths)
    first = np.zeros(len(side.distinct.values), dtype=np.int64)
    first[side.place[::-1]] = position[::-1]  # the last assignment, the first use, stays
    return first


def _wording_features(a: _Side, b: _Side, in_b: Flags, in_a: Flags) -> dict[str, Floats]:
    pairs_in_b, pairs_in_a = _shared(a.pairs, b.pairs)
    pairs_both, pairs_a, pairs_b = a.pairs.sum(pairs_in_b), a.pairs.lengths, b.pairs.lengths
    kept_a, kept_b = in_b.take(a.place), in_a.take(b.place)
    gap_a, words_a = _longest_gap(a, kept_a)
    gap_b, words_b = _longest_gap(b, kept_b)
    verbatim = np.minimum(_verbatim(a, pairs_in_b), _verbatim(b, pairs_in_a))
    return {
        "best_sentence": np.maximum(_best_sentence(a, kept_a), _best_sentence(b, kept_b)),
        "gap": np.minimum(gap_a, gap_b),
        "patchwork": verbatim * np.minimum(np.minimum(words_a, words_b), 10),
        "word_pairs": share(pairs_both, pairs_a + pairs_b - pairs_both),
        "word_pairs_kept": share(pairs_both, np.minimum(pairs_a, pairs_b)),
        "verbatim": verbatim,
    }


def _longest_gap(side: _Side, kept: Flags) -> tuple[Floats, Integers]:
    """Weighted share of the heaviest stretch of content words that are not shared, and the number of words of the longest.

    kept: for each token, whether the other paragraph has its term.
    """
    shared = kept.take(side.content)
    offsets = np.searchsorted(side.content, side.tokens.offsets)
    begins = np.ones(len(shared), dtype=bool)
    begins[1:] = shared[1:] | shared[:-1]
    begins[offsets[:-1][np.diff(offsets) > 0]] = True
    starts = np.flatnonzero(begins)
    new = ~shared.take(starts)
    runs = Ragged(starts, np.searchsorted(starts, offsets))
    heaviest = runs.maximum(_run_sums(starts, side.weight.take(side.content)) * new)
    longest = runs.maximum(np.diff(starts, append=len(shared)) * new)
    return share(heaviest, side.total_weight), longest


def _verbatim(side: _Side, kept: Flags) -> Floats:
    linked = side.begins & kept.take(side.pair_place) if len(kept) else np.zeros(len(side.begins), dtype=bool)
    starts = np.flatnonzero(np.append(True, ~linked[:-1])[: len(linked)])  # a pair never crosses two rows, so no stretch does
    long = np.diff(starts, append=len(linked)) >= VERBATIM
    stretches = Ragged(starts, np.searchsorted(starts, side.tokens.offsets))
    return share(stretches.sum(_run_sums(starts, side.weight) * long), side.total_weight)


def _best_sentence(side: _Side, kept: Flags) -> Floats:
    """Of sentences of four terms or more. kept: for each token, whether the other paragraph has its term."""
    starts = np.flatnonzero(side.sentence_begins)
    covered = share(_run_sums(starts, side.weight * kept), _run_sums(starts, side.weight))
    long = np.diff(starts, append=len(kept)) >= VERBATIM
    best = np.zeros(len(side.tokens))
    np.maximum.at(best, np.searchsorted(side.tokens.offsets, starts, side="right") - 1, np.where(long, covered, 0.0))
    return best


def _name_features(a: _Side, b: _Side) -> dict[str, Floats]:
    """A name counts as kept if the other paragraph has the term at all, at a sentence's start too."""
    kept_a, kept_b = a.names.sum(_shared(a.names, b.distinct)[0]), b.names.sum(_shared(b.names, a.distinct)[0])
    names_a, names_b = a.names.lengths, b.names.lengths
    return {
        "names_kept": share(kept_a + kept_b, names_a + names_b, NEUTRAL),
    }


def _number_features(profiles: Profiles, left: Integers, right: Integers) -> dict[str, Floats]:
    a, b = profiles.numbers.take(left), profiles.numbers.take(right)
    in_b, in_a = _shared(a, b)
    both = a.sum(profiles.digits[a.values] * in_b)
    only_a, only_b = a.sum(profiles.digits[a.values] * ~in_b), b.sum(profiles.digits[b.values] * ~in_a)
    changed = np.minimum(a.lengths, b.lengths) - a.sum(in_b)
    replaced = _shared_counts(profiles.beside, left, right) - _shared_counts(profiles.placed, left, right)
    # 1.5m and 1.5 million are one number though other terms: no number was replaced if only the spelling changed.
    respelled = (changed == 0) & (a.sum(in_b) > _shared_counts(profiles.written, left, right))
    return {
        "numbers_kept": share(both, both + only_a + only_b, NEUTRAL),
        "numbers_changed": np.minimum(changed, 4).astype(np.float64),
        "numbers_replaced": np.where(respelled, 0, np.clip(replaced, 0, 4)).astype(np.float64),
    }


def _shared_counts(column: Ragged[np.int32] | Ragged[np.int64], left: Integers, right: Integers) -> Integers:
    a, b = column.take(left), column.take(right)
    return a.sum(_shared(a, b)[0])


def _shared(a: Ragged[Any], b: Ragged[Any]) -> tuple[Flags, Flags]:
    """For each value of `a`, whether the same row of `b` has it, and the other way round. The rows of both ascend."""
    size = 1 + max(int(a.values.max(initial=0)), int(b.values.max(initial=0)))
    place = places_among(a.rows * size + a.values, b.rows * size + b.values)
    in_b, in_a = place >= 0, np.zeros(len(b.values), dtype=bool)
    in_a[place[in_b]] = True
    return in_b, in_a


def _run_sums(starts: Integers, amounts: Integers) -> Integers:
    """Sum of the amounts of every run, from where it starts to where the next one does; the first starts at 0."""
    return np.diff(running_totals(amounts).take(np.append(starts, len(amounts))))
