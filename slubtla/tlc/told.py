"""What a specification says of itself while TLC runs; see :mod:`slubtla.engine.firings`."""

from __future__ import annotations

import re
from typing import Final

PREFIX: Final = "Told_"
"""What the name of an action that tells of itself begins with."""

MARK: Final = "slubtla: fired"
"""What it prints, as ``<<"slubtla: fired", "put_load_head">>``."""

_FIRED = re.compile(rf'<<"{MARK}", "(\w+)">>')


def read_fired(line: str) -> str | None:
    """Return the name of the action that a line of output says fired; None if it says no such."""
    told = _FIRED.fullmatch(line)
    return told[1] if told else None
