"""Run directories by content: only conclusive ones, and only whole ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from engine.tools import need_toolchain

from slubtla.tlc.engine import JvmProfile, TlcOptions
from slubtla.tlc.run.cache import CONCLUSIVE, ResultCache, result_key
from slubtla.tlc.run.verdict import Verdict, VerdictKind

PROVEN = Verdict(VerdictKind.PROVEN)
FILES = {"result.json": b"{}", "tlc.out": b"said\n\xff", "deep/er": b""}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        path = tmp_path / "run" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "run"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_what_was_kept_is_fetched_and_says_when(tmp_path: Path, run: Path, into: Path) -> None:
    assert ResultCache(tmp_path / "cache").keep("key", run, PROVEN)
    kept_at = ResultCache(tmp_path / "cache").fetch("key", into)
    assert kept_at is not None
    assert kept_at.endswith("+00:00")
    assert contents(into) == FILES
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["key"]


@pytest.mark.parametrize("kind", VerdictKind)
def test_only_what_is_conclusive_is_kept(
    tmp_path: Path, run: Path, into: Path, kind: VerdictKind
) -> None:
    cache = ResultCache(tmp_path / "cache")
    verdict = Verdict(kind, "" if kind is VerdictKind.PROVEN else "x")
    assert cache.keep("key", run, verdict) is (kind in CONCLUSIVE)
    assert (cache.fetch("key", into) is not None) is (
        kind.name in {"PROVEN", "VIOLATED", "VACUOUS"}
    )


@pytest.mark.parametrize("how", ["longer", "changed", "cut", "missing"])
def test_a_broken_entry_is_none_and_is_mended(
    tmp_path: Path, run: Path, into: Path, how: str
) -> None:
    cache = ResultCache(tmp_path / "cache")
    cache.keep("key", run, PROVEN)
    path = tmp_path / "cache" / "key"
    data = path.read_bytes()
    broken = {"longer": data + b" ", "changed": data[:-9] + b"x" + data[-8:], "cut": data[:-1]}
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(broken[how])
    assert cache.fetch("key", into) is None
    assert contents(into) == {}
    assert cache.keep("key", run, PROVEN)
    assert cache.fetch("key", into) is not None
    assert contents(into) == FILES


def test_an_entry_under_another_name_is_none_and_is_mended(
    tmp_path: Path, run: Path, into: Path
) -> None:
    """As when two directories of the cache are swapped: each is whole, and is that of another."""
    cache = ResultCache(tmp_path / "cache")
    cache.keep("key", run, PROVEN)
    (tmp_path / "cache" / "key").rename(tmp_path / "cache" / "other")
    assert cache.fetch("other", into) is None
    assert contents(into) == {}
    assert cache.keep("other", run, PROVEN)
    assert cache.fetch("other", into) is not None


def test_a_place_that_cannot_be_written_is_no_error(sealed: Path, run: Path, into: Path) -> None:
    assert not ResultCache(sealed).keep("key", run, PROVEN)
    assert ResultCache(sealed).fetch("key", into) is None


def test_the_key_holds_all_that_a_result_depends_on() -> None:
    toolchain = need_toolchain()
    jar = dataclasses.replace(toolchain.jar, sha256="0" * 64)
    java = dataclasses.replace(toolchain.java, version="99")
    base: dict[str, Any] = {
        "files": {"S.tla": "spec", "S.cfg": "cfg"},
        "toolchain": toolchain,
        "options": TlcOptions(),
        "asked": "NoLeak",
    }

    def key(**changed: Any) -> str:
        return result_key(**{**base, **changed})

    others = [
        key(),
        key(files={"S.tla": "other", "S.cfg": "cfg"}),
        key(files={"S.tla": "spec", "S.cfg": "other"}),
        key(files={"T.tla": "spec", "S.cfg": "cfg"}),
        key(toolchain=dataclasses.replace(toolchain, jar=jar)),
        key(toolchain=dataclasses.replace(toolchain, java=java)),
        key(options=TlcOptions(check_deadlock=False)),
        key(options=TlcOptions(workers=2)),
        key(options=TlcOptions(seed=1)),
        key(options=TlcOptions(extra_tlc=("-terse",))),
        key(asked="TypeOK"),
    ]
    assert len(set(others)) == len(others)
    speed = TlcOptions(heap_mb=99, profile=JvmProfile.LARGE)
    assert key(options=speed) == key(files=dict(reversed(base["files"].items()))) == key()
