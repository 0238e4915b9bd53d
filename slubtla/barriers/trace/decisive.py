"""Of a counterexample of twenty steps, the handful that decide it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from slubtla.barriers.labels import read_labels
from slubtla.barriers.trace.interleaving import Interleaving, Step, read_interleaving
from slubtla.barriers.trace.steps import function_of, set_of, show
from slubtla.tlc.output import State, Value
from slubtla.tlc.run.result import Result

_SHRINK: Final = frozenset({"shrink_store_limit", "shrink_fence", "shrink_return"})
_CHECK: Final = "put_check_limit"
_LOOK: Final = "flush_load_partial"
_FENCE_OF_PUT: Final = "put_fence"
_HISTORY: Final = {"Case1": "deaf", "Case2": "missed", "CasesExhaustive": "straddling"}
"""Where each statement notes the slab for which it fell."""


def decisive_steps(result: Result, statement: str) -> Interleaving:
    """Return a counterexample to a statement, with only the steps that decide it.

    These are the accesses to the two locations that matter, ``cpu_partial`` and the list of the
    CPU for whose slab the statement fell; their draining to memory; and the fences.

    Args:
        result: a run that violates the statement.
        statement: its name.

    Returns:
        The whole counterexample where no put left the slab behind.

    Raises:
        UsageError: the run directory is gone.
        LookupError: the run does not violate the statement.
    """
    trace = result.trace
    if trace is None or result.verdict.detail != statement:
        raise LookupError(f"{result.name} does not violate {statement}: {result.verdict}")
    labels = read_labels(result.spec_path.read_text(encoding="utf-8"))
    reading = read_interleaving(trace, labels)
    slabs = _fallen(trace.steps[-1].values, statement)
    put = _put(reading, slabs)
    if put is None:
        return reading
    steps = list(_decisive(reading, put))
    if statement == "CasesExhaustive":
        steps[-1] = _with_third_case(steps[-1], put)
    return replace(reading, steps=tuple(steps))


def _fallen(last: State, statement: str) -> frozenset[str]:
    """The slabs for which a statement falls in the last state."""
    if statement in _HISTORY:
        return frozenset(show(slab) for slab in set_of(last[_HISTORY[statement]]))
    lists = {s for place, s in function_of(last["memory"]).items() if _is_list(place)}
    return frozenset(map(show, lists)) - {"NULL"}


def _is_list(place: Value) -> bool:
    return isinstance(place, tuple) and place[0] == "partial"


def _put(reading: Interleaving, slabs: frozenset[str]) -> tuple[Step, str] | None:
    """The step that stored one of these slabs as the head of a list, and what it stored."""
    for step in reading.steps:
        for slab in slabs:
            entry = f"partial[{step.cpu}] = {slab}"
            if entry in step.buffers.get(step.cpu, ()) or entry in step.memory:
                return step, entry
    return None


def _decisive(reading: Interleaving, put: tuple[Step, str]) -> Iterator[Step]:
    stored, entry = put
    awaited = {_CHECK, _FENCE_OF_PUT}  # of the put; only the first of each
    for step in reading.steps:
        own = step.context == stored.context and step.number > stored.number
        if (
            step.number == stored.number
            or step.label in _SHRINK
            or {entry, "cpu_partial = 0"} & set(step.memory)
            or (step.label == _LOOK and f"partial[{stored.cpu}]" in step.loaded)
            or (own and step.label in awaited)
        ):
            yield step
        if own:
            awaited -= {step.label}


def _with_third_case(fence: Step, put: tuple[Step, str]) -> Step:
    stored, entry = put
    note = (
        f"neither before nor after: the cmpxchg was executed in step {stored.number}, but "
        f"{entry} is still in {stored.cpu}'s store buffer"
    )
    return replace(fence, notes=(*fence.notes, note))
