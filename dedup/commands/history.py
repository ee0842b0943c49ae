"""The indexes that a command line names: what is asked, and what is added."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dedup.complaints import complain
from dedup.config import STANDARD_INPUT, Config
from dedup.dates import instant
from dedup.errors import ConfigError

if TYPE_CHECKING:
    from dedup.index import Added, Index
    from dedup.indexes import Store
    from dedup.indexes.scheme import Scheme
    from dedup.model import Document
    from dedup.results import Result
    from dedup.verdict import Verdict

DAY: Final = 86_400  # seconds
_SPAN: Final = re.compile(r"(\d{1,6})\s*([dw])")  # longer than there is writing
_DAYS: Final = {"d": 1, "w": 7}


@dataclass(frozen=True)
class History:
    """The options. against: indexes. add: record what was checked, if it passed. with_text: if it makes one, keep texts.

    Raises ConfigError for options that contradict each other.
    """

    against: Sequence[str]
    add: bool
    since: str | None
    window: str | None
    root: str | None
    config: Config
    with_text: bool

    def __post_init__(self) -> None:
        if self.against and self.config.scope == "within":
            raise ConfigError("--against: not together with --scope within, which looks into single documents; leave one out")
        if len({os.path.realpath(location) for location in self.against}) < len(self.against):
            raise ConfigError("--against: an index is named twice; name each once")
        if self.add and len(self.against) != 1:
            raise ConfigError("--add: to no index, or to several; name the one with --against INDEX")
        for option, given in (("--since", self.since), ("--window", self.window), ("--root", self.root)):
            if given is not None and not self.against:
                raise ConfigError(f"{option}: there is no index that it is for; name one with --against INDEX")
        if self.since is not None and self.window is not None:
            raise ConfigError("--since: not together with --window; leave one of them out")
        self._earliest()

    @contextmanager
    def opened(self) -> Iterator[list[Index]]:
        """The indexes as they are now, to be read only. Raises InputError for one that is not there, or is damaged."""
        if not self.against:
            yield []
            return
        from dedup.index import Index
        from dedup.indexes import open_store, stand_in, store_exists
        from dedup.indexes.scheme import Scheme

        with ExitStack() as opened:
            indexes, since = [], self._since_told()
            for location in self.against:
                there = store_exists(location) or not self.add
                usual = Scheme.usual(self.config, with_text=self.with_text)
                store = open_store(location) if there else stand_in(location, usual)
                opened.enter_context(closing(store))
                if self.add and not self.with_text:
                    refuse_texts(store)
                indexes.append(Index(self.config, store, root=self.root, since=since))
            yield indexes

    def record(self, result: Result, verdict: Verdict) -> None:
        """Add what was checked, if that is asked and the check passed; else say which indexes have nothing to compare with."""
        checked = result.paragraphs.documents[: result.paragraphs.checked_documents]
        documents = list(unnamed_told(checked) if self.against else checked)
        recalled = result.paragraphs.documents[result.paragraphs.checked_documents :]
        dated = [*(documents if self.add else ()), *(recalled if self.since or self.window else ())]
        deque(dates_told(dated), maxlen=0)
        if not self.add:
            for one in result.against:
                if not one.documents:
                    complain(f"{one.index}: there are no documents in it to compare with; dedup index add makes them known")
            return
        if verdict.outcome != "passed" and (result.errors or not result.compared_nothing):
            complain(f"{result.against[0].index}: nothing added, as the check has not passed")
            return
        from dedup.indexes import store_exists

        [location] = self.against
        if not store_exists(location):
            make(location, self.config, with_text=self.with_text)
        with opened_index(location, self.config, writable=True, root=self.root) as kept:
            complain(f"{kept.store.location}: {told(kept.add(documents))}")

    def _since_told(self) -> float | None:
        """The earliest date that is recalled; say on standard error if that leaves out all that could have been published."""
        now, earliest = time.time(), self._earliest()
        if earliest is not None and earliest >= now:
            option, advice = ("--since", "name an earlier day") if self.window is None else ("--window", "give more days")
            complain(f"{option}: leaves out all that was published until now; {advice}")
        return earliest

    def _earliest(self) -> float | None:
        if self.window is not None:
            span = _SPAN.fullmatch(self.window.strip())
            if span is None:
                advice = "give days or weeks, such as 90d or 12w, of six digits at most"
                raise ConfigError(f"--window: {self.window!r} is no span of time; {advice}")
            return time.time() - DAY * int(span[1]) * _DAYS[span[2]]
        return None if self.since is None else point_in_time(self.since, "--since")


def point_in_time(date: str, option: str) -> float:
    """Seconds since 1970 of the date that an option names. Raises ConfigError."""
    moment = instant(date)
    if moment is None:
        raise ConfigError(f"{option}: {date!r} is no date; give one such as 2026-05-31")
    return moment


def make(location: str, config: Config, *, learn_from: Sequence[str] = (), with_text: bool = True) -> None:
    """Make an empty index. learn_from: see `learned`; none: the weights are those of the prior."""
    from dedup.indexes import create_store
    from dedup.indexes.scheme import Scheme

    usual = Scheme.usual(config, with_text=with_text)
    create_store(location, learned(learn_from, config, with_text=with_text) if learn_from else usual).close()


def learned(paths: Sequence[str], config: Config, *, with_text: bool) -> Scheme:
    """The weights and the plan of the documents of these paths.

    Raises InputError for what cannot be read, ConfigError if there is nothing to learn from.
    """
    from dedup.index import learned_scheme
    from dedup.readers import Source

    source = Source(paths, config)
    documents = list(source)
    for error in source.errors:
        raise error
    return learned_scheme(documents, config, with_text=with_text)


def learn_again(kept: Index, paths: Sequence[str]) -> None:
    """Let an index weigh by these paths, as if it were made now, as long as there is nothing in it.

    Raises ConfigError if there is, unless its weights are those already: what was cut off can be run again.
    """
    from dedup.upkeep import rebuild

    scheme = learned(paths, kept.config, with_text=kept.store.scheme.with_text)
    if scheme.fingerprint == kept.store.scheme.fingerprint:
        return
    if kept.store.sizes() != (0, 0):
        raise ConfigError("--learn-from: the index is there already, and weighs otherwise; dedup index rebuild learns anew")
    rebuild(kept, scheme)


def refuse_texts(store: Store) -> None:
    """Raise ConfigError if it keeps texts."""
    if store.scheme.with_text:
        raise ConfigError(f"--no-text: {store.location} keeps texts already; leave it out, or make another index")


def unnamed_told(documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents, and say once of each file on standard error that an index knows them by their places only."""
    files = set()
    for document in documents:
        if document.id in (STANDARD_INPUT, f"{document.file}:{document.line}") and document.file not in files:
            files.add(document.file)
            what = "no ids, so an index takes what stands in a place next for a later version of what stood there"
            advice = "give a file" if document.id == STANDARD_INPUT else "give each record (see --id-field) or item an id"
            complain(f"{document.file}: {what}; {advice}")
        yield document


