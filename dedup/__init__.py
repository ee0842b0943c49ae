"""Finds paragraphs that say the same thing twice: copied, edited, or rewritten in other words."""
