"""Two runs of the same, at the same time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from typing import TYPE_CHECKING

from engine.tools import names_in

from faults.tools import TINY, Ran, run, script, start, wait_until, whole_runs

if TYPE_CHECKING:
    from pathlib import Path


def test_two_runs_that_want_one_directory_both_keep_their_results(tmp_path: Path) -> None:
    """Neither has its Java before both have begun. The second is kept beside the first."""
    gate, kept = tmp_path / "gate", tmp_path / "kept"
    os.mkfifo(gate)
    java = script(tmp_path / "java", f'read -r _ < \'{gate}\'; exec "$JAVA" "$@"')
    model = ["verify", "--strategy", "none", *TINY, "--workers", "1"]
    model += ["--java", str(java), "--out-dir", str(kept / "run")]
    both = [start(*model, environ={"COLUMNS": "400"}) for _ in range(2)]
    wait_until(both[0], lambda: len(list(kept.glob(".slubtla-*"))) == 2)

    for process in both:
        while process.poll() is None:
            with contextlib.suppress(OSError):  # nobody waits at the gate
                os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
    ran = [Ran(process) for process in both]
    assert [(one.code, one.err) for one in ran] == [(1, "")] * 2
    found = whole_runs(kept)
    assert len(found) == 2
    assert set(found.values()) == {"VIOLATED(NoLeak)"}
    first, second = sorted(found)
    assert (first, second[:4]) == ("run", "run-")
    assert names_in(kept / first) == names_in(kept / second)
    assert all(str(kept / name) in ran[0].said + ran[1].said for name in found)


def test_two_that_fill_the_caches_at_once_both_succeed(tmp_path: Path) -> None:
    cells = ["matrix", "--strategy", "none", "--arch", "x86", *TINY, "--json", "--out-dir"]
    both = [start(*cells, tmp_path / name) for name in ("a", "b")]
    ran = [Ran(process) for process in both]
    assert [(one.code, one.err) for one in ran] == [(0, "")] * 2
    for name in ("a", "b"):
        found = whole_runs(tmp_path / name)
        assert found == {"none-sc": "PROVEN", "none-x86": "VIOLATED(NoLeak)"}
    third = run(*cells, tmp_path / "c")
    assert third.code == 0
    results = [cell["result"] for cell in json.loads(third.out)["cells"]]
    assert all(result["provenance"]["cached_at"] for result in results)
