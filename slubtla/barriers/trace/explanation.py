"""Explain in a few sentences why a counterexample violates its property.

A protocol explains its own properties; what it has no words for gets what every specification has:
what the last waits for, or the last step and the sentence of the property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slubtla.barriers.labels import Label
from slubtla.barriers.protocol import protocol
from slubtla.barriers.trace.steps import Transition
from slubtla.barriers.trace.timeline import Timeline
from slubtla.barriers.trace.values import function_of, show
from slubtla.tlc.output import Function


def explain(
    timeline: Timeline, *, name: str, fell: str, labels: Mapping[str, Label]
) -> tuple[str, ...]:
    """Return what went wrong.

    Args:
        timeline: the counterexample.
        name: the protocol's name.
        fell: the property that falls, or ``"deadlock"``.
        labels: the labels of its specification, with their facts.
    """
    if not timeline.transitions:
        return ()
    if timeline.ends and (waiting := tuple(_waiting(timeline.transitions[-1], labels))):
        return waiting
    ours = protocol(name)
    sentence = ours.properties[fell].summary if fell in ours.properties else ""
    return ours.rules.explain(timeline, fell) or tuple(_in_general(timeline, fell, sentence))


def _waiting(last: Transition, labels: Mapping[str, Label]) -> Iterator[str]:
    """For what the first context waits that waits for ever."""
    for who, at in function_of(last.after["pc"]).items():
        variable, words = labels[str(at)].waits if at in labels else ("", "")
        held = last.after[variable] if variable else frozenset()
        missing = held[who] if isinstance(held, Function) else held
        if missing != frozenset():
            yield words.replace(f"{{{variable}}}", show(missing))
            return
    memory, cpus = function_of(last.after["memory"]), function_of(last.after["current"])
    at_labels = (labels.get(str(at)) for at in function_of(last.after["pc"]).values())
    locks = ((la, a.location) for la in at_labels if la for a in la.accesses if a.kind == "lock")
    for label, lock in locks:
        owner = memory[lock,]
        if owner in cpus:
            yield (
                f"{label.function} waits for {lock} for ever: {show(owner)} has it, and never "
                "gives it back."
            )
            return


def _in_general(timeline: Timeline, fell: str, sentence: str) -> Iterator[str]:
    last = timeline.steps[-1]
    step = f"step {last.number}, {last.function or last.context} on {last.cpu}: {last.words}"
    if fell == "deadlock":
        yield f"Nothing can move after {step}."
        at = function_of(timeline.transitions[-1].after["pc"])
        yield f"They stand at: {', '.join(f'{show(who)} {label}' for who, label in at.items())}."
        return
    does = "does not hold, for ever" if timeline.ends else "does not hold"
    yield f"{fell} {does} after {step}."
    old = next((step for step in reversed(timeline.steps) if step.notes), None)
    if old is not None:
        yield f"{old.function} on {old.cpu} had read (step {old.number}) {old.notes[-1]}."
    elif sentence:
        yield f"It must hold that {sentence}."
