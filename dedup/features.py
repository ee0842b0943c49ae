"""What two paragraphs have in common, as columns over pairs: the inputs of the score.

A paraphrase keeps rare words, numbers and names and scatters its changes; a templated neighbour keeps long verbatim
stretches, the frame, and puts other words, numbers and names into them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from dedup.columns import Flags, Integers, Ragged, at, running_totals, share, spans
from dedup.overlap import Extent, Matches, term_features
from dedup.profiles import PACKED_WEIGHT, Floats, Profiles, Uses

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
    "names_replaced": "share of the neighbours of names that stand beside another name in the other paragraph",
    "length": "logarithm of the number of terms of the shorter",
    "length_ratio": "shorter by longer, in terms",
    "new_rarity": "mean rarity of the terms that only one has",
}
NEUTRAL: Final = 0.5  # of a share of nothing: no names, no numbers
VERBATIM: Final = 4  # terms


class Meeting(NamedTuple):
    """p pairs of paragraphs, the rows left[i] and right[i] of the profiles, and the terms and pairs of neighbours both have.

    extent: of the terms of each row; both: of those that the two of each pair have.
    """

    profiles: Profiles
    left: Integers
    right: Integers
    terms: Matches
    word_pairs: Matches
    extent: Extent
    both: Extent

    @classmethod
    def of(cls, profiles: Profiles, left: Integers, right: Integers) -> Meeting:
        """Look up what they share. Quickest where `left` ascends."""
        distinct, lexicon = profiles.terms.distinct, profiles.lexicon
        terms, word_pairs = (Matches.of(column, left, right) for column in (distinct, profiles.word_pairs))
        both = Extent.of(Ragged(at(distinct.values, terms.a.values), terms.a.offsets), lexicon)
        return cls(profiles, left, right, terms, word_pairs, Extent.of(distinct, lexicon), both)

    def take(self, pairs: Integers) -> Meeting:
        """The given pairs, in the given order."""
        left, right, both = at(self.left, pairs), at(self.right, pairs), self.both.take(pairs)
        return Meeting(self.profiles, left, right, self.terms.take(pairs), self.word_pairs.take(pairs), self.extent, both)


def measure(profiles: Profiles, left: Integers, right: Integers) -> dict[str, Floats]:
    """Every feature of the pairs (left[i], right[i]): float64[p] by name, in the order of FEATURES."""
    meeting = Meeting.of(profiles, left, right)
    found = content(meeting) | wording(meeting)
    return {name: found[name] for name in FEATURES}


def content(meeting: Meeting) -> dict[str, Floats]:
    """The features that need no look at the running text: float64[p] by name."""
    profiles, left, right, both = meeting.profiles, meeting.left, meeting.right, meeting.terms
    found = term_features(meeting.extent.take(left), meeting.extent.take(right), meeting.both)
    found["order"] = _order(Ragged(at(profiles.first, both.a.values), both.a.offsets), at(profiles.first, both.b.values))
    pairs_both, pairs = meeting.word_pairs.lengths, profiles.word_pairs.lengths
    pairs_a, pairs_b = at(pairs, left), at(pairs, right)
    found["word_pairs"] = share(pairs_both, pairs_a + pairs_b - pairs_both)
    found["word_pairs_kept"] = share(pairs_both, np.minimum(pairs_a, pairs_b))
    found["frame"] = np.maximum(0.0, found["word_pairs_kept"] - found["containment"])
    numbers_replaced, names_replaced = _replaced(meeting)
    written = both.a.sum(at(at(profiles.lexicon.number, profiles.terms.distinct.values), both.a.values))
    return found | _name_features(meeting, names_replaced) | _number_features(meeting, written, numbers_replaced)


def ceilings(meeting: Meeting) -> dict[str, Floats]:
    """What features of the `wording` cannot exceed, by what both paragraphs share: float64[p] by name."""
    left, right, once, both = meeting.left, meeting.right, meeting.extent.weight, meeting.both.weight
    before = at(meeting.profiles.weight_before, meeting.profiles.terms.sequence.offsets)
    in_all = before[1:] - before[:-1]
    gaps = [share(at(in_all, rows) - both, at(in_all, rows)) for rows in (left, right)]
    stretches = [share(at(in_all, rows) - at(once, rows) + both, at(in_all, rows)) for rows in (left, right)]
    linked = meeting.word_pairs.lengths > 0
    return {"gap": np.minimum(*gaps), "verbatim": np.where(linked, np.minimum(*stretches), 0.0)}


def wording(meeting: Meeting) -> dict[str, Floats]:
    """The features that need the running text: float64[p] by name."""
    a = _Side(meeting.profiles, meeting.left, meeting.terms.a, meeting.word_pairs.a)
    b = _Side(meeting.profiles, meeting.right, meeting.terms.b, meeting.word_pairs.b)
    gap_a, words_a = _longest_gap(a)
    gap_b, words_b = _longest_gap(b)
    verbatim = np.minimum(_verbatim(a), _verbatim(b))
    return {
        "best_sentence": np.maximum(_best_sentence(a), _best_sentence(b)),
        "gap": np.minimum(gap_a, gap_b),
        "patchwork": verbatim * np.minimum(np.minimum(words_a, words_b), 10),
        "verbatim": verbatim,
    }


class _Side:
    """The running text of one paragraph of each pair.

    first, end: of the text in the sequence of all; tokens: its places there. Of each of them, flags: content, whether it is a
    content word; sentence_begins; kept: whether the other paragraph has it; linked: whether it has it and the next one side by
    side.
    """

    def __init__(self, profiles: Profiles, rows: Integers, terms: Ragged[np.int64], word_pairs: Ragged[np.int64]) -> None:
        """terms, word_pairs: places of those that the other paragraph has too."""
        sequence = profiles.terms.sequence
        self.first, self.end = at(sequence.offsets, rows), at(sequence.offsets, rows + 1)
        lengths = self.end - self.first
        tokens = spans(self.first, lengths)
        self.tokens = Ragged.from_lengths(tokens, lengths)
        self.weight, self.weight_before, self.content_before = profiles.weight, profiles.weight_before, profiles.content_before
        self.total_weight = at(self.weight_before, self.end) - at(self.weight_before, self.first)
        self.content = at(profiles.content, tokens)
        self.sentence_begins = at(profiles.terms.begins, tokens)
        self.kept = _marked(terms, profiles.uses, rows, self.tokens, self.first)
        self.linked = _marked(word_pairs, profiles.pair_uses, rows, self.tokens, self.first)

    def weights(self, starts: Integers, sizes: Integers) -> Integers:
        """What stretches weigh. starts: places among the tokens, none of whose stretches leaves its text."""
        first = at(self.tokens.values, starts)
        return at(self.weight_before, first + sizes) - at(self.weight_before, first)


def _marked(shared: Ragged[np.int64], uses: Uses, rows: Integers, tokens: Ragged[np.int64], first: Integers) -> Flags:
    """For each token, whether it begins a use of a shared value. first: where the text of each row begins in the sequence."""
    shift = tokens.offsets[:-1] - first  # from places in the sequence to those among the tokens
    marked = np.zeros(len(tokens.values), dtype=bool)
    marked[at(uses.first, shared.values) + np.repeat(shift, shared.lengths)] = True
    starts = at(uses.again.offsets, rows)
    lengths = at(uses.again.offsets, rows + 1) - starts
    again, shift = spans(starts, lengths), np.repeat(shift, lengths)
    marked[at(uses.again.values, again) + shift] = at(marked, at(uses.source, again) + shift)
    return marked


def _order(x: Ragged[np.int64], y: Integers) -> Floats:
    """Pearson correlation of the first places of the shared terms in both; 0 for fewer than three."""
    # Sums are whole numbers; their products are not, as a text of 110,000 different terms makes them exceed 64 bits.
    sums = (x.lengths, x.sum(x.values), x.sum(y), x.sum(x.values * y), x.sum(x.values * x.values), x.sum(y * y))
    count, sum_x, sum_y, sum_xy, sum_xx, sum_yy = (column.astype(np.float64) for column in sums)
    covariance = count * sum_xy - sum_x * sum_y
    variances = (count * sum_xx - sum_x**2) * (count * sum_yy - sum_y**2)
    defined = (count >= 3) & (variances > 0)
    return np.where(defined, covariance / np.sqrt(np.where(defined, variances, 1.0)), 0.0)


def _longest_gap(side: _Side) -> tuple[Floats, Integers]:
    """Weighted share of the heaviest stretch of content words that are not shared, and the number of words of the longest."""
    kept = np.flatnonzero(side.kept & side.content)  # each stretch ends at one of these, or at the end of its text
    stretches = Ragged(kept, np.searchsorted(kept, side.tokens.offsets))
    filled = np.flatnonzero(stretches.lengths)
    before, place = side.content_before, at(side.tokens.values, kept)
    begins, rest = np.empty(len(kept), dtype=np.int64), at(before, side.first)
    after = at(before, place + 1)
    begins[1:] = after[:-1]
    begins[at(stretches.offsets, filled)] = at(rest, filled)
    rest[filled] = at(after, at(stretches.offsets, filled + 1) - 1)
    inner, last = at(before, place) - begins, at(before, side.end) - rest
    heaviest = np.maximum(stretches.maximum(inner & PACKED_WEIGHT), last & PACKED_WEIGHT)
    bits = PACKED_WEIGHT.bit_length()
    return share(heaviest, side.total_weight), np.maximum(stretches.maximum(inner >> bits), last >> bits)


def _verbatim(side: _Side) -> Floats:
    begins = np.ones(len(side.linked), dtype=bool)
    np.logical_not(side.linked[:-1], out=begins[1:])  # a pair never crosses rows, nor a stretch
    starts, sizes = _long(np.flatnonzero(begins), len(begins))
    stretches = Ragged(starts, np.searchsorted(starts, side.tokens.offsets))
    return share(stretches.sum(side.weights(starts, sizes)), side.total_weight)


def _best_sentence(side: _Side) -> Floats:
    """Of sentences of four terms or more."""
    starts, sizes = _long(np.flatnonzero(side.sentence_begins), len(side.kept))
    before = running_totals(at(side.weight, side.tokens.values) * side.kept)
    covered = share(at(before, starts + sizes) - at(before, starts), side.weights(starts, sizes))
    best = np.zeros(len(side.tokens))
    np.maximum.at(best, np.searchsorted(side.tokens.offsets, starts, side="right") - 1, covered)
    return best


def _replaced(meeting: Meeting) -> tuple[Integers, Integers]:
    """How many neighbours of numbers, and of names, stand beside another one in the other paragraph."""
    profiles = meeting.profiles
    both = Matches.of(profiles.beside, meeting.left, meeting.right).a
    other = np.where(profiles.beside_any, np.int8(1), np.int8(-1))  # both stand beside one, but not beside the same
    numbers, names = (both.sum(at(other * of, both.values)) for of in (~profiles.beside_name, profiles.beside_name))
    return np.maximum(0, numbers), np.maximum(0, names)


def _name_features(meeting: Meeting, replaced: Integers) -> dict[str, Floats]:
    """replaced: how many neighbours of names stand beside another one."""
    profiles, left, right, both = meeting.profiles, meeting.left, meeting.right, meeting.terms
    # A name counts as kept if the other paragraph has the term at all, at a sentence's start too.
    kept = both.a.sum(at(profiles.named, both.a.values)) + both.b.sum(at(profiles.named, both.b.values))
    names, beside = profiles.names.lengths, profiles.beside.sum(profiles.beside_any & profiles.beside_name)
    fewer = np.minimum(at(beside, left), at(beside, right))
    return {
        "names_kept": share(kept, at(names, left) + at(names, right), NEUTRAL),
        "names_replaced": share(replaced, fewer),
    }


def _number_features(meeting: Meeting, written: Integers, replaced: Integers) -> dict[str, Floats]:
    """written: how many terms in digits both have. replaced: how many neighbours of such stand beside another one."""
    profiles, left, right = meeting.profiles, meeting.left, meeting.right
    numbers, digits = profiles.numbers, at(profiles.digits, profiles.numbers.values)
    shared, total, counts = Matches.of(numbers, left, right), numbers.sum(digits), numbers.lengths
    both = shared.a.sum(at(digits, shared.a.values))
    changed = np.minimum(at(counts, left), at(counts, right)) - shared.lengths
    # 1.5m and 1.5 million are one number though other terms: no number was replaced if only the spelling changed.
    respelled = (changed == 0) & (shared.lengths > written)
    return {
        "numbers_kept": share(both, at(total, left) + at(total, right) - both, NEUTRAL),
        "numbers_changed": np.minimum(changed, 4).astype(np.float64),
        "numbers_replaced": np.where(respelled, 0, np.minimum(replaced, 4)).astype(np.float64),
    }


def _long(starts: Integers, end: int) -> tuple[Integers, Integers]:
    """Where stretches of VERBATIM terms or more start, and their sizes: each ends where the next starts, the last at `end`."""
    sizes = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=sizes[:-1])
    sizes[-1:] = end - starts[-1:]
    long = np.flatnonzero(sizes >= VERBATIM)
    return at(starts, long), at(sizes, long)
