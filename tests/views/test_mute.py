"""Nothing is decided by the English of a specification's comments: what runs do is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from slubtla.barriers.explore.difference import Pair, compare
from slubtla.barriers.explore.witness import find_witness
from slubtla.barriers.labels import Label
from slubtla.barriers.trace import counterexample
from slubtla.barriers.trace.counterexample import run_labels
from slubtla.barriers.trace.timeline import Timeline, read_timeline
from slubtla.barriers.views import views_of
from slubtla.protocols.slub.explanation import decisive_steps
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

from .tools import Verified, good, graced, leak


def mute(result: Result) -> Mapping[str, Label]:
    """The labels without their words and without those who act."""
    return {
        name: replace(label, who="", words="does something")
        for name, label in run_labels(result).items()
    }


def readings(result: Result) -> tuple[Timeline, Timeline]:
    trace, views = result.trace, views_of("slub")
    assert trace is not None
    labels = run_labels(result), mute(result)
    return read_timeline(trace, labels[0], views), read_timeline(trace, labels[1], views)


def numbers(pair: Pair | None) -> tuple[int, int]:
    assert pair is not None
    assert pair.left is not None
    assert pair.right is not None
    return pair.left.number, pair.right.number


def silenced(reading: Timeline) -> Timeline:
    steps = (replace(step, words="does something", function="") for step in reading.steps)
    return replace(reading, steps=tuple(steps))


def test_two_runs_part_and_are_decided_where_they_do_without_words(
    verified: Verified, engine_at_hand: Toolchain
) -> None:
    witness = find_witness(leak(verified), good(verified), Settings(toolchain=engine_at_hand))
    told, other = readings(leak(verified))[0], witness.timeline
    spoken, unspoken = compare(told, other), compare(silenced(told), silenced(other))
    assert numbers(spoken.decisive) == numbers(unspoken.decisive)
    assert spoken.decisive is not None
    assert spoken.decisive.left is not None
    assert spoken.decisive.left.action == "flush_load_partial"
    assert [pair.kind for pair in spoken.pairs] == [pair.kind for pair in unspoken.pairs]


def test_the_steps_that_decide_are_the_same_without_words(
    verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    fell = leak(verified)
    told = [step.number for step in decisive_steps(fell, "NoLeak").steps]
    monkeypatch.setattr(counterexample, "run_labels", mute)
    assert [step.number for step in decisive_steps(fell, "NoLeak").steps] == told
    looks = [s for s in decisive_steps(fell, "NoLeak").steps if s.action == "flush_load_partial"]
    assert len(looks) == 1
    assert looks[0].loads[0].startswith("partial[")


def test_a_step_says_what_it_loaded(verified: Verified) -> None:
    steps = {s.action: s for s in readings(graced(verified))[1].steps}
    checked = steps["put_check_limit"]
    assert checked.loaded == ("cpu_partial",)
    assert checked.loads in {("cpu_partial = 0",), ("cpu_partial = 1",)}
    own = [s for s in steps.values() if s.loaded == (f"partial[{s.cpu}]",)]
    assert own, "a put reads the head of its own list"
