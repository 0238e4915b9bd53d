"""The JVM dies in mid-run: killed, crashed, without memory."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from engine.tools import descendants, names_in, still_there

from faults.tools import (
    MODEST,
    Ran,
    hidden,
    jvm_below,
    run,
    script,
    start,
    underway,
    wait_until,
    whole_runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECORD = {"Endless.tla", "Endless.cfg", "argv.json", "result.json", "tlc.out", "tlc.err"}


def harmed(spec: Path, engine: str, harm: Callable[[psutil.Process], object]) -> Ran:
    """Check ``spec`` into ``kept/run``, and harm the JVM when it is searching."""
    kept = spec.parent.parent / "kept"
    options = ["--no-deadlock", *MODEST, "--engine", engine, "--out-dir", kept / "run"]
    process = start("check", spec, *options, environ={"COLUMNS": "400"})
    wait_until(process, lambda: underway(kept))
    harm(jvm_below(process))
    family = descendants(process.pid)
    ran = Ran(process)
    assert still_there(family) == []
    assert hidden(kept) == []
    assert names_in(kept / "run") >= RECORD
    assert "Finished computing initial states" in (kept / "run" / "tlc.out").read_text("utf-8")
    return ran


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGSEGV, -6)])
def test_a_jvm_that_is_killed_or_crashes(
    endless: Path, tmp_path: Path, engine: str, number: signal.Signals, code: int
) -> None:
    ran = harmed(endless, engine, lambda jvm: jvm.send_signal(number))
    assert ran.code == 4
    assert ran.said.startswith("INCONCLUSIVE(truncated) Endless TLC ended with exit code")
    assert f"exit code {code} in the middle" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "INCONCLUSIVE(truncated)"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes memory from a process")
def test_a_jvm_that_gets_no_more_memory_from_the_system(
    endless: Path, tmp_path: Path, engine: str
) -> None:
    ran = harmed(endless, engine, lambda jvm: jvm.rlimit(psutil.RLIMIT_AS, (1, 1)))
    assert ran.code == 4
    assert "the system gave Java no memory beside its heap" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "INCONCLUSIVE(memory)"}


def test_fingerprints_that_do_not_fit_beside_the_heap(counter: Path, tmp_path: Path) -> None:
    """TLC's off-heap set is given more than any machine has."""
    more = "-XX:MaxDirectMemorySize=4400000000000000"
    chosen = "-Dtlc2.tool.fp.FPSet.impl=tlc2.tool.fp.OffHeapDiskFPSet"
    java = script(tmp_path / "java", f'exec "$JAVA" {more} {chosen} "$@"')
    ran = run("check", counter, *MODEST, "--java", java, "--out-dir", tmp_path / "kept/run")
    assert ran.code == 4
    assert "the system gave Java no memory beside its heap" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "INCONCLUSIVE(memory)"}
