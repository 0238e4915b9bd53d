"""TLA+ values: reading what TLC prints, and writing it again."""

import pickle
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.errors import TlcOutputError
from slubtla.tlc.output import (
    Function,
    Interval,
    ModelValue,
    RecordValue,
    SetExpression,
    Value,
    format_value,
    parse_value,
    same_value,
    sort_values,
)

C1, C2, S = ModelValue("c1"), ModelValue("c2"), ModelValue("S")

PRINTED: list[tuple[str, Value]] = [
    ("TRUE", True),
    ("FALSE", False),
    ("0", 0),
    ("-5", -5),
    ('""', ""),
    (r'"q\"uote"', 'q"uote'),
    (r'"back\\slash"', "back\\slash"),
    (r'"\t\n\f\r"', "\t\n\f\r"),
    (r'"\\n"', "\\n"),
    (r'"@@ |-> } >> /\\ :>"', "@@ |-> } >> /\\ :>"),
    ('"1"', "1"),
    ('"TRUE"', "TRUE"),
    ('"é"', "é"),
    ("c1", C1),
    ("TRUEST", ModelValue("TRUEST")),
    ("1a", ModelValue("1a")),
    ("_x", ModelValue("_x")),
    ("{}", frozenset()),
    ("{1, 2, 10}", frozenset({1, 2, 10})),
    ("{-1}", frozenset({-1})),
    ("{{}, {{}}}", frozenset({frozenset(), frozenset({frozenset()})})),
    ("{FALSE, TRUE}", frozenset({False, True})),
    ("1..3", Interval(1, 3)),
    ("-3..-1", Interval(-3, -1)),
    ("{1..2}", frozenset({Interval(1, 2)})),
    ("<<>>", ()),
    ("<< >>", ()),
    ('<<1, "a", c1>>', (1, "a", C1)),
    ("<<-1, <<>>>>", (-1, ())),
    ("[a |-> 1]", RecordValue({"a": 1})),
    (
        "[f |-> [g |-> <<{}>>], h |-> -1]",
        RecordValue({"f": RecordValue({"g": (frozenset(),)}), "h": -1}),
    ),
    ("(c1 :> 1 @@ c2 :> 2)", Function({C1: 1, C2: 2})),
    ('("a b" :> 1)', Function({"a b": 1})),
    ("(TRUE :> -1)", Function({True: -1})),
    ("(-1 :> -1)", Function({-1: -1})),
    ("(<<1, c1>> :> {{}})", Function({(1, C1): frozenset({frozenset()})})),
    ("([z |-> 1] :> 1)", Function({RecordValue({"z": 1}): 1})),
    ("SUBSET 1..12", SetExpression("SUBSET 1..12")),
    ("SUBSET SUBSET {c1}", SetExpression("SUBSET SUBSET {c1}")),
    ("[1..8 -> 1..4]", SetExpression("[1..8 -> 1..4]")),
    ("[c1 -> 1..4]", SetExpression("[c1 -> 1..4]")),
    ("[f: 1..100, g: {1}]", SetExpression("[f: 1..100, g: {1}]")),
    (r"(1..300 \X 1..300 \X {1})", SetExpression(r"(1..300 \X 1..300 \X {1})")),
    (
        '( <<"t", c1>> :> "T0" @@\n  <<"s", S>> :>\n      << "S1",\n         {} >> )',
        Function({("t", C1): "T0", ("s", S): ("S1", frozenset())}),
    ),
]


def shape(value: Any) -> object:
    """A value with the types of everything in it: equal only where nothing differs."""
    match value:
        case frozenset():
            return (frozenset, frozenset(map(shape, value)))
        case tuple():
            return (tuple, tuple(map(shape, value)))
        case RecordValue() | Function():
            return (type(value), frozenset((shape(k), shape(v)) for k, v in value.items()))
        case _:
            return (type(value), value)


@pytest.mark.parametrize(("text", "value"), PRINTED)
def test_reads_what_tlc_prints(text: str, value: Value) -> None:
    assert shape(parse_value(text)) == shape(value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1, column 1"),
        ("1 2", "line 1, column 3"),
        ("<<1,\n2,>>", "line 2, column 3"),
        ('"abc', "line 1, column 1"),
        ("{1", "line 1, column 2"),
        ("[TRUE |-> 1]", "line 1, column 7"),
        ("()", "line 1, column 2"),
        ("1.5", "line 1, column 2"),
        ("é", "line 1, column 1"),
    ],
)
def test_what_is_no_value_is_an_error_that_says_where(text: str, where: str) -> None:
    with pytest.raises(TlcOutputError) as caught:
        parse_value(text)
    assert where in caught.value.reason
    assert caught.value.text == text


