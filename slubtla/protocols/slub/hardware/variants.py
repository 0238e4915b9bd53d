"""The variants of both sides, and what the model allows for each pair: a small table with reasons.

The shape is store buffering: x is ``cpu_partial`` (put reads, shrink stores 0), y is ``partial``
(put stores, shrink reads). The leak, put read the old x and shrink saw the old y, is forbidden by a
full fence between store and load on *both* sides, or by an asymmetric substitute: a barrier that
the shrink side makes every CPU execute. It is allowed in every other case.

Sources: Sewell et al., x86-TSO, CACM 53(7), 2010; Arm Architecture Reference Manual, B2.3, checked
with herd7; ISO C11, 7.17.3 and 7.17.4; membarrier(2), with its table of pairings.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from slubtla.protocols.slub.vocabulary import Entry, Vocabulary


class Reach(enum.Enum):
    """Whose accesses a shrink barrier puts in order."""

    NOBODY = "nobody"
    OWN_CPU = "its own CPU"
    EVERY_CPU = "every CPU"


@dataclass(frozen=True, slots=True)
class Put(Entry):
    """How the put side stores ``partial`` before it reads ``cpu_partial``.

    Attributes:
        fenced: is there a full fence between the two?
        cmpxchg: the kind of :data:`CMPXCHGS` that it stands for, if any.
    """

    fenced: bool
    cmpxchg: str | None = None


@dataclass(frozen=True, slots=True)
class Shrink(Entry):
    """What the shrink side does between its store and its load.

    Attributes:
        reach: whose accesses it puts in order.
        twin: the strategy of :data:`STRATEGIES` that it stands for.
    """

    reach: Reach
    twin: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the model says of the leak for a pair.

    Attributes:
        allowed: may it be seen?
        reason: why, one sentence without a full stop.
    """

    allowed: bool
    reason: str


_X86 = Vocabulary(
    "put variant",
    Put("store", "a plain MOV", "x86-TSO: a store waits in the store buffer", fenced=False),
    Put(
        "cmpxchg",
        "CMPXCHG without LOCK: the kernel's this_cpu_cmpxchg()",
        "x86-TSO: without LOCK it is a load and a store, and the store waits",
        fenced=False,
        cmpxchg="unlocked",
    ),
    Put(
        "lock_cmpxchg",
        "LOCK CMPXCHG: what the mail assumed",
        "x86-TSO: a LOCKed instruction leaves the store buffer empty",
        fenced=True,
        cmpxchg="full",
    ),
    Put(
        "cmpxchg_mfence",
        "CMPXCHG without LOCK, and MFENCE after it",
        "x86-TSO: MFENCE waits until the store buffer is empty",
        fenced=True,
        cmpxchg="unlocked",
    ),
)

_ARM64 = Vocabulary(
    "put variant",
    Put("store", "a plain STR", "Armv8: a store and a later load are not ordered", fenced=False),
    Put(
        "ldxr_stxr",
        "LDXR and STXR in a loop: this_cpu_cmpxchg() without LSE",
        "Armv8: neither STXR nor the branch on its status orders a later load",
        fenced=False,
        cmpxchg="relaxed",
    ),
    Put(
        "cas",
        "CAS: this_cpu_cmpxchg() with LSE",
        "Armv8.1: CAS without A and L orders nothing",
        fenced=False,
        cmpxchg="relaxed",
    ),
    Put(
        "ldxr_stlxr_dmb",
        "LDXR, STLXR, DMB ISH: a full cmpxchg() without LSE",
        "Armv8: DMB ISH orders every earlier access before every later one",
        fenced=True,
        cmpxchg="full",
    ),
    Put(
        "casal",
        "CASAL: a full cmpxchg() with LSE",
        "Armv8.1: an atomic with both acquire and release orders what stands around it",
        fenced=True,
        cmpxchg="full",
    ),
    Put(
        "ldxr_stxr_dmb",
        "LDXR, STXR and DMB ISH after them",
        "Armv8: DMB ISH orders every earlier access before every later one",
        fenced=True,
        cmpxchg="relaxed",
    ),
)

_C11 = Vocabulary(
    "put variant",
    Put("store", "a relaxed atomic store", "C11: relaxed accesses are not ordered", fenced=False),
    Put(
        "cmpxchg_relaxed",
        "a relaxed compare and exchange",
        "C11: relaxed accesses are not ordered",
        fenced=False,
        cmpxchg="relaxed",
    ),
    Put(
        "cmpxchg_seq_cst",
        "a sequentially consistent compare and exchange",
        "C11: it does not order its store before a later *relaxed* load; many machines do",
        fenced=False,
    ),
    Put(
        "cmpxchg_relaxed_fence",
        "a relaxed compare and exchange, and a sequentially consistent fence",
        "C11: a fence on each side forbids it",
        fenced=True,
        cmpxchg="relaxed",
    ),
)

PUTS: Final[Mapping[str, Vocabulary[Put]]] = {"x86-64": _X86, "arm64": _ARM64, "c11": _C11}
"""The put variants by the name that ``race.c`` gives its machine; ``c11`` is any other machine."""

SHRINKS: Final = Vocabulary(
    "shrink variant",
    Shrink("none", "nothing", "v1 of the patch", reach=Reach.NOBODY, twin="none"),
    Shrink(
        "fence",
        "a full fence: MFENCE, DMB ISH, or C11's",
        "the mail's idea",
        reach=Reach.OWN_CPU,
        twin="smp_mb",
    ),
    Shrink(
        "membarrier_private",
        "membarrier(2), private expedited: an IPI to each CPU that runs this process",
        "twin of the kick: the round trip is a full barrier there",
        reach=Reach.EVERY_CPU,
        twin="kick_all_cpus_sync",
    ),
    Shrink(
        "membarrier_global",
        "membarrier(2), global: a grace period",
        "twin of synchronize_sched(): each CPU passes a full barrier before it returns",
        reach=Reach.EVERY_CPU,
        twin="synchronize_sched",
    ),
)


def rule(put: Put, shrink: Shrink) -> Ruling:
    """Say whether the model allows the leak for a pair, and why."""
    if shrink.reach is Reach.EVERY_CPU:
        reason = "the shrink side's barrier runs on the put's CPU, too, so the put needs none"
        return Ruling(allowed=False, reason=reason)
    if shrink.reach is Reach.NOBODY:
        reason = "the shrink side's own store may still wait in its buffer when it looks"
        return Ruling(allowed=True, reason=reason)
    if put.fenced:
        return Ruling(allowed=False, reason="a full fence stands on both sides")
    reason = "the put's store may still wait in its buffer when it reads cpu_partial"
    return Ruling(allowed=True, reason=reason)
