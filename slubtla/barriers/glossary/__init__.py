"""Every word of slubtla, told: what it is, where it comes from, where it is enough and where not.

Nothing is said here that is not written elsewhere: meanings and sources are those of
:mod:`vocabulary` and of the comments in ``specs/``, and what holds or falls is what the
files in ``configs/`` expect, and ``slubtla prove`` checks.

:mod:`meaning` is what is told; :mod:`sources` reads it;
:mod:`excerpts` cuts it out of a specification; :mod:`breaking`
knows what breaks a label; :mod:`words` and :mod:`labels` put it
together; :mod:`~slubtla.barriers.glossary.lookup` finds a word.
"""

from slubtla.barriers.glossary.lookup import all_words, explain
from slubtla.barriers.glossary.meaning import Excerpt, Explanation, Fact, Meaning, Shown

__all__ = ["Excerpt", "Explanation", "Fact", "Meaning", "Shown", "all_words", "explain"]
