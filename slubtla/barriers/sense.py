"""Which models make sense, and what a sensible one can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from slubtla.protocols.slub.vocabulary import GUARDS, KERNELS, PROPERTIES, PropertyKind

if TYPE_CHECKING:
    from slubtla.barriers.model import Model

_ABOVE_THE_LIMIT: Final = (
    "put_load_limit",
    "put_drain_irq_save",
    "put_drain_irq_restore",
)

ARGUED: Final = frozenset({"smp_mb", "smp_mb_paired"})
"""The strategies that the mail's argument is about."""


def complaints(model: Model) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a model, with the next step; nothing for one that makes sense."""
    shape = KERNELS[model.kernel]
    if not shape.has_strategies and model.strategy != shape.strategy:
        wrong = f"{model.kernel} has nothing that {model.strategy} could order: {shape.summary}"
        yield wrong, "leave out --strategy, or choose a kernel from v4.0 to v4.11"
    for guard in model.without:
        if guard not in model.guards_to_have:
            place = f"{model.strategy} on {model.kernel}"
            wrong = f"there is no {guard} to take away from {place}: {GUARDS[guard].summary}"
            yield wrong, f"take away one of: {', '.join(sorted(model.guards_to_have))}"
    if model.stuck and not model.liveness:
        wrong = f"a task that may stay in {model.stuck} for ever only matters to liveness"
        yield wrong, f"ask for --property {_of_kind(PropertyKind.LIVENESS)[0]}"
    if model.argument:
        yield from _about_the_argument(model)
    if model.liveness:
        yield from _about_liveness(model)


def _about_the_argument(model: Model) -> Iterator[tuple[str, str]]:
    names = ", ".join(model.argument)
    if model.strategy not in ARGUED or "has_cpu_slab" not in model.guards:
        wrong = f"{names}: about the mail's smp_mb(), which {model.name} does not have"
        yield wrong, f"choose one of: {', '.join(sorted(ARGUED))}"
    if model.allocations or "post_check" not in model.guards:
        wrong = f"{names}: about a put that checks, on a cache without allocations"
        yield wrong, "leave out --allocations and --without post_check"


def _about_liveness(model: Model) -> Iterator[tuple[str, str]]:
    names = ", ".join(model.liveness)
    if model.symmetry:
        yield f"{names}: TLC does not check liveness up to symmetry", "leave out --symmetry"
    if model.preemption:
        wrong = f"{names}: a scheduler that preempts at will is not fair"
        yield wrong, "leave out --preemption"
    if model.allocations or model.interrupts or model.objects > 1 or model.shape.flush != "ipi":
        wrong = f"{names}: checked on small models only, of one object a slab"
        next_step = "leave out --objects, --interrupts, --allocations; choose a kernel before v5.15"
        yield wrong, next_step


def reachable_goals(model: Model) -> frozenset[str]:
    """Return the goals that a model within these bounds can reach, if nothing is wrong with it."""
    checks = "post_check" in model.guards
    stays = "preempt_disable" in model.guards
    two = model.slabs > 1
    conditions = {
        "ShrinkReturns": True,
        "FlushHitsPut": checks and model.shape.flush == "ipi",
        "PutsRace": checks and two and model.tasks > 1,
        "PutInterruptsPut": model.interrupts > 0 and two and model.shape.put == "cmpxchg",
        "PutIsPreempted": checks and not stays and model.preemption,
        "PutOverLimitLocked": model.shape.put == "local_lock" and _lists_three(model),
    }
    return frozenset(name for name, reachable in conditions.items() if reachable)


def _lists_three(model: Model) -> bool:
    """Whether an allocation can take two slabs while a third is on its CPU's list."""
    on_the_node = model.min_partial > 1 or model.objects > 1
    return bool(model.allocations) and model.slabs > 2 and model.cpu_partial > 1 and on_the_node  # noqa: PLR2004


def idle_actions(model: Model) -> dict[str, str]:
    """Return the actions that may never fire within a model's bounds, each with the reason.

    Any other action that never fires makes the verdict VACUOUS: then the model is smaller than it
    is believed to be.
    """
    idle: dict[str, str] = {}
    if model.slabs == 1:
        alone = "a single slab never finds another one on a list"
        idle |= dict.fromkeys(_ABOVE_THE_LIMIT, alone)
        idle["put_cmpxchg_fail"] = "a single slab is in hand: the list is empty, and stays so"
    if model.allocations and model.objects == 1:
        taken = "of one object a slab: where a CPU allocates from, none is free"
        idle |= dict.fromkeys(("flush_slab_lock_list", "flush_slab_unlock_list"), taken)
    return idle


def idle_antecedents(model: Model) -> dict[str, str]:  # noqa: ARG001 - for those to come
    """Return the antecedents that may never hold within a model's bounds, each with the reason.

    The key is ``property: antecedent``, the antecedent as it stands in the specification, on one
    line. Any other one that never holds makes the verdict VACUOUS.
    """
    return {}


def _of_kind(kind: PropertyKind) -> tuple[str, ...]:
    return tuple(p.name for p in PROPERTIES.values() if p.kind is kind)
