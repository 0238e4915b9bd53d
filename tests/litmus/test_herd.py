"""herd7 beside our models: its output, its command line, and what the two verdicts say together.

herd7 itself is not at hand in most places, so a stand-in for it is put on PATH: a program that
prints text in herd7's format. It is no memory model. Where the real one is installed, the last test
runs it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from litmus import lkmm
from slubtla.barriers.litmus import Litmus, Observation, parse_litmus, read_litmus, shipped_files
from slubtla.barriers.litmus.comparison import Agreement, Compared, Comparison, compare
from slubtla.barriers.litmus.errors import HerdError
from slubtla.barriers.litmus.export import export, write_exported
from slubtla.barriers.litmus.herd import Herd, HerdOutcome, find_herd, read_herd, run_herd
from slubtla.barriers.litmus.outcome import judge_states
from slubtla.barriers.litmus.running import FinalState
from slubtla.barriers.litmus.suite import Conformance
from slubtla.barriers.litmus.syntax import Quantifier, Variable
from slubtla.barriers.litmus.views import comparison_view
from slubtla.barriers.model import make_model
from slubtla.cli.exits import print_view, stdout
from slubtla.errors import ExitCode, ToolchainError, UsageError
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

FILES = {file.stem: file for file in shipped_files()}
SB, SB_MBS, LB = (read_litmus(FILES[name]) for name in ("SB", "SB+mbs", "LB"))
COMMAND = "import sys; from slubtla.cli import main; sys.argv[0] = 'slubtla'; main()"

# What herd7 prints, by the format that the kernel's tools/memory-model/README shows.
SB_TEXT = """\
Test SB Allowed
States 4
0:r0=0; 1:r0=0;
0:r0=0; 1:r0=1;
0:r0=1; 1:r0=0;
0:r0=1; 1:r0=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r0=0 /\\ 1:r0=0)
Observation SB Sometimes 1 3
Time SB 0.01
Hash=c0a4e4a1e1ff9d4ff5a3b6e9e8a3f8d1

"""


def herd_text(litmus: Litmus, states: Iterable[FinalState] | None = None) -> str:
    """Write what herd7 would print: of the states that the axioms in lkmm.py allow, or of these."""
    states = lkmm.final_states(litmus) if states is None else states
    outcome = judge_states(litmus, "lkmm", states)
    counts = (outcome.positive, outcome.negative)
    inverted = litmus.condition.quantifier is Quantifier.NOT_EXISTS
    first, second = counts[::-1] if inverted else counts
    return "\n".join(
        [
            f"Test {litmus.name} Allowed",
            f"States {len(outcome.states)}",
            *("".join(f"{place}={value}; " for place, value in state) for state in outcome.states),
            "Ok" if outcome.ok else "No",
            "Witnesses",
            f"Positive: {first} Negative: {second}",
            f"Condition {litmus.condition}",
            f"Observation {litmus.name} {outcome.verdict} {counts[0]} {counts[1]}",
            f"Time {litmus.name} 0.00\n\n",
        ]
    )


# --- The reader.


def test_a_verdict_is_read() -> None:
    found = read_herd(SB_TEXT, SB)
    assert (found.name, found.verdict) == ("SB", Observation.SOMETIMES)
    assert (found.positive, found.negative) == (1, 3)
    assert [[value for _, value in state] for state in found.states] == [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
    ]


def test_a_never_is_read_from_executions_that_are_more_than_the_states() -> None:
    text = SB_TEXT.replace("States 4\n0:r0=0; 1:r0=0;", "States 3").replace("Ok", "No")
    text = text.replace("Positive: 1 Negative: 3", "Positive: 0 Negative: 7")
    found = read_herd(text.replace("Sometimes 1 3", "Never 0 7"), SB)
    assert (found.verdict, found.positive, found.negative) == (Observation.NEVER, 0, 7)


@pytest.mark.parametrize("shown", ["x=2;", "[x]=2;", "[x]=0x2;", " y=0; [x]=2;"])
def test_a_location_is_read_in_every_spelling(shown: str) -> None:
    test = parse_litmus("C a\n{}\nP0(int *x) { WRITE_ONCE(*x, 2); }\nforall (x=2)")
    text = f"""Test a Required
