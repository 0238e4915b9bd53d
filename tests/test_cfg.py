r"""What a ``.cfg`` asks for, however it is written, and the constants that nobody declares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.errors import SpecError
from slubtla.tlc.text.cfg import Cfg, read_cfg, undeclared_constants

TRICKY = r"""
(* INVARIANT Commented (* nested *) INVARIANT Still *)
\* INVARIANT Gone
CONSTANTS
  Cpus = {c1, c2}   Names = {"a b", "\\* no comment", "(* nor this"}
  Limit = -3        (* in the middle *) Nat <- Small
CONSTANT Inner <- [Deep]Value
INVARIANTS TypeOK NoLeak
SPECIFICATION Spec
INVARIANT Third
PROPERTY Ends
PROPERTIES Returns Drains
CONSTRAINT Short ACTION_CONSTRAINTS Calm
SYMMETRY Perms VIEW vars
CHECK_DEADLOCK FALSE
"""


def test_a_tricky_configuration() -> None:
    assert read_cfg(TRICKY) == Cfg(
        constants={
            "Cpus": "{ c1 , c2 }",
            "Names": r'{ "a b" , "\\* no comment" , "(* nor this" }',
            "Limit": "- 3",
        },
        replacements={"Nat": "Small", "Inner": "Value"},
        invariants=("TypeOK", "NoLeak", "Third"),
        properties=("Ends", "Returns", "Drains"),
        constraints=("Short", "Calm"),
        behaviour=("Spec",),
        symmetry=("Perms",),
        view=("vars",),
        check_deadlock=False,
        keywords=(
            *("CONSTANTS", "CONSTANT", "INVARIANTS", "SPECIFICATION", "INVARIANT", "PROPERTY"),
            *("PROPERTIES", "CONSTRAINT", "ACTION_CONSTRAINTS", "SYMMETRY", "VIEW"),
            "CHECK_DEADLOCK",
        ),
        specification=("Spec",),
    )


def test_checked_is_invariants_then_properties() -> None:
    cfg = read_cfg("PROPERTY P INVARIANT A PROPERTY Q INVARIANT B")
    assert cfg.checked == ("A", "B", "P", "Q")


@pytest.mark.parametrize(
    ("keyword", "field"),
    [
        *((word, "invariants") for word in ("INVARIANT", "INVARIANTS")),
        *((word, "properties") for word in ("PROPERTY", "PROPERTIES")),
        *((word, "constraints") for word in ("CONSTRAINT", "CONSTRAINTS")),
        *((word, "constraints") for word in ("ACTION_CONSTRAINT", "ACTION_CONSTRAINTS")),
        *((word, "postconditions") for word in ("POSTCONDITION", "POSTCONDITIONS")),
        *((word, "behaviour") for word in ("SPECIFICATION", "INIT", "NEXT")),
        *(("SYMMETRY", "symmetry"), ("VIEW", "view")),
        *(("_POSSIBLE", "possible"), ("_PERIODIC", "periodic")),
    ],
)
def test_each_keyword_has_its_section(keyword: str, field: str) -> None:
    cfg = read_cfg(f"CONSTANT N = 3 {keyword} One CHECK_DEADLOCK TRUE")
    assert getattr(cfg, field) == ("One",)


@pytest.mark.parametrize("text", ["", "\n", r"\* only a comment", "INIT Init NEXT Next"])
def test_a_configuration_without_constants_or_properties(text: str) -> None:
    cfg = read_cfg(text)
    assert (cfg.constants, cfg.replacements, cfg.checked) == ({}, {}, ())
    assert cfg.check_deadlock


@pytest.mark.parametrize(
    ("text", "check"),
    [("FALSE", False), ("TRUE", True), ("", True), ("FALSE INVARIANT A", False)],
)
def test_check_deadlock(text: str, check: bool) -> None:
    assert read_cfg(f"CHECK_DEADLOCK {text}").check_deadlock is check


def test_assignments_need_nothing_between_them() -> None:
    cfg = read_cfg("CONSTANTS A = {x, {y, z}} B = b C <- D E = {} F = TRUE")
    assert cfg.constants == {"A": "{ x , { y , z } }", "B": "b", "E": "{ }", "F": "TRUE"}
    assert tuple(cfg.replacements) == ("C",)


@pytest.mark.parametrize("keyword", ["INVARIANT", "INVARIANTS", "PROPERTY", "PROPERTIES"])
def test_a_section_with_nothing_to_check_is_an_error(keyword: str) -> None:
    for text in (keyword, f"{keyword} \\* NoLeak\nSPECIFICATION Spec"):
        with pytest.raises(SpecError, match="nothing would be checked"):
            read_cfg(text)


@pytest.mark.parametrize("text", ["Init", "invariant A", "INVARIANT_S A", "= 3", "/* INIT Init */"])
def test_junk_at_the_start_is_an_error(text: str) -> None:
    with pytest.raises(SpecError, match="which is no keyword of TLC") as caught:
        read_cfg(text)
    assert "SPECIFICATION" in caught.value.next_step


NAMES = st.from_regex(r"[A-Z][a-z0-9_]{1,6}", fullmatch=True)
VALUES = st.sampled_from(["3", "mv", '"text"', "{a, b}", "{}", "TRUE", '{"x", "INVARIANT y"}'])
GAPS = st.sampled_from([" ", "\n", " \\* INVARIANT no\n", " (* = *) ", "\t"])


@given(
    constants=st.dictionaries(NAMES, VALUES, min_size=1, max_size=5),
    invariants=st.lists(NAMES, min_size=1, max_size=3),
    data=st.data(),
)
def test_layout_and_order_of_sections_say_nothing(
    constants: dict[str, str], invariants: list[str], data: st.DataObject
) -> None:
    sections = [["CONSTANT", name, "=", value] for name, value in constants.items()]
    sections.append(["INVARIANTS", *invariants])
    shuffled = data.draw(st.permutations(sections))
    text = "".join(word + data.draw(GAPS) for section in shuffled for word in section)
    cfg = read_cfg(text)
    assert cfg.constants.keys() == constants.keys()
    for name, value in constants.items():
        assert cfg.constants[name].replace(" ", "") == value.replace(" ", "")
    assert cfg.invariants == tuple(invariants)


MODULE = r"""
---- MODULE M ----
EXTENDS Naturals
CONSTANTS Cpus,      \* the CPUs, not Ghost
          Limit, (* CONSTANT Phantom *)
          Op(_, _)
