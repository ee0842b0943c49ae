"""A check: the steps in order, and nothing else.

documents → paragraphs → terms → signatures → candidates → pairs → boilerplate → groups
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.batch import Batch, prepare
from dedup.boilerplate import find_boilerplate, is_copied, may_be_there
from dedup.columns import Candidates, Flags, Integers, each_once, looked_up
from dedup.config import Config
from dedup.copies import Copies, find_copies, find_twins, per_document, union
from dedup.groups import bridges
from dedup.jobs import checked, in_parts
from dedup.lsh import Plan
from dedup.matching import equals
from dedup.model import DECISION, Document, Pair, Paragraphs, Place
from dedup.nomination import nominate, worth_a_score
from dedup.paragraphs import once_each, place_key, split
from dedup.past import Past, Recalled, pairs_behind, rest_of, with_paragraphs, with_terms
from dedup.progress import SILENT, Progress
from dedup.results import Result
from dedup.rows import PairRows, pairs_of
from dedup.similarity import Scored, hopeful, parts_of, score, together

TOLD: Final = 1 << 13  # pairs scored between two words on the progress


class Found(NamedTuple):
    """Pairs that reach the least score or the decision point, and what they were found with.

    paragraphs: also those recalled. keys: uint64[n] of them. plan: across documents.
    """

    paragraphs: Paragraphs
    recalled: Sequence[Recalled]
    keys: NDArray[np.uint64]
    copies: Copies
    pairs: Candidates
    scored: Scored
    plan: Plan | None


def check(
    documents: Iterable[Document],
    config: Config | None = None,
    progress: Progress = SILENT,
    *,
    jobs: int = 1,
    past: Sequence[Past] = (),
) -> Result:
    """Find the repeats in documents. jobs: how many processes divide what can be divided; the result is the same.

    past: what remembers earlier documents, of which repeats are found too, unless they are versions of these themselves.

    Raises InputError if two documents of one file share an id, ConfigError for fewer than one process.
    """
    config, jobs = config or Config(), checked(jobs)
    progress.begin("read", unit="documents")
    paragraphs = split(once_each(documents, progress), config)
    found = _repeats(paragraphs, config, progress, jobs, past)
    paragraphs, pairs, scored = found.paragraphs, found.pairs, found.scored
    progress.begin("groups", len(pairs), "pairs")
    boilerplate = _boilerplate(found, config, past)
    rows = PairRows.ranked(paragraphs, config, pairs, scored, found.copies.count(pairs), boilerplate)
    return Result(config, paragraphs, rows, found.plan, against=tuple(one.against for one in past))


def compare(a: str, b: str, *, same_document: bool = False, language: str | None = None) -> Pair:
    """Score two texts, each taken as one paragraph. The score is that of a check in which they stand so."""
    batch = prepare([a, b], language)
    one, other = np.array([0]), np.array([1])
    scored = score(batch.terms, batch.lexicon, one, other, np.array([same_document]), batch.keys[:1] == batch.keys[1:])
    document, paragraph = ("a", 1) if same_document else ("b", 0)
    [(value, kind, evidence)] = pairs_of(scored)
    return Pair(value, kind, Place(None, "a", 0, 1, a), Place(None, document, paragraph, 1, b), evidence)


def _repeats(paragraphs: Paragraphs, config: Config, progress: Progress, jobs: int, past: Sequence[Past]) -> Found:
    """What is found in paragraphs and between them and the past."""
    progress.begin("terms", len(paragraphs.text), "paragraphs")
    batch, document = prepare(paragraphs.text, config.language, progress.advance), paragraphs.document_row
    keys = per_document(batch.keys, document) if config.scope == "within" else batch.keys
    copies = find_copies(keys, document, place_key(paragraphs))
    progress.begin("candidates", len(copies.rows), "different texts")
    least = min(config.lowest, DECISION)  # what has less is neither reported nor a bridge
    pairs, plan = nominate(batch, copies, document, config.scope, least, jobs, progress.advance)
    recalled: list[Recalled] = []
    if past and config.scope != "within":
        recalled = [one.recall(paragraphs, batch.terms, batch.zipf) for one in past]
        paragraphs, batch, met = _remembered(recalled, paragraphs, batch, least, jobs)
        document, pairs = paragraphs.document_row, union([pairs, met])
        copies = find_copies(batch.keys, document, place_key(paragraphs))
    progress.begin("score", len(pairs), "pairs")
    measured = partial(_score, batch, find_twins(batch.terms, copies), document, progress, least, jobs)
    scored, once = measured(pairs)
    classes = copies.class_of[pairs.left[once]], copies.class_of[pairs.right[once]]
    missing = bridges(*classes, scored.parts[once], len(copies.rows), parts_of(DECISION))
    missing = union(list(worth_a_score(batch, copies, missing, document, config.scope, least, jobs)))
    missing = missing.where(missing.left < paragraphs.checked)
    progress.begin("bridges", len(missing), "pairs")
    pairs, scored = _joined(least, (pairs, scored), (missing, measured(missing)[0]))
    return Found(paragraphs, recalled, batch.keys, copies, pairs, scored, plan)


def _remembered(
    recalled: Sequence[Recalled], paragraphs: Paragraphs, batch: Batch, least: float, jobs: int
) -> tuple[Paragraphs, Batch, Candidates]:
    """What is recalled behind what is checked, and the pairs of both that are worth a score."""
    checked = len(paragraphs.text)
    terms, zipf = batch.terms, batch.zipf
    for one in recalled:
        paragraphs, (terms, zipf) = with_paragraphs(paragraphs, one.paragraphs), with_terms(terms, zipf, one)
    batch = Batch.of(terms, zipf)
    met = union(pairs_behind(recalled, checked))
    equal = looked_up(batch.keys, met.left) == looked_up(batch.keys, met.right)
    hope = hopeful(terms.distinct, batch.lexicon, batch.extent, met.left, met.right, least, jobs)
    return paragraphs, batch, met.where(equal | hope)


def _score(
    batch: Batch,
    twin: NDArray[np.int32],
    document: NDArray[np.int32],
    progress: Progress,
    least: float,
    jobs: int,
    pairs: Candidates,
) -> tuple[Scored, Flags]:
    """Score pairs of rows, and say of which the texts were looked at: bool[p]. The others are of twins of these.

    twin: int32[n], see `find_twins`.
    """
    left, right = looked_up(twin, pairs.left), looked_up(twin, pairs.right)
    left, right = np.minimum(left, right), np.maximum(left, right)
    order = together(left, right)

    def part(number: int) -> tuple[Scored, Flags]:
        chosen = order[number * TOLD : (number + 1) * TOLD]
        a, b = left[chosen], right[chosen]
        same_document = document[pairs.left[chosen]] == document[pairs.right[chosen]]
        place = equals((a.astype(np.int64) << 31 | b) << 1 | same_document)
        once = place == np.arange(len(place))
        a, b = a[once], b[once]
        scored = score(batch.terms, batch.lexicon, a, b, same_document[once], batch.keys[a] == batch.keys[b], least)
        return scored.take((np.cumsum(once) - 1)[place]), once

    scored, looked_at = Scored.none(len(pairs)), np.zeros(len(pairs), dtype=bool)
    for number, (some, once) in enumerate(in_parts(part, -(-len(pairs) // TOLD), jobs)):
        chosen = order[number * TOLD : (number + 1) * TOLD]
        looked_at[chosen] = once
        scored.put(chosen, some)
        progress.advance(len(some))
    return scored, looked_at


def _boilerplate(found: Found, config: Config, past: Sequence[Past]) -> Integers:
    """Number of the boilerplate that each paragraph is, whatever the least score: it is decided among repeats.

    Of an earlier document that has a copy all else is looked up, as what it shares is told by that.
    """
    repeat = found.scored.reach(DECISION)
    pairs, kind, texts = found.pairs.where(repeat), found.scored.kind[repeat], found.paragraphs.text
    text, document = found.copies.class_of, found.paragraphs.document_row
    if not found.recalled and not may_be_there(document, config.boilerplate_documents):
        return np.zeros(len(texts), dtype=np.int64)
    checked = np.fromiter(map(len, texts), dtype=np.int64, count=found.paragraphs.checked)
    length = np.concatenate([checked, *(one.lengths for one in found.recalled)])
    if found.recalled and config.boilerplate_documents:
        rest = rest_of(past, found.recalled, found.paragraphs, _copying(found, pairs.where(is_copied(kind))))
        text = np.unique(np.append(found.keys, rest.key), return_inverse=True)[1].astype(np.int32)
        document, length = np.append(document, rest.document), np.append(length, rest.length)
    limits = config.boilerplate_documents, config.boilerplate_overlap
    number = find_boilerplate(text, pairs, kind, found.scored.pasted[repeat], document, length, *limits)
    return number[: len(texts)]


def _copying(found: Found, pairs: Candidates) -> Integers:
    """Recalled documents with a text that one of these pairs has, ascending."""
    paired = np.zeros(len(found.copies.rows), dtype=bool)
    paired[found.copies.class_of[np.append(pairs.left, pairs.right)]] = True
    rows = np.flatnonzero(paired[found.copies.class_of])
    return each_once(found.paragraphs.document_row[rows[rows >= found.paragraphs.checked]].astype(np.int64))


def _joined(least: float, *parts: tuple[Candidates, Scored]) -> tuple[Candidates, Scored]:
    """The pairs of all parts that reach a score."""
    reaching = [(pairs, scored, np.flatnonzero(scored.reach(least))) for pairs, scored in parts]
    pairs = Candidates(
        np.concatenate([pairs.left[chosen] for pairs, _, chosen in reaching]),
        np.concatenate([pairs.right[chosen] for pairs, _, chosen in reaching]),
        sum(pairs.capped for pairs, _, _ in reaching),
    )
    return pairs, Scored.concatenated([scored.take(chosen) for _, scored, chosen in reaching])
