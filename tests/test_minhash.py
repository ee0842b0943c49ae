from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
import reference
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st
from material import batches, few, many, real_paragraphs, texts

from dedup import minhash
from dedup.columns import Ragged, Signatures
from dedup.minhash import EMPTY, PERMUTATIONS, SEED, Signer, agreements, continued, permutations
from dedup.rarity import MAX_WEIGHT, learned_weights, score_weights, zipf_frequencies
from dedup.terms import find_terms, term_hash

Rows = Sequence[dict[str, int]]  # the weight of each term of each row; a term weighs the same everywhere


@st.composite
def weighted_rows(draw: st.DrawFn) -> Rows:
    weights = draw(st.dictionaries(texts, st.integers(0, MAX_WEIGHT), min_size=1, max_size=12))
    rows = draw(st.lists(st.lists(st.sampled_from(sorted(weights)), unique=True), max_size=5))
    return [{term: weights[term] for term in row} for row in rows]


def signed(rows: Rows, first: int = 0, last: int = PERMUTATIONS) -> Signatures:
    return signer(rows)(first, last)


def signer(rows: Rows) -> Signer:
    spelling = sorted({term for row in rows for term in row})
    weights = {term: weight for row in rows for term, weight in row.items()}
    numbers = np.array([spelling.index(term) for row in rows for term in sorted(row)], dtype=np.int32)
    return Signer(
        Ragged.from_lengths(numbers, np.array([len(row) for row in rows], dtype=np.int64)),
        np.array([term_hash(term) for term in spelling], dtype=np.uint32),
        np.array([weights[term] for term in spelling], dtype=np.int64),
        np.arange(len(rows)),
    )


def by_datasketch(row: dict[str, int]) -> list[int]:
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=zlib.crc32)
    sketch.update_batch(reference.elements(row, row))
    return sketch.hashvalues.tolist()


# -------------------------------------------------------------------------------------------------------------- signatures


def test_the_stored_permutations_are_those_that_datasketch_draws() -> None:
    drawn = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32").permutations
    assert [column.tolist() for column in drawn] == [column.tolist() for column in permutations()]


@many
@given(weighted_rows())
def test_signatures_are_those_of_datasketch_on_replicated_elements(rows: Rows) -> None:
    expected = [by_datasketch(row) for row in rows]

    actual = signed(rows).tolist()

    assert expected == actual


@few
@given(weighted_rows())
def test_a_narrow_signature_has_the_upper_half_of_every_position(rows: Rows) -> None:
    expected = [[value >> 16 for value in by_datasketch(row)] for row in rows]

    narrow = signer(rows).narrowed()(0, PERMUTATIONS)

    assert np.uint16 == narrow.dtype
    assert expected == narrow.tolist()


@few
@given(weighted_rows())
def test_signatures_are_the_least_values_of_replicated_elements(rows: Rows) -> None:
    expected = [reference.signature(reference.elements(row, row)) for row in rows]

    actual = signed(rows).tolist()

    assert expected == actual


def test_signatures_of_real_text_are_those_of_datasketch() -> None:
    terms = find_terms(real_paragraphs().text)
    frequency = np.bincount(terms.distinct.values, minlength=len(terms.spelling))
    weights = learned_weights(zipf_frequencies(terms.spelling, terms.hash), frequency, len(terms))
    weight_of = dict(zip(terms.spelling, weights.tolist(), strict=True))
    rows = [
        {terms.spelling[term]: weight_of[terms.spelling[term]] for term in terms.distinct.values[start:end].tolist()}
        for start, end in itertools.pairwise(terms.distinct.offsets.tolist())
    ]
    expected = [by_datasketch(row) for row in rows]

    actual = Signer(terms.distinct, terms.hash, weights, np.arange(len(terms)))(0, PERMUTATIONS).tolist()

    assert expected == actual


def test_a_huge_row_between_empty_ones_is_signed_like_any_other() -> None:
    rows: list[dict[str, int]] = [
        {},
        {f"word{number}": number % 16 for number in range(5000)},
        {},
        {"word1": 1},
        {"word0": 0},
        {},
    ]
    expected = [by_datasketch(row) for row in rows]

    actual = signed(rows).tolist()

    assert expected == actual


@few
@given(weighted_rows(), st.integers(0, PERMUTATIONS), st.integers(0, PERMUTATIONS))
def test_a_part_of_a_signature_is_that_part_of_the_whole(rows: Rows, one: int, other: int) -> None:
    first, last = sorted((one, other))

    assert signed(rows)[:, first:last].tolist() == signed(rows, first, last).tolist()


@few
@given(weighted_rows(), st.integers(1, 4), st.integers(1, 4))
def test_signatures_do_not_depend_on_the_size_of_chunks_and_pieces(rows: Rows, chunk: int, piece: int) -> None:
    expected = signed(rows).tolist()

    with pytest.MonkeyPatch.context() as small:
        small.setattr(minhash, "CHUNK", chunk)
        small.setattr(minhash, "ROWS", chunk)
        small.setattr(minhash, "PIECE", piece)

        assert expected == signed(rows).tolist()


