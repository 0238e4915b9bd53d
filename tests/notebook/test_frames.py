"""Data frames of real runs."""

from __future__ import annotations

import sys

import pytest
from views.tools import Verified, good, leak, stuck

from notebook.test_cards import small_costs, small_matrix
from slubtla.barriers.show.notebook.frames import pandas, trace_frame
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.errors import UsageError
from slubtla.tlc.output import State, Trace, TraceKind, TraceStep
from slubtla.tlc.run.result import Result


def test_a_trace_has_a_row_for_each_step_and_a_column_for_each_variable(verified: Verified) -> None:
    trace = leak(verified).trace
    assert trace is not None
    frame = trace.to_frame()
    assert frame.index.tolist() == [step.number for step in trace.steps]
    assert frame.columns.tolist() == ["action", "ends", *trace.variables]
    assert frame["mem"].str.contains('"cpu_partial"').all()
    assert not frame.map(lambda text: "\n" in text).any(axis=None)


def test_a_result_adds_the_kernels_words(verified: Verified) -> None:
    result = leak(verified)
    frame = result.to_frame()
    rows = counterexample_of(result).rows
    for column in ("action", "cpu", "context", "function", "words"):
        assert frame[column].tolist() == [getattr(row, column) for row in rows]
    assert frame["notes"].str.contains("old value").sum() == 1


def test_of_a_behaviour_without_an_end_each_step_has_a_row(verified: Verified) -> None:
    result = stuck(verified)
    rows = counterexample_of(result).rows
    assert result.to_frame().index.tolist() == [row.number for row in rows]


def test_the_end_of_a_behaviour_without_one_is_told() -> None:
    values = State("x = 1")
    steps = (
        TraceStep(1, None, None, None, values),
        TraceStep(2, "Up", None, None, State("x = 2")),
        TraceStep(3, "Down", None, None, values, back_to=1),
    )
    frame = trace_frame(Trace(steps, TraceKind.LASSO))
    assert frame["ends"].tolist() == ["", "", "back to 1"]
    assert frame["x"].tolist() == ["1", "2", "1"]


def test_a_variable_may_be_called_as_a_column_is() -> None:
    trace = Trace((TraceStep(1, None, None, None, State("action = 1")),), TraceKind.FINITE)
    assert trace_frame(trace).columns.tolist() == ["action", "ends", "action (variable)"]


def test_a_proof_has_no_steps(verified: Verified) -> None:
    with pytest.raises(UsageError, match="no counterexample"):
        good(verified).to_frame()


def test_a_matrix_has_a_row_for_each_cell(verified: Verified) -> None:
    matrix = small_matrix(verified)
    frame = matrix.to_frame().set_index(["strategy", "column"])
    assert frame.loc[("smp_mb", "x86"), "verdict"] == "VIOLATED(NoLeak)"
    assert frame["verdict"].tolist() == ["VIOLATED(NoLeak)", "PROVEN"]
    assert frame["distinct"].tolist() == [cell.result.stats.distinct for cell in matrix.cells]
    assert str(frame["distinct"].dtype) == "Int64"


def test_costs_have_a_row_for_each_model(verified: Verified) -> None:
    (row,) = small_costs(verified).to_frame().to_dict("records")
    assert (row["barrier_ipis_least"], row["flush_ipis_most"], row["verdict"]) == (1, 1, "PROVEN")


def test_without_pandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pandas") as refused:
        pandas()
    assert "slubtla[notebook]" in refused.value.next_step


def test_without_anywidget_the_extra_is_named(
    verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    result: Result = leak(verified)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "slubtla.barriers.show.notebook.widget", raising=False)
    with pytest.raises(UsageError, match="anywidget") as refused:
        result.explore()
    assert "slubtla[notebook]" in refused.value.next_step
