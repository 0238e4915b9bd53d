"""Verify every strategy on every architecture, and under sequential consistency as control.

The SC column is the control: everything holds there, and that is why it proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.machines import ARCHES
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.names import names_of
from slubtla.barriers.protocol import protocol
from slubtla.barriers.suite.plan import essence, guessed_weight, shipped_weights
from slubtla.barriers.verify import model_spec
from slubtla.errors import ExitCode, SlubtlaError
from slubtla.registry import Framed
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.result import Record, Result, Versioned
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

SC_COLUMN: Final = "sc"
"""The column in which the default architecture is checked under sequential consistency."""


class Cell(Record):
    """One model of a matrix.

    Attributes:
        strategy: the strategy of its row.
        column: its column: an architecture, or :data:`SC_COLUMN`.
        result: what was found.
        kernel: the kernel of its row, where that is not the one of the other rows.
    """

    strategy: str
    column: str
    result: Result
    kernel: str | None = None

    @property
    def row(self) -> str:
        """The heading of its row: the strategy, and the kernel where the row has its own."""
        return _heading(self.strategy, self.kernel)


class Matrix(Framed, Versioned):
    """The cells of a matrix, row by row.

    Attributes:
        cells: the cells.
    """

    cells: tuple[Cell, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """The headings of the rows: a strategy, or ``"STRATEGY KERNEL"``."""
        return tuple(dict.fromkeys(cell.row for cell in self.cells))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(dict.fromkeys(cell.column for cell in self.cells))

    def __getitem__(self, place: tuple[str, str]) -> Result:  # (heading of the row, column)
        for cell in self.cells:
            if (cell.row, cell.column) == place:
                return cell.result
        raise KeyError(place)

    @property
    def exit_code(self) -> ExitCode:
        """0 where every cell is decided, one way or the other; a violation is an answer here."""
        kinds = {cell.result.verdict.kind for cell in self.cells}
        if VerdictKind.ERROR in kinds:
            return ExitCode.CANNOT_RUN
        if kinds & {VerdictKind.BOUNDED, VerdictKind.INCONCLUSIVE}:
            return ExitCode.INCONCLUSIVE
        return ExitCode.NOT_AS_EXPECTED if VerdictKind.VACUOUS in kinds else ExitCode.AS_EXPECTED


_Row = tuple[str, str | None]
"""A strategy, and the kernel of its row where the row has its own."""

OnCell = Callable[[Cell], None]


def run_matrix(
    strategies: Iterable[str] | None = None,
    arches: Iterable[str] | None = None,
    *,
    settings: Settings | None = None,
    executor: Where = None,
    on_cell: OnCell | None = None,
    **bounds: Any,  # noqa: ANN401 - fields of Model, validated there
) -> Matrix:
    """Check every strategy on every architecture, as many at a time as there are cores.

    Architectures with the same memory model and cmpxchg are one model, and share one run. The
    longest runs come first. A cached result of the same run counts as
    one, unless ``settings.cache`` is off. A strategy whose barrier waits for IPIs has one more row
    where no kernel is asked for: with the wait that later kernels have.

    Args:
        strategies: the rows; all when None.
        arches: the columns; all when None. The SC column is always added.
        settings: how to run each cell; ``out_dir`` becomes the parent of the cells' directories.
        executor: where the cells are run, instead of here: see
            :func:`slubtla.tlc.jobs.run_jobs`.
        on_cell: called with each cell, in order.
        bounds: further fields of :class:`slubtla.barriers.model.Model`, the same for all cells.

    Raises:
        As :func:`verify` and :func:`run_jobs`; the first error
        ends the matrix.
    """
    settings = settings or Settings()
    strategies = names_of(protocol().strategies if strategies is None else strategies)
    rows = tuple(_rows(strategies, bounds.get("kernel")))
    columns = names_of(ARCHES if arches is None else arches)
    models = {
        (row, column): make_model(
            **{"strategy": row[0], **where, **bounds} | ({"kernel": row[1]} if row[1] else {})
        )
        for row, column, where in _places(rows, columns)
    }
    first: dict[str, tuple[_Row, str]] = {}
    for place, model in models.items():
        first.setdefault(essence(model), place)
    known = shipped_weights()
    jobs = [
        Job(
            name=f"{_heading(*row)} on {column}",
            spec=partial(model_spec, models[row, column], specs=settings.specs),
            weight=known.get(same, guessed_weight(models[row, column])),
            out_dir=_cell_dir(settings.out_dir, row, column),
        )
        for same, (row, column) in first.items()
    ]
    essences = tuple(first)
    found: dict[str, Result] = {}
    cells: list[Cell] = []

    def take(index: int, finding: Finding) -> None:
        if isinstance(finding, SlubtlaError):
            raise finding
        found[essences[index]] = finding
        for place, model in islice(models.items(), len(cells), None):
            if essence(model) not in found:
                break
            cells.append(_cell(place, model, found[essence(model)]))
            if on_cell is not None:
                on_cell(cells[-1])

    run_jobs(jobs, replace(settings, keep_results=settings.cache), executor=executor, on_done=take)
    return Matrix(cells=tuple(cells))


def _heading(strategy: str, kernel: str | None) -> str:
    return f"{strategy} {kernel}" if kernel else strategy


def _cell(place: tuple[_Row, str], model: Model, result: Result) -> Cell:
    (strategy, kernel), column = place
    parameters = model.model_dump(mode="json")
    own = {"parameters": parameters, "name": model.name, "command": model.command}
    result = result.model_copy(update=own)
    return Cell(strategy=strategy, kernel=kernel, column=column, result=result)


def _rows(strategies: Iterable[str], kernel: str | None) -> Iterator[_Row]:
    of = protocol()
    for name in strategies:
        yield name, None
        strategy, usual = of.strategies[name], of.kernels[of.default_kernel]
        if kernel is None and strategy.sends_ipi:
            own = (k for k in of.kernels.values() if k.strategy == strategy)
            later = (k.name for k in own if k.ipi_wait != usual.ipi_wait)
            yield from ((name, kernel) for kernel in islice(later, 1))


def _places(
    rows: tuple[_Row, ...], columns: tuple[str, ...]
) -> Iterator[tuple[_Row, str, dict[str, str]]]:
    for row in rows:
        yield row, SC_COLUMN, {"memory": SC_COLUMN}
        for arch in columns:
            yield row, arch, {"arch": arch}


def _cell_dir(parent: Path | None, row: _Row, column: str) -> Path | None:
    return None if parent is None else parent / "-".join([*filter(None, row), column])
