"""What an index in Redis keeps, as bytes: JSON, and the contents as they are; every row sums itself up."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from dedup.errors import InputError
from dedup.indexes.entries import Entry, Header, Passage
from dedup.indexes.scheme import Scheme

Row = TypeVar("Row")

FORMAT: Final = "index of dedup"
FORMAT_VERSION: Final = 3
NUMBERS: Final = 1 << 32  # of passages: a greater one is none

_SUM: Final = 4  # bytes


def statement(scheme: Scheme, generation: int) -> bytes:
    """What an index says of itself. generation: of its buckets."""
    values = {"format": FORMAT, "format_version": FORMAT_VERSION, "generation": generation, "fingerprint": scheme.fingerprint}
    return json.dumps({**values, "scheme": scheme.encoded()}).encode()


def scheme_of(location: str, stated: bytes | None) -> tuple[Scheme, int]:
    """The scheme of an index, if it is one, and the generation of its buckets. Raises InputError, ValueError or KeyError."""
    if stated is None:
        raise InputError(location, "there is no such index", "make it with dedup index add")
    try:
        values: Mapping[str, Any] = json.loads(stated)
        version, generation = values["format_version"], int(values["generation"])
        if values["format"] != FORMAT:
            raise KeyError("format")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(location, "no index of dedup", "name one that dedup index add made") from error
    if version != FORMAT_VERSION:
        what = f"an index of format version {version}, and this dedup reads {FORMAT_VERSION}"
        raise InputError(location, what, "use the dedup that made it, or export it there and import it here")
    scheme = Scheme.decoded(values["scheme"])
    if scheme.fingerprint != values["fingerprint"]:
        raise ValueError("its settings do not add up")
    return scheme, generation


def field_of(identity: str) -> bytes:
    """By which a document is found."""
    return identity.encode("utf-8", "surrogatepass")


def document_row(entry: Entry) -> bytes:
    """Its head, and the numbers of its passages."""
    head = [*entry.header[:-1], entry.header.digest.hex(), entry.first, len(entry.passages)]
    return _summed(json.dumps(head).encode(), field_of(entry.header.identity))


def document(row: bytes, field: bytes) -> tuple[Header, int, int]:
    """The head, the first number, and how many there are. Raises ValueError or TypeError for another row."""
    *head, digest, first, count = json.loads(_said(row, field))
    header = Header.sound(*head, bytes.fromhex(digest))
    if field_of(header.identity) != field:
        raise ValueError("a document by the name of another one")
    if not (type(first) is type(count) is int and 0 <= first <= first + count <= NUMBERS):
        raise ValueError("a document without the numbers of its paragraphs")
    return header, first, count


def passage_row(entry: Entry, passage: Passage, number: int) -> bytes:
    """A line of JSON, then the content."""
    said = json.dumps([entry.header.identity, *passage[:-1]]).encode() + b"\n" + passage.content
    return _summed(said, b"%d" % number)


def passage(row: bytes, number: int) -> tuple[str, Passage]:
    """The identity of its document, and the passage. Raises ValueError or TypeError for another row."""
    head, _, content = _said(row, b"%d" % number).partition(b"\n")
    identity, *place = json.loads(head)
    if not isinstance(identity, str):
        raise ValueError("a paragraph without its document")
    return identity, Passage.sound(*place, content)


def there(row: Row | None) -> Row:
    """A row that has to be there, or what is made of one. Raises ValueError if it is not."""
    if row is None:
        raise ValueError("a paragraph or its document is missing")
    return row


def _summed(said: bytes, field: bytes) -> bytes:
    """What a row says, after its CRC-32, which is also that of where it stands."""
    return zlib.crc32(said, zlib.crc32(field)).to_bytes(_SUM, "big") + said


def _said(row: bytes, field: bytes) -> bytes:
    said = row[_SUM:]
    if row != _summed(said, field):
        raise ValueError("a row does not add up")
    return said
