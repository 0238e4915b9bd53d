"""Nothing is decided by the English of a specification's comments: what runs do is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from slubtla.barriers.explore.difference import Pair, compare
from slubtla.barriers.explore.witness import find_witness
from slubtla.barriers.labels import Label, read_labels
from slubtla.barriers.trace import decisive
from slubtla.barriers.trace.decisive import decisive_steps
from slubtla.barriers.trace.interleaving import Interleaving, read_interleaving
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

from .tools import Verified, good, graced, leak


def mute(spec: str) -> Mapping[str, Label]:
    """The labels without their words and without those who act."""
    return {
        name: replace(label, who="", words="does something")
        for name, label in read_labels(spec).items()
    }


def readings(result: Result) -> tuple[Interleaving, Interleaving]:
    spec, trace = result.spec_path.read_text("utf-8"), result.trace
    assert trace is not None
    return read_interleaving(trace, read_labels(spec)), read_interleaving(trace, mute(spec))


def numbers(pair: Pair | None) -> tuple[int, int]:
    assert pair is not None
    assert pair.left is not None
    assert pair.right is not None
    return pair.left.number, pair.right.number


def silenced(reading: Interleaving) -> Interleaving:
    steps = (replace(step, words="does something", function="") for step in reading.steps)
    return replace(reading, steps=tuple(steps))


def test_two_runs_part_and_are_decided_where_they_do_without_words(
    verified: Verified, engine_at_hand: Toolchain
) -> None:
    witness = find_witness(leak(verified), good(verified), Settings(toolchain=engine_at_hand))
    told, other = readings(leak(verified))[0], witness.timeline.reading
    spoken, unspoken = compare(told, other), compare(silenced(told), silenced(other))
    assert numbers(spoken.decisive) == numbers(unspoken.decisive)
    assert spoken.decisive is not None
    assert spoken.decisive.left is not None
    assert spoken.decisive.left.label == "flush_load_partial"
    assert [pair.kind for pair in spoken.pairs] == [pair.kind for pair in unspoken.pairs]


def test_the_steps_that_decide_are_the_same_without_words(
    verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    fell = leak(verified)
    told = [step.number for step in decisive_steps(fell, "NoLeak").steps]
    monkeypatch.setattr(decisive, "read_labels", mute)
    assert [step.number for step in decisive_steps(fell, "NoLeak").steps] == told
    looks = [s for s in decisive_steps(fell, "NoLeak").steps if s.label == "flush_load_partial"]
    assert len(looks) == 1
    assert looks[0].loads[0].startswith("partial[")


def test_a_step_says_what_it_loaded(verified: Verified) -> None:
    steps = {s.label: s for s in readings(graced(verified))[1].steps}
    checked = steps["put_check_limit"]
    assert checked.loaded == ("cpu_partial",)
    assert checked.loads in {("cpu_partial = 0",), ("cpu_partial = 1",)}
    own = [s for s in steps.values() if s.loaded == (f"partial[{s.cpu}]",)]
    assert own, "a put reads the head of its own list"
