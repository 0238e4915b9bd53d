"""One reading of a trace of the SLUB model, for all views.

Each step is given to the context that moved and to the CPU it moved on, with the kernel's words for
it, what it changed in memory and in the store buffers, and notes where it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slubtla.barriers.labels import Label
from slubtla.barriers.trace.explanation import explain, explain_waiting, notes
from slubtla.barriers.trace.steps import Move, function_of, sequence_of, show
from slubtla.tlc.output import Trace


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the interleaving.

    Attributes:
        number: its number in the trace; the initial state is 1.
        cpu: the CPU it happened on, e.g. ``"cpu1"``.
        context: who moved: ``"task1"``, ``"shrinker"``, ``"interrupt"``, ``"store buffer"`` ...
        label: the label, which is the action's name.
        function: the kernel function, or the hardware.
        words: what it does, in the kernel's words.
        memory: what it changed in memory, e.g. ``("cpu_partial = 0",)``.
        buffers: CPU to its store buffer after the step, oldest first, for those that changed.
        notes: what a reader should notice.
        values: the values in its words, in order.
        loads: what it loaded by plain loads, e.g. ``("partial[cpu1] = NULL",)``.
    """

    number: int
    cpu: str
    context: str
    label: str
    function: str
    words: str
    memory: tuple[str, ...]
    buffers: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    values: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()

    @property
    def loaded(self) -> tuple[str, ...]:
        """The locations that it loaded, without the values."""
        return tuple(load.partition(" = ")[0] for load in self.loads)


@dataclass(frozen=True, slots=True)
class Interleaving:
    """A trace, read.

    Attributes:
        cpus: the CPUs, in order: one column each.
        running: what each CPU runs in the initial state.
        steps: the steps, from the second state on.
        summary: what went wrong, one sentence each; empty where there are no words for it.
        ends: how a behaviour without an end goes on; ``""`` for one that ends.
    """

    cpus: tuple[str, ...]
    running: Mapping[str, str]
    steps: tuple[Step, ...]
    summary: tuple[str, ...]
    ends: str = ""


def read_interleaving(trace: Trace, labels: Mapping[str, Label]) -> Interleaving:
    """Read a trace of the SLUB model.

    Args:
        trace: the counterexample.
        labels: what each label does, see :func:`slubtla.barriers.labels.read_labels`.
    """
    states = [step.values for step in trace.steps]
    moves = [
        Move(step, before, after, labels)
        for step, before, after in zip(trace.steps[1:], states, states[1:], strict=False)
        if step.action is not None
    ]
    current = function_of(states[0]["current"])
    return Interleaving(
        cpus=tuple(sorted(show(cpu) for cpu in current)),
        running={show(cpu): show(task) for cpu, task in current.items()},
        steps=tuple(_step(move) for move in moves),
        summary=explain_waiting(states[-1]) if _ends(trace) else explain(moves, states[-1]),
        ends=_ends(trace),
    )


def _ends(trace: Trace) -> str:
    last = trace.steps[-1]
    if last.stuttering:
        return "and so for ever: nobody who must move can"
    return f"and again from step {last.back_to}, for ever" if last.back_to is not None else ""


def _step(move: Move) -> Step:
    return Step(
        number=move.number,
        cpu=show(move.cpu),
        context=move.context,
        label=move.name,
        function=move.label.function,
        words=move.label.say(lambda name, sign: show(move.value(name, sign))),
        memory=tuple(
            f"{show(change.key)} = {show(change.after)}"
            for change in move.changes
            if change.variable == "memory" and change.key is not None
        ),
        buffers={
            show(change.key): tuple(show(entry) for entry in sequence_of(change.after))
            for change in move.changes
            if change.variable == "buffer" and change.key is not None
        },
        notes=notes(move),
        values=tuple(show(move.value(name, sign)) for name, sign in move.label.placeholders),
        loads=tuple(
            f"{show(move.location(load))} = {show(move.value(load.register))}"
            for load in move.label.loads
        ),
    )
