"""Result records of ``slubtla hardware``: counts, and whether the model allows them.

Counts are None where nothing was run, never 0.
"""

from __future__ import annotations

import enum
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from slubtla.errors import ExitCode
from slubtla.protocols.slub.hardware.machine import RaceHost
from slubtla.protocols.slub.hardware.variants import Ruling

SCHEMA_VERSION: Final = 1
"""Incremented with every change of the JSON format."""


class Standing(enum.StrEnum):
    """Whether leaks were seen, and whether the model allows them."""

    ALLOWED_SEEN = "allowed, seen"
    ALLOWED_UNSEEN = "allowed, not seen"
    FORBIDDEN_UNSEEN = "forbidden, not seen"
    FORBIDDEN_SEEN = "FORBIDDEN, SEEN"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often each outcome was seen.

    Attributes:
        leak: put read the old ``cpu_partial``, shrink saw an empty list: nobody flushes.
        put_flushes: put read 0, shrink saw an empty list.
        shrink_flushes: put read the old ``cpu_partial``, shrink saw the slab.
        both_flush: put read 0, shrink saw the slab.
    """

    leak: int
    put_flushes: int
    shrink_flushes: int
    both_flush: int

    @property
    def runs(self) -> int:
        """The number of races."""
        return self.leak + self.put_flushes + self.shrink_flushes + self.both_flush


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceCell:
    """A put variant against a shrink variant.

    Attributes:
        ruling: whether the model allows the leak.
        counts: what was seen; None where it was not run.
        seconds: how long it ran, without warm-up.
        not_run: why it was not run; None where it was.
    """

    put: str
    shrink: str
    ruling: Ruling
    counts: Counts | None
    seconds: float | None = None
    not_run: str | None = None

    @property
    def name(self) -> str:
        """Both names, the put's first."""
        return f"{self.put} / {self.shrink}"

    @property
    def standing(self) -> Standing:
        """Whether leaks were seen and are allowed."""
        if self.counts is None:
            return Standing.NOT_RUN
        if self.ruling.allowed:
            return Standing.ALLOWED_SEEN if self.counts.leak else Standing.ALLOWED_UNSEEN
        return Standing.FORBIDDEN_SEEN if self.counts.leak else Standing.FORBIDDEN_UNSEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCost:
    """The median time of a call of a shrink barrier, the store before it included."""

    shrink: str
    nanoseconds: float
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareResult:
    """A table of races on one machine.

    Attributes:
        arch: which variants ran: ``x86-64``, ``arm64`` or ``c11``.
        machine: where.
        compiler: the compiler's own first line.
        sources_sha256: digest of the C sources.
        cpus: the put's CPU and the shrink's.
        runs: races wanted for each cell.
        seconds_per_cell: the time after which a cell ends with fewer.
        busy: older stores to cold lines before each put.
        timed_out: whether its time limit ended it; then some cells were not run.
        cells: in the order of the table, row by row.
        costs: of the shrink variants that ran.
        schema_version: see :data:`SCHEMA_VERSION`.
    """

    arch: str
    machine: RaceHost
    compiler: str
    sources_sha256: str
    cpus: tuple[int, int]
    runs: int
    seconds_per_cell: float
    busy: int
    timed_out: bool
    cells: tuple[RaceCell, ...]
    costs: tuple[CallCost, ...]
    schema_version: int = SCHEMA_VERSION

    def standing_at(self, standing: Standing) -> tuple[RaceCell, ...]:
        """The cells of one standing."""
        return tuple(cell for cell in self.cells if cell.standing is standing)

    @property
    def exit_code(self) -> ExitCode:
        """1 if something forbidden was seen, 4 if the time was up, else 0."""
        if self.standing_at(Standing.FORBIDDEN_SEEN):
            return ExitCode.NOT_AS_EXPECTED
        return ExitCode.INCONCLUSIVE if self.timed_out else ExitCode.AS_EXPECTED

    def to_json(self) -> str:
        """Return the result as JSON; each cell with its standing and its number of races."""
        whole: dict[str, Any] = {"schema_version": self.schema_version, **asdict(self)}
        for row, cell in zip(whole["cells"], self.cells, strict=True):
            row["standing"] = cell.standing.name.lower()
            row["runs"] = cell.counts.runs if cell.counts is not None else None
        whole["exit_code"] = int(self.exit_code)
        return json.dumps(whole, indent=2)
