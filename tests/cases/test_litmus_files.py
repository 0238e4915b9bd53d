"""Litmus files as users have them: each is judged, or refused with its line and the reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from slubtla.barriers.litmus import run_litmus, running, suite
from slubtla.barriers.litmus.reader import parse_litmus
from slubtla.barriers.litmus.rendering import make_programs
from slubtla.barriers.litmus.suite import MOST_THREADS, try_litmus
from slubtla.cli.app import app
from slubtla.errors import ExitCode
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

CASES = Path(__file__).parent / "litmus"

JUDGED = {"slot-clash": "Sometimes", "diy-header": "Sometimes"}
"""The verdict of herd7 on the kernel's model, which those of tso and relaxed are here, too."""

NOT_JUDGED = {
    "bigint": (7, 17, 2, "3000000000 does not fit into an int of 32 bits"),
    "percpu": (9, 7, 2, "this_cpu_cmpxchg() is not read: per-CPU variables are not modelled"),
    "plain": (7, 3, 2, "x is accessed without a mark"),
    "dead": (8, 1, 2, "dead never ends: each of its executions waits for ever for a lock"),
    "overflow": (None, None, 3, "Overflow when computing 2000000*2000000"),
}

pytestmark = pytest.mark.usefixtures("engine_at_hand")


def litmus(*words: str | Path) -> tuple[int, str, str]:
    """Run ``slubtla litmus``; return exit code, stdout and stderr."""
    done = CliRunner().invoke(app, ["litmus", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def together(engine_at_hand: Toolchain) -> dict[str, Any]:
    """All files in one call, on two memory models."""
    assert engine_at_hand
    files = sorted(CASES.glob("*.litmus"))
    assert {file.stem for file in files} == JUDGED.keys() | NOT_JUDGED.keys()
    code, said, _ = litmus(*files, "--memory", "tso", "--memory", "relaxed", "--json")
    told: dict[str, Any] = json.loads(said)
    return told | {"exit": code}


@pytest.mark.parametrize("name", JUDGED)
def test_the_others_are_judged_on_each_model(together: dict[str, Any], name: str) -> None:
    found = {
        one["memory"]: one["verdict"]
        for one in together["outcomes"]
        if Path(one["file"]).stem == name
    }
    assert found == {"tso": JUDGED[name], "relaxed": JUDGED[name]}


@pytest.mark.parametrize("name", NOT_JUDGED)
def test_each_file_that_is_not_judged_is_named_with_line_and_reason(
    together: dict[str, Any], name: str
) -> None:
    failures = [one for one in together["failures"] if Path(one["file"]).stem == name]
    line, column, code, reason = NOT_JUDGED[name]
    assert [one["memory"] for one in failures] in ([None], ["tso", "relaxed"])
    for one in failures:
        assert (one["line"], one["column"], one["exit_code"]) == (line, column, code)
        assert reason in one["reason"]
        assert one["next_step"]


def test_exit_code_and_json_say_both(together: dict[str, Any]) -> None:
    assert together["exit"] == 3  # of `overflow`, on which TLC failed
    assert together["as_expected"] is False
    assert len(together["outcomes"]) == 2 * len(JUDGED)
    judged = {Path(one["file"]).stem for one in together["outcomes"]}
    assert judged == JUDGED.keys()


def test_the_screen_says_both() -> None:
    files = [CASES / f"{name}.litmus" for name in ("slot-clash", "dead", "bigint")]
    code, said, _ = litmus(*files, "--memory", "sc")
    said = " ".join(said.split())
    assert code == 2
    assert "Observation slot-clash Sometimes" in said
    assert "2 not judged: " in said
    assert f"{CASES}/dead.litmus:8:1 on sc: dead never ends" in said
    assert f"{CASES}/bigint.litmus:7:17: 3000000000 does not fit" in said


@pytest.mark.parametrize("name", ["bigint", "dead", "plain"])
def test_a_single_file_is_refused_as_ever(name: str) -> None:
    code, said, error = litmus(CASES / f"{name}.litmus", "--memory", "sc")
    assert (code, said.strip()) == (2, "")
    line, column, _, reason = NOT_JUDGED[name]
    assert f"{name}.litmus:{line}:{column}: {reason}" in " ".join(error.split())


def test_a_surprise_is_the_exit_code_whatever_else_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.litmus"
    text = (CASES / "slot-clash.litmus").read_text(encoding="utf-8")
    wrong.write_text(text.replace("{}", "(* Result: Never *)\n{}", 1), encoding="utf-8")
    shutil.copy(CASES / "bigint.litmus", tmp_path)
    code, said, _ = litmus(*sorted(tmp_path.iterdir()), "--memory", "sc", "--json")
    told = json.loads(said)
    assert code == 1
    assert [Path(one["file"]).name for one in told["failures"]] == ["bigint.litmus"]


SLOTS = """C slots
{{}}
P0(int *x, int *y) {{ {declared} {body} }}
P1(int *x) {{ WRITE_ONCE(*x, 1); }}
exists ({asked})
"""


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("a__2 = READ_ONCE(*x); a = READ_ONCE(*y);", r"0:a__2=1 /\ 0:a=0"),
        ("a = READ_ONCE(*y); a = READ_ONCE(*y); a__2 = READ_ONCE(*x);", r"0:a__2=1 /\ 0:a=0"),
        ("a__2 = READ_ONCE(*x); a = READ_ONCE(*y); a = READ_ONCE(*y);", r"0:a__2=1 /\ 0:a=0"),
        ("READ_ONCE(*y); value = READ_ONCE(*x); READ_ONCE(*y);", "0:value=1"),
        ("value = READ_ONCE(*x); READ_ONCE(*y);", "0:value=1"),
    ],
)
def test_two_reads_never_share_a_slot(engine_at_hand: Toolchain, body: str, asked: str) -> None:
    text = SLOTS.format(declared="int a, a__2, value;", body=body, asked=asked)
    settings = Settings(toolchain=engine_at_hand)
    ((outcome,),) = run_litmus([parse_litmus(text)], ["sc"], settings=settings).outcomes
    assert outcome.verdict == "Sometimes"
    (test,) = (outcome.litmus,)
    (program,) = make_programs([test])
    assert len(set(program.seen)) == len(program.seen)


