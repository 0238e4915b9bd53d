"""Fixtures of the caches' tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A place in which nothing can be made, not even by root: a file stands there."""
    place = tmp_path / "sealed"
    place.write_text("no directory", encoding="utf-8")
    return place / "cache"
