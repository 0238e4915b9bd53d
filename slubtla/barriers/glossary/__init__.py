"""Implement ``slubtla explain``: meaning, source and expected verdicts of a name.

Meanings and sources come from the protocol's tables and the comments in its specification, verdicts
from the expectations in ``configs/``, which ``slubtla prove`` checks.
"""

from slubtla.barriers.glossary.sources import Excerpt, Shown
from slubtla.barriers.glossary.words import Explanation, Fact, Meaning, all_words, explain

__all__ = ["Excerpt", "Explanation", "Fact", "Meaning", "Shown", "all_words", "explain"]
