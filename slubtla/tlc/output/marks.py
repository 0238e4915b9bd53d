"""What a specification says of itself while TLC runs; see :mod:`slubtla.tlc.run.firings`."""

from __future__ import annotations

import re
from typing import Final

PREFIX: Final = "Told_"
"""What the name of an action that tells of itself begins with."""

MARK: Final = "slubtla: fired"
"""What it prints, as ``<<"slubtla: fired", "put_load_head">>``."""

REACHED: Final = "slubtla: reached"
"""What an antecedent prints when it first holds, as ``<<"slubtla: reached", "3">>``."""

CUT: Final = "slubtla: cut"
"""What a constraint prints when it first excludes something: ``<<"slubtla: cut", "Small">>``."""

_NOTE = re.compile(rf'<<"({REACHED}|{CUT})", "(\w+)">>')
_FIRED = re.compile(rf'<<"{MARK}", "(\w+)">>')


def read_fired(line: str) -> str | None:
    """Return the name of the action that a line of output says fired; None if it says no such."""
    told = _FIRED.fullmatch(line)
    return told[1] if told else None


def read_note(line: str) -> tuple[str, str] | None:
    """Return what a line of output notes, and of what: :data:`REACHED` or :data:`CUT`."""
    noted = _NOTE.fullmatch(line)
    return (noted[1], noted[2]) if noted else None
