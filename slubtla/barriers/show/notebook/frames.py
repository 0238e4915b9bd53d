"""Convert results to pandas data frames: a row for each step, cell, size or cost."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.model import model_of
from slubtla.barriers.show.notebook import INSTALL
from slubtla.barriers.trace.counterexample import counterexample_of, trace_of
from slubtla.errors import UsageError
from slubtla.tlc.output import Trace, TraceStep, format_value

if TYPE_CHECKING:
    import pandas as pd

    from slubtla.barriers.campaigns.cost import Costs
    from slubtla.barriers.campaigns.matrix import Matrix
    from slubtla.barriers.campaigns.sweep import Sweep
    from slubtla.tlc.run.result import Result

_COUNTS: Final = ("distinct", "generated", "depth", "memory_bytes")


def pandas() -> ModuleType:
    """Return pandas.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        raise UsageError(f"a data frame needs pandas: {error}", next_step=INSTALL) from error


def trace_frame(trace: Trace) -> pd.DataFrame:
    """Return a behaviour: a row for each step.

    The index ``step`` is the step's number in the trace. ``action`` is the action's name, ``""``
    for the initial state; ``ends`` is ``"stutters"`` or ``"back to 3"`` in the last row of an
    infinite behaviour, else ``""``. Then there is a column for each variable: its value as TLA+
    text.
    """
    steps = trace.steps
    rows = [{"step": s.number, "action": s.action or "", "ends": _ends(s)} for s in steps]
    return _with_values(rows, trace)


def result_frame(result: Result) -> pd.DataFrame:
    """Return a run's counterexample with kernel functions and CPUs: a row for each step.

    The index ``step`` is the step's number in the trace. ``action``, ``cpu``, ``context``,
    ``function``, ``words`` and ``notes`` are as in :class:`slubtla.barriers.trace.steps.Step`,
    several notes on lines of their own; for a user's specification most are ``""``. Then there is a
    column for each variable, as in :func:`trace_frame`.
    """
    names = ("action", "cpu", "context", "function", "words")
    rows: list[dict[str, Any]] = []
    for step in counterexample_of(result).rows:
        own = {name: getattr(step, name) for name in names}
        rows.append({"step": step.number} | own | {"notes": "\n".join(step.notes)})
    return _with_values(rows, trace_of(result))


def matrix_frame(matrix: Matrix) -> pd.DataFrame:
    """Return a matrix: a row for each cell.

    ``strategy``, ``column``, ``kernel``, ``memory`` and ``cmpxchg`` say what was checked; the rest
    is as in :func:`_numbers`.
    """
    rows = []
    for cell in matrix.cells:
        model = model_of(cell.result)
        row: dict[str, Any] = {"strategy": cell.strategy, "column": cell.column}
        if model is not None:
            row |= {"kernel": model.kernel, "memory": model.memory, "cmpxchg": model.cmpxchg}
        rows.append(row | _numbers(cell.result))
    return _frame(rows)


def sweep_frame(sweep: Sweep) -> pd.DataFrame:
    """Return a sweep: a row for each size.

    The swept bounds, and ``whole`` (whether the search finished); the rest is as in
    :func:`_numbers`.
    """
    sizes = sweep.sizes
    whole = [{"whole": size.states is not None} | _numbers(size.result) for size in sizes]
    return _frame([size.bounds | own for size, own in zip(sizes, whole, strict=True)])


def costs_frame(costs: Costs) -> pd.DataFrame:
    """Return costs: a row for each model.

    ``kernel``, ``strategy`` and the bounds that vary identify the model. Each counter has two
    columns, ``…_least`` and ``…_most`` over all behaviours. ``verdict`` is the verdict of the run
    that counted.
    """
    rows = []
    for cost in costs.costs:
        row: dict[str, Any] = {"kernel": cost.kernel, "strategy": cost.strategy} | cost.bounds
        for name, span in cost.counts.items():
            row |= {f"{name}_least": span.least, f"{name}_most": span.most}
        rows.append(row | {"verdict": str(cost.result.verdict)})
    return _frame(rows)


def _numbers(result: Result) -> dict[str, Any]:
    """The verdict, states, wall time and memory of a run; missing where they are not known."""
    return {
        "verdict": str(result.verdict),
        "distinct": result.stats.distinct,
        "generated": result.stats.generated,
        "depth": result.stats.depth,
        "seconds": result.provenance.wall_seconds,
        "memory_bytes": result.provenance.peak_memory_bytes,
    }


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A frame whose count columns are Int64, so that a missing count does not make them floats."""
    frame: pd.DataFrame = pandas().DataFrame(rows)
    return frame.astype({name: "Int64" for name in _COUNTS if name in frame})


def _ends(step: TraceStep) -> str:
    if step.stuttering:
        return "stutters"
    return "" if step.back_to is None else f"back to {step.back_to}"


def _with_values(rows: list[dict[str, Any]], trace: Trace) -> pd.DataFrame:
    taken = set(rows[0])
    # The last step of a behaviour without an end, which only says how it goes on, may have no row.
    for row, step in zip(rows, trace.steps, strict=False):
        for name, value in step.values.items():  # TraceStep.values, not DataFrame.values
            row[f"{name} (variable)" if name in taken else name] = format_value(value)
    frame: pd.DataFrame = pandas().DataFrame(rows).set_index("step")
    return frame
