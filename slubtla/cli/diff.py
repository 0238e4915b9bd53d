"""``slubtla diff``: compare a failing run with a passing one."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from slubtla.barriers.explore.difference import compare
from slubtla.barriers.explore.witness import find_witness, witness_behaviour
from slubtla.barriers.model import Model, make_model, model_of
from slubtla.barriers.show.difference import Side, difference_json, difference_view
from slubtla.barriers.show.formats import Theme
from slubtla.barriers.trace.counterexample import (
    Counterexample,
    counterexample_of,
    subject_of,
    timeline_of,
)
from slubtla.barriers.trace.timeline import Timeline
from slubtla.barriers.verify import verify
from slubtla.cli import options as opt
from slubtla.cli.app import command
from slubtla.cli.exits import print_view, stderr, stdout, write
from slubtla.cli.look import THEME, save
from slubtla.cli.progress import live_progress
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import load_run
from slubtla.tlc.run.settings import Settings

_PICTURES: Final = (".svg", ".png", ".pdf")


@command("diff")
@opt.diff_options
def diff_command(  # noqa: PLR0913, PLR0917  # what typer calls it with
    settings: Settings,
    left: Path = opt.argument(
        "A run with a counterexample: the bad one.", metavar="RUN_A", default=...
    ),
    right: Path | None = opt.argument(
        "Another; of one that holds, a good run is looked for.", metavar="RUN_B"
    ),
    against: str | None = opt.param(
        "Instead of RUN_B: RUN_A's model with these options of verify changed. It is "
        "verified first.",
        metavar='"OPTIONS"',
        show_default=False,
    ),
    whole: bool = opt.param("Show long stretches of equal steps, too.", "--all", default=False),
    out: Path | None = opt.file_param("Draw the right run as swim lanes, too: .svg, .png or .pdf."),
    theme: Theme = THEME,
    as_json: bool = opt.JSON,
) -> None:
    """Show where a good and a bad run part, step by step.

    A model that holds has no counterexample. Then TLC looks for a good run of it in which the same
    tasks do the same, in the same order, as in the bad run: it shows how the race is won there. It
    is a witness, and no proof: that is the verdict's business.

    [dim]Example: slubtla diff RUN --against "--cmpxchg full"[/dim]
    """
    if (right is None) == (against is None):
        raise UsageError(
            "two runs are compared", next_step='name RUN_B, or --against "--cmpxchg full"'
        )
    if out is not None and out.suffix.lower() not in _PICTURES:
        raise UsageError(
            f"{out} is no picture", next_step=f"end its name in {', '.join(_PICTURES)}"
        )
    bad = load_run(left)
    timeline = timeline_of(bad)  # before anything is run
    other = load_run(right) if right is not None else _verified(bad, against or "", settings)
    good, its_timeline = _other_story(bad, other, settings)
    difference = compare(timeline, its_timeline)
    sides = {"left": _side(counterexample_of(bad)), "right": _side(good)}
    if as_json:
        sides_json = {name: asdict(side) for name, side in sides.items()}
        write(json.dumps(difference_json(difference) | sides_json, indent=1) + "\n")
    else:
        print_view(difference_view(difference, **sides, whole=whole), stdout())
    if out is not None:
        from slubtla.barriers.show.plots.lanes import lanes_picture  # noqa: PLC0415 - matplotlib is slow to load

        kind = out.suffix.lower().removeprefix(".")
        save(lanes_picture(good, kind, theme=theme.value), out)


def _other_story(bad: Result, other: Result, settings: Settings) -> tuple[Counterexample, Timeline]:
    """The other run's own counterexample, or a good run of it."""
    if other.trace is not None:
        return counterexample_of(other), timeline_of(other)
    with live_progress("a good run of the same race", replace(settings, out_dir=None)) as watched:
        witness = find_witness(bad, other, watched)
    return witness_behaviour(other, witness), witness.timeline


def _side(story: Counterexample) -> Side:
    good = story.result.trace is None
    return Side(
        name="good run" if good else "bad run",
        subject=f"{story.result.verdict} {subject_of(story.result)}",
        remarks=story.summary,
    )


def _verified(bad: Result, against: str, settings: Settings) -> Result:
    """Verify the model of a run with some options changed."""
    own = model_of(bad)
    if own is None:
        raise UsageError(f"{bad.name} is no run of the SLUB model", next_step="name RUN_B")
    model = changed_model(own, against)
    if model == own:
        raise UsageError(
            f"--against {against!r} changes nothing", next_step='write e.g. "--cmpxchg full"'
        )
    with live_progress(f"{model.strategy} on {model.arch}", settings) as watched:
        result = verify(model, settings=watched)
    stderr().print(f"{model.command}: {result.verdict}", style="dim", highlight=False)
    return result


def changed_model(model: Model, options: str) -> Model:
    """Return a model with some options of ``slubtla verify`` changed: ``"--cmpxchg full"``.

    What the model left to its kernel and architecture follows the new ones.

    Raises:
        UsageError: the options cannot be read, or make no sense together.
    """
    own = model.defaults
    kept = {name: value for name, value in model.model_dump().items() if value != own[name]}
    kept.setdefault("strategy", model.strategy)
    try:
        changed = opt.read_model_options(shlex.split(options))
    except (ValueError, UsageError) as error:
        raise UsageError(
            f"--against {options!r}: {getattr(error, 'message', error)}",
            next_step="write options of `slubtla verify`, e.g. --cmpxchg full",
        ) from None
    return make_model(**kept | changed)
