"""How an index sketches paragraphs, and what it keeps of them: fixed when it is made, and stored with it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from dedup.config import Config
from dedup.errors import InputError, OutputError
from dedup.lsh import MAX_ROWS, Plan
from dedup.rarity import Weights

MOST_BANDS: Final = 64  # each is an entry a paragraph
USUAL: Final = Plan(rows=3, bands=64)


def _own_version() -> str:
    from importlib.metadata import version  # late: who opens an index does not need it, and it takes a while

    return version("dedup")


@dataclass(frozen=True, eq=False)
class Scheme:
    """plan, weights: what signatures are made by. language: as in Config; with_text: whether the texts are kept.

    method: the fingerprint of Config, of all else that changes a signature. made_by: the version of dedup.
    """

    plan: Plan
    weights: Weights
    language: str | None
    with_text: bool
    method: str
    made_by: str = field(default_factory=_own_version)

    @classmethod
    def usual(cls, config: Config, *, with_text: bool = True) -> Scheme:
        """By the prior."""
        return cls(USUAL, Weights.prior(), config.language, with_text, config.fingerprint())

    @property
    def positions(self) -> int:
        """Of a signature."""
        return self.plan.rows * self.plan.bands

    @cached_property
    def fingerprint(self) -> str:
        """Name of all that entries depend on: those of two indexes can be exchanged only if it is equal."""
        return hashlib.sha256(json.dumps(self._values, sort_keys=True).encode()).hexdigest()[:16]

    def followed_by(self, later: Scheme, location: str) -> Scheme:
        """The later one, or itself if it is equal. Raises OutputError if what is kept by the one is nothing to the other."""
        if (self.language, self.with_text, self.method) != (later.language, later.with_text, later.method):
            raise OutputError(location, "another index took its place meanwhile", "run this again")
        return self if self.fingerprint == later.fingerprint else later

    def check(self, config: Config, location: str) -> None:
        """Raise InputError if texts are read by other settings than those that an index was made by."""
        if self.method != config.fingerprint():
            what = "an index of another version of dedup or of Unicode, which reads texts in another way"
            raise InputError(location, what, "dedup index export it there, and import it here")
        if self.language != config.language:
            made, asked = (
                f"with --language {one}" if one else "without --language" for one in (self.language, config.language)
            )
            advice = f"give --language {self.language}" if self.language else "leave --language out"
            raise InputError(location, f"an index made {made}, and asked {asked}", f"{advice}, or make another index")

    def encoded(self) -> str:
        """As JSON in one line."""
        return json.dumps({**self._values, "made_by": self.made_by}, sort_keys=True)

    @property
    def _values(self) -> dict[str, Any]:
        return {
            "rows": self.plan.rows,
            "bands": self.plan.bands,
            "paragraphs": self.weights.paragraphs,
            "hashes": _packed(self.weights.hashes.astype("<u4")),
            "weights": _packed(self.weights.weights),
            "language": self.language,
            "with_text": self.with_text,
            "method": self.method,
        }

    @classmethod
    def decoded(cls, text: str) -> Scheme:
        """What `encoded` made the text of. Raises ValueError, KeyError, TypeError or RecursionError for another."""
        values: dict[str, Any] = json.loads(text)
        hashes = np.frombuffer(base64.b64decode(values["hashes"]), dtype="<u4").astype(np.uint32, copy=False)
        weights = np.frombuffer(base64.b64decode(values["weights"]), dtype=np.uint8)
        if len(hashes) != len(weights):
            raise ValueError("words without weights")
        learned = Weights(int(values["paragraphs"]), hashes, weights)
        plan = Plan(int(values["rows"]), int(values["bands"]))
        if not (1 <= plan.rows <= MAX_ROWS and 1 <= plan.bands <= MOST_BANDS):
            raise ValueError("a plan that is none")
        text_kept, method, made_by = bool(values["with_text"]), str(values["method"]), str(values["made_by"])
        return cls(plan, learned, values["language"], text_kept, method, made_by)


def _packed(values: np.typing.NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
