"""Compare our verdicts with those of herd7, which runs the kernel's memory model itself.

A memory model of ours may be stronger than the kernel's where the documentation says so: ``sc``,
``tso`` and ``pso`` are, each being one machine (or none), and ``relaxed`` is where the test has a
``stronger because`` comment. It must never be weaker: allow a final state that herd7 forbids.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slubtla.barriers.litmus.herd import Herd, HerdOutcome, run_herd
from slubtla.barriers.litmus.outcome import Outcome
from slubtla.barriers.litmus.suite import Conformance, Failure, read_tests, try_litmus
from slubtla.barriers.litmus.syntax import Litmus, Observation
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.errors import ExitCode
from slubtla.tlc.run.settings import Settings

WEAKEST = "relaxed"
"""The memory model that stands for every machine, as the kernel's model does."""


class Agreement(enum.StrEnum):
    """How our verdict on a test compares with herd7's."""

    AGREE = "agree"
    STRONGER = "stronger"
    UNEXPLAINED = "stronger, unexplained"
    WEAKER = "weaker"


@dataclass(frozen=True, slots=True)
class Compared:
    """A test on one memory model of ours, and in herd7."""

    ours: Outcome
    herd: HerdOutcome

    @property
    def agreement(self) -> Agreement:
        """Whether ours allows as much as herd7, less for a documented reason or none, or more."""
        if not set(self.ours.states) <= set(self.herd.states):
            return Agreement.WEAKER
        if self.ours.verdict is self.herd.verdict:
            return Agreement.AGREE
        return Agreement.STRONGER if self.because else Agreement.UNEXPLAINED

    @property
    def because(self) -> str:
        """Why ours may be stronger: what the documentation says; ``""`` when it says nothing."""
        if self.ours.memory != WEAKEST:
            return f"{self.ours.memory} is {MEMORY_MODELS[self.ours.memory].summary}"
        return self.ours.litmus.because

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong with either."""
        return self.agreement in {Agreement.AGREE, Agreement.STRONGER}

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of it."""
        return {
            "name": self.ours.litmus.name,
            "memory": self.ours.memory,
            "verdict": self.ours.verdict.value,
            "herd": self.herd.verdict.value,
            "agreement": self.agreement.value,
            "because": self.because if self.agreement is Agreement.STRONGER else None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several tests on our memory models and in herd7.

    ``herd`` has the outcome of the ``tool`` for each test of ours, in order.
    """

    conformance: Conformance
    tool: Herd
    herd: tuple[HerdOutcome, ...]

    @property
    def rows(self) -> tuple[tuple[Compared, ...], ...]:
        """For each test, a comparison for each memory model."""
        return tuple(
            tuple(Compared(ours, herd) for ours in row)
            for row, herd in zip(self.conformance.outcomes, self.herd, strict=True)
        )

    @property
    def differences(self) -> tuple[Compared, ...]:
        """Where we are weaker, or stronger for no reason that is written down."""
        return tuple(one for row in self.rows for one in row if not one.fine)

    @property
    def wrong_comments(self) -> tuple[tuple[Litmus, Observation], ...]:
        """Tests whose ``Result:`` comment is not herd7's verdict, and that verdict."""
        return tuple(
            (test, herd.verdict)
            for test, herd in zip(self.conformance.tests, self.herd, strict=True)
            if test.lkmm not in {None, herd.verdict}
        )

    @property
    def agree(self) -> bool:
        """Whether every difference is one that the documentation explains."""
        return not self.differences and not self.wrong_comments

    @property
    def exit_code(self) -> ExitCode:
        """What a command that ran this exits with."""
        return self.conformance.exit_code if self.agree else ExitCode.NOT_AS_EXPECTED

    def to_json(self) -> dict[str, Any]:
        """Return what ``slubtla litmus --herd --json`` prints."""
        outcomes = [
            {"name": test.name, "result_comment": test.lkmm and test.lkmm.value, **herd.to_json()}
            for test, herd in zip(self.conformance.tests, self.herd, strict=True)
        ]
        return self.conformance.to_json() | {
            "herd": self.tool.to_json() | {"outcomes": outcomes},
            "agree": self.agree,
            "comparisons": [one.to_json() for row in self.rows for one in row],
        }


def compare(
    files: Sequence[Path], memories: Sequence[str], tool: Herd, settings: Settings | None = None
) -> Comparison:
    """Run tests in herd7, which is faster, and then on memory models of ours.

    Raises:
        HerdError: herd7 has no verdict.
        LitmusError: no file is read.
    """
    refused: list[Failure] = []
    tests = list(read_tests(files, refused))
    if not tests:
        raise refused[0].error
    herd = dict(zip(map(id, tests), run_herd(tool, tests), strict=True))
    ours = try_litmus(tests, memories, settings=settings)
    ours = replace(ours, failures=(*refused, *ours.failures))
    return Comparison(ours, tool, tuple(herd[id(test)] for test in ours.tests))
