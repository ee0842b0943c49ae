from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
import reference
from datasketch import MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st
from material import few, many, real_paragraphs
from numpy.typing import NDArray

from dedup import lsh
from dedup.collisions import BUCKET_CAP
from dedup.columns import Candidates
from dedup.lsh import (
    BUDGET,
    LEAST_BUDGET,
    MAX_ROWS,
    MOST_BANDS,
    WANTED,
    Plan,
    Sign,
    band_keys,
    candidates_across,
    candidates_within,
    plan_bands,
)
from dedup.minhash import EMPTY, PERMUTATIONS, Signer
from dedup.rarity import learned_weights, zipf_frequencies
from dedup.terms import find_terms

Signatures = NDArray[np.uint32]

# Few distinct values, so that bands meet; the greatest value is that of an empty row. A row is drawn as a number of 12 digits.
VALUES = np.array([0, 1, 2, 2**31, int(EMPTY)], dtype=np.uint32)
small_signatures = (
    st.integers(1, 12)
    .flatmap(lambda rows: st.lists(st.integers(0, 5**12 - 1), min_size=rows))
    .map(lambda rows: VALUES[np.array(rows)[:, None] // 5 ** np.arange(12) % 5])
)
plans = st.sampled_from([Plan(1, 12), Plan(2, 6), Plan(3, 4), Plan(3, 2), Plan(4, 3), Plan(6, 2), Plan(1, 2)])
shared_plans = st.sampled_from([Plan(3, 4, 2), Plan(3, 3, 2), Plan(2, 10, 2), Plan(2, 12, 3), Plan(1, 24, 2), Plan(4, 1, 1)])


def signer(signatures: Signatures) -> Sign:
    return lambda first, last: signatures[:, first:last]


def as_set(candidates: Candidates) -> reference.Pairs:
    return set(zip(candidates.left.tolist(), candidates.right.tolist(), strict=True))


def as_rows(signatures: Signatures, empty: Sequence[bool]) -> dict[int, list[int]]:
    return {row: values.tolist() for row, values in enumerate(signatures) if not empty[row]}


def datasketch_index(signatures: Signatures, plan: Plan) -> MinHashLSH:
    index = MinHashLSH(num_perm=signatures.shape[1], params=(plan.bands, plan.rows))
    for row, values in enumerate(signatures):
        index.insert(row, MinHash(num_perm=signatures.shape[1], seed=1, scheme="affine32", hashvalues=values))
    return index


def real_signatures() -> Signatures:
    terms = find_terms(real_paragraphs().text)
    zipf = zipf_frequencies(terms.spelling, terms.hash)
    weights = learned_weights(zipf, np.bincount(terms.distinct.values, minlength=len(terms.spelling)), len(terms))
    return Signer(terms.distinct, terms.hash, weights, np.arange(len(terms)))(0, PERMUTATIONS)


def random_signatures(count: int, similarity: float, seed: int = 0) -> Signatures:
    """Rows of which any two agree in about that share of their positions."""
    generator = np.random.default_rng(seed)
    common = generator.integers(0, 2**32, PERMUTATIONS, dtype=np.uint32)
    own = generator.integers(0, 2**32, (count, PERMUTATIONS), dtype=np.uint32)
    return np.where(generator.random((count, PERMUTATIONS)) < similarity**0.5, common, own)


# -------------------------------------------------------------------------------------------------------------- candidates


@many
@given(small_signatures, plans | shared_plans, st.data())
def test_candidates_across_are_the_pairs_that_share_a_bucket(signatures: Signatures, plan: Plan, data: st.DataObject) -> None:
    empty = data.draw(st.lists(st.booleans(), min_size=len(signatures), max_size=len(signatures)))
    expected, _ = reference.candidates(reference.keys_across(as_rows(signatures, empty), *plan))

    actual = candidates_across(signer(signatures), np.array(empty), plan)

    assert expected == as_set(actual)
    assert actual.capped == 0


@many
@given(small_signatures, st.integers(1, 12), st.data())
def test_candidates_within_are_the_pairs_of_a_document_that_share_a_value(
    signatures: Signatures, bands: int, data: st.DataObject
) -> None:
    count = len(signatures)
    empty = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    document = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    expected, _ = reference.candidates(reference.keys_within(as_rows(signatures, empty), document, bands))

    actual = candidates_within(signer(signatures), np.array(empty), np.array(document, dtype=np.int32), bands)

    assert expected == as_set(actual)


@few
@given(small_signatures, plans | shared_plans, st.integers(1, 5))
def test_candidates_do_not_depend_on_how_many_are_gathered_or_signed_at_a_time(
    signatures: Signatures, plan: Plan, size: int
) -> None:
    nothing_empty = np.zeros(len(signatures), dtype=bool)
    expected = as_set(candidates_across(signer(signatures), nothing_empty, plan))

    with pytest.MonkeyPatch.context() as small:
        small.setattr(lsh, "PENDING", size)
        small.setattr(lsh, "SIGNED", size)

        assert expected == as_set(candidates_across(signer(signatures), nothing_empty, plan))


@few
@given(small_signatures, plans)
def test_candidates_are_those_of_datasketch(signatures: Signatures, plan: Plan) -> None:
    index = datasketch_index(signatures, plan)
    sketches = [MinHash(num_perm=12, seed=1, scheme="affine32", hashvalues=values) for values in signatures]
    expected = {(min(row, found), max(row, found)) for row, sketch in enumerate(sketches) for found in index.query(sketch)}

    actual = candidates_across(signer(signatures), np.zeros(len(signatures), dtype=bool), plan)

    assert {(a, b) for a, b in expected if a != b} == as_set(actual)


@pytest.mark.parametrize("plan", [Plan(1, 40), Plan(2, 64), Plan(3, 128), Plan(5, 60)], ids=str)
def test_buckets_of_real_text_are_those_of_datasketch(plan: Plan) -> None:
    signatures = real_signatures()
    index = datasketch_index(signatures, plan)

    for keys, table in zip(band_keys(signatures, plan.rows), index.hashtables, strict=False):
        expected = sorted(sorted(table.get(key)) for key in table.keys())  # noqa: SIM118 - a table of datasketch is no dict
        buckets = defaultdict(list)
        for row, key in enumerate(keys.tolist()):
            buckets[key].append(row)

        assert expected == sorted(buckets.values())


def test_candidates_of_real_text_are_those_of_datasketch() -> None:
    plan, signatures = Plan(3, 128), real_signatures()
    empty = (signatures == EMPTY).all(axis=1)
    index = datasketch_index(signatures, plan)
    sketches = [MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashvalues=values) for values in signatures]
    expected = {(row, found) for row, sketch in enumerate(sketches) for found in index.query(sketch) if row < found}

    actual = candidates_across(signer(signatures), empty, plan)

    assert expected == as_set(actual)
    assert len(expected) > 50


@few
@given(small_signatures, plans)
def test_candidates_ascend_and_none_comes_twice(signatures: Signatures, plan: Plan) -> None:
    found = candidates_across(signer(signatures), np.zeros(len(signatures), dtype=bool), plan)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))

    assert pairs == sorted(set(pairs))
    assert all(left < right for left, right in pairs)


