"""Variants of put and shrink in the C race, and whether the model allows the leak for each.

The shape is store buffering: x is ``cpu_partial`` (put reads, shrink stores 0), y is ``partial``
(put stores, shrink reads). Whether the leak, put read the old x and shrink saw the old y, is
forbidden is :meth:`slubtla.barriers.machines.Orders.forbids`.

Sources: Sewell et al., x86-TSO, CACM 53(7), 2010; Arm Architecture Reference Manual, B2.3, checked
with herd7; ISO C11, 7.17.3 and 7.17.4; membarrier(2), with its table of pairings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.entries import E, Entry, Vocabulary
from slubtla.barriers.machines import Orders
from slubtla.protocols.slub import SLUB


class Put(Entry):
    """How the put side stores ``partial`` before it reads ``cpu_partial``.

    Attributes:
        fenced: whether a full fence stands between the two.
        cmpxchg: the kind of :data:`CMPXCHGS` that it stands for, if any.
    """

    fenced: bool
    cmpxchg: str | None = None


class Shrink(Entry):
    """What the shrink side does between its store and its load.

    Attributes:
        twin: the strategy that it stands for.
    """

    twin: str

    @property
    def orders(self) -> Orders:
        """Whose accesses it puts in order: as its twin."""
        return SLUB.strategies[self.twin].orders


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether the model allows the leak for a pair, and why: a sentence without a full stop."""

    allowed: bool
    reason: str


_TABLES: Final = tomllib.loads(Path(__file__).with_name("variants.toml").read_text("utf-8"))


def _vocabulary(kind: str, entry: type[E], table: Mapping[str, Mapping[str, Any]]) -> Vocabulary[E]:
    return Vocabulary(kind, (entry(name, **facts) for name, facts in table.items()))


SHRINKS: Final = _vocabulary("shrink variant", Shrink, _TABLES.pop("shrink"))

PUTS: Final = {name: _vocabulary("put variant", Put, table) for name, table in _TABLES.items()}
"""The put variants by the name that ``race.c`` gives its machine; ``c11`` is any other machine."""


def rule(put: Put, shrink: Shrink) -> Ruling:
    """Return whether the model allows the leak for a pair, and why."""
    orders = shrink.orders
    reason = {
        Orders.EVERY_CPU: "the shrink side's barrier runs on the put's CPU, too, so the put needs "
        "none",
        Orders.NOBODY: "the shrink side's own store may still wait in its buffer when it looks",
        Orders.OWN_CPU: "a full fence stands on both sides"
        if put.fenced
        else "the put's store may still wait in its buffer when it reads cpu_partial",
    }[orders]
    return Ruling(allowed=not orders.forbids(other_side_fenced=put.fenced), reason=reason)
