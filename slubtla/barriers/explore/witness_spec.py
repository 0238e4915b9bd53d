"""Write the TLA+ module in which TLC searches for that passing run (the witness).

It extends the good run's own module. A variable counts the operations that were followed. The
actions' names say what they are for: ``Follow_3_load_head``, ``Between_ipi_enter``,
``Forced_drain_store``, ``After_return``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.labels import label_names
from slubtla.barriers.trace.counterexample import timeline_of, trace_of
from slubtla.barriers.trace.steps import SCHEDULER
from slubtla.barriers.trace.timeline import Timeline
from slubtla.tlc.output import Value, format_value
from slubtla.tlc.run.result import Result
from slubtla.tlc.text.cfg import read_cfg

MODULE: Final = "Witness"
INVARIANT: Final = "NotYet"

_DRAIN: Final = "drain_store"
_SCHEDULED: Final = frozenset({"task", "sched"})


@dataclass(frozen=True, slots=True)
class WitnessOperation:
    """One operation of the bad run: ``chosen`` is variable, argument and new value of a choice."""

    number: int
    label: str
    who: Value
    chosen: tuple[tuple[str, Value, Value], ...]


def operations_of(bad: Result, known: frozenset[str]) -> tuple[WitnessOperation, ...]:
    """The operations of tasks and scheduler up to the fatal step, of labels that are ``known``."""
    timeline = timeline_of(bad)
    fatal = timeline.fatal or timeline.last
    found = []
    for move in timeline.transitions:
        who = ("sched", move.cpu) if move.who == SCHEDULER else move.who
        scheduled = isinstance(who, tuple) and who[0] in _SCHEDULED
        if scheduled and move.number <= fatal and move.label.name in known:
            chosen = tuple(
                (change.variable, change.key, change.after)
                for change in move.changes
                if change.variable in timeline.views.choices and change.key is not None
            )
            found.append(WitnessOperation(move.number, move.label.name, who, chosen))
    return tuple(found)


def cfg_text(good: Result) -> str:
    """Return the configuration: the good model's constants, and names for its model values."""
    constants = _constants(good)
    named = dict(constants) | {_own(value): value for value in _model_values(constants)}
    lines = [f"    {name} = {value}" for name, value in named.items()]
    return "\n".join(
        ["INIT WInit", "NEXT WNext", f"INVARIANT {INVARIANT}", "CONSTANTS", *lines, ""]
    )


def module_text(bad: Result, good: Result, operations: Sequence[WitnessOperation]) -> str:
    """Return the module that extends that of ``good``, and follows the operations of ``bad``."""
    timeline, first = timeline_of(bad), trace_of(bad).states[0]
    own, theirs = (label_names(run.spec_path.read_text(encoding="utf-8")) for run in (good, bad))
    values = _model_values(_constants(good))
    known = re.compile(rf"\b(?:{'|'.join(values)})\b")

    def text(value: Value) -> str:
        return known.sub(lambda match: _own(match[0]), format_value(value))

    def tried(number: int, one: WitnessOperation) -> str:
        chosen = (f"/\\ {name}'[{text(key)}] = {text(value)}" for name, key, value in one.chosen)
        step = f"at = {number - 1} /\\ {one.label}({text(one.who)}) /\\ at' = {number}"
        return " ".join((step, *chosen))

    late = [_own(cpu) for cpu in _late(timeline)]
    numbered = list(enumerate(operations, start=1))
    tries = {f"Try_{n}": tried(n, one) for n, one in numbered}
    follow = {f"Follow_{n}_{one.label}": f"Try_{n} /\\ {_counted(n)}" for n, one in numbered}
    between = dict(_between(own, frozenset(theirs)))
    forced = {
        f"Forced_{_DRAIN}": "at < Wanted /\\ ~ENABLED Free /\\ at' = at /\\ "
        f'(\\E cpu \\in Late : {_DRAIN}(<<"buffer", cpu>>))'
    }
    after = {
        f"After_{label}": f"at = Wanted /\\ (\\E self \\in ProcSet : {label}(self)) /\\ at' = at"
        for label in own
    }
    actions = (forced if late and _DRAIN in own else {}) | follow | between | after
    definitions = tries | between | {"Free": _or([*tries, *between])} | follow
    definitions |= {name: body for name, body in actions.items() if name not in definitions}
    start = [f"/\\ {name} = {text(first[name])}" for name in timeline.views.initial]
    scheduled = ", ".join(f'"{kind}"' for kind in sorted(_SCHEDULED))
    return "\n".join(
        (
            f"---- MODULE {MODULE} ----",
            f"\\* A behaviour of {good.name} that follows a bad one of {bad.name}.",
            f"EXTENDS {good.module}",
            f"CONSTANTS {', '.join(map(_own, values))}",
            "VARIABLE at",
            "ASSUME TLCSet(1, 0)",
            f"Wanted == {len(operations)}",
            f"Late == {{{', '.join(late)}}}",
            f"Others == {{x \\in ProcSet : x[1] \\notin {{{scheduled}}}}}",
            *(f"{name} == {body}" for name, body in definitions.items()),
            f"WInit == Init /\\ at = 0 {' '.join(start)}",
            f"WNext == {_or(actions)}",
            f"{INVARIANT} == ~(at = Wanted /\\ Quiescent)",
            "====",
            "",
        )
    )


def _constants(good: Result) -> Mapping[str, str]:
    path = good.spec_path.with_suffix(".cfg")
    return read_cfg(path.read_text(encoding="utf-8")).constants


def _model_values(constants: Mapping[str, str]) -> list[str]:
    return sorted({name for v in constants.values() for name in re.findall(r"[A-Za-z_]\w*", v)})


def _own(name: str) -> str:
    """The name of a model value in our module: its own may be that of an action."""
    return f"value_{name}"


def _late(timeline: Timeline) -> list[str]:
    """The CPUs in whose buffers a store waited while another CPU read the old value."""
    noted = {step.number for step in timeline.steps if step.notes}
    return sorted(
        {
            store.cpu
            for load in timeline.loads
            for store in timeline.stores
            if load.number in noted
            and store.cpu != load.cpu
            and store.location == load.location
            and store.made < load.number < (store.drained or timeline.last + 1)
        }
    )


def _between(labels: Iterable[str], theirs: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What may happen while the bad run is followed, beside its operations."""
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


def _counted(number: int) -> str:
    """TLC prints how far it has come, once."""
    printed = f'TLCSet(1, {number}) /\\ PrintT(<<"followed", {number}>>)'
    return f"(TLCGet(1) < {number} => {printed})"


def _or(names: Iterable[str]) -> str:
    return " \\/ ".join(names)
