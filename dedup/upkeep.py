"""What is done to an index as a whole: learned anew, written down, read again, rid of what is old."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from dedup.columns import Terms
from dedup.config import Config
from dedup.errors import InputError
from dedup.index import Index, scheme_of
from dedup.indexes import Store, create_store
from dedup.indexes.entries import Entry, Header, Passage, some_of
from dedup.indexes.scheme import Scheme
from dedup.model import Document

FORMAT: Final = "index of dedup"
FORMAT_VERSION: Final = 1
TOGETHER: Final = 500  # documents that are forgotten at once: others may write in between
RESTORE: Final = "name a file that dedup index export wrote, whole"


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


def exported(store: Store) -> Iterator[str]:
    """Lines of JSON: what the index is made by, then a document each."""
    with store.snapshot():
        sizes = dict(zip(("documents", "paragraphs"), store.sizes(), strict=True))
        scheme = json.loads(store.scheme.encoded())
        yield json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION, **sizes, "scheme": scheme})
        for entry in store:
            head = entry.header._asdict()
            del head["digest"]
            paragraphs = [_written(passage, with_text=store.scheme.with_text) for passage in entry.passages]
            yield json.dumps({**head, "paragraphs": paragraphs}, ensure_ascii=False)


def imported(lines: Iterable[bytes], file: str, location: str) -> Store:
    """Make an index of what `exported` wrote, read and sketched as this version does: all of it or nothing.

    Raises InputError for what is no such thing, or not the whole of it.
    """
    numbered = enumerate(lines, 1)
    scheme, sizes = _head(next(numbered, (1, b""))[1], file)
    index = Index(Config(language=scheme.language), create_store(location, scheme))
    if index.store.sizes()[0] or index.store.scheme.fingerprint != scheme.fingerprint:
        raise InputError(location, "it is there already", "name an index that is not there yet")
    there = 0, 0
    with index.store.transaction():
        for some in some_of(_once_each(_read(line, f"{file}:{number}", scheme) for number, line in numbered)):
            terms, zipf = index.terms([passage for entry in some for passage in entry.passages])
            index.store.insert(_keyed(some, terms), index.sign(terms, zipf))
            there = there[0] + len(some), there[1] + len(terms)
        if there != sizes:
            raise InputError(file, f"not all of the {sizes[0]:,} documents that were exported are in it", RESTORE)
    return index.store


def _keyed(entries: list[Entry], terms: Terms) -> list[Entry]:
    """The same, with the keys that their texts have in this version."""
    keys = iter(terms.keys.tolist())
    return [_entry(entry.header, [passage._replace(key=next(keys)) for passage in entry.passages]) for entry in entries]


def _entry(head: Header, passages: list[Passage]) -> Entry:
    document = Document(head.id, "", head.file, head.date, line=head.line)
    return Entry.of(head.identity, document, head.file, head.added, passages)


def _once_each(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen = set()
    for entry in entries:
        if entry.header.identity in seen:
            raise InputError(entry.header.identity, "this document is in the export twice", RESTORE)
        seen.add(entry.header.identity)
        yield entry


def _written(passage: Passage, *, with_text: bool) -> dict[str, Any]:
    place = {"position": passage.position, "line": passage.line, "hash": f"{passage.key:016x}", "length": passage.length}
    if with_text:
        return {**place, "text": passage.content.decode("utf-8")}
    return {**place, "terms": base64.b64encode(passage.content).decode("ascii")}


def _head(line: bytes, file: str) -> tuple[Scheme, tuple[int, int]]:
    try:
        head = json.loads(line)
        if head["format"] != FORMAT:
            raise KeyError("format")
        version, scheme = head["format_version"], Scheme.decoded(json.dumps(head["scheme"]))
        sizes = int(head["documents"]), int(head["paragraphs"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}:1", "no exported index of dedup", RESTORE) from error
    if version != FORMAT_VERSION:
        what = f"an index of format version {version!r}, and this dedup reads {FORMAT_VERSION}"
        raise InputError(f"{file}:1", what, "use the dedup that wrote it")
    method = Config().fingerprint()
    if scheme.method != method and not scheme.with_text:
        what = "an index without texts of another version of dedup or of Unicode"
        raise InputError(f"{file}:1", what, "make it anew from the documents")
    return Scheme(scheme.plan, scheme.weights, scheme.language, scheme.with_text, method), sizes


def _read(line: bytes, where: str, scheme: Scheme) -> Entry:
    try:
        row = json.loads(line)
        passages = [_passage(one, with_text=scheme.with_text) for one in row["paragraphs"]]
        head = (row["identity"], row["id"], row["file"], row["date"], row["line"], float(row["added"]), b"")
        return _entry(Header.sound(*head), passages)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(where, f"no document of an index ({error})", RESTORE) from error


def _passage(row: dict[str, Any], *, with_text: bool) -> Passage:
    content = row["text"].encode("utf-8") if with_text else base64.b64decode(row["terms"], validate=True)
    return Passage.sound(int(row["position"]), int(row["line"]), int(row["hash"], 16), int(row["length"]), content)
