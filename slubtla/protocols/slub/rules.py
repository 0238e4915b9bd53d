"""SLUB's rules: invalid models, reachable goals, warnings, expected violations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.machines import Orders
from slubtla.barriers.model import Model
from slubtla.barriers.protocol import PropertyKind, Rules

if TYPE_CHECKING:
    from slubtla.barriers.trace.timeline import Timeline

_DEFAULT_BOUNDS: Final = 8
"""CPUs times tasks times slabs."""


def argued(model: Model) -> bool:
    """Whether the mail's argument is about this model: a fence of the shrink's own, and a look."""
    return model.strategy.orders is Orders.OWN_CPU and "has_cpu_slab" in model.guards


class SlubRules(Rules):
    """The rules of SLUB's ``cpu_partial`` protocol."""

    def complaints(self, model: Model) -> Iterator[tuple[str, str]]:
        """Refuse what TLC cannot check, and sentences of the mail where they say nothing."""
        if model.stuck and not model.liveness:
            liveness = model.protocol.of_kind(PropertyKind.LIVENESS)
            wrong = f"a task that may stay in {model.stuck} for ever only matters to liveness"
            yield wrong, f"ask for --property {liveness[0]}"
        if model.argument:
            yield from _about_the_argument(model)
        if model.liveness:
            yield from _about_liveness(model)

    def reachable_goals(self, model: Model) -> frozenset[str]:
        """Return the goals that these bounds, guards and this kernel let a model reach."""
        checks = "post_check" in model.guards
        stays = "preempt_disable" in model.guards
        two = model.slabs > 1
        put, flush = model.kernel.put, model.kernel.flush
        conditions = {
            "ShrinkReturns": True,
            "FlushHitsPut": checks and flush == "ipi",
            "PutsRace": checks and two and model.tasks > 1,
            "PutInterruptsPut": model.interrupts > 0 and two and put == "cmpxchg",
            "PutIsPreempted": checks and not stays and model.preemption,
            "PutOverLimitLocked": put == "local_lock" and _lists_three(model),
        }
        return frozenset(name for name, reachable in conditions.items() if reachable)

    def explain(self, timeline: Timeline, fell: str) -> tuple[str, ...]:
        """Return why a property falls."""
        from slubtla.protocols.slub.explanation import explain  # noqa: PLC0415 - only for traces

        return explain(timeline, fell)

    def cautions(self, model: Model) -> Iterator[str]:
        """Say what it means that the leak was not asked for, or is not promised."""
        promised = "NoLeak" not in model.kernel.not_promised
        if "NoLeak" not in model.properties and promised:
            yield "NoLeak was not asked for: this says nothing about the leak"
        if "NoLeak" in model.properties and not promised:
            yield (
                f"{model.kernel} does not promise NoLeak, and a violation of it is no bug: no "
                "cache dies with a cgroup any more, and with cpu_partial = 0 the newest slab stays "
                "on its list until the next put"
            )

    def expected_to_fall(self, model: Model) -> frozenset[str] | None:
        """Return which sentences of the mail fall, by what barriers order; see `slubtla argue`.

        The put's cmpxchg and the shrink's store are a store buffering: the leak is that both sides
        miss the other. A kick whose wait reads the acknowledgement with plain loads does not hold
        back the loads after it, where loads can be made early.
        """
        if not model.kernel.has_strategies or model.without:
            return None
        plain_wait = model.strategy.sends_ipi and model.kernel.ipi_wait == "plain"
        fenced = model.cmpxchg.fences or model.strategy.fences_put
        falls = {
            "NoLeak": model.both_sides_can_miss or (plain_wait and model.memory.loads_early),
            "Case1": model.memory.loads_early and not fenced,
            "CasesExhaustive": model.memory.buffers and not model.cmpxchg.fences,
        }
        return frozenset(name for name, falling in falls.items() if falling)

    def why(self, models: Sequence[Model], *, holds: bool) -> str:
        """Tell the mail's idea by its assumption, and a kick by its wait."""
        first, its = models[0], "its" if len(models) == 1 else "their"
        if not holds and all(m.strategy.sends_ipi and m.kernel.ipi_wait == "plain" for m in models):
            return (
                f"csd_lock_wait() of {first.kernel} reads the acknowledgement with plain loads, "
                "which hold no later load back"
            )
        alike = all(model.cmpxchg.fences is holds for model in models)
        if first.strategy != first.protocol.example_strategy or not alike:
            return ""
        what = "a full barrier" if holds else "not the full barrier that the mail assumes"
        return f"{its} this_cpu_cmpxchg() is {what}"

    def is_large(self, model: Model) -> bool:
        """Measured: what has more than the default bounds, or more to do, has many states."""
        size = model.cpus * model.tasks * model.slabs
        more = (
            size > _DEFAULT_BOUNDS,
            size == _DEFAULT_BOUNDS and not model.symmetry,
            model.interrupts,
            model.allocations,
            model.objects > 1,
            model.memory.loads_early,
            model.argument,
            "preempt_disable" in model.without,
        )
        return any(more)

    def context(self, model: Model) -> dict[str, Any]:
        """Return what the templates ask beside the model."""
        return {
            "elsewhere": model.objects > 1,
            "flushes_all": "has_cpu_slab" not in model.guards,
            "plain_wait": model.kernel.flush == "ipi" and model.kernel.ipi_wait == "plain",
            "loops": model.caches > 1 and not model.kernel.one_barrier_for_all,
            "starters": "(Contexts \\ Workers)" if model.strategy.asynchronous else "Contexts",
            "asynchronous": model.strategy.asynchronous,
        }


def _about_the_argument(model: Model) -> Iterator[tuple[str, str]]:
    names = ", ".join(model.argument)
    if not argued(model):
        fit = sorted(s for s in model.protocol.strategies.values() if s.orders is Orders.OWN_CPU)
        wrong = f"{names}: about the mail's smp_mb(), which {model.name} does not have"
        yield wrong, f"choose one of: {', '.join(fit)}"
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
    if model.allocations or model.interrupts or model.objects > 1 or model.kernel.flush != "ipi":
        wrong = f"{names}: checked on small models only, of one object a slab"
        next_step = "leave out --objects, --interrupts, --allocations; choose a kernel before v5.15"
        yield wrong, next_step


def _lists_three(model: Model) -> bool:
    """Whether an allocation can take two slabs while a third is on its CPU's list."""
    on_the_node = model.min_partial > 1 or model.objects > 1
    return bool(model.allocations) and model.slabs > 2 and model.cpu_partial > 1 and on_the_node  # noqa: PLR2004
