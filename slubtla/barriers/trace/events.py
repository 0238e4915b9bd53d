"""What travels in a trace of the SLUB model: stores, loads, IPIs, grace periods.

Each journey has the number of the step where it began and of the one where it ended; the latter is
None where the trace ends first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.trace.steps import Move, function_of, sequence_of, set_of, show
from slubtla.tlc.output import Value

MEMORY: Final = "memory"
OWN_BUFFER: Final = "its own buffer"
EARLY: Final = "an early load"

_READS: Final[Mapping[str, tuple[str, str]]] = {
    "put_load_head": ("partial", "oldpage"),
    "put_load_limit": ("cpu_partial", "limit"),
    "put_check_limit": ("cpu_partial", "limit"),
    "unfreeze_load_head": ("partial", "slab"),
    "unfreeze_load_minimum": ("min_partial", "minimum"),
    "flush_load_partial": ("partial of", "head"),
}
"""Label to the location that it loads, and the register that takes the value."""

_ACKNOWLEDGES: Final = frozenset({"ipi_ack", "work_done"})
_AWAITS: Final = frozenset({"kick_wait_ack", "flush_wait_ack"})


@dataclass(frozen=True, slots=True)
class Store:
    """A store that waited in a store buffer.

    Attributes:
        cpu: whose buffer.
        location: e.g. ``"partial[cpu0]"``.
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
        """The entry in the kernel's words: ``partial[cpu0] = slab1``."""
        return f"{self.location} = {self.value}"


@dataclass(frozen=True, slots=True)
class Load:
    """A load of a location that others store to.

    Attributes:
        number: the step.
        cpu: the CPU that loads.
        location: e.g. ``"cpu_partial"``.
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
        acknowledged: the step where the target says that it is done.
        seen: the step where the sender sees that.
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


def stores(moves: Sequence[Move]) -> tuple[Store, ...]:
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
    """Location and value of each store in a buffer; the marks of barriers are none."""
    for entry in sequence_of(buffer):
        location, value = sequence_of(entry)[:2]
        if location not in {("smp_wmb",), ("release",)}:
            yield show(location), show(value)


def loads(moves: Sequence[Move]) -> tuple[Load, ...]:
    """Return the loads of the locations of the protocol, in order."""
    return tuple(load for move in moves for load in _loads(move))


def _loads(move: Move) -> Iterator[Load]:
    if move.name not in _READS:
        return
    place, register = _READS[move.name]
    location: tuple[Value, ...] = (place,)
    if place == "partial":
        location = (place, move.cpu)
    elif place == "partial of":
        visited = "visited" if "visited" in move.before else "todo"
        gone = set_of(move.value(visited, "-")) or set_of(move.value(visited))
        if len(gone) != 1:
            return
        location = ("partial", *gone)
    value = move.value(register)
    yield Load(move.number, show(move.cpu), show(location), show(value), _source(move, location))


def _source(move: Move, location: tuple[Value, ...]) -> str:
    buffers = function_of(move.before["buffer"]) if "buffer" in move.before else {}
    if any(sequence_of(e)[0] == location for e in sequence_of(buffers.get(move.cpu, ()))):
        return OWN_BUFFER
    register = _READS[move.name][1]
    held = function_of(move.before["memory"])[location]
    return MEMORY if show(held) == show(move.value(register)) else EARLY


def ipis(moves: Sequence[Move]) -> tuple[Ipi, ...]:
    """Return the IPIs, and in later kernels the queued work, in the order of their sending."""
    found = []
    for index, move in enumerate(moves):
        for target, kind, function in _sent(move):
            later = moves[index + 1 :]
            done = (m for m in later if m.name in _ACKNOWLEDGES and m.cpu == target)
            found.append(
                Ipi(
                    sender=show(move.cpu),
                    target=show(target),
                    kind=kind,
                    function=function,
                    sent=move.number,
                    entered=_first(m for m in later if target in _taken(m)),
                    acknowledged=_first(done),
                    seen=_first(
                        m for m in later if m.name in _AWAITS and target in _lost(m, "sent")
                    ),
                )
            )
    return tuple(found)


def _sent(move: Move) -> Iterator[tuple[Value, str, str]]:
    for change in move.changes:
        if change.variable == "ipi" and change.key is not None and change.before == "none":
            yield change.key, "IPI", str(change.after)
        elif change.variable == "queued":
            for cpu in _lost(move, "queued", gained=True):
                yield cpu, "work", "flush_cpu_slab"


def _taken(move: Move) -> frozenset[Value]:
    """The CPUs that have taken their interrupt, or begun their work, in a step."""
    ipi = {c.key for c in move.changes if c.variable == "ipi" and c.after == "none"}
    return frozenset(key for key in ipi if key is not None) | _lost(move, "queued")


def _lost(move: Move, variable: str, *, gained: bool = False) -> frozenset[Value]:
    """What a set lost, or gained, in a step."""
    for change in move.changes:
        if change.variable == variable:
            before, after = set_of(change.before), set_of(change.after)
            return after - before if gained else before - after
    return frozenset()


def _first(moves: Iterator[Move]) -> int | None:
    return next((move.number for move in moves), None)


def grace_periods(moves: Sequence[Move]) -> tuple[GracePeriod, ...]:
    """Return the grace periods, in order."""
    found: list[GracePeriod] = []
    for index, move in enumerate(moves):
        if not _lost(move, "holdouts", gained=True):
            continue
        later = moves[index + 1 :]
        reports = {show(c): m.number for m in later for c in _lost(m, "holdouts")}
        ended = next((m.number for m in later if m.name in {"gp_wait", "gp_end"}), None)
        found.append(GracePeriod(show(move.cpu), move.number, reports, ended))
    return tuple(found)
