"""A matrix on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.campaigns.matrix import SC_COLUMN, Matrix
from slubtla.barriers.machines import ARCHES
from slubtla.barriers.show.text import STYLES
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind


def matrix_view(matrix: Matrix) -> RenderableType:
    """Return the table: a row for each strategy, a column for each model of a machine.

    Architectures with the same memory model and cmpxchg stand in one column.
    """
    groups: dict[str, list[str]] = {}
    for column in matrix.columns:
        groups.setdefault(_kind(column), []).append(column)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("strategy", no_wrap=True)
    for kind, columns in groups.items():
        style = "dim" if columns == [SC_COLUMN] else "bold"
        heading = Text("\n".join(columns), style=style)
        heading.append(f"\n{kind}", style="dim not bold")
        table.add_column(heading, no_wrap=True)
    for strategy in matrix.rows:
        cells = [
            _cell(matrix[strategy, columns[0]], control=columns == [SC_COLUMN])
            for columns in groups.values()
        ]
        table.add_row(strategy, *cells)
    legend = Text(
        "Below each verdict: the property that falls, and the distinct states searched.\n"
        "sc is the control: under sequential consistency no variant leaks, so PROVEN there says "
        "nothing\nabout barriers.",
        style="dim",
    )
    results = {cell.result.run_dir: cell.result for cell in matrix.cells}.values()
    cached = sum(result.provenance.cached_at is not None for result in results)
    if cached:
        legend.append(
            f"\n{cached} of {len(results)} results were kept from earlier runs of the very same; "
            "--no-cache\nruns them anew."
        )
    return Group(table, legend)


def _cell(result: Result, *, control: bool) -> Text:
    verdict, states = result.verdict, result.stats.distinct
    style = "dim" if control and verdict.kind is VerdictKind.PROVEN else STYLES[verdict.kind]
    below = [verdict.detail] if verdict.detail else []
    below += [f"{states:,}"] if states is not None else []
    return Text.assemble((str(verdict.kind), style), (f"\n{' '.join(below)}", "dim"))


def _kind(column: str) -> str:
    """What makes up a column: memory model and cmpxchg."""
    if column == SC_COLUMN:
        return "no store\nbuffers"
    arch = ARCHES[column]
    return f"{arch.memory},\n{arch.cmpxchg}"
