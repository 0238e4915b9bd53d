"""Where two runs part, and a good run of a bad one's race."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from slubtla.barriers.explore.difference import PairKind, compare
from slubtla.barriers.explore.witness import Witness, find_witness, witness_behaviour
from slubtla.barriers.model import make_model
from slubtla.barriers.show.difference import sentences
from slubtla.barriers.trace.counterexample import timeline_of
from slubtla.barriers.trace.timeline import Timeline
from slubtla.cli.diff import changed_model
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

from .tools import Verified, good, graced, kicked, leak, run


@pytest.fixture(scope="session")
def witness(verified: Verified, engine_at_hand: Toolchain) -> Witness:
    return find_witness(leak(verified), good(verified), Settings(toolchain=engine_at_hand))


@pytest.fixture(scope="session")
def late(verified: Verified, engine_at_hand: Toolchain) -> Witness:
    """The same race under a barrier that makes the store drain."""
    holds = verified(strategy="synchronize_sched", slabs=1, workers=1)
    return find_witness(leak(verified), holds, Settings(toolchain=engine_at_hand))


def swapped(reading: Timeline) -> Timeline:
    """The reading with the two CPUs' names exchanged."""

    def own(text: str) -> str:
        return re.sub(r"cpu([01])", lambda match: f"cpu{1 - int(match[1])}", text)

    steps = tuple(
        replace(
            step,
            cpu=own(step.cpu),
            words=own(step.words),
            values=tuple(map(own, step.values)),
            loads=tuple(map(own, step.loads)),
            changed=tuple(map(own, step.changed)),
            buffers={own(cpu): tuple(map(own, held)) for cpu, held in step.buffers.items()},
            notes=tuple(map(own, step.notes)),
        )
        for step in reading.steps
    )
    return replace(reading, steps=steps)


def test_a_run_never_parts_from_itself(verified: Verified) -> None:
    reading = timeline_of(leak(verified))
    difference = compare(reading, reading)
    assert {pair.kind for pair in difference.pairs} == {PairKind.SAME}
    assert difference.parting is None
    assert sentences(difference) == ("They never part: every step is the same in both.",)


def test_other_names_for_the_same_are_no_difference(verified: Verified) -> None:
    reading = timeline_of(leak(verified))
    difference = compare(reading, swapped(reading))
    assert difference.parting is None
    assert difference.renamed == {"cpu0": "cpu1", "cpu1": "cpu0"}


def test_every_step_of_both_is_there_in_order(verified: Verified) -> None:
    left, right = timeline_of(leak(verified)), timeline_of(kicked(verified))
    pairs = compare(left, right).pairs
    assert [p.left.number for p in pairs if p.left] == [step.number for step in left.steps]
    assert [p.right.number for p in pairs if p.right] == [step.number for step in right.steps]
    for pair in pairs:
        assert (pair.kind is PairKind.LEFT) == (pair.right is None)
        assert (pair.kind is PairKind.RIGHT) == (pair.left is None)
        if pair.left and pair.right:
            assert pair.left.action == pair.right.action


def test_the_witness_follows_the_race_and_ends_well(verified: Verified, witness: Witness) -> None:
    bad, scene = timeline_of(leak(verified)), witness.timeline
    assert (witness.followed, witness.parted) == (witness.wanted, None)
    fatal = next(step for step in bad.steps if step.number == bad.fatal)

    def of_tasks(steps: Timeline) -> list[tuple[str, str]]:
        hardware = {"store buffer", "RCU", "scheduler", "interrupt"}
        return [(s.context, s.action) for s in steps.steps if s.context not in hardware]

    until = [(s.context, s.action) for s in bad.steps if s.number <= fatal.number]
    wanted = [each for each in until if each[0] != "store buffer"]
    assert of_tasks(scene)[: len(wanted)] == wanted
    last = scene.states[scene.last]
    assert all(not cpu.buffer and not any(cpu.chains.values()) for cpu in last.cpus.values())
    assert not any(step.notes for step in scene.steps)
    assert scene.ipis[0].function == "flush_cpu_slab"


def test_the_runs_part_at_the_cmpxchg_and_it_tells_at_the_look(
    verified: Verified, witness: Witness
) -> None:
    bad = timeline_of(leak(verified))
    difference = compare(bad, witness.timeline)
    assert difference.parting is not None
    assert difference.parting.left is not None
    assert difference.parting.left.action == "put_cmpxchg_partial"
    assert difference.decisive is not None
    assert difference.decisive.left is not None
    assert difference.decisive.left.action == "flush_load_partial"
    told = " ".join(sentences(difference))
    assert "is NULL, on the left" in told
    assert "is slab1, on the right" in told


