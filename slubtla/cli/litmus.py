"""``slubtla litmus``: litmus tests on the memory models that the SLUB model uses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from slubtla.checking import Settings
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.progress import live_progress
from slubtla.errors import ExitCode
from slubtla.litmus.suite import run_litmus, shipped_files
from slubtla.litmus.views import outcomes_view, table_view
from slubtla.views.text import print_view
from slubtla.vocabulary import MEMORY_MODELS


def _models(incomplete: str) -> list[str]:
    return [name for name in MEMORY_MODELS if name.startswith(incomplete)]


@exits
@opt.run_options
def litmus_command(
    settings: Settings,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Litmus tests in C. [default: our own set]"),
    ] = None,
    memory: Annotated[
        list[str] | None,
        typer.Option(
            "--memory",
            help="Only this memory model. Repeatable. [default: all]",
            autocompletion=_models,
            rich_help_panel=opt.MODEL,
            show_default=False,
        ),
    ] = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Run litmus tests on the memory models, through the macros that the SLUB model uses.

    Reads the C litmus format of the Linux-kernel memory model. Without a FILE, runs our own set and
    shows one table. A test is as expected when its verdict is that of its `slubtla:` comment, or,
    where it has none, not weaker than that of its `Result:` comment.

    [dim]Example: slubtla litmus SB+mbs.litmus --memory tso[/dim]
    """
    tests = tuple(files or shipped_files())
    with live_progress(f"{len(tests)} litmus tests") as on_progress:
        conformance = run_litmus(
            tests,
            memory or tuple(MEMORY_MODELS),
            settings=replace(settings, on_progress=on_progress),
        )
    if as_json:
        write(json.dumps(conformance.to_json(), indent=2) + "\n")
    else:
        view = outcomes_view(conformance) if files else table_view(conformance)
        print_view(view, stdout())
    return conformance.exit_code


def register(app: typer.Typer) -> None:
    """Add the command to ``slubtla``."""
    app.command("litmus")(litmus_command)
