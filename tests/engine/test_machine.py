"""How much memory TLC gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from slubtla.tlc.engine import JvmProfile, default_fpmem, default_heap_mb, this_machine

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1 << 30


@pytest.mark.parametrize(
    ("memory", "small", "large"),
    [(64 * GIB, 1024, 32768), (2 * GIB, 512, 1024), (GIB // 16, 64, 64)],
)
def test_the_default_heap_follows_the_memory(memory: int, small: int, large: int) -> None:
    assert default_heap_mb(memory, JvmProfile.SMALL) == small
    assert default_heap_mb(memory, JvmProfile.LARGE) == large


def test_fingerprints_get_half_of_a_large_heap() -> None:
    assert default_fpmem(JvmProfile.LARGE) == 0.5
    assert default_fpmem(JvmProfile.SMALL) is None


def test_the_machine_is_what_the_system_says() -> None:
    machine = this_machine(cgroup_limits=())
    assert machine.memory_bytes == psutil.virtual_memory().total
    assert 1 <= machine.cores <= (psutil.cpu_count() or 1)


def test_a_container_limit_counts(tmp_path: Path) -> None:
    (tmp_path / "unlimited").write_text("max\n")
    (tmp_path / "limited").write_text(f"{GIB}\n")
    limits = (tmp_path / "none", tmp_path / "unlimited", tmp_path / "limited")
    assert this_machine(limits).memory_bytes == GIB
    assert this_machine(limits[:2]) == this_machine(())