def dates_told(documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents, and say then on standard error how many of them have a date that cannot be read."""
    unread: list[Document] = []
    count = 0
    for document in documents:
        if document.date and instant(document.date) is None:
            unread, count = unread or [document], count + 1
        yield document
    for document in unread:
        where = document.index or document.file or document.id
        what = f"no date that can be read in {count:,} of the documents, which count by the day of their adding"
        complain(f"{where}: {what} ({document.date!r}); write dates such as 2026-05-31")


def told(added: Added) -> str:
    """Say how many documents were added."""
    return f"{added.new:,} added, {added.changed:,} changed, {added.unchanged:,} unchanged"


@contextmanager
def opened_index(
    location: str, config: Config | None = None, *, writable: bool = False, root: str | None = None
) -> Iterator[Index]:
    """The index, by its own settings unless others are given."""
    from dedup.index import Index
    from dedup.indexes import open_store

    with closing(open_store(location, writable=writable)) as store:
        yield Index(config or Config(language=store.scheme.language), store, root=root)


def facts(kept: Index) -> dict[str, Any]:
    """How much is kept, by which settings and versions: ready for JSON."""
    store, scheme, (documents, paragraphs) = kept.store, kept.store.scheme, kept.store.sizes()
    return {
        "index": store.location,
        "documents": documents,
        "paragraphs": paragraphs,
        "bytes": store.room(),
        "learned_from": scheme.weights.paragraphs,
        "bands": scheme.plan.bands,
        "rows": scheme.plan.rows,
        "with_text": scheme.with_text,
        "language": scheme.language,
        "fingerprint": scheme.fingerprint,
        "method": scheme.method,
        "made_by": scheme.made_by,
        "index_format": store.format_version,
    }


def described(kept: Index) -> Iterator[str]:
    """Yield the same in lines of text."""
    told = facts(kept)
    yield f"documents: {told['documents']:,}"
    yield f"paragraphs: {told['paragraphs']:,}"
    if told["bytes"] is not None:
        yield f"bytes: {told['bytes']:,}"
    learned_from = told["learned_from"]
    yield f"weights: {f'learned from {learned_from:,} paragraphs' if learned_from else 'those of the prior'}"
    yield f"plan: {told['bands']} bands of {told['rows']} rows"
    yield f"texts: {'kept' if told['with_text'] else 'not kept'}"
    yield f"language: {told['language'] or 'told from each text'}"
    yield f"settings: {told['fingerprint']}, method {told['method']}"
    yield f"made by: dedup {told['made_by']}, as an index of format {told['index_format']}"
