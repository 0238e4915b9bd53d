"""Parse the lines that ``race.c`` prints: JSON objects; anything else is an error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from slubtla.errors import CannotRunError
from slubtla.protocols.slub.hardware.results import CallCost, Counts

_OUTCOMES: Final = ("leak", "put_flushes", "shrink_flushes", "both_flush")


@dataclass(frozen=True, slots=True)
class Listed:
    """The variants that were compiled, each with what it lacks here, or None."""

    arch: str
    puts: dict[str, str | None]
    shrinks: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of one cell, some seconds after it began; ``final`` at its end."""

    put: str
    shrink: str
    counts: Counts
    seconds: float
    final: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The last line: all cells were run."""


Event = Listed | CallCost | Counted | Finished


def read_event(line: str) -> Event:
    """Parse one line.

    Raises:
        CannotRunError: it is not what the race prints.
    """
    try:
        return _event(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        raise CannotRunError(
            f"the race printed what cannot be read: {line!r}",
            next_step="run it again; if it stays so, report it: it is a defect of slubtla",
        ) from error


def _event(said: dict[str, Any]) -> Event:
    match said:
        case {"event": "list", "arch": str(arch), "put": puts, "shrink": shrinks}:
            put, shrink = (
                {row["name"]: row["missing"] for row in side} for side in (puts, shrinks)
            )
            return Listed(arch, put, shrink)
        case {"event": "cost", "shrink": str(shrink), "nanoseconds": float(each), "calls": int(n)}:
            return CallCost(shrink=shrink, nanoseconds=each, calls=n)
        case {"event": "progress" | "cell" as kind, "put": str(put), "shrink": str(shrink)}:
            counts = Counts(**{name: said[name] for name in _OUTCOMES})
            whole = all(isinstance(said[name], int) and said[name] >= 0 for name in _OUTCOMES)
            if not whole or counts.runs != said["runs"]:
                raise ValueError("the outcomes do not add up to the runs")
            return Counted(put, shrink, counts, said["seconds"], final=kind == "cell")
        case {"event": "end"}:
            return Finished()
    raise ValueError("no such event")
