"""The disk is full: no file may grow beyond a limit, or a file system of 2 MiB is full."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from engine.tools import COUNTER, names_in, write_spec

from faults.tools import MAIN, MODEST, SECONDS, hidden, run, script, whole_runs
from slubtla import load_run

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
    assert f"slubtla: {tmp_path}/kept/run: File too large" in ran.said
    assert "next: raise the limit on the size of files" in ran.said
    assert names_in(tmp_path / "kept") == set()


def replaying(said: Path, java: Path, lines: int) -> Path:
    """A Java that prints an output as if it were its own, and ``lines`` empty lines behind it."""
    here = "s|Parsing file .*/Counter.tla|Parsing file '\"$PWD\"'/Counter.tla|"
    return script(java, f"sed '{here}' '{said}'; head -c {lines} /dev/zero | tr '\\0' '\\n'")


def test_a_disk_that_is_full_for_the_record(counter: Path, tmp_path: Path) -> None:
    """A proof whose record is cut is none, even where TLC itself was heard to its end."""
    assert run("check", counter, *MODEST, "--out-dir", tmp_path / "real").code == 0
    java = replaying(tmp_path / "real" / "tlc.out", tmp_path / "java", 100_000)
    whole = run("check", counter, "--java", java)
    assert (whole.code, whole.out.split()[0]) == (0, "PROVEN"), "it is the disk that matters"
    kept = tmp_path / "kept" / "run"
    ran = run("check", counter, "--java", java, "--out-dir", kept, before=limit(96 << 10))
    assert (ran.code, ran.out.split()[0]) == (3, "ERROR(tlc)")
    assert f"the record of this run is not whole: {kept}/tlc.out: File too large" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "ERROR(tlc)"}
    assert (kept / "tlc.out").stat().st_size == 96 << 10
    assert load_run(kept).lost == ("tlc.out",)


@pytest.mark.parametrize("record", [96 << 10, 110 << 10])
def test_a_counterexample_is_shown_though_its_record_does_not_fit(
    tmp_path: Path, engine: str, record: int
) -> None:
    """Beyond tlc.out, or between that and the trace beside it, which is larger."""
    kept = tmp_path / "kept" / "run"
    options = ["--strategy", "smp_mb", "--slabs", "1", "--workers", "1", "--engine", engine]
    options += ["--no-cache", "--out-dir", str(kept)]
    ran = run("verify", *options, before=limit(record))
    assert (ran.code, ran.out.split()[0]) == (1, "VIOLATED(NoLeak)")
    assert "the record of this run is not whole" in ran.said
    assert f"{kept}/trace.itf.json: File too large" in ran.said
    result = load_run(kept)
    assert result.trace_length is not None
    assert "trace.itf.json" in result.lost
    assert not (kept / "trace.itf.json").exists()
    assert f" {result.trace_length} " in ran.said, "the last step is shown"


@pytest.mark.parametrize(
    ("most", "code", "verdict"), [("0..3", 3, "ERROR(tlc)"), ("0..2", 1, "VIOLATED(InRange)")]
)
def test_a_result_that_does_not_fit_is_shown_and_the_rest_kept(
    tmp_path: Path, most: str, code: int, verdict: str
) -> None:
    cfg = "INIT Init\nNEXT Turn\nINVARIANT InRange\n"
    spec, _ = write_spec(tmp_path, COUNTER.replace("0..3", most), cfg)
    large = (
        "from slubtla.tlc.run.result import Result; Result.to_json = lambda self: 'x' * 300_000; "
    )
    kept = tmp_path / "kept" / "run"
    ran = run("check", spec, *MODEST, "--out-dir", kept, before=large + limit(96 << 10))
    assert (ran.code, ran.out.split()[0]) == (code, verdict)
    assert f"the record of this run is not whole: {kept}/result.json: File too large" in ran.said
    assert "Finished in" in (kept / "tlc.out").read_text("utf-8")
    assert not (kept / "result.json").exists()


def test_what_was_not_recorded_whole_is_not_kept_for_another_run(tmp_path: Path) -> None:
    options = ["--strategy", "smp_mb", "--arch", "x86", "--slabs", "1", "--json"]
    ran = run("matrix", *options, "--out-dir", tmp_path / "1", before=limit(96 << 10))
    lost = {c["column"]: c["result"]["lost"] for c in json.loads(ran.out)["cells"]}
    assert lost["x86"]
    again = json.loads(run("matrix", *options, "--out-dir", tmp_path / "2").out)["cells"]
    assert {c["column"]: c["result"]["lost"] for c in again} == {"sc": [], "x86": []}


def test_a_disk_that_is_full_for_the_translation(tmp_path: Path) -> None:
    options = ["--strategy", "smp_mb", "--no-cache", "--out-dir", tmp_path / "kept/run"]
    ran = run("verify", *options, before=limit(60 << 10))
    assert (ran.code, ran.out) == (3, "")
    assert "Slub.tla: File too large next: raise the limit on the size of files" in ran.said
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
