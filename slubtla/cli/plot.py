"""``slubtla plot``: the numbers of runs as pictures."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import ValidationError

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.data import read_input
from slubtla.barriers.model import make_model, model_of
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.formats import Theme
from slubtla.barriers.stategraph import (
    MOST,
    make_graph,
    make_spec_graph,
    open_part,
    small_model,
    to_dot,
    to_graphml,
)
from slubtla.barriers.views import views_of
from slubtla.cli import options as opt
from slubtla.cli.app import command
from slubtla.cli.diff import changed_model
from slubtla.cli.exits import write
from slubtla.cli.look import THEME, save, to_stdout
from slubtla.cli.progress import live_progress
from slubtla.errors import UsageError
from slubtla.registry import load
from slubtla.tlc.run.result import Record, Result, complaint_of
from slubtla.tlc.run.rundir import RESULT, load_run
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    import networkx as nx

R = TypeVar("R", bound=Record)

KINDS: Final = ("svg", "png", "pdf")
GRAPH: Final = "The graph"

_PLOTS: Final = "slubtla.barriers.show.plots"
_EXPORTED: Final[Mapping[str, Callable[[nx.DiGraph], bytes]]] = {
    "graphml": to_graphml,
    "dot": to_dot,
}


class Plot(enum.StrEnum):
    """What can be plotted."""

    MATRIX = "matrix"
    COST = "cost"
    COVERAGE = "coverage"
    PROGRESS = "progress"
    GROWTH = "growth"
    GRAPH = "graph"


@command("plot")
@opt.tool_options
def plot_command(  # noqa: PLR0913, PLR0917  # what typer calls it with
    tools: dict[str, Path | None],
    what: Plot = opt.argument("What to plot.", default=...),
    sources: list[Path] | None = opt.argument(
        "Run directories; for matrix, cost and growth the file that --json printed, - for "
        "stdin; for graph a run of the model, or none.",
        metavar="SOURCE…",
        show_default=False,
    ),
    out: Path | None = opt.file_param(
        "Write here: .svg, .png or .pdf; a graph also as .graphml or .dot. (default: SVG on stdout)"
    ),
    bound: str | None = opt.param(
        "For growth: against which bound. (default: the only one that differs)", show_default=False
    ),
    model: str | None = opt.param(
        "The model, as options of verify. (default: smp_mb, one task, one slab, no preemption)",
        panel=GRAPH,
        metavar='"OPTIONS"',
    ),
    most: int = opt.param("Refuse a model of more states.", panel=GRAPH, min=1, default=MOST),
    whole: bool = opt.param(
        "Draw what comes after the leak is ruled out, too; .graphml and .dot hold it always.",
        "--whole",
        panel=GRAPH,
        default=False,
    ),
    pinned: bool = opt.param(
        "Does every task stay on a CPU of its own?",
        "--pinned/--no-pinned",
        panel=GRAPH,
        default=True,
    ),
    theme: Theme = THEME,
) -> None:
    """Plot the numbers of runs, or the state graph of a model; only the graph needs Java.

    matrix: verdicts, strategy by architecture. cost: IPIs and grace periods. coverage: how often
    each action fired. progress: states and queue over time. growth: states against a bound.
    graph: every state of a small model, by the cases of the mail's argument, and the way to a leak;
    of a run of `slubtla check`: every state of that specification.

    [dim]Example: slubtla matrix --json | slubtla plot matrix - -o matrix.svg[/dim]
    """
    named = sources or []
    other = model is not None or whole or not pinned or most != MOST
    _require_sense(what, named, bound, other=other)
    kind = _kind(what, out)
    if out is None and sys.stdout.isatty():
        to_stdout(b"")
    drawn: Any
    if what is Plot.GRAPH:
        settings = Settings(tla2tools=tools["tla2tools"], java=tools["java"])
        with live_progress("the state graph", settings) as watched:
            drawn = _graph(named, model, settings=watched, most=most, pinned=pinned)
        if kind in _EXPORTED:
            content = _EXPORTED[kind](drawn)
        else:
            shown = drawn if whole else open_part(drawn)
            drawn = load(f"{_PLOTS}.graph:state_graph")(shown, theme=theme.value)
    else:
        place, read = _DRAWN[what]
        against = {"bound": bound} if what is Plot.GROWTH else {}
        drawn = load(f"{_PLOTS}.{place}")(*read(named), theme=theme.value, **against)
    if kind not in _EXPORTED:
        content = load(f"{_PLOTS}.style:picture")(drawn, kind, title=f"slubtla {what}")
    if out is not None:
        save(content, out)
    else:
        write(content.decode())


def _require_sense(what: Plot, sources: Sequence[Path], bound: str | None, *, other: bool) -> None:
    """Require a bound only of growth, and of a plot of numbers a source and no ``other`` option."""
    if bound is not None and what is not Plot.GROWTH:
        raise UsageError(f"--bound means nothing to plot {what}", next_step="leave it out")
    if bound is not None and bound not in (bounds := protocol().bounds):
        raise UsageError(f"--bound {bound}", next_step=f"choose one of: {', '.join(bounds)}")
    if what is not Plot.GRAPH and other:
        raise UsageError(
            f"--model, --most, --whole and --no-pinned mean nothing to plot {what}",
            next_step="leave them out; they are for plot graph",
        )
    if what is not Plot.GRAPH and not sources:
        raise UsageError(f"plot {what} has no source", next_step="name a run directory, or a file")


def _kind(what: Plot, out: Path | None) -> str:
    """The kind of file that is written."""
    kind = "svg" if out is None else out.suffix.lower().removeprefix(".")
    kinds = (*KINDS, *_EXPORTED) if what is Plot.GRAPH else KINDS
    if kind not in kinds:
        raise UsageError(
            f"{out}: a plot is none of {kind or 'no suffix'}",
            next_step=f"end the name in .{', .'.join(kinds)}",
        )
    return kind


def _graph(
    sources: Sequence[Path], options: str | None, *, settings: Settings, most: int, pinned: bool
) -> nx.DiGraph:
    """The graph of a run's specification, or of the small model, with some options changed."""
    run = load_run(_only(sources)) if sources else None
    if run is not None and run.protocol is None:
        if options is not None or not pinned:
            raise UsageError(
                f"--model and --no-pinned mean nothing to {run.name}, a specification of your own",
                next_step="leave them out; its constants stand in its cfg",
            )
        return make_spec_graph(run, settings=settings, most=most)
    model, of = model_of(run) if run else None, protocol()
    model = model or make_model(strategy=of.example_strategy, **views_of(of.name).small)
    try:
        model = model if options is None else changed_model(model, options)
        model = small_model(model)
    except UsageError as error:
        message = error.message.replace("--against", "--model", 1)
        raise UsageError(message, next_step=error.next_step) from None
    return make_graph(model, settings=settings, most=most, pinned=pinned)


