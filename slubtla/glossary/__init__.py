"""Every word of slubtla, told: what it is, where it comes from, where it is enough and where not.

Nothing is said here that is not written elsewhere: meanings and sources are those of
:mod:`slubtla.vocabulary` and of the comments in ``specs/``, and what holds or falls is what the
files in ``configs/`` expect, and ``slubtla prove`` checks.

:mod:`~slubtla.glossary.meaning` is what is told; :mod:`~slubtla.glossary.sources` reads it;
:mod:`~slubtla.glossary.excerpts` cuts it out of a specification; :mod:`~slubtla.glossary.breaking`
knows what breaks a label; :mod:`~slubtla.glossary.words` and :mod:`~slubtla.glossary.labels` put it
together; :mod:`~slubtla.glossary.lookup` finds a word.
"""

from slubtla.glossary.lookup import all_words, explain
from slubtla.glossary.meaning import Excerpt, Explanation, Fact, Meaning, Shown

__all__ = ["Excerpt", "Explanation", "Fact", "Meaning", "Shown", "all_words", "explain"]
