"""Translations by content."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.tlc.engine.store import write_checked
from slubtla.tlc.engine.translations import KeptTranslation, TranslationCache

ALGORITHM = "(* --algorithm m begin skip; end algorithm *)\n"
MODULE = f"---- MODULE M ----\n\\* ∀\n{ALGORITHM}====\n".encode()
TRANSLATED = (
    f"---- MODULE M ----\n\\* ∀\n{ALGORITHM}"
    "\\* BEGIN TRANSLATION\nVARIABLE translated\n\\* END TRANSLATION\n====\n"
).encode()
KEPT = KeptTranslation(TRANSLATED, "Labels added.\nNew file M.tla written.\n")


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


def test_an_entry_under_another_name_is_none(tmp_path: Path) -> None:
    """As when two files of the cache are swapped: each is whole, and is that of another key."""
    cache = TranslationCache(tmp_path)
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    (entry,) = tmp_path.iterdir()
    cache.put(MODULE + b" ", "jar", KEPT.module, KEPT.output)
    (other,) = set(tmp_path.iterdir()) - {entry}
    other.write_bytes(entry.read_bytes())
    assert cache.get(MODULE + b" ", "jar") is None
    assert cache.get(MODULE, "jar") == KEPT


@pytest.mark.parametrize(
    "other",
    [
        TRANSLATED.replace(b"skip", b"goto Done"),
        TRANSLATED.replace(b"====", b"Inv == TRUE\n===="),
        b"",
    ],
)
def test_what_is_no_translation_of_its_source_is_none(tmp_path: Path, other: bytes) -> None:
    cache = TranslationCache(tmp_path)
    cache.put(MODULE, "jar", other, KEPT.output)
    assert cache.get(MODULE, "jar") is None


@pytest.mark.parametrize("header", [b"\xff", b"[]", b'{"key": "x"}', b"nothing"])
def test_an_entry_that_is_no_entry_is_none(tmp_path: Path, header: bytes) -> None:
    cache = TranslationCache(tmp_path)
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    (entry,) = tmp_path.iterdir()
    write_checked(entry, header + b"\n" + KEPT.module)
    assert cache.get(MODULE, "jar") is None


def test_a_place_that_cannot_be_written_is_no_error(sealed: Path) -> None:
    cache = TranslationCache(sealed)
    cache.put(MODULE, "jar", KEPT.module, KEPT.output)
    assert cache.get(MODULE, "jar") is None