SB = r"""C t{n}
{{}}
P0(int *x, int *y) {{ int r0; WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y); }}
P1(int *x, int *y) {{ int r0; WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x); }}
exists (0:r0=0 /\ 1:r0=0)
"""


def test_more_threads_than_javas_stack_bears(engine_at_hand: Toolchain) -> None:
    tests = [parse_litmus(SB.format(n=n)) for n in range(190)]
    assert sum(len(test.threads) for test in tests) > MOST_THREADS
    found = run_litmus(tests, ["sc"], settings=Settings(toolchain=engine_at_hand))
    assert found.failures == ()
    assert [row[0].litmus.name for row in found.outcomes] == [test.name for test in tests]
    assert {row[0].verdict for row in found.outcomes} == {"Never"}


def test_the_one_that_is_too_big_costs_only_itself(engine_at_hand: Toolchain) -> None:
    """Twelve threads of four steps each: more than a search of 15 s can end."""
    body = "WRITE_ONCE(*x, {n}); r0 = READ_ONCE(*y); WRITE_ONCE(*y, {n}); r1 = READ_ONCE(*x);"
    threads = "".join(
        f"P{n}(int *x, int *y) {{ int r0, r1; {body.format(n=n + 1)} }}\n" for n in range(12)
    )
    big = parse_litmus(f"C big\n{{}}\n{threads}exists (x=1)")
    small = parse_litmus(SB.format(n=0))
    settings = Settings(toolchain=engine_at_hand, timeout=15)
    found = try_litmus([small, big], ["sc"], settings=settings)
    assert [test.name for test in found.tests] == ["t0"]
    ((failure),) = found.failures
    assert failure.error.exit_code is ExitCode.INCONCLUSIVE
    assert found.exit_code is ExitCode.INCONCLUSIVE


def test_where_all_fail_the_fault_is_in_no_test(
    engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    run = running.run_programs

    def counted(programs: Any, *rest: Any) -> Any:
        runs.append(len(programs))
        return run(programs, *rest)

    monkeypatch.setattr(suite, "run_programs", counted)
    tests = [parse_litmus(SB.format(n=n)) for n in range(64)]
    settings = Settings(toolchain=engine_at_hand, timeout=0.05)
    found = try_litmus(tests, ["sc"], settings=settings)
    assert len(found.failures) == 64
    assert len(runs) < 20
