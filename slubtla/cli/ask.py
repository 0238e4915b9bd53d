"""Command verify."""

from __future__ import annotations

from dataclasses import replace

from slubtla.barriers.model import Model
from slubtla.barriers.show.listing import plan_view
from slubtla.barriers.show.text import result_view
from slubtla.barriers.verify import command_lines, verify
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.progress import live_progress
from slubtla.cli.scale import tell_how_to_join
from slubtla.errors import ExitCode
from slubtla.tlc.run.settings import Settings


@command("verify")
@opt.model_options
@opt.search_options
def verify_command(
    model: Model,
    settings: Settings,
    as_json: bool = opt.JSON,
    dry_run: bool = opt.param(
        "Show what would be run; run nothing.", "--dry-run", panel=opt.OUTPUT, default=False
    ),
) -> ExitCode:
    """Check one strategy on one architecture, and show why.

    [dim]Example: slubtla verify --strategy smp_mb[/dim]
    """
    if dry_run:
        argv = command_lines(model, settings)
        plan = {"model": model.model_dump(mode="json"), "argv": argv}
        show(plan, lambda: plan_view(model, settings), as_json=as_json)
        return ExitCode.AS_EXPECTED
    settings = replace(settings, on_ready=tell_how_to_join)
    with live_progress(f"{model.strategy} on {model.arch}", settings, model=model) as watched:
        result = verify(model, settings=watched)
    show(result, lambda: result_view(result), as_json=as_json)
    return result.verdict.exit_code