@pytest.mark.parametrize(
    "text",
    ["{1, 1}", "{1, TRUE}", "[a |-> 1, a |-> 1]", "(1 :> 2 @@ 1 :> 3)", "(1 :> 2 @@ TRUE :> 3)"],
)
def test_nothing_in_a_value_is_ever_dropped(text: str) -> None:
    with pytest.raises(TlcOutputError, match="twice"):
        parse_value(text)


def test_an_unknown_escape_and_an_empty_interval_are_errors() -> None:
    with pytest.raises(TlcOutputError, match="unknown escape"):
        parse_value(r'"a\q"')
    with pytest.raises(TlcOutputError, match="is empty"):
        parse_value("5..3")


def test_an_empty_function_or_record_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="empty"):
        Function({})
    with pytest.raises(ValueError, match="empty"):
        RecordValue({})


@pytest.mark.parametrize("name", ["", "a b", "1", "TRUE", "a-b"])
def test_a_field_has_a_name_that_tla_allows(name: str) -> None:
    with pytest.raises(ValueError, match="name of a field"):
        RecordValue({name: 1})


def test_values_of_different_kinds_differ() -> None:
    alike: list[Value] = ["c1", C1, Interval(1, 2), frozenset({1, 2}), (1, 2)]
    alike += [Function({"a": 1}), RecordValue({"a": 1}), SetExpression("c1")]
    assert all(left != right for left, right in combinations(alike, 2))
    assert not same_value((1,), (True,))
    assert not same_value(Function({1: "a"}), Function({True: "a"}))
    assert same_value(frozenset({1, "a"}), frozenset({"a", 1}))


def test_an_interval_is_a_collection() -> None:
    assert list(Interval(-1, 1)) == [-1, 0, 1]
    assert len(Interval(-1, 1)) == 3
    assert 1 in Interval(-1, 1)
    assert True not in Interval(-1, 1)
    assert 2 not in Interval(-1, 1)


def test_values_sort_by_kind_then_numbers_by_size_and_sets_by_length() -> None:
    mixed: list[Value] = [(1,), frozenset({1}), frozenset(), C1, "b", "a", 10, 9, 0, True]
    assert sort_values(mixed) == [True, 0, 9, 10, "a", "b", C1, frozenset(), frozenset({1}), (1,)]


def test_what_is_no_tla_value_is_not_written() -> None:
    with pytest.raises(TypeError, match="float"):
        format_value((1.5,))  # type: ignore[arg-type]  # what the test is about


_LEAVES = st.one_of(
    st.booleans(),
    st.integers(),
    st.text(st.characters(codec="utf-8")),
    st.from_regex(r"\A[a-z_][A-Za-z0-9_]*[a-z]\Z").map(ModelValue),
    st.tuples(st.integers(-9, 9), st.integers(0, 9)).map(lambda p: Interval(p[0], p[0] + p[1])),
    st.just(SetExpression("SUBSET 1..12")),
)
_FIELDS = st.from_regex(r"\A[a-z][A-Za-z0-9_]*\Z")


def _distinct(items: list[Any]) -> bool:
    return len(set(items)) == len(items)


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    pairs = st.lists(st.tuples(inner, inner), min_size=1, max_size=4)
    return st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.lists(inner, max_size=4).filter(_distinct).map(frozenset),
        st.dictionaries(_FIELDS, inner, min_size=1, max_size=4).map(RecordValue),
        pairs.filter(lambda entries: _distinct([key for key, _ in entries])).map(Function),
    )


VALUES: st.SearchStrategy[Value] = st.recursive(_LEAVES, _containers, max_leaves=12)


@given(VALUES)
def test_a_written_value_reads_back_as_itself(value: Value) -> None:
    text = format_value(value)
    assert shape(parse_value(text)) == shape(value)
    assert format_value(parse_value(text)) == text


@given(VALUES)
def test_a_value_survives_pickling_and_is_hashable(value: Value) -> None:
    copy = pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes
    assert shape(copy) == shape(value)
    assert hash(copy) == hash(value)


@given(VALUES, VALUES)
def test_equal_text_means_the_same_value(left: Value, right: Value) -> None:
    assert same_value(left, right) == (shape(left) == shape(right))


@given(st.permutations([(C1, 1), ("a", 2), (7, 3), ((), 4)]))
def test_the_text_does_not_depend_on_the_order_of_making(
    entries: list[tuple[Value, Value]],
) -> None:
    assert format_value(Function(entries)) == '(7 :> 3 @@ "a" :> 2 @@ c1 :> 1 @@ <<>> :> 4)'
    assert format_value(frozenset(key for key, _ in entries)) == '{7, "a", c1, <<>>}'
