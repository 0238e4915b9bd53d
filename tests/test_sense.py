"""What a model must reach, and what it may leave idle."""

from __future__ import annotations

from typing import Any

import pytest

from slubtla.barriers.labels import idle_labels
from slubtla.barriers.model import make_model
from slubtla.barriers.protocol import PropertyKind
from slubtla.protocols.slub import SLUB

USUAL = {"ShrinkReturns", "FlushHitsPut", "PutsRace"}
GOALS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "the default": ({"kernel": "v4.0"}, USUAL),
    "one slab": ({"kernel": "v4.0", "slabs": 1}, USUAL - {"PutsRace"}),
    "one task": ({"kernel": "v4.0", "tasks": 1}, USUAL - {"PutsRace"}),
    "no check": ({"kernel": "v4.0", "without": "post_check"}, {"ShrinkReturns"}),
    "before the check": ({"kernel": "v3.19"}, {"ShrinkReturns"}),
    "interrupts": ({"kernel": "v4.0", "interrupts": 1}, USUAL | {"PutInterruptsPut"}),
    "interrupts, one slab": (
        {"kernel": "v4.0", "interrupts": 1, "slabs": 1},
        USUAL - {"PutsRace"},
    ),
    "preemptible": (
        {"kernel": "v4.0", "without": "preempt_disable"},
        USUAL | {"PutIsPreempted"},
    ),
    "preemptible, and nobody preempts": (
        {"kernel": "v4.0", "without": "preempt_disable", "preemption": False},
        USUAL,
    ),
    "v5.15": ({"kernel": "v5.15"}, {"ShrinkReturns"}),
    "v5.15, interrupts": ({"kernel": "v5.15", "interrupts": 1}, {"ShrinkReturns"}),
    "v5.15, allocations": (
        {"kernel": "v5.15", "allocations": 1},
        {"ShrinkReturns", "PutOverLimitLocked"},
    ),
    "v5.15, allocations, two slabs": (
        {"kernel": "v5.15", "allocations": 1, "slabs": 2},
        {"ShrinkReturns"},
    ),
    "v5.15, allocations, a limit of 1": (
        {"kernel": "v5.15", "allocations": 1, "cpu_partial": 1},
        {"ShrinkReturns"},
    ),
}


@pytest.mark.parametrize("case", GOALS)
def test_the_goals_that_a_model_must_reach(case: str) -> None:
    parameters, goals = GOALS[case]
    model = make_model(**parameters)
    assert model.protocol.rules.reachable_goals(model) == goals
    assert set(model.goals) == goals


def test_every_goal_is_asked_of_some_model() -> None:
    asked = set().union(*(goals for _, goals in GOALS.values()))
    assert asked == {p.name for p in SLUB.properties.values() if p.kind is PropertyKind.GOAL}


def idle(**parameters: Any) -> dict[str, str]:
    """What a model may leave idle, but for the translator's own action."""
    found = idle_labels(make_model(**parameters))
    assert found.pop("Terminating")
    return found


@pytest.mark.parametrize("kernel", ["v4.0", "v4.8", "v4.11", "v5.15"])
def test_with_two_slabs_no_action_may_stay_idle(kernel: str) -> None:
    assert idle(kernel=kernel, slabs=2) == {}
    assert idle(kernel=kernel, slabs=2, interrupts=1, objects=2) == {}


def test_only_what_needs_another_slab_or_object_may_stay_idle() -> None:
    alone = idle(kernel="v4.0", cmpxchg="irq_off", slabs=1)
    assert set(alone) == {
        "put_load_limit",
        "put_drain_irq_save",
        "put_drain_irq_restore",
        "put_cmpxchg_fail",
    }
    allocating = idle(kernel="v4.0", slabs=2, allocations=1)
    assert set(allocating) == {"flush_slab_lock_list", "flush_slab_unlock_list"}
    assert idle(kernel="v4.0", slabs=2, allocations=1, objects=2) == {}
    assert all(alone.values())
    assert all(allocating.values())