States 1
{shown}
Ok
Witnesses
Positive: 1 Negative: 0
Condition forall (x=2)
Observation a Always 1 0
"""
    assert read_herd(text, test).states == (((Variable(-1, "x"), 2),),)


def test_witnesses_of_a_not_exists_are_the_other_way_round() -> None:
    test = parse_litmus("C a\n{}\nP0(int *x) { WRITE_ONCE(*x, 2); }\n~exists (x=2)")
    text = herd_text(test)
    assert "Positive: 0 Negative: 1\n" in text
    assert "Observation a Always 1 0\n" in text
    assert read_herd(text, test).verdict is Observation.ALWAYS
    with pytest.raises(HerdError, match="differs from the lines before"):
        read_herd(text.replace("Positive: 0 Negative: 1", "Positive: 1 Negative: 0"), test)


@pytest.mark.parametrize("name", ["MP+filter", "CoWW", "SB3+rcu+sync+sync", "RMW+increments"])
def test_every_kind_of_test_is_read(name: str) -> None:
    test = read_litmus(FILES[name])
    assert read_herd(herd_text(test), test).verdict is test.lkmm


UNREADABLE = {
    "nothing": ("", ".", "ends too early"),
    "another test": ("Test SB ", "Test SB+mbs ", "the test is SB"),
    "too few states": ("States 4", "States 5", "expected a final state"),
    "too many states": ("States 4", "States 3", "expected Ok or No"),
    "no state": ("0:r0=0; 1:r0=1;", "0:r0=0; 1:r0=&x;", "expected a final state"),
    "half a bracket": ("0:r0=0; 1:r0=1;", "0:r0=0; 1:r0=1; [x=1;", "expected a final state"),
    "a missing register": ("0:r0=1; 1:r0=1;", "0:r0=1;", "lacks 1:r0"),
    "undefined": ("Ok\n", "Undef\n", "herd7 itself is not certain"),
    "cut short": ("Ok\n", "Loop Ok\n", "herd7 itself is not certain"),
    "no to what is so": ("Ok\n", "No\n", "differs from the Ok or No"),
    "no witnesses": ("Witnesses\n", "", "expected Witnesses"),
    "no numbers": ("Positive: 1 Negative: 3", "Positive: 1", "expected Positive"),
    "a data race": ("Condition", "Flag data-race\nCondition", "flags the test"),
    "no condition": ("Condition exists", "exists", "expected Condition"),
    "no observation": ("Observation", "Remark", "expected Observation"),
    "another observation": ("Observation SB", "Observation LB", "differs from the lines before"),
    "other numbers": ("Sometimes 1 3", "Sometimes 2 2", "differs from the lines before"),
    "a verdict against the states": ("Sometimes 1 3", "Never 1 3", "the states say otherwise"),
    "half": ("Condition", "", "expected Condition"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_verdict_is_an_error_with_the_line(what: str) -> None:
    right, wrong, reason = UNREADABLE[what]
    text = SB_TEXT.replace(right, wrong, 1) if right else ""
    with pytest.raises(HerdError, match=reason) as caught:
        read_herd(text, SB)
    assert caught.value.exit_code is ExitCode.CANNOT_RUN
    assert caught.value.next_step


@pytest.mark.parametrize("lines", range(11))
def test_output_that_ends_too_early_is_no_verdict(lines: int) -> None:
    with pytest.raises(HerdError):
        read_herd("\n".join(SB_TEXT.splitlines()[:lines]), SB)
    assert read_herd("\n".join(SB_TEXT.splitlines()[:11]), SB).verdict is Observation.SOMETIMES


def test_numbers_that_are_not_those_of_the_verdict_are_an_error() -> None:
    text = SB_TEXT.replace("Positive: 1 Negative: 3", "Positive: 0 Negative: 3")
    with pytest.raises(HerdError, match="numbers say otherwise"):
        read_herd(text.replace("Sometimes 1 3", "Sometimes 0 3"), SB)


# --- What the two say together.

TOOL = Herd(Path("/bin/herd7"), "7.57")


def comparison(
    litmus: Litmus, memory: str, ours: set[FinalState], herd: set[FinalState]
) -> Comparison:
    outcome = judge_states(litmus, memory, ours)
    conformance = Conformance((litmus,), (memory,), ((outcome,),), {memory: 1}, {memory: 0.1})
    return Comparison(conformance, TOOL, (read_herd(herd_text(litmus, herd), litmus),))


def without_weak(litmus: Litmus) -> set[FinalState]:
    """The states that the axioms allow, less those that the condition asks for."""
    states = lkmm.final_states(litmus)
    return {s for s in states if not judge_states(litmus, "", [s]).positive}


def told(view: Comparison, capsys: pytest.CaptureFixture[str]) -> str:
    print_view(comparison_view(view), stdout())
    return capsys.readouterr().out


def test_the_same_verdict_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    both = lkmm.final_states(SB)
    result = comparison(SB, "relaxed", both, both)
    assert result.rows[0][0].agreement is Agreement.AGREE
    assert (result.agree, result.exit_code) == (True, ExitCode.AS_EXPECTED)
    shown = told(result, capsys)
    assert re.search(r"^ *SB +Sometimes +Sometimes +agree *$", shown, re.MULTILINE)
    assert shown.endswith("1 test; herd7 7.57; linux-kernel.cfg\nherd7 agrees.\n")


def test_one_state_that_herd7_forbids_is_weaker_and_exit_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    states = lkmm.final_states(SB)
    for forbidden in states:  # any of them, not only the one that the condition asks for
        result = comparison(SB, "tso", states, states - {forbidden})
        assert result.rows[0][0].agreement is Agreement.WEAKER
        assert result.exit_code is ExitCode.NOT_AS_EXPECTED
    shown = told(result, capsys)
    assert "(!)" in shown
    assert "SB on tso: Sometimes: it allows what herd7" in shown
    assert "agrees" not in shown


def test_a_stronger_model_is_fine_only_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert LB.because
    explained = comparison(LB, "relaxed", without_weak(LB), lkmm.final_states(LB))
    assert explained.rows[0][0].agreement is Agreement.STRONGER
    assert explained.agree
    assert re.search(
        r"^ *LB +Never \* +Sometimes +stronger *$", told(explained, capsys), re.MULTILINE
    )
    text = FILES["LB"].read_text(encoding="utf-8").replace("stronger because", "so, because")
    bare = parse_litmus(text)
    unexplained = comparison(bare, "relaxed", without_weak(bare), lkmm.final_states(bare))
    assert unexplained.rows[0][0].agreement is Agreement.UNEXPLAINED
    assert unexplained.exit_code is ExitCode.NOT_AS_EXPECTED
    assert "no comment says why" in told(unexplained, capsys)
    tso = comparison(bare, "tso", without_weak(bare), lkmm.final_states(bare))
    assert tso.rows[0][0].agreement is Agreement.STRONGER
    assert "total store order" in tso.rows[0][0].because


def test_a_result_comment_that_herd7_denies_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    text = FILES["SB"].read_text(encoding="utf-8").replace("Result: Sometimes", "Result: Never")
    wrong = parse_litmus(text)
    both = lkmm.final_states(wrong)
    result = comparison(wrong, "relaxed", both, both)
    assert result.rows[0][0].agreement is Agreement.AGREE
    assert result.exit_code is ExitCode.NOT_AS_EXPECTED
    assert "SB says Result: Never, herd7 Sometimes" in told(result, capsys)


def test_what_the_comments_expect_of_our_models_still_counts() -> None:
    text = FILES["SB"].read_text(encoding="utf-8").replace("tso=Sometimes", "tso=Never")
    test = parse_litmus(text)
    both = lkmm.final_states(test)
    result = comparison(test, "tso", both, both)
    assert result.agree
    assert result.exit_code is ExitCode.NOT_AS_EXPECTED


def test_warnings_are_shown_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = read_herd(SB_TEXT, SB, ("Warning: old syntax",))
    ours = judge_states(SB, "sc", lkmm.final_states(SB))
    conformance = Conformance((SB,), ("sc",), ((ours,),), {"sc": 1}, {"sc": 0.1})
    assert Compared(ours, outcome).fine
    assert outcome.to_json()["warnings"] == ["Warning: old syntax"]
    assert "herd7 on SB: Warning: old syntax" in told(
        Comparison(conformance, TOOL, (outcome,)), capsys
    )


# --- Finding and running it. A stand-in, which prints what it is told to, takes its place.

STAND_IN = """#!{python}
import json, pathlib, sys, time
here = pathlib.Path(__file__).parent
if sys.argv[1:] == ["-version"]:
    print("7.57, a stand-in for herd7")
    sys.exit(0)
