"""Greens that meant less than they said: specs that `check` must not call PROVEN, or must.

The files in ``check/`` were met in the wild; the others are the smallest ones that show the point.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from slubtla.barriers.show.text import result_view
from slubtla.cli.app import app
from slubtla.tlc.run.result import Result
from slubtla.tlc.tools import Toolchain

CASES = Path(__file__).parent / "check"

COUNTER = r"""---- MODULE M ----
EXTENDS Naturals, TLC
VARIABLES n, m
vars == <<n, m>>
Init == n = 0 /\ m = 0
Next == n < 5 /\ n' = n + 1 /\ m' = m
Step == [n < 5 /\ n' = n + 1 /\ m' = m]_vars
Slow == n < 2 /\ n' = n + 1 /\ m' = m
Zero == n = 0 /\ m = 0
Spec == Init /\ [][Next]_vars
Fair == Spec /\ WF_vars(Next)
Ends == <>(n = 5)
Safe == n < 9
Whole == n < 9 /\ m = 0
Small == n < 3
Grows == n' > n
Short == n' < 3
Everything == <<m, <<n>>, 7>>
Half == n % 2
Mute == <<m>>
Never == n > 7 => m = 1
Late == n = 5 => m = 0
Leads == n = 1 ~> n = 5
LeadsNot == n = 8 ~> m = 0
====
"""

SYMMETRIC = r"""---- MODULE M ----
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS S, T, Special
VARIABLE t
Init == t = {}
Next == \E p \in S : t' = t \cup {p}
Spec == Init /\ [][Next]_t
Safe == t \subseteq S
Sym == Permutations(S)
First == CHOOSE p \in S : p \notin t
Number == CHOOSE k \in 1..3 : k > Cardinality(t)
Largest == CHOOSE k \in {1, 2} : \A j \in {1, 2} : k >= j
====
"""


class Ran:
    """What ``slubtla check`` said: a result, or a complaint on stderr."""

    def __init__(self, *arguments: str | Path) -> None:
        ran = CliRunner().invoke(app, ["check", *map(str, arguments), "--json", "--no-cache"])
        self.code = ran.exit_code
        self.complaint = " ".join(ran.stderr.split())
        self.result: dict[str, Any] = json.loads(ran.stdout) if ran.stdout else {}

    @property
    def verdict(self) -> str:
        if not self.result:
            return "refused"
        verdict = self.result["verdict"]
        return f"{verdict['kind']}({verdict['detail']})" if verdict["detail"] else verdict["kind"]

    @property
    def words(self) -> str:
        """All that is said about the run."""
        because = self.result["verdict"]["because"] if self.result else ""
        return " | ".join((because, *self.result.get("warnings", ()), self.complaint))


Check = Callable[..., Ran]


@pytest.fixture
def check(engine_at_hand: Toolchain, tmp_path: Path) -> Check:
    """Write a module and its cfg, and check it."""
    assert engine_at_hand

    def run(text: str, cfg: str, *options: str, **files: str) -> Ran:
        name = text.split()[2]
        for module, other in files.items():
            (tmp_path / f"{module}.tla").write_text(other, encoding="utf-8")
        (tmp_path / f"{name}.tla").write_text(text, encoding="utf-8")
        (tmp_path / f"{name}.cfg").write_text(cfg, encoding="utf-8")
        return Ran(tmp_path / f"{name}.tla", *options)

    return run


IN_THE_WILD = [
    (
        "ReplacedInvariant",
        (),
        "refused",
        2,
        "names Inv (INVARIANT) and replaces it (Inv <- Always)",
    ),
    ("ExitAtTheEnd", (), "BOUNDED(exit)", 4, "may end the search early (ExitAtTheEnd.tla:5)"),
    ("ExitAtTheEnd", ("--allow-bounds",), "BOUNDED(exit)", 0, "may end the search early"),
    ("AsymmetricSet", (), "INCONCLUSIVE(warning)", 4, "the constant A names A, a member of S"),
    ("Constrained", (), "BOUNDED(constraint)", 4, "Small of the cfg excluded states"),
    ("Constrained", ("--allow-bounds",), "BOUNDED(constraint)", 0, "Small of the cfg excluded"),
    ("LiveConstr2", (), "INCONCLUSIVE(warning)", 4, "liveness under a constraint"),
    ("LiveConstr2", ("--allow-bounds",), "INCONCLUSIVE(warning)", 4, "liveness under a constraint"),
    ("PcEdited", (), "VIOLATED(Inv)", 1, "it is checked as it stands in the file"),
]


@pytest.mark.usefixtures("engine_at_hand")
@pytest.mark.parametrize(("name", "options", "verdict", "code", "words"), IN_THE_WILD)
def test_met_in_the_wild(
    name: str, options: tuple[str, ...], verdict: str, code: int, words: str
) -> None:
    ran = Ran(CASES / f"{name}.tla", *options)
    assert (ran.verdict, ran.code) == (verdict, code)
    assert words in ran.words


def test_a_class_beside_the_spec_is_not_passed_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(CASES / "override", home)
    (home / "Ovr.class").write_bytes(b"\xca\xfe\xba\xbe")
    ran = Ran(home / "Ovr.tla")
    assert (ran.verdict, ran.code) == ("refused", 2)
    assert f"{home / 'Ovr.class'} is a Java class that may replace operators" in ran.complaint
    (home / "Ovr.class").unlink()
    with zipfile.ZipFile(home / "mine.jar", "w") as jar:
        jar.writestr("Ovr.class", b"\xca\xfe\xba\xbe")
    ran = Ran(home / "Ovr.tla")
    assert (ran.verdict, ran.code) == ("refused", 2)
    assert f"{home / 'mine.jar'} holds Java classes" in ran.complaint


@pytest.mark.usefixtures("engine_at_hand")
def test_a_class_of_something_else_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(CASES / "override", home)
    (home / "Other.class").write_bytes(b"\xca\xfe\xba\xbe")
    (home / "broken.jar").write_bytes(b"PK")
    with zipfile.ZipFile(home / "tla2tools.jar", "w") as jar:
        jar.writestr("tlc2/TLC.class", b"")
        jar.writestr("tlc2/overrides/TLCOverrides.class", b"")
    assert Ran(home / "Ovr.tla").verdict == "PROVEN"


def test_deadlock_is_said_only_where_it_is_checked(check: Check) -> None:
    cfg = "SPECIFICATION Spec\nINVARIANT Safe\n"
    text = COUNTER.replace("[][Next]_vars\nFair", "[][Next \\/ UNCHANGED vars]_vars\nFair")
    assert check(text, cfg).result["deadlock_checked"] is True
    off = check(COUNTER, cfg, "--no-deadlock")
    assert (off.verdict, off.result["deadlock_checked"]) == ("PROVEN", False)
    in_the_cfg = Ran(CASES / "DeadlockOff.tla")  # which TLC 2.15 does not know
    assert in_the_cfg.verdict == "PROVEN"
    assert in_the_cfg.result["deadlock_checked"] is False


@pytest.mark.parametrize("keyword", ["CHECK_DEADLOCK FALSE", "ALIAS Shown"])
def test_a_keyword_that_is_left_out_leaves_the_antecedents_examined(
    check: Check, keyword: str
) -> None:
    text = COUNTER.replace("Never ==", "Shown == [n |-> n]\nNever ==")
    for cfg in (f"{keyword}\nSPECIFICATION Spec\nINVARIANT Never\n",
                f"SPECIFICATION Spec\nINVARIANT Never\n{keyword}\n"):  # fmt: skip
        assert check(text, cfg, "--no-deadlock").verdict == "VACUOUS(Never)"


def test_the_screen_says_it_only_there(check: Check) -> None:
    result = Result.model_validate(check(COUNTER, "INIT Init\nNEXT Next\n").result)
    for checked in (True, False):
        screen = Console(file=io.StringIO(), width=100)
        screen.print(result_view(result.model_copy(update={"deadlock_checked": checked})))
        assert isinstance(screen.file, io.StringIO)
        assert ("no deadlock" in screen.file.getvalue()) is checked


BOUNDS = [
    ("CONSTRAINT Small", "BOUNDED(constraint)", 3, "the search is bounded by Small of the cfg"),
    (
        "ACTION_CONSTRAINT Short",
        "BOUNDED(constraint)",
        3,
        "Short of the cfg excluded states or steps",
    ),
    ("CONSTRAINT Small\nCONSTRAINT Safe", "BOUNDED(constraint)", 3, "Small of the cfg excluded"),
    ("CONSTRAINT Safe", "PROVEN", 6, "Safe of the cfg excluded nothing"),
    (
        "CONSTRAINTS Safe Whole\nACTION_CONSTRAINT Grows",
        "PROVEN",
        6,
        "Grows of the cfg excluded no",
    ),
    ("VIEW Half", "BOUNDED(view)", 2, "states that agree on Half (VIEW of the cfg) counted as one"),
    ("VIEW vars", "PROVEN", 6, ""),
    ("VIEW Everything", "PROVEN", 6, ""),
    ("VIEW Mute", "BOUNDED(view)", 1, "states that agree on Mute"),
]


@pytest.mark.parametrize(("line", "verdict", "states", "words"), BOUNDS)
def test_what_really_cuts_the_search_is_a_bound(
    check: Check, line: str, verdict: str, states: int, words: str
) -> None:
    ran = check(COUNTER, f"SPECIFICATION Spec\nINVARIANT Safe\n{line}\n", "--no-deadlock")
    assert (ran.verdict, ran.result["stats"]["distinct"]) == (verdict, states)
    assert words in ran.words
    assert ran.code == (0 if verdict == "PROVEN" else 4)


def test_a_violation_within_a_bound_is_one(check: Check) -> None:
    cfg = "SPECIFICATION Spec\nINVARIANT Small\nCONSTRAINT Safe\nVIEW vars\n"
    assert check(COUNTER, cfg, "--no-deadlock", "--allow-bounds").verdict == "VIOLATED(Small)"


LIVENESS = [
    ("CONSTRAINT Safe", "PROVEN", 0),  # TLC 2.15 warns; nothing was cut
    ("CONSTRAINT Small", "INCONCLUSIVE(warning)", 4),
    ("ACTION_CONSTRAINT Short", "INCONCLUSIVE(warning)", 4),
    ("", "PROVEN", 0),
]


@pytest.mark.parametrize(("line", "verdict", "code"), LIVENESS)
def test_liveness_under_a_constraint(check: Check, line: str, verdict: str, code: int) -> None:
    ran = check(COUNTER, f"SPECIFICATION Fair\nPROPERTY Ends\n{line}\n", "--no-deadlock")
    assert (ran.verdict, ran.code) == (verdict, code)


REPLACED = [
    ("SPECIFICATION Spec\nINVARIANT Safe", "Safe <- Whole", "refused", "Safe (INVARIANT)"),
    ("SPECIFICATION Spec\nPROPERTY Ends", "Ends <- Leads", "refused", "Ends (PROPERTY)"),
    ("SPECIFICATION Spec\nINVARIANT Safe", "Safe = TRUE", "refused", "replaces it (Safe = TRUE)"),
    ("SPECIFICATION Spec\nINVARIANT Safe", "Spec <- Fair", "refused", "Spec (SPECIFICATION, INIT"),
    (
        "INIT Init\nNEXT Next\nINVARIANT Safe",
        "Next <- Slow",
        "refused",
        "Next (SPECIFICATION, INIT",
    ),
    (
        "INIT Init\nNEXT Next\nINVARIANT Safe",
        "Init <- Zero",
        "refused",
        "replaces it (Init <- Zero)",
    ),
    (
        "SPECIFICATION Spec\nINVARIANT Safe\nCONSTRAINT Small",
        "Small <- Safe",
        "refused",
        "Small (CON",
    ),
    ("SPECIFICATION Spec\nINVARIANT Safe\nVIEW vars", "vars <- Half", "refused", "vars (VIEW)"),
    (
        "SPECIFICATION Spec\nINVARIANT Safe",
        "Next <- Slow",
        "INCONCLUSIVE(warning)",
        "Spec is not what it says: the cfg replaces its Next by Slow",
    ),
    (
        "SPECIFICATION Spec\nINVARIANT Safe",
        "Half <- Everything",
        "PROVEN",
        "Half is replaced by Everything (CONSTANTS of the cfg): Half itself is not checked",
    ),
]


@pytest.mark.parametrize(("cfg", "line", "verdict", "words"), REPLACED)
def test_what_is_replaced_is_never_checked_under_its_own_name(
    check: Check, cfg: str, line: str, verdict: str, words: str
) -> None:
    ran = check(COUNTER, f"{cfg}\nCONSTANTS {line}\n", "--no-deadlock")
    assert ran.verdict == verdict
    assert words in ran.words


def test_a_conjunct_of_an_invariant_is_part_of_what_it_says(check: Check) -> None:
    text = COUNTER.replace("Small ==", "Both == Safe /\\ Whole\nSmall ==")
    cfg = "SPECIFICATION Spec\nINVARIANT Both\nCONSTANTS Whole <- Safe\n"
    ran = check(text, cfg, "--no-deadlock")
    assert ran.verdict == "INCONCLUSIVE(warning)"
    assert "Both is not what it says: the cfg replaces its Whole by Safe" in ran.words
    ran = check(text, cfg.replace("<- Safe", "= TRUE"), "--no-deadlock")
    assert ran.verdict == "INCONCLUSIVE(warning)"
    assert "Both is not what it says: the cfg replaces its Whole by TRUE" in ran.words


MEMBERS = "SPECIFICATION Spec\nINVARIANT Safe\nSYMMETRY Sym\nCONSTANTS S = {a, b, c}"
SYMMETRIES = [
    ("T = 1 Special = none", "PROVEN", ""),
    ("T = {a, b, c} Special = none", "PROVEN", ""),
    ("T = {{a, b}, {a, c}, {b, c}} Special = none", "PROVEN", ""),
    (
        "T = {{a, b}, {a, c}} Special = none",
        "INCONCLUSIVE(warning)",
        "T names a, b, c, some member",
    ),
    ("T = {a} Special = none", "INCONCLUSIVE(warning)", "the constant T names a, a member of S"),
    ("T = {a, d} Special = none", "INCONCLUSIVE(warning)", "the constant T names a"),
    ("T = 1 Special = b", "INCONCLUSIVE(warning)", "the constant Special names b"),
]


@pytest.mark.parametrize(("constants", "verdict", "words"), SYMMETRIES)
def test_symmetry_over_members_that_are_told_apart(
    check: Check, constants: str, verdict: str, words: str
) -> None:
    text = SYMMETRIC.replace("First ==", "Used == t = Special\nNoneOf ==")
    text = text.replace("CHOOSE p \\in S : p \\notin t", "S \\ t")
    ran = check(text, f"{MEMBERS} {constants}\n")
    assert ran.verdict == verdict
    assert words in ran.words


def test_symmetry_over_members_that_are_chosen(check: Check) -> None:
    ran = check(SYMMETRIC, f"{MEMBERS} T = 1 Special = none\n")
    assert ran.verdict == "INCONCLUSIVE(warning)"
    chosen = [said for said in ran.result["warnings"] if "CHOOSE" in said]
    assert len(chosen) == 1  # those of numbers are none
    assert "CHOOSE (M.tla:10) takes one and the same of S" in chosen[0]


def test_the_toolbox_declares_a_constant_for_each_member(check: Check) -> None:
    text = SYMMETRIC.replace("CONSTANTS S", "CONSTANTS a, b, c\nCONSTANTS S")
    text = text.replace("Sym ==", "Members == {a, b, c}\nPairs == {{a, b}, {b, c}, {a, c}}\nSym ==")
    text = text.replace("CHOOSE p \\in S : p \\notin t", "S \\ t")
    cfg = MEMBERS.replace("S = {a, b, c}", "a = a b = b c = c S <- Members T <- Pairs")
    assert check(text, f"{cfg} Special = none\n").verdict == "PROVEN"
    text = text.replace("Safe == t \\subseteq S", "Safe == t \\subseteq S /\\ a \\in S")
    assert check(text, f"{cfg} Special = none\n").verdict == "INCONCLUSIVE(warning)"


def test_random_choices_are_no_proof(check: Check) -> None:
    text = COUNTER.replace(
        "n' = n + 1 /\\ m' = m\nStep", "n' = RandomElement({n + 1}) /\\ m' = m\nStep"
    )
    ran = check(text, "SPECIFICATION Spec\nINVARIANT Safe\n", "--no-deadlock")
    assert (ran.verdict, ran.code) == ("BOUNDED(random)", 4)
    assert "RandomElement chooses at random (M.tla:6)" in ran.words


def test_exit_in_a_module_that_is_extended(check: Check) -> None:
    other = '---- MODULE Stop ----\nEXTENDS TLC\nEnd == TLCSet("exit", TRUE)\n====\n'
    text = COUNTER.replace("Naturals, TLC", "Naturals, Stop")
    ran = check(text, "SPECIFICATION Spec\nINVARIANT Safe\n", "--no-deadlock", Stop=other)
    assert ran.verdict == "BOUNDED(exit)"
    assert "(Stop.tla:3)" in ran.words
    text = text.replace("VARIABLES", '\\* TLCSet("exit", TRUE)\nVARIABLES').replace("Stop", "TLC")
    ran = check(text, "SPECIFICATION Spec\nINVARIANT Safe\n", "--no-deadlock")
    assert ran.verdict == "PROVEN"


EMPTY = [
    ("INVARIANT Never", "VACUOUS(Never)", "its antecedent `n > 7` (M.tla:21) never holds"),
    ("INVARIANTS Safe Late", "PROVEN", ""),
    ("PROPERTY LeadsNot", "VACUOUS(LeadsNot)", "its antecedent `n = 8` (M.tla:24) never holds"),
    ("PROPERTY Leads", "PROVEN", ""),
]


@pytest.mark.parametrize(("line", "verdict", "words"), EMPTY)
def test_an_implication_whose_antecedent_never_holds_proves_nothing(
    check: Check, line: str, verdict: str, words: str
) -> None:
    ran = check(COUNTER, f"SPECIFICATION Fair\n{line}\n", "--no-deadlock")
    assert ran.verdict == verdict
    assert words in ran.words
    assert ran.code == (0 if verdict == "PROVEN" else 1)
    held = [each["held"] for each in ran.result["antecedents"]]
    assert held == ([] if "Safe" in line and "Late" not in line else [verdict == "PROVEN"])


def test_a_tlc_that_prints_nothing_is_not_believed(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its first mark, the marks that are missing say nothing."""
    monkeypatch.setattr("slubtla.tlc.run.record.WATCHING", "none of them")
    cfg = "SPECIFICATION Fair\nINVARIANT Never\n"
    ran = check(COUNTER, cfg, "--no-deadlock")
    assert (ran.verdict, ran.result["antecedents"]) == ("PROVEN", [])
    assert "were not examined: this TLC prints nothing for them" in ran.words
    ran = check(COUNTER, f"{cfg}CONSTRAINT Safe\n", "--no-deadlock")
    assert ran.verdict == "BOUNDED(constraint)"
    assert "Safe of the cfg may have excluded states" in ran.words


def test_an_antecedent_of_constants_is_one(check: Check) -> None:
    text = COUNTER.replace("VARIABLES", "CONSTANT Flag\nVARIABLES", 1)
    text = text.replace("Never == n > 7", "Never == Flag")
    for flag, verdict in (("TRUE", "VIOLATED(Never)"), ("FALSE", "VACUOUS(Never)")):
        cfg = f"SPECIFICATION Fair\nINVARIANT Never\nCONSTANT Flag = {flag}\n"
        assert check(text, cfg, "--no-deadlock").verdict == verdict
