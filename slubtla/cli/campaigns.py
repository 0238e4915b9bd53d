"""Commands matrix, argue and cost: many models."""

from __future__ import annotations

from typing import Any

from slubtla.barriers.campaigns.cost import measure_costs
from slubtla.barriers.campaigns.matrix import run_matrix
from slubtla.barriers.machines import ARCHES
from slubtla.barriers.show.cost import cost_view
from slubtla.barriers.show.matrix import matrix_view
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.progress import live_runs
from slubtla.errors import ExitCode
from slubtla.protocols.slub.argument import Answer, Argument, argue, read_answer
from slubtla.protocols.slub.argument.statements import DEFAULT_ARCHES, STATEMENTS
from slubtla.protocols.slub.argument.view import argument_view
from slubtla.tlc.run.settings import Settings


@command("matrix")
@opt.matrix_options
@opt.run_options
def matrix_command(
    cells: dict[str, Any], settings: Settings, dask: str | None = opt.DASK, as_json: bool = opt.JSON
) -> ExitCode:
    """Check every strategy on every architecture, and show one table.

    The first column is the control: sequential consistency, where nothing leaks. A violation is an
    answer here: the exit code is 0 when every cell is decided.
    """
    strategies, arches = cells.pop("strategies"), cells.pop("arches")
    with live_runs("matrix", settings) as watched:
        matrix = run_matrix(
            strategies or None, arches or None, settings=watched, executor=dask, **cells
        )
    show(matrix, lambda: matrix_view(matrix), as_json=as_json)
    return matrix.exit_code


@command("argue")
@opt.run_options
def argue_command(
    settings: Settings,
    arch: list[str] | None = opt.param(
        "Only this architecture, and the same repaired. Repeatable. "
        f"(default: {', '.join(DEFAULT_ARCHES)})",
        panel=opt.MODEL,
        autocompletion=opt.among(ARCHES),
    ),
    dask: str | None = opt.DASK,
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Walk through the mail's argument: each sentence, its formal statement, and its verdict.

    A plain smp_mb() on the shrink side: "(am I correct?)" Each sentence is checked where
    this_cpu_cmpxchg() is the full barrier that the mail assumes, on the architectures as they are,
    and with a repair. It takes two or three minutes on two cores; `--arch x86` a quarter of that.

    The exit code is 0 when every verdict is what the argument is known to give: there a violation
    is an answer. It is 1 when one differs, and 4 when one is not decided.

    [dim]Example: slubtla argue --arch x86 --arch s390[/dim]
    """
    with live_runs("argue", settings) as watched:
        argument = argue(arch, settings=watched, executor=dask)
    answer = read_answer(argument)
    told = as_told(argument, answer)
    show(told, lambda: argument_view(argument), as_json=as_json)
    return answer.exit_code


def as_told(argument: Argument, answer: Answer) -> dict[str, Any]:
    """Return the argument as JSON: machines with their verdicts and runs, and the answer."""
    data = argument.model_dump(mode="json")
    for judged, machine in zip(argument.machines, data["machines"], strict=True):
        machine["statements"] = [
            {
                "name": statement.name,
                "says": statement.says,
                "expected": "VIOLATED" if statement.name in judged.machine.falls else "PROVEN",
                "verdict": str(judged.verdict(statement.name)),
                "run": judged.runs.index(judged.run_of(statement.name)),
            }
            for statement in STATEMENTS
        ]
    return data | {"answer": answer.model_dump(mode="json")}


@command("cost")
@opt.cost_options
@opt.run_options
def cost_command(
    cells: dict[str, Any], settings: Settings, dask: str | None = opt.DASK, as_json: bool = opt.JSON
) -> ExitCode:
    """Count the interrupts and grace periods that each barrier costs.

    The numbers come from the model's own counters, over all its behaviours.
    """
    with live_runs("cost", settings) as watched:
        costs = measure_costs(settings=watched, executor=dask, **cells)
    show(costs, lambda: cost_view(costs), as_json=as_json)
    return costs.exit_code
