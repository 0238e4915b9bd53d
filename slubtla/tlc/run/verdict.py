"""Verdicts: a closed set, each with the exit code of a command."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from slubtla.errors import ExitCode


class VerdictKind(enum.StrEnum):
    """The closed set of verdicts."""

    PROVEN = "PROVEN"
    VIOLATED = "VIOLATED"
    BOUNDED = "BOUNDED"
    INCONCLUSIVE = "INCONCLUSIVE"
    VACUOUS = "VACUOUS"
    ERROR = "ERROR"


SET_BOUNDS: Final = frozenset({"constraint", "view", "exit", "random"})
"""Bounds that a cfg, or a specification, sets itself: a constraint or view of the cfg that leaves
something out, ``TLCSet("exit", …)``, and TLC's random choices."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run says about its model.

    Attributes:
        detail: the property that falls (VIOLATED, VACUOUS), the bound (BOUNDED: ``time``,
            ``depth``, ``simulation``, ``queue``; and those of :data:`SET_BOUNDS`), the reason
            (INCONCLUSIVE: ``timeout``, ``memory``, ``cancelled``, ``truncated``, ``uncounted``,
            ``warning``), or what failed (ERROR: ``parse``, ``config``, ``evaluation``, ``tlc``);
            ``""`` for PROVEN.
    """

    kind: VerdictKind
    detail: str = ""
    because: str = ""

    def __str__(self) -> str:
        return f"{self.kind}({self.detail})" if self.detail else str(self.kind)

    @property
    def conclusive(self) -> bool:
        """Whether the model was decided, one way or the other."""
        return self.kind in {VerdictKind.PROVEN, VerdictKind.VIOLATED}

    def exit_code_within(self, *, bounds_meant: bool) -> ExitCode:
        """What a command exits with where the bounds that a spec sets itself may be meant.

        Args:
            bounds_meant: whether BOUNDED of :data:`SET_BOUNDS` is as expected; the verdict names
                the bound all the same.
        """
        meant = bounds_meant and self.kind is VerdictKind.BOUNDED and self.detail in SET_BOUNDS
        return ExitCode.AS_EXPECTED if meant else self.exit_code

    @property
    def exit_code(self) -> ExitCode:
        """What a command that wanted PROVEN exits with."""
        match self.kind:
            case VerdictKind.PROVEN:
                return ExitCode.AS_EXPECTED
            case VerdictKind.VIOLATED | VerdictKind.VACUOUS:
                return ExitCode.NOT_AS_EXPECTED
            case VerdictKind.BOUNDED | VerdictKind.INCONCLUSIVE:
                return ExitCode.INCONCLUSIVE
            case VerdictKind.ERROR:
                return ExitCode.CANNOT_RUN if self.detail == "tlc" else ExitCode.USAGE


class Word(enum.StrEnum):
    """An answer in one word."""

    YES = "Yes"
    NO = "No"
    UNDECIDED = "Not decided"


def word_of(verdicts: Iterable[Verdict], conclusion: str) -> Word:
    """Return whether a conclusion holds wherever it was asked for."""
    verdicts = tuple(verdicts)
    if any(v.kind is VerdictKind.VIOLATED and v.detail == conclusion for v in verdicts):
        return Word.NO
    proven = all(verdict.kind is VerdictKind.PROVEN for verdict in verdicts)
    return Word.YES if proven else Word.UNDECIDED
