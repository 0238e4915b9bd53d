"""The commands of ``slubtla``."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from slubtla._version import __version__
from slubtla.barriers.campaigns.matrix import Matrix, run_matrix
from slubtla.barriers.entries import Vocabulary
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model
from slubtla.barriers.render import render as render_model
from slubtla.barriers.show.listing import doctor_view, listing_view, plan_view
from slubtla.barriers.show.matrix import matrix_view
from slubtla.barriers.show.text import print_view, result_view
from slubtla.barriers.verify import check_spec, command_lines, verify
from slubtla.cli import options as opt
from slubtla.cli.argue import register as register_argue
from slubtla.cli.cost import register as register_cost
from slubtla.cli.dask import DaskOption
from slubtla.cli.diff import register as register_diff
from slubtla.cli.exits import exits, stdout, write
from slubtla.cli.explain import register as register_explain
from slubtla.cli.hardware import register as register_hardware
from slubtla.cli.litmus import register as register_litmus
from slubtla.cli.plot import register as register_plot
from slubtla.cli.progress import live_progress, live_runs
from slubtla.cli.prove import register as register_prove
from slubtla.cli.report import register as register_report
from slubtla.cli.resume import register as register_resume
from slubtla.cli.search_options import TlcFlags, check_options, mode_options
from slubtla.cli.sweep import register as register_sweep
from slubtla.cli.trace import register as register_trace
from slubtla.cli.worker import register as register_worker
from slubtla.cli.worker import tell_how_to_join
from slubtla.errors import ExitCode
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.result import SCHEMA_VERSION, Record, Result, json_schema
from slubtla.tlc.run.search_mode import SearchMode, read_tlc_flags
from slubtla.tlc.run.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Is this barrier enough? SLUB's lockless cpu_partial protocol, checked by TLC.",
    epilog="Exit codes: 0 as expected, 1 not as expected, 2 usage or specification error, "
    "3 could not run, 4 inconclusive, 130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        write(f"slubtla {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Nothing: ``--version`` is handled when it is read."""


@app.command("verify")
@exits
@opt.model_options
@opt.search_options
def verify_command(
    model: Model,
    settings: Settings,
    as_json: opt.JsonOption = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show what would be run; run nothing.", rich_help_panel=opt.OUTPUT
        ),
    ] = False,
) -> ExitCode:
    """Check one strategy on one architecture, and show why.

    [dim]Example: slubtla verify --strategy smp_mb[/dim]
    """
    if dry_run:
        if as_json:
            plan = {"model": model.model_dump(), "argv": command_lines(model, settings)}
            write(json.dumps({"schema_version": SCHEMA_VERSION} | plan, indent=2) + "\n")
        else:
            print_view(plan_view(model, settings), stdout())
        return ExitCode.AS_EXPECTED
    with live_progress(f"{model.strategy} on {model.arch}", model=model) as on_progress:
        settings = replace(settings, on_progress=on_progress, on_ready=tell_how_to_join)
        result = verify(model, settings=settings)
    return _show(result, as_json=as_json)


@app.command("matrix")
@exits
@opt.matrix_options
@opt.run_options
def matrix_command(
    cells: dict[str, Any],
    settings: Settings,
    dask: DaskOption = None,
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
    if as_json:
        write(matrix.model_dump_json(indent=2) + "\n")
    else:
        print_view(matrix_view(matrix), stdout())
    return matrix.exit_code


@app.command("render")
@exits
@opt.model_options
def render_command(
    model: Model,
    cfg: Annotated[
        bool, typer.Option("--cfg", help="Print the configuration instead of the spec.")
    ] = False,
    out_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write Slub.tla and Slub.cfg here; never over existing files."
        ),
    ] = None,
) -> None:
    """Print the PlusCal specification of a model; needs no Java.

    The file opens as it is in the TLA+ tools and in VS Code, which translate the algorithm.
    """
    rendered = render_model(model)
    if out_dir is None:
        write(rendered.cfg if cfg else rendered.spec)
        return
    for path in rendered.write_new(out_dir):
        write(f"{path}\n")


