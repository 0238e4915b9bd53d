"""The specification in which TLC looks for a witness: a good model, held to a bad run's operations.

It extends the good run's own module. A variable counts the operations that were followed. The
actions' names say what they are for: ``Follow_3_load_head``, ``Between_ipi_enter``,
``Forced_drain_store``, ``After_return``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.labels import label_names
from slubtla.barriers.trace.counterexample import timeline_of, trace_of
from slubtla.barriers.trace.steps import SCHEDULER
from slubtla.barriers.views import views_of
from slubtla.tlc.output import Function, ModelValue, Value, format_value
from slubtla.tlc.run.result import Result
from slubtla.tlc.text.cfg import read_cfg

MODULE: Final = "Witness"
INVARIANT: Final = "NotYet"

_DRAIN: Final = "drain_store"
_SCHEDULED: Final = frozenset({"task", "sched"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the bad run.

    Attributes:
        number: its step.
        label: its label.
        who: the context that did it, as in the model.
        chosen: variable, argument and new value of what shows its choice.
    """

    number: int
    label: str
    who: Value
    chosen: tuple[tuple[str, Value, Value], ...]


def operations_of(bad: Result, known: frozenset[str]) -> tuple[Operation, ...]:
    """The operations of tasks and scheduler up to the fatal step, of labels that are ``known``."""
    timeline = timeline_of(bad)
    fatal = timeline.fatal or timeline.last
    found = []
    for move in timeline.transitions:
        who = ("sched", move.cpu) if move.who == SCHEDULER else move.who
        if not isinstance(who, tuple) or who[0] not in _SCHEDULED or move.number > fatal:
            continue
        chosen = tuple(
            (change.variable, change.key, change.after)
            for change in move.changes
            if change.variable in timeline.views.choices and change.key is not None
        )
        if move.label.name in known:
            found.append(Operation(move.number, move.label.name, who, chosen))
    return tuple(found)


def cfg_text(bad: Result, good: Result, operations: Sequence[Operation]) -> str:
    """Return the configuration: the good model's constants, and names for model values."""
    constants = dict(_constants(good))
    values = {_own(name): name for name in _model_values(bad, operations)}
    lines = [f"    {name} = {value}" for name, value in (constants | values).items()]
    return "\n".join(
        ["INIT WInit", "NEXT WNext", f"INVARIANT {INVARIANT}", "CONSTANTS", *lines, ""]
    )


def _constants(good: Result) -> Iterable[tuple[str, str]]:
    path = good.spec_path.with_suffix(".cfg")
    return read_cfg(path.read_text(encoding="utf-8")).constants.items()


def _late(bad: Result) -> tuple[str, ...]:
    """The CPUs in whose buffers a store waited while another CPU read the old value."""
    timeline = timeline_of(bad)
    noted = {step.number for step in timeline.steps if step.notes}
    late = {
        store.cpu
        for load in timeline.loads
        for store in timeline.stores
        if load.number in noted
        and store.cpu != load.cpu
        and store.location == load.location
        and store.made < load.number < (store.drained or timeline.last + 1)
    }
    return tuple(sorted(late))


