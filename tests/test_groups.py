from __future__ import annotations

import itertools

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import many

from dedup.groups import BRIDGED, bridges, connect, number_groups

Edges = list[tuple[int, int]]

COUNT = 14
edges = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda pair: pair[0] < pair[1]), unique=True
)


def columns(pairs: Edges) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def bridged(scores: dict[tuple[int, int], float], keys: list[int]) -> reference.Pairs:
    """What is bridged when the rows are numbered in the order of their keys, as the pipeline numbers classes of equal texts."""
    row_of = sorted(range(len(keys)), key=keys.__getitem__)
    number_of = {row: number for number, row in enumerate(row_of)}
    numbered = [(number_of[a], number_of[b]) for a, b in scores]
    found = bridges(*columns(numbered), np.array(list(scores.values()), dtype=np.float64), len(keys), 0.5)
    rows = ((row_of[a], row_of[b]) for a, b in zip(found.left.tolist(), found.right.tolist(), strict=True))
    return {(min(pair), max(pair)) for pair in rows}


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
    assert bridged({}, []) == set()


@many
@given(edges, st.permutations(range(COUNT)), st.data())
def test_bridges_join_the_ends_of_two_repeats(pairs: Edges, keys: list[int], data: st.DataObject) -> None:
    scores = {pair: data.draw(st.sampled_from([0.1, 0.4999, 0.5, 0.8, 1.0])) for pair in pairs}
    expected = reference.bridges(scores, keys)

    actual = bridged(scores, keys)

    assert expected == actual


def test_a_chain_of_two_repeats_gives_the_third_pair() -> None:
    assert bridged({(0, 1): 0.9, (1, 2): 0.6}, [7, 8, 9]) == {(0, 2)}


def test_a_pair_below_the_decision_point_bridges_nothing() -> None:
    assert bridged({(0, 1): 0.9, (1, 2): 0.4999}, [7, 8, 9]) == set()


def test_a_pair_that_was_scored_is_not_scored_again() -> None:
    assert bridged({(0, 1): 0.9, (1, 2): 0.6, (0, 2): 0.1}, [7, 8, 9]) == set()


@pytest.mark.parametrize("repeats", [BRIDGED - 1, BRIDGED, BRIDGED + 1, 500])
def test_a_paragraph_of_many_repeats_bridges_only_its_best(repeats: int) -> None:
    scores = {(0, row): 0.5 + row / 2000 for row in range(1, repeats + 1)}
    best = range(max(1, repeats - BRIDGED + 1), repeats + 1)

    assert bridged(scores, list(range(repeats + 1))) == set(itertools.combinations(best, 2))
