"""Which steps of a trace are shown: ``--steps 5-12``, ``--cpu cpu1``, ``--only-changes``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.errors import UnknownNameError, UsageError

_RANGE: Final = re.compile(r"(\d*)(-?)(\d*)")


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice of steps; by default all.

    Attributes:
        steps: numbers and ranges as the user wrote them, e.g. ``"5-12,20"``; None for all.
        cpu: only steps on this CPU, and those that change its store buffer; None for all.
        only_changes: only steps that change memory or a store buffer (in a user's specification: a
            variable), or have a note.
    """

    steps: str | None = None
    cpu: str | None = None
    only_changes: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()

    def numbers(self, last: int) -> frozenset[int]:
        """Return the numbers of the chosen steps.

        Args:
            last: the number of the trace's last step; the first is 1.

        Raises:
            UsageError: ``steps`` cannot be read, or chooses no step of the trace.
        """
        if self.steps is None:
            return frozenset(range(1, last + 1))
        chosen: set[int] = set()
        for part in self.steps.split(","):
            chosen |= _range(part.strip(), self.steps, last)
        if not chosen:
            raise UsageError(
                f"--steps {self.steps}: the trace has no such step",
                next_step=f"choose among 1-{last}",
            )
        return frozenset(chosen)

    def check_cpu(self, cpus: Sequence[str]) -> None:
        """Raise unless the chosen CPU is in the trace.

        Args:
            cpus: those of the trace; empty for a specification without CPUs.

        Raises:
            UsageError: there are no CPUs.
            UnknownNameError: there is no CPU of that name.
        """
        if self.cpu is None or self.cpu in cpus:
            return
        if not cpus:
            raise UsageError(
                "--cpu: this is a trace of a specification of your own, which has no CPUs",
                next_step="leave --cpu out; --steps and --only-changes work for any trace",
            )
        raise UnknownNameError("CPU", self.cpu, cpus)

    def has_cpu(self, cpu: str, buffers: Mapping[str, object]) -> bool:
        """Whether a step on ``cpu`` that changed these store buffers is selected."""
        return self.cpu is None or self.cpu == cpu or self.cpu in buffers


def _range(part: str, whole: str, last: int) -> set[int]:
    match = _RANGE.fullmatch(part)
    if match is None or not (match[1] or match[3]):
        raise UsageError(
            f"--steps {whole!r}: {part!r} is neither a number nor a range",
            next_step="write e.g. 5, 5-12, 5- or 3,7-9",
        )
    first, dash, end = match[1], match[2], match[3]
    low = int(first or 1)
    high = int(end or last) if dash else low
    if low > high and end:
        raise UsageError(
            f"--steps {whole!r}: {part} ends before it begins",
            next_step=f"write the smaller number first: {high}-{low}",
        )
    return set(range(max(low, 1), min(high, last) + 1))
