"""Traces in ITF, read back by ``itf_py``."""

import json
from typing import Any

import itf_py
import pytest
from captured import NEW, OLD, read
from itf_py.itf import ITFUnserializable

from slubtla.tlc.output import (
    Function,
    Interval,
    ModelValue,
    RecordValue,
    SetExpression,
    Trace,
    trace_to_itf,
    value_to_itf,
)
from slubtla.tlc.output.itf import MODEL_VALUES


def trace_of(version: str, name: str) -> Trace:
    trace = read(version, name).trace
    assert trace is not None
    return trace


def decoded(trace: Trace) -> Any:
    return itf_py.trace_from_json(json.loads(json.dumps(trace_to_itf(trace))))


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (True, True),
        (-5, -5),
        (2**53 - 1, 2**53 - 1),
        (2**53, {"#bigint": "9007199254740992"}),
        (-(2**53), {"#bigint": "-9007199254740992"}),
        ("a", "a"),
        (ModelValue("c1"), "c1"),
        ((1, ()), {"#tup": [1, {"#tup": []}]}),
        (frozenset({10, 9, frozenset()}), {"#set": [9, 10, {"#set": []}]}),
        (Interval(1, 3), {"#set": [1, 2, 3]}),
        (SetExpression("SUBSET 1..20"), {"#unserializable": "SUBSET 1..20"}),
        (RecordValue({"b": 1, "a": True}), {"a": True, "b": 1}),
        (Function({(2,): "x", 1: "y"}), {"#map": [[1, "y"], [{"#tup": [2]}, "x"]]}),
    ],
)
def test_a_value_becomes_its_itf_form(value: Any, json_value: Any) -> None:
    encoded = value_to_itf(value)
    assert encoded == json_value
    assert json.dumps(encoded) == json.dumps(json_value)  # the order too, and true is not 1


def test_a_counterexample_with_all_kinds_of_values() -> None:
    trace = decoded(trace_of(OLD, "invariant"))
    assert trace.vars == [
        *("long", "text", "sets", "step", "lazy", "records", "functions", "wide", "plain"),
    ]
    assert trace.meta[MODEL_VALUES] == ["c1", "c2"]
    assert trace.loop is None
    first, second = trace.states
    assert first.meta == {"index": 0}
    assert second.meta == {
        "index": 1,
        "action": "Next",
        "location": "line 20, col 3 to line 26, col 56 of module Values",
    }
    assert first.values["plain"] == (True, False, -5, 0, "c1")
    assert second.values["sets"][2] == frozenset({"c1", "c2"})
    assert second.values["functions"][3] == {"c1": 1, "c2": 2}
    assert second.values["records"][0].g.h == (frozenset(),)
    assert second.values["lazy"][0] == ITFUnserializable("SUBSET 1..12")


def test_a_lasso_names_the_state_where_its_loop_begins() -> None:
    trace = decoded(trace_of(OLD, "lasso"))
    assert [state.values["x"] for state in trace.states] == [0, 1, 2, 3]
    assert trace.loop == 1


def test_stuttering_loops_in_the_last_state() -> None:
    trace = decoded(trace_of(OLD, "stuttering"))
    assert [state.values["x"] for state in trace.states] == [0, 1, 2, 3]
    assert trace.loop == 3


def test_arguments_of_actions_and_model_values_in_keys_are_kept() -> None:
    encoded = trace_to_itf(trace_of(NEW, "invariant"))
    assert encoded["#meta"][MODEL_VALUES] == ["S", "c1", "s1", "s2"]
    assert encoded["states"][2]["#meta"] == {
        "index": 2,
        "action": "T0",
        "arguments": '<<"t", c1>>',
        "location": "line 189, col 13 to line 201, col 41 of module Slub",
    }
    assert json.dumps(encoded) == json.dumps(trace_to_itf(trace_of(NEW, "invariant")))
