"""Who moved in a step of the SLUB model, on which CPU, and what it saw; values in kernel words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from slubtla.barriers.labels import Label, Load
from slubtla.barriers.trace.changes import changes
from slubtla.tlc.output import Function, State, TraceStep, Value, format_value

STORE_BUFFER: Final = "store buffer"
SCHEDULER: Final = "scheduler"
RCU: Final = "RCU"
HARDWARE: Final = frozenset({STORE_BUFFER, SCHEDULER, RCU})
_KINDS: Final = frozenset({"task", "irq", "device", "work", "gp"})
"""Contexts that are no code of the protocol."""


_WORDS: Final[Mapping[Value, str]] = {
    "irq": "interrupt",
    "device": "device interrupt",
    "work": "kworker",
    "gp": RCU,
}


class Move:
    """A step with the states around it.

    Attributes:
        number: the step's number in the trace.
        name: the label.
        label: what it does.
        before: the state before.
        after: the state after.
        changes: what it changed.
        who: the context that moved, as in the model: ``("task", task1)``, ``("irq", cpu0)``,
            ``("device", cpu0)``, ``("work", cpu0)``, or one of :data:`HARDWARE`.
        cpu: the CPU it moved on.
    """

    def __init__(
        self, step: TraceStep, before: State, after: State, labels: Mapping[str, Label]
    ) -> None:
        self.number = step.number
        self.name = step.action or ""
        self.label = labels.get(self.name, Label(self.name, "", self.name, 0))
        self.before, self.after = before, after
        self.changes = changes(before, after)
        self.who, self.cpu = self._who_and_where()

    def _who_and_where(self) -> tuple[Value, Value]:
        """The context whose program counter moved.

        A loop of one label shows in its local variables instead; hardware has neither, and shows
        in what is kept for each CPU.
        """
        contexts = [
            (change.variable != "pc", change.key)
            for change in self.changes
            if isinstance(change.key, tuple) and change.key[0] in _KINDS
        ]
        if contexts:
            who = min(contexts, key=lambda found: found[0])[1]
            return who, self._cpu_of(sequence_of(who))
        for change in self.changes:
            if change.variable == "buffer" and change.key is not None:
                return STORE_BUFFER, change.key
            if change.variable == "current" and change.key is not None:
                return SCHEDULER, change.key
            if change.variable == "holdouts":
                (cpu,) = set_of(change.before) - set_of(change.after)
                return RCU, cpu
        raise ValueError(f"step {self.number} ({self.name}) moves nobody")

    def _cpu_of(self, who: tuple[Value, ...]) -> Value:
        if who[0] in {"irq", "device", "work"}:
            return who[1]
        if who[0] == "gp":
            (home,) = set_of(self.before["home"])
            return home
        current = function_of(self.before["current"])
        return next(cpu for cpu, running in current.items() if running == who)

    @property
    def context(self) -> str:
        """Who moved: ``task1``, ``shrinker``, ``interrupt``, ``store buffer`` ..."""
        if isinstance(self.who, tuple):
            return _WORDS.get(self.who[0], "") or show(self.who)
        return str(self.who)

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

    def location(self, load: Load) -> Value:
        """Return the location of a load, as it stands in ``memory``."""
        if not load.cpu:
            return (load.location,)
        if load.cpu == "self":
            return (load.location, self.cpu)
        value = self.value(load.cpu.rstrip("-"), "-" if load.cpu.endswith("-") else "")
        if isinstance(value, frozenset):
            value = next(iter(value)) if len(value) == 1 else "?"  # one of several: not known
        return (load.location, value)

    def _own(self, value: Value) -> Value:
        """Of what is kept for each context or CPU, the part that is this one's."""
        if isinstance(value, Function):
            for key in (self.who, self.cpu):
                if key in value:
                    return value[key]
        return value

    def waiting_for(self, *location: Value) -> Value | None:
        """Return the CPU in whose store buffer a store to a location waited; None if none did."""
        if "buffer" not in self.before:
            return None
        for cpu, entries in function_of(self.before["buffer"]).items():
            if any(sequence_of(entry)[0] == location for entry in sequence_of(entries)):
                return cpu
        return None


def show(value: Value) -> str:  # noqa: PLR0911 - one case for each shape
    """Return a value in the kernel's words: ``task1``, ``partial[cpu1]``, ``cpu_partial = 0``."""
    match value:
        case ("task", who):
            return show(who)
        case ("irq" | "device", cpu):
            return f"interrupt on {show(cpu)}"
        case ("work", cpu):
            return f"kworker on {show(cpu)}"
        case ((str(), *_) as location, stored):
            return f"{show(location)} = {show(stored)}"
        case (str(name),):
            return name
        case (str(name), cpu):
            return f"{name}[{show(cpu)}]"
        case frozenset():
            return "none" if not value else ", ".join(sorted(show(each) for each in value))
        case tuple():
            return ", ".join(show(each) for each in value)
        case _:
            return format_value(value)


def function_of(value: Value) -> Function:
    """Return a value that must be a function.

    Raises:
        TypeError: it is something else: the spec and its views do not fit.
    """
    if not isinstance(value, Function):
        raise TypeError(f"expected a function, got {format_value(value)}")
    return value


def set_of(value: Value) -> frozenset[Value]:
    """Return a value that must be a set; raises TypeError like :func:`function_of`."""
    if not isinstance(value, frozenset):
        raise TypeError(f"expected a set, got {format_value(value)}")
    return value


def sequence_of(value: Value) -> tuple[Value, ...]:
    """Return a value that must be a sequence; raises TypeError like :func:`function_of`."""
    if not isinstance(value, tuple):
        raise TypeError(f"expected a sequence, got {format_value(value)}")
    return value
