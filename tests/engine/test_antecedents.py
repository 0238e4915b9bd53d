r"""The implications of a formula: which are found, where they stand, and whether they hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.text.antecedents import find_antecedents
from slubtla.tlc.text.behaviour import is_liveness
from slubtla.tlc.text.formulas import NotUnderstoodError, parse
from slubtla.tlc.text.tla import (
    blank_comments,
    definitions_of,
    extended_modules,
    source_of,
    tokens_of,
    words_of,
)

SPEC = r"""---- MODULE M ----
EXTENDS Naturals, Sequences, Base
VARIABLES n, f
vars == <<n, f>>
Init == n = 0 /\ f = <<1, 2, 3>>
Next == n < 3 /\ n' = n + 1 /\ f' = f
Spec == Init /\ [][Next]_vars /\ WF_vars(Next)
TypeOK == n \in 0..3
Plain == n = 2 => f[n] = 2
Bullets ==
    /\ n < 4
    /\ \A i \in 1..3, j \in 1..3 :
         /\ i # j => f[i] # f[j]
         /\ (* a comment => with an arrow *) i = j /\ n = i
            => f[j] = n
Aligned ==
    /\ n = 1
    /\ f[1] = 1
    => /\ n # 2
       /\ n # 9
Named == TypeOK /\ At(n, 2) /\ Bullets
At(k, what) == k = what => f[k] = what
Both == LET two == 2
            Is(k) == k = two
        IN  Is(n) => f[n] = two
