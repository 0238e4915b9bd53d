"""Determine for each step the context, its CPU, and what it loaded and changed.

The variables of the machine are known by name: ``current``, ``preempt_count``, ``irqs_on``,
``ipi``, ``queued`` and ``holdouts`` of the CPUs, and the parts of its memory: ``memory``,
``buffer`` and ``older``. What the protocol adds is read by its labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from slubtla.barriers.labels import Access, Label, fill
from slubtla.barriers.trace.changes import changes
from slubtla.barriers.trace.values import function_of, sequence_of, set_of, show
from slubtla.tlc.output import Function, RecordValue, State, Trace, TraceStep, Value, same_value

STORE_BUFFER: Final = "store buffer"
SCHEDULER: Final = "scheduler"
RCU: Final = "RCU"
HARDWARE: Final = frozenset({STORE_BUFFER, SCHEDULER, RCU})
"""Contexts that are no code of the protocol."""

Variables: TypeAlias = Mapping[str, Value]
"""A state, or one with the parts of the machine's memory as variables; see `machine_state`."""

_CONTEXTS: Final[Mapping[Value, str]] = {
    "irq": "interrupt",
    "device": "device interrupt",
    "work": "kworker",
}
"""Kind of a context to its shown name; a task has its own."""

_OF_CPUS: Final = frozenset(
    ["memory", "buffer", "older", "reserved", "current", "preempt_count", "irqs_on", "ipi"]
)
"""What the machine keeps for each CPU: a change there does not say which context moved."""

_OF_MEMORY: Final = frozenset(["memory", "buffer", "older", "reserved", "loaded", "acquired"])
"""The fields of what the modules WeakMemory make."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace, in words.

    Attributes:
        number: its number in the trace; the initial state is 1.
        action: the action's name, which is the label; ``""`` where there is none.
        words: what happens, in the kernel's words or, for other specs, ``""``.
        changed: what changed in memory, or in the variables of any other spec.
        cpu: the CPU; ``""`` in other specs, and so are the fields below.
        context: who moved: ``"task1"``, ``"interrupt"``, ``"store buffer"`` ...
        function: the kernel function; ``""`` where hardware moved.
        buffers: CPU to its store buffer after the step, oldest first, for those that changed.
        notes: what a reader should notice.
        values: the values in its words, in order.
        loads: what it got by plain loads, e.g. ``("head[cpu1] = NULL",)``.
    """

    number: int
    action: str = ""
    words: str = ""
    changed: tuple[str, ...] = ()
    cpu: str = ""
    context: str = ""
    function: str = ""
    buffers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()

    @property
    def loaded(self) -> tuple[str, ...]:
        """The locations that it loaded, without the values."""
        return tuple(load.partition(" = ")[0] for load in self.loads)


