from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from material import few, many

from dedup import columns
from dedup.characters import ALPHABET, _encoded_narrow, _encoded_wide, _narrowed, _read, canonical, code_of, read_characters
from dedup.collisions import collisions
from dedup.columns import Ragged, blocks_of, interleaved, looked_up, occurrences, places_where
from dedup.matching import equals, places_among
from dedup.tokens import _hash_spans

Rows = Sequence[Sequence[int]]

small_rows = st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=6)
large_rows = st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=8), max_size=6)
rows_of_terms = st.one_of(small_rows, large_rows)


def column(rows: Rows, dtype: type[np.generic] = np.int32) -> Ragged[Any]:
    values = np.array(list(itertools.chain(*rows)), dtype=dtype)
    return Ragged.from_lengths(values, np.array([len(row) for row in rows], dtype=np.int64))


def as_rows(ragged: Ragged[Any]) -> list[list[int]]:
    return [ragged.values[start:end].tolist() for start, end in itertools.pairwise(ragged.offsets.tolist())]


@many
@given(rows_of_terms, st.sampled_from([np.int32, np.int64, np.float64]))
def test_distinct_values_ascend_in_every_row(rows: Rows, dtype: type[np.generic]) -> None:
    assert as_rows(column(rows, dtype).distinct()) == [sorted(set(row)) for row in rows]


@few
@given(rows_of_terms, st.data())
def test_rows_are_taken_in_any_order_and_any_number_of_times(rows: Rows, data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=10)) if rows else []

    taken = column(rows).take(np.array(wanted, dtype=np.int64))

    assert as_rows(taken) == [list(rows[row]) for row in wanted]


@many
@given(st.lists(st.integers(0, 30) | st.integers(0, 2**62), max_size=60))
def test_equal_codes_have_one_place_which_is_that_of_one_of_them(codes: list[int]) -> None:
    places = equals(np.array(codes, dtype=np.int64)).tolist()

    assert [codes[place] for place in places] == codes
    assert len(set(places)) == len(set(codes))


@many
@given(
    st.lists(st.integers(0, 60) | st.integers(0, 2**62), unique=True, max_size=60), st.lists(st.integers(0, 60), max_size=60)
)
def test_codes_are_found_among_those_present_in_any_order(present: list[int], others: list[int]) -> None:
    wanted = [*others, *present[::2]]

    which, places = places_among(np.array(wanted, dtype=np.int64), np.array(present, dtype=np.int64))

    assert which.tolist() == [number for number, code in enumerate(wanted) if code in present]
    assert places.tolist() == [present.index(code) for code in wanted if code in present]


@many
@given(rows_of_terms, st.data())
def test_values_are_left_out_by_flag(rows: Rows, data: st.DataObject) -> None:
    flags = [data.draw(st.lists(st.booleans(), min_size=len(row), max_size=len(row))) for row in rows]

    kept = column(rows).where(np.array([flag for row in flags for flag in row], dtype=bool))

    assert as_rows(kept) == [list(itertools.compress(row, flag)) for row, flag in zip(rows, flags, strict=True)]


@few
@given(st.lists(st.integers(0, 2) | st.integers(0, 2**64 - 1), max_size=300))
def test_collisions_are_the_pairs_of_keys_that_come_more_than_once(keys: list[int]) -> None:
    expected = reference.candidates([dict(enumerate(keys))])

    left, right, capped = collisions(np.array(keys, dtype=np.uint64))

    assert expected == (set(zip(left.tolist(), right.tolist(), strict=True)), capped)
    assert len(expected[0]) == len(left)


@few
@given(st.lists(st.text(st.characters(exclude_characters="\n\0"), min_size=1, max_size=30), min_size=1, max_size=10))
def test_hashes_of_spans_are_equal_exactly_where_the_spans_are(spans: list[str]) -> None:
    texts = [*spans, *spans[::-1], *(span[:-1] + "x" for span in spans)]
    code = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)

    hashes = _hash_spans(code, np.cumsum(lengths) - lengths, lengths).tolist()

    for (one, its_hash), (other, that_hash) in itertools.product(zip(texts, hashes, strict=True), repeat=2):
        assert (one == other) == (its_hash == that_hash)


@pytest.mark.parametrize("plane", range(17))
def test_characters_of_every_plane_are_read(plane: int) -> None:
    text = "a" + chr(plane << 16 | 0x1000) + " " + chr(plane << 16 | 0xE123) + "z"

    narrow, wide = read_characters([text, "", text])

    first, last = as_rows(canonical(wide))
    assert first == last
    assert as_rows(canonical(narrow)) == [[ord("\n")]]
    assert (narrow.rows.tolist(), wide.rows.tolist()) == ([1], [0, 2])