def _runs(sources: Sequence[Path]) -> Iterable[Result]:
    """The runs of some directories, or the proven ones of a sweep's JSON."""
    first = sources[0]
    if str(first) != "-" and (first.is_dir() or first.name == RESULT):
        return map(load_run, sources)
    sizes = _read(Sweep, _only(sources)).sizes
    return [s.result for s in sizes if s.result.verdict.kind is VerdictKind.PROVEN]


_DRAWN: Final[Mapping[Plot, tuple[str, Callable[[Sequence[Path]], Iterable[object]]]]] = {
    Plot.MATRIX: ("matrix:verdict_matrix", lambda sources: [_read(Matrix, _only(sources))]),
    Plot.COST: ("cost:cost_bars", lambda sources: [_read(Costs, _only(sources))]),
    Plot.COVERAGE: ("coverage:coverage_bars", lambda sources: [load_run(_only(sources))]),
    Plot.PROGRESS: ("progress:search_progress", lambda sources: map(load_run, sources)),
    Plot.GROWTH: ("growth:growth_lines", _runs),
}
"""The function of :mod:`slubtla.barriers.show.plots` that draws a plot, and what it draws."""


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
    command = f"slubtla {name.removesuffix('s')} --json"
    text = read_input(source, f"name the file that `{command}` wrote")
    try:
        return record.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{source} is not what this plot shows: {complaint_of(error)}",
            next_step=f"make it with: {command} > {name}.json",
        ) from None
