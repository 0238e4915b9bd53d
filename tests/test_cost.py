"""What a barrier costs, counted by the real TLC in small models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from slubtla.barriers.campaigns.cost import Cost, Costs, Span, measure_costs
from slubtla.errors import ExitCode, UnknownNameError, UsageError
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.tools import Toolchain

MEASURED = ("smp_mb", "kick_all_cpus_sync", "synchronize_sched", "unconditional_flush")


@pytest.fixture(scope="module")
def costs(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Costs:
    out_dir: Path = tmp_path_factory.mktemp("costs")
    settings = Settings(toolchain=engine_at_hand, out_dir=out_dir, timeout=120)
    return measure_costs(MEASURED, cpus=(2, 3), caches=(1, 2), settings=settings)


def of(costs: Costs, kernel: str, strategy: str, cpus: int, caches: int) -> Cost:
    (found,) = (
        c
        for c in costs.costs
        if (c.kernel, c.strategy, c.cpus, c.caches) == (kernel, strategy, cpus, caches)
    )
    return found


def test_every_search_was_finished(costs: Costs) -> None:
    assert {str(cost.result.verdict) for cost in costs.costs} == {"PROVEN"}
    assert costs.exit_code is ExitCode.AS_EXPECTED
    assert len(costs.costs) == (len(MEASURED) + 1) * 4  # synchronize_sched in two kernels


@pytest.mark.parametrize(("cpus", "caches"), [(2, 1), (2, 2), (3, 1), (3, 2)])
def test_the_numbers_of_the_mail(costs: Costs, cpus: int, caches: int) -> None:
    """An IPI to each other CPU for each cache; a grace period for each, or one for all."""
    each = (cpus - 1) * caches
    assert of(costs, "v4.0", "smp_mb", cpus, caches).barrier_ipis == Span(least=0, most=0)
    kick = of(costs, "v4.0", "kick_all_cpus_sync", cpus, caches)
    assert kick.barrier_ipis == Span(least=each, most=each)
    assert kick.grace_periods == Span(least=0, most=0)
    one_each = of(costs, "v4.8", "synchronize_sched", cpus, caches)
    assert one_each.grace_periods == Span(least=caches, most=caches)
    one_for_all = of(costs, "v4.10", "synchronize_sched", cpus, caches)
    assert one_for_all.grace_periods == Span(least=1, most=1)
    flush = of(costs, "v4.0", "unconditional_flush", cpus, caches)
    assert flush.flush_ipis == Span(least=each, most=each)


def test_has_cpu_slab_spares_interrupts(costs: Costs) -> None:
    assert of(costs, "v4.0", "smp_mb", 3, 1).flush_ipis == Span(least=0, most=1)


def test_costs_are_json_and_come_back(costs: Costs) -> None:
    assert Costs.model_validate_json(costs.model_dump_json()).costs[0].cpus == 2


def test_json_keeps_its_order_and_has_every_counter(costs: Costs) -> None:
    (first, *_) = json.loads(costs.model_dump_json())["costs"]
    counters = ["barrier_ipis", "flush_ipis", "grace_periods"]
    assert list(first) == ["kernel", "strategy", "cpus", "caches", *counters, "result"]
    assert Cost.model_validate(first) == costs.costs[0]
    for name in ("cpus", "grace_periods"):
        with pytest.raises(ValidationError, match="not what is counted"):
            Cost.model_validate({key: value for key, value in first.items() if key != name})


def test_another_bound_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not counted over slabs") as refused:
        measure_costs(["smp_mb"], slabs=[1])
    assert refused.value.next_step == "choose from: cpus, caches"


def test_an_unfinished_search_is_inconclusive(costs: Costs) -> None:
    cost = costs.costs[0]
    timeout = Verdict(VerdictKind.INCONCLUSIVE, "timeout")
    cut = cost.result.model_copy(update={"verdict": timeout})
    unfinished = Costs(costs=(cost.model_copy(update={"result": cut}),))
    assert unfinished.exit_code is ExitCode.INCONCLUSIVE


def test_an_unknown_strategy_is_a_usage_error() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'smp_mb'"):
        measure_costs(["smp_mbb"])
