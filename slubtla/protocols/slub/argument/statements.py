"""The sentences of the mail, from ``argument.toml``, and the machines on which they are checked.

The mail: linux-mm, 1 April 2016, "slub: make dead caches discard free slabs immediately" (v2 3/3).
The formal statements are in ``specs/slub/properties.tla.j2``.
"""

from __future__ import annotations

import enum
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.machines import ARCHES, CMPXCHGS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.names import names_of
from slubtla.barriers.protocol import paragraphs
from slubtla.barriers.render import render
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.result import Record

_TABLES: Final = tomllib.loads(Path(__file__).with_name("argument.toml").read_text("utf-8"))

TEXTS: Final = {name: paragraphs(text) for name, text in _TABLES["texts"].items()}
"""The texts around the statements: the shape, the assumption, ...; in paragraphs."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the argument.

    Attributes:
        name: the property that states it.
        title: a heading.
        says: what the mail says.
        history: the variables that its definition needs, in the order in which they are shown.
        if_falls: why it falls where it is expected to fall.
        if_holds: what it means that it holds, wherever it is expected to hold.
    """

    name: str
    title: str
    says: str
    history: tuple[str, ...]
    if_falls: str
    if_holds: str


def _statement(history: list[str], **texts: str) -> Statement:
    prose = {name: " ".join(text.split()) for name, text in texts.items()}
    return Statement(history=tuple(history), **prose)


STATEMENTS: Final = tuple(_statement(**table) for table in _TABLES["statements"])
"""The argument, in the order of the mail."""

NAMES: Final = tuple(statement.name for statement in STATEMENTS)


class Role(enum.StrEnum):
    """Why a machine is part of the argument."""

    CONTROL = "control"
    """No store buffers: nothing can fall, so that what holds here proves nothing."""
    ASSUMED = "assumed"
    """The machine that the mail assumes: its cmpxchg is a full barrier."""
    REAL = "real"
    """An architecture as it is."""
    REPAIRED = "repaired"
    """An architecture as it is, with the repair of the mail's idea."""


class Machine(Record):
    """A model that the argument is checked on.

    Attributes:
        name: short, unique, fit for a file name.
        strategy: ``smp_mb``, or the repair.
        memory: the architecture's memory model, or another.
        cmpxchg: the architecture's kind of ``this_cpu_cmpxchg()``, or another.
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
        _machine("no-buffers", Role.CONTROL, "x86", memory="sc"),
        _machine("as-assumed", Role.ASSUMED, "x86", cmpxchg="full"),
        *(_machine(arch, Role.REAL, arch) for arch in real),
        *(
            _machine(f"{arch}-paired", Role.REPAIRED, arch, strategy="smp_mb_paired")
            for arch in repaired
        ),
    )


def _machine(name: str, role: Role, arch: str, **other: str) -> Machine:
    own = ARCHES[arch]
    usual = {"strategy": "smp_mb", "memory": own.memory, "cmpxchg": own.cmpxchg}
    return Machine(name=name, role=role, arch=arch, **usual | other)


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
