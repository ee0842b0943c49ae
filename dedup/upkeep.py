"""What is done to an index as a whole: learned anew, rid of what is old."""

from __future__ import annotations

from typing import Final

from dedup.index import Index, scheme_of
from dedup.indexes.entries import Header, some_of
from dedup.indexes.scheme import Scheme

TOGETHER: Final = 500  # documents that are forgotten at once: others may write in between


def rebuild(index: Index, scheme: Scheme | None = None) -> None:
    """Take the weights and the plan of a scheme, or those of what is kept, and sketch it anew: all or nothing is done."""
    store = index.store
    with store.transaction():
        entries = [entry for some in some_of(store) for entry in some]
        if scheme is None and any(entry.passages for entry in entries):
            terms, zipf = index.terms([passage for entry in entries for passage in entry.passages])
            scheme = scheme_of(terms, zipf, index.config, with_text=store.scheme.with_text)
        if scheme is not None:
            store.replan(scheme)
            for some in some_of(entries):
                store.enter(some, index.signatures(some))


def expire(index: Index, before: float) -> int:
    """Forget the documents of before a point in time, and say how many; one without a date has that on which it was added."""

    def is_old(header: Header) -> bool:
        return header.moment < before

    with index.store.snapshot():
        old = [entry.header.identity for entry in index.store if is_old(entry.header)]
    some = (old[first : first + TOGETHER] for first in range(0, len(old), TOGETHER))
    return sum(index.forget(identities, is_old) for identities in some)  # a later version may have come meanwhile
