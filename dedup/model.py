"""The nouns: one type per stage, columns for whole batches, row views for reports and API users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


Kind = Literal["exact", "contained", "near", "paraphrase"]
KINDS: Final[tuple[Kind, ...]] = ("exact", "contained", "near", "paraphrase")
Why = Literal["boilerplate", "kind", "ignored", "baselined", "outside the changed lines"]
WHYS: Final[tuple[Why, ...]] = ("boilerplate", "kind", "ignored", "baselined", "outside the changed lines")
Markup = Literal["plain", "markdown", "html"]
COPIED: Final[tuple[Kind, ...]] = ("exact", "near")  # kinds that leave the wording as it is
SHOWN: Final = 40  # characters of a text that a repr has
DECISION: Final = 0.5  # the score from which an editor would call two paragraphs a repeat


@dataclass(slots=True, unsafe_hash=True)
class Document:
    """One text to check. Nothing changes it, but it is not frozen: to make one would take four times as long.

    id: its name; (file, id) must be unique in a check.
    file: where it came from, as given on the command line.
    date: ISO 8601, if known.
    markup: how paragraphs are found in it.
    line: 1-based line of the record it stands in; None where lines are counted in the text itself.
    last_line: the line in which the record ends; None: in the same.
    index: where it is kept, if it is not checked but was recalled from there.
    """

    id: str
    text: str = field(repr=False)
    file: str | None = None
    date: str | None = None
    markup: Markup = "plain"
    line: int | None = None
    last_line: int | None = field(default=None, compare=False, repr=False)
    index: str | None = None


@dataclass(frozen=True)
class Against:
    """An index that documents were compared with, and how many documents and paragraphs it keeps."""

    index: str
    documents: int
    paragraphs: int


class Silence(NamedTuple):
    """A comment in a text that asks to ignore the repeats of a block.

    line: where it stands, as lines of paragraphs are counted. reason: what it gives as such, may be empty.
    row: of the paragraph it stands before or in; None if that is not compared, or not there.
    """

    document_row: int
    line: int
    reason: str
    row: int | None


@dataclass(frozen=True, repr=False)
class Place:
    """Where a paragraph stands: `line` from 1, `paragraph` from 0 among all blocks of its document.

    index: where its document is kept, if it was recalled from there; `text` is empty then if the index keeps no texts.
    """

    file: str | None
    document: str
    paragraph: int
    line: int
    text: str
    date: str | None = None
    index: str | None = None

    @property
    def spot(self) -> str:
        """`file:line`, which terminals and editors open at a click; a text without a file has its document there."""
        return f"{self.file or self.document}:{self.line}"

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What places are ordered by: what is checked comes before what is recalled."""
        return self.index or "", self.file or "", self.document, self.paragraph

    def __repr__(self) -> str:
        return f"Place({self.document!r}, paragraph {self.paragraph}, {_beginning(self.text)!r})"


@dataclass(frozen=True)
class Paragraphs:
    """Every paragraph worth comparing, ordered by (file, document, position): that order is the row number.

    recalled: how many rows at the end are no part of what is checked, but of documents kept in indexes.
    text: list of n strings. document_row: int32[n] into `documents`.
    position: int32[n], 0-based among all blocks of the document. line, last_line: int32[n], 1-based; of a record its lines.
    skipped: blocks left out, by reason. silences: comments that ask to ignore a block, in order.
    replaced: characters that were no characters (surrogates without their other half), and are U+FFFD now.
    """

    text: list[str]
    document_row: NDArray[np.int32]
    position: NDArray[np.int32]
    line: NDArray[np.int32]
    last_line: NDArray[np.int32]
    documents: list[Document]
    skipped: Mapping[str, int]
    replaced: int = 0
    silences: Sequence[Silence] = ()
    recalled: int = 0

    @property
    def checked(self) -> int:
        """How many rows are checked: the first ones."""
        return len(self.text) - self.recalled

    @property
    def checked_documents(self) -> int:
        """The same of documents."""
        return sum(document.index is None for document in self.documents) if self.recalled else len(self.documents)

    def place(self, row: int) -> Place:
        """Row view for reports and API users."""
        document = self.documents[self.document_row[row]]
        return Place(
            file=document.file,
            document=document.id,
            paragraph=int(self.position[row]),
            line=int(self.line[row]),
            text=self.text[row],
            date=document.date,
            index=document.index,
        )


@dataclass(frozen=True, repr=False)
class Pair:
    """Two paragraphs that were compared.

    score: 0 to 1, 4 decimals; 0.5 is the decision point.
    group: number of the connected group, None below the decision point and for boilerplate.
    counts: whether it makes a check fail; `why` says why not, and `reason` what was given for that, if anything was.
    evidence: each 0 to 1, None where it does not apply.
    copies: number of equal paragraphs this pair stands for, if more than are listed singly.
    """

    score: float
    kind: Kind
    a: Place
    b: Place
    evidence: Mapping[str, float | None]
    group: int | None = None
    counts: bool = True
    why: Why | None = None
    copies: int | None = None
    reason: str | None = None

    @property
    def excuse(self) -> str:
        """Why it does not count, and what was given as a reason; empty if it counts."""
        return f"{self.why} ({self.reason})" if self.reason else self.why or ""

    @property
    def unseen(self) -> bool:
        """Whether the text of `b` is not known, as the index it is kept in has no texts."""
        return self.b.index is not None and not self.b.text

    @property
    def same_document(self) -> bool:
        """Whether both stand in one document, which the score depends on."""
        return (self.a.index, self.a.file, self.a.document) == (self.b.index, self.b.file, self.b.document)

    def __repr__(self) -> str:
        places = " ~ ".join(f"{place.document}#{place.paragraph}" for place in (self.a, self.b))
        return f"Pair({self.score:.4f} {self.kind}, {places}: {_beginning(self.a.text)!r} ~ {_beginning(self.b.text)!r})"


@dataclass(frozen=True, repr=False)
class Group:
    """Paragraphs connected by repeats, in the order of their places. score: that of the best pair."""

    number: int
    score: float
    places: tuple[Place, ...]

    def __len__(self) -> int:
        return len(self.places)

    def __repr__(self) -> str:
        return f"Group({self.number}, {self.score:.4f}, {len(self)} places: {_beginning(self.places[0].text)!r})"


@dataclass(frozen=True, repr=False)
class Boilerplate:
    """Copies of one text, exact or near, that stand in many documents which share little else.

    places: in their order. documents: how many they stand in, of all `checked`.
    """

    places: tuple[Place, ...]
    documents: int
    checked: int

    @property
    def text(self) -> str:
        """That of the first place; others may be edited."""
        return self.places[0].text

    def __repr__(self) -> str:
        return f"Boilerplate(in {self.documents} of {self.checked} documents: {_beginning(self.text)!r})"


def _beginning(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
