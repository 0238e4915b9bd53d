"""The errors of litmus tests, each with a next step.

::

    UsageError
    └── LitmusError              a file that cannot be read            exit 2
    SlubtlaError
    └── LitmusUndecidedError     the search did not finish             exit 4
    CannotRunError
    ├── LitmusRunError           TLC failed, or a test never ends      exit 3
    └── HerdError                herd7 failed, or has no verdict       exit 3
"""

from __future__ import annotations

from slubtla.errors import CannotRunError, ExitCode, SlubtlaError, UsageError


class LitmusError(UsageError):
    """A litmus test that is not read: where (1-based; 0 where not known) and why."""

    def __init__(
        self, reason: str, *, file: str, line: int = 0, column: int = 0, next_step: str = ""
    ) -> None:
        where = f"{file}:{line}:{column}" if line else file
        super().__init__(
            f"{where}: {reason}",
            next_step=next_step or "docs/memory.md lists what `slubtla litmus` reads",
        )
        self.reason = reason
        self.file = file
        self.line = line
        self.column = column


def error_at(offset: int, reason: str, *, text: str, file: str, next_step: str = "") -> LitmusError:
    """Return the error of an offset in a file's text."""
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return LitmusError(reason, file=file, line=line, column=column, next_step=next_step)


class LitmusUndecidedError(SlubtlaError):
    """TLC did not search all executions: nothing is known of any test of the run."""

    exit_code = ExitCode.INCONCLUSIVE


class LitmusRunError(CannotRunError):
    """TLC failed, or its answer cannot be a verdict."""


class HerdError(CannotRunError):
    """herd7 failed, was stopped, or printed no verdict; with herd7's own words."""
