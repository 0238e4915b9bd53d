"""``slubtla trace``: a run's counterexample, in every format that people and programs ask for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from slubtla.barriers.show.formats import Format, Theme, counterexample_view, format_of, written
from slubtla.barriers.show.text import print_view, trace_view
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.barriers.trace.selection import Selection
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, note, stdout, write
from slubtla.errors import SCARCE, UsageError, failed_file
from slubtla.tlc.run.rundir import latest_run, load_run

STEPS: Final = "The steps"
_WIDEST: Final = 120
"""Columns that :func:`slubtla.barriers.show.text.print_view` uses at most."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("trace")(trace_command)


@exits
def trace_command(  # noqa: PLR0913, PLR0917  # what typer calls it with
    run: Annotated[
        Path | None,
        typer.Argument(metavar="RUN", help="A run directory. (default: the newest)"),
    ] = None,
    kind: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="How to write it. (default: by FILE's suffix, else text)",
            rich_help_panel=opt.OUTPUT,
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Write here.", rich_help_panel=opt.OUTPUT),
    ] = None,
    theme: Annotated[
        Theme, typer.Option(help="Colours of a picture.", rich_help_panel=opt.OUTPUT)
    ] = Theme.LIGHT,
    steps: Annotated[
        str | None,
        typer.Option(metavar="5-12", help="Only these: 5, 5-12, 5-, 3,7-9.", rich_help_panel=STEPS),
    ] = None,
    cpu: Annotated[
        str | None,
        typer.Option(metavar="cpu1", help="Only this CPU's.", rich_help_panel=STEPS),
    ] = None,
    nth: Annotated[
        int,
        typer.Option(
            min=1,
            help="Which of several counterexamples, of a run with --continue.",
            rich_help_panel=STEPS,
        ),
    ] = 1,
    only_changes: Annotated[
        bool,
        typer.Option(
            "--only-changes",
            help="Only what changes memory or a store buffer, or has a note.",
            rich_help_panel=STEPS,
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The same as --format itf.", rich_help_panel=opt.OUTPUT)
    ] = False,
) -> None:
    """Show the counterexample of a run; needs no Java.

    svg and png draw a lane for each CPU, with its store buffer, and memory in the middle; of a
    specification of your own a lane for each PlusCal process.

    [dim]Example: slubtla trace -o leak.svg[/dim]
    """
    if as_json:
        if kind not in {None, Format.ITF}:
            raise UsageError(f"--json and --format {kind}", next_step="give one of the two")
        kind = Format.ITF
    if kind is None:
        kind = Format.TEXT if out is None else format_of(out.name)
    result = load_run(run if run is not None else latest_run())
    if nth > 1:
        result = result.nth(nth)
    if result.trace is not None and len(result.trace.steps) < (result.trace_length or 0):
        note(
            f"{result.run_dir}: tlc.out is cut: it holds {len(result.trace.steps)} of the "
            f"{result.trace_length} states of this counterexample"
        )
    selection = Selection(steps, cpu, only_changes)
    if out is None and kind is Format.TEXT:
        console = stdout()
        if result.trace is None:
            print_view(trace_view(result), console)
        else:
            print_view(
                counterexample_view(
                    counterexample_of(result, selection), min(console.width, _WIDEST)
                ),
                console,
            )
    elif out is not None:
        save(written(result, kind, selection, theme), out)
    elif kind is Format.PNG:
        to_stdout(written(result, kind, selection, theme))
    else:
        write(written(result, kind, selection, theme).decode())


def to_stdout(picture: bytes) -> None:
    """Write a picture on stdout, which must not be a terminal.

    Raises:
        UsageError: it is one.
    """
    if sys.stdout is not None and sys.stdout.isatty():
        raise UsageError(
            "a picture is nothing to read on a terminal", next_step="name a file with -o"
        )
    write(picture)


def save(content: bytes, file: Path) -> None:
    """Write a file that the user named; a file that is there is replaced.

    Raises:
        UsageError: it cannot be written.
        ResourceError: there is no room for it.
    """
    try:
        file.write_bytes(content)
    except OSError as error:
        if error.errno in SCARCE:
            error.filename = str(file)
            raise failed_file(error) from error
        raise UsageError(
            f"{file} cannot be written: {error.strerror}",
            next_step="name a file in a directory that exists and can be written",
        ) from error
