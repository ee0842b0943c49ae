"""All settings of a run, in one frozen object that is validated once."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from types import NoneType
from typing import Any, Final

from dedup.errors import ConfigError
from dedup.globs import Globs
from dedup.model import KINDS, Kind

STANDARD_INPUT: Final = "-"  # as a path
SCOPES: Final = ("all", "within", "across")
PARAGRAPH_RULES: Final = ("auto", "blank", "line")
TEXT_MARKUPS: Final = ("plain", "markdown", "html")

# The settings that change a signature. Raise METHOD_VERSION with every change to the way terms are made or hashed.
METHOD_VERSION: Final = 1

# What each setting may be, and how a message calls it.
_TYPES: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "min_score": ((int, float), "number"),
    "scope": ((str,), "name"),
    "kinds": ((tuple, list), "list of kinds"),
    "boilerplate_documents": ((int,), "whole number"),
    "boilerplate_overlap": ((int, float), "number"),
    "paragraphs": ((str,), "name"),
    "min_words": ((int,), "whole number"),
    "count_boilerplate": ((bool,), "truth value"),
    "language": ((str, NoneType), "code of a language"),
    "id_field": ((str,), "name"),
    "text_field": ((str,), "name"),
    "date_field": ((str,), "name"),
    "text_is": ((str,), "name"),
    "max_bytes": ((int, NoneType), "whole number"),
    "overrides": ((tuple, list), "list of overrides"),
}
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
OVERRIDABLE: Final = ("paths", "min_score", "kinds", "count_boilerplate")


def is_address(path: str) -> bool:
    """Whether a path is one of the web."""
    return bool(_ADDRESS.match(path))


def is_local(path: str | None) -> bool:
    """Whether it names a file or a folder: not standard input, nor an address."""
    return path is not None and path != STANDARD_INPUT and not is_address(path)


@dataclass(frozen=True)
class Override:
    """Settings for the documents of some files, None for as elsewhere. A pair counts if it does by those of both documents.

    paths: patterns of names (see Globs), relative to `folder`; None: to the working directory.
    """

    paths: tuple[str, ...]
    min_score: float | None = None
    kinds: tuple[Kind, ...] | None = None
    count_boilerplate: bool | None = None
    folder: str | None = None

    def __post_init__(self) -> None:
        for name, value in self.settings.items():
            _check_type(name, value)
        listed = isinstance(self.paths, (tuple, list)) and all(isinstance(path, str) and path for path in self.paths)
        if not self.paths or not listed:
            raise ConfigError(f"paths: {self.paths!r} is no list of patterns; give one, such as archive/**")
        object.__setattr__(self, "paths", tuple(self.paths))
        if not self.settings:
            raise ConfigError(f"paths: nothing is set for {', '.join(self.paths)}; give {', '.join(OVERRIDABLE[1:])}")
        if self.min_score is not None:
            _check_score(self.min_score)
        if self.kinds is not None:
            object.__setattr__(self, "kinds", _checked_kinds(self.kinds))

    @property
    def settings(self) -> dict[str, Any]:
        """What is set, by name."""
        return {name: value for name in OVERRIDABLE[1:] if (value := getattr(self, name)) is not None}

    @cached_property
    def globs(self) -> Globs:
        """The files it is for."""
        return Globs(self.paths, self.folder)

    def as_dict(self) -> dict[str, Any]:
        """What is set and for which paths, ready for JSON; the same on every machine."""
        kinds = {} if self.kinds is None else {"kinds": list(self.kinds)}
        return {"paths": list(self.paths), **self.settings, **kinds}


@dataclass(frozen=True)
class Config:
    """Settings of a check.

    min_score: a pair is a repeat if its score is at least this (0 to 1; 0 reports all that was compared).
    scope: `within` one document, `across` documents, or `all`.
    kinds: the kinds of repeat that count.
    boilerplate_documents: copies in so many documents that share little else are boilerplate; 0: none are.
    boilerplate_overlap: the largest share of the rest of a document, by length, that is little.
    count_boilerplate: whether boilerplate counts as other repeats do.
    paragraphs: how text is split: at `blank` lines, one a `line`, or `auto`.
    min_words: shorter blocks are not compared (two characters count as a word where words have no spaces).
    language: ISO 639-1 code that decides how number words are read; None: decided from each paragraph.
    id_field, text_field, date_field: the names of the fields in records.
    text_is: the markup of the text of records: `plain`, `markdown` or `html`.
    max_bytes: how large a file may be, unpacked; None: 64 MiB for what is read whole, and no limit for text and records.
    overrides: other settings for the documents of some files; of several for one file the last decides, setting by setting.
    """

    min_score: float = 0.5
    scope: str = "all"
    kinds: tuple[Kind, ...] = KINDS
    boilerplate_documents: int = 3
    boilerplate_overlap: float = 0.2
    count_boilerplate: bool = False
    paragraphs: str = "auto"
    min_words: int = 8
    language: str | None = None
    id_field: str = "id"
    text_field: str = "text"
    date_field: str = "date"
    text_is: str = "plain"
    max_bytes: int | None = None
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        for name in _TYPES:
            _check_type(name, getattr(self, name))
        object.__setattr__(self, "kinds", _checked_kinds(self.kinds))
        _check_score(self.min_score)
        _one_of("scope", self.scope, SCOPES)
        _one_of("paragraphs", self.paragraphs, PARAGRAPH_RULES)
        _one_of("text_is", self.text_is, TEXT_MARKUPS)
        self._check_overrides()
        self._check_boilerplate()
        if self.language is not None and not re.fullmatch("[a-z]{2,3}", self.language):
            raise ConfigError(
                f"language: {self.language!r} is no ISO 639 code; give two or three lower-case letters, such as de"
            )
        if self.min_words < 1:
            raise ConfigError(f"min_words: {self.min_words} is below 1; give a whole number of words, such as 8")
        if self.max_bytes is not None and self.max_bytes < 1:
            raise ConfigError(f"max_bytes: {self.max_bytes} is below 1; give a number of bytes, such as 1000000000")

    def _check_boilerplate(self) -> None:
        if self.boilerplate_documents < 0 or self.boilerplate_documents == 1:
            what = f"boilerplate_documents: {self.boilerplate_documents} is no number of documents that copies may stand in"
            raise ConfigError(f"{what}; give 2 or more, such as 3, or 0 for no boilerplate")
        if not 0.0 <= self.boilerplate_overlap <= 1.0:
            what = f"boilerplate_overlap: {self.boilerplate_overlap:g} is outside 0 to 1"
            raise ConfigError(f"{what}; give a share of the rest of a document, such as 0.2")

    def _check_overrides(self) -> None:
        object.__setattr__(self, "overrides", tuple(self.overrides))
        for override in self.overrides:
            if not isinstance(override, Override):
                raise ConfigError(f"overrides: {override!r} is no override; give Override(paths, ...)")

    @property
    def lowest(self) -> float:
        """The score down to which some pair may be a repeat."""
        return min([self.min_score, *(override.min_score for override in self.overrides if override.min_score is not None)])

    def for_file(self, file: str | None) -> Config:
        """The settings for documents of a file, without overrides."""
        settings: dict[str, Any] = {"overrides": ()}
        for override in self.matching(file):
            settings.update(override.settings)
        return replace(self, **settings)

    def matching(self, file: str | None) -> list[Override]:
        """The overrides that are for a file, the last of which decides."""
        return [override for override in self.overrides if file is not None and override.globs.match(file)]

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any]) -> Config:
        """Build from names and values; an unknown name is an error that lists the known ones."""
        known = [field.name for field in fields(cls)]
        for name in settings:
            _one_of("setting", name, known)
        return cls(**settings)

    def as_dict(self) -> dict[str, Any]:
        """Settings by name, ready for JSON."""
        overrides = [override.as_dict() for override in self.overrides]
        return {**asdict(self), "kinds": list(self.kinds), "overrides": overrides}

    def fingerprint(self) -> str:
        """Name of everything that changes a signature: two runs may share stored signatures only if it is equal."""
        import hashlib  # costs more than all else here, and only indexes ask

        parts = {"method": METHOD_VERSION, "unicode": unicodedata.unidata_version}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _check_type(name: str, value: object) -> None:
    types, meant = _TYPES[name]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise ConfigError(f"{name}: {value!r} is no {meant}; give one")


def _check_score(score: float) -> None:
    if not 0.0 <= score <= 1.0:
        raise ConfigError(f"min_score: {score:g} is outside 0 to 1; give a number between them, such as 0.5")


def _checked_kinds(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    if not kinds:
        raise ConfigError(f"kinds: none is named; give some of {', '.join(KINDS)}")
    for kind in kinds:
        _one_of("kinds", kind, KINDS)
    return tuple(kinds)


def _one_of(name: str, value: str, known: tuple[str, ...] | list[str]) -> None:
    if value not in known:
        raise ConfigError(f"{name}: unknown value {value!r}; known are {', '.join(known)}")
