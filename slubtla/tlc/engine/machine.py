"""Measure processors and memory, and choose TLC's default heap."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from slubtla.tlc.engine.argv import JvmProfile

_MIB = 1 << 20
_LEAST_HEAP_MB = 64
_SMALL_HEAP_MB = 1024

# The limit of this container: control groups version 2, then version 1.
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Host:
    """What a run may use.

    Attributes:
        cores: processors that this process may run on.
        memory_bytes: physical memory, or the container's limit where that is lower.
    """

    cores: int
    memory_bytes: int


def this_machine(cgroup_limits: tuple[Path, ...] = _CGROUP_LIMITS) -> Host:
    """The machine, or container, that this process runs in."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    limits = [limit for path in cgroup_limits if (limit := _limit(path)) is not None]
    return Host(cores, min([memory, *limits]))


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such control group, or "max"
        return None


def default_heap_mb(memory_bytes: int, profile: JvmProfile) -> int:
    """The heap to give TLC when the user named none, in MiB.

    A small model gets a quarter of the memory and at most 1 GiB, so that several can run at a time;
    a large one gets half. TLC keeps fingerprints and states on disk beyond that.
    """
    memory_mb = memory_bytes // _MIB
    if profile is JvmProfile.LARGE:
        return max(_LEAST_HEAP_MB, memory_mb // 2)
    return max(_LEAST_HEAP_MB, min(_SMALL_HEAP_MB, memory_mb // 4))


def default_fpmem(profile: JvmProfile) -> float | None:
    """The part of the heap to give to fingerprints; None leaves TLC its own, a quarter.

    Half of it for a large model: its queue lies on disk (``DiskStateQueue``), so that little else
    grows. The fingerprints stay in the heap (``MSBDiskFPSet``): the set outside of it
    (``OffHeapDiskFPSet`` with ``-XX:MaxDirectMemorySize``) is as fast (1.7 million states: 11 s
    against 13 s), but fills all of its memory with zeros before the search starts (of 6 GiB: 5 s,
    6.4 GB resident for 18 states), and needs ``sun.misc.Unsafe``, which Java 25 warns about.
    """
    return 0.5 if profile is JvmProfile.LARGE else None