def test_the_store_waits_until_the_barrier_makes_it_drain(
    verified: Verified, late: Witness
) -> None:
    scene = late.timeline
    bad = timeline_of(leak(verified))
    (waited,) = [s for s in bad.stores if s.location.startswith("partial")]
    put = next(s for s in scene.stores if s.entry == waited.entry)
    (grace,) = scene.grace_periods
    assert put.drained is not None
    assert grace.began < put.drained < grace.reports[put.cpu]
    others = [number for cpu, number in grace.reports.items() if cpu != put.cpu]
    assert others
    assert max(others) < put.drained  # all that could go on without it has gone on
    assert put.drained + 1 == grace.reports[put.cpu]


def test_a_story_of_a_witness_says_that_it_is_no_proof(verified: Verified, late: Witness) -> None:
    story = witness_behaviour(good(verified), late)
    assert story.verdict == "a good run"
    assert "no proof" in " ".join(story.summary)
    assert "all 9 operations" in " ".join(story.summary)
    part = replace(late, followed=3, parted=9)
    assert "3 of the 9" in witness_behaviour(good(verified), part).summary[0]
    assert "step 9" in witness_behaviour(good(verified), part).summary[0]


def test_a_race_that_the_good_model_forbids_is_followed_as_far_as_it_goes(
    verified: Verified, engine_at_hand: Toolchain
) -> None:
    holds = verified(strategy="synchronize_sched", slabs=1, tasks=1, workers=1)
    bad = graced(verified)
    found = find_witness(bad, holds, Settings(toolchain=engine_at_hand))
    assert found.parted is not None
    assert 0 < found.followed < found.wanted
    assert not any(step.notes for step in found.timeline.steps if "look" in step.words)


def test_what_cannot_be_compared_is_refused(verified: Verified) -> None:
    bad, holds = leak(verified), good(verified)
    with pytest.raises(UsageError, match="only of a model that holds"):
        find_witness(bad, bad)
    other = verified(strategy="synchronize_sched", slabs=1, tasks=1, workers=1)
    with pytest.raises(UsageError, match="differ in tasks"):
        find_witness(bad, other)
    with pytest.raises(UsageError, match="no counterexample"):
        find_witness(holds, holds)


def test_options_change_a_model() -> None:
    model = make_model(strategy="smp_mb", slabs=1, without=["post_check"])
    assert changed_model(model, "--cmpxchg full").cmpxchg == "full"
    assert changed_model(model, "--arch=s390").memory == "tso"
    assert changed_model(model, "--arch s390").cmpxchg == "full"
    other = changed_model(model, "--strategy none --slabs 2 --no-symmetry")
    assert (other.strategy, other.slabs, other.symmetry) == ("none", 2, False)
    assert other.without == ("post_check",)
    assert changed_model(model, "") == model
    for options in ("cmpxchg full", "--cmpxchg", "--foo 1", "--slabs x", "'", "--slabs --arch"):
        with pytest.raises(UsageError) as caught:
            changed_model(model, options)
        assert caught.value.next_step


def test_the_command(verified: Verified, tmp_path: Path) -> None:
    bad: Result = leak(verified)
    picture = tmp_path / "good.svg"
    ran = run("diff", bad.run_dir, good(verified).run_dir, "--json", "-o", picture)
    assert ran.exit_code == 0
    told = json.loads(ran.stdout)
    assert told["left"]["name"] == "bad run"
    assert told["right"]["subject"].startswith("PROVEN smp_mb on x86")
    assert {pair["kind"] for pair in told["pairs"]} == {"same", "differs", "left", "right"}
    assert "a good run" in picture.read_text(encoding="utf-8")
    ran = run("diff", bad.run_dir, kicked(verified).run_dir)
    assert ran.exit_code == 0
    assert max(map(len, ran.stdout.splitlines())) <= 100
    for words in ([], [bad.run_dir, "--against", "--cmpxchg full"], ["-o", "x.txt", bad.run_dir]):
        ran = run("diff", bad.run_dir, *words)
        assert ran.exit_code == 2
        assert "next:" in ran.output
    assert bad.parameters is not None
    again = run("diff", bad.run_dir, "--against", f"--cmpxchg {bad.parameters['cmpxchg']}")
    assert "changes nothing" in again.output
