"""Read what the race prints: one JSON object on a line; half-read output is an error.

The lines are described at the head of ``race.c``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from slubtla.errors import CannotRunError
from slubtla.protocols.slub.hardware.results import CallCost, Counts

_OUTCOMES: Final = ("leak", "put_flushes", "shrink_flushes", "both_flush")


@dataclass(frozen=True, slots=True)
class Listed:
    """What can run here.

    Attributes:
        arch: which variants were compiled.
        puts: each put variant, with what is missing for it, or None.
        shrinks: likewise.
    """

    arch: str
    puts: dict[str, str | None]
    shrinks: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of one cell.

    Attributes:
        put: the put variant.
        shrink: the shrink variant.
        counts: so far, or in the end.
        seconds: since the cell began.
        final: has it ended?
    """

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
    """Read one line.

    Raises:
        CannotRunError: it is not what the race prints.
    """
    try:
        return _event(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRunError(
            f"the race printed what cannot be read: {line!r}",
            next_step="run it again; if it stays so, report it: it is a defect of slubtla",
        ) from error


def read_events(lines: Iterable[str]) -> list[Event]:
    """Read all lines.

    Raises:
        CannotRunError: one of them is not what the race prints.
    """
    return [read_event(line) for line in lines]


def _event(said: dict[str, Any]) -> Event:
    match said["event"]:
        case "list":
            return Listed(str(said["arch"]), _missing(said["put"]), _missing(said["shrink"]))
        case "cost":
            return CallCost(
                shrink=str(said["shrink"]),
                nanoseconds=float(said["nanoseconds"]),
                calls=_count(said["calls"]),
            )
        case "progress" | "cell" as kind:
            counts = Counts(**{name: _count(said[name]) for name in _OUTCOMES})
            if counts.runs != said["runs"]:
                raise ValueError("the outcomes do not add up to the runs")
            return Counted(
                put=str(said["put"]),
                shrink=str(said["shrink"]),
                counts=counts,
                seconds=float(said["seconds"]),
                final=kind == "cell",
            )
        case "end":
            return Finished()
        case unknown:
            raise ValueError(f"no such event: {unknown}")


def _count(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"no count: {number!r}")
    return number


def _missing(rows: list[dict[str, Any]]) -> dict[str, str | None]:
    return {str(row["name"]): row["missing"] for row in rows}
