"""Draw a state graph in layers by depth, with the shortest path to a bad state in bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from slubtla.barriers.show.plots.colours import Palette
from slubtla.barriers.show.plots.style import MONO, new_axes, styled
from slubtla.barriers.stategraph.graphs import END
from slubtla.barriers.stategraph.layers import layered
from slubtla.barriers.stategraph.paths import shortest_way
from slubtla.barriers.trace.counterexample import subject_of_model
from slubtla.barriers.views import StateKind

_MARKERS: Final = "o^sDPX"
"""The markers of kinds of states, in the order in which they are drawn and listed."""

Places = Mapping[int, tuple[float, int]]

_WIDEST: Final = 15.0
_CROWDED: Final = 400
"""From so many states on, markers are small."""


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
    xs = [x for x, _ in places.values()] or [0.0]
    depth = max((y for _, y in places.values()), default=0)
    way = shortest_way(graph)
    with styled(theme) as colours:
        width = min(_WIDEST, 4.6 + 0.34 * 2 * max(map(abs, xs)))
        ax = ax or new_axes(width, 1.9 + 0.24 * (depth + 1))
        _draw_steps(ax, graph, places, way, colours)
        handles = _draw_states(ax, graph, places, colours)
        if way:
            handles += _way_handles(colours)
        ax.set_xlim(min(xs) - 1, max(xs) + 1)
        ax.set_ylim(depth + 0.8, -0.8)
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        ax.grid(visible=False, axis="x")
        ax.set_ylabel("depth: steps from the beginning")
        ax.set_title(_title(graph), size=10)
        below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.01)}
        ax.legend(handles=handles, ncols=2, fontsize=7.5, **below)
    return ax


def _draw_steps(
    ax: Axes, graph: nx.DiGraph, places: Places, way: Sequence[int], theme: Palette
) -> None:
    """All steps, the shortest way to the first bad state, and at the right what is done on it."""
    lines = [[places[a], places[b]] for a, b in graph.edges if a != b]
    thin: dict[str, Any] = {"colors": theme.muted, "linewidths": 0.5, "alpha": 0.55}
    ax.add_collection(LineCollection(lines, gid="edges", zorder=1, **thin))
    if not way:
        return
    xs, ys = zip(*(places[number] for number in way), strict=True)
    ax.plot(xs, ys, color=theme.ink, linewidth=2.6, gid="way", zorder=2)
    beside: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center"}
    for before, after in pairwise(way):
        step = graph.edges[before, after]
        y = (places[before][1] + places[after][1]) / 2
        ax.text(1.01, y, f"{step['cpu']}  {step['action']}", family=MONO, size=6.6, **beside)


def _draw_states(ax: Axes, graph: nx.DiGraph, places: Places, theme: Palette) -> list[Line2D]:
    """The states of each kind: filled while something bad can follow, or nothing bad is there."""
    nodes = graph.nodes
    size = 42.0 * min(1.0, _CROWDED / max(len(graph), 1))
    any_open = any(still for _, still in nodes.data("open"))
    present = dict.fromkeys(kind for _, kind in nodes.data("kind"))
    handles = []
    for kind in sorted(present, key=lambda kind: _MARKERS.index(kind.marker)):
        colour = _colours(theme)[kind.marker]
        for still in (True, False):
            own = [n for n, d in nodes.data() if d["kind"] == kind and d["open"] is still]
            settled = any_open and not still
            rim = theme.muted if kind.marker == "o" else colour
            look: dict[str, Any] = {
                "s": size * (4.0 if kind.bad else 1.0) * (0.45 if settled else 1.0),
                "facecolors": theme.paper if settled else colour,
                "edgecolors": rim if settled else theme.ink,
                "linewidths": 0.9 if settled else 0.5,
                "gid": f"{'settled' if settled else 'open'} {kind.name}",
            }
            if own:
                at = ([places[n][0] for n in own], [places[n][1] for n in own])
                ax.scatter(*at, marker=kind.marker, zorder=3 + kind.bad, **look)
        mark = {"marker": kind.marker, "markerfacecolor": colour, "markeredgecolor": theme.ink}
        label = _meaning(graph, kind)
        handles.append(Line2D([], [], linestyle="", markeredgewidth=0.5, label=label, **mark))
    return handles


def _way_handles(theme: Palette) -> list[Line2D]:
    small: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4.0}
    small |= {"markerfacecolor": theme.paper, "markeredgecolor": theme.muted}
    bold = "the shortest way to the first bad state"
    return [
        Line2D([], [], label="small, hollow: nothing bad can follow", **small),
        Line2D([], [], label=bold, color=theme.ink, linewidth=2.6),
    ]


def _colours(theme: Palette) -> Mapping[str, str]:
    green, blue, yellow, pink = (theme.series[number] for number in (2, 5, 4, 3))
    colours = (theme.faint, green, blue, yellow, pink, theme.bad)
    return dict(zip(_MARKERS, colours, strict=True))


def _title(graph: nx.DiGraph) -> str:
    model = graph.graph.get("model")
    states = f"{len(graph):,} states, {graph.number_of_edges():,} steps"
    if model is None:
        subject = graph.graph.get("subject")
        return f"{subject}: {states}" if subject else states
    bounds = ", ".join(f"{name} {value}" for name, value in model.bounds.items() if value)
    return f"{subject_of_model(model)}\n{bounds}: {states}"


def _meaning(graph: nx.DiGraph, kind: StateKind) -> str:
    model = graph.graph.get("model")
    if model is not None and not model.argument and kind.without_history:
        return kind.without_history
    fell = graph.graph.get("fell")
    return f"{kind.meaning}: {fell} falls" if kind == END else kind.meaning
