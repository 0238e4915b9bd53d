"""Costs as a table: a row for each barrier, CPUs and caches."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.campaigns.cost import Costs

_WORDS = (
    "Least and most of all behaviours of the model: one CPU puts one slab on a list, or does not; "
    "the other caches of the cgroup have none. What a grace period takes in time the model does "
    "not know: `slubtla hardware` measures a call."
)


def cost_view(costs: Costs) -> RenderableType:
    """Return the table of costs, with what the numbers mean."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("strategy", style="bold", no_wrap=True)
    table.add_column("kernel", no_wrap=True)
    for head in (
        "CPUs",
        "caches",
        "IPIs of\nthe barrier",
        "IPIs of\nflush_all()",
        "grace\nperiods",
    ):
        table.add_column(head, justify="right", no_wrap=True)
    last = ""
    for cost in costs.costs:
        row = f"{cost.kernel} {cost.strategy}"
        if last and row != last:
            table.add_section()
        table.add_row(
            cost.strategy if row != last else "",
            cost.kernel if row != last else "",
            str(cost.cpus),
            str(cost.caches),
            str(cost.barrier_ipis),
            str(cost.flush_ipis),
            str(cost.grace_periods),
        )
        last = row
    return Group(table, Text(_WORDS, style="dim"))