def test_a_row_without_weight_has_the_signature_of_nothing() -> None:
    nothing = [int(EMPTY)] * PERMUTATIONS

    assert signed([{}, {"the": 0}, {"rare": 1}]).tolist()[:2] == [nothing, nothing]
    assert by_datasketch({}) == nothing


def test_signatures_agree_as_often_as_the_weighted_similarity_says() -> None:
    chance = random.Random(0)
    weights = {f"word{number}": chance.randint(0, MAX_WEIGHT) for number in range(300)}
    for overlap in (0, 30, 100, 200):
        a = {f"word{number}": weights[f"word{number}"] for number in range(200)}
        b = {f"word{number}": weights[f"word{number}"] for number in range(200 - overlap, 300)}
        expected = sum(weights[term] for term in a.keys() & b.keys()) / sum(weights[term] for term in a.keys() | b.keys())
        one, other = signed([a, b])

        actual = float((one == other).mean())

        assert abs(expected - actual) < 4 * (0.25 / PERMUTATIONS) ** 0.5


# ----------------------------------------------------------------------------------------------------------------- weights


@many
@given(batches)
def test_prior_and_score_weights_are_those_of_a_plain_look_up(batch: list[str]) -> None:
    terms = find_terms(batch)
    zipf = zipf_frequencies(terms.spelling, terms.hash)

    assert [reference.zipf(term) for term in terms.spelling] == zipf.tolist()
    assert [reference.score_weight(term) for term in terms.spelling] == score_weights(zipf).tolist()


@many
@given(batches, st.integers(0, 10_000_000), st.data())
def test_learned_weights_are_those_of_the_formula(batch: list[str], paragraphs: int, data: st.DataObject) -> None:
    terms = find_terms(batch)
    frequency = [data.draw(st.integers(0, paragraphs)) for _ in terms.spelling]
    expected = [
        reference.learned_weight(term, count, paragraphs) for term, count in zip(terms.spelling, frequency, strict=True)
    ]

    zipf = zipf_frequencies(terms.spelling, terms.hash)
    actual = learned_weights(zipf, np.array(frequency, dtype=np.int64), paragraphs).tolist()

    assert expected == actual


def test_weights_of_real_text_are_those_of_the_formula() -> None:
    batch = real_paragraphs().text
    terms = find_terms(batch)
    zipf = zipf_frequencies(terms.spelling, terms.hash)
    frequency = np.bincount(terms.distinct.values, minlength=len(terms.spelling))
    expected = reference.learned_weights([reference.read(text) for text in batch])

    actual = dict(zip(terms.spelling, learned_weights(zipf, frequency, len(batch)).tolist(), strict=True))

    assert expected == actual


def weight_of(term: str, frequency: int, paragraphs: int) -> int:
    zipf = zipf_frequencies([term], np.array([term_hash(term)], dtype=np.uint32))
    return int(learned_weights(zipf, np.array([frequency]), paragraphs)[0])


@pytest.mark.parametrize("term", ["the", "und", "de", "que", "and"])
def test_a_common_word_weighs_nothing_even_in_a_collection_of_one(term: str) -> None:
    assert weight_of(term, 1, 1) == 0


@pytest.mark.parametrize("term", ["caste", "pellg", "hohen", "selen"])
def test_a_rare_word_weighs_something_even_in_a_collection_of_one(term: str) -> None:
    assert weight_of(term, 1, 1) > 0


def test_a_collection_outweighs_the_prior_when_it_is_large() -> None:
    weights = [weight_of("caste", paragraphs // 10, paragraphs) for paragraphs in (10, 1000, 100_000, 10_000_000)]

    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0
    assert weight_of("caste", 1, 10_000_000) > weight_of("caste", 1, 10)


def test_weights_stay_between_0_and_15() -> None:
    assert weight_of("caste", 0, 10**12) == MAX_WEIGHT
    assert weight_of("the", 10**12, 10**12) == 0


@given(weighted_rows(), st.integers(0, PERMUTATIONS), st.data())
def test_a_signer_that_has_the_first_positions_already_signs_the_same(rows: Rows, known: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, PERMUTATIONS))
    last = data.draw(st.integers(first, PERMUTATIONS))

    actual = continued(signed(rows, 0, known), signer(rows))(first, last)

    assert signed(rows, first, last).tolist() == actual.tolist()


@pytest.mark.parametrize("chunk", [1, 7, 1 << 14])
@pytest.mark.parametrize("positions", [1, 50, 64])
def test_agreements_are_the_first_positions_that_are_equal(chunk: int, positions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minhash, "PAIRS", chunk)
    generator = np.random.default_rng(3)
    signatures = generator.integers(0, 3, (20, 64)).astype(np.uint16)
    left, right = generator.integers(0, 20, (2, 100))
    expected = [
        sum(a == b for a, b in zip(signatures[i, :positions], signatures[j, :positions], strict=True))
        for i, j in zip(left, right, strict=True)
    ]

    assert expected == agreements(signatures, left, right, positions).tolist()
