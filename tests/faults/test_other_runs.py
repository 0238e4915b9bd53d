"""What belongs to another run is never believed: entries of the caches, and TLC's own output."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.tools import COUNTER, write_spec

from faults.tools import MODEST, TINY, run, script, whole_runs
from slubtla.tlc.engine.store import cache_dir, read_checked, write_checked

ROW = ["--arch", "x86", *TINY, "--json"]
RIGHT = {
    ("smp_mb", "x86"): "VIOLATED",
    ("smp_mb", "sc"): "PROVEN",
    ("synchronize_sched", "x86"): "PROVEN",
    ("synchronize_sched", "sc"): "PROVEN",
}


def swap(one: Path, other: Path) -> None:
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def verdict_of(strategy: str, *options: object) -> tuple[str, int]:
    ran = run("verify", "--strategy", strategy, *TINY, *options, "--json")
    found = json.loads(ran.out)
    return found["verdict"]["kind"], ran.code


def test_swapped_translations(tmp_path: Path) -> None:
    verdict_of("smp_mb", "--out-dir", tmp_path / "1")
    (mb,) = (cache_dir() / "translations").iterdir()
    verdict_of("synchronize_sched", "--out-dir", tmp_path / "2")
    (sched,) = set((cache_dir() / "translations").iterdir()) - {mb}
    swap(mb, sched)
    assert verdict_of("smp_mb", "--out-dir", tmp_path / "3") == ("VIOLATED", 1)
    assert verdict_of("synchronize_sched", "--out-dir", tmp_path / "4") == ("PROVEN", 0)


def cells(out_dir: Path) -> dict[tuple[str, str], tuple[str, bool]]:
    options = ["--strategy", "smp_mb", "--strategy", "synchronize_sched", *ROW]
    ran = run("matrix", *options, "--out-dir", out_dir)
    assert ran.code == 0, ran.err
    return {
        (cell["strategy"], cell["column"]): (
            cell["result"]["verdict"]["kind"],
            bool(cell["result"]["provenance"]["cached_at"]),
        )
        for cell in json.loads(ran.out)["cells"]
    }


def kept() -> Iterator[tuple[str, Path]]:
    for entry in (cache_dir() / "results").iterdir():
        _, _, archive = (read_checked(entry) or b"").partition(b"\n")
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            result = files.extractfile("result.json")
            assert result is not None
            yield json.loads(result.read())["name"], entry


def test_swapped_results(tmp_path: Path) -> None:
    assert cells(tmp_path / "1") == {place: (kind, False) for place, kind in RIGHT.items()}
    assert cells(tmp_path / "2") == {place: (kind, True) for place, kind in RIGHT.items()}
    entries = dict(kept())
    swap(entries["smp_mb-x86"], entries["synchronize_sched-x86"])
    again = {place: (kind, place[1] == "sc") for place, kind in RIGHT.items()}
    assert cells(tmp_path / "3") == again
    assert cells(tmp_path / "4") == {place: (kind, True) for place, kind in RIGHT.items()}


def test_a_result_under_a_key_that_is_not_its_own_is_made_again(tmp_path: Path) -> None:
    """Even where the key inside was made to fit: the modules, the cfg and the jar are compared."""
    cells(tmp_path / "1")
    entries = dict(kept())
    one, other = entries["smp_mb-x86"], entries["synchronize_sched-x86"]
    swap(one, other)
    for entry in (one, other):
        head, _, archive = (read_checked(entry) or b"").partition(b"\n")
        kept_at = head.split()[1]
        write_checked(entry, entry.name.encode() + b" " + kept_at + b"\n" + archive)
    again = {place: (kind, place[1] == "sc") for place, kind in RIGHT.items()}
    assert cells(tmp_path / "2") == again


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    """The output of a run that is PROVEN, of a module called Counter."""
    spec, _ = write_spec(tmp_path / "good", COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")
    assert run("check", spec, *MODEST, "--out-dir", tmp_path / "proof").code == 0
    return tmp_path / "proof" / "tlc.out"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Another module called Counter, whose invariant falls."""
    spec, _ = write_spec(tmp_path / "bad", COUNTER, "INIT Init\nNEXT Turn\nINVARIANT Below3\n")
    return spec


