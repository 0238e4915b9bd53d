"""How TLC and its JVM are tuned for a model."""

from __future__ import annotations

from dataclasses import replace

from slubtla.barriers.model import Model
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


def is_counted(model: Model, settings: Settings) -> bool:
    """Whether TLC counts the steps of each action; else the actions tell that they fire.

    It must where something is evaluated beside the search: fairness, and what follows a checkpoint.
    """
    return settings.coverage or bool(settings.checkpoint) or bool(model.liveness)


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


def default_heap(model: Model, *, side_by_side: int = 1) -> int:
    """Return the Java heap for a model when the user names none, in MiB.

    Args:
        model: what is checked.
        side_by_side: how many such searches share the machine's memory.
    """
    profile = profile_of(model)
    heap_mb = default_heap_mb(this_machine().memory_bytes, profile)
    return heap_mb if profile is JvmProfile.SMALL else shared_heap(heap_mb, side_by_side)


def shared_heap(heap_mb: int, side_by_side: int) -> int:
    """Return what is left of a heap, in MiB, where so many searches share it."""
    return max(LEAST_HEAP_MB, heap_mb // side_by_side)


def profile_of(model: Model) -> JvmProfile:
    """Measured: from some 50,000 states on, the JVM that runs fast wins over the other."""
    small = model.cpus * model.tasks * model.slabs <= 8  # noqa: PLR2004 - the default bounds
    more = (
        model.interrupts,
        model.allocations,
        model.objects > 1,
        model.memory == "relaxed",
        model.argument,
        "preempt_disable" in model.without,
    )
    return JvmProfile.SMALL if small and not any(more) else JvmProfile.LARGE
