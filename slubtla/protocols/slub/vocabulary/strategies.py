"""Strategies: what the shrink side does between its stores and ``flush_all()``."""

from __future__ import annotations

from slubtla.protocols.slub.vocabulary.entries import Entry, Vocabulary

STRATEGIES = Vocabulary(
    "strategy",
    Entry(
        "none",
        "two plain stores and then flush_all(), with nothing in between",
        "v1 of the patch, January 2015; rejected on the list",
    ),
    Entry(
        "smp_mb",
        "a full fence on the shrink side only, as if the put's cmpxchg were another",
        "V. Davydov's question on linux-mm, 1 April 2016",
    ),
    Entry(
        "smp_wmb",
        "a write barrier on the shrink side: a barrier, but not the one",
        "a variant: store buffering needs a full fence on both sides; in no kernel",
    ),
    Entry(
        "smp_store_release",
        "cpu_partial is stored with release: a barrier, but not the one",
        "a variant: store buffering needs a full fence on both sides; in no kernel",
    ),
    Entry(
        "smp_mb_paired",
        "a full fence on the shrink side, and one after the put's cmpxchg",
        "the repair of the mail's idea; in no kernel",
    ),
    Entry(
        "kick_all_cpus_sync",
        "an IPI to every other CPU, each acknowledged, before the flush",
        "v2 of the patch, Linux v4.0 (d6e0b7fa1186)",
    ),
    Entry(
        "synchronize_sched",
        "an RCU-sched grace period before the flush",
        "P. Zijlstra on linux-mm, April 2016; Linux v4.8 (81ae6d03952c)",
    ),
    Entry(
        "call_rcu_sched",
        "after an RCU-sched grace period a worker flushes; nobody waits",
        "Linux v4.11 (c9fc586403e7, 01fb58bcba63)",
    ),
    Entry(
        "unconditional_flush",
        "the flush interrupts every CPU and does not ask has_cpu_slab()",
        "implied by the objection to v1, January 2015; in no kernel",
    ),
)