with (here / "argv").open("a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
stem = pathlib.Path(sys.argv[-1]).stem
{before}
sys.stdout.write((here / f"{{stem}}.out").read_text())
{after}
"""


def stand_in(folder: Path, tests: Iterable[Litmus], *, before: str = "", after: str = "") -> Path:
    """Write a program named herd7 that prints herd7's format: what the axioms of lkmm.py allow.

    Returns:
        The folder to put on PATH.
    """
    folder.mkdir(exist_ok=True)
    program = folder / "herd7"
    program.write_text(
        STAND_IN.format(python=sys.executable, before=before, after=after), encoding="utf-8"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for test in tests:
        (folder / f"{test.name}.out").write_text(herd_text(test), encoding="utf-8")
    return folder


def asked(folder: Path) -> list[list[str]]:
    """What the stand-in was asked."""
    lines = (folder / "argv").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def on_path(folder: Path) -> dict[str, str]:
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def slubtla(*arguments: str | Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command with a folder first on PATH; without one, with no herd7 at all."""
    environ = on_path(path) if path else os.environ | {"PATH": "/nowhere"}
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "litmus", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
        env=environ | {"PYTHONWARNINGS": "error"},
    )


def test_the_command_line_brings_the_models_directory_along(tmp_path: Path) -> None:
    conf = tmp_path / "linux-kernel.cfg"
    conf.write_text("macros linux-kernel.def\n")
    found = find_herd(str(conf), environ=on_path(stand_in(tmp_path / "bin", [])))
    assert found.version == "7.57, a stand-in for herd7"
    assert found.argv(Path("/t/SB.litmus"))[1:] == [
        *("-I", str(tmp_path)),
        *("-conf", str(conf)),
        "/t/SB.litmus",
    ]


