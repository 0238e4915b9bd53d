"""``slubtla prove`` and ``mutate``: run suite files, compare with expectations and pins."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import typer

from slubtla.barriers.show.proof import mutants_view, proof_view
from slubtla.barriers.suite.ci import workflow_commands, write_junit, write_summary
from slubtla.barriers.suite.proof import Proof
from slubtla.barriers.suite.prove import prove
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.progress import live_runs
from slubtla.errors import ExitCode
from slubtla.tlc.run.settings import Settings

FILES: Final = "The files"

_suite_options = opt.option_group(
    "suite",
    {
        "only": opt.own(
            list[str] | None,
            "Only models of this name; '*' stands for anything. Repeatable.",
            panel=FILES,
            metavar="NAME",
        ),
        "jobs": opt.own(int | None, "Runs at a time. (default: the cores)", "--jobs", "-j", min=1),
        "dask": (str | None, opt.DASK),
    },
    lambda *, only, jobs, dask: {"only": only or (), "jobs": jobs, "executor": dask},
)
_report_options = opt.option_group(
    "reports",
    {
        "junit": opt.own(
            Path | None, "Write a report in JUnit's XML.", panel=opt.OUTPUT, metavar="FILE"
        ),
        "summary": opt.own(
            Path | None,
            "Write a summary in Markdown. (In GitHub Actions the job's summary gets it, too.)",
            panel=opt.OUTPUT,
            metavar="FILE",
        ),
    },
    dict,
)


@command("prove")
@opt.run_options
@_suite_options
@_report_options
def prove_command(  # noqa: PLR0913, PLR0917 - an option each
    settings: Settings,
    suite: dict[str, Any],
    reports: dict[str, Path | None],
    files: list[Path] | None = opt.argument(
        "Files of models, or the names of shipped ones. (default: all that are shipped)",
        metavar="CONFIG",
        show_default=False,
    ),
    record: bool = opt.param(
        "Write the pins anew, for each model that shows what it must: review the diff.",
        "--record",
        panel=FILES,
        default=False,
    ),
    dry_run: bool = opt.param(
        "Run nothing: compare only what needs no Java.", "--dry-run", panel=FILES, default=False
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Run named models, and compare what they show with what they must show.

    A file of models (TOML) states for each the verdict that it must get, and pins what it was when
    it was recorded: its specification, its cfg, its invariants, its counts of states, the jar.
    Whatever differs is named, and is exit code 1.

    [dim]Example: slubtla prove argument --only 'as-it*'[/dim]
    """
    with live_runs("prove", settings) as watched:
        proof = prove(files or None, settings=watched, record=record, run=not dry_run, **suite)
    write_reports(proof, **reports)
    show(proof, lambda: proof_view(proof), as_json=as_json)
    return proof.exit_code


@command("mutate")
@opt.run_options
@_suite_options
@_report_options
def mutate_command(
    settings: Settings,
    suite: dict[str, Any],
    reports: dict[str, Path | None],
    files: list[Path] | None = opt.argument(
        "Files of models with mutants among them. (default: mutants)",
        metavar="CONFIG",
        show_default=False,
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Break the model in one place at a time, and see the expected property fall.

    A mutant that survives is named and is exit code 1, unless its file says why it is no different
    from the correct model.
    """
    with live_runs("mutate", settings) as watched:
        proof = prove(files or [Path("mutants")], settings=watched, mutants_only=True, **suite)
    write_reports(proof, **reports)
    show(proof, lambda: mutants_view(proof), as_json=as_json)
    return proof.exit_code


def write_reports(proof: Proof, junit: Path | None, summary: Path | None) -> None:
    """Write what CI reads: the files that were asked for, and GitHub's own."""
    if junit is not None:
        write_junit(proof, junit)
    write_summary(proof, summary)
    for line in workflow_commands(proof):
        typer.echo(line, err=True)
