"""A check: the steps in order, and nothing else.

documents → paragraphs → terms → signatures → candidates → pairs → boilerplate → groups
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.boilerplate import find_boilerplate
from dedup.columns import Candidates, Integers, Terms
from dedup.config import Config
from dedup.copies import Copies, equal_pairs, find_copies, per_document, spread, union
from dedup.errors import InputError
from dedup.groups import bridges
from dedup.jobs import checked, in_parts
from dedup.lsh import SAMPLE, Plan, candidates_across, candidates_within, plan_bands
from dedup.minhash import PERMUTATIONS, Signer
from dedup.model import DECISION, Document, Pair, Paragraphs, Place
from dedup.paragraphs import split
from dedup.profiles import Floats, Lexicon
from dedup.progress import SILENT, Progress
from dedup.rarity import learned_weights, prior_weights, score_weights, worn_out, zipf_frequencies
from dedup.results import Result
from dedup.rows import PairRows, pairs_of
from dedup.similarity import Scored, hopeful, score, together
from dedup.terms import find_terms

WITHIN_BANDS: Final = 128  # one row each: 0.92 of the pairs of a document whose weighted similarity is 0.02
VARIATIONS: Final = Plan(rows=4, bands=16)  # 0.999 of the pairs whose weighted similarity is 0.8
LONG_DOCUMENT: Final = 250  # paragraphs; a longer document is nominated like a collection
READ: Final = 16  # documents read between two words on the progress
TOLD: Final = 1 << 13  # the same of pairs scored


@dataclass(frozen=True)
class Batch:
    """Everything the later steps know of n paragraphs. keys: uint64[n], equal for equal texts; zipf: float64 of each term."""

    terms: Terms
    lexicon: Lexicon
    zipf: Floats
    keys: NDArray[np.uint64]


def check(documents: Iterable[Document], config: Config | None = None, progress: Progress = SILENT, *, jobs: int = 1) -> Result:
    """Find the repeats in documents. jobs: how many processes divide what can be divided; the result is the same.

    Raises InputError if two documents of one file share an id, ConfigError for fewer than one process.
    """
    config, jobs = config or Config(), checked(jobs)
    progress.begin("read", unit="documents")
    paragraphs = split(_once_each(documents, progress), config)
    progress.begin("terms", len(paragraphs.text), "paragraphs")
    batch = prepare(paragraphs.text, config.language)
    document = paragraphs.document_row
    keys = per_document(batch.keys, document) if config.scope == "within" else batch.keys
    copies = find_copies(keys, document, _place_key(paragraphs))
    progress.begin("candidates", len(copies.rows), "different texts")
    candidates, plan = nominate(batch, copies, document, config.scope, jobs)
    progress.begin("score", len(candidates), "pairs")
    least = min(config.min_score, DECISION)  # what has less is neither reported nor a bridge
    scored = _score(batch, candidates, document, progress, least, jobs)
    classes = copies.class_of[candidates.left], copies.class_of[candidates.right]
    missing = spread(copies, bridges(*classes, scored.score, len(copies.rows), DECISION))
    missing = _cut(batch, _in_scope(missing, document, config.scope), document, jobs)
    progress.begin("bridges", len(missing), "pairs")
    candidates, scored = _joined((candidates, scored), (missing, _score(batch, missing, document, progress, least, jobs)))
    progress.begin("groups")
    boilerplate = _boilerplate(paragraphs, copies, candidates, scored, config)
    listed = copies.count(candidates.left, candidates.right)
    return Result(config, paragraphs, PairRows.ranked(paragraphs, config, candidates, scored, listed, boilerplate), plan)


def compare(a: str, b: str, *, same_document: bool = False, language: str | None = None) -> Pair:
    """Score two texts, each taken as one paragraph. The score is that of a check in which they stand so."""
    batch = prepare([a, b], language)
    one, other = np.array([0]), np.array([1])
    scored = score(batch.terms, batch.lexicon, one, other, np.array([same_document]), batch.keys[:1] == batch.keys[1:])
    document, paragraph = ("a", 1) if same_document else ("b", 0)
    [(value, kind, evidence)] = pairs_of(scored)
    return Pair(value, kind, Place(None, "a", 0, 1, a), Place(None, document, paragraph, 1, b), evidence)


def prepare(texts: list[str], language: str | None) -> Batch:
    """Terms of every text and what the prior says of them."""
    terms = find_terms(texts, language)
    zipf = zipf_frequencies(terms.spelling, terms.hash)
    return Batch(terms, Lexicon.of(terms.spelling, zipf, score_weights(zipf)), zipf, terms.keys)


def nominate(
    batch: Batch, copies: Copies, document: NDArray[np.int32], scope: str, jobs: int = 1
) -> tuple[Candidates, Plan | None]:
    """Pairs worth a score: equal texts, and what two plans find; and the plan across documents. document: int32[n]."""
    terms = batch.terms
    frequency = np.bincount(terms.distinct.values, minlength=len(terms.spelling))
    learned, prior = learned_weights(batch.zipf, frequency, len(terms)), prior_weights(batch.zipf)
    signer = partial(Signer, terms.distinct, terms.hash, learned)
    sizes = np.bincount(document, minlength=1)[document]
    found, plan = [_in_scope(equal_pairs(copies), document, scope)], None
    worn_classes = worn_out(terms.distinct, learned, prior)[copies.first]
    worn, telling = np.flatnonzero(worn_classes), np.flatnonzero(~worn_classes)
    if len(worn):
        found.append(_cut(batch, _in_scope(_alike(batch, copies, worn, prior), document, scope), document, jobs))
    if scope != "across":
        rows = np.flatnonzero((sizes > 1) & (sizes <= LONG_DOCUMENT) & copies.heard)
        filled, sign = signer(rows).filled()
        rows = rows[filled]
        within = candidates_within(sign, sign.empty, document[rows], WITHIN_BANDS).among(rows)
        found.append(within.where(~copies.equal(within)))
    if (sizes > LONG_DOCUMENT).any() or (scope != "within" and len(document) and document.min() != document.max()):
        # Without the worn ones: thousands of variations of one text would spend the budget of all the others.
        filled, sign = signer(copies.first[telling]).filled()
        telling = telling[filled]
        sample = copies.first[telling[:SAMPLE]]  # the order of keys is a random one
        plan = plan_bands(signer(sample)(0, PERMUTATIONS), len(telling))
        across = candidates_across(sign, sign.empty, plan, jobs).among(telling)
        found.append(_cut(batch, _in_scope(spread(copies, across), document, scope), document, jobs))
    return union(found), plan


def _alike(batch: Batch, copies: Copies, worn: Integers, prior: Integers) -> Candidates:
    """Pairs of variations of one text, by the weights of the prior. worn: the classes whose learned weights do not tell."""
    filled, sign = Signer(batch.terms.distinct, batch.terms.hash, prior, copies.first[worn]).filled()
    return spread(copies, candidates_across(sign, sign.empty, VARIATIONS).among(worn[filled]))


def _score(batch: Batch, pairs: Candidates, document: NDArray[np.int32], progress: Progress, least: float, jobs: int) -> Scored:
    order = together(pairs.left, pairs.right)

    def part(number: int) -> Scored:
        chosen = order[number * TOLD : (number + 1) * TOLD]
        left, right = pairs.left[chosen], pairs.right[chosen]
        equal = batch.keys[left] == batch.keys[right]
        return score(batch.terms, batch.lexicon, left, right, document[left] == document[right], equal, least)

    parts = []
    for scored in in_parts(part, max(1, -(-len(pairs) // TOLD)), jobs):
        parts.append(scored)
        progress.advance(len(scored.score))
    return Scored.concatenated(parts).take(np.argsort(order))


def _boilerplate(paragraphs: Paragraphs, copies: Copies, pairs: Candidates, scored: Scored, config: Config) -> Integers:
    """Number of the boilerplate that each paragraph is, whatever the least score: it is decided among repeats."""
    repeat = scored.score >= DECISION
    length = np.fromiter(map(len, paragraphs.text), dtype=np.int64, count=len(paragraphs.text))
    places, limits = (paragraphs.document_row, length), (config.boilerplate_documents, config.boilerplate_overlap)
    return find_boilerplate(copies.class_of, pairs.where(repeat), scored.kind[repeat], scored.pasted[repeat], *places, *limits)


def _in_scope(pairs: Candidates, document: NDArray[np.int32], scope: str) -> Candidates:
    if scope == "all":
        return pairs
    same_document = document[pairs.left] == document[pairs.right]
    return pairs.where(same_document if scope == "within" else ~same_document)


def _cut(batch: Batch, pairs: Candidates, document: NDArray[np.int32], jobs: int) -> Candidates:
    """Drop pairs of two documents whose terms leave too little hope for the rest of the score."""
    hope = hopeful(batch.terms.distinct, batch.lexicon, pairs.left, pairs.right, jobs)
    return pairs.where(hope | (document[pairs.left] == document[pairs.right]))


def _joined(*parts: tuple[Candidates, Scored]) -> tuple[Candidates, Scored]:
    pairs = Candidates(
        np.concatenate([pairs.left for pairs, _ in parts]),
        np.concatenate([pairs.right for pairs, _ in parts]),
        sum(pairs.capped for pairs, _ in parts),
    )
    return pairs, Scored.concatenated([scored for _, scored in parts])


def _once_each(documents: Iterable[Document], progress: Progress) -> Iterator[Document]:
    seen: dict[str | None, set[str]] = defaultdict(set)
    count = 0
    for count, document in enumerate(documents, 1):
        if not isinstance(document, Document) or not (isinstance(document.id, str) and isinstance(document.text, str)):
            raise InputError(repr(document)[:60], "not a document", "give Document(id, text), both of type str")
        named = seen[document.file]
        if document.id in named:
            raise InputError(document.file or document.id, f"two documents named {document.id!r}", "give each an id of its own")
        named.add(document.id)
        if count % READ == 0:
            progress.advance(READ)
        yield document
    progress.advance(count % READ)


def _place_key(paragraphs: Paragraphs) -> Callable[[int], tuple[bool, str, int, str]]:
    """What decides which of many copies is the first.

    A document keeps its name when its file is split in two, so the file comes last. What a comment asks to ignore comes behind
    all else, as the others are paired with the first one.
    """
    ignored = {silence.row for silence in paragraphs.silences}

    def key(row: int) -> tuple[bool, str, int, str]:
        document = paragraphs.documents[paragraphs.document_row[row]]
        return row in ignored, document.id, int(paragraphs.position[row]), document.file or ""

    return key