@many
@given(st.lists(st.text(st.sampled_from(ALPHABET) | st.sampled_from(" \u00ad.’"), max_size=40), max_size=6))
def test_a_byte_a_character_gives_what_four_bytes_give(batch: list[str]) -> None:
    composed = [unicodedata.normalize("NFKC", text) for text in batch]
    rows = np.arange(len(composed))
    lengths = np.array([len(text) for text in composed], dtype=np.int64)

    narrow = _read(rows, _encoded_narrow([_narrowed(text)[0] for text in composed]), lengths)
    wide = _read(rows, _encoded_wide(composed), lengths)

    assert (narrow.code.dtype, wide.code.dtype) == (np.uint8, np.uint32)
    assert (narrow.code.tolist(), narrow.kind.tolist()) == (wide.code.tolist(), wide.kind.tolist())
    assert as_rows(canonical(narrow)) == as_rows(canonical(wide))
    starts, lengths = narrow.offsets[:-1], np.diff(narrow.offsets)
    assert _hash_spans(narrow.code, starts, lengths).tolist() == _hash_spans(wide.code, starts, lengths).tolist()
    assert narrow.cut(starts, lengths - 1) == wide.cut(starts, lengths - 1)


def test_characters_have_a_code_each_and_canonical_ones_that_of_latin_1() -> None:
    assert len({code_of(chr(point)) for point in range(0x3000) if unicodedata.is_normalized("NFKC", chr(point))}) == sum(
        unicodedata.is_normalized("NFKC", chr(point)) for point in range(0x3000)
    )
    (characters,) = read_characters([ALPHABET])
    assert all(ALPHABET[code] == chr(code) for code in canonical(characters).values.tolist())


@few
@given(rows_of_terms, st.data())
def test_columns_whose_rows_are_interleaved_are_the_column_they_were_cut_from(rows: Rows, data: st.DataObject) -> None:
    owners = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows))), dtype=np.int64)
    places = [np.flatnonzero(owners == number) for number in range(3)]
    whole = column(rows)

    put_together = interleaved([whole.take(own) for own in places], places, np.int32)

    assert as_rows(put_together) == as_rows(whole)


@few
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 12))
def test_values_are_looked_up_the_same_in_blocks_of_any_size(places: list[int], block: int) -> None:
    table = np.arange(10) ** 2
    with pytest.MonkeyPatch.context() as small:
        small.setattr(columns, "BLOCK", block)

        assert looked_up(table, np.array(places, dtype=np.int32)).tolist() == [place**2 for place in places]


@few
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 12))
def test_a_column_may_be_looked_up_in_place(places: list[int], block: int) -> None:
    table, column = np.arange(10, dtype=np.int32) ** 2, np.array(places, dtype=np.int32)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(columns, "BLOCK", block)

        assert looked_up(table, column, out=column) is column

    assert column.tolist() == [place**2 for place in places]


@few
@given(st.lists(st.booleans(), max_size=30), st.integers(1, 12))
def test_places_are_found_the_same_in_blocks_of_any_size(flags: list[bool], block: int) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(columns, "BLOCK", block)

        found = places_where(lambda places: np.array(flags, dtype=bool)[places], len(flags))

    assert found.tolist() == [place for place, flag in enumerate(flags) if flag]


@few
@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 12))
def test_occurrences_are_counted_the_same_in_blocks_of_any_size(values: list[int], block: int) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(columns, "COUNTED", block)

        assert occurrences(np.array(values, dtype=np.int32), 10).tolist() == [values.count(number) for number in range(10)]


@few
@given(rows_of_terms, st.integers(1, 12))
def test_distinct_values_are_the_same_in_blocks_of_any_size(rows: Rows, block: int) -> None:
    given_rows = column(rows)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(columns, "SORTED", block)

        assert as_rows(given_rows.distinct()) == [sorted(set(row)) for row in rows]

    assert as_rows(given_rows) == [list(row) for row in rows]


@few
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 12))
def test_blocks_have_all_rows_in_sequence_and_no_more_values_than_with_their_last_row(lengths: list[int], size: int) -> None:
    blocks = list(blocks_of(np.array(lengths, dtype=np.int64), size))

    assert [row for first, last in blocks for row in range(first, last)] == list(range(len(lengths)))
    assert all(first < last and sum(lengths[first : last - 1]) < size for first, last in blocks)


@pytest.mark.parametrize("longest", [3, 300, 3000])
def test_rows_of_any_length_are_sorted_without_repeats(longest: int) -> None:
    random = np.random.default_rng(longest)
    rows = [random.integers(0, longest, length).tolist() for length in random.integers(0, longest, 40)]

    assert as_rows(column(rows).distinct()) == [sorted(set(row)) for row in rows]