@app.command("check")
@exits
@check_options
@mode_options
def check_command(  # noqa: PLR0913, PLR0917 - a parameter for each option
    settings: Settings,
    mode: SearchMode,
    spec: Annotated[Path, typer.Argument(metavar="FILE.tla", help="The root module.")],
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE.cfg", help="Its configuration. (default: beside it)"
        ),
    ] = None,
    deadlock: Annotated[
        bool, typer.Option("--deadlock/--no-deadlock", help="Is a deadlock an error?")
    ] = True,
    allow_bounds: Annotated[
        bool,
        typer.Option(
            "--allow-bounds",
            help="Exit with 0 where no violation is found within the bounds that the spec or its "
            "cfg sets itself: BOUNDED(constraint), (view), (exit), (random).",
        ),
    ] = False,
    flags: TlcFlags = None,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Check any TLA+ or PlusCal specification with the same care; nothing is left beside it."""
    with live_progress(spec.name) as on_progress:
        result = check_spec(
            spec,
            config,
            settings=replace(settings, on_progress=on_progress, on_ready=tell_how_to_join),
            check_deadlock=deadlock,
            mode=replace(mode, **read_tlc_flags(flags or [])),
        )
    _show(result, as_json=as_json)
    return result.verdict.exit_code_within(bounds_meant=allow_bounds)


@app.command("doctor")
@exits
@opt.tool_options
def doctor_command(tools: dict[str, Path | None], as_json: opt.JsonOption = False) -> ExitCode:
    """Report what was found, what it can do, and what to do when something is missing."""
    from slubtla.tlc.run.doctor import Status, doctor  # noqa: PLC0415 - it starts Java

    checks = doctor(jar=tools["tla2tools"], java=tools["java"]).checks
    if as_json:
        rows = [
            {
                "name": c.name,
                "status": c.status.value,
                "found": c.found,
                "detail": c.detail,
                "next_step": c.next_step,
            }
            for c in checks
        ]
        write(json.dumps({"schema_version": SCHEMA_VERSION, "checks": rows}, indent=2) + "\n")
    else:
        print_view(doctor_view(checks), stdout())
    failed = any(check.status is Status.FAIL for check in checks)
    return ExitCode.CANNOT_RUN if failed else ExitCode.AS_EXPECTED


class Listed(enum.StrEnum):
    """What ``slubtla list`` can list."""

    STRATEGIES = "strategies"
    KERNELS = "kernels"
    ARCHES = "arches"
    MEMORY = "memory"
    CMPXCHG = "cmpxchg"
    GUARDS = "guards"
    PROPERTIES = "properties"


_VOCABULARIES: Mapping[Listed, Vocabulary[Any]] = {
    Listed.STRATEGIES: SLUB.strategies,
    Listed.KERNELS: SLUB.kernels,
    Listed.ARCHES: ARCHES,
    Listed.MEMORY: MEMORY_MODELS,
    Listed.CMPXCHG: CMPXCHGS,
    Listed.GUARDS: SLUB.guards,
    Listed.PROPERTIES: SLUB.properties,
}


@app.command("list")
@exits
def list_command(
    what: Annotated[Listed | None, typer.Argument(help="Only these.")] = None,
    as_json: opt.JsonOption = False,
) -> None:
    """List every name that a command takes, with its meaning and source."""
    chosen = {name: _VOCABULARIES[name] for name in (Listed if what is None else [what])}
    if as_json:
        listed: dict[str, Any] = {
            name.value: [
                {"name": e.name, "summary": e.summary, "source": e.source} for e in entries.values()
            ]
            for name, entries in chosen.items()
        }
        write(json.dumps({"schema_version": SCHEMA_VERSION} | listed, indent=2) + "\n")
    else:
        print_view(listing_view({n.value: e for n, e in chosen.items()}), stdout())


class Schema(enum.StrEnum):
    """What ``slubtla schema`` can describe."""

    RESULT = "result"
    MATRIX = "matrix"
    PROOF = "proof"
    SWEEP = "sweep"


@app.command("schema")
@exits
def schema_command(
    what: Annotated[Schema, typer.Argument(help="The JSON to describe.")] = Schema.RESULT,
) -> None:
    """Print the JSON schema of a result (verify, check --json), a matrix, a proof or a sweep."""
    from slubtla.barriers.campaigns.sweep import Sweep  # noqa: PLC0415 - likewise
    from slubtla.barriers.suite.report import Proof  # noqa: PLC0415 - only here

    described: Mapping[Schema, type[Record]] = {
        Schema.RESULT: Result,
        Schema.MATRIX: Matrix,
        Schema.PROOF: Proof,
        Schema.SWEEP: Sweep,
    }
    write(json.dumps(json_schema(described[what]), indent=2) + "\n")


register_argue(app)
register_cost(app)
register_diff(app)
register_explain(app)
register_hardware(app)
register_litmus(app)
register_plot(app)
register_prove(app)
register_report(app)
register_resume(app)
register_sweep(app)
register_trace(app)
register_worker(app)


def _show(result: Result, *, as_json: bool) -> ExitCode:
    if as_json:
        write(result.to_json() + "\n")
    else:
        print_view(result_view(result), stdout())
    return result.verdict.exit_code
