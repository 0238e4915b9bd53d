"""Every error that slubtla raises on purpose.

Each carries what was wrong, and the *next step* that would mend it; the command line turns it into
one message and an exit code (see :class:`ExitCode`)::

    SlubtlaError
    ├── UsageError                bad input from the user                       exit 2
    │   ├── UnknownNameError      a name that is not in its list
    │   └── SpecError             a .tla, .cfg or template that is refused
    └── CannotRunError            nothing could be run, or its end is unknown   exit 3
        ├── ToolchainError        no Java, no jar, or one that does not work
        ├── ResourceError         the system gave too little: memory, descriptors, room on a disk
        ├── OutputError           the standard output cannot be written
        └── TlcOutputError        TLC printed what the reader does not understand
"""

from __future__ import annotations

import difflib
import enum
import errno
import os
from collections.abc import Iterable
from typing import Final


class ExitCode(enum.IntEnum):
    """The exit codes of every ``slubtla`` command."""

    AS_EXPECTED = 0
    NOT_AS_EXPECTED = 1
    USAGE = 2
    CANNOT_RUN = 3
    INCONCLUSIVE = 4
    INTERRUPTED = 130


class SlubtlaError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: what is wrong, naming the thing, and what was expected.
        next_step: what the user can do about it; ``""`` only where there is nothing to do.
    """

    exit_code: ExitCode = ExitCode.CANNOT_RUN

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.__dict__))


def _rebuild(kind: type[SlubtlaError], message: str, state: dict[str, object]) -> SlubtlaError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class UsageError(SlubtlaError):
    """The user asked for something that does not exist or makes no sense."""

    exit_code = ExitCode.USAGE


class UnknownNameError(UsageError):
    """A name that is not in its list; the message names the nearest one.

    Args:
        kind: what is named, e.g. ``"strategy"``.
        name: what the user wrote.
        known: the names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        lower = {word.lower(): word for word in self.known}
        close = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
        self.nearest = lower[close[0]] if close else None
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        super().__init__(
            f"unknown {kind} {name!r}{hint}",
            next_step=f"choose one of: {', '.join(self.known)}",
        )


class SpecError(UsageError):
    """A specification that the PlusCal translator, SANY or TLC's configuration reader refuses.

    Args:
        message: the tool's own words, with file and line where it gave them.
        next_step: what to look at.
    """


class CannotRunError(SlubtlaError):
    """A run could not be made, or ended in a way that says nothing about the model."""

    exit_code = ExitCode.CANNOT_RUN


class ToolchainError(CannotRunError):
    """No usable Java or ``tla2tools.jar``; says what was looked for and where."""


class ResourceError(CannotRunError):
    """The system gave too little: no more memory, open files, processes, or room on a disk."""


class OutputError(CannotRunError):
    """The standard output cannot be written: it is closed, or its disk is full."""


_REMEDIES: Final = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room: your quota on that disk is used up",
    errno.EFBIG: "raise the limit on the size of files: ulimit -f unlimited",
    errno.EMFILE: "raise the limit on open files: ulimit -n 1024",
    errno.ENFILE: "close some files: the whole system has too many open",
    errno.ENOMEM: "give more memory, or raise its limit: ulimit -v unlimited",
    errno.EAGAIN: "raise the limit on processes: ulimit -u",
}
SCARCE: Final = frozenset(_REMEDIES)
"""The numbers of system errors that say that there is too little of something."""


def remedy_for(error: OSError) -> str:
    """Return what can be done about an error of the operating system."""
    return _REMEDIES.get(error.errno or 0, "see that the files can be read and written")


def failed_file(error: OSError) -> CannotRunError:
    """Return an error of the operating system as one of ours, with its path, cause and notes."""
    what = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    kind = ResourceError if error.errno in SCARCE else CannotRunError
    failed = kind(f"{what}{error.strerror or error}", next_step=remedy_for(error))
    for note in getattr(error, "__notes__", ()):
        failed.add_note(note)
    return failed


class TlcOutputError(CannotRunError):
    """TLC's output could not be read.

    Args:
        reason: what was expected.
        line_number: the 1-based line of TLC's output, if known.
        text: that line.
    """

    def __init__(self, reason: str, *, line_number: int | None = None, text: str = "") -> None:
        where = f"line {line_number} of TLC's output: " if line_number is not None else ""
        shown = f": {text!r}" if text else ""
        super().__init__(
            f"{where}{reason}{shown}",
            next_step="run it again, and report it if it fails again: half-read is not a verdict",
        )
        self.reason = reason
        self.line_number = line_number
        self.text = text
