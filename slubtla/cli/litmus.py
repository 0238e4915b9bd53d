"""``slubtla litmus``: litmus tests on the memory models that the SLUB model uses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from slubtla.checking import Settings
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.progress import live_progress
from slubtla.errors import ExitCode
from slubtla.litmus.export import export, write_exported
from slubtla.litmus.suite import run_litmus, shipped_files
from slubtla.litmus.views import outcomes_view, table_view
from slubtla.model import Model
from slubtla.views.text import print_view
from slubtla.vocabulary import MEMORY_MODELS

_RUN: Final = "run"


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


@exits
@opt.model_options
def export_command(
    model: Model,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write NAME.litmus here; never over existing files."
        ),
    ] = None,
) -> None:
    """Print the core of a model as C litmus tests that herd7 and klitmus7 read.

    The put's cmpxchg and check; the shrink's store, strategy and has_cpu_slab(); with the verdict
    of the Linux-kernel memory model in the comment. A strategy that sends interrupts gives one
    test for each place where the handler can come.
    """
    if out is None:
        write("\n".join(test.text for test in export(model)))
        return
    for path in write_exported(model, out):
        write(f"{path}\n")


class _RunByDefault(TyperGroup):
    """``litmus FILE`` is ``litmus run FILE``: what is no command is a file or an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        if not args or args[0] not in {*self.commands, "-h", "--help"}:
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the command to ``slubtla``."""
    litmus = typer.Typer(
        cls=_RunByDefault,
        help="Litmus tests on the memory models: run some (`litmus [FILE]...`), or export a model.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    litmus.command(_RUN)(litmus_command)
    litmus.command("export")(export_command)
    app.add_typer(litmus, name="litmus")
