"""Table and Card: results as rows, shown on a terminal, a page or in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from slubtla.tlc.run.verdict import Verdict, VerdictKind

STYLES: Final = {
    VerdictKind.PROVEN: "bold green",
    VerdictKind.VIOLATED: "bold red",
    VerdictKind.BOUNDED: "bold yellow",
    VerdictKind.INCONCLUSIVE: "bold yellow",
    VerdictKind.VACUOUS: "bold magenta",
    VerdictKind.ERROR: "bold red",
}
"""One colour for each verdict; the word itself always stands beside it."""

SIGNS: Final = {
    VerdictKind.PROVEN: "✓",
    VerdictKind.VIOLATED: "✗",
    VerdictKind.BOUNDED: "~",
    VerdictKind.INCONCLUSIVE: "?",
    VerdictKind.VACUOUS: "∅",
    VerdictKind.ERROR: "!",
}
"""A sign for each verdict, so that no reader needs the colour."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, a second, smaller line of that, and whether it holds numbers."""

    head: str
    below: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell with more than a text.

    Attributes:
        text: what it says.
        style: the kind of a verdict, or ``"dim"``; ``""`` for none.
        below: a second, smaller line.
        href: where it leads, in a page.
    """

    text: str
    style: str = ""
    below: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column holds the names of the rows.

    Attributes:
        columns: the columns.
        rows: their cells.
        groups: numbers of the rows, from 0 on, before which a new group begins.
        notes: sentences that say what the numbers mean.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | TableCell]]
    groups: frozenset[int] = field(default=frozenset())
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """A table that can be folded away: its title, and whether it is unfolded at first."""

    title: str
    table: Table
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the output of a cell shows.

    Attributes:
        head: the first words, e.g. the verdict with its sign.
        kind: of a verdict, for the colour; ``""`` for none.
        subject: what it is about.
        sentences: why, and what it means.
        pictures: ``<svg>`` elements (``markupsafe.Markup``).
        section: a run, as a report shows it.
        folds: tables.
    """

    head: str
    subject: str
    kind: str = ""
    sentences: Sequence[str] = ()
    pictures: Sequence[str] = ()
    section: object = None
    folds: Sequence[Fold] = ()


def verdict_cell(verdict: Verdict) -> TableCell:
    """Return a verdict with its detail, e.g. ``VIOLATED(TypeOK)``."""
    return TableCell(str(verdict), verdict.kind)


def terminal_table(table: Table) -> RichTable:
    """Return a table for a terminal."""
    made = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns:
        below = f"\n{column.below}" if column.below else ""
        made.add_column(
            Text.assemble((column.head, "bold"), (below, "dim not bold")),
            justify="right" if column.number else "left",
            no_wrap=column.number,
            overflow="fold",
        )
    for number, row in enumerate(table.rows):
        if number in table.groups:
            made.add_section()
        made.add_row(*map(_terminal_cell, row))
    return made


def _terminal_cell(cell: str | TableCell) -> Text:
    if isinstance(cell, str):
        return Text(cell)
    style = STYLES[VerdictKind(cell.style)] if cell.style in set(VerdictKind) else cell.style
    return Text.assemble((cell.text, style), (f"\n{cell.below}" if cell.below else "", "dim"))


def mebibytes(size: int | None) -> str:
    """Return an amount of memory as ``12 MiB``; ``""`` where it is not known."""
    return "" if size is None else f"{size / (1 << 20):,.0f} MiB"
