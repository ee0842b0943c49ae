"""Finds paragraphs that say the same thing twice: copied, edited, or rewritten in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.config import Config
    from dedup.model import Document
    from dedup.pipeline import check, compare

__all__ = ["Config", "Document", "check", "compare"]

_HOME = {"Config": "dedup.config", "Document": "dedup.model", "check": "dedup.pipeline", "compare": "dedup.pipeline"}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: help and wrong options must not wait for numpy."""
    if name not in _HOME:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)
