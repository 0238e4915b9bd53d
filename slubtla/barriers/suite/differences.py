"""What can be otherwise than a file says: one kind, one message and one next step for each."""

from __future__ import annotations

import enum

from slubtla.errors import ExitCode
from slubtla.tlc.run.result import Record


class Kind(enum.StrEnum):
    """The kinds of difference, in words that stand on the screen."""

    EXPECTATION = "no expectation"
    VERDICT = "verdict"
    PROPERTY = "property"
    SURVIVOR = "survivor"
    AT_LEAST = "at least"
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"
    CANNOT_RUN = "could not run"
    UNCOVERED = "not covered"
    UNLISTED = "unlisted"
    DELETED = "deleted"
    INVARIANT = "invariant"
    CFG = "cfg"
    SPEC = "spec"
    COUNT = "count"
    JAR = "jar"

    @property
    def recordable(self) -> bool:
        """Whether it is about a pin, which ``--record`` writes anew, and not about a claim."""
        return self in _PINS

    @property
    def exit_code(self) -> ExitCode:
        """What the command exits with where this is the only trouble."""
        return _EXIT_CODES.get(self, ExitCode.NOT_AS_EXPECTED)


_PINS = frozenset(
    {Kind.UNLISTED, Kind.DELETED, Kind.INVARIANT, Kind.CFG, Kind.SPEC, Kind.COUNT, Kind.JAR}
)
_EXIT_CODES = {
    Kind.REFUSED: ExitCode.USAGE,
    Kind.CANNOT_RUN: ExitCode.CANNOT_RUN,
    Kind.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


class Difference(Record):
    """One thing that is not as expected.

    Attributes:
        kind: what is otherwise.
        message: what was expected and what was found.
        next_step: what to do about it.
        line: where in the file, if not where the model stands.
    """

    kind: Kind
    message: str
    next_step: str
    line: int | None = None
