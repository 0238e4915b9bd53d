"""The machine beside each step of a trace: what each CPU runs, buffers, lists, flags, and arrows.

:func:`read_interleaving` says who did what; this says, from the same
moves, in what state every CPU and memory were after it, and what travelled between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slubtla.barriers.labels import Label
from slubtla.barriers.trace.events import (
    GracePeriod,
    Ipi,
    Load,
    Store,
    grace_periods,
    ipis,
    loads,
    stores,
)
from slubtla.barriers.trace.interleaving import Interleaving, Step, read_interleaving
from slubtla.barriers.trace.steps import HARDWARE, Move, function_of, sequence_of, show
from slubtla.tlc.output import State, Trace, Value

IDLE = "idle"


@dataclass(frozen=True, slots=True)
class CpuState:
    """One CPU after a step.

    Attributes:
        task: the task that it runs, ``"idle"`` for none.
        handler: what has interrupted that task, e.g. ``"interrupt"``; ``""`` for nothing.
        irqs_on: whether interrupts are taken.
        preempt_count: above 0 there is no preemption.
        buffer: its store buffer, oldest store first.
        partial: its partial list as memory has it, head first.
    """

    task: str
    handler: str
    irqs_on: bool
    preempt_count: int
    buffer: tuple[str, ...]
    partial: tuple[str, ...]

    @property
    def context(self) -> str:
        """Who has the CPU: the handler, or else the task."""
        return self.handler or self.task


@dataclass(frozen=True, slots=True)
class Moment:
    """The machine after a step.

    Attributes:
        number: the step's number; 1 is the initial state.
        cpus: CPU to its state, in order.
        memory: location to value, both in words, e.g. ``{"cpu_partial": "1"}``.
        node_list: the slabs on the node's partial list.
        full: the slabs on no list.
        discarded: the slabs that were given back.
    """

    number: int
    cpus: Mapping[str, CpuState]
    memory: Mapping[str, str]
    node_list: tuple[str, ...]
    full: tuple[str, ...]
    discarded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A trace of the SLUB model with everything that a picture of it needs.

    Attributes:
        reading: who did what, in words.
        moments: step number to the machine after it; the initial state is 1.
        stores: each store, from when it was made until it was in memory.
        loads: each load of a location, and where its value came from.
        ipis: each interrupt that one CPU sent to another.
        grace_periods: each grace period.
        fatal: number of the step in which it went wrong; None where no single one did.
    """

    reading: Interleaving
    moments: Mapping[int, Moment]
    stores: tuple[Store, ...]
    loads: tuple[Load, ...]
    ipis: tuple[Ipi, ...]
    grace_periods: tuple[GracePeriod, ...]
    fatal: int | None = field(default=None)

    @property
    def last(self) -> int:
        """Number of the last state."""
        return max(self.moments)


def read_timeline(trace: Trace, labels: Mapping[str, Label]) -> Timeline:
    """Read a trace of the SLUB model.

    Args:
        trace: the counterexample, or any other behaviour.
        labels: what each label does, see :func:`slubtla.barriers.labels.read_labels`.

    Raises:
        KeyError, TypeError: the trace is of another specification.
    """
    states = trace.states
    moves = [
        Move(step, before, after, labels)
        for step, before, after in zip(trace.steps[1:], states, states[1:], strict=False)
        if step.action is not None
    ]
    reading = read_interleaving(trace, labels)
    return Timeline(
        reading=reading,
        moments=_moments(states, moves),
        stores=stores(moves),
        loads=loads(moves),
        ipis=ipis(moves),
        grace_periods=grace_periods(moves),
        fatal=_fatal(reading.steps),
    )


def _fatal(steps: Sequence[Step]) -> int | None:
    """The last step that a note speaks of: from there on nothing mends it."""
    noted = [step.number for step in steps if step.notes]
    return noted[-1] if noted else None


def _moments(states: Sequence[State], moves: Sequence[Move]) -> Mapping[int, Moment]:
    handlers: dict[Value, str] = {}
    found = {1: _moment(1, states[0], handlers)}
    for move in moves:
        if move.context not in HARDWARE:
            inside = isinstance(move.who, tuple) and move.who[0] != "task"
            handlers[move.cpu] = move.context if inside and not _at_rest(move) else ""
        found[move.number] = _moment(move.number, move.after, handlers)
    return found


def _at_rest(move: Move) -> bool:
    """Whether a handler waits again where it began."""
    at = function_of(move.after["pc"])[move.who]
    return at in {"ipi_enter", "device_enter", "work_start"}


def _moment(number: int, state: State, handlers: Mapping[Value, str]) -> Moment:
    memory = function_of(state["memory"])
    buffers = function_of(state["buffer"]) if "buffer" in state else {}
    irqs, counts = function_of(state["irqs_on"]), function_of(state["preempt_count"])
    following = state["next"]
    cpus = {
        show(cpu): CpuState(
            task=show(task) if isinstance(task, tuple) else IDLE,
            handler=handlers.get(cpu, ""),
            irqs_on=irqs[cpu] is True,
            preempt_count=int(str(counts[cpu])),
            buffer=tuple(show(entry) for entry in sequence_of(buffers.get(cpu, ()))),
            partial=_chain(memory["partial", cpu], following),
        )
        for cpu, task in sorted(function_of(state["current"]).items(), key=lambda at: show(at[0]))
    }
    return Moment(
        number=number,
        cpus=cpus,
        memory={show(location): show(value) for location, value in memory.items()},
        node_list=_names(state["node_partial"]),
        full=_names(state["full"]),
        discarded=_names(state["discarded"]),
    )


def _chain(head: Value, following: Value) -> tuple[str, ...]:
    """The slabs of a list from its head on; one that bites its tail ends with the slab again."""
    links = function_of(following)
    found: list[Value] = []
    while head in links and head not in found:
        found.append(head)
        head = links[head]
    names = [show(slab) for slab in found]
    return (*names, f"{show(head)} again") if head in found else tuple(names)


def _names(slabs: Value) -> tuple[str, ...]:
    return tuple(sorted(show(slab) for slab in slabs)) if isinstance(slabs, frozenset) else ()
