"""Kernel versions: the shape of the code, the guards in it, and the barrier that it had."""

from __future__ import annotations

from dataclasses import dataclass

from slubtla.protocols.slub.vocabulary.entries import Entry, Vocabulary
from slubtla.protocols.slub.vocabulary.guards import GUARDS, GUARDS_OF_STRATEGIES


@dataclass(frozen=True, slots=True)
class Kernel(Entry):
    """A kernel version, as far as it concerns the per-CPU partial lists.

    Attributes:
        strategy: the barrier that this version had.
        about: how long the shape of its put side lasted.
        put: ``"cmpxchg"`` or ``"local_lock"``: how a slab gets on the list.
        checks: whether a put reads ``cpu_partial`` again after its cmpxchg, with preemption off.
        flush: ``"ipi"`` or ``"work"``: how another CPU is made to give up its list.
        ipi_wait: ``"acquire"``, or ``"plain"``: how the sender of an IPI reads the acknowledgement
            (``csd_lock_wait()``): with acquire, or with plain loads in a loop.
        deactivate: the function that stores ``cpu_partial = 0``; ``""`` where none does.
        scan: the function that discards the empty slabs of a node.
        one_barrier_for_all: whether all caches of a cgroup share one barrier.
        promises_no_leak: whether this version means to keep NoLeak.
    """

    strategy: str
    about: str
    put: str = "cmpxchg"
    checks: bool = True
    flush: str = "ipi"
    ipi_wait: str = "acquire"
    deactivate: str = "__kmem_cache_shrink"
    scan: str = "__kmem_cache_shrink"
    one_barrier_for_all: bool = False
    promises_no_leak: bool = True

    @property
    def lacks(self) -> frozenset[str]:
        """The guards for which this version has no code."""
        no_check = frozenset() if self.checks else frozenset({"preempt_disable", "post_check"})
        return no_check if self.put == "cmpxchg" else no_check | {"retry_cmpxchg"}

    @property
    def guards(self) -> frozenset[str]:
        """The guards that stand in this version, whatever the strategy: all that it does not lack.

        A guard that is added to the vocabulary therefore stands in every version, until the shape
        of a version says that it does not.
        """
        of_strategies = frozenset().union(*GUARDS_OF_STRATEGIES.values())
        return frozenset(GUARDS) - of_strategies - self.lacks

    @property
    def has_strategies(self) -> bool:
        """Whether a barrier has anything to order here; elsewhere only its own will do."""
        return self.put == "cmpxchg" and bool(self.deactivate)


KERNELS = Vocabulary(
    "kernel",
    Kernel(
        "v3.19",
        "before the patch: a shrink stores nothing, and a put does not look again",
        "mm/slub.c v3.19",
        strategy="none",
        about="the put side has no check yet",
        checks=False,
        ipi_wait="plain",
        deactivate="",
    ),
    Kernel(
        "v4.0",
        "the patch: dead caches get cpu_partial = 0, then kick_all_cpus_sync()",
        "mm/slub.c v4.0 (d6e0b7fa1186); kernel/smp.c v4.0, csd_lock_wait()",
        strategy="kick_all_cpus_sync",
        about="the put side is the same to v5.14",
        ipi_wait="plain",
    ),
    Kernel(
        "v4.1",
        "as v4.0, but the sender of an IPI reads its acknowledgement with acquire",
        "kernel/smp.c v4.1, csd_lock_wait() (8053871d0f7f)",
        strategy="kick_all_cpus_sync",
        about="the put side is the same to v5.14",
    ),
    Kernel(
        "v4.8",
        "as v4.0, with synchronize_sched(), once for each cache",
        "mm/slub.c v4.8 (81ae6d03952c)",
        strategy="synchronize_sched",
        about="the put side is the same to v5.14",
    ),
    Kernel(
        "v4.10",
        "one synchronize_sched() for all caches of the cgroup, outside slab_mutex",
        "mm/slab_common.c v4.10 (89e364db71fb)",
        strategy="synchronize_sched",
        about="the put side is the same to v5.14",
        deactivate="memcg_deactivate_kmem_caches",
        one_barrier_for_all=True,
    ),
    Kernel(
        "v4.11",
        "call_rcu_sched(), and a worker that shrinks the cache later",
        "mm/slab_common.c v4.11 (c9fc586403e7, 01fb58bcba63)",
        strategy="call_rcu_sched",
        about="the put side is the same to v5.14",
        deactivate="__kmemcg_cache_deactivate",
        one_barrier_for_all=True,
    ),
    Kernel(
        "v5.15",
        "no dead caches, no check: a put works under local_lock, a flush by work on each CPU",
        "mm/slub.c v5.15; cpu_partial_store() and shrink_store(), from sysfs",
        strategy="none",
        about="the put side has no cmpxchg and no check any more",
        put="local_lock",
        checks=False,
        flush="work",
        deactivate="cpu_partial_store",
        scan="__kmem_cache_do_shrink",
        one_barrier_for_all=True,
        promises_no_leak=False,
    ),
)