CONSTANT One
ASSUME Limit \in Nat
VARIABLES x, y
\* CONSTANT Dead
Size == 3
Twice(n) == 2 * n
f[n \in Nat] == n
LOCAL Own == 1
Init == x = 1
====
"""


@pytest.mark.parametrize(
    "name", ["Cpus", "Limit", "Op", "One", "Size", "Twice", "f", "Own", "Init"]
)
def test_what_is_declared_or_defined(name: str) -> None:
    assert undeclared_constants(Cfg(constants={name: "3"}), [MODULE]) == ()


@pytest.mark.parametrize(
    "name",
    ["Ghost", "Phantom", "Dead", "x", "y", "n", "Nat", "Lim", "Limits", "cpus", "M"],
)
def test_what_is_not(name: str) -> None:
    cfg = Cfg(constants={"Cpus": "{c1}", name: "3", "One": "1"})
    assert undeclared_constants(cfg, [MODULE]) == (name,)


def test_an_extended_module_counts_and_a_replacement_is_left_to_tlc() -> None:
    root = "---- MODULE Root ----\nEXTENDS M\n===="
    cfg = Cfg(constants={"Limit": "3", "Gone": "1"}, replacements={"Nat": "Small"})
    assert undeclared_constants(cfg, [root, MODULE]) == ("Gone",)
    assert undeclared_constants(cfg, [root]) == ("Limit", "Gone")
