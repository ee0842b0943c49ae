from __future__ import annotations

import itertools

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import batches, few, many

from dedup import overlap
from dedup.batch import prepare
from dedup.columns import Ragged
from dedup.overlap import Extent, Matches, extents, shared

Sets = list[set[int]]

sets = st.lists(st.sets(st.integers(0, 40)), min_size=1, max_size=6)


def column(rows: Sets) -> Ragged[np.int64]:
    values = np.array([value for row in rows for value in sorted(row)], dtype=np.int64)
    return Ragged.from_lengths(values, np.array([len(row) for row in rows], dtype=np.int64))


def pairs_among(count: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    rows = st.integers(0, count - 1)
    return st.lists(st.tuples(rows, rows), max_size=12)


@many
@given(sets, st.data(), st.sampled_from([1, 2**40]))
def test_matches_are_what_two_sets_have_in_common(rows: Sets, data: st.DataObject, scale: int) -> None:
    rows = [{value * scale for value in row} for row in rows]
    pairs = data.draw(pairs_among(len(rows)))
    left, right = (np.array(side, dtype=np.int64) for side in (zip(*pairs, strict=True) if pairs else ([], [])))
    whole = column(rows)

    matches = Matches.of(whole, left, right)

    assert matches.lengths.tolist() == [len(rows[a] & rows[b]) for a, b in pairs]
    edges = list(itertools.pairwise(matches.a.offsets.tolist()))
    for (a, b), (first, last) in zip(pairs, edges, strict=True):
        for row, places in ((a, matches.a.values[first:last]), (b, matches.b.values[first:last])):
            assert all(whole.offsets[row] <= place < whole.offsets[row + 1] for place in places.tolist())
            assert whole.values[places].tolist() == sorted(rows[a] & rows[b])


def test_matches_of_one_huge_row_and_of_empty_ones() -> None:
    rows: Sets = [set(range(50_000)), set(), {7}, set(range(49_999, 60_000))]
    left, right = np.array([0, 0, 0, 1, 2]), np.array([1, 2, 3, 2, 3])

    assert Matches.of(column(rows), left, right).lengths.tolist() == [0, 1, 1, 0, 0]


@few
@given(batches, st.sampled_from([1, 3, 1000]))
def test_extents_of_all_rows_and_of_what_is_shared_are_those_of_sets(batch: list[str], chunk: int) -> None:
    batch = ["", *batch]
    left, right = (np.array(side) for side in zip(*itertools.product(range(len(batch)), repeat=2), strict=True))
    terms = [reference.read(text).distinct for text in batch]
    prepared = prepare(batch, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "CHUNK", chunk)
        patch.setattr(overlap, "READ", chunk)
        alone = extents(prepared.terms.distinct, prepared.lexicon)
        both = shared(prepared.terms.distinct, prepared.lexicon, left, right)

    assert rows_of(alone) == [figures(row) for row in terms]
    assert rows_of(both) == [figures(terms[a] & terms[b]) for a, b in zip(left.tolist(), right.tolist(), strict=True)]


@pytest.mark.parametrize("chunk", [100, 1000, 100_000])
def test_more_left_rows_than_bits_share_what_sets_do(chunk: int) -> None:
    batch = ["", *(f"word{row % 7} word{row % 11} word{row} the" for row in range(150))]
    terms = [reference.read(text).distinct for text in batch]
    pairs = [(a, b) for a in range(len(batch)) for b in range(a, len(batch), 1 + a % 5)]
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    prepared = prepare(batch, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "CHUNK", chunk)
        both = shared(prepared.terms.distinct, prepared.lexicon, left, right)

    assert rows_of(both) == [figures(terms[a] & terms[b]) for a, b in pairs]


def figures(terms: set[str]) -> tuple[int, int, int]:
    return len(terms), reference.total_weight(terms), sum(reference.zipf(term) < 4.0 for term in terms)


def rows_of(extent: Extent) -> list[tuple[int, int, int]]:
    return list(zip(extent.terms.tolist(), extent.weight.tolist(), extent.rare.tolist(), strict=True))
