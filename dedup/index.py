"""What was published: added document by document, and asked what of it is repeated by what is about to be.

Between a text and a store stand the steps of a check: paragraphs → terms → signatures, by the weights and the plan of the
index.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.batch import prepare
from dedup.columns import Candidates, Integers, Terms, each_once, occurrences, share
from dedup.config import Config
from dedup.errors import ConfigError, InputError
from dedup.indexes import FULLEST, NEAREST, Store, asked_again, create_store, open_store
from dedup.indexes.contents import decoded_terms, encoded_terms, encoded_texts, term_names
from dedup.indexes.entries import Entry, Header, Passage, gathered, kept_paragraphs, writable
from dedup.indexes.scheme import MOST_BANDS, Scheme
from dedup.lsh import Plan, plan_bands
from dedup.minhash import PERMUTATIONS, Signer
from dedup.model import Against, Document, Paragraphs
from dedup.overlap import extents, shared
from dedup.paragraphs import split
from dedup.past import Recalled, listed_pairs, with_terms
from dedup.pipeline import check
from dedup.profiles import Lexicon
from dedup.rarity import Weights, score_weights, zipf_frequencies

if TYPE_CHECKING:
    from dedup.profiles import Floats
    from dedup.results import Result

MEMORY: Final = "memory://"
SIGNED: Final = 1 << 15  # paragraphs signed at a time
NEAR: Final = 0.5  # of the shorter one's weight is in the other: what is around such passages is recalled, too …
AROUND: Final = 1  # … but of so many of a paragraph only, the nearest
GATHERED: Final = 1 << 25  # characters of documents that are added together


class Added(NamedTuple):
    """Documents that were added: new ones, later versions of others, and those that were there as they are."""

    new: int
    changed: int
    unchanged: int


class Index:
    """Documents that were published, in a store; in memory, unless one is given.

    What terms weigh and how signatures are cut is fixed when a store is made. root: the folder that files are named from, so
    that a document keeps its name in another clone; None: the working directory. since: earlier documents are not recalled, in
    seconds since 1970; a document without a date has the one on which it was added.
    """

    def __init__(
        self, config: Config | None = None, store: Store | None = None, *, root: str | None = None, since: float | None = None
    ) -> None:
        self.config = config or Config()
        self.store = store or create_store(MEMORY, Scheme.usual(self.config))
        self.root = os.path.abspath(root or os.curdir)
        self.since = since
        self._most = NEAREST if since is None else FULLEST  # of a bucket: the last ones may all be too old
        self.store.scheme.check(self.config, self.store.location)

    @classmethod
    def learn(cls, documents: Iterable[Document], config: Config | None = None) -> Index:
        """An empty index in memory whose weights and plan are those of a collection."""
        config = config or Config()
        return cls(config, create_store(MEMORY, learned_scheme(documents, config)))

    @classmethod
    def open(cls, location: str, config: Config, *, writable: bool = False, **given: str | float | None) -> Index:
        """The index that is there. given: as when it is made. Raises InputError if there is none, or if it is damaged."""
        store = open_store(location, writable=writable)
        try:
            return cls(config, store, **given)  # type: ignore[arg-type]
        except BaseException:
            store.close()
            raise

    def add(self, documents: Iterable[Document]) -> Added:
        """Keep documents; a later version takes the place of the one before.

        What says the same as before stays as it is, with the day and the place that it was added on and from.
        All of some documents or nothing of them is kept, whatever happens. Raises InputError for two documents of one name.
        """
        seen: set[str] = set()
        counts = [self._add(some, seen) for some in gathered(documents, lambda document: len(document.text), GATHERED)]
        return Added(*(sum(column) for column in zip(*counts, strict=True))) if counts else Added(0, 0, 0)

    def remove(self, document: Document | str) -> bool:
        """Forget a document, or the one of this record or item id, or path from the root. Whether it was there."""
        return self.forget([writable(document) if isinstance(document, str) else self.identity(document)]) > 0

    def forget(self, identities: Sequence[str], meant: Callable[[Header], bool] = bool) -> int:
        """Forget documents, all or none of those that are meant when nobody else writes. How many they were."""
        with self.store.transaction():
            entries = [entry for entry in self.store.find(list(dict.fromkeys(identities))) if meant(entry.header)]
            self.store.delete(entries, self.signatures(entries))
        return len(entries)

    def query(self, documents: Iterable[Document]) -> Result:
        """The repeats of documents that are kept; those within and among the given ones are there too, as in any check."""
        return check(documents, self.config, past=[self])

    @asked_again
    def recall(self, paragraphs: Paragraphs, terms: Terms, zipf: Floats) -> Recalled:
        """See Past: what is kept of other documents, by bands of signatures and by equal texts.

        Also what is found in the same way for those that share most with a paragraph: rewritings of one text need not resemble
        each other as much as they resemble it.
        """
        names = np.array([self.identity(document) for document in paragraphs.documents], dtype=object)
        own = names[paragraphs.document_row]
        with self.store.snapshot():
            left, numbers, capped = self._met(terms, zipf)
            recalled = self._recalled(left, numbers, own, terms, capped)
            more_left, more_numbers = self._around(recalled, terms, zipf)
            if len(more_left) == 0:
                return recalled
            codes = np.unique(np.append(left, more_left) << 32 | np.append(numbers, more_numbers))
            return self._recalled(codes >> 32, codes & 0xFFFF_FFFF, own, terms, capped)

    def outlines(self, identities: Sequence[str]) -> dict[str, list[tuple[int, int, int]]]:
        """See Past."""
        with self.store.snapshot():
            return {
                entry.header.identity: [(passage.position, passage.key, passage.length) for passage in entry.passages]
                for entry in self.store.find(identities)
            }

    def identity(self, document: Document) -> str:
        """By which a later version of a document is known as such: its id, unless that is only the place where it stands."""
        file = self._from_root(document)
        if file is None or document.id not in (document.file, f"{document.file}:{document.line}"):
            return writable(document.id)
        return file if document.id == document.file else f"{file}:{document.line}"

    @property
    def against(self) -> Against:
        """See Past."""
        return Against(self.store.location, *self.store.sizes())

    def verify(self) -> None:
        """Look at all that is kept, and whether each paragraph is where it is looked for. Raises InputError."""
        with self.store.snapshot():
            self.store.verify(self._looked_at)

    def _add(self, documents: list[Document], seen: set[str]) -> tuple[int, int, int]:
        paragraphs = split(documents, self.config)
        batch = prepare(paragraphs.text, self.config.language)
        entries = self._entries(paragraphs, batch.terms, batch.zipf)
        for entry, document in zip(entries, paragraphs.documents, strict=True):
            if entry.header.identity in seen:
                what = f"two documents named {entry.header.identity!r}"
                raise InputError(document.file or document.id, what, "give each an id of its own")
            seen.add(entry.header.identity)
        rows = np.searchsorted(paragraphs.document_row, np.arange(len(entries) + 1))
        with self.store.transaction():
            before = {entry.header.identity: entry for entry in self.store.find([one.header.identity for one in entries])}
            old = [before.get(entry.header.identity) for entry in entries]
            said = [None if one is None else one.says() for one in old]
            changed = [n for n, entry in enumerate(entries) if said[n] != entry.says()]
            replaced = [one for one in (old[number] for number in changed) if one is not None]
            if replaced:
                self.store.delete(replaced, self.signatures(replaced))
            chosen = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(rows[n], rows[n + 1]) for n in changed)])
            self.store.insert([entries[number] for number in changed], self.sign(batch.terms, batch.zipf, chosen))
        return len(changed) - len(replaced), len(replaced), len(entries) - len(changed)

    def _entries(self, paragraphs: Paragraphs, terms: Terms, zipf: Floats) -> list[Entry]:
        contents = encoded_texts(paragraphs.text) if self.store.scheme.with_text else list(encoded_terms(terms, zipf))
        columns = (paragraphs.position.tolist(), paragraphs.line.tolist(), terms.keys.tolist(), map(len, paragraphs.text))
        passages = [Passage(*values) for values in zip(*columns, contents, strict=True)]
        edges = np.searchsorted(paragraphs.document_row, np.arange(len(paragraphs.documents) + 1)).tolist()
        now = time.time()
        return [
            Entry.of(self.identity(document), document, self._from_root(document), now, passages[first:last])
            for document, first, last in zip(paragraphs.documents, edges, edges[1:], strict=False)
        ]

    def _from_root(self, document: Document) -> str | None:
        if document.file is None or document.file == "-" or "://" in document.file:
            return document.file
        return writable(os.path.relpath(document.file, self.root).replace(os.sep, "/"))

    def _looked_at(self, entries: Sequence[Entry]) -> NDArray[np.uint32]:
        """The signatures of documents, if these are as they were added. Raises InputError."""
        passages = [passage for entry in entries for passage in entry.passages]
        terms, zipf = self.terms(passages)
        keys = np.array([passage.key for passage in passages], dtype=np.uint64)
        if (terms.keys != keys).any() or any(entry.header.digest != entry.digest() for entry in entries):
            raise damaged(self.store, "a document is not as it was added")
        return self.sign(terms, zipf)

    def signatures(self, entries: Sequence[Entry]) -> NDArray[np.uint32]:
        """Of passages that are kept: uint32[n, positions], one document after the other."""
        return self.sign(*self.terms([passage for entry in entries for passage in entry.passages]))

    def sign(self, terms: Terms, zipf: Floats, rows: Integers | None = None) -> NDArray[np.uint32]:
        """By the weights of the index: uint32[n, positions] of n rows. None: of all, in order."""
        scheme = self.store.scheme
        weights = scheme.weights.of(zipf, terms.hash)
        return Signer(terms.distinct, terms.hash, weights, np.arange(len(terms)) if rows is None else rows)(0, scheme.positions)

    def terms(self, passages: Sequence[Passage], known: Terms | None = None) -> tuple[Terms, Floats]:
        """The terms of passages. known: terms that are called in the same way here."""
        contents = [passage.content for passage in passages]
        try:
            if self.store.scheme.with_text:
                terms = prepare([content.decode("utf-8") for content in contents], self.config.language).terms
                return terms, zipf_frequencies(terms.spelling, terms.hash)
            spellings = {} if known is None else dict(zip(term_names(known).tolist(), known.spelling, strict=True))
            return decoded_terms(contents, np.array([passage.key for passage in passages], dtype=np.uint64), spellings)
        except (ValueError, IndexError, OverflowError) as error:
            raise damaged(self.store, f"a paragraph is none: {error}") from error

    def _met(self, terms: Terms, zipf: Floats) -> tuple[Integers, Integers, int]:
        """Rows and the numbers of passages that share a bucket with them; and of how many buckets not all."""
        left, numbers, capped = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], 0
        for first in range(0, len(terms), SIGNED):
            rows = np.arange(first, min(first + SIGNED, len(terms)))
            found, more = self.store.buckets(self.sign(terms, zipf, rows), terms.keys[rows], self._most)
            left.append(first + found.rows)
            numbers.append(found.values)
            capped += len(more)
        return np.concatenate(left), np.concatenate(numbers), capped

    def _is_recent(self, header: Header) -> bool:
        return self.since is None or header.moment >= self.since

    def _around(self, recalled: Recalled, terms: Terms, zipf: Floats) -> tuple[Integers, Integers]:
        """Rows, and the numbers of passages that share a bucket with one that has most of what they say."""
        both, frequencies = with_terms(terms, zipf, recalled)
        lexicon = Lexicon.of(both.spelling, frequencies, score_weights(frequencies))
        left, right = recalled.pairs.left, recalled.pairs.right + len(terms)
        weight = extents(both.distinct, lexicon).weight
        common = shared(both.distinct, lexicon, left, right).weight
        contained = share(common, np.minimum(weight.take(left), weight.take(right)))
        equal = both.keys[left] == both.keys[right]  # around these is what is around the paragraph itself
        near = np.flatnonzero((contained >= NEAR) & ~equal)
        near = near[np.lexsort((right[near], -contained[near], left[near]))]
        near = near[np.arange(len(near)) - np.searchsorted(left[near], left[near]) < AROUND]
        rows = each_once(recalled.pairs.right[near].astype(np.int64))
        found, _ = self.store.buckets(self.sign(recalled.terms, recalled.zipf, rows), recalled.terms.keys[rows], self._most)
        place = np.searchsorted(rows, recalled.pairs.right[near])
        return np.repeat(left[near].astype(np.int64), found.lengths[place]), found.take(place).values

    def _recalled(self, left: Integers, numbers: Integers, own: NDArray[np.object_], terms: Terms, capped: int) -> Recalled:
        """The passages of these numbers by their places, but those of older versions, and what is too old."""
        distinct, store = each_once(numbers), self.store
        kept = store.fetch(distinct)
        place = np.searchsorted(distinct, numbers)
        recent = np.array([self._is_recent(header) for header, _ in kept], dtype=bool)
        identities = np.array([header.identity for header, _ in kept], dtype=object)
        met = recent[place] & (own[left] != identities[place]) if len(place) else np.zeros(0, dtype=bool)
        left, place = left[met], place[met]
        used = each_once(place).tolist()
        used.sort(key=lambda number: (kept[number][0].file or "", kept[number][0].identity, kept[number][1].position))
        row = np.zeros(len(kept), dtype=np.int64)
        row[used] = np.arange(len(used))
        headers, passages = [kept[number][0] for number in used], [kept[number][1] for number in used]
        of, zipf = self.terms(passages, terms)
        order = np.lexsort((row[place], left))
        left, right = left[order], row[place[order]]
        listed = listed_pairs(left, terms.keys[left] == of.keys[right])
        kept_there = kept_paragraphs(headers, passages, store.location, with_text=store.scheme.with_text)
        named = [header.identity for header in dict.fromkeys(headers)]
        lengths = np.array([passage.length for passage in passages], dtype=np.int64)
        return Recalled(kept_there, lengths, named, of, zipf, Candidates.of(left[listed], right[listed], capped))


def damaged(store: Store, what: str) -> InputError:
    """What is to be said of an index that keeps what was never added."""
    advice = "restore it, or delete it and make it anew with dedup index add"
    return InputError(store.location, f"a damaged index ({what})", advice)


def learned_scheme(documents: Iterable[Document], config: Config, *, with_text: bool = True) -> Scheme:
    """The weights of a collection, and the plan that suits as many paragraphs as it has. Raises ConfigError if it has none."""
    batch = prepare(split(documents, config).text, config.language)
    if len(batch.terms) == 0:
        raise ConfigError("learn_from: there are no paragraphs to learn from; name documents, or leave it out")
    return scheme_of(batch.terms, batch.zipf, config, with_text=with_text)


def scheme_of(terms: Terms, zipf: Floats, config: Config, *, with_text: bool) -> Scheme:
    """The same of paragraphs, one at least. zipf: float64 of each term."""
    weights = Weights.learned(zipf, terms.hash, occurrences(terms.distinct.values, len(zipf)), len(terms))
    sample = np.linspace(0, len(terms) - 1, min(len(terms), 4_000)).astype(np.int64)
    _, sign = Signer(terms.distinct, terms.hash, weights.of(zipf, terms.hash), sample).filled()
    plan = plan_bands(sign(0, PERMUTATIONS), len(terms))
    return Scheme(Plan(plan.rows, min(plan.bands, MOST_BANDS)), weights, config.language, with_text, config.fingerprint())