def test_a_name_is_a_file_here_or_left_for_herd7_to_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = on_path(stand_in(tmp_path / "bin", []))
    monkeypatch.chdir(tmp_path)
    elsewhere = find_herd(environ=environ)
    assert elsewhere.argv(Path("/t"))[1:] == ["-conf", "linux-kernel.cfg", "/t"]
    (tmp_path / "linux-kernel.cfg").touch()
    assert find_herd(environ=environ).argv(Path("/t"))[1:3] == ["-I", str(tmp_path)]


def test_a_path_to_no_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        find_herd(str(tmp_path / "linux-kernel.cfg"))


def test_no_herd7_is_named_with_a_next_step() -> None:
    with pytest.raises(ToolchainError, match="herd7 is not on PATH") as caught:
        find_herd(environ={"PATH": "/nowhere"})
    assert caught.value.exit_code is ExitCode.CANNOT_RUN
    assert "opam install herdtools7" in caught.value.next_step


def test_a_program_that_is_no_herd7_is_told_in_its_own_words(tmp_path: Path) -> None:
    program = tmp_path / "herd7"
    program.write_text("#!/bin/sh\necho 'unknown option -version' >&2\nexit 2\n")
    program.chmod(0o755)
    with pytest.raises(HerdError, match=r"ended with 2:\nunknown option -version"):
        find_herd(environ=on_path(tmp_path))