Branches == IF n = 0 THEN f[1] = 5 => FALSE ELSE f[n] = 3 => n = 3
Guarded == n > 1 => (n = 0 => FALSE)
Otherwise == IF n = 0 THEN f[1] = 1 ELSE n = 0 => FALSE
Disguised == IF n = 2 THEN f[n] = 2 ELSE TRUE
Chain == n > 0 => (n = 3 => f[n] = 3)
Choice == n = 7 \/ (n = 8 => FALSE) \/ TRUE
Strange == ~ \E i \in 1..3 : f[i] # 9 => FALSE
Far == Beyond(n)
Leads == [](n = 1 => <>(n = 2)) /\ (n = 2 ~> n = 3) /\ (<>(n = 7) => n = 8)
Steps == [][n = 1 => n' = 2]_vars
====
"""

BASE = r"""---- MODULE Base ----
EXTENDS Naturals
Beyond(k) == \A low \in 0..1 :
    k = low
      => k < 2
LOCAL Hidden(k) == k = 2
Local(k) == Hidden(k) => TRUE
====
"""

MODULES = {"M": SPEC.replace("Named ==", "", 1), "Base": BASE}
NAMED = "Named == TypeOK /\\ At(n, 2) /\\ Bullets\n"
MODULES["M"] = SPEC.replace(NAMED, "").replace("Both ==", f"{NAMED}Both ==")

FOUND = {
    "TypeOK": [],
    "Plain": ["n = 2"],
    "Bullets": ["i # j", "i = j /\\ n = i"],
    "Aligned": ["/\\ n = 1 /\\ f[1] = 1"],
    "Named": ["k = what", "i # j", "i = j /\\ n = i"],
    "Both": ["Is(n)"],
    "Branches": ["f[1] = 5", "f[n] = 3"],
    "Guarded": ["n > 1", "n = 0"],
    "Otherwise": ["n = 0"],
    "Disguised": ["n = 2"],
    "Chain": ["n > 0", "n = 3"],
    "Choice": [],  # of a disjunction nothing is claimed
    "Strange": [],
    "Far": ["k = low"],
}


def texts(invariants: tuple[str, ...] = (), properties: tuple[str, ...] = ()) -> list[str]:
    found = find_antecedents(MODULES, invariants, properties, "Told_A_")
    return [antecedent.text for antecedent in found]


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found(name: str) -> None:
    assert texts((name,)) == FOUND[name]


def test_in_properties_only_what_speaks_of_every_state() -> None:
    assert texts((), ("Leads",)) == ["n = 1", "n = 2"]
    assert texts((), ("Steps", "Plain")) == []


def test_the_place_is_that_of_the_antecedent() -> None:
    (far,) = find_antecedents(MODULES, ("Far",), (), "Told_A_")
    assert (far.property_name, far.module, far.line) == ("Far", "Base", 4)


def checked(folder: Path, cfg: str) -> Result:
    for name, text in MODULES.items():
        (folder / f"{name}.tla").write_text(text, encoding="utf-8")
    (folder / "M.cfg").write_text(f"SPECIFICATION Spec\n{cfg}\n", encoding="utf-8")
    return check_spec(folder / "M.tla", check_deadlock=False)


@pytest.mark.usefixtures("engine_at_hand")
def test_what_holds_is_seen_in_the_search(tmp_path: Path) -> None:
    names = [name for name in FOUND if name != "Far"]
    result = checked(tmp_path, f"INVARIANTS {' '.join(names)} Far")
    held = {(each.property_name, each.text): each.held for each in result.antecedents}
    never = {("Branches", "f[1] = 5"), ("Guarded", "n = 0"), ("Otherwise", "n = 0")}
    wanted = {(name, text): (name, text) not in never for name in FOUND for text in FOUND[name]}
    assert held == wanted
    assert str(result.verdict) == "VACUOUS(Branches)"
    assert result.stats.distinct == 4
    assert "not examined" not in " ".join(result.warnings)


@pytest.mark.usefixtures("engine_at_hand")
def test_of_a_temporal_property_too(tmp_path: Path) -> None:
    result = checked(tmp_path, "PROPERTY Leads")
    assert [(each.text, each.held) for each in result.antecedents] == [
        ("n = 1", True),
        ("n = 2", True),
    ]
    assert str(result.verdict) == "PROVEN"


@pytest.mark.usefixtures("engine_at_hand")
def test_what_cannot_be_parsed_on_its_own_is_not_examined(tmp_path: Path) -> None:
    """The antecedent names an operator that only its own module sees."""
    text = MODULES["M"].replace("Far == Beyond(n)", "Far == Local(n)")
    (tmp_path / "Base.tla").write_text(BASE, encoding="utf-8")
    (tmp_path / "M.tla").write_text(text, encoding="utf-8")
    (tmp_path / "M.cfg").write_text("SPECIFICATION Spec\nINVARIANTS TypeOK Far\n")
    result = check_spec(tmp_path / "M.tla", check_deadlock=False)
    assert str(result.verdict) == "PROVEN"
    assert result.antecedents == ()
    assert "antecedents and constraints were not examined" in " ".join(result.warnings)
    assert result.run_dir is not None
    assert (result.run_dir / "watched.out").is_file()
    assert result.provenance.argv[-1] == "M.tla"


@pytest.mark.usefixtures("engine_at_hand")
def test_what_cannot_be_evaluated_on_its_own_is_not_examined(tmp_path: Path) -> None:
    """TLC evaluates a temporal property in no state that a constraint excludes."""
    text = (
        MODULES["M"]
        .replace("Next == n < 3", "Next == n < 5")
        .replace("Far ==", "Low == n < 3\nReach == f[n + 1] = 9 ~> n = 2\nFar ==")
    )
    (tmp_path / "Base.tla").write_text(BASE, encoding="utf-8")
    (tmp_path / "M.tla").write_text(text, encoding="utf-8")
    (tmp_path / "M.cfg").write_text("SPECIFICATION Spec\nPROPERTY Reach\nCONSTRAINT Low\n")
    result = check_spec(tmp_path / "M.tla", check_deadlock=False)
    assert "antecedents and constraints were not examined" in " ".join(result.warnings)
    assert str(result.verdict) == "INCONCLUSIVE(warning)"
    assert result.stats.distinct == 3


@pytest.mark.usefixtures("engine_at_hand")
def test_an_error_of_the_spec_itself_stays_one(tmp_path: Path) -> None:
    wrong = MODULES["M"].replace("Plain == n = 2", "Plain == f[n + 1] = 9")
    (tmp_path / "Base.tla").write_text(BASE, encoding="utf-8")
    (tmp_path / "M.tla").write_text(wrong, encoding="utf-8")
    (tmp_path / "M.cfg").write_text("SPECIFICATION Spec\nINVARIANT Plain\n")
    result = check_spec(tmp_path / "M.tla", check_deadlock=False)
    assert str(result.verdict) == "ERROR(evaluation)"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "=>",
        "a =>",
        "a => b => c",
        "a /\\ b \\/ c",
        "(a",
        "[a |-> 1",
        "a b",
        "\\A x : a",
        "IF a",
    ],
)
def test_what_is_not_understood_is_said(body: str) -> None:
    try:
        formula = parse(tokens_of(body))
    except NotUnderstoodError:
        return
    assert body == "\\A x : a"  # understood, but without a set: nothing is claimed
    assert formula is not None


def test_a_list_ends_where_its_bullets_say() -> None:
    formula = parse(tokens_of("/\\ a\n   \\/ b\n/\\ \\/ c\n   \\/ d => e\n/\\ f"))
    assert formula.kind == "and"
    assert [item.kind for item in formula.items] == ["or", "or", "leaf"]
    outer = parse(tokens_of("  /\\ a\n /\\ b"))  # the second bullet is no longer of the list
    assert outer.kind == "and"
    assert [item.kind for item in outer.items] == ["and", "leaf"]


def test_deep_nesting_is_not_understood() -> None:
    with pytest.raises(NotUnderstoodError):
        parse(tokens_of("(" * 5000 + "a" + ")" * 5000))


@given(st.text(alphabet="ab =>/\\()[]{}<>\"\n:~*,.AE_'-", max_size=60))
def test_nothing_breaks_the_parser(text: str) -> None:
    definitions_of("M", f"X == {text}\nY == a => b\n")
    found = find_antecedents({"M": f"---- MODULE M ----\nX == {text}\n===="}, ("X",), ("X",), "T")
    assert all(antecedent.text for antecedent in found)


@given(st.text(alphabet='a(*)\\"\n\t =', max_size=40))
def test_without_comments_all_else_keeps_its_place(text: str) -> None:
    blank = blank_comments(text)
    assert [len(line) for line in blank.split("\n")] == [len(line) for line in text.split("\n")]
    assert all(new in {old, " "} for old, new in zip(text, blank, strict=True))


def test_source_keeps_its_columns() -> None:
    text = "  /\\ a\n  /\\ \\A x \\in S :\n       x = 1"
    assert source_of(tokens_of(text)) == text
    assert words_of(tokens_of(text)) == "/\\ a /\\ \\A x \\in S : x = 1"


def test_which_modules_are_extended() -> None:
    root = "---- MODULE R ----\nEXTENDS A, Naturals, B\nVARIABLE C\nM == INSTANCE D\n===="
    others = {name: f"---- MODULE {name} ----\n====" for name in "ABCDE"}
    others["B"] = "---- MODULE B ----\nEXTENDS E\n===="
    assert extended_modules({"R": root} | others) == ("R", "A", "B", "E")


def test_which_properties_are_liveness() -> None:
    text = "---- MODULE M ----\nSafe == [][Next]_x\nLive == Safe /\\ Fair\nFair == WF_x(Next)\n===="
    assert not is_liveness("Safe", {"M": text})
    assert is_liveness("Live", {"M": text})
    assert is_liveness("Elsewhere", {"M": text})
