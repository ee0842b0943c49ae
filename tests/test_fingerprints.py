from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from material import batches, many, real_paragraphs, texts

from dedup.fingerprints import joined_fingerprint, pair_fingerprint, paragraph_fingerprint, paragraph_fingerprints
from dedup.terms import find_terms

PLAIN = "the lease runs until 2031, said the landlord - 'for now' - and will not be longer."
VARIANTS = (
    "The lease runs until 2031, said the landlord – “for now” – and will not be longer.",
    "  THE LEASE RUNS UNTIL 2031, said the landlord — «for now» — and\n  will not be\u00a0longer. ",
    "The le\u00adase runs until ２０３１, said the landlord - ‘for now’ - and will not be\u200b longer.",
)


# Baselines and code scanning keep these: a change of them makes every known repeat a new one.
def test_fingerprints_are_what_they_always_were() -> None:
    assert paragraph_fingerprint(PLAIN) == hashlib.sha256(PLAIN.encode()).hexdigest()[:16] == "988c6cc13d0bbb11"
    assert pair_fingerprint(PLAIN, "Fin.") == "280c3e512910d461"
    assert paragraph_fingerprint("") == "e3b0c44298fc1c14"


@pytest.mark.parametrize("variant", VARIANTS)
def test_case_spaces_quotes_and_dashes_are_not_in_a_fingerprint(variant: str) -> None:
    assert paragraph_fingerprint(variant) == paragraph_fingerprint(PLAIN)
    assert pair_fingerprint(variant, "Fin.") == pair_fingerprint("fin.", PLAIN)


@many
@given(batch=batches)
def test_a_fingerprint_is_shared_by_exact_repeats_and_by_nothing_else(batch: Sequence[str]) -> None:
    keys, fingerprints = find_terms(batch).keys.tolist(), paragraph_fingerprints(batch)
    for (key, name), (other_key, other_name) in itertools.combinations(zip(keys, fingerprints, strict=True), 2):
        assert (name == other_name) == (key == other_key)


@many
@given(batch=batches, text=texts)
def test_what_stands_beside_a_text_does_not_change_its_fingerprint(batch: Sequence[str], text: str) -> None:
    assert paragraph_fingerprints([*batch, text, *batch])[len(batch)] == paragraph_fingerprint(text)


@many
@given(one=texts, other=texts)
def test_a_pair_has_one_fingerprint_in_either_order(one: str, other: str) -> None:
    assert pair_fingerprint(one, other) == pair_fingerprint(other, one)
    assert pair_fingerprint(one, other) == joined_fingerprint(paragraph_fingerprint(other), paragraph_fingerprint(one))


def test_different_paragraphs_have_different_fingerprints() -> None:
    different = sorted({text.casefold() for text in real_paragraphs().text})
    fingerprints = paragraph_fingerprints(different)
    assert len(set(fingerprints)) == len(set(find_terms(different).keys.tolist()))
    pairs = {joined_fingerprint(one, other) for one, other in itertools.combinations(fingerprints[:60], 2)}
    assert len(pairs) == len(set(fingerprints[:60])) * (len(set(fingerprints[:60])) - 1) / 2
    assert all(len(name) == 16 and set(name) <= set("0123456789abcdef") for name in [*fingerprints, *pairs])