def module_text(bad: Result, good: Result, operations: Sequence[Operation]) -> str:
    """Return the module that follows the operations.

    Args:
        bad: the run whose operations they are.
        good: the run whose module it extends.
        operations: what is followed, in order.
    """
    own = label_names(good.spec_path.read_text(encoding="utf-8"))
    names = [_own(name) for name in _model_values(bad, operations)]
    tries = {f"Try_{n}": _try(n, one) for n, one in enumerate(operations, start=1)}
    follow = {
        f"Follow_{n}_{one.label}": f"Try_{n} /\\ {_told(n)}"
        for n, one in enumerate(operations, start=1)
    }
    between = dict(_between(bad, own))
    forced = {
        f"Forced_{_DRAIN}": "at < Wanted /\\ ~ENABLED Free /\\ at' = at /\\ "
        f'(\\E cpu \\in Late : {_DRAIN}(<<"buffer", cpu>>))'
    }
    after = {
        f"After_{label}": f"at = Wanted /\\ (\\E self \\in ProcSet : {label}(self)) /\\ at' = at"
        for label in own
    }
    actions = (forced if _late(bad) and _DRAIN in own else {}) | follow | between | after
    first = trace_of(bad).states[0]
    chosen = [f"/\\ {name} = {_text(first[name])}" for name in _initial(bad)]
    definitions = tries | between | {"Free": _or([*tries, *between])} | follow
    definitions |= {name: body for name, body in actions.items() if name not in definitions}
    return "\n".join(
        (
            f"---- MODULE {MODULE} ----",
            f"\\* A behaviour of {good.name} that follows a bad one of {bad.name}.",
            f"EXTENDS {good.module}",
            *([f"CONSTANTS {', '.join(names)}"] if names else []),
            "VARIABLE at",
            "ASSUME TLCSet(1, 0)",
            f"Wanted == {len(operations)}",
            f"Late == {{{', '.join(map(_own, _late(bad)))}}}",
            f"Others == {{x \\in ProcSet : x[1] \\notin {{{_quoted(_SCHEDULED)}}}}}",
            *(f"{name} == {body}" for name, body in definitions.items()),
            f"WInit == Init /\\ at = 0 {' '.join(chosen)}",
            f"WNext == {_or(actions)}",
            f"{INVARIANT} == ~(at = Wanted /\\ Quiescent)",
            "====",
            "",
        )
    )


def _between(bad: Result, labels: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What may happen while the bad run is followed, beside its operations."""
    theirs = frozenset(label_names(bad.spec_path.read_text(encoding="utf-8")))
    for label in labels:
        if label == "context_switch":
            continue
        who = "Others" if label in theirs else "ProcSet"
        if label == _DRAIN:
            who = "{x \\in Others : x[2] \\notin Late}"
        yield (
            f"Between_{label}",
            f"at < Wanted /\\ (\\E self \\in {who} : {label}(self)) /\\ at' = at",
        )


def _try(number: int, one: Operation) -> str:
    chosen = (
        f"/\\ {variable}'[{_text(key)}] = {_text(value)}" for variable, key, value in one.chosen
    )
    step = f"at = {number - 1} /\\ {one.label}({_text(one.who)}) /\\ at' = {number}"
    return " ".join((step, *chosen))


def _told(number: int) -> str:
    """TLC prints how far it has come, once."""
    told = f'TLCSet(1, {number}) /\\ PrintT(<<"followed", {number}>>)'
    return f"(TLCGet(1) < {number} => {told})"


def _or(names: Iterable[str]) -> str:
    return " \\/ ".join(names)


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in sorted(words))


def _model_values(bad: Result, operations: Sequence[Operation]) -> tuple[str, ...]:
    """The names of the model values that the module speaks of."""
    first = trace_of(bad).states[0]
    values: list[Value] = [first[name] for name in _initial(bad)]
    values += map(ModelValue, _late(bad))
    for one in operations:
        values += [one.who, *(part for _, key, value in one.chosen for part in (key, value))]
    return tuple(sorted({name for value in values for name in _names(value)}))


def _initial(bad: Result) -> tuple[str, ...]:
    """The variables in which the choice of the bad run's initial state shows."""
    return views_of(bad.protocol or "").initial


def _own(name: str) -> str:
    """The name of a model value in our module: its own may be that of an action."""
    return f"value_{name}"


def _text(value: Value) -> str:
    """A value as TLA+ text of our module."""
    return format_value(_with_own_names(value))


def _with_own_names(value: Value) -> Value:
    match value:
        case ModelValue(name=name):
            return ModelValue(_own(name))
        case frozenset():
            return frozenset(map(_with_own_names, value))
        case tuple():
            return tuple(map(_with_own_names, value))
        case Function():
            pairs = value.items()
            return Function((_with_own_names(key), _with_own_names(part)) for key, part in pairs)
        case _:
            return value


def _names(value: Value) -> Iterator[str]:
    match value:
        case ModelValue(name=name):
            yield name
        case frozenset() | tuple():
            for part in value:
                yield from _names(part)
        case Function():
            for key, part in value.items():
                yield from (*_names(key), *_names(part))
