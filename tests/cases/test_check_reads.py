"""Verdicts that were lost, and what was refused though valid: a table of small specifications.

The real TLC 2.15 checks each one with the real command.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from faults.tools import run

from slubtla import load_run
from slubtla.tlc.engine import (
    CheckJob,
    Ended,
    EngineRun,
    JvmEngine,
    ProcessEngine,
    RunInterrupted,
)
from slubtla.tlc.output import SetExpression, read_report
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.second_search import INVARIANT, STEPS, next_state_of, overlay
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.text.cfg import read_cfg

if TYPE_CHECKING:
    from slubtla.tlc.tools import Toolchain

CASES = Path(__file__).parent / "check"


class Right(NamedTuple):
    """What is right of a case.

    Attributes:
        code: the exit code.
        verdict: the verdict; ``""`` where nothing is run.
        words: what is said, in part.
        steps: states of the counterexample; None without one.
        never: what must not be said.
    """

    code: int
    verdict: str
    words: tuple[str, ...] = ()
    steps: int | None = None
    never: tuple[str, ...] = ()


TABLE = {
    "SubsetBig": Right(1, "VIOLATED(Deadlock)", ("set = SUBSET 1..20",), 2),
    "AssertFails": Right(
        1,
        "VIOLATED(Assertion)",
        ('"Failure of assertion at line 8, column 3." (AssertFails.tla:8:3)', "n = 1"),
        2,
    ),
    "AssertAct": Right(1, "VIOLATED(Assertion)", ('"boom" (AssertAct.tla:6:31)',), 3),
    "AssertBound": Right(
        1, "VIOLATED(Assertion)", ('"within it" (AssertBound.tla:7:24)',), 6, ("beyond the",)
    ),
    "AssertLocks": Right(1, "VIOLATED(Assertion)", ("(AssertLocks.tla:12:10)",), 14),
    "AssertInv": Right(1, "VIOLATED(Inv)", ('evaluating Inv, an assertion fails: "boom"',), 3),
    "AssertProp": Right(1, "VIOLATED(Prop)", ('"boom" (AssertProp.tla:7:12)',), 4),
    "AssertInit": Right(1, "VIOLATED(Assertion)", ('"boom" (AssertInit.tla:4:18)',)),
    "AssertAssume": Right(1, "VIOLATED(Assertion)", ('"boom" (AssertAssume.tla:3:8)',)),
    "ErrorLine": Right(2, "ERROR(evaluation)", ("Head to the empty sequence",), 3),
    "Posts": Right(
        2, "", ("from 2020 and does not know POSTCONDITIONS", "next: name a newer one", "--tla2")
    ),
    "DeadlockOff": Right(
        0, "PROVEN", ("CHECK_DEADLOCK FALSE is honoured", "from 2020"), None, ("no deadlock",)
    ),
    "Alias": Right(
        1, "VIOLATED(Inv)", ("ALIAS was left out", "CHECK_DEADLOCK TRUE is honoured"), 3
    ),
    "Assumes": Right(0, "PROVEN", ("checked assumptions", "(2) hold"), None, ("no deadlock",)),
    "AssumesNot": Right(1, "VIOLATED(Assumption)", ("AssumesNot.tla line 5, column 4",)),
    "AssumesNothing": Right(1, "VACUOUS(Init)"),
    "AssumesForgotten": Right(2, "ERROR(config)", ("did not specify the initial state",)),
    "Sym1": Right(0, "PROVEN", ("SYMMETRY Sym permutes nothing", "it was left out")),
    "SymTwo": Right(0, "PROVEN", (), None, ("left out",)),
    "CfgNat2": Right(1, "VIOLATED(Inv)", (), 3),
    "CfgKinds": Right(0, "PROVEN"),
    "CfgConstantOp": Right(3, "ERROR(tlc)", ("this TLC fails on F(0)", "F <- Other")),
    "CfgTypo": Right(2, "", ("a value to Int, which no module declares",)),
    "PcDoc": Right(0, "PROVEN", ("2 distinct",)),
    "PcRename": Right(
        0, "PROVEN", ("shown as A.S: label S of process A (PcRename.tla:6)",), None, ("S_",)
    ),
    "PcLocals": Right(
        1, "VIOLATED(Inv)", ("one.n = 1", "add.S", 'pc = <<"T", "T">>'), 5, ("S_", "v_", "n_")
    ),
    "Stranger": Right(0, "PROVEN", ("2 distinct",)),
}


def test_each_case_stands_in_the_table() -> None:
    roots = {path.stem for path in CASES.glob("*.cfg")}
    assert roots >= TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_what_is_right(name: str, tmp_path: Path, engine_at_hand: Toolchain) -> None:
    assert engine_at_hand
    right, place = TABLE[name], tmp_path / "kept"
    before = sorted(path.name for path in CASES.iterdir())
    ran = run("check", CASES / f"{name}.tla", "--no-cache", "--out-dir", place)
    assert (ran.code, ran.said.split()[0]) == (right.code, right.verdict or "slubtla:")
    for words in right.words:
        assert words in ran.said
    for words in right.never:
        assert words not in ran.said.replace(str(place), "")
    assert sorted(path.name for path in CASES.iterdir()) == before
    if not right.verdict:
        assert not place.exists()
        return
    result = load_run(place)
    assert (str(result.verdict), result.trace_length) == (right.verdict, right.steps)
    if right.steps is not None:
        itf = json.loads((place / "trace.itf.json").read_text(encoding="utf-8"))
        assert len(itf["states"]) == right.steps
        assert result.trace is not None
        assert len(result.trace.states) == right.steps
    elif right.verdict.startswith("VIOLATED"):
        trace = run("trace", place)
        assert trace.code == 0
        assert "nothing was violated" not in trace.said
        assert "No steps:" in trace.said


def test_an_assert_is_in_the_json_with_text_and_place(
    tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path / "kept", cache=False)
    result = check_spec(CASES / "AssertFails.tla", settings=settings)
    facts = json.loads(result.to_json())
    assert facts["assertion"] == {
        "text": "Failure of assertion at line 8, column 3.",
        "evaluated": None,
        "file": "AssertFails.tla",
        "line": 8,
        "column": 3,
    }
    lines = (CASES / "AssertFails.tla").read_text().splitlines()
    assert lines[7][2:].startswith("assert")
    assert facts["trace_from"] == STEPS
    assert any("second search" in warning for warning in result.warnings)
    second = read_report((tmp_path / "kept" / STEPS).read_text().splitlines())
    assert second.violation is not None
    assert second.violation.asserted == facts["assertion"]["text"]
    first = read_report((tmp_path / "kept" / "tlc.out").read_text().splitlines())
    assert first.trace is None


def test_a_second_search_that_is_cut_off_leaves_the_verdict(
    tmp_path: Path, engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ProcessEngine.check

    def check(engine: ProcessEngine, job: CheckJob, **options: Any) -> EngineRun:
        second = job.spec.stem == INVARIANT
        return whole(engine, replace(job, timeout=0.01) if second else job, **options)

    monkeypatch.setattr(ProcessEngine, "check", check)
    place = tmp_path / "kept"
    settings = Settings(toolchain=engine_at_hand, out_dir=place, cache=False)
    result = check_spec(CASES / "AssertFails.tla", settings=settings)
    assert (str(result.verdict), result.trace_length) == ("VIOLATED(Assertion)", None)
    assert any("ended without (timeout" in warning for warning in result.warnings)
    assert "2132" in (place / "tlc.out").read_text()
    assert result.assertion is not None


def test_ctrl_c_in_the_second_search_keeps_the_verdict(
    tmp_path: Path, engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ProcessEngine.check

    def check(engine: ProcessEngine, job: CheckJob, **options: Any) -> EngineRun:
        run = whole(engine, job, **options)
        if job.spec.stem == INVARIANT:
            raise RunInterrupted(replace(run, ended=Ended.INTERRUPTED))
        return run

    monkeypatch.setattr(ProcessEngine, "check", check)
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path / "kept", cache=False)
    with pytest.raises(RunInterrupted):
        check_spec(CASES / "AssertFails.tla", settings=settings)
    assert str(load_run(tmp_path / "kept").verdict) == "VIOLATED(Assertion)"


def test_the_warm_jvm_finds_the_steps_too(tmp_path: Path, engine_at_hand: Toolchain) -> None:
    pytest.importorskip("jpype")
    settings = Settings(
        toolchain=engine_at_hand, out_dir=tmp_path / "kept", cache=False, engine="jvm"
    )
    result = check_spec(CASES / "AssertFails.tla", settings=settings)
    assert result.provenance.engine == JvmEngine.__name__
    assert (str(result.verdict), result.trace_length) == ("VIOLATED(Assertion)", 2)


def test_a_kept_result_has_its_steps(tmp_path: Path, engine_at_hand: Toolchain) -> None:
    for name in ("first", "again"):
        settings = Settings(
            toolchain=engine_at_hand, out_dir=tmp_path / name, cache=True, keep_results=True
        )
        result = check_spec(CASES / "AssertFails.tla", settings=settings)
        assert result.trace is not None
        assert len(result.trace.steps) == 2
    assert result.provenance.cached_at is not None


def test_the_user_s_names_are_in_json_itf_and_coverage(
    tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    place = tmp_path / "kept"
    settings = Settings(toolchain=engine_at_hand, out_dir=place, cache=False)
    result = check_spec(CASES / "PcLocals.tla", settings=settings)
    names = [action.name for action in result.actions]
    assert set(names) >= {"add.S", "twice.S", "one.S", "S", "one.T", "T"}
    assert {each.name: each.shown for each in result.renamed}["n_"] == "one.n"
    assert result.trace is not None
    assert {step.action for step in result.trace.steps[1:]} == {"one.S", "S", "add.S", "twice.S"}
    assert set(result.trace.variables) == {"sum", "stack", "one.n", "n", "v", "add.v", "pc"}
    for text in ((place / "trace.itf.json").read_text(), result.trace.steps[2].values.text):
        assert "S_" not in text
        assert "v_" not in text
    for kind in ("md", "csv", "html"):
        assert "S_" not in run("trace", place, "--format", kind).out


def test_strangers_take_no_part(tmp_path: Path, engine_at_hand: Toolchain) -> None:
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path / "kept", cache=False)
    check_spec(CASES / "Stranger.tla", settings=settings)
    staged = {path.name for path in (tmp_path / "kept").glob("*.tla")}
    assert staged == {"Stranger.tla", "Neighbour.tla"}


def test_an_unexpanded_set_is_a_value() -> None:
    text = "@!@!@STARTMSG 2217:4 @!@!@\n1: <Initial predicate>\nset = SUBSET (1..20)\n"
    trace = read_report([*text.splitlines(), "@!@!@ENDMSG 2217 @!@!@"]).trace
    assert trace is not None
    assert trace.steps[0].values["set"] == SetExpression("SUBSET (1..20)")


@pytest.mark.parametrize(
    ("cfg", "module", "found"),
    [
        ("INIT I NEXT Step", "", "Step"),
        ("SPECIFICATION Spec", "Spec == Init /\\ [][Next]_vars", "Next"),
        (
            "SPECIFICATION Fair",
            "Fair == Spec /\\ WF_x(A)\nSpec == I /\\ [][A \\/ B]_<<x>>",
            "A \\/ B",
        ),
        (
            "SPECIFICATION S",
            "S == I /\\ [][\\E i \\in D[1] :\n   A(i)]_x",
            "\\E i \\in D[1] : A(i)",
        ),
        ("SPECIFICATION S", "S == S", None),
        ("SPECIFICATION S", "", None),
        ("INVARIANT I", "", None),
    ],
)
def test_the_next_state_relation_is_found(cfg: str, module: str, found: str | None) -> None:
    assert next_state_of(read_cfg(cfg), {"M": module}) == found


def test_the_overlay_asks_only_what_tlc_asked() -> None:
    text = overlay("M", "A \\/ B", ["Small", "Calm"])
    assert "(Small /\\ Calm) => ~ENABLED ((A \\/ B) /\\ FALSE)" in text
    assert "== ~ENABLED ((Next) /\\ FALSE)" in overlay("M", "Next", [])
