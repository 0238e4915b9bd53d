from __future__ import annotations

import pickle
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.errors import UnknownNameError, UsageError
from slubtla.model import BOUNDS, LARGEST_BOUND, Model, make_model, read_parameters
from slubtla.vocabulary import ARCHES, CMPXCHGS, MEMORY_MODELS, PROPERTIES, STRATEGIES

models = st.builds(
    make_model,
    strategy=st.sampled_from(list(STRATEGIES)),
    arch=st.sampled_from(list(ARCHES)),
    memory=st.none() | st.sampled_from(list(MEMORY_MODELS)),
    cmpxchg=st.none() | st.sampled_from(list(CMPXCHGS)),
    cpus=st.integers(2, LARGEST_BOUND),
    slabs=st.integers(1, LARGEST_BOUND),
    min_partial=st.integers(0, LARGEST_BOUND),
    symmetry=st.booleans(),
    properties=st.lists(st.sampled_from(list(PROPERTIES)), min_size=1),
)


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
    assert model.goals == {"ShrinkReturns": "shrink_return"}


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
    error = UnknownNameError("strategy", "smp_mbb", STRATEGIES)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(copy), copy.message, copy.nearest) == (type(error), error.message, "smp_mb")


@given(models)
def test_a_model_is_frozen_pickles_and_round_trips_through_json(model: Model) -> None:
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301 - our own bytes
    assert Model.model_validate_json(model.model_dump_json()) == model
    with pytest.raises(ValueError, match="frozen"):
        model.cpus = 3


@given(models)
def test_the_command_of_a_model_describes_that_model(model: Model) -> None:
    words = shlex.split(model.command)[2:]
    parameters: dict[str, object] = {}
    properties: list[str] = []
    while words:
        flag = words.pop(0).removeprefix("--").replace("-", "_")
        if flag == "no_symmetry":
            parameters["symmetry"] = False
        elif flag == "property":
            properties.append(words.pop(0))
        else:
            value = words.pop(0)
            parameters[flag] = int(value) if flag in BOUNDS else value
    assert make_model(**parameters, properties=properties or None) == model


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


def test_shipped_parameter_files_describe_models() -> None:
    files = sorted(Path(__file__).parent.parent.joinpath("configs").glob("*.toml"))
    assert files
    for file in files:
        make_model(**read_parameters(file))