FAILURES = {
    "refuses with 2": (
        "sys.stderr.write('Warning: File x: unknown macro (User error)\\n'); sys.exit(2)",
        r"ended with 2:\nWarning: File x: unknown macro \(User error\)",
    ),
    "refuses with 0": (
        "sys.stderr.write('Warning: Cannot find file linux-kernel.bell\\n'); sys.exit(0)",
        r"ended with 0:\nWarning: Cannot find file linux-kernel\.bell",
    ),
    "says nothing": ("sys.exit(0)", "ended with 0:\nand said nothing"),
    "hangs": ("time.sleep(60)", "did not end in 1 s"),
    "crashes": ("import os; os.abort()", "ended with -6"),
}


@pytest.mark.parametrize("how", FAILURES)
def test_a_herd7_that_fails_is_an_error_in_its_own_words(tmp_path: Path, how: str) -> None:
    before, words = FAILURES[how]
    folder = stand_in(tmp_path, [SB], before=before)
    with pytest.raises(HerdError, match=words) as caught:
        run_herd(find_herd(environ=on_path(folder), timeout=1), [SB])
    assert caught.value.exit_code is ExitCode.CANNOT_RUN
    assert caught.value.next_step


def test_an_answer_that_may_be_incomplete_is_no_verdict(tmp_path: Path) -> None:
    warning = "sys.stderr.write('Warning: legal outcomes may be missing.\\n')"
    folder = stand_in(tmp_path, [SB], after=warning)
    with pytest.raises(HerdError, match="outcomes may be missing"):
        run_herd(find_herd(environ=on_path(folder)), [SB])


def test_a_failure_after_the_answer_is_no_verdict(tmp_path: Path) -> None:
    folder = stand_in(tmp_path, [SB], after="sys.exit(1)")
    with pytest.raises(HerdError, match="ended with 1"):
        run_herd(find_herd(environ=on_path(folder)), [SB])


def test_each_test_has_its_own_outcome(tmp_path: Path) -> None:
    folder = stand_in(tmp_path, [SB, SB_MBS])
    found = run_herd(find_herd(environ=on_path(folder)), [SB, SB_MBS])
    assert [type(one) for one in found] == [HerdOutcome] * 2
    assert [(one.name, one.verdict) for one in found] == [
        ("SB", Observation.SOMETIMES),
        ("SB+mbs", Observation.NEVER),
    ]
    assert [arguments[-1] for arguments in asked(folder)] == [SB.file, SB_MBS.file]


# --- The command.


def exported(**parameters: str) -> list[Litmus]:
    return [parse_litmus(test.text) for test in export(make_model(**parameters))]


@pytest.mark.usefixtures("engine_at_hand")
def test_an_exported_model_is_shown_beside_a_stand_in(tmp_path: Path) -> None:
    folder = stand_in(tmp_path / "bin", exported(strategy="kick_all_cpus_sync", arch="arm64"))
    arguments = ["export", "--strategy", "kick_all_cpus_sync", "--arch", "arm64", "--herd"]
    run = slubtla(*arguments, "--out", tmp_path / "kept", path=folder)
    assert run.returncode == 0, run.stderr
    head, *rows = [line.split() for line in run.stdout.splitlines() if line.strip()]
    assert head == ["test", "relaxed", "herd7"]
    names = [f"slub-kick_all_cpus_sync-arm64-relaxed-{p}" for p in ("before", "between", "after")]
    assert rows[1:4] == [[name, "Never", "Never", "agree"] for name in names]
    assert run.stdout.endswith("herd7 agrees.\n")
    assert [Path(one[-1]) for one in asked(folder)] == [
        tmp_path / "kept" / f"{name}.litmus" for name in names
    ]


