"""What travels in a trace, and the machine beside each step."""

from __future__ import annotations

import pytest

from slubtla.barriers.labels import read_labels
from slubtla.barriers.trace.counterexample import timeline_of
from slubtla.barriers.trace.events import EARLY, MEMORY, OWN_BUFFER
from slubtla.barriers.trace.timeline import Timeline, read_timeline
from slubtla.barriers.views import Views

from .tools import Verified, graced, kicked, leak, locked, stuck


def step_of(scene: Timeline, label: str, last: bool = False) -> int:
    steps = [step.number for step in scene.steps if step.action == label]
    return steps[-1 if last else 0]


def test_a_store_waits_from_its_cmpxchg_until_it_drains(verified: Verified) -> None:
    scene = timeline_of(leak(verified))
    (put,) = [store for store in scene.stores if store.location.startswith("partial")]
    look = scene.fatal
    assert look is not None
    assert put.made == step_of(scene, "put_cmpxchg_partial")
    assert put.made < look < (put.drained or 0)
    for number, moment in scene.states.items():
        waits = put.made <= number < (put.drained or 0)
        assert (put.entry in moment.cpus[put.cpu].buffer) == waits
        assert (moment.memory[put.location] == put.value) == (number >= (put.drained or 0))
    assert scene.states[scene.last].cpus[put.cpu].chains["partial"] == (put.value,)


def test_every_entry_of_every_buffer_is_a_store_that_was_told(verified: Verified) -> None:
    for result in (leak(verified), kicked(verified), graced(verified), stuck(verified)):
        scene = timeline_of(result)
        for number, moment in scene.states.items():
            for cpu, state in moment.cpus.items():
                waiting = [
                    store.entry
                    for store in scene.stores
                    if store.cpu == cpu
                    and store.made <= number
                    and (store.drained is None or number < store.drained)
                ]
                assert sorted(waiting) == sorted(state.buffer)


def test_loads_say_what_they_got_and_where_from(verified: Verified) -> None:
    scene = timeline_of(leak(verified))
    loads = {load.number: load for load in scene.loads}
    check = loads[step_of(scene, "put_check_limit")]
    assert (check.location, check.value, check.source) == ("cpu_partial", "1", MEMORY)
    fatal = loads[scene.fatal or 0]
    assert (fatal.value, fatal.source) == ("NULL", MEMORY)
    assert fatal.location == f"partial[{check.cpu}]"
    sources = {load.source for load in timeline_of(locked(verified)).loads}
    assert OWN_BUFFER in sources
    assert EARLY not in sources


def test_an_ipi_goes_and_its_acknowledgement_comes_back(verified: Verified) -> None:
    scene = timeline_of(kicked(verified))
    first = scene.ipis[0]
    assert (first.kind, first.function) == ("IPI", "do_nothing")
    assert first.sender != first.target
    assert first.sent == step_of(scene, "kick_send_ipi")
    assert first.entered == step_of(scene, "ipi_enter")
    assert first.acknowledged == step_of(scene, "ipi_ack")
    assert first.seen == step_of(scene, "kick_wait_ack")
    assert first.entered is not None
    inside = scene.states[first.entered].cpus[first.target]
    assert (inside.handler, inside.irqs_on) == ("interrupt", False)
    assert first.acknowledged is not None
    assert scene.states[first.acknowledged].cpus[first.target].handler == ""


def test_a_grace_period_has_a_report_of_each_cpu(verified: Verified) -> None:
    scene = timeline_of(graced(verified))
    (grace,) = scene.grace_periods
    assert grace.began == step_of(scene, "gp_start")
    assert grace.ended == step_of(scene, "gp_wait")
    assert sorted(grace.reports) == list(scene.cpus)
    assert all(grace.began < number < grace.ended for number in grace.reports.values())


def test_a_grace_period_that_never_ends_has_no_end(verified: Verified) -> None:
    scene = timeline_of(stuck(verified))
    (grace,) = scene.grace_periods
    assert grace.ended is None
    assert len(grace.reports) < len(scene.cpus)
    assert scene.ends.startswith("and so for ever")


@pytest.mark.parametrize("label", ["free_cmpxchg_slab", "put_return"])
def test_flags_change_with_their_steps(verified: Verified, label: str) -> None:
    scene = timeline_of(leak(verified))
    number = step_of(scene, label)
    cpu = next(step.cpu for step in scene.steps if step.number == number)
    counts = [scene.states[n].cpus[cpu].preempt_count for n in (number - 1, number)]
    assert counts == ([0, 1] if label == "free_cmpxchg_slab" else [1, 0])


def test_what_views_leave_out_is_not_shown(verified: Verified) -> None:
    result = leak(verified)
    assert result.trace is not None
    ours, labels = timeline_of(result), read_labels(result.spec_path.read_text("utf-8"))
    bare = read_timeline(result.trace, labels, Views())
    assert [(s.number, s.cpu, s.action) for s in bare.steps] == [
        (s.number, s.cpu, s.action) for s in ours.steps
    ]
    assert bare.stores == ours.stores
    assert bare.loads == ours.loads
    for number, state in bare.states.items():
        assert state.memory == ours.states[number].memory
        assert state.sets == {}
        assert all(cpu.chains == {} for cpu in state.cpus.values())
        assert ours.states[number].record.keys() == {
            "cpus",
            "memory",
            "node_list",
            "full",
            "discarded",
        }


def test_a_mark_in_a_store_buffer_is_no_store(verified: Verified) -> None:
    scene = timeline_of(verified(strategy="smp_store_release", arch="arm64", workers=1))
    assert any(
        "release" in cpu.buffer for state in scene.states.values() for cpu in state.cpus.values()
    )
    assert {store.location for store in scene.stores} <= set(scene.states[1].memory)
