"""Combine a trace's steps, states and multi-step events into one Timeline.

The variables of a protocol are shown as its ``views.toml`` says; see
:mod:`slubtla.barriers.views`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

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
from slubtla.barriers.trace.steps import (
    HARDWARE,
    Step,
    Transition,
    Variables,
    buffers_of,
    machine_state,
    read_transitions,
)
from slubtla.barriers.trace.values import function_of, show
from slubtla.barriers.views import Views
from slubtla.tlc.output import Trace, Value

IDLE: Final = "idle"


@dataclass(frozen=True, slots=True)
class CpuState:
    """One CPU after a step.

    Attributes:
        task: the task that it runs, ``"idle"`` for none.
        handler: what has interrupted that task, e.g. ``"interrupt"``; ``""`` for nothing.
        irqs_on: whether interrupts are taken.
        preempt_count: above 0 there is no preemption.
        buffer: its store buffer, oldest store first.
        chains: location to its list as memory has it, head first.
    """

    task: str
    handler: str
    irqs_on: bool
    preempt_count: int
    buffer: tuple[str, ...]
    chains: Mapping[str, tuple[str, ...]]

    @property
    def context(self) -> str:
        """Who has the CPU: the handler, or else the task."""
        return self.handler or self.task

    @property
    def record(self) -> dict[str, Any]:
        """The fields as JSON has them, each chain for itself."""
        record: dict[str, Any] = asdict(self)
        chains: dict[str, Any] = record.pop("chains")
        return record | chains


@dataclass(frozen=True, slots=True)
class StateView:
    """The machine after a step, in words.

    Attributes:
        number: the step's number; 1 is the initial state.
        cpus: CPU to its state, in order.
        memory: location to value, e.g. ``{"limit": "1"}``.
        sets: key of each of the protocol's sets to its members.
    """

    number: int
    cpus: Mapping[str, CpuState]
    memory: Mapping[str, str]
    sets: Mapping[str, tuple[str, ...]]

    @property
    def record(self) -> dict[str, Any]:
        """The fields as JSON has them, each set for itself."""
        cpus = {name: cpu.record for name, cpu in self.cpus.items()}
        return {"cpus": cpus, "memory": self.memory, **self.sets}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A trace of a protocol.

    Attributes:
        cpus: the CPUs, in order: one column each.
        running: what each CPU runs in the initial state.
        steps: the steps, from the second state on.
        ends: how a behaviour without an end goes on; ``""`` for one that ends.
        states: step to the machine after it; 1 for the initial state.
        stores: the stores that waited in a buffer.
        loads: the plain loads.
        ipis: interrupts from CPU to CPU, or queued work.
        grace_periods: grace periods.
        transitions: the same steps with the values of TLC.
        views: how the variables are shown.
        summary: what went wrong, one sentence each; empty where there are no words for it.
    """

    cpus: tuple[str, ...]
    running: Mapping[str, str]
    steps: tuple[Step, ...]
    ends: str
    states: Mapping[int, StateView]
    stores: tuple[Store, ...]
    loads: tuple[Load, ...]
    ipis: tuple[Ipi, ...]
    grace_periods: tuple[GracePeriod, ...]
    transitions: tuple[Transition, ...] = field(repr=False)
    views: Views = field(repr=False)
    summary: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The number of the last step."""
        return max(self.states)

    @property
    def fatal(self) -> int | None:
        """The last step that a note speaks of: from there on nothing mends it."""
        return next((step.number for step in reversed(self.steps) if step.notes), None)

    @property
    def rows(self) -> tuple[Step, ...]:
        """The steps, with the initial state first."""
        running = ", ".join(f"{cpu} runs {task}" for cpu, task in self.running.items())
        return (Step(1, words=running), *self.steps)


def read_timeline(trace: Trace, labels: Mapping[str, Label], views: Views) -> Timeline:
    """Read a trace.

    Args:
        trace: a counterexample, or any other behaviour.
        labels: what each label does.
        views: how the variables are shown.

    Raises:
        KeyError, TypeError: the trace is of another specification.
    """
    moves = read_transitions(trace, labels)
    current = function_of(trace.states[0]["current"])
    return Timeline(
        cpus=tuple(sorted(show(cpu) for cpu in current)),
        running={show(cpu): show(task) for cpu, task in current.items()},
        steps=tuple(move.step for move in moves),
        ends=_ends(trace),
        states=_states(trace.states[0], moves, views),
        stores=stores(moves),
        loads=loads(moves),
        ipis=ipis(moves),
        grace_periods=grace_periods(moves),
        transitions=moves,
        views=views,
    )


def _ends(trace: Trace) -> str:
    last = trace.steps[-1]
    if last.stuttering:
        return "and so for ever: nobody who must move can"
    return f"and again from step {last.back_to}, for ever" if last.back_to is not None else ""


def _states(first: Variables, moves: Sequence[Transition], views: Views) -> Mapping[int, StateView]:
    handlers: dict[Value, str] = {}
    rest = function_of(first["pc"])
    found = {1: _state(1, first, handlers, views)}
    for move in moves:
        if move.context not in HARDWARE:
            entered = (
                move.kind != "task" and function_of(move.after["pc"])[move.key] != rest[move.key]
            )
            handlers[move.cpu] = move.context if entered else ""
        found[move.number] = _state(move.number, move.after, handlers, views)
    return found


def _state(number: int, state: Variables, handlers: Mapping[Value, str], views: Views) -> StateView:
    state = machine_state(state)
    memory, buffers = function_of(state["memory"]), buffers_of(state)
    irqs, counts = function_of(state["irqs_on"]), function_of(state["preempt_count"])
    cpus = {
        show(cpu): CpuState(
            task=IDLE if show(task).lower() == IDLE else show(task),
            handler=handlers.get(cpu, ""),
            irqs_on=irqs[cpu] is True,
            preempt_count=int(str(counts[cpu])),
            buffer=tuple(show(entry) for entry in buffers.get(cpu, ())),
            chains={
                head: _chain(memory[head, cpu], state[links])
                for head, links in views.chains.items()
            },
        )
        for cpu, task in sorted(function_of(state["current"]).items(), key=lambda at: show(at[0]))
    }
    return StateView(
        number=number,
        cpus=cpus,
        memory={show(location): show(value) for location, value in memory.items()},
        sets={key: _names(state[variable]) for key, (variable, _) in views.sets.items()},
    )


def _chain(head: Value, following: Value) -> tuple[str, ...]:
    """The members of a list from its head on; one that bites its tail ends with one again."""
    links = function_of(following)
    found: list[Value] = []
    while head in links and head not in found:
        found.append(head)
        head = links[head]
    names = [show(each) for each in found]
    return (*names, f"{show(head)} again") if head in found else tuple(names)


def _names(values: Value) -> tuple[str, ...]:
    return tuple(sorted(map(show, values))) if isinstance(values, frozenset) else ()
