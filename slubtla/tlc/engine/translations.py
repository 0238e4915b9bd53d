"""Cache PlusCal translations by the content of the module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from slubtla._version import __version__
from slubtla.tlc.engine.store import cache_dir, digest_of, prune, read_checked, touch, write_checked
from slubtla.tlc.text.pcal import is_translation_of

MOST_ENTRIES = 1000
"""Largest number of entries; one has about 50 KB."""


@dataclass(frozen=True, slots=True)
class KeptTranslation:
    """A module with its translation, and the output of the translator."""

    module: bytes
    output: str


class TranslationCache:
    """An on-disk cache of successful translations.

    An entry is used only if the key stored in it is the one asked for, and if its module without
    the translation equals the given module.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_dir() / "translations"

    def get(self, module: bytes, jar_sha256: str) -> KeptTranslation | None:
        """Return the cached translation by this jar; None if there is none."""
        key = _key(module, jar_sha256)
        path = self._folder / key
        data = read_checked(path)
        if data is None:
            return None
        header, _, translated = data.partition(b"\n")
        match _parsed(header):
            case {"key": str(own), "output": str(output)} if own == key:
                if not is_translation_of(_text(translated), _text(module)):
                    return None
                touch(path)
                return KeptTranslation(translated, output)
        return None

    def put(self, module: bytes, jar_sha256: str, translated: bytes, output: str) -> None:
        """Store a translation and the translator's output."""
        key = _key(module, jar_sha256)
        data = json.dumps({"key": key, "output": output}).encode() + b"\n" + translated
        if write_checked(self._folder / key, data):
            prune(self._folder, MOST_ENTRIES)


def _key(module: bytes, jar_sha256: str) -> str:
    return digest_of(__version__, jar_sha256, module)


def _parsed(header: bytes) -> object:
    try:
        return json.loads(header)
    except ValueError:
        return None


def _text(module: bytes) -> str:
    return module.decode("utf-8", errors="replace")