class Transition:
    """A step with the states around it, as TLC has them.

    Attributes:
        number: the step's number in the trace.
        label: what it does.
        before: the state before.
        after: the state after.
        changes: what it changed.
        key: the context that moved, as the model names it: a task; a CPU, for the handler of its
            interrupts; ``("device", cpu0)``, ``("work", cpu0)``; or one of :data:`HARDWARE`.
        kind: ``"task"``, ``"irq"``, ``"device"``, ``"work"`` or ``"hardware"``.
        who: the key with its kind: ``("task", task1)``, ``("irq", cpu0)``.
        cpu: the CPU it moved on.
    """

    def __init__(
        self, step: TraceStep, before: State, after: State, labels: Mapping[str, Label]
    ) -> None:
        name = step.action or ""
        self.number = step.number
        self.label = labels.get(name) or Label(name, "", name, 0)
        self.before, self.after = machine_state(before), machine_state(after)
        self.changes = changes(self.before, self.after)
        self.key, self.cpu = self._who_and_where()
        self.kind = self._kind(self.key)
        self.who = (self.kind, self.key) if self.kind in {"irq", "task"} else self.key

    def _who_and_where(self) -> tuple[Value, Value]:
        """The context whose program counter moved.

        A loop of one label shows in its local variables instead; hardware has neither, and shows
        in what is kept for each CPU.
        """
        known = function_of(self.before["pc"])
        contexts = [
            (change.variable != "pc", change.key)
            for change in self.changes
            if change.variable not in _OF_CPUS and change.key in known
        ]
        if contexts:
            who = min(contexts, key=lambda found: found[0])[1] or ""
            return who, self._cpu_of(who)
        for change in self.changes:
            if change.variable == "buffer" and change.key is not None:
                return STORE_BUFFER, change.key
            if change.variable == "current" and change.key is not None:
                return SCHEDULER, change.key
            if change.variable == "holdouts" and set_of(change.before) > set_of(change.after):
                (cpu,) = set_of(change.before) - set_of(change.after)
                return RCU, cpu
        if "home" in self.before:
            (home,) = set_of(self.before["home"])
            return RCU, home
        raise ValueError(f"step {self.number} ({self.label.name}) moves nobody")

    def _cpu_of(self, who: Value) -> Value:
        if isinstance(who, tuple):
            return who[1]
        current = function_of(self.before["current"])
        return who if who in current else next(c for c, task in current.items() if task == who)

    def _kind(self, key: Value) -> str:
        if isinstance(key, tuple):
            return str(key[0])
        if key in HARDWARE:
            return "hardware"
        return "irq" if key in function_of(self.before["current"]) else "task"

    @property
    def context(self) -> str:
        """Who moved: ``task1``, ``interrupt``, ``store buffer`` ..."""
        if self.kind == "hardware":
            return str(self.key)
        return _CONTEXTS.get(self.kind) or show(self.key)

    @property
    def role(self) -> str:
        """The role of its label."""
        return self.label.role

    def value(self, name: str, sign: str = "") -> Value:
        """Return the value of a placeholder; see :mod:`slubtla.barriers.labels`."""
        if name == "memory":  # one location: as a pair of the location and its value
            changed = next(change for change in self.changes if change.variable == name)
            return (changed.key or "", changed.after if sign == "+" else changed.before)
        before, after = (self._own(state[name]) for state in (self.before, self.after))
        if not sign:
            return after
        if isinstance(before, frozenset) and isinstance(after, frozenset):
            return after - before if sign == "+" else before - after
        if name == "buffer" and sign == "-":
            return sequence_of(before)[0]
        return after if sign == "+" else before

    def say(self, words: str) -> str:
        """Return words with the values of this step in their places."""
        return fill(words, lambda name, sign: show(self.value(name, sign)))

    def _own(self, value: Value) -> Value:
        """Of what is kept for each context or CPU, the part that is this one's."""
        if isinstance(value, Function):
            for key in (self.key, self.cpu):
                if key in value:
                    return value[key]
        return value

    def location(self, access: Access) -> Value:
        """Return the location of an access, as it stands in ``memory``."""
        if not access.cpu:
            return (access.location,)
        if access.cpu == "self":
            return (access.location, self.cpu)
        if access.cpu == "?":
            return (access.location, "?")
        value = self.value(access.cpu.rstrip("-"), "-" if access.cpu.endswith("-") else "")
        if isinstance(value, frozenset):
            value = next(iter(value)) if len(value) == 1 else "?"  # one of several: not known
        return (access.location, value)

    def difference(self, variable: str, sign: str) -> frozenset[Value]:
        """Return what a set gained (``+``) or lost (``-``); nothing where it did not change."""
        for change in self.changes:
            if change.variable == variable and isinstance(change.after, frozenset):
                before, after = set_of(change.before), set_of(change.after)
                return after - before if sign == "+" else before - after
        return frozenset()

    def waiting_for(self, location: Value) -> Value | None:
        """Return the CPU in whose store buffer a store to a location waited; None if none did."""
        for cpu, entries in buffers_of(self.before).items():
            if any(sequence_of(entry)[0] == location for entry in entries):
                return cpu
        return None

    def why_old(self, access: Access) -> str:
        """Why a load got a value that a store had already replaced; ``""`` where none had."""
        location = self.location(access)
        waiting = self.waiting_for(location)
        if waiting is not None:
            return f"the new one is still in {show(waiting)}'s store buffer"
        memory = function_of(self.before["memory"])
        if location in memory and not same_value(memory[location], self.value(access.register)):
            held = show(memory[location])
            return f"memory holds {held}, but the load was satisfied early"
        return ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should notice: that a load which matters got an old value."""
        fact = self.label.facts.get("old")
        if fact is None:
            return ()
        condition, _, comment = fact.partition(": ")
        _, name, relation, value = condition.split()
        if (show(self.value(name)) == value) != (relation == "="):
            return ()
        head = f"an old value, {comment}" if comment else "an old value"
        reasons = (self.why_old(load) for load in self.label.loads)
        return tuple(f"{head}: {reason}" for reason in reasons if reason)

    @property
    def step(self) -> Step:
        """This step in words."""
        label = self.label
        return Step(
            number=self.number,
            action=label.name,
            words=self.say(label.words),
            changed=tuple(
                f"{show(change.key)} = {show(change.after)}"
                for change in self.changes
                if change.variable == "memory" and change.key is not None
            ),
            cpu=show(self.cpu),
            context=self.context,
            function="" if label.function == self.context else label.function,
            buffers={
                show(change.key): tuple(map(show, sequence_of(change.after)))
                for change in self.changes
                if change.variable == "buffer" and change.key is not None
            },
            notes=self.notes,
            values=tuple(show(self.value(name, sign)) for name, sign in label.placeholders),
            loads=tuple(
                f"{show(self.location(load))} = {show(self.value(load.register))}"
                for load in label.loads
            ),
        )


def read_transitions(trace: Trace, labels: Mapping[str, Label]) -> tuple[Transition, ...]:
    """Return the steps of a trace from the second state on, without the end of a lasso."""
    states = trace.states
    return tuple(
        Transition(step, before, after, labels)
        for step, before, after in zip(trace.steps[1:], states, states[1:], strict=False)
        if step.action is not None
    )


def machine_state(state: Mapping[str, Value]) -> Variables:
    """Return a state with the parts of the machine's memory as variables of their own.

    They are the fields of the variable that holds what the module WeakMemory makes, whatever its
    name; a state without such a variable is returned as it is.
    """
    found: dict[str, Value] = {}
    for name, value in state.items():
        if isinstance(value, RecordValue) and "memory" in value and set(value) <= _OF_MEMORY:
            found |= {part: value[part] for part in value if part in _OF_CPUS}
        else:
            found[name] = value
    return found


def buffers_of(state: Variables) -> Mapping[Value, tuple[Value, ...]]:
    """Return the store buffer of each CPU; empty where the memory model has none."""
    found = function_of(state["buffer"]) if "buffer" in state else {}
    return {cpu: sequence_of(entries) for cpu, entries in found.items()}
