"""What the tests of the fault suite share: the real command, and ways to harm it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from engine.tools import UNDERWAY, descendants, need_toolchain

from slubtla import load_run
from slubtla.tlc.run.rundir import RESULT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MAIN = "import sys; from slubtla.cli import main; sys.argv[0] = 'slubtla'; main()"
"""What the console script does."""

HEEDING_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
"""What runs in the background, as pytest-xdist's workers do, is born ignoring SIGINT."""

SECONDS = 120
TINY = ["--slabs", "1", "--tasks", "1"]
MODEST = ["--workers", "1", "--heap", "200m"]


def start(
    *arguments: object, before: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start the command in a process; ``before`` is Python that this process runs first."""
    return subprocess.Popen(
        [sys.executable, "-c", before + MAIN, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
        env=os.environ | (environ or {}),
    )


class Ran:
    """How a command ended, and what it said."""

    def __init__(self, process: subprocess.Popen[str], seconds: float = SECONDS) -> None:
        with process:
            try:
                self.out, self.err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self.code = process.returncode
        assert "Traceback" not in self.err, self.err
        assert "defect of slubtla" not in self.err

    @property
    def said(self) -> str:
        """All its words, on one line, without the lines that rich and typer draw."""
        return " ".join(re.sub("[│╭╮╰╯─━]", " ", self.out + self.err).split())


def run(*arguments: object, before: str = "", environ: Mapping[str, str] | None = None) -> Ran:
    """Run the command to its end."""
    return Ran(start(*arguments, before=before, environ={"COLUMNS": "400"} | dict(environ or {})))


def wait_until(parent: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    """Wait for a condition while ``parent`` lives; fail when it ends before."""
    for _ in range(int(SECONDS / 0.05)):
        if ready():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            parent.wait(timeout=0.05)
            pytest.fail(f"it ended with {parent.returncode}: {parent.communicate()}")
    parent.kill()
    pytest.fail("it never came so far")


def underway(parent: Path) -> bool:
    """Whether a run that works below ``parent`` has begun to search."""
    return any(
        UNDERWAY in path.read_text(encoding="utf-8", errors="replace")
        for path in parent.glob(".slubtla-*/tlc.out")
    )


def jvm_below(parent: subprocess.Popen[str]) -> psutil.Process:
    """The process that holds the JVM: the only one below ``parent`` that has no child."""
    (leaf,) = [process for process in descendants(parent.pid) if not process.children()]
    return leaf


def whole_runs(folder: Path) -> dict[str, str]:
    """The verdict of each run directory that can be seen in ``folder``; all must be whole."""
    found = {}
    for path in sorted(folder.glob("[!.]*")):
        assert (path / RESULT).is_file(), f"{path} is half-written"
        found[path.name] = str(load_run(path).verdict)
    return found


def hidden(folder: Path) -> list[str]:
    """What a run that did not end left in ``folder``."""
    return sorted(path.name for path in folder.glob(".*"))


def script(path: Path, does: str) -> Path:
    """A ``java`` that says what it is as the real one does, and then ``does`` something else.

    In ``does``, ``$JAVA`` is the real one.
    """
    java = shlex.quote(str(need_toolchain().java.path))
    path.write_text(
        f'#!/bin/sh\nJAVA={java}\ncase "$*" in *-version*) exec "$JAVA" "$@";; esac\n{does}\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path
