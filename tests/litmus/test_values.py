"""What a register holds: the same in Python as in C, and as TLA+ is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.barriers.litmus.syntax import Number, Operation
from slubtla.barriers.litmus.values import Choice, RegisterValue, Seen, evaluate, tla

BINARY = ["+", "-", "*", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]
VALUES: st.SearchStrategy[RegisterValue] = st.recursive(
    st.one_of(st.builds(Number, st.integers(-3, 3)), st.builds(Seen, st.sampled_from("ab"))),
    lambda inner: st.one_of(
        st.builds(Operation, st.sampled_from(["-", "+", "!"]), st.tuples(inner)),
        st.builds(Operation, st.sampled_from(BINARY), st.tuples(inner, inner)),
        st.builds(Choice, inner, inner, inner),
    ),
    max_leaves=8,
)


def python_of(text: str) -> str:
    """Turn TLA+ of the kind that is written here into Python."""
    words = {"/\\": " and ", "\\/": " or ", "#": "!=", "~": " not ", "=": "==", "TRUE": "True"}
    words |= {"FALSE": "False", "<=": "<=", ">=": ">="}
    tokens = re.compile(r"/\\|\\/|<=|>=|[#~=]|TRUE|FALSE")
    text = tokens.sub(lambda match: words[match[0]], text)
    conditional = re.compile(r"\(IF ((?:(?!\bIF\b).)*?) THEN ((?:(?!\bIF\b).)*?) ELSE ")
    while "IF " in text:
        text = conditional.sub(r"choose(lambda: \1, lambda: \2, lambda: ", text, count=1)
    return text


@given(VALUES, st.integers(-3, 3), st.integers(-3, 3))
def test_tla_and_python_agree(value: RegisterValue, a: int, b: int) -> None:
    registers = {"a": a, "b": b}

    def choose(condition: object, then: object, otherwise: object) -> int:
        assert callable(condition)
        assert callable(then)
        assert callable(otherwise)
        return int(then() if condition() else otherwise())

    written = python_of(tla(value))
    names = {"__builtins__": {}, "registers": registers, "choose": choose}
    result = eval(written, names)  # noqa: S307  # our own text
    assert int(result) == evaluate(value, registers)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Number(-1), "(-1)"),
        (Operation("==", (Seen("P0_r0"), Number(1))), '(IF registers["P0_r0"] = 1 THEN 1 ELSE 0)'),
        (Operation("+", (Number(1), Number(2))), "(1 + 2)"),
        (Choice(Seen("a"), Number(1), Number(2)), '(IF registers["a"] # 0 THEN 1 ELSE 2)'),
    ],
)
def test_how_a_value_is_written(value: RegisterValue, text: str) -> None:
    assert tla(value) == text


def test_an_operator_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        evaluate(Operation("^", (Number(1), Number(1))), {})
