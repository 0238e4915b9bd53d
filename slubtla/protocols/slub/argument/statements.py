"""What the mail says, sentence by sentence, and what is expected of each: data, in one place.

The mail: linux-mm, 1 April 2016, "slub: make dead caches discard free slabs immediately" (v2 3/3).
It is told in our own words. The formal statements are in ``specs/slub/properties.tla.j2``.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from slubtla.barriers.machines import ARCHES, CMPXCHGS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.names import names_of
from slubtla.barriers.render import render
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.result import Record


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the argument.

    Attributes:
        name: the property that states it.
        title: a heading.
        says: what the mail says, in our own words.
        history: the variables that its definition needs, in the order in which they are told.
        if_falls: why it falls where it is expected to fall.
        if_holds: what it means that it holds, wherever it is expected to hold.
    """

    name: str
    title: str
    says: str
    history: tuple[str, ...]
    if_falls: str
    if_holds: str


STATEMENTS: Final = (
    Statement(
        "Case1",
        "Case 1: the fence comes first",
        "Say the shrink's smp_mb() comes before the cmpxchg by which a put on another CPU adds "
        "its slab. By then cpu_partial = 0 has reached memory. The put looks at cpu_partial "
        "behind its cmpxchg, so it reads 0 and flushes the slab itself.",
        ("fenced", "after_fence", "deaf"),
        "Nothing holds the put's load of cpu_partial behind its cmpxchg there. The CPU may make"
        " the load early, keep the old value, and use it after the shrink has stored 0.",
        "Where loads are not made early, what is in memory before the cmpxchg is seen behind it.",
    ),
    Statement(
        "Case2",
        "Case 2: the fence comes second",
        "Say smp_mb() comes after that cmpxchg. Then the slab is on its list when flush_all() "
        "runs. has_cpu_slab() sees it and the CPU gets an interrupt that flushes the list, "
        "unless the put has flushed it already.",
        ("fenced", "before_fence", "missed"),
        "has_cpu_slab() read an older value than memory held when the fence was executed.",
        "What is in memory when the shrink's own fence is executed, its later loads must see. "
        "This half of the argument asks nothing of the put.",
    ),
    Statement(
        "CasesExhaustive",
        "The tacit sentence: there is no third case",
        "The mail does not say this, but counts on it: a cmpxchg comes before the fence or "
        "after it. 'Before' can only mean that its store was in memory when smp_mb() was "
        "executed: that is what Case 2 needs. 'After' means that it was executed later: that "
        "is what Case 1 needs.",
        ("fenced", "straddling"),
        "There is a third case. The cmpxchg has been executed, so it does not come after the "
        "fence. But its store still waits in the store buffer of its CPU, so it is not in "
        "memory before the fence, either; and smp_mb() empties only the buffer of the CPU that "
        "executes it.",
        "A cmpxchg that is a full barrier has its store in memory at once: there is nothing "
        "between before and after.",
    ),
    Statement(
        "NoLeak",
        "The conclusion: nothing is left behind",
        "So in either case, once __kmem_cache_shrink() has returned, no slab of the dead cache "
        "is left on any CPU's partial list.",
        (),
        "The put read the old cpu_partial, so it did not flush. has_cpu_slab() saw the old, "
        "empty list, so it sent no interrupt. The slab stays where nobody will look, and pins "
        "its dead cgroup until the next put of that cache on that CPU.",
        "Whatever the put and the shrink do, one of them sees the other.",
    ),
)
"""The argument, in the order of the mail."""

NAMES: Final = tuple(statement.name for statement in STATEMENTS)


class Role(enum.StrEnum):
    """What a machine is in the argument for."""

    CONTROL = "control"
    """No store buffers: nothing can fall, so that what holds here proves nothing."""
    ASSUMED = "assumed"
    """The machine that the mail assumes: its cmpxchg is a full barrier."""
    REAL = "real"
    """An architecture as it is."""
    REPAIRED = "repaired"
    """An architecture as it is, with the repair of the mail's idea."""


