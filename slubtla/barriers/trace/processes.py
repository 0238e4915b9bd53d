"""Find the PlusCal process that takes each step, from ``pc``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slubtla.errors import UsageError
from slubtla.tlc.output import State, Trace, TraceStep, Value, format_value

ALONE = "the algorithm"
"""The lane of an algorithm without processes."""

SHARED = "not one process"
"""The lane of steps that ``pc`` attributes to none, or to several."""

_PC = "pc"


@dataclass(frozen=True, slots=True)
class ProcessSteps:
    """A trace, by process.

    Attributes:
        processes: their names, as TLA+ values are written, in the order of ``pc``;
            :data:`SHARED` is the last where a step needs it.
        movers: number of a step → the process that makes it; without the initial state.
    """

    processes: tuple[str, ...]
    movers: Mapping[int, str]


def process_steps(trace: Trace, name: str) -> ProcessSteps:
    """Return who makes each step.

    A step is its process's whose ``pc`` changes; one that comes back to its own label is that of
    the only process that was at the label, or whose local variables change.

    Args:
        trace: a counterexample.
        name: the specification's, for errors.

    Raises:
        UsageError: there is no ``pc``, or it names no labels: nothing says who makes a step.
    """
    first = _labels(trace.steps[0].values)
    if first is None:
        raise UsageError(
            f"{name} has no processes to draw: lanes need the variable pc of a PlusCal algorithm, "
            "with a label for each process",
            next_step="choose --format text, md, json, itf, csv or html",
        )
    movers: dict[int, str] = {}
    for before, step in zip(trace.steps, trace.steps[1:], strict=False):
        movers[step.number] = _mover(before.values, step)
    shared = (SHARED,) if SHARED in movers.values() else ()
    return ProcessSteps((*first, *shared), movers)


def _entries(value: Value) -> dict[str, Value]:
    """A function by its arguments, as they are written; empty for what is none."""
    if isinstance(value, Mapping):
        return {format_value(argument): result for argument, result in value.items()}
    if isinstance(value, tuple):
        return {str(index): result for index, result in enumerate(value, 1)}
    return {}


def _labels(state: State) -> dict[str, str] | None:
    """The label that each process is at; None where the state does not say so."""
    if _PC not in state:
        return None
    at = state[_PC]
    if isinstance(at, str):
        return {ALONE: at}
    entries = _entries(at)
    if not entries or not all(isinstance(label, str) for label in entries.values()):
        return None
    return {process: str(label) for process, label in entries.items()}


def _mover(before: State, step: TraceStep) -> str:
    labels, after = _labels(before), _labels(step.values)
    if labels is None or after is None or step.stuttering:
        return SHARED
    if list(labels) == [ALONE]:
        return ALONE
    moved = {process for process, label in after.items() if labels.get(process) != label}
    if not moved:
        moved = {process for process, label in labels.items() if label == step.action}
    if len(moved) > 1:
        moved &= _owners_of_changes(before, step.values, labels) or moved
    return moved.pop() if len(moved) == 1 else SHARED


def _owners_of_changes(before: State, after: State, labels: Mapping[str, str]) -> set[str]:
    """The processes whose local variables change: functions of processes, as the translator's."""
    owners: set[str] = set()
    for name in after:
        old, new = _entries(before[name]), _entries(after[name])
        if name != _PC and new and new.keys() <= labels.keys() and old.keys() == new.keys():
            owners |= {process for process, value in new.items() if old[process] != value}
    return owners
