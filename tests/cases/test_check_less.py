"""Greens for which less was checked than the words said, or than was meant."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.test_check_greens import Ran
from slubtla.barriers.verify import verify
from slubtla.errors import UsageError
from slubtla.tlc.run.unfinished import Manifest
from slubtla.tlc.tools import Toolchain

COUNTER = r"""---- MODULE M ----
EXTENDS Naturals, FiniteSets, TLC
VARIABLES n, m
vars == <<n, m>>
Init == n = 0 /\ m = 0
Next == n < 5 /\ n' = n + 1 /\ m' = m
Spec == Init /\ [][Next]_vars
Fair == Spec /\ WF_vars(Next)
Bad == n = 3
Worse == n = 4
Always == TRUE
Never == FALSE
Safe == n < 3
"""

SYMMETRIC = r"""---- MODULE M ----
EXTENDS Naturals, FiniteSets, TLC
CONSTANT S
VARIABLE t
Sym == Permutations(S)
Init == t = {}
Next == \E p \in S : t' = t \cup {p}
Spec == Init /\ [][Next]_t
"""
MEMBERS = "SPECIFICATION Spec\nINVARIANT Inv\nSYMMETRY Sym\nCONSTANT S = {a, b, c}\n"

JAR = r"""---- MODULE Library ----
EXTENDS Naturals, TLC
Pick(T) == CHOOSE x \in T : TRUE
Random(T) == RandomElement(T)
Stop(now) == TLCSet("exit", now)
====
"""

Check = Callable[..., Ran]


@pytest.fixture
def check(engine_at_hand: Toolchain, tmp_path: Path) -> Check:
    """Check a module that begins with one of the texts above, beside others."""
    assert engine_at_hand

    def run(begin: str, end: str, cfg: str, *options: str | Path, **others: str) -> Ran:
        for name, text in {"M": f"{begin}{end}\n====\n", **others}.items():
            (tmp_path / f"{name}.tla").write_text(text, encoding="utf-8")
        (tmp_path / "M.cfg").write_text(cfg, encoding="utf-8")
        return Ran(tmp_path / "M.tla", "--no-deadlock", *options)

    return run


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / "library.jar"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Library.tla", JAR)
    return path


# Assumptions.

N = "---- MODULE N ----\nASSUME 1 = 2\n====\n"
ASSUMED = [
    ("---- MODULE M ----\nAXIOM 1 = 2", "VACUOUS(Init)", ""),
    ("---- MODULE M ----\nTHEOREM T == ASSUME NEW x PROVE 1 = 2", "VACUOUS(Init)", ""),
    ("---- MODULE M ----\nA == INSTANCE N", "VACUOUS(Init)", ""),
    (
        "---- MODULE M ----\nASSUME 1 = 1\n---- MODULE I ----\nASSUME 1 = 2\n====",
        "INCONCLUSIVE(warning)",
        "not the ASSUME of M.tla:4",
    ),
    (
        "---- MODULE M ----\nASSUME 1 = 1\nA == INSTANCE N",
        "INCONCLUSIVE(warning)",
        "not the ASSUME of N.tla:2",
    ),
    (
        "---- MODULE M ----\nASSUME 1 = 1\nAXIOM 1 = 2",
        "INCONCLUSIVE(warning)",
        "not the AXIOM of M.tla:3",
    ),
    ("---- MODULE M ----\nASSUMPTION 1 = 1", "PROVEN", "the assumption (1) hold"),
    ("---- MODULE M ----\nEXTENDS N", "VIOLATED(Assumption)", ""),
]


@pytest.mark.parametrize(("text", "verdict", "words"), ASSUMED)
def test_what_tlc_does_not_evaluate_is_not_proven(
    check: Check, text: str, verdict: str, words: str
) -> None:
    ran = check(text, "", "", N=N)
    assert ran.verdict == verdict
    assert words in ran.words


# Replacements.

REPLACED = [
    ("Inv == ~Bad", "Bad <- Never", "Bad by Never"),
    ("Inv == Bad <=> FALSE", "Bad <- Never", "Bad by Never"),
    ("Inv == Bad => n = 4", "Bad <- Worse", "Bad by Worse"),
    ("Inv == IF Bad THEN FALSE ELSE TRUE", "Bad <- Never", "Bad by Never"),
    ("Inv == CASE Bad -> FALSE [] OTHER -> TRUE", "Bad <- Never", "Bad by Never"),
    ("N == INSTANCE N\nInv == N!Good", "Good <- [N]Always", "Good by Always"),
    ("O == INSTANCE O WITH Good <- 1\nGood == n < 3\nInv == Good", "Good <- Always", "Good by Alw"),
]


@pytest.mark.parametrize(("end", "line", "words"), REPLACED)
def test_what_is_replaced_below_the_surface(check: Check, end: str, line: str, words: str) -> None:
    own = "---- MODULE N ----\nEXTENDS Naturals\nVARIABLES n, m\nGood == n < 3\n====\n"
    other = "---- MODULE O ----\nCONSTANT Good\nTwice == <<Good, Good>>\n====\n"
    cfg = f"SPECIFICATION Spec\nINVARIANT Inv\nCONSTANT {line}\n"
    ran = check(COUNTER, end, cfg, N=own, O=other)
    assert ran.verdict == "INCONCLUSIVE(warning)"
    assert f"Inv is not what it says: the cfg replaces its {words}" in ran.words


# The search itself.

SEARCHES = [
    (
        r'Step == TLCGet("level") < 3 /\ Next',
        "INCONCLUSIVE(warning)",
        "Step asks TLCGet (M.tla:14)",
    ),
    (
        "ASSUME TLCSet(1, 0)\nStep == TLCGet(1) < 2 /\\ TLCSet(1, TLCGet(1) + 1) /\\ Next",
        "INCONCLUSIVE(warning)",
        "which steps there are depends on the order",
    ),
    (
        "N == INSTANCE N\nStep == n < 5 /\\ n' = RandomElement({0, n + 1}) /\\ m' = m",
        "BOUNDED(random)",
        "RandomElement chooses at random (M.tla:15)",
    ),
    (
        "ASSUME TLCSet(1, 0)\nStep == Next /\\ TLCSet(1, TLCGet(1) + 1) /\\ PrintT(TLCGet(1))",
        "PROVEN",
        "",
    ),
]


@pytest.mark.parametrize(("end", "verdict", "words"), SEARCHES)
def test_steps_that_depend_on_the_search(check: Check, end: str, verdict: str, words: str) -> None:
    own = "---- MODULE N ----\nLOCAL RandomElement(S) == S\n====\n"
    cfg = "INIT Init\nNEXT Step\nINVARIANT Few\n"
    ran = check(COUNTER, f"{end}\nFew == n < 9", cfg, N=own)
    assert ran.verdict == verdict
    assert words in ran.words


# Liveness.

FAIRNESS = [
    (r"Sp == Fair /\ []<>(n = 99)", "INCONCLUSIVE(warning)", "the conjunct `[] <> ( n = 99 )`"),
    (
        "Jump == n' = n + 7 /\\ m' = m\nSp == Spec /\\ WF_vars(Jump)",
        "INCONCLUSIVE(warning)",
        "Sp asks for fairness of Jump, which is no part of its next-state relation",
    ),
    (r"Sp == Fair /\ SF_vars(Next /\ n = 1)", "VIOLATED(Late)", ""),
    (r"Sp == Fair /\ \A i \in {1} : WF_vars(Next /\ n = i)", "VIOLATED(Late)", ""),
]


@pytest.mark.parametrize(("end", "verdict", "words"), FAIRNESS)
def test_fairness_that_nothing_may_satisfy(
    check: Check, end: str, verdict: str, words: str
) -> None:
    ran = check(COUNTER, f"{end}\nLate == <>(n = 77)", "SPECIFICATION Sp\nPROPERTY Late\n")
    assert ran.verdict == verdict
    assert words in ran.words


@pytest.mark.parametrize("end", ["Late == <>(n = 5)", "Final == n = 5\nLate == <>Final"])
def test_fairness_as_it_should_be(check: Check, end: str) -> None:
    text = "Sp == Spec /\\ WF_vars(Next) /\\ \\A i \\in 1..2 : SF_vars(Next /\\ n = i)\n"
    ran = check(COUNTER, text + end, "SPECIFICATION Sp\nPROPERTY Late\n")
    assert (ran.verdict, ran.words.count("fair")) == ("PROVEN", 0)


def test_the_arms_of_a_case_are_not_temporal(check: Check) -> None:
    text = (
        "I == n = CASE m = 0 -> 0 [] m = 1 -> 1 [] OTHER -> 2\nSp == m = 0 /\\ I /\\ [][Next]_vars"
    )
    end = f"{text} /\\ WF_vars(Next)\nLate == <>(n = 5)"
    assert check(COUNTER, end, "SPECIFICATION Sp\nPROPERTY Late\n").verdict == "PROVEN"


def test_a_constant_with_two_values_is_refused(check: Check) -> None:
    cfg = "SPECIFICATION Spec\nINVARIANT Inv\nCONSTANT K = 3\nCONSTANT K = 9\n"
    ran = check(COUNTER, "CONSTANT K\nInv == n < K", cfg)
    assert (ran.verdict, ran.code) == ("refused", 2)
    assert "the cfg gives K two values" in ran.complaint


def test_a_property_of_the_first_state_alone(check: Check) -> None:
    ran = check(COUNTER, "", "SPECIFICATION Spec\nPROPERTY Safe\n")
    assert ran.verdict == "PROVEN"  # as TLA+ means it
    assert "PROPERTY Safe speaks of the first state alone" in ran.words
    ran = check(COUNTER, "Stays == [][n' > n]_vars", "SPECIFICATION Spec\nPROPERTY Stays\n")
    assert (ran.verdict, "first state" in ran.words) == ("PROVEN", False)


# Symmetry.

TOLD_APART = [
    (r"One == CHOOSE p \in S : TRUE \/ p < 3", "Inv == t # {One}", "CHOOSE (M.tla:9)"),
    (r"One == CHOOSE p \in S \cup 1..2 : p \in S", "Inv == t # {One}", "CHOOSE (M.tla:9)"),
    (
        r'One(p) == ToString(p) = "b"',
        r"Inv == \A p \in t : p \in S \/ One(p)",
        "ToString (M.tla:9)",
    ),
]


@pytest.mark.parametrize(("one", "inv", "words"), TOLD_APART)
def test_members_of_a_symmetric_set_that_are_told_apart(
    check: Check, one: str, inv: str, words: str
) -> None:
    ran = check(SYMMETRIC, f"{one}\n{inv}", MEMBERS)
    assert ran.verdict != "PROVEN"
    assert f"SYMMETRY Sym may be none: {words}" in ran.words


# Modules in jars.


def test_what_is_used_of_a_module_in_a_jar_counts(check: Check, jar: Path) -> None:
    begin = SYMMETRIC.replace("TLC", "TLC, Library")
    ran = check(begin, "Inv == t # {Pick(S \\ {Pick(S)})}", MEMBERS, "--classpath", jar)
    assert ran.verdict == "INCONCLUSIVE(warning)"
    assert "CHOOSE (Library.tla:3)" in ran.words
    ran = check(begin, "Inv == t \\subseteq S", MEMBERS, "--classpath", jar)
    assert ran.verdict == "PROVEN"  # the others are not called


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("n' = Random({0, n + 1})", "RandomElement chooses at random (Library.tla:4)"),
        ("n' = n + 1 /\\ Stop(n = 4)", "may end the search early (Library.tla:5)"),
    ],
)
def test_a_bound_in_a_jar(check: Check, jar: Path, step: str, words: str) -> None:
    begin = COUNTER.replace("TLC", "TLC, Library").replace("n' = n + 1", step)
    cfg = "SPECIFICATION Spec\nINVARIANT Few\n"
    ran = check(begin, "Few == n < 9", cfg, "--classpath", jar)
    assert ran.verdict.startswith("BOUNDED")
    assert words in ran.words


# What is not examined is told, and what is empty is found.


def test_a_set_that_the_cfg_empties_says_nothing(check: Check) -> None:
    text = "CONSTANT Procs\nInv == \\A p \\in Procs : n = p"
    cfg = "SPECIFICATION Spec\nINVARIANT Inv\nCONSTANT Procs = "
    ran = check(COUNTER, text, cfg + "{}")
    assert (ran.verdict, ran.code) == ("VACUOUS(Inv)", 1)
    assert "`p \\in Procs` (M.tla:15) never holds" in ran.words
    assert check(COUNTER, text, cfg + "{7}").verdict == "VIOLATED(Inv)"
    several = "Low == 0\nInv == \\A p, q \\in Low..9, r \\in {1} : n < p + q + 9"
    assert check(COUNTER, several, cfg.split("CONSTANT", maxsplit=1)[0]).verdict == "PROVEN"


UNEXAMINED = [
    ("X == INSTANCE MTold", "the specification has a module MTold itself"),
    ('ASSUME PrintT(<<"slubtla: reached", "1">>)', 'for them, "slubtla: reached" (M.tla:14)'),
]


@pytest.mark.parametrize(("end", "words"), UNEXAMINED)
def test_what_is_not_examined_is_told(check: Check, end: str, words: str) -> None:
    own = "---- MODULE MTold ----\nOne == 1\n====\n"
    cfg = "SPECIFICATION Spec\nINVARIANT Inv\n"
    ran = check(COUNTER, f"{end}\nInv == n = 99 => FALSE", cfg, MTold=own)
    assert ran.result["antecedents"] == []
    assert "were not examined" in ran.words
    assert words in ran.words


def test_antecedents_above_the_limit_are_told(check: Check) -> None:
    many = "\n".join(f"I{i} == n = {i % 5} => n < 9" for i in range(200))
    names = " ".join(f"I{i}" for i in range(200))
    cfg = f"SPECIFICATION Spec\nINVARIANTS {names} Inv\n"
    ran = check(COUNTER, f"{many}\nInv == n = 99 => FALSE", cfg)
    assert "of 201 antecedents only the first 200 were examined" in ran.words


def test_a_second_algorithm_is_told(check: Check) -> None:
    text = """---- MODULE M ----
