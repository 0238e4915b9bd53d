"""A matrix as a table whose cells lead to the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slubtla.barriers.campaigns.matrix import SC_COLUMN, Cell, Matrix
from slubtla.barriers.machines import ARCHES
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.report.content import Section, run_of
from slubtla.tlc.run.result import Result


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix as a table.

    Attributes:
        columns: name and kind of each column.
        rows: heading, its meaning, and for each column its section; None for a missing cell.
        control: whether there is a column under sequential consistency.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[Section | None, ...]], ...]
    control: bool


def grid_of(results: Sequence[Result | Matrix], sections: Sequence[Section]) -> tuple[Grid, ...]:
    """Return a table for each matrix."""
    by_run = {run_of(section.result): section for section in sections}
    return tuple(_grid(each, by_run) for each in results if isinstance(each, Matrix))


def _grid(matrix: Matrix, by_run: Mapping[tuple[object, str], Section]) -> Grid:
    places = {(cell.row, cell.column): cell.result for cell in matrix.cells}

    meanings = {cell.row: _meaning(cell) for cell in matrix.cells}

    def cell(row: str, column: str) -> Section | None:
        result = places.get((row, column))
        return None if result is None else by_run[run_of(result)]

    return Grid(
        columns=tuple((column, _kind(column)) for column in matrix.columns),
        rows=tuple(
            (row, meaning, tuple(cell(row, column) for column in matrix.columns))
            for row, meaning in meanings.items()
        ),
        control=SC_COLUMN in matrix.columns,
    )


def _meaning(cell: Cell) -> str:
    kernel = f"; {protocol().kernels[cell.kernel].summary}" if cell.kernel else ""
    return protocol().strategies[cell.strategy].summary + kernel


def _kind(column: str) -> str:
    if column == SC_COLUMN:
        return "no store buffers"
    arch = ARCHES[column]
    return f"{arch.memory}, {arch.cmpxchg}"
