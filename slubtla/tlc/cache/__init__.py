"""Keep results of earlier work in the user's cache directory.

Each entry is found by a digest of everything that it depends on, checked by a digest of what it
holds, and written in one step. One that is broken or unreadable counts as missing; removing the
whole directory (:func:`cache_dir`) costs time and nothing else.
"""

from __future__ import annotations

from slubtla.tlc.cache.store import cache_dir, digest_of
from slubtla.tlc.cache.translations import KeptTranslation, TranslationCache

__all__ = [
    "KeptTranslation",
    "TranslationCache",
    "cache_dir",
    "digest_of",
]
