"""Behaviours and coverage."""

import re

import pytest
from captured import NEW, OLD, lines_of, read

from slubtla.errors import TlcOutputError
from slubtla.tlc.output import (
    ActionCoverage,
    Function,
    Location,
    ModelValue,
    State,
    Trace,
    TraceKind,
    Unparsed,
    read_report,
)


def trace_of(version: str, name: str) -> Trace:
    trace = read(version, name).trace
    assert trace is not None
    return trace


def test_the_first_state_has_no_action() -> None:
    first = trace_of(NEW, "invariant").steps[0]
    assert (first.number, first.action, first.arguments, first.location, first.module) == (
        *(1, None, None, None, None),
    )
    assert first.values["mem_cpu_partial"] == 1
    assert list(first.values)[:3] == ["irq_on", "cp", "pc"]
    assert len(first.values) == 19


def test_actions_with_arguments() -> None:
    trace = trace_of(NEW, "invariant")
    assert [(step.action, step.arguments) for step in trace.steps[1:4]] == [
        ("S1", None),
        ("T0", '<<"t", c1>>'),
        ("T1", '<<"t", c1>>'),
    ]
    assert trace.steps[2].location == Location("Slub", 189, 13, 201, 41)
    assert trace.steps[2].module == "Slub"
    assert str(trace.steps[2].location) == "line 189, col 13 to line 201, col 41 of module Slub"
    assert trace.kind is TraceKind.FINITE
    assert trace.loop_start is None


def test_arguments_that_look_like_a_location_are_read_from_the_right() -> None:
    lines = state_lines(
        '1: <A("at line 1, col 1 to line 1, col 1 of module X>", <<(1)>>) '
        "line 2, col 3 to line 4, col 5 of module M>",
        "x = 0",
    )
    trace = read_report(lines).trace
    assert trace is not None
    step = trace.steps[0]
    assert step.action == "A"
    assert step.arguments == '"at line 1, col 1 to line 1, col 1 of module X>", <<(1)>>'
    assert step.location == Location("M", 2, 3, 4, 5)


def test_values_of_all_kinds_some_over_several_lines() -> None:
    state = trace_of(OLD, "invariant").steps[1].values
    c1, c2 = ModelValue("c1"), ModelValue("c2")
    assert state.texts["wide"].count("\n") == 14
    wide = state["wide"]
    assert isinstance(wide, Function)
    assert set(wide) == {("thread", c1), ("thread", c2), ("interrupt", c1)}
    assert state["text"] == (
        "",
        'q"uote',
        "back\\slash",
        "tab\tnewline\n",
        "@@ |-> } >> /\\ :>",
        "1",
    )
    long = ('a label } >> @@ that is "quoted" :>', "/\\ x = 1", frozenset({"some", "text"}))
    assert state["long"] == Function({c1: long, c2: long})


def test_a_lasso_leads_back_to_an_earlier_state() -> None:
    trace = trace_of(OLD, "lasso")
    last = trace.steps[-1]
    assert (last.number, last.action, last.back_to) == (5, "Wrap", 2)
    assert last.values == trace.steps[1].values
    assert trace.loop_start == 2
    assert [dict(state) for state in trace.states] == [{"x": n} for n in range(4)]


def test_stuttering_stays_in_the_last_state() -> None:
    trace = trace_of(NEW, "stuttering")
    last = trace.steps[-1]
    assert (last.number, last.action, last.stuttering, last.back_to) == (4, None, True, None)
    assert last.values == trace.steps[-2].values == {"x": 2}
    assert trace.loop_start == 3
    assert len(trace.states) == 3


def test_a_state_inside_a_message() -> None:
    trace = trace_of(OLD, "invariant_initial")
    assert [dict(step.values) for step in trace.steps] == [{"x": 0}]
    assert trace.variables == ("x",)


def test_states_without_actions() -> None:
    trace = trace_of(OLD, "invariant_depth_first")
    assert [(step.number, step.action) for step in trace.steps] == [(n, None) for n in (1, 2, 3, 4)]


def test_a_variable_without_a_value() -> None:
    last = trace_of(OLD, "incomplete_state").steps[-1]
    assert last.action == "Forget"
    assert last.values["turn"] == ModelValue("null")


