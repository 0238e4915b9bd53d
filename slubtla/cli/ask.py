"""Commands verify, matrix, argue, cost, explain and list."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

import typer

from slubtla.barriers.campaigns.cost import measure_costs
from slubtla.barriers.campaigns.matrix import run_matrix
from slubtla.barriers.entries import Vocabulary
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.cost import cost_view
from slubtla.barriers.show.listing import listing_view, plan_view
from slubtla.barriers.show.matrix import matrix_view
from slubtla.barriers.show.text import result_view
from slubtla.barriers.verify import command_lines, verify
from slubtla.cli import options as opt
from slubtla.cli.commands import command, show
from slubtla.cli.exits import stdout
from slubtla.cli.progress import live_progress, live_runs
from slubtla.cli.scale import tell_how_to_join
from slubtla.errors import ExitCode
from slubtla.protocols.slub.argument import Answer, Argument, argue, read_answer
from slubtla.protocols.slub.argument.statements import DEFAULT_ARCHES, STATEMENTS
from slubtla.protocols.slub.argument.view import argument_view
from slubtla.tlc.run.settings import Settings

WIDEST: Final = 120
"""Columns that :func:`slubtla.barriers.show.text.print_view` uses at most."""


@command("verify")
@opt.model_options
@opt.search_options
def verify_command(
    model: Model,
    settings: Settings,
    as_json: opt.JsonOption = False,
    dry_run: Annotated[
        bool, opt.option("Show what would be run; run nothing.", "--dry-run", panel=opt.OUTPUT)
    ] = False,
) -> ExitCode:
    """Check one strategy on one architecture, and show why.

    [dim]Example: slubtla verify --strategy smp_mb[/dim]
    """
    if dry_run:
        argv = command_lines(model, settings)
        plan = {"model": model.model_dump(mode="json"), "argv": argv}
        show(plan, lambda: plan_view(model, settings), as_json=as_json)
        return ExitCode.AS_EXPECTED
    with live_progress(f"{model.strategy} on {model.arch}", model=model) as on_progress:
        settings = replace(settings, on_progress=on_progress, on_ready=tell_how_to_join)
        result = verify(model, settings=settings)
    show(result, lambda: result_view(result), as_json=as_json)
    return result.verdict.exit_code


@command("matrix")
@opt.matrix_options
@opt.run_options
def matrix_command(
    cells: dict[str, Any],
    settings: Settings,
    dask: opt.DaskOption = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Check every strategy on every architecture, and show one table.

    The first column is the control: sequential consistency, where nothing leaks. A violation is an
    answer here: the exit code is 0 when every cell is decided.
    """
    strategies, arches = cells.pop("strategies"), cells.pop("arches")
    with live_runs("matrix") as watch:
        settings = replace(settings, watch=watch)
        matrix = run_matrix(
            strategies or None, arches or None, settings=settings, executor=dask, **cells
        )
    show(matrix, lambda: matrix_view(matrix), as_json=as_json)
    return matrix.exit_code


@command("argue")
@opt.run_options
def argue_command(
    settings: Settings,
    arch: Annotated[
        list[str] | None,
        opt.option(
            "Only this architecture, and the same repaired. Repeatable. "
            f"(default: {', '.join(DEFAULT_ARCHES)})",
            panel=opt.MODEL,
            autocompletion=opt.among(ARCHES),
        ),
    ] = None,
    dask: opt.DaskOption = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Walk through the mail's argument: each sentence, its formal statement, and its verdict.

    A plain smp_mb() on the shrink side: "(am I correct?)" Each sentence is checked where
    this_cpu_cmpxchg() is the full barrier that the mail assumes, on the architectures as they are,
    and with a repair. It takes two or three minutes on two cores; `--arch x86` a quarter of that.

    The exit code is 0 when every verdict is what the argument is known to give: there a violation
    is an answer. It is 1 when one differs, and 4 when one is not decided.

    [dim]Example: slubtla argue --arch x86 --arch s390[/dim]
    """
    with live_runs("argue") as watch:
        argument = argue(arch, settings=replace(settings, watch=watch), executor=dask)
    answer = read_answer(argument)
    show(
        as_told(argument, answer),
        lambda: argument_view(argument, answer),
        as_json=as_json,
    )
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
    cells: dict[str, Any],
    settings: Settings,
    dask: opt.DaskOption = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Count the interrupts and grace periods that each barrier costs.

    The numbers come from the model's own counters, over all its behaviours.
    """
    with live_runs("cost") as watch:
        settings = replace(settings, watch=watch)
        costs = measure_costs(settings=settings, executor=dask, **cells)
    show(costs, lambda: cost_view(costs), as_json=as_json)
    return costs.exit_code


def _words() -> list[str]:
    from slubtla.barriers.glossary import all_words  # noqa: PLC0415 - it reads every specification

    return list(all_words())


@command("explain")
def explain_command(
    word: Annotated[
        str,
        typer.Argument(
            metavar="WORD",
            help="A strategy, property, guard, architecture, memory model, cmpxchg, kernel, "
            "verdict, label or action of a trace, or kernel function.",
            autocompletion=_words,
        ),
    ],
    as_json: opt.JsonOption = False,
) -> None:
    """Explain a word: what it is, where it comes from, where it is enough; needs no Java.

    What holds and falls is what the models that ship must show, and `slubtla prove` checks.

    [dim]Example: slubtla explain put_check_limit[/dim]
    """
    from slubtla.barriers.glossary import explain  # noqa: PLC0415 - it reads every specification
    from slubtla.barriers.show.meaning import explanation_view  # noqa: PLC0415 - likewise

    explanation = explain(word)
    width = min(stdout().width, WIDEST)
    show(explanation, lambda: explanation_view(explanation, width), as_json=as_json)


_LISTS: Final[Mapping[str, Vocabulary[Any]]] = {
    "strategies": protocol().strategies,
    "kernels": protocol().kernels,
    "arches": ARCHES,
    "memory": MEMORY_MODELS,
    "cmpxchg": CMPXCHGS,
    "guards": protocol().guards,
    "properties": protocol().properties,
}

Listed = enum.StrEnum("Listed", {name.upper(): name for name in _LISTS})  # type: ignore[misc]


@command("list")
def list_command(
    what: Annotated[Listed | None, typer.Argument(help="Only these.")] = None,
    as_json: opt.JsonOption = False,
) -> None:
    """List every name that a command takes, with its meaning and source."""
    chosen = {name: _LISTS[name] for name in (_LISTS if what is None else [str(what)])}
    data = {
        name: [{"name": e.name, "summary": e.summary, "source": e.source} for e in known.values()]
        for name, known in chosen.items()
    }
    show(data, lambda: listing_view(chosen), as_json=as_json)
