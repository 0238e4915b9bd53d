"""``slubtla sweep``: a model in many sizes, and what the next one would cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from slubtla.barriers.campaigns.sizes import MOST
from slubtla.barriers.campaigns.sweep import run_sweep
from slubtla.barriers.entries import Vocabulary
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.show.sweep import sweep_view
from slubtla.barriers.show.text import print_view
from slubtla.cli import options as opt
from slubtla.cli.dask import DaskOption
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.progress import live_runs
from slubtla.errors import ExitCode
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("sweep")(sweep_command)


def _name(flag: str, text: str, known: Vocabulary[Any]) -> Any:  # noqa: ANN401 - typer's own
    return typer.Option(
        flag,
        help=text,
        autocompletion=lambda incomplete: [name for name in known if name.startswith(incomplete)],
        rich_help_panel=opt.MODEL,
        show_default=False,
    )


def _values(text: str) -> Any:  # noqa: ANN401 - typer's own
    return typer.Option(metavar="VALUES", help=text, rich_help_panel=opt.BOUNDS, show_default=False)


@exits
@opt.run_options
def sweep_command(  # noqa: PLR0913, PLR0917 - an option each
    settings: Settings,
    strategy: Annotated[
        str | None, _name("--strategy", "What the shrink side does.", SLUB.strategies)
    ] = None,
    kernel: Annotated[
        str | None, _name("--kernel", "The version whose code is modelled.", SLUB.kernels)
    ] = None,
    arch: Annotated[str | None, _name("--arch", "Architecture. (default: x86)", ARCHES)] = None,
    memory: Annotated[
        str | None, _name("--memory", "Memory model, instead of the architecture's.", MEMORY_MODELS)
    ] = None,
    cmpxchg: Annotated[
        str | None, _name("--cmpxchg", "What this_cpu_cmpxchg() is, likewise.", CMPXCHGS)
    ] = None,
    without: Annotated[
        list[str] | None, _name("--without", "Take away this guard. Repeatable.", SLUB.guards)
    ] = None,
    properties: Annotated[
        list[str] | None, _name("--property", "Only this property. Repeatable.", SLUB.properties)
    ] = None,
    cpus: Annotated[str | None, _values("Online CPUs: 3, 2..4 or 2,3,4.")] = None,
    tasks: Annotated[str | None, _values("Tasks that put slabs.")] = None,
    slabs: Annotated[str | None, _values("Slabs.")] = None,
    objects: Annotated[str | None, _values("Objects of a slab.")] = None,
    cpu_partial: Annotated[str | None, _values("The limit of a per-CPU list.")] = None,
    min_partial: Annotated[str | None, _values("Empty slabs the node keeps.")] = None,
    interrupts: Annotated[str | None, _values("Frees by interrupts of devices.")] = None,
    allocations: Annotated[str | None, _values("Allocations by one more task.")] = None,
    caches: Annotated[str | None, _values("Caches of the cgroup.")] = None,
    symmetry: Annotated[
        bool | None,
        typer.Option(
            "--symmetry/--no-symmetry",
            help="Search up to the names of CPUs, tasks and slabs. (default: symmetry)",
            rich_help_panel=opt.BOUNDS,
            show_default=False,
        ),
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, help="Refuse more sizes than this.", rich_help_panel=opt.BOUNDS)
    ] = MOST,
    dask: DaskOption = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Check one model in many sizes: states, time, memory, and what the next size may cost.

    A bound takes one number, a range A..B, or A,B,C; every combination is a size. What the next
    size costs is an estimate, from a growth factor that is fitted to the finished ones.

    [dim]Example: slubtla sweep --strategy synchronize_sched --cpus 2..3 --slabs 1..3[/dim]
    """
    with live_runs("sweep") as watch:
        sweep = run_sweep(
            settings=replace(settings, watch=watch),
            executor=dask,
            most=most,
            strategy=strategy,
            kernel=kernel,
            arch=arch,
            memory=memory,
            cmpxchg=cmpxchg,
            without=without or None,
            properties=properties or None,
            cpus=cpus,
            tasks=tasks,
            slabs=slabs,
            objects=objects,
            cpu_partial=cpu_partial,
            min_partial=min_partial,
            interrupts=interrupts,
            allocations=allocations,
            caches=caches,
            symmetry=symmetry,
        )
    if as_json:
        write(sweep.model_dump_json(indent=2) + "\n")
    else:
        print_view(sweep_view(sweep), stdout())
    return sweep.exit_code
