"""Fixtures of the toolchain's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engine.tools import need_toolchain, overlook_descendants

if TYPE_CHECKING:
    from slubtla.tlc.tools import Toolchain


@pytest.fixture
def toolchain() -> Toolchain:
    """The real Java and jar; skips, or fails in CI, when they are missing."""
    return need_toolchain()


@pytest.fixture(autouse=True)
def _own_descendants() -> None:
    """Other tests may keep a browser or a kernel."""
    overlook_descendants()
