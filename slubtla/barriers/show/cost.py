"""Costs as a table: a row for each barrier and each value of the bounds."""

from __future__ import annotations

import textwrap
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.table import Column, Table, TableCell, terminal_table

_HEAD_WIDTH: Final = 11


def cost_table(costs: Costs) -> Table:
    """Return the table of costs, with what the numbers mean."""
    counted = costs.counting
    groups = [f"{cost.kernel} {cost.strategy}" for cost in costs.costs]
    first = [at for at, name in enumerate(groups) if not at or groups[at - 1] != name]
    heads = map(costs.protocol.bound_words, counted.over)
    counters = (textwrap.fill(each.summary, _HEAD_WIDTH) for each in counted.counters.values())
    rows: list[list[str | TableCell]] = [
        [
            *((cost.strategy, cost.kernel) if at in first else ("", "")),
            *map(str, cost.bounds.values()),
            *map(str, cost.counts.values()),
        ]
        for at, cost in enumerate(costs.costs)
    ]
    return Table(
        [
            Column("strategy"),
            Column("kernel"),
            *(Column(head, number=True) for head in (*heads, *counters)),
        ],
        rows,
        frozenset(first[1:]),
        (" ".join(counted.note.split()),),
    )


def cost_view(costs: Costs) -> RenderableType:
    """Return the table of costs for a terminal."""
    table = cost_table(costs)
    return Group(terminal_table(table), *(Text(note, style="dim") for note in table.notes))
