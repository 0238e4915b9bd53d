"""A specification that is searched for some seconds, and runs of it that are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.tools import descendants, still_there

GRID = r"""
---- MODULE Grid ----
EXTENDS Naturals
CONSTANT N, M
VARIABLES f, started
Init == f = [i \in 1..N |-> 0] /\ started = FALSE
Start == ~started /\ started' = TRUE /\ UNCHANGED f
Step == started /\ \E i \in 1..N : f[i] < M /\ f' = [f EXCEPT ![i] = @ + 1] /\ UNCHANGED started
Never == f[1] > M /\ UNCHANGED <<f, started>>
Next == Start \/ Step \/ Never
Spec == Init /\ [][Next]_<<f, started>>
Within == \A i, j \in 1..N : f[i] + f[j] <= 2 * M
NotAtTheEnd == \E i \in 1..N : f[i] < M
Early == f # [i \in 1..N |-> IF i = 1 THEN 3 ELSE 0]
Fails == f = [i \in 1..N |-> IF i = 1 THEN 3 ELSE 0] => f[1] + "x" = 3
Ends == <>(f[1] = M)
====
"""
"""(M + 1) to the N-th states, and one; ``Start`` fires in the first state only, ``Never`` never.

A search from bottom to top: ``NotAtTheEnd`` falls in the last state that is found.
"""

SIZE = "CONSTANT N = 7\nCONSTANT M = 5\nSPECIFICATION Spec\n"
DISTINCT = 6**7 + 1

SECOND = 1 / 60
"""In minutes."""

PROGRAM = """
import signal
import sys
from pathlib import Path
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.settings import Settings

def report(progress):
    print("reported", flush=True)
    signal.pause()

check_spec(
    Path(sys.argv[1]),
    settings=Settings(
        workers=1,
        checkpoint=float(sys.argv[3]),
        out_dir=Path(sys.argv[2]),
        on_progress=None if "noted" in globals() else report,
    ),
    check_deadlock=False,
)
"""
"""Checks argv[1] into argv[2], and hears nothing more after TLC's first report.

That comes 3 s after its start, just after the first checkpoint.
"""


CHECKPOINT = """
import signal
from slubtla.tlc.run import run

note = run.note_checkpoint

def noted(work):
    note(work)
    print("reported", flush=True)
    signal.pause()

run.note_checkpoint = noted
"""
"""Before :data:`PROGRAM`: report the first checkpoint, and hear nothing more after it."""


def kill_after_report(spec: Path, out_dir: Path, *, checkpoint: float, before: str = "") -> Path:
    """Begin a run in a process of its own, and kill that process when TLC has reported once.

    Args:
        spec: what to check.
        out_dir: where.
        checkpoint: minutes between two.
        before: Python that the process runs first.

    Returns:
        Where the run was at work.
    """
    command = [sys.executable, "-c", before + PROGRAM, str(spec), str(out_dir), str(checkpoint)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "reported\n", "TLC was done before its first report"
        family = descendants(parent.pid)
        parent.kill()
    assert still_there(family) == []
    return out_dir.with_name(out_dir.name + ".unfinished")
