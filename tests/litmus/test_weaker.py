"""A model that allows more than the kernel's, whichever verdict that one has."""

from __future__ import annotations

import pytest

from slubtla.barriers.litmus import parse_litmus
from slubtla.barriers.litmus.outcome import judge_states
from slubtla.barriers.litmus.syntax import Place, Verdict

TEXT = """C some

(* Result: {result} *)

{{}}

P0(int *x)
{{
	WRITE_ONCE(*x, 1);
}}

{quantifier} (x=1)
"""
ONE, TWO = (((Place(-1, "x"), value),) for value in (1, 2))


@pytest.mark.parametrize(
    ("result", "states", "weaker"),
    [
        (Verdict.ALWAYS, [ONE], False),
        (Verdict.ALWAYS, [ONE, TWO], True),
        (Verdict.ALWAYS, [TWO], True),
        (Verdict.NEVER, [TWO], False),
        (Verdict.NEVER, [ONE, TWO], True),
        (Verdict.NEVER, [ONE], True),
        (Verdict.SOMETIMES, [ONE], False),
        (Verdict.SOMETIMES, [TWO], False),
        (Verdict.SOMETIMES, [ONE, TWO], False),
    ],
)
@pytest.mark.parametrize("quantifier", ["exists", "forall", "~exists"])
def test_weaker_is_more_than_the_kernels_model_allows(
    result: Verdict, states: list[tuple[tuple[Place, int], ...]], weaker: bool, quantifier: str
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
