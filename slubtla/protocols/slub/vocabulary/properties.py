"""Properties: what a model must show."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from slubtla.protocols.slub.vocabulary.entries import Entry, Vocabulary


class PropertyKind(enum.StrEnum):
    """How a property is checked."""

    INVARIANT = "invariant"
    """TLC evaluates it in every reachable state."""
    GOAL = "goal"
    """An action that must be reached: where it never is, the verdict is VACUOUS."""
    ARGUMENT = "argument"
    """An invariant over history variables, only where it is asked for: a sentence of the mail."""
    LIVENESS = "liveness"
    """A temporal property, only where it is asked for: with fair CPUs and without symmetry."""


@dataclass(frozen=True, slots=True)
class Property(Entry):
    """Something that the model must show.

    Attributes:
        kind: how it is checked.
        action: for a goal, the label, or the action that watches for it, that must be reached.
    """

    kind: PropertyKind
    action: str | None = None


PROPERTIES = Vocabulary(
    "property",
    Property(
        "TypeOK",
        "memory, CPUs and slabs have values of their types, and no task runs on two CPUs",
        "habit of TLA+: L. Lamport, Specifying Systems, 2002",
        kind=PropertyKind.INVARIANT,
    ),
    Property(
        "NoLeak",
        "once the shrink has returned, every put has ended and every store buffer is empty, "
        "no slab is on a per-CPU list and no empty slab is on the node list",
        "the mail's conclusion, linux-mm, 1 April 2016",
        kind=PropertyKind.INVARIANT,
    ),
    Property(
        "ListIntegrity",
        "every slab is in exactly one place, exactly the slabs of a CPU are frozen, and once all "
        "is at rest nobody has a slab in hand",
        "mm/slub.c v4.0, comment on lock order and slab states",
        kind=PropertyKind.INVARIANT,
    ),
    Property(
        "NoSelfDeadlock",
        "no CPU waits for list_lock while it holds it",
        "get_partial_node() and unfreeze_partials() v4.0 take the same list_lock",
        kind=PropertyKind.INVARIANT,
    ),
    Property(
        "FlushCompletes",
        "when the shrink scans the node list, no CPU still flushes its own list for it",
        "flush_work() in flush_all_cpus_locked() v5.15",
        kind=PropertyKind.INVARIANT,
    ),
    Property(
        "ShrinkReturns",
        "the shrink can come to its end; a model in which it never does is VACUOUS",
        "__kmem_cache_shrink() v4.0",
        kind=PropertyKind.GOAL,
        action="shrink_return",
    ),
    Property(
        "FlushHitsPut",
        "a flush interrupt comes between a put's cmpxchg and its check",
        "put_cpu_partial() v4.0, irqs on",
        kind=PropertyKind.GOAL,
        action="FlushHitsPut",
    ),
    Property(
        "PutsRace",
        "two CPUs are between cmpxchg and check at the same time",
        "put_cpu_partial() v4.0",
        kind=PropertyKind.GOAL,
        action="PutsRace",
    ),
    Property(
        "PutInterruptsPut",
        "an interrupt frees between a put's read of the head and its cmpxchg",
        "put_cpu_partial() v4.0, irqs on",
        kind=PropertyKind.GOAL,
        action="PutInterruptsPut",
    ),
    Property(
        "PutIsPreempted",
        "a task is switched out between its cmpxchg and its check",
        "put_cpu_partial() v3.19, preemption on",
        kind=PropertyKind.GOAL,
        action="PutIsPreempted",
    ),
    Property(
        "PutOverLimitLocked",
        "a put under list_lock finds its list above the limit, and must not take it apart",
        "get_partial_node() and put_cpu_partial(drain = 0) v5.15",
        kind=PropertyKind.GOAL,
        action="PutOverLimitLocked",
    ),
    Property(
        "Case1",
        "a put whose cmpxchg is executed after the shrink's smp_mb() reads cpu_partial = 0",
        "the mail, linux-mm, 1 April 2016, first case",
        kind=PropertyKind.ARGUMENT,
    ),
    Property(
        "Case2",
        "has_cpu_slab() sees every slab whose cmpxchg was in memory before the shrink's smp_mb(), "
        "unless it has been flushed already",
        "the mail, linux-mm, 1 April 2016, second case",
        kind=PropertyKind.ARGUMENT,
    ),
    Property(
        "CasesExhaustive",
        "every cmpxchg is one or the other: executed after the shrink's smp_mb(), or in memory "
        "before it",
        "taken for granted by the mail: this_cpu_cmpxchg() must issue a full memory barrier",
        kind=PropertyKind.ARGUMENT,
    ),
    Property(
        "ShrinkTerminates",
        "on fair CPUs the shrink comes to its end, whatever happens",
        "__kmem_cache_shrink() v4.0",
        kind=PropertyKind.LIVENESS,
    ),
    Property(
        "EmptySlabsDiscarded",
        "on fair CPUs every slab of a dead cache that is emptied is discarded at last",
        "what the patch was for: linux-mm, January 2015",
        kind=PropertyKind.LIVENESS,
    ),
)
