"""Guards: pieces of the code or of the machine that can be taken away, to see what falls."""

from __future__ import annotations

from slubtla.protocols.slub.vocabulary.entries import Entry, Vocabulary

GUARDS = Vocabulary(
    "guard",
    Entry(
        "preempt_disable",
        "put_cpu_partial() keeps preemption off, so that it stays on its CPU",
        "put_cpu_partial() v4.0",
    ),
    Entry(
        "irq_save",
        "irqs are off while a list is taken apart, or changed under local_lock",
        "the mail: unfreeze_partials() must be called with irqs disabled; local_lock_irqsave()",
    ),
    Entry(
        "post_check",
        "put_cpu_partial() reads cpu_partial again after its cmpxchg",
        "put_cpu_partial() v4.0 (d6e0b7fa1186)",
    ),
    Entry(
        "retry_cmpxchg",
        "a this_cpu_cmpxchg() that fails is tried again",
        "put_cpu_partial() v4.0",
    ),
    Entry(
        "has_cpu_slab",
        "flush_all() makes only the CPUs give up their list that seem to have a slab",
        "has_cpu_slab() v4.0, v5.15",
    ),
    Entry(
        "flush_wait",
        "flush_all() waits until every CPU has flushed its list",
        "on_each_cpu_mask(wait = true) v4.0; flush_work() v5.15",
    ),
    Entry(
        "kick_wait",
        "kick_all_cpus_sync() waits until every CPU has acknowledged",
        "smp_call_function(wait = 1) v4.0",
    ),
    Entry(
        "gp_fence",
        "a grace period begins with a full fence of the CPU that asks for it",
        "kernel/rcu/tree.c v4.8; tools/memory-model: synchronize_rcu() is a strong fence",
    ),
    Entry(
        "irq_drains_buffer",
        "an interrupt is taken with an empty store buffer",
        "x86: Intel SDM vol. 3A, 11.10, Store Buffer; of an IPI anywhere: llist_del_all()",
    ),
    Entry(
        "list_lock",
        "the node's list is changed under list_lock",
        "mm/slub.c v4.0, comment on lock order",
    ),
)

GUARDS_OF_STRATEGIES = {
    "kick_all_cpus_sync": frozenset({"kick_wait"}),
    "synchronize_sched": frozenset({"gp_fence"}),
    "call_rcu_sched": frozenset({"gp_fence"}),
}
"""The guards that come with a strategy."""
