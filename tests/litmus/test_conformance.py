"""The set on the real TLC: as its comments say, as the kernel's model says, and never weaker."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache

import pytest

from litmus import lkmm
from slubtla.barriers.litmus import Conformance, Observation, read_litmus, shipped_files
from slubtla.barriers.litmus.outcome import Outcome, judge_states
from slubtla.barriers.litmus.running import FinalState
from slubtla.barriers.machines import MEMORY_MODELS

TESTS = {file.stem: read_litmus(file) for file in shipped_files()}
Column = Callable[[str], dict[str, Outcome]]


@cache
def allowed(name: str) -> tuple[FinalState, ...]:
    """The final states that the axioms allow."""
    return judge_states(TESTS[name], "lkmm", lkmm.final_states(TESTS[name])).states


@pytest.fixture(scope="session")
def column(conformance: Conformance) -> Column:
    return lambda memory: {
        outcome.litmus.name: outcome
        for row in conformance.outcomes
        for outcome in row
        if outcome.memory == memory
    }


def test_the_set_is_as_its_comments_say(conformance: Conformance) -> None:
    assert [(o.litmus.name, o.memory, o.verdict) for o in conformance.surprises] == []
    assert len(conformance.tests) >= 40
    assert conformance.memories == tuple(MEMORY_MODELS)


@pytest.mark.parametrize("memory", MEMORY_MODELS)
def test_no_model_allows_what_the_kernels_model_forbids(column: Column, memory: str) -> None:
    weaker = {
        name: set(outcome.states) - set(allowed(name)) for name, outcome in column(memory).items()
    }
    assert {name: states for name, states in weaker.items() if states} == {}


def test_each_model_allows_what_the_one_before_it_does(column: Column) -> None:
    for strong, weak in itertools.pairwise(MEMORY_MODELS):
        for name, outcome in column(weak).items():
            assert set(column(strong)[name].states) <= set(outcome.states), (name, strong, weak)


@pytest.mark.parametrize("name", TESTS)
def test_the_result_is_that_of_the_axioms(name: str) -> None:
    assert TESTS[name].lkmm == lkmm.verdict(TESTS[name])


@pytest.mark.parametrize("name", TESTS)
def test_expectations_are_complete_and_differences_have_a_reason(name: str) -> None:
    test = TESTS[name]
    expected = dict(test.expected)
    assert tuple(expected) == tuple(MEMORY_MODELS)
    assert bool(test.because) == (expected["relaxed"] is not test.lkmm), name
    if test.lkmm in {Observation.NEVER, Observation.ALWAYS}:
        assert set(expected.values()) == {test.lkmm}, "a model is weaker"


def test_each_model_is_told_from_the_next_by_a_test() -> None:
    for strong, weak in itertools.pairwise(MEMORY_MODELS):
        assert any(dict(t.expected)[strong] != dict(t.expected)[weak] for t in TESTS.values())


def test_the_families_are_all_there() -> None:
    families = ["SB", "MP", "LB", "S", "R", "2+2W", "CoRR", "CoWW", "CoRW", "CoWR", "WRC"]
    families += ["ISA2", "RWC", "IRIW", "W+RWC", "Z6.0", "RMW"]
    assert set(families) <= {name if name in families else name.split("+")[0] for name in TESTS}
