"""What need not be done twice: kept in the user's cache directory, and never relied upon.

Each entry is found by a digest of everything that it depends on, checked by a digest of what it
holds, and written in one step; one that is broken, unreadable or cannot be written is as good as
none. Removing the whole directory (:func:`cache_dir`) costs time and nothing else.
"""

from __future__ import annotations

from slubtla.tlc.cache.archives import Archives
from slubtla.tlc.cache.store import cache_dir, digest_of
from slubtla.tlc.cache.translations import KeptTranslation, TranslationCache

__all__ = [
    "Archives",
    "KeptTranslation",
    "TranslationCache",
    "cache_dir",
    "digest_of",
]
