"""Implement ``slubtla explain``: meaning, source and expected verdicts of a name.

Nothing is said here that is not written elsewhere: meanings and sources are those of the protocol
and of the comments in ``specs/``, and what is PROVEN or falls is what the files in ``configs/``
expect, which ``slubtla prove`` checks.
"""

from slubtla.barriers.glossary.sources import Excerpt, Shown
from slubtla.barriers.glossary.words import Explanation, Fact, Meaning, all_words, explain

__all__ = ["Excerpt", "Explanation", "Fact", "Meaning", "Shown", "all_words", "explain"]
