"""An index as lines of JSON, of which any later version can make it again: what it is made by, a document each, how many.

Each line has a sum of what it says, so that damage is told with its place.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from dedup.columns import Terms
from dedup.config import Config
from dedup.errors import InputError
from dedup.index import Index, damaged
from dedup.indexes import Store, new_store
from dedup.indexes.contents import check_terms
from dedup.indexes.entries import Entry, Header, Passage, some_of
from dedup.indexes.scheme import Scheme
from dedup.model import Document

FORMAT: Final = "index of dedup"
FORMAT_VERSION: Final = 3
RESTORE: Final = "name a file that dedup index export wrote, whole"
BROKEN: Final = (ValueError, KeyError, TypeError, OverflowError, RecursionError)  # what JSON of any kind may lead to


def exported(store: Store) -> Iterator[str]:
    """Lines of JSON: what the index is made by, a document each, and how much that was: in Redis others may write meanwhile.

    Raises InputError if it is damaged.
    """
    documents = paragraphs = 0
    with store.snapshot():
        scheme = json.loads(store.scheme.encoded())
        yield _summed({"format": FORMAT, "format_version": FORMAT_VERSION, "scheme": scheme})
        for entry in store:
            head = entry.header._asdict()
            del head["digest"]
            try:
                passages = [_written(passage, with_text=store.scheme.with_text) for passage in entry.passages]
            except UnicodeDecodeError as error:
                raise damaged(store, f"a paragraph is none: {error}") from error
            documents, paragraphs = documents + 1, paragraphs + len(passages)
            yield _summed({**head, "paragraphs": passages})
    yield _summed({"documents": documents, "paragraphs": paragraphs})


def imported(lines: Iterable[bytes], file: str, location: str) -> tuple[int, int]:
    """Make an index of what `exported` wrote, read and sketched as this version does: all of it or nothing.

    How many documents and paragraphs it has. Raises InputError for what is no such thing, or not the whole of it, and if the
    index is there already.
    """
    numbered = ((f"{file}:{number}", line) for number, line in enumerate(lines, 1))
    where, line = next(numbered, (f"{file}:1", b""))
    scheme, there = _head(line, where), (0, 0)
    with new_store(location, scheme) as store:
        index = Index(Config(language=scheme.language), store)
        for some in some_of(_documents(numbered, file, scheme)):
            terms, zipf = index.terms([passage for entry in some for passage in entry.passages])
            store.insert(_keyed(some, terms), index.sign(terms, zipf))
            there = there[0] + len(some), there[1] + len(terms)
    return there


def _summed(values: dict[str, Any]) -> str:
    return json.dumps({**values, "sum": _sum(values)}, ensure_ascii=False)


def _sum(values: dict[str, Any]) -> str:
    """CRC-32 of what values say, however they are spelled. Raises ValueError for lone surrogates and what is no number."""
    said = json.dumps(values, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return f"{zlib.crc32(said.encode('utf-8')):08x}"


def _values(line: bytes) -> dict[str, Any]:
    """What a line says, if it is as it was written. Raises what BROKEN has."""
    values = json.loads(line)
    if not isinstance(values, dict):
        raise TypeError("no object")
    if values.pop("sum", None) != _sum(values):
        raise ValueError("its sum is not that of what it says")
    return values


def _head(line: bytes, where: str) -> Scheme:
    try:
        head = json.loads(line)
        if head["format"] != FORMAT:
            raise KeyError("format")
        version = head["format_version"]
    except BROKEN as error:
        raise InputError(where, "no exported index of dedup", RESTORE) from error
    if version != FORMAT_VERSION:
        what = f"an index of format version {version!r}, and this dedup reads {FORMAT_VERSION}"
        raise InputError(where, what, "use the dedup that wrote it")
    try:
        scheme = Scheme.decoded(json.dumps(_values(line)["scheme"]))
    except BROKEN as error:
        raise _broken(where, error) from error
    method = Config().fingerprint()
    if scheme.method != method and not scheme.with_text:
        what = "an index without texts of another version of dedup or of Unicode"
        raise InputError(where, what, "make it anew from the documents")
    return Scheme(scheme.plan, scheme.weights, scheme.language, scheme.with_text, method)


def _documents(numbered: Iterable[tuple[str, bytes]], file: str, scheme: Scheme) -> Iterator[Entry]:
    """Yield what lines say, each with its place, and compare with the last one, which says how much that is.

    Raises InputError for what no index has, or not twice, or if it is not all.
    """
    seen, paragraphs, said = set(), 0, None
    for where, line in numbered:
        if said is not None:
            raise InputError(where, "a line after the one that says how much there is", RESTORE)
        try:
            row = _values(line)
            if "identity" not in row:
                said = int(row["documents"]), int(row["paragraphs"])
                continue
            head = *(row[name] for name in Header._fields[:-1]), b""
            entry = _entry(Header.sound(*head), [_passage(one, with_text=scheme.with_text) for one in row["paragraphs"]])
        except BROKEN as error:
            raise _broken(where, error) from error
        if entry.header.identity in seen:
            raise InputError(where, f"this document is in the export twice ({entry.header.identity})", RESTORE)
        seen.add(entry.header.identity)
        paragraphs += len(entry.passages)
        yield entry
    if said != (len(seen), paragraphs):
        exported = "its end is missing" if said is None else f"{said[0]:,} and {said[1]:,} were exported"
        raise InputError(file, f"documents {len(seen):,}, paragraphs {paragraphs:,}, but {exported}", RESTORE)


def _broken(where: str, error: Exception) -> InputError:
    said = f"{error} is missing" if isinstance(error, KeyError) else error
    return InputError(where, f"a damaged line ({said})", RESTORE)


def _entry(head: Header, passages: list[Passage]) -> Entry:
    document = Document(head.id, "", head.file, head.date, line=head.line)
    return Entry.of(head.identity, document, head.file, head.added, passages)


def _keyed(entries: list[Entry], terms: Terms) -> list[Entry]:
    """The same, with the keys that their texts have in this version."""
    keys = iter(terms.keys.tolist())
    return [_entry(entry.header, [passage._replace(key=next(keys)) for passage in entry.passages]) for entry in entries]


def _written(passage: Passage, *, with_text: bool) -> dict[str, Any]:
    place = {"position": passage.position, "line": passage.line, "hash": f"{passage.key:016x}", "length": passage.length}
    if with_text:
        return {**place, "text": passage.content.decode("utf-8")}
    return {**place, "terms": base64.b64encode(passage.content).decode("ascii")}


def _passage(row: dict[str, Any], *, with_text: bool) -> Passage:
    if with_text:
        content = str.encode(row["text"], "utf-8")
    else:
        content = base64.b64decode(row["terms"], validate=True)
        check_terms(content)
    return Passage.sound(row["position"], row["line"], int(row["hash"], 16), row["length"], content)
