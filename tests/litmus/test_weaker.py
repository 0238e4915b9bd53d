"""A model that allows more than the kernel's, whichever verdict that one has."""

from __future__ import annotations

import pytest

from slubtla.barriers.litmus import parse_litmus
from slubtla.barriers.litmus.outcome import judge_states
from slubtla.barriers.litmus.syntax import Observation, Variable

TEXT = """C some

(* Result: {result} *)

{{}}

P0(int *x)
{{
	WRITE_ONCE(*x, 1);
}}

{quantifier} (x=1)
"""
ONE, TWO = (((Variable(-1, "x"), value),) for value in (1, 2))


@pytest.mark.parametrize(
    ("result", "states", "weaker"),
    [
        (Observation.ALWAYS, [ONE], False),
        (Observation.ALWAYS, [ONE, TWO], True),
        (Observation.ALWAYS, [TWO], True),
        (Observation.NEVER, [TWO], False),
        (Observation.NEVER, [ONE, TWO], True),
        (Observation.NEVER, [ONE], True),
        (Observation.SOMETIMES, [ONE], False),
        (Observation.SOMETIMES, [TWO], False),
        (Observation.SOMETIMES, [ONE, TWO], False),
    ],
)
@pytest.mark.parametrize("quantifier", ["exists", "forall", "~exists"])
def test_weaker_is_more_than_the_kernels_model_allows(
    result: Observation,
    states: list[tuple[tuple[Variable, int], ...]],
    weaker: bool,
    quantifier: str,
) -> None:
    text = TEXT.format(result=result.value, quantifier=quantifier)
    outcome = judge_states(parse_litmus(text), "tso", states)
    assert outcome.litmus.lkmm is result
    assert outcome.weaker is weaker
    assert outcome.as_expected is not weaker


@pytest.mark.parametrize("quantifier", ["exists", "forall", "~exists"])
def test_a_verdict_on_no_final_state_is_never_as_expected(quantifier: str) -> None:
    text = TEXT.format(result="Never", quantifier=quantifier).replace("/* Result: Never */", "")
    outcome = judge_states(parse_litmus(text), "tso", [])
    assert outcome.vacuous
    assert not outcome.as_expected
