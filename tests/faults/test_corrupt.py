"""What slubtla keeps, and what it is given, is damaged."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from engine.tools import need_toolchain

from faults.tools import MODEST, TINY, run, whole_runs
from slubtla.tlc.engine.archives import Archives
from slubtla.tlc.engine.store import cache_dir

BEYOND = "tlc2/tool/ModelChecker.class"
"""A class that nothing looks at before TLC needs it."""


def flip(path: Path) -> None:
    """Change the byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def test_a_jar_that_is_damaged_where_nobody_looked(
    counter: Path, tmp_path: Path, engine: str
) -> None:
    real = need_toolchain().jar.path
    data = bytearray(real.read_bytes())
    with zipfile.ZipFile(real) as archive:
        at = archive.getinfo(BEYOND).header_offset + 500
    data[at : at + 50] = bytes(50)
    jar = tmp_path / "damaged.jar"
    jar.write_bytes(data)
    options = ["--tla2tools", jar, "--engine", engine, "--out-dir", tmp_path / "kept/run"]
    ran = run("check", counter, *MODEST, *options)
    assert ran.code == 3
    assert "ERROR(tlc) Counter Error: Unable to initialize main class tlc2.TLC" in ran.said
    assert "Error: " in (tmp_path / "kept/run/tlc.err").read_text("utf-8")
    assert whole_runs(tmp_path / "kept") == {"run": "ERROR(tlc)"}


def test_archives_of_classes_that_are_damaged(counter: Path, tmp_path: Path) -> None:
    (cache_dir() / "archives").unlink(missing_ok=True)  # where it leads to is not ours to damage
    archives = Archives(need_toolchain())
    assert archives.build()
    (used,) = archives_used(counter, tmp_path / "before")
    for path in (cache_dir() / "archives").glob("*.archive"):
        flip(path)
    assert archives_used(counter, tmp_path / "after") == []
    assert Path(used).is_file()


def archives_used(spec: Path, out_dir: Path) -> list[str]:
    """Check a spec that holds; which archives its JVM was given."""
    ran = run("check", spec, *MODEST, "--out-dir", out_dir)
    assert (ran.code, ran.err) == (0, "")
    argv = json.loads((out_dir / "argv.json").read_text("utf-8"))
    kinds = ("-XX:AOTCache=", "-XX:SharedArchiveFile=")
    return [flag.partition("=")[2] for flag in argv if flag.startswith(kinds)]


def test_everything_that_was_kept_is_damaged(tmp_path: Path) -> None:
    """Translations and results: the runs are made again, and kept again."""

    def cells(name: str) -> list[tuple[str, bool]]:
        ran = run(
            *("matrix", "--strategy", "none", "--arch", "x86", *TINY, "--json"),
            *("--out-dir", tmp_path / name),
        )
        assert (ran.code, ran.err) == (0, "")
        results = [cell["result"] for cell in json.loads(ran.out)["cells"]]
        return [(r["verdict"]["kind"], bool(r["provenance"]["cached_at"])) for r in results]

    fresh = [("PROVEN", False), ("VIOLATED", False)]
    kept = [("PROVEN", True), ("VIOLATED", True)]
    assert cells("first") == fresh
    assert cells("second") == kept
    files = sorted(path for path in cache_dir().rglob("*") if path.is_file())
    assert len(files) >= 4, "two translations and two results"
    for number, path in enumerate(files):
        if path.stat().st_size == 0:
            path.write_bytes(b"x")
        elif number % 2:
            flip(path)
        else:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert cells("third") == fresh
    assert cells("fourth") == kept
