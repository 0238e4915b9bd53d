"""Runs that several tests of this folder start from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.tools import write_spec

from scale.tools import GRID, SECOND, SIZE, kill_after_report
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.resume import resume
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain


@pytest.fixture(scope="session")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write the grid with these lines added to its configuration."""

    def write(lines: str) -> Path:
        return write_spec(tmp_path_factory.mktemp("grid"), GRID, SIZE + lines)[0]

    return write


@pytest.fixture(scope="session")
def uninterrupted(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Result:
    """A run from beginning to end."""
    out_dir = tmp_path_factory.mktemp("whole") / "run"
    settings = Settings(workers=1, toolchain=engine_at_hand, out_dir=out_dir)
    return check_spec(grid("INVARIANT Within\n"), settings=settings, check_deadlock=False)


@pytest.fixture(scope="session")
def killed_once(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What is left of a run whose process was killed after a checkpoint."""
    assert engine_at_hand
    out_dir = tmp_path_factory.mktemp("killed") / "run"
    return kill_after_report(grid("INVARIANT Within\n"), out_dir, checkpoint=SECOND)


@pytest.fixture(scope="session")
def resumed(killed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """That run, when it has gone on to its end."""
    place = tmp_path_factory.mktemp("resumed") / killed_once.name
    return resume(shutil.copytree(killed_once, place))


@pytest.fixture
def killed(killed_once: Path, tmp_path: Path) -> Path:
    """The same, for one test alone."""
    return shutil.copytree(killed_once, tmp_path / killed_once.name)
