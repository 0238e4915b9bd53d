"""Fixtures of the engine's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.tools import need_toolchain

if TYPE_CHECKING:
    from slubtla.toolchain import Toolchain


@pytest.fixture
def toolchain() -> Toolchain:
    """The real Java and jar; skips, or fails in CI, when they are missing."""
    return need_toolchain()
