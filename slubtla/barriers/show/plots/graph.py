"""A state graph in layers: depth goes down, and the way to the first bad state is bold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.show.plots.style import MONO, new_axes, styled
from slubtla.barriers.stategraph.graphs import END
from slubtla.barriers.stategraph.layers import layered
from slubtla.barriers.stategraph.paths import shortest_way
from slubtla.barriers.views import StateKind

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

    from slubtla.barriers.show.plots.style import Theme

Places = Mapping[int, tuple[float, int]]

_MARKERS: Final = "o^sDPX"
"""The markers of kinds of states, in the order in which they are drawn and listed."""

_WIDEST: Final = 15.0
_CROWDED: Final = 400
"""From so many states on, markers are small."""


@dataclass(frozen=True, slots=True)
class _Canvas:
    """What every part of the drawing needs.

    Attributes:
        ax: where to draw.
        theme: the colours.
        graph: what is drawn.
        places: where each state stands.
        way: the states of the way to the first bad state.
    """

    ax: Axes
    theme: Theme
    graph: nx.DiGraph
    places: Places
    way: tuple[int, ...]

    @property
    def size(self) -> float:
        """The area of a marker, in points squared."""
        return 42.0 if len(self.graph) <= _CROWDED else 42.0 * _CROWDED / len(self.graph)


def state_graph(graph: nx.DiGraph, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw a state graph, or a part of one.

    Args:
        graph: what :func:`slubtla.barriers.stategraph.make_graph` made, or
            :func:`slubtla.barriers.stategraph.open_part` left of it.
        ax: where to draw; by default a figure of its own.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; y is the depth, growing downwards, and neighbours in a layer are 1 apart. The
        states of each kind are a collection whose ``gid`` is ``"open leak"`` and the like, or
        ``"settled …"`` where nothing bad can follow; edges are one with the ``gid`` ``"edges"``,
        those of the shortest way to the first bad state a line, ``"way"``, with its actions beside
        it.

    Raises:
        UnknownNameError: there is no such theme.
    """
    places = layered(graph)
    with styled(theme) as colours:
        if ax is None:
            ax = _own_axes(places)
        canvas = _Canvas(ax, colours, graph, places, shortest_way(graph))
        _edges(canvas)
        _way(canvas)
        _states(canvas)
        _frame(canvas)
    return ax


def _own_axes(places: Places) -> Axes:
    half = max((abs(x) for x, _ in places.values()), default=0.0)
    depth = max((y for _, y in places.values()), default=0)
    return new_axes(min(_WIDEST, 4.6 + 0.34 * 2 * half), 1.9 + 0.24 * (depth + 1))


def _edges(canvas: _Canvas) -> None:
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - slow to load

    steps = [(a, b) for a, b in canvas.graph.edges if a != b]
    places = canvas.places
    lines = LineCollection(
        [[places[a], places[b]] for a, b in steps],
        colors=canvas.theme.muted,
        linewidths=0.5,
        alpha=0.55,
        gid="edges",
        zorder=1,
    )
    canvas.ax.add_collection(lines)


def _way(canvas: _Canvas) -> None:
    """The shortest way to the first bad state, and at the right what is done on it."""
    if not canvas.way:
        return
    xs, ys = zip(*(canvas.places[number] for number in canvas.way), strict=True)
    canvas.ax.plot(xs, ys, color=canvas.theme.ink, linewidth=2.6, gid="way", zorder=2)
    beside = canvas.ax.get_yaxis_transform()
    for before, after in pairwise(canvas.way):
        y = (canvas.places[before][1] + canvas.places[after][1]) / 2
        step = canvas.graph.edges[before, after]
        told = f"{step['cpu']}  {step['action']}"
        look: dict[str, Any] = {"family": MONO, "size": 6.6, "color": canvas.theme.ink}
        canvas.ax.text(1.01, y, told, va="center", transform=beside, **look)


def _states(canvas: _Canvas) -> None:
    nodes = canvas.graph.nodes
    any_open = any(still for _, still in nodes.data("open"))
    for kind in _kinds(canvas.graph):
        for still in (True, False):
            own = [n for n, d in nodes.data() if d["kind"] == kind and d["open"] is still]
            if own:
                told = any_open and not still
                _scatter(canvas, own, kind, settled=told)


