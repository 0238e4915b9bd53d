"""Merging steps changes no verdict: models are checked with and without it, side by side."""

from __future__ import annotations

import pytest

import slubtla
from slubtla.barriers.labels import label_names
from slubtla.barriers.model import make_model
from slubtla.barriers.render import render
from slubtla.protocols.slub import SLUB
from slubtla.tlc.tools import Toolchain

KERNELS = ("v3.19", "v4.11", "v5.15")


@pytest.mark.parametrize("arch", ["x86", "arm64"])
@pytest.mark.parametrize("strategy", SLUB.strategies)
def test_the_verdict_of_a_strategy_is_that_of_its_single_steps(
    engine_at_hand: Toolchain, strategy: str, arch: str
) -> None:
    assert_same_verdict(engine_at_hand, strategy=strategy, arch=arch)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_verdict_of_a_kernel_is_that_of_its_single_steps(
    engine_at_hand: Toolchain, kernel: str
) -> None:
    assert_same_verdict(engine_at_hand, kernel=kernel)


def assert_same_verdict(toolchain: Toolchain, **parameters: str) -> None:
    merged = make_model(tasks=1, slabs=1, **parameters)
    fine = merged.model_copy(update={"fine": True})
    assert len(label_names(render(fine).spec)) > len(label_names(render(merged).spec))
    one, other = (slubtla.verify(m, toolchain=toolchain, workers=1) for m in (merged, fine))
    assert str(one.verdict) == str(other.verdict)
    assert one.stats.distinct is not None
    assert other.stats.distinct is not None
    assert one.stats.distinct < other.stats.distinct


def test_a_model_without_a_guard_is_not_merged() -> None:
    model = make_model(strategy="smp_mb", without=["irq_save"])
    fine = model.model_copy(update={"fine": True})
    assert label_names(render(model).spec) == label_names(render(fine).spec)
