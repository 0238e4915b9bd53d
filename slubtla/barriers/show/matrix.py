"""A matrix as a table: a row for each strategy, a column for each architecture."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.text import Text

from slubtla.barriers.campaigns.matrix import SC_COLUMN, Matrix
from slubtla.barriers.machines import ARCHES
from slubtla.barriers.protocol import protocol
from slubtla.barriers.table import SIGNS, Column, Table, TableCell, terminal_table
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

CONTROL = (
    "sc is the control: under sequential consistency no variant leaks, so PROVEN there says "
    "nothing about barriers."
)


def matrix_view(matrix: Matrix) -> RenderableType:
    """Return the matrix for a terminal: architectures that are the same model share a column."""
    groups: dict[str, list[str]] = {}
    for column in matrix.columns:
        groups.setdefault(kind_of(column), []).append(column)
    columns = [Column("\n".join(own), kind.replace(" ", "\n", 1)) for kind, own in groups.items()]
    rows: list[list[str | TableCell]] = [
        [strategy, *(_cell(matrix[strategy, own[0]], own[0]) for own in groups.values())]
        for strategy in matrix.rows
    ]
    notes = [f"Below each verdict: the property that falls, and the distinct states.\n{CONTROL}"]
    results = {cell.result.run_dir: cell.result for cell in matrix.cells}.values()
    if note := cached_note(list(results)):
        notes.append(note)
    table = terminal_table(Table([Column("strategy"), *columns], rows))
    return Group(table, Text("\n".join(notes), style="dim"))


def matrix_table(matrix: Matrix, link: Callable[[Result], str] = lambda _: "") -> Table:
    """Return the matrix for a page, with the meanings of its strategies; a cell can ``link``."""
    strategies, kernels = protocol().strategies, protocol().kernels
    places = {(cell.row, cell.column): cell.result for cell in matrix.cells}
    meanings = {
        cell.row: strategies[cell.strategy].summary
        + (f"; {kernels[cell.kernel].summary}" if cell.kernel else "")
        for cell in matrix.cells
    }

    def cell(row: str, column: str) -> TableCell:
        result = places.get((row, column))
        if result is None:
            return TableCell("not run", "none")
        return _cell(result, column, f"{SIGNS[result.verdict.kind]} ", link(result))

    columns = [Column("strategy"), *(Column(name, kind_of(name)) for name in matrix.columns)]
    rows = [
        [TableCell(row, below=meaning), *(cell(row, column) for column in matrix.columns)]
        for row, meaning in meanings.items()
    ]
    return Table(columns, rows, notes=(CONTROL,) if SC_COLUMN in matrix.columns else ())


def kind_of(column: str) -> str:
    """Return what makes up a column: memory model and cmpxchg."""
    if column == SC_COLUMN:
        return "no store buffers"
    arch = ARCHES[column]
    return f"{arch.memory}, {arch.cmpxchg}"


def cached_note(results: list[Result]) -> str:
    """Return how many results come from the cache, a sentence; ``""`` for none."""
    cached = sum(result.provenance.cached_at is not None for result in results)
    return (
        f"{cached} of {len(results)} results come from earlier runs of the same model, with their "
        "time and memory; --no-cache runs them anew."
        if cached
        else ""
    )


def _cell(result: Result, column: str, sign: str = "", href: str = "") -> TableCell:
    verdict, states = result.verdict, result.stats.distinct
    control = column == SC_COLUMN and verdict.kind is VerdictKind.PROVEN
    below = [verdict.detail] if verdict.detail else []
    below += [f"{states:,}"] if states is not None else []
    return TableCell(
        f"{sign}{verdict.kind}", "dim" if control else verdict.kind, " ".join(below), href
    )
