"""``slubtla plot``: the numbers of runs as pictures."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer
from pydantic import ValidationError

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.model import Model, make_model, model_of
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
from slubtla.cli.look import ThemeOption, save, to_stdout
from slubtla.cli.progress import live_progress
from slubtla.errors import UsageError
from slubtla.protocols.slub import SLUB
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
    what: Annotated[Plot, typer.Argument(help="What to plot.")],
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SOURCE…",
            help="Run directories; for matrix, cost and growth the file that --json printed, - for "
            "stdin; for graph a run of the model, or none.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        opt.option(
            "Write here: .svg, .png or .pdf; a graph also as .graphml or .dot. "
            "(default: SVG on stdout)",
            "-o",
            "--out",
            panel=opt.OUTPUT,
            metavar="FILE",
        ),
    ] = None,
    bound: Annotated[
        str | None,
        typer.Option(
            help="For growth: against which bound. (default: the only one that differs)",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        opt.option(
            "The model, as options of verify. (default: smp_mb, one task, one slab, no preemption)",
            panel=GRAPH,
            metavar='"OPTIONS"',
        ),
    ] = None,
    most: Annotated[int, opt.option("Refuse a model of more states.", panel=GRAPH, min=1)] = MOST,
    whole: Annotated[
        bool,
        opt.option(
            "Draw what comes after the leak is ruled out, too; .graphml and .dot hold it always.",
            "--whole",
            panel=GRAPH,
        ),
    ] = False,
    pinned: Annotated[
        bool,
        opt.option(
            "Does every task stay on a CPU of its own?", "--pinned/--no-pinned", panel=GRAPH
        ),
    ] = True,
    theme: ThemeOption = Theme.LIGHT,
) -> None:
    """Plot the numbers of runs, or the state graph of a model; only the graph needs Java.

    matrix: verdicts, strategy by architecture. cost: IPIs and grace periods. coverage: how often
    each action fired. progress: states and queue over time. growth: states against a bound.
    graph: every state of a small model, by the cases of the mail's argument, and the way to a leak;
    of a run of `slubtla check`: every state of that specification.

    [dim]Example: slubtla matrix --json | slubtla plot matrix - -o matrix.svg[/dim]
    """
    named = sources or []
    if bound is not None and what is not Plot.GROWTH:
        raise UsageError(f"--bound means nothing to plot {what}", next_step="leave it out")
    if bound is not None and bound not in SLUB.bounds:
        raise UsageError(f"--bound {bound}", next_step=f"choose one of: {', '.join(SLUB.bounds)}")
    if what is not Plot.GRAPH:
        _must_suit(what, named, other=model is not None or whole or not pinned or most != MOST)
    kind = _kind(what, out)
    if out is None and sys.stdout.isatty():
        to_stdout(b"")
    if what is Plot.GRAPH:
        settings = Settings(tla2tools=tools["tla2tools"], java=tools["java"])
        with live_progress("the state graph") as on_progress:
            settings = replace(settings, on_progress=on_progress)
            own = _own_spec(named)
            if own is not None:
                _must_not_be_of_slub(own, model=model is not None or not pinned)
                graph = make_spec_graph(own, settings=settings, most=most)
            else:
                graph = make_graph(
                    _model(named, model), settings=settings, most=most, pinned=pinned
                )
        content = _graph(graph, kind, whole=whole, theme=theme.value)
    else:
        from slubtla.barriers.show.plots.style import picture  # noqa: PLC0415 - matplotlib is slow to load

        place, read = _DRAWN[what]
        against = {"bound": bound} if what is Plot.GROWTH else {}
        draw = load(f"slubtla.barriers.show.plots.{place}")
        drawn = draw(*read(named), theme=theme.value, **against)
        content = picture(drawn, kind, title=f"slubtla {what}")
    if out is not None:
        save(content, out)
    else:
        write(content.decode())


def _must_suit(what: Plot, sources: Sequence[Path], *, other: bool) -> None:
    """See that a plot of numbers has a source, and no option of the graph."""
    if other:
        raise UsageError(
            f"--model, --most, --whole and --no-pinned mean nothing to plot {what}",
            next_step="leave them out; they are for plot graph",
        )
    if not sources:
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


def _own_spec(sources: Sequence[Path]) -> Result | None:
    """The run whose specification's graph is wanted; None where it is one of the SLUB model."""
    result = load_run(_only(sources)) if sources else None
    return None if result is None or result.protocol is not None else result


def _must_not_be_of_slub(result: Result, *, model: bool) -> None:
    if model:
        raise UsageError(
            f"--model and --no-pinned mean nothing to {result.name}, a specification of your own",
            next_step="leave them out; its constants stand in its cfg",
        )


def _model(sources: Sequence[Path], options: str | None) -> Model:
    """The model of a graph: that of a run, or the small one; with some options changed."""
    if sources:
        result = load_run(_only(sources))
        model = model_of(result) or make_model(
            strategy=SLUB.example_strategy, **views_of(SLUB.name).small
        )
    else:
        model = make_model(strategy=SLUB.example_strategy, **views_of(SLUB.name).small)
    if options is None:
        return small_model(model)
    try:
        return small_model(changed_model(model, options))
    except UsageError as error:
        message = error.message.replace("--against", "--model", 1)
        raise UsageError(message, next_step=error.next_step) from None


def _graph(graph: nx.DiGraph, kind: str, *, whole: bool, theme: str) -> bytes:
    if kind in _EXPORTED:
        return _EXPORTED[kind](graph)

    from slubtla.barriers.show.plots.graph import state_graph  # noqa: PLC0415 - matplotlib is slow to load
    from slubtla.barriers.show.plots.style import picture  # noqa: PLC0415 - likewise

    drawn = state_graph(graph if whole else open_part(graph), theme=theme)
    return picture(drawn, kind, title="slubtla graph")


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
    command = {
        "matrix": "slubtla matrix --json",
        "costs": "slubtla cost --json",
        "sweep": "slubtla sweep --json",
    }[name]
    try:
        text = sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
        return record.model_validate_json(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{source} cannot be read: {error}", next_step=f"name the file that `{command}` wrote"
        ) from error
    except ValidationError as error:
        raise UsageError(
            f"{source} is not what this plot shows: {complaint_of(error)}",
            next_step=f"make it with: {command} > {name}.json",
        ) from None
