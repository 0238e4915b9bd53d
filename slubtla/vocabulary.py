"""The words of slubtla: strategies, architectures, memory models, cmpxchg kinds and properties.

Every name that a user can write is here once, with one line of explanation and its source; the
command line, the rendered specs and the documentation all read it from here.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from slubtla.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Entry:
    """A name with its meaning.

    Attributes:
        name: as written on the command line.
        summary: one sentence without a full stop.
        source: where it comes from: kernel function and version, mail, paper.
    """

    name: str
    summary: str
    source: str


@dataclass(frozen=True, slots=True)
class Arch(Entry):
    """An architecture: it fixes the memory model and what ``this_cpu_cmpxchg()`` is."""

    memory: str
    cmpxchg: str


class PropertyKind(enum.StrEnum):
    """How a property is checked."""

    INVARIANT = "invariant"
    """TLC evaluates it in every reachable state."""
    GOAL = "goal"
    """An action that must be reached: where it never is, the verdict is VACUOUS."""


@dataclass(frozen=True, slots=True)
class Property(Entry):
    """Something that the model must show.

    Attributes:
        kind: how it is checked.
        action: for a goal, the label that must be reached.
    """

    kind: PropertyKind
    action: str | None = None


E = TypeVar("E", bound=Entry)


class Vocabulary(Mapping[str, E], Generic[E]):
    """The entries of one kind, in the order in which they are listed.

    Args:
        kind: what is listed, e.g. ``"strategy"``; used in error messages.
        entries: the entries; names are unique.

    Raises:
        UnknownNameError: from ``[]``, for a name that is not listed.
    """

    def __init__(self, kind: str, *entries: E) -> None:
        self.kind = kind
        self._entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> E:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


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
        "unconditional_flush",
        "the flush interrupts every CPU and does not ask has_cpu_slab()",
        "implied by the objection to v1, January 2015; in no kernel",
    ),
)

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
        "every slab is in exactly one place, and exactly the slabs of a CPU are frozen",
        "mm/slub.c v4.0, comment on lock order and slab states",
        kind=PropertyKind.INVARIANT,
    ),
    Property(
        "ShrinkReturns",
        "the shrink can come to its end; a model in which it never does is VACUOUS",
        "__kmem_cache_shrink() v4.0",
        kind=PropertyKind.GOAL,
        action="shrink_return",
    ),
)