class Machine(Record):
    """What the argument is checked on.

    Attributes:
        name: short, unique, fit for a file name.
        role: what it is there for.
        strategy: ``smp_mb``, or the repair.
        arch: the architecture.
        memory: its memory model, or another.
        cmpxchg: its kind of ``this_cpu_cmpxchg()``, or another.
    """

    name: str
    role: Role
    strategy: str
    arch: str
    memory: str
    cmpxchg: str

    @property
    def falls(self) -> frozenset[str]:
        """The statements that are expected to fall here."""
        return SLUB.rules.expected_to_fall(self.model(NAMES)) or frozenset()

    def model(self, properties: Iterable[str], **bounds: Any) -> Model:  # noqa: ANN401 - as there
        """Return the model of some statements on this machine; errors as :func:`make_model`."""
        return make_model(
            strategy=self.strategy,
            arch=self.arch,
            memory=self.memory,
            cmpxchg=self.cmpxchg,
            properties=names_of(properties),
            **bounds,
        )


DEFAULT_ARCHES: Final = ("x86", "s390", "arm64", "generic")
"""powerpc and riscv are generic: the same memory model, the same cmpxchg."""

_REPAIRED_BY_DEFAULT: Final = ("x86", "arm64")


def machines_for(arches: Iterable[str] | None = None) -> tuple[Machine, ...]:
    """Return the machines to check: the control, what the mail assumes, and the architectures.

    Args:
        arches: the architectures, each also with the repair unless its cmpxchg is a full barrier;
            when None those that differ, and the repair on x86 and arm64.

    Raises:
        UnknownNameError: an architecture that does not exist.
    """
    real = tuple(dict.fromkeys(names_of(arches or ()))) or DEFAULT_ARCHES
    repaired = [arch for arch in real if not CMPXCHGS[ARCHES[arch].cmpxchg].fences]
    if not arches:
        repaired = [arch for arch in repaired if arch in _REPAIRED_BY_DEFAULT]
    return (
        Machine(
            name="no-buffers",
            role=Role.CONTROL,
            strategy="smp_mb",
            arch="x86",
            memory="sc",
            cmpxchg="unlocked",
        ),
        Machine(
            name="as-assumed",
            role=Role.ASSUMED,
            strategy="smp_mb",
            arch="x86",
            memory="tso",
            cmpxchg="full",
        ),
        *(_as_it_is(arch, Role.REAL, arch, "smp_mb") for arch in real),
        *(_as_it_is(f"{arch}-paired", Role.REPAIRED, arch, "smp_mb_paired") for arch in repaired),
    )


def _as_it_is(name: str, role: Role, arch: str, strategy: str) -> Machine:
    own = ARCHES[arch]
    return Machine(
        name=name, role=role, strategy=strategy, arch=arch, memory=own.memory, cmpxchg=own.cmpxchg
    )


@dataclass(frozen=True, slots=True)
class Formal:
    """A statement as it stands in the rendered specification.

    Attributes:
        definition: the TLA+ definition.
        history: what each history variable of it notes, in the words of the specification.
    """

    definition: str
    history: Mapping[str, str]


def formal(statement: Statement) -> Formal:
    """Return a statement as TLA+, read from the specification; needs no Java.

    Raises:
        LookupError: the specification does not define it: the templates and this page do not fit.
    """
    assumed = next(m for m in machines_for() if m.role is Role.ASSUMED)
    spec = render(assumed.model(NAMES)).spec
    definition = re.search(rf"^{statement.name} ==.*(?:\n[ \t]+.*)*", spec, re.MULTILINE)
    if definition is None:
        raise LookupError(f"the specification does not define {statement.name}")
    history = {}
    for name in statement.history:
        noted = re.search(rf"^\s+{name} = \S+[,;]\s+\\\* (.*)$", spec, re.MULTILINE)
        if noted is None:
            raise LookupError(f"the specification does not declare {name}")
        history[name] = noted[1]
    return Formal(definition[0], history)
