"""The disk is full: no file may grow beyond a limit, or a file system of 2 MiB is full."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from engine.tools import names_in

from faults.tools import MAIN, MODEST, SECONDS, hidden, run, script, whole_runs

UNSHARE = shutil.which("unshare") or ""


def limit(size: int) -> str:
    """Python that lets no file of this process and its children grow beyond ``size`` bytes."""
    return f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "


def test_a_disk_that_is_full_for_tlc(endless: Path, tmp_path: Path, engine: str) -> None:
    options = ["--no-deadlock", *MODEST, "--engine", engine, "--out-dir", tmp_path / "kept/run"]
    ran = run("check", endless, *options, before=limit(256 << 10))
    assert ran.code == 3
    assert "when writing the disk (StatePoolWriter.run): File too large" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "ERROR(tlc)"}
    assert hidden(tmp_path / "kept") == []


def test_a_disk_that_is_full_for_the_specification(tmp_path: Path) -> None:
    options = ["--strategy", "smp_mb", "--out-dir", tmp_path / "kept/run"]
    ran = run("verify", *options, before=limit(4 << 10))
    assert (ran.code, ran.out) == (3, "")
    assert "File too large" in ran.err
    assert "next: see that the disk is not full" in ran.err
    assert names_in(tmp_path / "kept") == set()


def test_a_disk_that_is_full_for_the_record(counter: Path, tmp_path: Path) -> None:
    """A verdict whose record is cut is none, even where TLC itself was heard to its end."""
    assert run("check", counter, *MODEST, "--out-dir", tmp_path / "real").code == 0
    said = tmp_path / "said"
    said.write_bytes((tmp_path / "real" / "tlc.out").read_bytes() + b"\n" * 100_000)
    here = "s|Parsing file .*/Counter.tla|Parsing file '\"$PWD\"'/Counter.tla|"
    java = script(tmp_path / "java", f"sed '{here}' '{said}'")
    whole = run("check", counter, "--java", java)
    assert (whole.code, whole.out.split()[0]) == (0, "PROVEN"), "it is the disk that matters"
    options = ["--java", java, "--out-dir", tmp_path / "kept/run"]
    ran = run("check", counter, *options, before=limit(96 << 10))
    assert (ran.code, ran.out) == (3, "")
    assert "File too large" in ran.err
    assert names_in(tmp_path / "kept") == set()


def small_disk(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command, and then list ``folder``, where a file system of 2 MiB is mounted."""
    program = (
        'mount -t tmpfs -o size=2m none "$1" || exit 99; '
        'd="$1"; shift; "$@"; r=$?; ls -A "$d"; exit $r'
    )
    return subprocess.run(
        [UNSHARE, "--map-root-user", "--mount", "sh", "-c", program, "sh", folder, *command],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=SECONDS,
    )


@pytest.mark.skipif(not UNSHARE, reason="there is no unshare here")
def test_a_real_disk_that_is_full(endless: Path, tmp_path: Path) -> None:
    """Where a file system may be mounted; the limits above do the same elsewhere."""
    if small_disk(tmp_path, ["true"]).returncode != 0:
        pytest.skip("no file system may be mounted here")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [sys.executable, "-c", MAIN, "check", str(endless), "--no-deadlock", *MODEST]
    ran = small_disk(disk, [*command, "--out-dir", str(disk / "run")])
    assert ran.returncode == 3, ran.stderr
    said = " ".join((ran.stdout + ran.stderr).split())
    assert "No space left on device" in said
    assert "Traceback" not in ran.stderr
    assert ran.stdout.splitlines()[-1] == "run"
    assert Path(disk, "run").exists() is False  # the file system is gone with its namespace