EXTENDS TLC
(* --algorithm first { variable k = 0; { A: k := 1; } } *)
(* --algorithm second { variable k = 0; { A: assert FALSE; } } *)
"""
    ran = check(text, "", "SPECIFICATION Spec\n", "--deadlock")
    assert "of the 2 algorithms in the file only the first is checked" in ran.words


# The model of slubtla, and a run that is resumed.


def test_a_guard_that_no_longer_matters_cannot_be_taken_away(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="irq_drains_buffer changes nothing in this model"):
        verify(kernel="v5.15", without="irq_drains_buffer", out_dir=tmp_path / "run")


def test_a_jar_that_changed_is_no_part_of_the_same_search(
    check: Check, jar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Manifest] = []
    write = Manifest.write

    def note(self: Manifest, work: Path) -> None:
        begun.append(self)
        write(self, work)

    monkeypatch.setattr(Manifest, "write", note)
    run = tmp_path / "run"
    arguments = ("--checkpoint", "1", "--classpath", jar, "--out-dir", run)
    begin = COUNTER.replace("TLC", "TLC, Library")
    assert check(begin, "", "SPECIFICATION Spec\nINVARIANT Safe\n", *arguments).code == 1
    begun[0].require_unchanged(run, begun[0].jar_sha256)
    jar.write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"library\.jar is not what it was"):
        begun[0].require_unchanged(run, begun[0].jar_sha256)
