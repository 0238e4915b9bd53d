"""The whole set on the real TLC, once for all tests that look at it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from slubtla.barriers.data import data_dir
from slubtla.barriers.litmus import Conformance, run_litmus, shipped_files
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

SECONDS = 120


@pytest.fixture(scope="session")
def conformance(engine_at_hand: Toolchain) -> Conformance:
    """Our own set on all memory models: four runs of TLC."""
    return run_litmus(shipped_files(), settings=Settings(toolchain=engine_at_hand, timeout=SECONDS))


@pytest.fixture
def specs_copy(tmp_path: Path) -> Path:
    """A copy of the templates, to be broken."""
    return Path(shutil.copytree(data_dir("specs"), tmp_path / "specs"))
