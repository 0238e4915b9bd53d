"""Fixtures of the fault suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engine.tools import COUNTER, ENDLESS, overlook_descendants, write_spec

if TYPE_CHECKING:
    from pathlib import Path

    from slubtla.tlc.tools import Toolchain


@pytest.fixture(autouse=True)
def _needs_java(engine_at_hand: Toolchain) -> None:
    """Without Java and a jar these tests skip, or fail in CI."""
    assert engine_at_hand


@pytest.fixture(params=["process", "jvm"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of each engine."""
    if request.param == "jvm":
        pytest.importorskip("jpype")
    return str(request.param)


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    """A spec that holds: 4 states, no PlusCal."""
    return write_spec(tmp_path / "spec", COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")[0]


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A spec whose search never ends within a test."""
    return write_spec(tmp_path / "spec", ENDLESS, "INIT Init\nNEXT Next\n")[0]


@pytest.fixture(autouse=True)
def _own_descendants() -> None:
    """Other tests may keep a browser or a kernel."""
    overlook_descendants()
