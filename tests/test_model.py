from __future__ import annotations

import pickle
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model, make_model, read_parameters
from slubtla.barriers.protocol import LARGEST_BOUND
from slubtla.errors import UnknownNameError, UsageError
from slubtla.protocols.slub import SLUB


def sensible(**parameters: object) -> Model | None:
    """The model, or None where it would make no sense: that is a usage error."""
    try:
        return make_model(**parameters)
    except UsageError:
        return None


models = st.builds(
    sensible,
    strategy=st.sampled_from(list(SLUB.strategies)),
    kernel=st.none() | st.sampled_from(list(SLUB.kernels)),
    without=st.none() | st.lists(st.sampled_from(list(SLUB.guards)), max_size=2),
    arch=st.sampled_from(list(ARCHES)),
    memory=st.none() | st.sampled_from(list(MEMORY_MODELS)),
    cmpxchg=st.none() | st.sampled_from(list(CMPXCHGS)),
    cpus=st.integers(2, LARGEST_BOUND),
    slabs=st.integers(1, LARGEST_BOUND),
    min_partial=st.integers(0, LARGEST_BOUND),
    interrupts=st.none() | st.integers(0, LARGEST_BOUND),
    allocations=st.none() | st.integers(0, LARGEST_BOUND),
    symmetry=st.none() | st.booleans(),
    stuck=st.none() | st.sampled_from(SLUB.parameters["stuck"].choices),
    properties=st.none() | st.lists(st.sampled_from(list(SLUB.properties)), min_size=1),
).filter(lambda model: model is not None)


def test_the_arch_fixes_memory_and_cmpxchg() -> None:
    model = make_model(strategy="smp_mb", arch="s390")
    assert (model.memory, model.cmpxchg) == ("tso", "full")


def test_memory_and_cmpxchg_can_be_overridden() -> None:
    model = make_model(strategy="smp_mb", memory="sc", cmpxchg="irq_off")
    assert (model.arch, model.memory, model.cmpxchg) == ("x86", "sc", "irq_off")
    assert model.name == "smp_mb-x86-sc-irq_off"


def test_properties_are_kept_in_one_order_and_goals_always_stand() -> None:
    model = make_model(strategy="none", properties=["ListIntegrity", "TypeOK", "TypeOK"])
    assert model.properties == ("TypeOK", "ListIntegrity")
    assert model.invariants == ("TypeOK", "ListIntegrity")
    assert model.goals == {
        "ShrinkReturns": "shrink_return",
        "FlushHitsPut": "FlushHitsPut",
        "PutsRace": "PutsRace",
    }


@pytest.mark.parametrize(
    ("parameters", "message", "next_step"),
    [
        (
            {"strategy": "smp_mbb"},
            "unknown strategy 'smp_mbb'; did you mean 'smp_mb'?",
            "none, smp",
        ),
        ({"strategy": "none", "arch": "x68"}, "unknown arch 'x68'; did you mean 'x86'?", "s390"),
        ({"strategy": "none", "memory": "tos"}, "did you mean 'tso'?", "sc, tso"),
        ({"strategy": "none", "cmpxchg": "lock"}, "unknown cmpxchg 'lock'", "irq_off"),
        ({"strategy": "none", "properties": ["NoLeek"]}, "did you mean 'NoLeak'?", "TypeOK"),
        ({"strategy": "none", "properties": []}, "nothing would be checked", "NoLeak"),
        ({"strategy": "none", "cpus": 1}, "cpus = 1", "at most 9"),
        ({"strategy": "none", "slabs": 10}, "slabs = 10", "at most 9"),
        ({"strategy": "none", "slabs": "2"}, "slabs = '2'", "whole numbers"),
        ({"strategy": "none", "slaps": 2}, "did you mean 'slabs'?", "cpus"),
        ({}, "no strategy is named", "smp_mb_paired"),
    ],
)
def test_bad_parameters_name_the_thing_and_the_next_step(
    parameters: dict[str, object], message: str, next_step: str
) -> None:
    with pytest.raises(UsageError) as caught:
        make_model(**parameters)
    assert message in caught.value.message
    assert next_step in caught.value.next_step


def test_an_unknown_name_survives_pickling() -> None:
    error = UnknownNameError("strategy", "smp_mbb", SLUB.strategies)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(copy), copy.message, copy.nearest) == (type(error), error.message, "smp_mb")


