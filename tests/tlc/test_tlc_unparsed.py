r"""Values in forms that the grammar does not know stay text, in every place that shows them."""

from __future__ import annotations

import json
import pickle

import itf_py
import pytest

from slubtla.barriers.trace.changes import changes
from slubtla.barriers.trace.values import pretty_binding
from slubtla.errors import TlcOutputError
from slubtla.tlc.output import (
    ModelValue,
    SetExpression,
    State,
    Unparsed,
    Value,
    format_value,
    parse_value,
    read_report,
    read_value,
    sort_values,
    trace_to_itf,
    value_to_itf,
)

UNKNOWN = [
    r"{-1} \cup Nat",
    r"{i \in Nat : <expression (i > 3)> }",
    r"[i \in Nat |-> <expression (-10 * i)>]",
    r"<<1, {-1} \cup Nat>>",
    "UNION({{1}})",
    "<Operator F>",
    "<LAZY x + 1>",
    "<<1, 2",
    '"a\\q"',
    "{1, 1}",
    "5..3",
    "@!@!@",
    "9" * 5000,
    "<<" * 400 + ">>" * 400,
    "{" * 100_000,
    "SUBSET " * 3000 + "{}",
    "",
]


@pytest.mark.parametrize("text", UNKNOWN, ids=lambda text: text[:20])
def test_an_unknown_form_stays_text(text: str) -> None:
    with pytest.raises(TlcOutputError):
        parse_value(text)
    value = read_value(text)
    assert value == Unparsed(text)
    assert format_value(value) == str(value) == text
    assert value_to_itf(value) == {"#unserializable": text}
    assert pretty_binding("x", value).replace("\n", "").split(" = ", 1)[-1].endswith(text[-9:])
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301  # our own


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SUBSET (1..20)", SetExpression("SUBSET (1..20)")),
        ("SUBSET ( 1..20 )", SetExpression("SUBSET (1..20)")),
        ("Seq({1})", SetExpression("Seq({1})")),
        ("<<Seq({c1}), 1>>", (SetExpression("Seq({c1})"), 1)),
        ("Seq", ModelValue("Seq")),
        ("Seq1", ModelValue("Seq1")),
    ],
)
def test_the_sets_of_newer_builds_are_read(text: str, value: Value) -> None:
    assert parse_value(text) == value
    assert parse_value(format_value(value)) == value


def test_a_field_may_be_called_seq() -> None:
    assert format_value(parse_value("[Seq |-> 1, SUBSETs |-> 2]")) == "[SUBSETs |-> 2, Seq |-> 1]"


def test_a_wrapped_text_goes_on_one_line() -> None:
    assert read_value("{-1} \\cup\n    Nat") == Unparsed("{-1} \\cup Nat")


def test_texts_are_sorted_after_all_values() -> None:
    assert sort_values([Unparsed("b"), (), Unparsed("a"), 1]) == [
        *(1, (), Unparsed("a"), Unparsed("b")),
    ]


def test_a_change_to_and_from_a_text_is_a_change() -> None:
    before, after = State("/\\ s = {-1} \\cup Nat\n/\\ t = 1"), State("/\\ s = {}\n/\\ t = 1")
    assert list(map(str, changes(before, after))) == ["s = {}"]
    assert list(map(str, changes(after, before))) == [r"s = {-1} \cup Nat"]
    assert changes(before, before) == ()


def test_a_variable_that_only_one_state_has_is_a_change() -> None:
    assert list(map(str, changes(State("x = 1"), State("/\\ x = 1\n/\\ y = 2")))) == ["y = 2"]


def test_other_tools_read_the_trace() -> None:
    lines = [
        "@!@!@STARTMSG 2217:4 @!@!@",
        "1: <Initial predicate>",
        r"/\ s = {-1} \cup Nat",
        r"/\ t = 3",
        "@!@!@ENDMSG 2217 @!@!@",
    ]
    trace = read_report(lines).trace
    assert trace is not None
    itf = json.loads(json.dumps(trace_to_itf(trace)))
    assert itf["states"][0]["s"] == {"#unserializable": r"{-1} \cup Nat"}
    assert itf_py.trace_from_json(itf).states[0].values["t"] == 3
