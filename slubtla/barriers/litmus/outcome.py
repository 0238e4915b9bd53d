"""Judge a litmus test by its final states: Never, Sometimes or Always, as herd7 does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from slubtla.barriers.litmus.running import FinalState
from slubtla.barriers.litmus.syntax import Litmus, Observation, Quantifier, holds


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test on a memory model.

    Attributes:
        states: its final states, as far as condition and ``locations`` mention them, without those
            that the ``filter`` takes out.
        positive: how many of them satisfy the proposition; ``negative`` do not.
    """

    litmus: Litmus
    memory: str
    states: tuple[FinalState, ...]
    positive: int
    negative: int

    @property
    def verdict(self) -> Observation:
        """Whether the proposition holds in no, some or all final states."""
        return verdict_of(self.positive, self.negative)

    @property
    def vacuous(self) -> bool:
        """Whether no final state is left to judge: the ``filter`` took out all."""
        return not self.states

    @property
    def ok(self) -> bool:
        """Whether the condition, with its quantifier, is true."""
        return is_true(self.litmus.condition.quantifier, self.positive, self.negative)

    @property
    def expected(self) -> Observation | None:
        """What the ``slubtla:`` comment says of this memory model."""
        return dict(self.litmus.expected).get(self.memory)

    @property
    def weaker(self) -> bool:
        """Whether the model allows what the ``Result:`` comment says the kernel's model forbids."""
        lkmm = self.litmus.lkmm
        return lkmm in {Observation.NEVER, Observation.ALWAYS} and self.verdict is not lkmm

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is that of the test's comments.

        The line for our models wins. Without it, a model may be stronger than the kernel's, but not
        weaker. A test whose filter leaves no final state is never as expected.
        """
        expected = self.verdict is self.expected if self.expected else not self.weaker
        return expected and not self.vacuous

    def to_json(self) -> dict[str, Any]:
        """Return what ``slubtla litmus --json`` prints of it."""
        return {
            "name": self.litmus.name,
            "file": self.litmus.file,
            "memory": self.memory,
            "verdict": self.verdict.value,
            "positive": self.positive,
            "negative": self.negative,
            "ok": self.ok,
            "vacuous": self.vacuous,
            "expected": self.expected and self.expected.value,
            "lkmm": self.litmus.lkmm and self.litmus.lkmm.value,
            "as_expected": self.as_expected,
            "because": self.litmus.because or None,
            "condition": str(self.litmus.condition),
            "states": [
                {str(variable): value for variable, value in state} for state in self.states
            ],
        }


def verdict_of(positive: int, negative: int) -> Observation:
    """Return the verdict on so many states, or executions, with and without the proposition."""
    if not positive:
        return Observation.NEVER
    return Observation.SOMETIMES if negative else Observation.ALWAYS


def is_true(quantifier: Quantifier, positive: int, negative: int) -> bool:
    """Whether a condition is true with so many states with and without the proposition."""
    match quantifier:
        case Quantifier.EXISTS:
            return positive > 0
        case Quantifier.NOT_EXISTS:
            return positive == 0
        case Quantifier.FORALL:
            return negative == 0


def judge_states(litmus: Litmus, memory: str, states: Iterable[FinalState]) -> Outcome:
    """Judge a test by its final states on a memory model."""
    condition, variables = litmus.condition.proposition, litmus.variables
    kept = [
        values for values in map(dict, states) if litmus.only is None or holds(litmus.only, values)
    ]
    shown = sorted(
        {tuple((variable, values[variable]) for variable in variables) for values in kept}
    )
    positive = sum(holds(condition, dict(state)) for state in shown)
    return Outcome(litmus, memory, tuple(shown), positive, len(shown) - positive)
