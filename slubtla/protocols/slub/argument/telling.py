"""What is told around the statements: the question, the shape, the assumption. Only words.

Facts are from the list and from the kernel's code; ``docs/argument.md`` names each source.
"""

from __future__ import annotations

import textwrap
from typing import Final


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(each.split()) for each in textwrap.dedent(text).strip().split("\n\n"))


QUESTION: Final = _paragraphs("""
    SLUB keeps, for each CPU, a list of partly free slabs. When a memory cgroup dies, its caches
    must give these slabs back: __kmem_cache_shrink() stores s->cpu_partial = 0, and then flushes
    the list of each CPU where has_cpu_slab() sees one.

    Meanwhile a put may be under way on any CPU. put_cpu_partial() adds its slab to the list of its
    CPU by this_cpu_cmpxchg(), without a lock, and only then looks at cpu_partial. If it reads 0, it
    flushes its own list.

    Something must stand between the store of 0 and the flush. In Linux v4.0 it is
    kick_all_cpus_sync(): an interrupt to every other CPU, for each dead cache. On 1 April 2016
    V. Davydov asked on linux-mm whether a plain smp_mb() would do instead. He argued that it
    would, if this_cpu_cmpxchg() is a full memory barrier: "(am I correct?)"
    """)

SOURCE: Final = " ".join(
    _paragraphs("""
    linux-mm, 1 April 2016, "slub: make dead caches discard free slabs immediately" (v2 3/3). What
    the mail says is told here in other words.
    """)
)

SHAPE: Final = _paragraphs("""
    Each side stores to one place, then loads from the other: the shape is called store buffering.
    The leak is that both loads return the old value. The put sees the old limit and does not
    flush; has_cpu_slab() sees the old, empty list and sends no interrupt.

    If every store went to memory at once, at least one of the loads would be new. But a CPU puts
    its store into its own store buffer, which drains to memory some time later, and goes on to its
    load. Then both can be old. Only a full fence between store and load rules that out, and it
    takes one on each side. The shrink has smp_mb(). Is this_cpu_cmpxchg() the other one?
    """)

ASSUMPTION: Final = "The mail assumes that it is. What it really is depends on the architecture:"

METHOD: Final = _paragraphs("""
    So each sentence is checked twice over: on a machine where the assumption is true, and on the
    machines as they are. TLC goes through every interleaving of puts and shrink, store buffers
    included. PROVEN: it has searched them all, and the sentence holds in each. VIOLATED: here is
    one in which it falls.
    """)

CONTROL: Final = """\
The first row is the control. Without store buffers, PROVEN says nothing about barriers."""

HARMLESS: Final = " ".join(
    _paragraphs("""
    Where it is repaired, the third case still comes up, but does no harm. The put's own fence
    stands before its load of cpu_partial: by then its store is in memory. So either has_cpu_slab()
    sees the slab, or the put reads 0.
    """)
)

REPLY: Final = " ".join(
    _paragraphs("""
    P. Zijlstra's answer on the list, the same day, comes to the same: this_cpu_cmpxchg() implies
    no memory barrier (Message-ID 20160401114129.GR3430@twins.programming.kicks-ass.net).
    """)
)

PLAIN_WAIT: Final = " ".join(
    _paragraphs("""
    In Linux v4.0 the kick itself is enough on x86 and s390 only. Its csd_lock_wait() reads the
    acknowledgement of an IPI with plain loads, which hold no later load back: on arm64 and generic
    has_cpu_slab() may use an older value, and the slab leaks (`slubtla verify --kernel v4.0 --arch
    arm64`). From v4.1 on (8053871d0f7f) the wait is an acquire, and the kick is enough everywhere.
    """)
)

CAVEAT: Final = " ".join(
    _paragraphs("""
    The model keeps the order of the program. The kernel's accesses are plain, which the
    Linux-kernel memory model calls a data race: a compiler might reorder them.
    """)
)

SEE_ALSO: Final = " ".join(
    _paragraphs("""
    See also: `slubtla render --strategy smp_mb --property Case1` for the specification, `slubtla
    hardware` for the same race on the CPU at hand, docs/argument.md for the history.
    """)
)