@few
@given(small_signatures, plans, st.randoms(use_true_random=False))
def test_candidates_do_not_depend_on_the_order_of_rows(signatures: Signatures, plan: Plan, chance: st.Randomizer) -> None:
    order = list(range(len(signatures)))
    chance.shuffle(order)
    none = np.zeros(len(signatures), dtype=bool)
    expected = as_set(candidates_across(signer(signatures), none, plan))

    shuffled = as_set(candidates_across(signer(signatures[order]), none, plan))
    actual = {(min(order[a], order[b]), max(order[a], order[b])) for a, b in shuffled}

    assert expected == actual


def test_rows_of_other_documents_and_of_single_paragraphs_are_not_paired_within() -> None:
    signatures = np.zeros((4, 8), dtype=np.uint32)

    found = candidates_within(signer(signatures), np.zeros(4, dtype=bool), np.array([0, 1, 1, 2], dtype=np.int32), 8)

    assert as_set(found) == {(1, 2)}


def test_nothing_gives_no_candidates() -> None:
    nothing, none = np.zeros((0, PERMUTATIONS), dtype=np.uint32), np.zeros(0, dtype=bool)

    assert len(candidates_across(signer(nothing), none, Plan(1, 384))) == 0
    assert len(candidates_within(signer(nothing), none, np.zeros(0, dtype=np.int32), 128)) == 0


# ------------------------------------------------------------------------------------------------------------ large buckets


