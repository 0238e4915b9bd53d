"""``slubtla resume``: go on with a run that was killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from slubtla.barriers.show.text import print_view, result_view
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.progress import live_progress
from slubtla.errors import ExitCode
from slubtla.tlc.run.resume import resume
from slubtla.tlc.run.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("resume")(resume_command)


@exits
@opt.resume_options
def resume_command(
    settings: Settings,
    run: Annotated[
        Path | None,
        typer.Argument(metavar="RUN", help="The run. (default: the newest unfinished one)"),
    ] = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Go on with a run that was begun with --checkpoint and killed, from its last checkpoint.

    It is finished in its own directory; its counts are those of a run that was not killed.

    [dim]Example: slubtla resume night.unfinished[/dim]
    """
    with live_progress("the rest") as on_progress:
        result = resume(run, settings=replace(settings, on_progress=on_progress))
    if as_json:
        write(result.to_json() + "\n")
    else:
        print_view(result_view(result), stdout())
    return result.verdict.exit_code
