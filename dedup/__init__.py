"""Finds paragraphs that say the same thing twice: copied, edited, or rewritten in other words."""

from dedup.config import Config
from dedup.model import Document
from dedup.pipeline import check, compare

__all__ = ["Config", "Document", "check", "compare"]
