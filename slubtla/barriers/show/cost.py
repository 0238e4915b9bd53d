"""Costs as a table: a row for each barrier, number of CPUs and of caches."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.table import Cell, Column, Table, terminal_table

_NOTE: Final = (
    "Least and most of all behaviours of the model: one CPU puts one slab on a list, or does not; "
    "the other caches of the cgroup have none. The model does not know how long a grace period "
    "takes: `slubtla hardware` measures a call."
)


def cost_table(costs: Costs) -> Table:
    """Return the table of costs, with what the numbers mean."""
    groups = [f"{cost.kernel} {cost.strategy}" for cost in costs.costs]
    first = [at for at, name in enumerate(groups) if not at or groups[at - 1] != name]
    heads = ("CPUs", "caches", "IPIs of\nthe barrier", "IPIs of\nflush_all()", "grace\nperiods")
    rows: list[list[str | Cell]] = [
        [
            *((cost.strategy, cost.kernel) if at in first else ("", "")),
            str(cost.cpus),
            str(cost.caches),
            str(cost.barrier_ipis),
            str(cost.flush_ipis),
            str(cost.grace_periods),
        ]
        for at, cost in enumerate(costs.costs)
    ]
    return Table(
        [Column("strategy"), Column("kernel"), *(Column(head, number=True) for head in heads)],
        rows,
        frozenset(first[1:]),
        (_NOTE,),
    )


def cost_view(costs: Costs) -> RenderableType:
    """Return the table of costs for a terminal."""
    table = cost_table(costs)
    return Group(terminal_table(table), Text(_NOTE, style="dim"))
