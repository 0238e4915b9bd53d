"""Commands on existing runs: trace, report, runs. No Java."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Final

from slubtla.barriers.show.formats import Format, Theme, counterexample_view, format_of, written
from slubtla.barriers.show.listing import runs_view
from slubtla.barriers.show.text import trace_view
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.barriers.trace.selection import Selection
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.exits import WIDEST, note, print_view, stderr, stdout, write
from slubtla.errors import SCARCE, SlubtlaError, UsageError, failed_file
from slubtla.tlc.run.rundir import UNFINISHED, latest_run, load_run, runs_dir

_steps = partial(opt.param, panel="The steps")
_output = partial(opt.param, panel=opt.OUTPUT)
THEME: Final = _output("Colours of a picture.", default=Theme.LIGHT)


@command("trace")
def trace_command(  # noqa: PLR0913, PLR0917  # what typer calls it with
    run: Path | None = opt.argument("A run directory. (default: the newest)", metavar="RUN"),
    kind: Format | None = _output(
        "How to write it. (default: by FILE's suffix, else text)", "--format"
    ),
    out: Path | None = opt.file_param("Write here."),
    theme: Theme = THEME,
    steps: str | None = _steps("Only these: 5, 5-12, 5-, 3,7-9.", metavar="5-12"),
    cpu: str | None = _steps("Only this CPU's.", metavar="cpu1"),
    nth: int = _steps(
        "Which of several counterexamples, of a run with --continue.", min=1, default=1
    ),
    only_changes: bool = _steps(
        "Only what changes memory or a store buffer, or has a note.",
        "--only-changes",
        default=False,
    ),
    as_json: bool = _output("The same as --format itf.", "--json", default=False),
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
        width = min(console.width, WIDEST)
        print_view(
            trace_view(result)
            if result.trace is None
            else counterexample_view(counterexample_of(result, selection), width),
            console,
        )
        return
    content = written(result, kind, selection, theme)
    if out is not None:
        save(content, out)
    elif kind is Format.PNG:
        to_stdout(content)
    else:
        write(content.decode())


@command("report")
def report_command(
    out: Path = opt.file_param("Write here.", default=...),
    sources: list[Path] | None = opt.argument(
        "Run directories, directories of them, or files that verify, check, matrix, "
        "mutate or prove printed with --json; - for stdin. (default: the newest run)",
        metavar="RUN|MATRIX…",
        show_default=False,
    ),
    title: str | None = opt.param("A line above the question.", panel=opt.OUTPUT),
) -> None:
    """Write a report: the answer, the matrix, each trace to step through, the provenance.

    One HTML file that opens by a double click and asks the network for nothing; needs no Java. The
    steps of a trace are read from its run directory. `slubtla mutate --json` adds the mutants.

    [dim]Example: slubtla matrix --json | slubtla report - -o report.html[/dim]
    """
    from slubtla.barriers.show.report import write_report  # noqa: PLC0415 - it loads what draws the plots
    from slubtla.barriers.show.report.sources import read_sources  # noqa: PLC0415 - likewise

    results, proof = read_sources(sources or [latest_run()])
    file = write_report(results, out, title=title, proof=proof)
    stderr().print(f"{file}: {file.stat().st_size / 1000:,.0f} kB", style="dim", soft_wrap=True)


@command("runs")
def runs_command(
    place: Path | None = opt.argument(
        "List the runs in this directory. (default: all kept)", metavar="DIR"
    ),
    as_json: bool = opt.JSON,
) -> None:
    """List run directories, the newest first: name, verdict, when, where; needs no Java.

    [dim]Example: slubtla runs[/dim]
    """
    here = place or runs_dir()
    if place is not None and not place.is_dir():
        raise UsageError(f"there is no directory {place}", next_step="name one, or leave it out")
    found = [_listed(path) for path in here.iterdir()] if here.is_dir() else []
    runs = sorted((run for run in found if run), key=lambda run: run["started"] or "", reverse=True)
    show({"runs": runs}, lambda: runs_view(runs, here), as_json=as_json)


def _listed(path: Path) -> dict[str, str | None] | None:
    """What is listed of a directory; None where it holds no run."""
    own: dict[str, str | None] = {"name": path.name, "verdict": "", "started": None}
    own["run_dir"] = str(path)
    if path.name.startswith(".") or not (path / "tlc.out").is_file():
        return None
    if path.name.endswith(UNFINISHED):
        return own | {"verdict": "unfinished: slubtla resume"}
    try:
        result = load_run(path)
    except SlubtlaError:
        return own | {"verdict": "without a result"}
    started = result.provenance.started_at
    return own | {"name": result.name, "verdict": str(result.verdict), "started": started}


def to_stdout(picture: bytes) -> None:
    """Write a picture on stdout; a terminal is a UsageError."""
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
