"""Compute which variables, or parts of them, a step changed; for any TLA+ specification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from slubtla.barriers.trace.values import WIDTH, pretty_binding
from slubtla.tlc.output import (
    Function,
    RecordValue,
    Unparsed,
    Value,
    format_value,
    same_value,
    sort_values,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a variable that has another value after a step.

    Attributes:
        variable: the variable.
        key: the argument, for a function or record that changed at one point; else None.
        before: the value before.
        after: the value after.
    """

    variable: str
    key: Value | None
    before: Value
    after: Value

    @property
    def place(self) -> str:
        """The place as TLA+ text: ``buffer[cpu1]``."""
        return self.variable if self.key is None else f"{self.variable}[{format_value(self.key)}]"

    def __str__(self) -> str:
        if isinstance(self.before, frozenset) and isinstance(self.after, frozenset):
            before, after = (
                list(map(format_value, sort_values(s))) for s in (self.before, self.after)
            )
            parts = [f"+ {text}" for text in after if text not in before]
            parts += [f"- {text}" for text in before if text not in after]
            return f"{self.place}: {', '.join(parts)}"
        return f"{self.place} = {format_value(self.after)}"


def changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[Change, ...]:
    """Return what differs between two states, in the order of the variables.

    A variable that only ``after`` has, as an ALIAS may make one, changed as a whole.
    """
    return tuple(
        change for name in after for change in _inside(name, before.get(name), after[name])
    )


def _inside(name: str, before: Value | None, after: Value) -> Iterator[Change]:
    if before is None:
        yield Change(name, None, Unparsed(""), after)
        return
    if same_value(before, after):
        return
    for kind in (Function, RecordValue):
        if isinstance(before, kind) and isinstance(after, kind) and set(before) == set(after):
            for key in after:
                if not same_value(before[key], after[key]):  # type: ignore[index]  # same kind
                    yield Change(name, key, before[key], after[key])  # type: ignore[index]
            return
    yield Change(name, None, before, after)


def pretty_change(change: Change, width: int = WIDTH) -> str:
    """Return a change as text: sets by what they gained and lost, the rest by the new value."""
    text = str(change)
    if len(text) <= width or isinstance(change.after, frozenset):
        return text
    return pretty_binding(change.place, change.after, width)
