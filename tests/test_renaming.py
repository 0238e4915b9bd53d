r"""Names that the PlusCal translator changed are shown as the user wrote them."""

from __future__ import annotations

import pytest

from slubtla.tlc.output import State, Trace, TraceKind, TraceStep
from slubtla.tlc.run.user_terms import Names, read_renames
from slubtla.tlc.text.pcal import has_algorithm, is_handwritten

LINES = [
    "M: Label S of process A at line 6 col 4 changed to S_",
    "M: Procedure variable v of procedure P at line 9 col 14 changed to v_",
    "M: Parameter x of procedure P at line 9 col 3 changed to x_P",
    "M: Process variable n of process A at line 7 col 2 changed to n_",
    "M: what nobody knows changed to y",
]


def test_the_translator_s_lines_are_read() -> None:
    renames = read_renames(LINES)
    assert [(each.name, each.shown, each.line) for each in renames] == [
        ("S_", "A.S", 6),
        ("v_", "P.v", 9),
        ("x_P", "P.x", 9),
        ("n_", "A.n", 7),
    ]
    assert str(renames[0]) == "label S of process A (M.tla:6)"


def test_only_names_are_changed_and_no_other_strings() -> None:
    names = Names.of(read_renames(LINES))
    text = '/\\ n_ = "S_"\n/\\ pc = <<"S_", "S">>\n/\\ stack = <<[pc |-> "S_", v_ |-> "S_"]>>'
    step = TraceStep(1, "S_", None, None, State(text))
    (shown,) = names.trace(Trace((step,), TraceKind.FINITE)).steps
    assert shown.action == "A.S"
    assert shown.values.text == (
        '/\\ A.n = "S_"\n/\\ pc = <<"S", "S">>\n/\\ stack = <<[pc |-> "S", v |-> "S_"]>>'
    )
    assert dict(shown.values)["A.n"] == "S_"


def test_without_renames_nothing_is_touched() -> None:
    trace = Trace((TraceStep(1, "S_", None, None, State("x = 1")),), TraceKind.FINITE)
    assert Names.of(()).trace(trace) is trace


QUOTED = "(* --algorithm x begin L: skip; end algorithm *)\n"


@pytest.mark.parametrize(
    ("text", "handwritten"),
    [
        (QUOTED, False),
        (QUOTED + "Inv == TRUE\nMySpec == Spec\n", False),
        (QUOTED + "VARIABLE x\n", True),
        (QUOTED + "VARIABLES x, y\n", True),
        (QUOTED + "Init == x = 0\n", True),
        (QUOTED + "  Spec == Init\n", True),
        (QUOTED + "\\* VARIABLE x\n(* Next == 1 *)\n", False),
        (QUOTED + "\\* BEGIN TRANSLATION\nVARIABLE x\n\\* END TRANSLATION\n", False),
        (QUOTED + "Nexts == 1\nInitial == 2\n", False),
    ],
)
def test_an_algorithm_beside_a_behaviour_is_a_quotation(text: str, handwritten: bool) -> None:
    assert has_algorithm(text)
    assert is_handwritten(text) == handwritten
