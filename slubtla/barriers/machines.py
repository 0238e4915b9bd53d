"""Memory models, kinds of per-CPU compare-and-exchange, and the architectures that have them."""

from __future__ import annotations

import enum
from typing import Final

from slubtla.barriers.entries import Entry, Vocabulary


class Arch(Entry):
    """An architecture: it fixes the memory model and what ``this_cpu_cmpxchg()`` is."""

    memory: str
    cmpxchg: str


class Memory(Entry):
    """A memory model.

    Attributes:
        buffers: whether a store can wait before it is in memory.
        reorders_stores: whether stores to different locations can become visible in any order.
        loads_early: whether a load can be made before an earlier access of its CPU.
        states: distinct states of a typical small model: the order of long runs is guessed from it.
    """

    buffers: bool = True
    reorders_stores: bool = False
    loads_early: bool = False
    states: int


class Orders(enum.StrEnum):
    """Whose accesses a barrier puts in order."""

    NOBODY = "nobody"
    OWN_CPU = "own CPU"
    EVERY_CPU = "every CPU"

    def forbids(self, *, other_side_fenced: bool) -> bool:
        """Whether the outcome of store buffering in which both sides miss the other is forbidden.

        It takes a full fence between store and load on both sides, or, on one of them, a barrier
        that every CPU executes.
        """
        return self is Orders.EVERY_CPU or (self is Orders.OWN_CPU and other_side_fenced)


class Cmpxchg(Entry):
    """A kind of ``this_cpu_cmpxchg()``.

    Attributes:
        fences: whether it is a full barrier.
    """

    fences: bool = False


MEMORY_MODELS: Final = Vocabulary(
    "memory model",
    (
        Memory(
            "sc",
            summary="sequential consistency: every store is in memory at once; no variant leaks",
            source="Lamport, IEEE Trans. Comput. C-28(9), 1979",
            buffers=False,
            states=12_000,
        ),
        Memory(
            "tso",
            summary="total store order: a FIFO store buffer per CPU, with forwarding",
            source="Sewell et al., x86-TSO, CACM 53(7), 2010",
            states=15_000,
        ),
        Memory(
            "pso",
            summary="partial store order: stores to different locations may drain in any order",
            source="The SPARC Architecture Manual, Version 9, appendix D",
            reorders_stores=True,
            states=50_000,
        ),
        Memory(
            "relaxed",
            summary="the stores of pso, and loads that may be satisfied early; multi-copy atomic",
            source="Pulte et al., Simplifying ARM concurrency, POPL 2018",
            reorders_stores=True,
            loads_early=True,
            states=56_000,
        ),
    ),
)

CMPXCHGS: Final = Vocabulary(
    "cmpxchg",
    (
        Cmpxchg(
            "full",
            summary="a full barrier: drains the store buffer, then acts on memory",
            source="s390 cmpxchg() (CS serialises); x86 with LOCK; what the mail assumed",
            fences=True,
        ),
        Cmpxchg(
            "unlocked",
            summary="atomic on its own CPU only: reads and writes through the store buffer",
            source="x86 this_cpu_cmpxchg(), arch/x86/include/asm/percpu.h",
        ),
        Cmpxchg(
            "relaxed",
            summary="atomic in memory, but orders nothing else",
            source="arm64 this_cpu_cmpxchg(), arch/arm64/include/asm/percpu.h",
        ),
        Cmpxchg(
            "irq_off",
            summary="a plain load and a plain store with interrupts off",
            source="this_cpu_generic_cmpxchg(), include/asm-generic/percpu.h",
        ),
    ),
)

_GENERIC: Final = "relaxed; this_cpu_cmpxchg() is the generic one, with interrupts off"

ARCHES: Final = Vocabulary(
    "arch",
    (
        Arch(
            "x86",
            summary="TSO; this_cpu_cmpxchg() is a cmpxchg without LOCK",
            source="arch/x86/include/asm/percpu.h, all versions",
            memory="tso",
            cmpxchg="unlocked",
        ),
        Arch(
            "s390",
            summary="TSO; this_cpu_cmpxchg() is a full cmpxchg()",
            source="arch/s390/include/asm/percpu.h",
            memory="tso",
            cmpxchg="full",
        ),
        Arch(
            "arm64",
            summary="relaxed; this_cpu_cmpxchg() is cmpxchg_relaxed() with preemption off",
            source="arch/arm64/include/asm/percpu.h; v3.19 had a barrier-free __cmpxchg()",
            memory="relaxed",
            cmpxchg="relaxed",
        ),
        *(
            Arch(
                name,
                summary=summary,
                source="include/asm-generic/percpu.h",
                memory="relaxed",
                cmpxchg="irq_off",
            )
            for name, summary in (
                ("powerpc", _GENERIC),
                ("riscv", _GENERIC),
                ("generic", "relaxed; what code for every architecture must be right on"),
            )
        ),
    ),
)