@given(models)
def test_a_model_is_frozen_pickles_and_round_trips_through_json(model: Model) -> None:
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301 - our own bytes
    assert type(model).model_validate_json(model.model_dump_json()) == model
    with pytest.raises(ValueError, match="frozen"):
        model.strategy = "none"  # type: ignore[assignment]


@given(models)
def test_the_command_of_a_model_describes_that_model(model: Model) -> None:
    words = shlex.split(model.command)[2:]
    parameters: dict[str, object] = {}
    properties: list[str] = []
    without: list[str] = []
    while words:
        flag = words.pop(0).removeprefix("--").replace("-", "_")
        if flag.removeprefix("no_") in {"symmetry", "preemption", "counters"}:
            parameters[flag.removeprefix("no_")] = not flag.startswith("no_")
        elif flag in {"property", "without"}:
            (properties if flag == "property" else without).append(words.pop(0))
        else:
            value = words.pop(0)
            parameters[flag] = int(value) if flag in SLUB.bounds else value
    assert make_model(**parameters, properties=properties or None, without=without) == model


def test_parameters_are_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "mail.toml"
    file.write_text('strategy = "smp_mb"\ncpus = 3\nproperties = ["NoLeak"]\n')
    model = make_model(**read_parameters(file))
    assert (model.strategy, model.cpus, model.properties) == ("smp_mb", 3, ("NoLeak",))


def test_a_broken_or_missing_toml_file_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    with pytest.raises(UsageError, match="No such file"):
        read_parameters(file)
    file.write_text("strategy = \n")
    with pytest.raises(UsageError, match="is no TOML"):
        read_parameters(file)


def test_a_kernel_brings_its_own_strategy() -> None:
    own = {kernel: make_model(kernel=kernel).strategy for kernel in SLUB.kernels}
    assert own == {
        "v3.19": "none",
        "v4.0": "kick_all_cpus_sync",
        "v4.1": "kick_all_cpus_sync",
        "v4.8": "synchronize_sched",
        "v4.10": "synchronize_sched",
        "v4.11": "call_rcu_sched",
        "v5.15": "none",
    }
    assert "NoLeak" not in make_model(kernel="v5.15").properties
    assert "NoLeak" in make_model(kernel="v3.19").properties


def test_liveness_is_checked_on_a_small_model_without_symmetry() -> None:
    model = make_model(strategy="smp_mb", properties=["ShrinkTerminates"])
    assert (model.symmetry, model.preemption, model.tasks, model.slabs) == (False, False, 1, 1)
    assert (model.invariants, model.liveness) == ((), ("ShrinkTerminates",))


@pytest.mark.parametrize(
    ("parameters", "message", "next_step"),
    [
        ({"kernel": "v3.20"}, "unknown kernel 'v3.20'", "v4.0"),
        ({"kernel": "v5.15", "strategy": "smp_mb"}, "nothing that smp_mb could order", "v4.0"),
        ({"kernel": "v3.19", "without": ["post_check"]}, "no post_check to take away", "irq_save"),
        ({"strategy": "smp_mb", "without": ["kick_wait"]}, "no kick_wait", "preempt_disable"),
        ({"strategy": "smp_mb", "without": ["irqsave"]}, "did you mean 'irq_save'?", "post_check"),
        ({"strategy": "none", "properties": ["Case1"]}, "the mail's smp_mb()", "smp_mb_paired"),
        ({"strategy": "smp_mb", "stuck": "irqs_off"}, "only matters to liveness", "ShrinkTerm"),
        ({"strategy": "smp_mb", "stuck": "off"}, "unknown region 'off'", "preempt_off"),
        (
            {"strategy": "smp_mb", "properties": ["ShrinkTerminates"], "symmetry": True},
            "up to symmetry",
            "--symmetry",
        ),
        (
            {"strategy": "smp_mb", "properties": ["ShrinkTerminates"], "allocations": 1},
            "on small models only",
            "--allocations",
        ),
    ],
)
def test_a_model_without_sense_is_refused(
    parameters: dict[str, object], message: str, next_step: str
) -> None:
    with pytest.raises(UsageError) as caught:
        make_model(**parameters)
    assert message in caught.value.message
    assert next_step in caught.value.next_step