def test_a_java_that_replays_the_output_of_another_run(
    tmp_path: Path, proof: Path, wrong: Path
) -> None:
    java = script(tmp_path / "java", f"cat '{proof}'")
    ran = run("check", wrong, "--java", java, "--out-dir", tmp_path / "kept/run")
    assert (ran.code, ran.out.split()[0]) == (3, "ERROR(tlc)")
    assert "the output is that of another run: it says that" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "ERROR(tlc)"}
    assert (tmp_path / "kept/run/tlc.out").read_bytes() == proof.read_bytes()


def test_a_java_that_replays_it_without_saying_where(
    tmp_path: Path, proof: Path, wrong: Path
) -> None:
    java = script(tmp_path / "java", f"grep -v 'Parsing file' '{proof}'")
    ran = run("check", wrong, "--java", java, "--out-dir", tmp_path / "kept/run")
    assert (ran.code, ran.out.split()[0]) == (3, "ERROR(tlc)")
    assert "nowhere says that Counter.tla was parsed" in ran.said


def test_a_java_that_replays_a_violation(tmp_path: Path, wrong: Path) -> None:
    assert run("check", wrong, *MODEST, "--out-dir", tmp_path / "fell").code == 1
    java = script(tmp_path / "java", f"cat '{tmp_path / 'fell/tlc.out'}'")
    spec, _ = write_spec(tmp_path / "good", COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")
    ran = run("check", spec, "--java", java, "--out-dir", tmp_path / "kept/run")
    assert (ran.code, ran.out.split()[0]) == (3, "ERROR(tlc)")


def test_a_translator_that_replays_another_translation(tmp_path: Path) -> None:
    assert verdict_of("synchronize_sched", "--out-dir", tmp_path / "good") == ("PROVEN", 0)
    other = tmp_path / "good" / "Slub.tla"
    java = script(
        tmp_path / "java",
        f'case "$*" in *pcal.trans*) exec cp \'{other}\' Slub.tla;; esac; exec "$JAVA" "$@"',
    )
    ran = run("verify", "--strategy", "smp_mb", *TINY, "--java", java)
    assert (ran.code, ran.out) == (3, "")
    assert "this is the translation of another module" in ran.said


def test_a_run_below_a_link_is_itself(tmp_path: Path, wrong: Path, engine: str) -> None:
    """Java follows links before it prints a path, as below /tmp on macOS."""
    (tmp_path / "real ä").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real ä")
    options = [*MODEST, "--engine", engine, "--out-dir", tmp_path / "link" / "run"]
    ran = run("check", wrong, *options)
    assert (ran.code, ran.out.split()[0]) == (1, "VIOLATED(Below3)")
    shutil.rmtree(tmp_path / "real ä" / "run")
    ran = run("check", wrong, *options, environ={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert (ran.code, ran.out.split()[0]) == (1, "VIOLATED(Below3)")


def test_a_module_of_a_standard_name_beside_the_spec_is_the_users(tmp_path: Path) -> None:
    spec, _ = write_spec(
        tmp_path,
        "---- MODULE Mine ----\nEXTENDS Naturals, Bags\nVARIABLE x\nInit == x = 0\n"
        "Next == x' = (x + 1) % Most\nLow == x < Most\n====\n",
        "INIT Init\nNEXT Next\nINVARIANT Low\n",
    )
    (tmp_path / "Bags.tla").write_text("---- MODULE Bags ----\nMost == 3\n====\n", encoding="utf-8")
    ran = run("check", spec, *MODEST)
    assert (ran.code, ran.out.split()[0]) == (0, "PROVEN"), ran.said
