"""Bytes under a digest: whole and unchanged, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slubtla.tlc.engine.store import cache_dir, digest_of, prune, read_checked, write_checked

DATA = b"some\nbytes \xff"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "entry"
    assert write_checked(path, DATA)
    assert read_checked(path) == DATA
    assert [each.name for each in path.parent.iterdir()] == ["entry"]


def test_where_a_part_ends_counts() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")
    assert digest_of("a") != digest_of("a", "")
    assert digest_of("ä") == digest_of("ä".encode())


@pytest.mark.parametrize("length", range(len(DATA) + 65))
def test_no_cut_is_taken_for_the_whole(tmp_path: Path, length: int) -> None:
    path = tmp_path / "entry"
    write_checked(path, DATA)
    path.write_bytes(path.read_bytes()[:length])
    assert read_checked(path) is None


def test_a_changed_byte_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "entry"
    write_checked(path, DATA)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_checked(path) is None


def test_what_cannot_be_written_or_read_is_no_error(sealed: Path, tmp_path: Path) -> None:
    assert not write_checked(sealed / "entry", DATA)
    assert read_checked(sealed / "entry") is None
    assert read_checked(tmp_path) is None  # a directory


def test_an_entry_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "entry" / "full").mkdir(parents=True)
    assert not write_checked(tmp_path / "entry", DATA)
    assert [each.name for each in tmp_path.iterdir()] == ["entry"]


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    for age in range(5):
        (tmp_path / str(age)).mkdir()
        os.utime(tmp_path / str(age), (1000 - age, 1000 - age))
    prune(tmp_path, 2)
    assert {each.name for each in tmp_path.iterdir()} == {"0", "1"}


def test_caches_live_where_the_user_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir().name == "slubtla"
