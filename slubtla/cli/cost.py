"""``slubtla cost``: what each barrier costs, from the model's own counters."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from slubtla.barriers.campaigns.cost import DEFAULT_CACHES, DEFAULT_CPUS, measure_costs
from slubtla.barriers.show.cost import cost_view
from slubtla.barriers.show.text import print_view
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.progress import live_runs
from slubtla.errors import ExitCode
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("cost")(cost_command)


@exits
@opt.run_options
def cost_command(
    settings: Settings,
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy", help=f"Only this strategy: {', '.join(SLUB.strategies)}. Repeatable."
        ),
    ] = None,
    cpus: Annotated[
        list[int] | None, typer.Option(help="Online CPUs. Repeatable. (default: 2 and 3)")
    ] = None,
    caches: Annotated[
        list[int] | None,
        typer.Option(help="Caches of the dead cgroup. Repeatable. (default: 1 and 2)"),
    ] = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Count the interrupts and grace periods that each barrier costs.

    The numbers come from the model's own counters, over all its behaviours.
    """
    with live_runs("cost") as watch:
        costs = measure_costs(
            strategies or None,
            cpus=cpus or DEFAULT_CPUS,
            caches=caches or DEFAULT_CACHES,
            settings=replace(settings, watch=watch),
        )
    if as_json:
        write(costs.model_dump_json(indent=2) + "\n")
    else:
        print_view(cost_view(costs), stdout())
    return costs.exit_code
