"""What happens to TLC when the Python that runs it is interrupted or dies."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from engine.tools import ENDLESS, descendants, names_in, need_toolchain, still_there, write_spec

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from slubtla.tlc.engine import CheckJob, ProcessEngine, TlcOptions
from slubtla.tlc.tools import find_toolchain

def underway(line):
    if "Finished computing initial states" in line:
        print("underway", flush=True)

spec, cfg, workdir = map(Path, sys.argv[1:])
job = CheckJob(spec, cfg, workdir, TlcOptions(check_deadlock=False), timeout=60)
ProcessEngine(find_toolchain()).check(job, on_line=underway)
"""


STUBBORN = """
import sys
from pathlib import Path
from slubtla.tlc.engine import run_supervised

folder = Path(sys.argv[1])
script = "trap '' TERM; sleep 600 & echo underway; wait"
run_supervised(
    ["/bin/sh", "-c", script],
    cwd=folder,
    stdout=folder / "out",
    stderr=folder / "err",
    on_line=lambda line: print(line, flush=True),
    scratch=folder / "scratch",
    grace=0.2,
)
"""


def test_a_stubborn_program_and_its_children_die_with_the_parent(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "underway\n"
        family = descendants(parent.pid)
        assert len(family) >= 3
        parent.kill()
    assert still_there(family) == []
    assert names_in(tmp_path) == {"out", "err"}


FORKING = """
import os, signal, sys
from pathlib import Path
from slubtla.tlc.engine import run_supervised

def fork(line):
    pid = os.fork()
    if pid == 0:
        signal.pause()
    print(pid, flush=True)

folder = Path(sys.argv[1])
run_supervised(
    ["/bin/sh", "-c", "echo underway; exec sleep 600"],
    cwd=folder,
    stdout=folder / "out",
    stderr=folder / "err",
    on_line=fork,
)
"""


def test_a_fork_of_the_parent_does_not_keep_the_program_alive(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORKING, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        fork = psutil.Process(int(parent.stdout.readline()))
        family = [process for process in descendants(parent.pid) if process != fork]
        assert len(family) >= 2
        parent.kill()
    try:
        assert still_there(family) == []
        assert fork.is_running()
    finally:
        fork.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_tlc_never_outlives_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    need_toolchain()
    spec, cfg = write_spec(tmp_path, ENDLESS, "INIT Init\nNEXT Next\n")
    run = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(spec), str(cfg), str(run)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "underway\n"
        family = descendants(parent.pid)
        assert any("java" in process.name() for process in family)
        parent.send_signal(number)
        _, complaint = parent.communicate(timeout=20)
    if number is signal.SIGINT:
        assert parent.returncode == 1
        assert "RunInterrupted" in complaint
    else:
        assert parent.returncode == -number
    assert still_there(family) == []
    assert names_in(run) == {"Endless.tla", "Endless.cfg", "tlc.out", "tlc.err"}