@pytest.mark.parametrize("count", [BUCKET_CAP - 1, BUCKET_CAP, BUCKET_CAP + 1, 3 * BUCKET_CAP])
def test_a_bucket_beyond_the_cap_pairs_each_row_with_the_first_and_the_next_and_is_counted(count: int) -> None:
    signatures = np.ones((count, 3), dtype=np.uint32)
    empty = np.zeros(count, dtype=bool)
    expected, capped = reference.candidates(reference.keys_across(as_rows(signatures, empty.tolist()), 1, 3))

    across = candidates_across(signer(signatures), empty, Plan(1, 3))
    within = candidates_within(signer(signatures), empty, np.zeros(count, dtype=np.int32), 3)

    assert expected == as_set(across) == as_set(within)
    assert across.capped == within.capped == capped == (3 if count > BUCKET_CAP else 0)


def test_a_capped_bucket_keeps_its_rows_connected() -> None:
    signatures = np.ones((500, 1), dtype=np.uint32)

    found = candidates_across(signer(signatures), np.zeros(500, dtype=bool), Plan(1, 1))

    assert len(reference.connected(as_set(found))) == 500
    assert set(reference.connected(as_set(found)).values()) == {0}
    assert len(found) < 2 * 500


@pytest.mark.parametrize("budget", [None, 0, 15, 16, 30, 31, 10_000])
def test_bands_beyond_the_budget_give_nothing_and_their_buckets_are_counted(budget: int | None) -> None:
    bands = np.arange(40) // np.array([[2], [4], [8], [40]])  # buckets of two rows, of four and so on: 20, 60 pairs …
    signatures = bands.T.astype(np.uint32)
    pairs = [20, 60, 140, 780]  # after each band, as each has the pairs of those before
    spent = next((band for band, count in enumerate([0, *pairs]) if budget is not None and count >= budget), 4)

    found = candidates_across(signer(signatures), np.zeros(40, dtype=bool), Plan(1, 4), budget=budget)

    assert len(found) == [0, *pairs][spent]
    assert found.capped == sum([20, 10, 5, 1][spent:])


# --------------------------------------------------------------------------------------------------------------------- plan


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
@pytest.mark.parametrize("bands", [1, 20, 64])
def test_recall_is_the_s_curve(rows: int, bands: int) -> None:
    plan = Plan(rows, bands)
    similarities = [step / 20 for step in range(21)]

    for similarity in similarities:
        missed = 1.0
        for _ in range(bands):
            missed *= 1 - similarity**rows
        assert plan.recall(similarity) == pytest.approx(1 - missed, abs=1e-12)
    assert [plan.recall(similarity) for similarity in similarities] == sorted(plan.recall(s) for s in similarities)
    assert (plan.recall(0.0), plan.recall(1.0)) == (0.0, 1.0)


@pytest.mark.parametrize("similarity", [0.02, 0.15, 0.4])
@pytest.mark.parametrize("plan", [Plan(1, 16), Plan(2, 64), Plan(3, 128), Plan(3, 136, 2), Plan(4, 136, 2)], ids=str)
def test_recall_is_the_measured_rate_of_collisions(plan: Plan, similarity: float) -> None:
    pairs = 600
    generator = np.random.default_rng(7)
    one = generator.integers(0, 2**32, (pairs, PERMUTATIONS), dtype=np.uint32)
    fresh = generator.integers(0, 2**32, (pairs, PERMUTATIONS), dtype=np.uint32)
    other = np.where(generator.random((pairs, PERMUTATIONS)) < similarity, one, fresh)
    expected = plan.recall(similarity)

    found = as_set(candidates_across(signer(np.concatenate([one, other])), np.zeros(2 * pairs, dtype=bool), plan))
    actual = sum((row, row + pairs) in found for row in range(pairs)) / pairs

    assert abs(expected - actual) < 4 * (0.25 / pairs) ** 0.5


@pytest.mark.parametrize("similarity", [0.001, 0.002, 0.005, 0.01, 0.05, 0.1])
@pytest.mark.parametrize("times", [1, 5, 50, 1000])
def test_the_plan_keeps_to_its_budget(similarity: float, times: int) -> None:
    sample = random_signatures(400, similarity)
    paragraphs = times * len(sample)

    plan = plan_bands(sample, paragraphs)
    found = candidates_across(signer(sample), np.zeros(len(sample), dtype=bool), plan)
    expected_in_all = len(found) * times**2

    assert expected_in_all <= max(BUDGET * paragraphs, LEAST_BUDGET) or plan == Plan(MAX_ROWS, 1)
    assert plan.positions <= PERMUTATIONS


