"""The kernels against the oracle on thousands of random inputs.

An example of hypothesis is a seed, from which a whole batch is drawn: what fails is found again by its seed.
"""

from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import reference
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from material import WORDS, edited

from dedup.batch import prepare
from dedup.collisions import collisions
from dedup.columns import Ragged, connect
from dedup.groups import bridges, number_groups
from dedup.lsh import Plan, candidates_across, candidates_within
from dedup.matching import equals, places_among
from dedup.minhash import PERMUTATIONS, SEED, Signer
from dedup.rows import pairs_of
from dedup.similarity import score
from dedup.terms import find_terms, term_hash
from dedup.vocabulary import Vocabulary

seeds = st.integers(0, 2**32 - 1)
five = settings(deadline=None, max_examples=5, derandomize=True)
ROWS = 1_000  # of a batch, so that five are thousands
TEXTS = 400  # the same of texts, which the oracle is slow with


def texts_of(seed: int, count: int, longest: int = 30) -> list[str]:
    draw = random.Random(seed)
    joints = [" ", " ", " ", " ", ", ", ". ", "-", ": “", "\n"]
    return ["".join(draw.choice(WORDS) + draw.choice(joints) for _ in range(draw.randrange(longest))) for _ in range(count)]


def column(rows: Sequence[Sequence[int]]) -> Ragged[np.int32]:
    values = np.array(list(itertools.chain(*rows)), dtype=np.int32)
    return Ragged.from_lengths(values, np.array([len(row) for row in rows], dtype=np.int64))


def rows_of(ragged: Ragged[Any]) -> list[list[Any]]:
    return [ragged.values[first:last].tolist() for first, last in itertools.pairwise(ragged.offsets.tolist())]


@five
@given(seeds)
def test_signatures_are_those_of_datasketch(seed: int) -> None:
    draw = random.Random(seed)
    spelling = sorted({f"{draw.choice(WORDS)}{draw.randrange(50)}" for _ in range(300)})
    weights = [draw.randrange(16) for _ in spelling]
    rows = [sorted(draw.sample(range(len(spelling)), draw.randrange(12))) for _ in range(ROWS)]

    hashes = np.array([term_hash(term) for term in spelling], dtype=np.uint32)
    signed = Signer(column(rows), hashes, np.array(weights, dtype=np.int64), np.arange(ROWS))(0, PERMUTATIONS)

    elements = [
        [spelling[term].encode("utf-8", "surrogatepass") + bytes([copy]) for copy in range(weights[term])]
        for term in range(len(spelling))
    ]
    empty = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=zlib.crc32)
    for row, signature in zip(rows, signed, strict=True):
        sketch = empty.copy()
        sketch.update_batch([element for term in row for element in elements[term]])
        assert sketch.hashvalues.tolist() == signature.tolist()


