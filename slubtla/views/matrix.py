"""A matrix on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.matrix import SC_COLUMN, Matrix
from slubtla.views.text import verdict_text
from slubtla.vocabulary import ARCHES


def matrix_view(matrix: Matrix) -> RenderableType:
    """Return the table: a row for each strategy, a column for each architecture."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("strategy", no_wrap=True)
    for column in matrix.columns:
        heading = Text(column, style="dim" if column == SC_COLUMN else "bold")
        heading.append(f"\n{_kind(column)}", style="dim")
        table.add_column(heading, no_wrap=True)
    for strategy in matrix.strategies:
        cells = []
        for column in matrix.columns:
            result = matrix[strategy, column]
            cell = verdict_text(result.verdict)
            if column == SC_COLUMN:
                cell.stylize("dim not bold")
            if result.stats.distinct is not None:
                cell.append(f"\n{result.stats.distinct:,} states", style="dim")
            cells.append(cell)
        table.add_row(strategy, *cells)
    legend = Text(
        "sc: the control. Under sequential consistency no variant leaks, so PROVEN there says "
        "nothing about barriers.",
        style="dim",
    )
    return Group(table, legend)


def _kind(column: str) -> str:
    if column == SC_COLUMN:
        return "no store buffers"
    arch = ARCHES[column]
    return f"{arch.memory}, {arch.cmpxchg}"
