"""How TLC and its JVM are tuned."""

from __future__ import annotations

from dataclasses import replace

from slubtla.tlc.engine import (
    JvmProfile,
    TlcOptions,
    default_fpmem,
    default_heap_mb,
    this_machine,
)
from slubtla.tlc.run.settings import LEAST_HEAP_MB, Settings

COVERAGE_MINUTES = 60
"""Between two reports of coverage; the last one comes at the end."""


def options_for(
    settings: Settings, profile: JvmProfile, *, check_deadlock: bool = True, coverage: bool
) -> TlcOptions:
    """Return TLC's options.

    Args:
        settings: how to run.
        profile: how the JVM is tuned.
        check_deadlock: whether a state without successors is an error.
        coverage: whether TLC counts the steps of each action.
    """
    options = TlcOptions(
        check_deadlock=check_deadlock,
        workers=settings.workers or this_machine().cores,
        heap_mb=settings.heap_mb,
        profile=profile,
        fpmem=default_fpmem(profile),
        checkpoint_minutes=settings.checkpoint or 0,
        coverage_minutes=COVERAGE_MINUTES if coverage else 0,
        classpath=tuple(str(jar.absolute()) for jar in settings.classpath),
    )
    # A checkpoint does not hold the counts of actions: they must be told soon after it.
    return replace(options, coverage_minutes=1) if settings.checkpoint else options


def default_heap(profile: JvmProfile, *, side_by_side: int = 1) -> int:
    """Return the Java heap when the user names none, in MiB.

    Args:
        profile: how the JVM is tuned.
        side_by_side: how many such searches share the machine's memory.
    """
    heap_mb = default_heap_mb(this_machine().memory_bytes, profile)
    if profile is JvmProfile.LARGE:
        heap_mb = max(LEAST_HEAP_MB, heap_mb // side_by_side)
    return heap_mb
