"""``slubtla report``: runs, told to a person in one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stderr
from slubtla.tlc.run.rundir import latest_run


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("report")(report_command)


@exits
def report_command(
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="FILE", help="Write here.", rich_help_panel=opt.OUTPUT),
    ],
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUN|MATRIX…",
            help="Run directories, directories of them, or files that verify, check, matrix, "
            "mutate or prove printed with --json; - for stdin. (default: the newest run)",
            show_default=False,
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="A line above the question.", rich_help_panel=opt.OUTPUT)
    ] = None,
) -> None:
    """Write a report: the answer, the matrix, each trace to step through, the provenance.

    One HTML file that opens by a double click and asks the network for nothing; needs no Java. The
    steps of a trace are read from its run directory. `slubtla mutate --json` adds the mutants.

    [dim]Example: slubtla matrix --json | slubtla report - -o report.html[/dim]
    """
    from slubtla.barriers.show.report import write_report  # noqa: PLC0415 - it loads what draws the plots
    from slubtla.barriers.show.report.sources import read_sources  # noqa: PLC0415 - likewise

    found = read_sources(sources or [latest_run()])
    file = write_report(found.results, out, title=title, proof=found.proof)
    stderr().print(f"{file}: {file.stat().st_size / 1000:,.0f} kB", style="dim", soft_wrap=True)
