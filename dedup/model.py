"""The nouns: one type per stage, columns for whole batches, row views for reports and API users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedup.config import Config
    from dedup.errors import InputError

Kind = Literal["exact", "contained", "near", "paraphrase"]
KINDS: Final[tuple[Kind, ...]] = ("exact", "contained", "near", "paraphrase")


@dataclass(frozen=True)
class Document:
    """One text to check.

    id: its name; (file, id) must be unique in a check.
    file: where it came from, as given on the command line.
    date: ISO 8601, if known.
    markup: how paragraphs are found in it.
    line: 1-based line of the record it stands in; None where lines are counted in the text itself.
    """

    id: str
    text: str = field(repr=False)
    file: str | None = None
    date: str | None = None
    markup: Literal["plain", "markdown"] = "plain"
    line: int | None = None


@dataclass(frozen=True)
class Paragraphs:
    """Every paragraph worth comparing, ordered by (file, document, position): that order is the row number.

    text: list of n strings. document_row: int32[n] into `documents`.
    position: int32[n], 0-based among all blocks of the document. line: int32[n], 1-based.
    skipped: blocks left out, by reason.
    """

    text: list[str]
    document_row: NDArray[np.int32]
    position: NDArray[np.int32]
    line: NDArray[np.int32]
    documents: list[Document]
    skipped: Mapping[str, int]


@dataclass(frozen=True)
class Place:
    """Where a paragraph stands."""

    file: str | None
    document: str
    paragraph: int
    line: int
    text: str
    date: str | None = None


@dataclass(frozen=True)
class Pair:
    """Two paragraphs that were compared.

    score: 0 to 1, 4 decimals; 0.5 is the decision point.
    group: number of the connected group, None below the decision point.
    counts: whether it makes a check fail; `why` says why not.
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
    why: str | None = None
    copies: int | None = None


@dataclass(frozen=True)
class Result:
    """What a check found.

    pairs: best first. skipped: blocks not compared, by reason. errors: what could not be read.
    ignored: files in a folder that no reader knows.
    """

    config: Config
    paragraphs: Paragraphs
    pairs: Sequence[Pair]
    capped_buckets: int = 0
    errors: tuple[InputError, ...] = ()
    ignored: int = 0

    @property
    def skipped(self) -> Mapping[str, int]:
        """Blocks that were not compared, by reason."""
        return self.paragraphs.skipped

    @property
    def compared_nothing(self) -> bool:
        """Whether there were no two paragraphs to compare in the scope of the check."""
        paragraphs = len(self.paragraphs.text)
        documents = len(set(self.paragraphs.document_row.tolist()))
        if self.config.scope == "within":
            return paragraphs == documents
        return (documents if self.config.scope == "across" else paragraphs) < 2
