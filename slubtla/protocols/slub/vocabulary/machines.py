"""Memory models, kinds of ``this_cpu_cmpxchg()``, and the architectures that have them."""

from __future__ import annotations

from dataclasses import dataclass

from slubtla.protocols.slub.vocabulary.entries import Entry, Vocabulary


@dataclass(frozen=True, slots=True)
class Arch(Entry):
    """An architecture: it fixes the memory model and what ``this_cpu_cmpxchg()`` is."""

    memory: str
    cmpxchg: str


MEMORY_MODELS = Vocabulary(
    "memory model",
    Entry(
        "sc",
        "sequential consistency: every store is in memory at once; no variant leaks",
        "Lamport, IEEE Trans. Comput. C-28(9), 1979",
    ),
    Entry(
        "tso",
        "total store order: a FIFO store buffer per CPU, with forwarding",
        "Sewell et al., x86-TSO, CACM 53(7), 2010",
    ),
    Entry(
        "pso",
        "partial store order: stores to different locations may drain in any order",
        "The SPARC Architecture Manual, Version 9, appendix D",
    ),
    Entry(
        "relaxed",
        "the stores of pso, and loads that may be satisfied early; multi-copy atomic",
        "Pulte et al., Simplifying ARM concurrency, POPL 2018",
    ),
)

CMPXCHGS = Vocabulary(
    "cmpxchg",
    Entry(
        "full",
        "a full barrier: drains the store buffer, then acts on memory",
        "s390 cmpxchg() (CS serialises); x86 with LOCK; what the mail assumed",
    ),
    Entry(
        "unlocked",
        "atomic on its own CPU only: reads and writes through the store buffer",
        "x86 this_cpu_cmpxchg(), arch/x86/include/asm/percpu.h",
    ),
    Entry(
        "relaxed",
        "atomic in memory, but orders nothing else",
        "arm64 this_cpu_cmpxchg(), arch/arm64/include/asm/percpu.h",
    ),
    Entry(
        "irq_off",
        "a plain load and a plain store with interrupts off",
        "this_cpu_generic_cmpxchg(), include/asm-generic/percpu.h",
    ),
)

ARCHES = Vocabulary(
    "arch",
    Arch(
        "x86",
        "TSO; this_cpu_cmpxchg() is a cmpxchg without LOCK",
        "arch/x86/include/asm/percpu.h, all versions",
        memory="tso",
        cmpxchg="unlocked",
    ),
    Arch(
        "s390",
        "TSO; this_cpu_cmpxchg() is a full cmpxchg()",
        "arch/s390/include/asm/percpu.h",
        memory="tso",
        cmpxchg="full",
    ),
    Arch(
        "arm64",
        "relaxed; this_cpu_cmpxchg() is cmpxchg_relaxed() with preemption off",
        "arch/arm64/include/asm/percpu.h; v3.19 had a barrier-free __cmpxchg()",
        memory="relaxed",
        cmpxchg="relaxed",
    ),
    Arch(
        "powerpc",
        "relaxed; this_cpu_cmpxchg() is the generic one, with interrupts off",
        "include/asm-generic/percpu.h",
        memory="relaxed",
        cmpxchg="irq_off",
    ),
    Arch(
        "riscv",
        "relaxed; this_cpu_cmpxchg() is the generic one, with interrupts off",
        "include/asm-generic/percpu.h",
        memory="relaxed",
        cmpxchg="irq_off",
    ),
    Arch(
        "generic",
        "relaxed; what code for every architecture must be right on",
        "include/asm-generic/percpu.h",
        memory="relaxed",
        cmpxchg="irq_off",
    ),
)
