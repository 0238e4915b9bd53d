"""What several tests of the engine and the toolchain need."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from slubtla.errors import ToolchainError
from slubtla.tlc.tools import Toolchain, find_toolchain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

UNDERWAY = "Finished computing initial states"
"""TLC says so when it begins to search."""

COUNTER = r"""
---- MODULE Counter ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Turn == x' = (x + 1) % 4
Climb == x < 3 /\ x' = x + 1
Wild == x' = x + "one"
InRange == x \in 0..3
Below3 == x < 3
====
"""

ENDLESS = r"""
---- MODULE Endless ----
EXTENDS Naturals
VARIABLE f
Init == f = [i \in 1..12 |-> 0]
Next == \E i \in 1..12 : f[i] < 9 /\ f' = [f EXCEPT ![i] = @ + 1]
====
"""
"""10 to the 12th states: never done within a test."""


@functools.cache
def need_toolchain() -> Toolchain:
    """The real Java and jar: without them a test is skipped here, and fails in CI."""
    try:
        return find_toolchain()
    except ToolchainError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have a toolchain: {error}")
        pytest.skip(str(error))


def write_spec(folder: Path, text: str, cfg: str) -> tuple[Path, Path]:
    """Write a module and its configuration, named after the module."""
    name = text.split("MODULE", 1)[1].split(maxsplit=1)[0]
    folder.mkdir(parents=True, exist_ok=True)
    spec, config = folder / f"{name}.tla", folder / f"{name}.cfg"
    spec.write_text(text.lstrip(), encoding="utf-8")
    config.write_text(cfg, encoding="utf-8")
    return spec, config


_OTHERS: set[psutil.Process] = set()
"""What this process had started before the test: the browser of another one, say."""


def overlook_descendants() -> None:
    """Do not count those that are there now."""
    _OTHERS.clear()
    _OTHERS.update(psutil.Process().children(recursive=True))


def descendants(pid: int | None = None) -> list[psutil.Process]:
    """The processes that ``pid``, or this process in this test, started, directly or not."""
    found = psutil.Process(pid).children(recursive=True)
    return [process for process in found if process not in _OTHERS]


def still_there(processes: Iterable[psutil.Process], seconds: float = 15.0) -> list[psutil.Process]:
    """Which of ``processes`` still run after at most ``seconds``; zombies do not run."""
    deadline = time.monotonic() + seconds
    alive = list(processes)
    while alive and time.monotonic() < deadline:
        _, alive = psutil.wait_procs(alive, timeout=0.1)
        alive = [process for process in alive if not _is_zombie(process)]
    return alive


def _is_zombie(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


def names_in(folder: Path) -> set[str]:
    """The names of what lies in a folder."""
    return {path.name for path in folder.iterdir()}
