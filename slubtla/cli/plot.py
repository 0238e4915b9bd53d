"""``slubtla plot``: the numbers of runs as pictures."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer
from pydantic import ValidationError

from slubtla.cli import options as opt
from slubtla.cli.exits import exits, write
from slubtla.cli.trace import save, to_stdout
from slubtla.cost import Costs
from slubtla.errors import UsageError
from slubtla.matrix import Matrix
from slubtla.model import BOUNDS
from slubtla.result import Record
from slubtla.rundir import load_run
from slubtla.views.formats import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

R = TypeVar("R", bound=Record)

KINDS: Final = ("svg", "png", "pdf")


class Plot(enum.StrEnum):
    """What can be plotted."""

    MATRIX = "matrix"
    COST = "cost"
    COVERAGE = "coverage"
    PROGRESS = "progress"
    GROWTH = "growth"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("plot")(plot_command)


@exits
def plot_command(
    what: Annotated[Plot, typer.Argument(help="What to plot.")],
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE…",
            help="Run directories; for matrix and cost the file that --json printed, - for stdin.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write here: .svg, .png or .pdf. (default: SVG on stdout)",
            rich_help_panel=opt.OUTPUT,
        ),
    ] = None,
    bound: Annotated[
        str | None,
        typer.Option(
            help="For growth: against which bound. (default: the only one that differs)",
            show_default=False,
        ),
    ] = None,
    theme: Annotated[
        Theme, typer.Option(help="Colours.", rich_help_panel=opt.OUTPUT)
    ] = Theme.LIGHT,
) -> None:
    """Plot the numbers of runs; needs no Java.

    matrix: verdicts, strategy by architecture. cost: IPIs and grace periods. coverage: how often
    each action fired. progress: states and queue over time. growth: states against a bound.

    [dim]Example: slubtla matrix --json | slubtla plot matrix - -o matrix.svg[/dim]
    """
    if bound is not None and what is not Plot.GROWTH:
        raise UsageError(f"--bound means nothing to plot {what}", next_step="leave it out")
    if bound is not None and bound not in BOUNDS:
        raise UsageError(f"--bound {bound}", next_step=f"choose one of: {', '.join(BOUNDS)}")
    kind = "svg" if out is None else out.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise UsageError(
            f"{out}: a plot is none of {kind or 'no suffix'}",
            next_step=f"end the name in .{', .'.join(KINDS)}",
        )
    if out is None and sys.stdout.isatty():
        to_stdout(b"")
    draw = _DRAWN[what]

    from slubtla.plots.style import picture  # noqa: PLC0415 - matplotlib is slow to load

    content = picture(draw(sources, theme.value, bound), kind, title=f"slubtla {what}")
    if out is not None:
        save(content, out)
    else:
        write(content.decode())


def _matrix(sources: Sequence[Path], theme: str, _: str | None) -> Axes:
    from slubtla.plots.matrix import verdict_matrix  # noqa: PLC0415 - matplotlib is slow to load

    return verdict_matrix(_read(Matrix, _only(sources)), theme=theme)


def _cost(sources: Sequence[Path], theme: str, _: str | None) -> Axes:
    from slubtla.plots.cost import cost_bars  # noqa: PLC0415 - matplotlib is slow to load

    return cost_bars(_read(Costs, _only(sources)), theme=theme)


def _coverage(sources: Sequence[Path], theme: str, _: str | None) -> Axes:
    from slubtla.plots.coverage import coverage_bars  # noqa: PLC0415 - matplotlib is slow to load

    return coverage_bars(load_run(_only(sources)), theme=theme)


def _progress(sources: Sequence[Path], theme: str, _: str | None) -> Axes:
    from slubtla.plots.progress import search_progress  # noqa: PLC0415 - matplotlib is slow to load

    return search_progress(*map(load_run, sources), theme=theme)


def _growth(sources: Sequence[Path], theme: str, bound: str | None) -> Axes:
    from slubtla.plots.growth import growth_lines  # noqa: PLC0415 - matplotlib is slow to load

    return growth_lines(*map(load_run, sources), bound=bound, theme=theme)


_DRAWN: Final[Mapping[Plot, Callable[[Sequence[Path], str, str | None], Axes]]] = {
    Plot.MATRIX: _matrix,
    Plot.COST: _cost,
    Plot.COVERAGE: _coverage,
    Plot.PROGRESS: _progress,
    Plot.GROWTH: _growth,
}


def _only(sources: Sequence[Path]) -> Path:
    if len(sources) > 1:
        raise UsageError(
            f"{len(sources)} sources are named, and this plot shows one",
            next_step="name one of them; progress and growth take several",
        )
    return sources[0]


def _read(record: type[R], source: Path) -> R:
    """Read what ``--json`` printed.

    Raises:
        UsageError: the file cannot be read, or is not the JSON of this record.
    """
    name = record.__name__.lower()
    command = {"matrix": "slubtla matrix --json", "costs": "slubtla cost --json"}[name]
    try:
        text = sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
        return record.model_validate_json(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{source} cannot be read: {error}", next_step=f"name the file that `{command}` wrote"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(
            f"{source} is not what this plot shows: {where}: {first['msg']}",
            next_step=f"make it with: {command} > {name}.json",
        ) from None
