"""Translations by content."""

from __future__ import annotations

from pathlib import Path

from slubtla.cache import KeptTranslation, TranslationCache

MODULE = "---- MODULE M ----\n\\* ∀\n====\n".encode()
KEPT = KeptTranslation(MODULE + b"\xfftranslated", "Labels added.\nNew file M.tla written.\n")


def test_what_was_put_is_got(tmp_path: Path) -> None:
    TranslationCache(tmp_path).put(MODULE, "jar", KEPT.module, KEPT.output)
    assert TranslationCache(tmp_path).get(MODULE, "jar") == KEPT


def test_another_module_or_jar_is_another_entry(tmp_path: Path) -> None:
    cache = TranslationCache(tmp_path)
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    assert cache.get(MODULE + b" ", "jar") is None
    assert cache.get(MODULE, "another jar") is None


def test_a_broken_entry_is_none_and_is_mended(tmp_path: Path) -> None:
    cache = TranslationCache(tmp_path)
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(entry.read_bytes().replace(b"translated", b"tampered.."))
    assert cache.get(MODULE, "jar") is None
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    assert cache.get(MODULE, "jar") == KEPT


def test_a_place_that_cannot_be_written_is_no_error(sealed: Path) -> None:
    cache = TranslationCache(sealed)
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    assert cache.get(MODULE, "jar") is None