@pytest.mark.parametrize("times", [1, 5, 50, 1000])
def test_the_plan_and_its_candidates_do_not_depend_on_how_many_bands_are_looked_at_as_one(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = random_signatures(300, 0.02)

    def found(together: int) -> tuple[Plan, list[int], list[int], int]:
        monkeypatch.setattr(lsh, "TOGETHER", together)
        plan = plan_bands(sample, times * len(sample))
        pairs = candidates_across(signer(sample), np.zeros(len(sample), dtype=bool), plan)
        return plan, pairs.left.tolist(), pairs.right.tolist(), pairs.capped

    expected = found(1)
    for together in (700, 2_000, 1 << 13, 1 << 20):
        assert expected == found(together)


def test_a_larger_collection_gets_more_rows_a_band() -> None:
    sample = random_signatures(400, 0.002)

    rows = [plan_bands(sample, paragraphs).rows for paragraphs in (400, 4_000, 40_000, 400_000, 4_000_000)]

    assert rows == sorted(rows)
    assert rows[0] == 1
    assert rows[-1] >= 3


def test_a_small_collection_gets_every_band_of_one_row() -> None:
    assert plan_bands(real_signatures(), len(real_signatures())) == Plan(1, PERMUTATIONS)


def test_of_the_plans_it_can_pay_for_the_one_with_the_highest_recall_is_taken() -> None:
    sample, paragraphs = random_signatures(300, 0.05), 30_000
    none = np.zeros(len(sample), dtype=bool)
    budget = BUDGET * paragraphs * (len(sample) / paragraphs) ** 2

    affordable = [
        plan
        for rows, bands in itertools.product(range(1, 7), (1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 384))
        if (plan := Plan(rows, bands, 1 if rows < 3 else 2)).positions <= PERMUTATIONS
        if rows < 3 or bands <= MOST_BANDS
        if len(candidates_across(signer(sample), none, plan)) <= budget
    ]
    chosen = plan_bands(sample, paragraphs)

    def mean_recall(plan: Plan) -> float:
        return statistics.mean(map(plan.recall, WANTED))

    assert mean_recall(chosen) >= max(map(mean_recall, affordable)) - 1e-6


def test_where_repeats_spend_the_budget_bands_have_so_many_rows_that_nearly_all_of_them_are_found() -> None:
    sample, paragraphs = random_signatures(400, 0.03), 7_900
    kept = np.random.default_rng(1).random((200, PERMUTATIONS)) < 0.9
    sample[1::2] = np.where(kept, sample[::2], sample[1::2])  # 200 pairs with a similarity of 0.9
    budget = BUDGET * paragraphs * (len(sample) / paragraphs) ** 2

    chosen = plan_bands(sample, paragraphs)

    assert 200 < budget < 203
    assert chosen.recall(0.5) > 0.9


@few
@given(small_signatures, st.integers(0, 10**7))
def test_a_plan_can_be_made_of_any_sample(signatures: Signatures, paragraphs: int) -> None:
    plan = plan_bands(signatures, paragraphs)

    assert plan.bands >= 1
    assert plan.rows >= 1


@pytest.mark.parametrize(("rows", "uses"), [(3, 2), (4, 2), (5, 3), (2, 3)])
def test_two_bands_share_one_position_at_most(rows: int, uses: int) -> None:
    bands = [set(band[0]) for band in reference.keys_across({0: list(range(PERMUTATIONS))}, rows, 36, uses)]

    assert all(len(band) == rows for band in bands)
    assert max(len(one & other) for one, other in itertools.combinations(bands, 2)) == 1
    assert Plan(rows, 36, uses).positions == 1 + max(max(band) for band in bands)


def test_a_plan_can_be_made_of_no_sample() -> None:
    assert plan_bands(np.zeros((0, PERMUTATIONS), dtype=np.uint32), 5).bands >= 1


# --------------------------------------------------------------------------------------------------------------------- keys


@many
@given(small_signatures, st.integers(1, 6), st.integers(1, 9))
def test_keys_are_equal_exactly_where_bands_are(signatures: Signatures, rows: int, keyed: int) -> None:
    bands = [signatures[:, first : first + rows] for first in range(0, signatures.shape[1] - rows + 1, rows)]
    expected = [[a.tolist() == b.tolist() for a, b in itertools.combinations(band, 2)] for band in bands]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lsh, "KEYED", keyed)
        keys = band_keys(signatures, rows).tolist()
    actual = [[a == b for a, b in itertools.combinations(band, 2)] for band in keys]

    assert expected == actual