def _scatter(canvas: _Canvas, own: list[int], kind: StateKind, *, settled: bool) -> None:
    """One kind of states: filled while something bad can follow, or nothing bad is there at all."""
    colour = _colours(canvas.theme)[kind.marker]
    rim = canvas.theme.muted if kind.marker == "o" else colour
    grown = 4.0 if kind.bad else 1.0
    look: dict[str, Any] = {"facecolors": canvas.theme.paper if settled else colour}
    canvas.ax.scatter(
        [canvas.places[n][0] for n in own],
        [canvas.places[n][1] for n in own],
        s=canvas.size * grown * (0.45 if settled else 1.0),
        marker=kind.marker,
        edgecolors=rim if settled else canvas.theme.ink,
        linewidths=0.9 if settled else 0.5,
        gid=f"{'settled' if settled else 'open'} {kind.name}",
        zorder=3 + kind.bad,
        **look,
    )


def _kinds(graph: nx.DiGraph) -> list[StateKind]:
    """The kinds that a graph has, in their order."""
    present = dict.fromkeys(kind for _, kind in graph.nodes.data("kind"))
    return sorted(present, key=lambda kind: _MARKERS.index(kind.marker))


def _colours(theme: Theme) -> Mapping[str, str]:
    return {
        "o": theme.faint,
        "^": theme.series[2],
        "s": theme.series[5],
        "D": theme.series[4],
        "P": theme.series[3],
        "X": theme.bad,
    }


def _frame(canvas: _Canvas) -> None:
    """Title, legend and the axis of depth."""
    ax = canvas.ax
    xs = [x for x, _ in canvas.places.values()] or [0.0]
    depth = max((y for _, y in canvas.places.values()), default=0)
    ax.set_xlim(min(xs) - 1, max(xs) + 1)
    ax.set_ylim(depth + 0.8, -0.8)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.grid(visible=False, axis="x")
    ax.set_ylabel("depth: steps from the beginning")
    ax.set_title(_title(canvas.graph), size=10)
    ax.legend(
        handles=_legend(canvas),
        loc="upper center",
        bbox_to_anchor=(0.5, -0.01),
        ncols=2,
        fontsize=7.5,
    )


def _title(graph: nx.DiGraph) -> str:
    model = graph.graph.get("model")
    states = f"{len(graph):,} states, {graph.number_of_edges():,} steps"
    if model is None:
        subject = graph.graph.get("subject")
        return f"{subject}: {states}" if subject else states
    machine = f"{model.memory} memory"
    if model.kernel.put == "cmpxchg":
        machine += f", {model.cmpxchg} cmpxchg"
    bounds = [f"{model.tasks} task{'s' * (model.tasks > 1)}", f"{model.slabs} slab"]
    bounds[1] += "s" * (model.slabs > 1)
    return f"{model.strategy} on {model.arch}: {machine}; {', '.join(bounds)}\n{states}"


def _legend(canvas: _Canvas) -> list[Any]:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to load

    theme = canvas.theme
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=kind.marker,
            markerfacecolor=_colours(theme)[kind.marker],
            markeredgecolor=theme.ink,
            markeredgewidth=0.5,
            label=_meaning(canvas.graph, kind),
        )
        for kind in _kinds(canvas.graph)
    ]
    if canvas.way:
        hollow = {"markerfacecolor": theme.paper, "markeredgecolor": theme.muted}
        small: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4.0, **hollow}
        handles.append(Line2D([], [], label="small, hollow: nothing bad can follow", **small))
        bold: dict[str, Any] = {"color": theme.ink, "linewidth": 2.6}
        handles.append(Line2D([], [], label="the shortest way to the first bad state", **bold))
    return handles


def _meaning(graph: nx.DiGraph, kind: StateKind) -> str:
    model = graph.graph.get("model")
    if model is not None and not model.argument and kind.without_history:
        return kind.without_history
    fell = graph.graph.get("fell")
    return f"{kind.meaning}: {fell} falls" if kind == END else kind.meaning
