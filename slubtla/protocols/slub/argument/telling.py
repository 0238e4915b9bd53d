"""What is told around the statements: the question, the shape, the assumption. Only words.

Facts are from the list and from the kernel's code; ``docs/argument.md`` names each source.
"""

from __future__ import annotations

from typing import Final

from slubtla.barriers.protocol import paragraphs
from slubtla.protocols.slub import SLUB

QUESTION: Final = SLUB.background

SOURCE: Final = paragraphs("""
    linux-mm, 1 April 2016, "slub: make dead caches discard free slabs immediately" (v2 3/3). What
    the mail says is told here in other words.
    """)[0]

SHAPE: Final = paragraphs("""
    Each side stores to one place, then loads from the other: the shape is called store buffering.
    The leak is that both loads return the old value. The put sees the old limit and does not
    flush; has_cpu_slab() sees the old, empty list and sends no interrupt.

    If every store went to memory at once, at least one of the loads would be new. But a CPU puts
    its store into its own store buffer, which drains to memory some time later, and goes on to its
    load. Then both can be old. Only a full fence between store and load rules that out, and it
    takes one on each side. The shrink has smp_mb(). Is this_cpu_cmpxchg() the other one?
    """)

ASSUMPTION: Final = "The mail assumes that it is. What it really is depends on the architecture:"

METHOD: Final = paragraphs("""
    So each sentence is checked twice over: on a machine where the assumption is true, and on the
    machines as they are. TLC goes through every interleaving of puts and shrink, store buffers
    included. PROVEN: it has searched them all, and the sentence holds in each. VIOLATED: here is
    one in which it falls.
    """)

CONTROL: Final = """\
The first row is the control. Without store buffers, PROVEN says nothing about barriers."""

HARMLESS: Final = paragraphs("""
    Where it is repaired, the third case still comes up, but does no harm. The put's own fence
    stands before its load of cpu_partial: by then its store is in memory. So either has_cpu_slab()
    sees the slab, or the put reads 0.
    """)[0]

REPLY: Final = paragraphs("""
    P. Zijlstra's answer on the list, the same day, comes to the same: this_cpu_cmpxchg() implies
    no memory barrier (Message-ID 20160401114129.GR3430@twins.programming.kicks-ass.net).
    """)[0]

PLAIN_WAIT: Final = paragraphs("""
    In Linux v4.0 the kick itself is enough on x86 and s390 only. Its csd_lock_wait() reads the
    acknowledgement of an IPI with plain loads, which hold no later load back: on arm64 and generic
    has_cpu_slab() may use an older value, and the slab leaks (`slubtla verify --kernel v4.0 --arch
    arm64`). From v4.1 on (8053871d0f7f) the wait is an acquire, and the kick is enough everywhere.
    """)[0]

CAVEAT: Final = paragraphs("""
    The model keeps the order of the program. The kernel's accesses are plain, which the
    Linux-kernel memory model calls a data race: a compiler might reorder them.
    """)[0]

SEE_ALSO: Final = paragraphs("""
    See also: `slubtla render --strategy smp_mb --property Case1` for the specification, `slubtla
    hardware` for the same race on the CPU at hand, docs/argument.md for the history.
    """)[0]
