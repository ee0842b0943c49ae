"""Stores of what was published: one module a store, each with `exists`, `create`, `open`, `new` and `shown`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from importlib import import_module
from typing import Final, ParamSpec, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from dedup.columns import Integers, Ragged
from dedup.errors import ConfigError, InputError, OutputError
from dedup.indexes.entries import Entry, Header, Passage
from dedup.indexes.scheme import Scheme

STORES: Final = {  # by the scheme of an address
    "memory": "dedup.indexes.memory",
    "sqlite": "dedup.indexes.sqlite",
    "redis": "dedup.indexes.redis",
    "rediss": "dedup.indexes.redis",
}
DEFAULT: Final = "sqlite"  # of a path
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_SLIP: Final = re.compile(r"rediss?:(?!//)", re.IGNORECASE)

NEAREST: Final = 64  # passages of a bucket that are recalled, those added last: of a footer there may be a million
FULLEST: Final = 1_024  # passages that a bucket may hold: one more, and the oldest goes


Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")
Sign = Callable[[Sequence[Entry]], NDArray[np.uint32]]  # documents → the signatures of their passages


class RebuiltError(OutputError):
    """Others rebuilt an index while it was read: what is asked next is answered by its new weights."""


def asked_again(ask: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The same question, asked once more if the index was rebuilt meanwhile."""

    @wraps(ask)
    def asked(*given: Asked.args, **named: Asked.kwargs) -> Answer:
        try:
            return ask(*given, **named)
        except RebuiltError:
            return ask(*given, **named)

    return asked


class Store(Protocol):
    """Documents with their passages, and buckets of passages by the bands of their signatures and by their texts.

    A passage has a number of its own; of two, the one that was inserted later has the greater one. signatures: uint32[n,
    positions] of n passages, all EMPTY of one without weight, which is in no bucket of a band. What cannot be read or written
    raises InputError or OutputError.
    """

    location: str
    scheme: Scheme

    @property
    def format_version(self) -> int | None:
        """Of how it is written, if it is."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """What is done in it is done as a whole or not at all, and nobody else writes meanwhile.

        The scheme is that of the index now, here and in a snapshot: others may have rebuilt it.
        """
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """What is read in it is as it was at one moment, or raises RebuiltError. Others may have to wait to write."""
        ...

    def find(self, identities: Sequence[str]) -> list[Entry]:
        """The documents of these identities that are there, in the order in which they are asked for."""
        ...

    def insert(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """Put in documents that are not there. signatures: of their passages, one document after the other."""
        ...

    def delete(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """Take out documents that are there. entries: as `find` gives them; signatures: as they were inserted."""
        ...

    def replan(self, scheme: Scheme) -> None:
        """Take another scheme: all documents stay, but what is in a bucket has to be entered anew."""
        ...

    def enter(self, entries: Sequence[Entry], signatures: NDArray[np.uint32]) -> None:
        """Put passages of documents that are there into their buckets, as `insert` does too."""
        ...

    def buckets(self, signatures: NDArray[np.uint32], keys: NDArray[np.uint64], most: int) -> tuple[Ragged[np.int64], Integers]:
        """For each of n texts the numbers of the passages that share a bucket, ascending.

        And for each bucket of which these are not all, the row of its text. keys: uint64[n], of the texts. most: passages of a
        bucket, the last ones.
        """
        ...

    def fetch(self, numbers: Integers) -> list[tuple[Header, Passage]]:
        """The passages of these numbers, each with its document."""
        ...

    def sizes(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        ...

    def room(self) -> int | None:
        """How many bytes it takes, if that is known."""
        ...

    def __iter__(self) -> Iterator[Entry]:
        """All documents, by identity."""
        ...

    def verify(self, sign: Sign) -> None:
        """Look at all of it, and whether each passage is in all the buckets that it should be in. sign: as it was inserted.

        Raises InputError if it is damaged.
        """
        ...

    def compact(self) -> None:
        """Give back what room is not needed."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class _Opener(Protocol):
    def exists(self, location: str) -> bool: ...

    def create(self, location: str, scheme: Scheme) -> Store: ...

    def open(self, location: str, *, writable: bool) -> Store: ...

    def new(self, location: str, scheme: Scheme) -> AbstractContextManager[Store]: ...

    def shown(self, location: str) -> str: ...


def store_exists(location: str) -> bool:
    """Whether there is something that could be opened."""
    return _opener(location).exists(location)


def open_store(location: str, *, writable: bool = False) -> Store:
    """Open what is there. Raises InputError if nothing is, or if it is no index; ConfigError for what is no address."""
    return _opener(location).open(location, writable=writable)


def create_store(location: str, scheme: Scheme) -> Store:
    """Make an empty one, or open the one that somebody else has made meanwhile."""
    return _opener(location).create(location, scheme)


@contextmanager
def new_store(location: str, scheme: Scheme) -> Iterator[Store]:
    """An empty one, in a transaction: it is there when this ends, with all that was put into it, and not at all if it fails.

    Raises InputError if there is one already.
    """
    opener = _opener(location)
    try:
        with opener.new(location, scheme) as store:
            yield store
    except FileExistsError as error:
        raise InputError(opener.shown(location), "it is there already", "name an index that is not there yet") from error


def stand_in(location: str, scheme: Scheme) -> Store:
    """An empty one in memory, called like one that is not there yet."""
    return _opener("memory://").create(_opener(location).shown(location), scheme)


def _opener(location: str) -> _Opener:
    """What an address names, or a path: also one of another drive, C://a.db. Raises ConfigError for other addresses."""
    if _SLIP.match(location):  # no path: the error that it is not there would show a password
        raise ConfigError("INDEX: no address of Redis, which begins with redis:// or rediss://; give redis://HOST/DB?name=NAME")
    scheme = _SCHEME.match(location)
    kind = scheme[1] if scheme else DEFAULT
    if kind not in STORES or (scheme and kind == DEFAULT):
        known = "the path of a file, redis://HOST/DB?name=NAME or rediss:// through TLS"
        raise ConfigError(f"INDEX: {kind}:// is no address that an index can have; give {known}")
    return cast(_Opener, import_module(STORES[kind]))
