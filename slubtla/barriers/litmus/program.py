"""A litmus test, ready to be rendered and to be read back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slubtla.barriers.litmus.lowering import LoweredThread
from slubtla.barriers.litmus.steps import Node, steps_of
from slubtla.barriers.litmus.syntax import Litmus, Place
from slubtla.barriers.litmus.values import Value


@dataclass(frozen=True, slots=True)
class Program:
    """A litmus test, ready to be rendered and to be read back.

    Attributes:
        litmus: the test.
        prefix: the beginning of all of its labels.
        threads: the steps of each thread.
        seen: a name for each access that reads.
        loaded: locations that loads read, a cmpxchg that fails among them.
        readers: threads with an RCU reader's section.
        forms: the forms of its read-modify-writes.
        final: what each register holds at the end.
    """

    litmus: Litmus
    prefix: str
    threads: tuple[tuple[Node, ...], ...]
    seen: tuple[str, ...]
    loaded: tuple[str, ...]
    readers: tuple[int, ...]
    forms: frozenset[str]
    final: dict[Place, Value]

    @property
    def uses_rcu(self) -> bool:
        """Whether it has a grace period, or waits for one."""
        return any("rcu" in step.statement for thread in self.threads for step in steps_of(thread))


def make_program(litmus: Litmus, taken: frozenset[str] = frozenset()) -> Program:
    """Lower a test.

    Args:
        litmus: the test.
        taken: prefixes of other tests in the same module.
    """
    stem = re.sub(r"\W+", "_", litmus.name).strip("_") or "test"
    stem = stem if stem[0].isalpha() else f"T{stem}"
    prefix, number = stem, 1
    while prefix.upper() in {name.upper() for name in taken}:
        number += 1
        prefix = f"{stem}_{number}"
    lowered = [LoweredThread(thread, prefix) for thread in litmus.threads]
    threads = tuple(thread.lower() for thread in lowered)
    return Program(
        litmus=litmus,
        prefix=prefix,
        threads=threads,
        seen=tuple(name for thread in lowered for name in thread.seen),
        loaded=tuple(sorted({name for thread in lowered for name in thread.loaded})),
        readers=tuple(thread.number for thread in lowered if thread.reader),
        forms=frozenset(form for thread in lowered for form in thread.forms),
        final={
            Place(thread.number, name): value
            for thread in lowered
            for name, value in thread.environment.items()
        },
    )
