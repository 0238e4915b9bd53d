"""``slubtla argue``: the mail's argument, sentence by sentence, with what becomes of each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

import typer

from slubtla.barriers.machines import ARCHES
from slubtla.barriers.show.text import print_view
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.progress import live_runs
from slubtla.errors import ExitCode
from slubtla.protocols.slub.argument import STATEMENTS, Answer, Argument, argue, read_answer
from slubtla.protocols.slub.argument.statements import DEFAULT_ARCHES
from slubtla.protocols.slub.argument.view import argument_view
from slubtla.tlc.run.settings import Settings


def _arches(incomplete: str) -> list[str]:
    return [name for name in ARCHES if name.startswith(incomplete)]


@exits
@opt.run_options
def argue_command(
    settings: Settings,
    arch: Annotated[
        list[str] | None,
        typer.Option(
            "--arch",
            help="Only this architecture, and the same repaired. Repeatable. "
            f"(default: {', '.join(DEFAULT_ARCHES)})",
            autocompletion=_arches,
            rich_help_panel=opt.MODEL,
            show_default=False,
        ),
    ] = None,
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
        argument = argue(arch, settings=replace(settings, watch=watch))
    answer = read_answer(argument)
    if as_json:
        write(json.dumps(as_told(argument, answer), indent=2) + "\n")
    else:
        print_view(argument_view(argument, answer), stdout())
    return answer.exit_code


def as_told(argument: Argument, answer: Answer) -> dict[str, Any]:
    """Return the argument as JSON: machines with their verdicts and runs, and the answer."""
    told = argument.model_dump(mode="json")
    for judged, machine in zip(argument.machines, told["machines"], strict=True):
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
    return told | {"answer": answer.model_dump(mode="json")}


def register(app: typer.Typer) -> None:
    """Add the command to ``slubtla``."""
    app.command("argue")(argue_command)
