"""What is done with the keywords of a cfg that a TLC does not know, and how the newest reports."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from slubtla.errors import SpecError, UsageError
from slubtla.tlc.engine import Ended, TlcOptions
from slubtla.tlc.output import ViolationKind, read_report
from slubtla.tlc.run.cfg_keywords import understand, write_cfg
from slubtla.tlc.run.distributed import require_distributable
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.text.cfg import Cfg, leave_out, only_assumptions, read_cfg, undeclared_constants
from slubtla.tlc.tools import Jar, Toolchain, cfg_keywords, year_of

LATER = ["CHECK_DEADLOCK", "ALIAS", "POSTCONDITION", "POSTCONDITIONS", "_POSSIBLE", "_PERIODIC"]


def jar_that_knows(path: Path, *words: str) -> Jar:
    """A jar whose reader of cfg files has these words in its constant pool, and no date."""
    pool = b"".join(b"\x01" + len(word).to_bytes(2) + word.encode() for word in words)
    with zipfile.ZipFile(path, "w") as archive:
        head = b"\xca\xfe\xba\xbe\0\0\0\x34" + (len(words) + 1).to_bytes(2)
        archive.writestr("tlc2/tool/impl/ModelConfig.class", head + pool)
        archive.writestr(zipfile.ZipInfo("tlc2/TLC.class"), b"")
    return Jar(path, "0" * 64, "test")


def test_what_the_packaged_jar_knows(engine_at_hand: Toolchain) -> None:
    jar = engine_at_hand.jar.path
    known = cfg_keywords(jar)
    assert known >= {"INVARIANT", "INVARIANTS", "SYMMETRY", "VIEW", "SPECIFICATION"}
    assert not known & set(LATER)
    assert year_of(jar) == 2020


def test_what_a_jar_knows_is_left_to_it(tmp_path: Path) -> None:
    text = "SPECIFICATION S CHECK_DEADLOCK FALSE ALIAS A POSTCONDITIONS P Q _POSSIBLE R"
    cfg = read_cfg(text)
    assert cfg.checked == ("P", "Q", "R")
    jar = jar_that_knows(tmp_path / "new.jar", *LATER)
    found = understand("M.cfg", text, cfg, jar, TlcOptions())
    assert (found.text, found.remarks) == (text, ())
    assert not found.options.check_deadlock


@pytest.mark.parametrize("keyword", ["POSTCONDITION", "POSTCONDITIONS", "_POSSIBLE", "_PERIODIC"])
def test_what_is_checked_is_never_left_out(keyword: str, tmp_path: Path) -> None:
    text = f"SPECIFICATION S {keyword} P"
    jar = jar_that_knows(tmp_path / "old.jar", "INVARIANT")
    with pytest.raises(SpecError, match=rf"M\.cfg: this .* not know {keyword}:") as caught:
        understand("M.cfg", text, read_cfg(text), jar, TlcOptions())
    assert "--tla2tools" in caught.value.next_step


def test_what_is_left_out_is_told_and_the_rest_is_in_its_place(tmp_path: Path) -> None:
    text = "INIT I \\* ALIAS\nALIAS A (* NEXT\n *) \\* a\nNEXT N\n"
    text += 'CHECK_DEADLOCK FALSE\nVIEW "ALIAS v"\n'
    given = tmp_path / "M.cfg"
    given.write_text(text)
    jar = jar_that_knows(tmp_path / "old.jar", "INVARIANT")
    found = understand("M.cfg", text, read_cfg(text), jar, TlcOptions())
    assert len(found.remarks) == 2
    assert not found.options.check_deadlock
    (tmp_path / "run").mkdir()
    staged = write_cfg(found, given, tmp_path / "run")
    assert staged == tmp_path / "run" / "M.cfg"
    lines = staged.read_text().splitlines()
    assert [line.rstrip() for line in lines] == [
        *("INIT I \\* ALIAS", "", "", "NEXT N", "", 'VIEW "ALIAS v"'),
    ]
    assert given.read_text() == text


def test_a_section_may_come_twice() -> None:
    text = "INVARIANT A\nINIT I INVARIANTS B C\nNEXT N"
    assert leave_out(text, {"INVARIANT", "INVARIANTS"}).split() == ["INIT", "I", "NEXT", "N"]


def test_without_a_behaviour_the_assumptions_are_checked() -> None:
    root = "---- MODULE M ----\nEXTENDS N\nASSUME A == 1 = 1\n\\* ASSUME x\nASSUMPTION 2 = 2\n===="
    modules = {"M": root, "N": "---- MODULE N ----\nASSUME 3\n===="}
    cfg = only_assumptions(Cfg(), modules)
    assert (cfg.assumptions, cfg.checked) == (3, ("assumptions",))
    assert only_assumptions(Cfg(behaviour=("Spec",)), modules).assumptions == 0
    assert only_assumptions(Cfg(invariants=("I",)), modules).assumptions == 0
    assert only_assumptions(Cfg(), {"M": "Two == 2"}).checked == ()


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        ("F(0) = 1 F(1) = 2", {"F(0)": "1", "F(1)": "2"}),
        ("A = 1 G(1, b) = {x, y} B = 2", {"A": "1", "G(1,b)": "{ x , y }", "B": "2"}),
        ('H("a b") = "(" C = c', {'H("a b")': '"("', "C": "c"}),
        ("A = {(1)} B = 2", {"A": "{ ( 1 ) }", "B": "2"}),
    ],
)
def test_values_of_operators(text: str, constants: dict[str, str]) -> None:
    assert dict(read_cfg(f"CONSTANTS {text}").constants) == constants


def test_which_values_need_a_declaration() -> None:
    cfg = read_cfg("CONSTANTS F(0) = 1 r1 = r1 Nat = {0} E(1) = 2 Typo = 3")
    module = "CONSTANT F(_)\nNat == {1}"
    assert undeclared_constants(cfg, [module]) == ("E(1)", "Typo")


def message(code: int, *lines: str, severity: int = 0) -> list[str]:
    return [f"@!@!@STARTMSG {code}:{severity} @!@!@", *lines, f"@!@!@ENDMSG {code} @!@!@"]


FINISHED = message(2186, "Finished in 403ms at (2026-11-30 17:36:07)")
BOOM = [
    "The first argument of Assert evaluated to FALSE; the second argument was:",
    '"boom"',
]


@pytest.mark.parametrize(
    ("said", "code", "kind", "verdict"),
    [
        (
            message(
                2404,
                "Postcondition P at line 8, col 6 to line 8, col 34 of module Posts is false.",
                severity=1,
            ),
            10,
            ViolationKind.POSTCONDITION,
            "VIOLATED(P)",
        ),
        (
            message(2111, "Evaluating invariant Inv failed.", *message(2132, *BOOM), severity=1),
            76,
            ViolationKind.ASSERTION,
            "VIOLATED(Inv)",
        ),
        (
            message(
                2405,
                "Evaluating postcondition P at line 8, col 6 to line 8, col 34 of module M failed.",
                *message(2132, *BOOM),
                severity=1,
            ),
            10,
            ViolationKind.ASSERTION,
            "VIOLATED(P)",
        ),
        (
            message(
                2105,
                "Evaluating assumption line 4, col 8 to line 4, col 28 of module M failed.",
                *message(2132, *BOOM),
                severity=1,
            ),
            10,
            ViolationKind.ASSERTION,
            "VIOLATED(Assertion)",
        ),
    ],
)
def test_how_the_newest_tlc_reports(
    said: list[str], code: int, kind: ViolationKind, verdict: str
) -> None:
    report = read_report([*said, *FINISHED])
    assert report.violation is not None
    assert report.violation.kind is kind
    assert report.violation.asserted == ("boom" if kind is ViolationKind.ASSERTION else "")
    found = judge(report, returncode=code, ended=Ended.EXITED, criteria=Criteria())
    assert str(found) == verdict


def test_a_postcondition_that_fails_to_evaluate_is_an_error() -> None:
    said = message(2405, "Evaluating postcondition P at … failed.", "In applying f", severity=1)
    report = read_report([*said, *FINISHED])
    verdict = judge(report, returncode=10, ended=Ended.EXITED, criteria=Criteria())
    assert str(verdict) == "ERROR(evaluation)"


def test_a_false_periodic_is_told_by_the_exit_code_alone() -> None:
    """Measured on 2026.04.29: exit code 10, no message, states left on the queue."""
    report = read_report(
        [
            *message(2199, "9 states generated, 9 distinct states found, 3 states left on queue."),
            *FINISHED,
        ]
    )
    asked = Criteria(cfg=read_cfg("INIT I NEXT N _PERIODIC P"))
    verdict = judge(report, returncode=10, ended=Ended.EXITED, criteria=asked)
    assert str(verdict) == "VIOLATED(P)"
    without = judge(report, returncode=10, ended=Ended.EXITED, criteria=Criteria())
    assert str(without) == "ERROR(tlc)"


def test_what_is_judged_at_the_end_is_of_no_search_in_parts() -> None:
    cfg = read_cfg("INIT I NEXT N POSTCONDITION P _POSSIBLE Q")
    with pytest.raises(UsageError, match=r"no postconditions \(P, Q\)"):
        require_distributable(cfg)
