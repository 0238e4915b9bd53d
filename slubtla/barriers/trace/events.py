"""Extract buffered stores, IPIs, grace periods and loads from a trace, with their steps.

Each event has the number of the step where it began and of the one where it ended; the latter is
None where the trace ends first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.labels import Access
from slubtla.barriers.trace.steps import Transition, buffers_of
from slubtla.barriers.trace.values import function_of, sequence_of, show
from slubtla.tlc.output import Value

MEMORY: Final = "memory"
OWN_BUFFER: Final = "its own buffer"
EARLY: Final = "an early load"

_REQUESTS: Final = ("csd", "work")
"""Locations that are 1 from the request of an interrupt, or of work, until it is acknowledged."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store that waited in a store buffer.

    Attributes:
        cpu: whose buffer.
        location: e.g. ``"head[cpu0]"``.
        value: what it stores.
        made: the step that put it into the buffer.
        drained: the step that took it to memory.
    """

    cpu: str
    location: str
    value: str
    made: int
    drained: int | None

    @property
    def entry(self) -> str:
        """The entry as it is shown: ``head[cpu0] = item1``."""
        return f"{self.location} = {self.value}"


@dataclass(frozen=True, slots=True)
class Load:
    """A plain load.

    Attributes:
        number: the step.
        cpu: the CPU that loads.
        location: e.g. ``"limit"``.
        value: what it got.
        source: :data:`MEMORY`, :data:`OWN_BUFFER` (forwarded) or :data:`EARLY` (an old value).
    """

    number: int
    cpu: str
    location: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Ipi:
    """An interrupt, or work, that one CPU sent to another.

    Attributes:
        sender: the CPU that sent it.
        target: the CPU that it is for.
        kind: ``"IPI"`` or ``"work"``.
        function: what it calls there.
        sent: the step that sent it.
        entered: the step where the target takes it.
        acknowledged: the step where the target acknowledges it.
        seen: the step where the sender reads that.
    """

    sender: str
    target: str
    kind: str
    function: str
    sent: int
    entered: int | None
    acknowledged: int | None
    seen: int | None


@dataclass(frozen=True, slots=True)
class GracePeriod:
    """A grace period.

    Attributes:
        cpu: the CPU that began it.
        began: the step.
        reports: CPU to the step in which it reported a quiescent state.
        ended: the step that had waited for all of them.
    """

    cpu: str
    began: int
    reports: Mapping[str, int]
    ended: int | None


def stores(moves: Sequence[Transition]) -> tuple[Store, ...]:
    """Return the stores that went through a buffer, in the order in which they were made."""
    waiting: dict[str, list[tuple[str, str, int]]] = {}
    found: list[Store] = []
    for move in moves:
        for change in move.changes:
            if change.variable != "buffer" or change.key is None:
                continue
            cpu = show(change.key)
            held = waiting.setdefault(cpu, [])
            after = list(_entries(change.after))
            for entry in [kept for kept in held if kept[:2] not in after]:
                held.remove(entry)
                found.append(Store(cpu, *entry, drained=move.number))
            known = [kept[:2] for kept in held]
            for added in after:
                if added in known:
                    known.remove(added)
                else:
                    held.append((*added, move.number))
    found += [Store(cpu, *entry, drained=None) for cpu, held in waiting.items() for entry in held]
    return tuple(sorted(found, key=lambda store: (store.made, store.drained or 0)))


def _entries(buffer: Value) -> Iterator[tuple[str, str]]:
    """Location and value of each store in a buffer, without what barriers leave there."""
    for entry in sequence_of(buffer):
        location, *stored = sequence_of(entry)
        if stored:
            yield show(location), show(stored[0])


def loads(moves: Sequence[Transition]) -> tuple[Load, ...]:
    """Return the plain loads whose location is known, in order."""
    return tuple(
        Load(
            move.number,
            show(move.cpu),
            show(move.location(load)),
            show(move.value(load.register)),
            _source(move, load),
        )
        for move in moves
        for load in move.label.loads
        if move.location(load) in function_of(move.before["memory"])
    )


def _source(move: Transition, load: Access) -> str:
    location = move.location(load)
    if any(sequence_of(e)[0] == location for e in buffers_of(move.before).get(move.cpu, ())):
        return OWN_BUFFER
    held = function_of(move.before["memory"])[location]
    return MEMORY if show(held) == show(move.value(load.register)) else EARLY


def ipis(moves: Sequence[Transition]) -> tuple[Ipi, ...]:
    """Return the IPIs, and in later kernels the queued work, in the order of their sending."""
    found = []
    for index, move in enumerate(moves):
        later = moves[index + 1 :]
        for target, kind, function in _sent(move):
            found.append(
                Ipi(
                    sender=show(move.cpu),
                    target=show(target),
                    kind=kind,
                    function=function,
                    sent=move.number,
                    entered=_first(m for m in later if target in _taken(m)),
                    acknowledged=_first(m for m in later if m.cpu == target and _answers(m)),
                    seen=_first(m for m in later if target in _awaited(m)),
                )
            )
    return tuple(found)


def _sent(move: Transition) -> Iterator[tuple[Value, str, str]]:
    for change in move.changes:
        if change.variable == "ipi" and change.key is not None and change.before == "none":
            yield change.key, "IPI", str(change.after)
    for cpu in move.difference("queued", "+"):
        yield cpu, "work", move.label.facts.get("calls", "")


def _taken(move: Transition) -> frozenset[Value]:
    """The CPUs that have taken their interrupt, or begun their work, in a step."""
    ipi = {c.key for c in move.changes if c.variable == "ipi" and c.after == "none"}
    return frozenset(key for key in ipi if key is not None) | move.difference("queued", "-")


def _answers(move: Transition) -> bool:
    return any(move.label.touches(location, "store") for location in _REQUESTS)


def _awaited(move: Transition) -> frozenset[Value]:
    """The CPUs whose acknowledgement a step has read."""
    variable, _ = move.label.waits
    reads = any(move.label.touches(location, "wait") for location in _REQUESTS)
    return move.difference(variable, "-") if reads else frozenset()


def _first(moves: Iterator[Transition]) -> int | None:
    return next((move.number for move in moves), None)


def grace_periods(moves: Sequence[Transition]) -> tuple[GracePeriod, ...]:
    """Return the grace periods, in order."""
    found: list[GracePeriod] = []
    for index, move in enumerate(moves):
        if not move.difference("holdouts", "+"):
            continue
        later = moves[index + 1 :]
        reports = {show(c): m.number for m in later for c in m.difference("holdouts", "-")}
        ended = _first(m for m in later if m.label.waits[0] == "holdouts")
        found.append(GracePeriod(show(move.cpu), move.number, reports, ended))
    return tuple(found)