def test_states_are_mappings() -> None:
    state = State("/\\ x = 1\n/\\ y = <<1,\n  2>>")
    assert state == {"x": 1, "y": (1, 2)}
    assert state == State("/\\ y = <<1, 2>>\n/\\ x = 1")
    assert hash(state) == hash(State("/\\ y = <<1, 2>>\n/\\ x = 1"))
    assert state != State("/\\ x = 2\n/\\ y = <<1, 2>>")
    assert state.texts["y"] == "<<1,\n  2>>"
    assert state != "x"
    assert eval(repr(state)) == state  # noqa: S307  # our own text
    with pytest.raises(KeyError):
        state["z"]


@pytest.mark.parametrize("text", ["", "no state", "y\n/\\ x = 1", "/\\ x = 1\n/\\ x = 2"])
def test_a_text_that_is_no_state_is_an_error(text: str) -> None:
    with pytest.raises(TlcOutputError) as caught:
        dict(State(text, 7))
    assert caught.value.line_number == 7


def test_an_unreadable_value_stays_text_and_costs_only_itself() -> None:
    state = State("/\\ x = 1\n/\\ y = <<1,\n  2\n/\\ z = {3}", 7)
    assert dict(state) == {"x": 1, "y": Unparsed("<<1, 2"), "z": frozenset({3})}


def state_lines(*text: str) -> list[str]:
    return ["@!@!@STARTMSG 2217:4 @!@!@", *text, "@!@!@ENDMSG 2217 @!@!@"]


@pytest.mark.parametrize("second", ["3", "1"])
def test_states_out_of_order_are_an_error(second: str) -> None:
    first = state_lines("1: <Initial predicate>", "x = 0")
    report = read_report(
        [*first, *state_lines(f"{second}: <Next>", "x = 1"), *state_lines("2: <Next>", "x = 1")]
    )
    assert "expected state 2" in report.unreadable[0]
    assert report.trace is not None
    assert len(report.trace.steps) == 1  # nothing after a gap is taken for the next step


def test_an_action_needs_no_location_but_angle_brackets() -> None:
    first = state_lines("1: <Initial predicate>", "x = 0")
    trace = read_report([*first, *state_lines("2: <some step>", "x = 1")]).trace
    assert trace is not None
    assert (trace.steps[1].action, trace.steps[1].location) == ("some step", None)
    (place,) = read_report([*first, *state_lines("2: Next", "x = 1")]).unreadable
    assert "name of an action" in place


def test_no_state_follows_a_loop() -> None:
    lines = lines_of(f"{OLD}/lasso.txt")
    end = lines.index("@!@!@ENDMSG 2122 @!@!@\n") + 1
    more = state_lines("6: <Next>", "x = 1")
    report = read_report([*lines[:end], *more])
    assert "expected state 6" in report.unreadable[0]
    assert report.trace is not None
    assert len(report.trace.steps) == 5


def test_coverage_counts_each_action() -> None:
    coverage = read(OLD, "coverage").coverage
    assert coverage is not None
    assert [(a.name, a.distinct, a.total, a.initial) for a in coverage.actions] == [
        ("Init", 1, 1, True),
        ("Send", 16, 26, False),
        ("Receive", 18, 26, False),
        ("Overflow", 0, 0, False),
        ("Rest", 0, 1, False),
    ]
    assert coverage.never_fired_names == ("Overflow",)
    assert coverage.never_fired == (
        ActionCoverage("Overflow", Location("Holds", 19, 1, 19, 8), None, 0, 0),
    )
    assert coverage.actions[1].module == "Holds"


def test_an_action_of_which_a_part_fired_has_fired() -> None:
    coverage = read(OLD, "disjuncts").coverage
    assert coverage is not None
    (part,) = coverage.never_fired
    assert (part.name, part.disjunct) == ("Branching", Location("Counter", 15, 17, 15, 32))
    assert coverage.never_fired_names == ()


def test_half_printed_coverage_does_not_replace_what_was_complete() -> None:
    lines = lines_of(f"{OLD}/coverage.txt")
    start = lines.index("@!@!@STARTMSG 2201:0 @!@!@\n")
    end = lines.index("@!@!@ENDMSG 2202 @!@!@\n") + 1
    block = lines[start:end]
    assert read_report(lines[: end - 3]).coverage is None
    assert read_report([*lines[:end], *block[:20]]).coverage == read(OLD, "coverage").coverage
    assert read(OLD, "holds").coverage is None


def test_the_last_coverage_replaces_the_ones_before() -> None:
    lines = lines_of(f"{OLD}/coverage.txt")
    zero = [re.sub(r">: \d+:\d+", ">: 0:0", line) for line in lines]
    coverage = read_report([*zero, *lines]).coverage
    assert coverage == read_report(lines).coverage
    assert coverage != read_report(zero).coverage
