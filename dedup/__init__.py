"""Finds paragraphs that say the same thing twice: copied, edited, or rewritten in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.cleaning import Cleaned, Removal, clean
    from dedup.config import Config, Override
    from dedup.errors import DedupError
    from dedup.explanation import explain
    from dedup.index import Index
    from dedup.model import Boilerplate, Document, Group, Pair, Place
    from dedup.pipeline import check, compare
    from dedup.results import Result

__all__ = [
    "Boilerplate",
    "Cleaned",
    "Config",
    "DedupError",
    "Document",
    "Group",
    "Index",
    "Override",
    "Pair",
    "Place",
    "Removal",
    "Result",
    "check",
    "clean",
    "compare",
    "explain",
]

_HOME = {
    "Boilerplate": "model",
    "Cleaned": "cleaning",
    "Config": "config",
    "DedupError": "errors",
    "Document": "model",
    "Group": "model",
    "Index": "index",
    "Override": "config",
    "Pair": "model",
    "Place": "model",
    "Removal": "cleaning",
    "Result": "results",
    "check": "pipeline",
    "clean": "cleaning",
    "compare": "pipeline",
    "explain": "explanation",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: help and wrong options must not wait for numpy."""
    if name not in _HOME:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"dedup.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
