"""Lanes of specifications that slubtla knows nothing of: a lane for each PlusCal process."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.barriers.show.plots.lanes import lanes
from slubtla.barriers.trace.processes import ALONE, SHARED, process_steps
from slubtla.errors import UsageError
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

TURNS = r"""---- MODULE Turns ----
EXTENDS Integers, TLC
(*--algorithm turns
variables n = 0, who = "nobody";
fair process a \in {"a1", "a2"}
variables mine = 0;
begin
Spin: while mine < 2 do mine := mine + 1; end while;
Say: n := n + 1; who := self;
end process;
process b = "b"
begin
Wait: await n = 2;
end process;
end algorithm;*)
Both == n < 2
====
"""
ALONE_SPEC = r"""---- MODULE Alone ----
EXTENDS Integers
(*--algorithm alone
variables n = 0;
begin
A: n := 1;
B: n := 2;
end algorithm;*)
Low == n < 2
====
"""
BY_HAND = r"""---- MODULE ByHand ----
EXTENDS Integers
VARIABLES n
Init == n = 0
Next == n' = n + 1
Spec == Init /\ [][Next]_n
Low == n < 2
====
"""
TWO_AT_ONCE = r"""---- MODULE Pair ----
EXTENDS Integers
VARIABLES pc
Init == pc = [p \in 1..2 |-> "A"]
Next == pc' = [p \in 1..2 |-> "B"]
Spec == Init /\ [][Next]_pc
Low == pc[1] = "A"
====
"""


def violated(folder: Path, toolchain: Toolchain, text: str, invariant: str) -> Result:
    """Check a specification whose invariant falls."""
    name = text.split()[2]
    spec = folder / f"{name}.tla"
    spec.write_text(text, encoding="utf-8")
    cfg = f"SPECIFICATION Spec\nINVARIANT {invariant}\n"
    spec.with_suffix(".cfg").write_text(cfg, encoding="utf-8")
    settings = Settings(toolchain=toolchain, out_dir=folder / "run", workers=1)
    result = check_spec(spec, settings=settings, check_deadlock=False)
    assert result.verdict.kind == "VIOLATED"
    return result


def test_each_step_stands_in_the_lane_of_its_process(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    result = violated(tmp_path, engine_at_hand, TURNS, "Both")
    assert result.trace is not None
    steps = process_steps(result.trace, result.name)
    assert set(steps.processes) == {'"a1"', '"a2"', '"b"'}
    for before, step in zip(result.trace.steps, result.trace.steps[1:], strict=False):
        made = steps.movers[step.number]
        process = made.strip('"')
        if step.action == "Spin":  # it may come back to its own label, where `mine` tells
            assert before.values["pc"][process] == "Spin"  # type: ignore[index, call-overload]
        else:
            assert step.values["who"] == process

    ax = lanes(result)
    heads = {text.get_text(): text for text in ax.texts if text.get_gid() == "process"}
    assert set(heads) == set(steps.processes)
    for number, process in steps.movers.items():
        (first, *rest) = [text for text in ax.texts if text.get_gid() == f"step-{number}"]
        assert first.get_text() == result.trace.steps[number - 1].action
        assert {text.get_position()[0] for text in (first, *rest)} == {
            heads[process].get_position()[0]
        }
        assert not any(text.get_text().startswith("pc") for text in rest)


def test_an_algorithm_without_processes_has_one_lane(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    result = violated(tmp_path, engine_at_hand, ALONE_SPEC, "Low")
    assert result.trace is not None
    steps = process_steps(result.trace, result.name)
    assert steps.processes == (ALONE,)
    assert steps.movers == {2: ALONE, 3: ALONE}
    assert [text.get_text() for text in lanes(result).texts if text.get_gid() == "step-3"] == [
        "B",
        "n = 2",
    ]


def test_a_step_of_two_processes_is_in_neither_lane(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    result = violated(tmp_path, engine_at_hand, TWO_AT_ONCE, "Low")
    assert result.trace is not None
    steps = process_steps(result.trace, result.name)
    assert (steps.processes, steps.movers) == (("1", "2", SHARED), {2: SHARED})


def test_without_pc_there_are_no_lanes(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    result = violated(tmp_path, engine_at_hand, BY_HAND, "Low")
    with pytest.raises(UsageError, match="ByHand has no processes to draw: lanes need") as caught:
        lanes(result)
    assert "--format text" in caught.value.next_step
