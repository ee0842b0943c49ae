from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import few

from dedup import vocabulary
from dedup.vocabulary import Vocabulary

crowding = st.sampled_from([0, 1, 2, 2**64 - 1, 2**63, 2**63 + 1])  # the first cells and the last
batches_of_keys = st.lists(st.lists(st.one_of(crowding, st.integers(0, 2**64 - 1)), max_size=30), max_size=8)


@few
@given(batches_of_keys)
def test_keys_are_numbered_in_the_order_in_which_they_are_met(batches: Sequence[Sequence[int]]) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(vocabulary, "FIRST_BITS", 2)
        numbered = Vocabulary()
        number_of: dict[int, int] = {}
        for keys in batches:
            firsts = [place for place, key in enumerate(keys) if key not in number_of and key not in keys[:place]]
            expected = [number_of.setdefault(key, len(number_of)) for key in keys]

            numbers, new = numbered.number(np.array(keys, dtype=np.uint64))

            assert (expected, firsts) == (numbers.tolist(), new.tolist())
        assert len(numbered) == len(number_of)