@five
@given(seeds, st.sampled_from([Plan(1, 6), Plan(2, 6), Plan(3, 4), Plan(6, 2), Plan(2, 10, 2)]))
def test_candidates_are_the_pairs_that_share_a_bucket(seed: int, plan: Plan) -> None:
    draw = np.random.default_rng(seed)
    values = 2 ** int(8 / plan.rows + 2)
    signatures = draw.integers(0, values, (ROWS, 12), dtype=np.uint32)
    empty, document = draw.random(ROWS) < 0.1, draw.integers(0, ROWS // 4, ROWS).astype(np.int32)
    rows = {row: signature.tolist() for row, signature in enumerate(signatures) if not empty[row]}

    def sign(first: int, last: int) -> np.ndarray:
        return signatures[:, first:last]

    for found, keys in (
        (candidates_across(sign, empty, plan), reference.keys_across(rows, *plan)),
        (candidates_within(sign, empty, document, 12), reference.keys_within(rows, document.tolist(), 12)),
    ):
        expected, capped = reference.candidates(keys)
        assert expected == set(zip(found.left.tolist(), found.right.tolist(), strict=True))
        assert capped == found.capped


@five
@given(seeds, st.sampled_from([20, 2_000, 2**62]))
def test_codes_are_found_paired_and_numbered(seed: int, most: int) -> None:
    draw = np.random.default_rng(seed)
    codes, present = draw.integers(0, most, ROWS), np.unique(draw.integers(0, most, ROWS))
    draw.shuffle(present)
    place_of = {code: place for place, code in enumerate(present.tolist())}
    same = equals(codes)

    which, places = places_among(codes, present)

    assert [number for number, code in enumerate(codes.tolist()) if code in place_of] == which.tolist()
    assert [place_of[code] for code in codes.tolist() if code in place_of] == places.tolist()
    assert codes[same].tolist() == codes.tolist()
    assert len(set(same.tolist())) == len(set(codes.tolist()))
    expected, capped = reference.candidates([dict(enumerate(codes.tolist()))])
    left, right, too_large = collisions(codes.view(np.uint64))
    assert expected == set(zip(left.tolist(), right.tolist(), strict=True))
    assert capped == too_large
    numbered, number_of = Vocabulary(), dict[int, int]()
    for batch in np.split(codes.view(np.uint64), 4):
        assert [number_of.setdefault(key, len(number_of)) for key in batch.tolist()] == numbered.number(batch)[0].tolist()


@five
@given(seeds, st.sampled_from([5, 1_000]))
def test_rows_are_sorted_and_without_repeats(seed: int, most: int) -> None:
    draw = random.Random(seed)
    rows = [[draw.randrange(most) for _ in range(draw.randrange(40))] for _ in range(ROWS)]

    assert [sorted(set(row)) for row in rows] == rows_of(column(rows).distinct())


@five
@given(seeds, st.sampled_from([40, 800, 4_000]))
def test_groups_and_bridges_are_those_of_walking(seed: int, count: int) -> None:
    draw = random.Random(seed)
    scores = [0.1, 0.4999, 0.5, *(step / 100 for step in range(50, 101))]
    pairs = [(*sorted(draw.sample(range(count), 2)), draw.choice(scores)) for _ in range(ROWS)]
    left, right = (np.array(side, dtype=np.int32) for side in list(zip(*pairs, strict=True))[:2])
    repeat = [score >= 0.5 for *_, score in pairs]

    found = bridges(left, right, np.array([score for *_, score in pairs]), count, 0.5)

    assert reference.bridges(pairs) == set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    ends = [(one, other) for one, other, _ in pairs]
    assert reference.group_numbers(ends, repeat) == number_groups(left, right, np.array(repeat), count).tolist()
    least = reference.connected(ends)
    assert [least.get(row, row) for row in range(count)] == connect(left, right, count).tolist()


@five
@given(seeds)
def test_terms_are_those_of_reading_character_by_character(seed: int) -> None:
    texts = texts_of(seed, TEXTS)

    terms = find_terms(texts)

    spelled = [[[terms.spelling[term] for term in row] for row in rows_of(part)] for part in (terms.sequence, terms.names)]
    for text, sequence, names, numbers in zip(texts, *spelled, rows_of(terms.numbers), strict=True):
        expected = reference.read(text)
        assert (expected.terms, expected.names, sorted(expected.numbers)) == (sequence, set(names), numbers)


@five
@given(seeds, st.booleans())
def test_scores_kinds_and_evidence_are_those_of_sets_and_loops(seed: int, same_document: bool) -> None:
    draw = random.Random(seed)
    one = texts_of(seed, TEXTS)
    other = [
        edited(text, draw.randrange(30), insertion)
        for text, insertion in zip(one, texts_of(seed + 1, len(one), 12), strict=True)
    ]
    batch = prepare([*one, *other], None)
    left = np.arange(len(one))
    right = left + len(one)
    equal = batch.keys[left] == batch.keys[right]

    scored = score(batch.terms, batch.lexicon, left, right, np.full(len(left), same_document), equal)

    for a, b, actual in zip(one, other, pairs_of(scored), strict=True):
        expected = reference.score(a, b, same_document=same_document), reference.kind(a, b), reference.evidence(a, b)
        assert expected == actual