@pytest.mark.usefixtures("engine_at_hand")
def test_json_has_both_verdicts(tmp_path: Path) -> None:
    folder = stand_in(tmp_path / "bin", exported(strategy="smp_mb"))
    run = slubtla("export", "--strategy", "smp_mb", "--herd", "--json", path=folder)
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert (result["schema_version"], result["agree"]) == (1, True)
    assert result["herd"]["version"] == "7.57, a stand-in for herd7"
    (herd,) = result["herd"]["outcomes"]
    assert herd["verdict"] == herd["result_comment"] == "Sometimes"
    assert {"0:r_limit": 1, "1:r_look": 0} in herd["states"]
    assert result["comparisons"] == [
        {
            "name": "slub-smp_mb-x86-unlocked",
            "memory": "relaxed",
            "verdict": "Sometimes",
            "herd": "Sometimes",
            "agreement": "agree",
            "because": None,
        }
    ]


@pytest.mark.usefixtures("engine_at_hand")
def test_a_herd7_that_forbids_the_leak_is_exit_1(tmp_path: Path) -> None:
    (test,) = exported(strategy="smp_mb")
    folder = stand_in(tmp_path / "bin", [])
    (folder / f"{test.name}.out").write_text(herd_text(test, without_weak(test)))
    run = slubtla("export", "--strategy", "smp_mb", "--herd", path=folder)
    assert run.returncode == 1, run.stderr
    assert "weaker" in run.stdout
    assert "says Result: Sometimes, herd7 Never" in run.stdout


@pytest.mark.usefixtures("engine_at_hand")
def test_files_are_shown_beside_a_stand_in_on_every_model(tmp_path: Path) -> None:
    folder = stand_in(tmp_path / "bin", [SB, LB])
    run = slubtla(FILES["SB"], FILES["LB"], "--herd", path=folder)
    assert run.returncode == 0, run.stderr
    assert re.search(
        r"^ *LB +Never \* +Never \* +Never \* +Never \* +Sometimes +stronger *$",
        run.stdout,
        re.MULTILINE,
    )
    assert re.search(r"^ *SB +Never \* +(Sometimes +){4}stronger *$", run.stdout, re.MULTILINE)


def test_without_herd7_the_command_is_exit_3() -> None:
    run = slubtla("export", "--strategy", "smp_mb", "--herd")
    assert run.returncode == 3
    assert "herd7 is not on PATH" in run.stderr
    assert "next: install herdtools7" in run.stderr
    assert not run.stdout
    assert slubtla("export", "--strategy", "smp_mb").returncode == 0


def test_a_model_without_herd_is_a_usage_error(tmp_path: Path) -> None:
    for arguments in (["export", "--strategy", "smp_mb"], [str(FILES["SB"])]):
        run = slubtla(*arguments, "--herd-conf", "linux-kernel.cfg", path=tmp_path)
        assert run.returncode == 2
        assert "next: add --herd" in run.stderr


def test_exported_tests_as_json(tmp_path: Path) -> None:
    run = slubtla("export", "--strategy", "smp_mb", "--json", "--out", tmp_path / "t")
    (test,) = json.loads(run.stdout)["tests"]
    assert test["expected"] == "Sometimes"
    assert Path(test["file"]).read_text(encoding="utf-8") == test["text"]


# --- The real one.


def test_the_real_herd7_agrees_with_every_export(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    """Runs where herd7 is on PATH and finds the kernel's model (LKMM_CONF says where it is)."""
    if shutil.which("herd7") is None:
        pytest.skip("herd7 is not on PATH: an optional tool")
    tool = find_herd(os.environ.get("LKMM_CONF", "linux-kernel.cfg"))
    files = [
        path
        for strategy in ("none", "smp_wmb", "smp_mb", "smp_mb_paired", "synchronize_sched")
        for cmpxchg in ("full", "relaxed")
        for path in write_exported(
            make_model(strategy=strategy, arch="arm64", cmpxchg=cmpxchg), tmp_path
        )
    ]
    result = compare(files, ["relaxed"], tool, Settings(toolchain=engine_at_hand))
    assert result.agree, [one.to_json() for one in result.differences]
