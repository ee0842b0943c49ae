from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import many

from dedup.columns import connect
from dedup.groups import bridges, number_groups

Edges = list[tuple[int, int]]
Scored = list[tuple[int, int, float]]

COUNT = 14
edges = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda pair: pair[0] < pair[1]), unique=True
)


def columns(pairs: Edges) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def bridged(scored: Scored, count: int = COUNT) -> reference.Pairs:
    left, right = columns([(a, b) for a, b, _ in scored])
    found = bridges(left, right, np.array([score for _, _, score in scored], dtype=np.float64), count, 0.5)
    return set(zip(found.left.tolist(), found.right.tolist(), strict=True))


@many
@given(edges)
def test_rows_are_connected_as_walking_from_row_to_row_says(pairs: Edges) -> None:
    least = reference.connected(pairs)
    expected = [least.get(row, row) for row in range(COUNT)]

    actual = connect(*columns(pairs), COUNT).tolist()

    assert expected == actual


@many
@given(edges, st.data())
def test_groups_are_numbered_by_their_best_pair(pairs: Edges, data: st.DataObject) -> None:
    repeat = data.draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    expected = reference.group_numbers(pairs, repeat)

    actual = number_groups(*columns(pairs), np.array(repeat, dtype=bool), COUNT).tolist()

    assert expected == actual


def test_where_repeats_are_many_the_bridges_keep_to_their_budget() -> None:
    draw = random.Random(1)
    scored = [(*sorted(draw.sample(range(4_000), 2)), draw.uniform(0.5, 1.0)) for _ in range(60_000)]
    allowed = 10 * 4_000

    found = bridged(scored, 4_000)

    assert allowed / 4 < len(found) <= allowed


def test_a_long_chain_is_one_group() -> None:
    pairs = list(itertools.pairwise(range(2000)))

    assert set(connect(*columns(pairs), 2000).tolist()) == {0}
    assert set(connect(*columns(pairs[::-1]), 2000).tolist()) == {0}


def test_a_pair_below_the_decision_point_has_no_group_and_connects_nothing() -> None:
    pairs = [(4, 5), (0, 1), (1, 2), (2, 4), (2, 3)]
    repeat = [True, True, True, False, True]

    assert number_groups(*columns(pairs), np.array(repeat), 6).tolist() == [1, 2, 2, 0, 2]


def test_nothing_has_no_groups() -> None:
    assert number_groups(*columns([]), np.zeros(0, dtype=bool), 0).tolist() == []
    assert bridged([], 0) == set()


scored_pairs = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.sampled_from([0.1, 0.4999, 0.5, 0.8, 1.0])), max_size=30
)


@many
@given(scored_pairs)
def test_bridges_join_the_ends_of_two_repeats(scored: Scored) -> None:
    expected = reference.bridges(scored)

    actual = bridged(scored)

    assert expected == actual


def test_a_chain_of_two_repeats_gives_the_third_pair() -> None:
    assert bridged([(0, 1, 0.9), (1, 2, 0.6)]) == {(0, 2)}


def test_a_pair_below_the_decision_point_bridges_nothing() -> None:
    assert bridged([(0, 1, 0.9), (1, 2, 0.4999)]) == set()


def test_a_pair_that_was_scored_is_not_scored_again() -> None:
    assert bridged([(0, 1, 0.9), (1, 2, 0.6), (2, 0, 0.1)]) == set()


def test_copies_of_one_text_bridge_nothing_between_them() -> None:
    assert bridged([(0, 0, 1.0), (0, 1, 0.9), (1, 0, 0.9), (1, 1, 1.0)]) == set()


@pytest.mark.parametrize("repeats", [15, 16, 17, 500])
def test_a_paragraph_of_many_repeats_bridges_only_its_best_16(repeats: int) -> None:
    scored = [(0, row, 0.5 + row / 2000) for row in range(1, repeats + 1)]
    best = range(max(1, repeats - 15), repeats + 1)

    assert bridged(scored, repeats + 1) == set(itertools.combinations(best, 2))
