"""Run slubtla, and TLC by hand on the frozen baseline."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.timing import clocked
from slubtla.tlc.tools import Toolchain

BASELINE: Final = Path(__file__).with_name("baseline")
"""Models as they were rendered on 2026-12-01: six strategies with default bounds, and 3 CPUs x 3
slabs x 1 task with synchronize_sched. A faster specification must not make the baseline faster."""

SLUBTLA: Final = str(Path(sys.executable).with_name("slubtla"))

_ENDED: Final = re.compile(r"\d+ distinct states found")
_VIOLATED: Final = 12


def run(
    argv: list[str],
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> str:
    """Run a command and return its output.

    Raises:
        RuntimeError: its exit code is none of ``codes``.
    """
    environment = os.environ | {"NO_COLOR": "1"} | dict(environment or {})
    done = subprocess.run(
        argv, cwd=cwd, check=False, capture_output=True, text=True, env=environment
    )
    if done.returncode not in codes:
        raise RuntimeError(f"{argv}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def by_hand(toolchain: Toolchain, model: Path, room: Path) -> float:
    """Seconds of ``pcal.trans`` and then ``tlc2.TLC`` on a model's files, with default flags."""
    folder = new_folder(room, "by-hand")
    for file in model.iterdir():
        shutil.copy(file, folder)
    java = [str(toolchain.java.path), "-cp", str(toolchain.jar.path)]

    def search() -> None:
        run([*java, "pcal.trans", "-nocfg", "Slub.tla"], folder)
        argv = [*java, "tlc2.TLC", "-config", "Slub.cfg", "Slub.tla"]
        said = run(argv, folder, codes=(0, _VIOLATED))
        if not _ENDED.search(said):
            raise RuntimeError(said)

    return clocked(search)


def tools(toolchain: Toolchain) -> list[str]:
    """The options that make slubtla use the same Java and jar as by hand."""
    return ["--tla2tools", str(toolchain.jar.path), "--java", str(toolchain.java.path)]


def new_folder(room: Path, name: str) -> Path:
    """An empty folder."""
    folder = room / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
