"""State graphs for other tools: GraphML and Graphviz' dot."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.views import StateKind

if TYPE_CHECKING:
    import networkx as nx

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "X": ("octagon", "#d55e00"),
    "P": ("hexagon", "#cc79a7"),
    "D": ("diamond", "#e69f00"),
    "s": ("box", "#56b4e9"),
    "^": ("triangle", "#009e73"),
    "o": ("ellipse", "#ffffff"),
}
"""The marker of a kind of state to its shape and colour in dot."""


def plain(graph: nx.DiGraph) -> nx.DiGraph:
    """Return the graph with attributes that are text, numbers and booleans only.

    A node has ``state`` (TLC's own text), ``depth``, ``initial``, ``kind``, ``falls`` and ``open``;
    an edge ``action``, ``context`` and ``cpu``.
    """
    import networkx as nx  # noqa: PLC0415 - slow to load

    copy = nx.DiGraph()
    model = graph.graph.get("model")
    if model is not None:
        copy.graph.update(model=model.command, pinned=graph.graph["pinned"])
    for number, data in graph.nodes(data=True):
        copy.add_node(number, **{name: _plain(value) for name, value in data.items()})
    copy.add_edges_from(graph.edges(data=True))
    return copy


def _plain(value: Any) -> str | int | bool:  # noqa: ANN401 - an attribute of a node
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool | int):
        return value
    return value.name if isinstance(value, StateKind) else value.text


def to_graphml(graph: nx.DiGraph) -> bytes:
    """Return the graph as GraphML, which yEd, Gephi and networkx read."""
    import networkx as nx  # noqa: PLC0415 - slow to load

    out = io.BytesIO()
    nx.write_graphml_xml(plain(graph), out)
    return out.getvalue() + b"\n"


def to_dot(graph: nx.DiGraph) -> bytes:
    """Return the graph in Graphviz' language: a shape and a colour for each kind of state."""
    simple = plain(graph)
    lines = ["digraph states {", f"  graph [{_attributes({**simple.graph, 'rankdir': 'TB'})}];"]
    for number, data in simple.nodes(data=True):
        shape, colour = _SHAPES[graph.nodes[number]["kind"].marker]
        look = {"label": number, "shape": shape, "style": "filled", "fillcolor": colour}
        lines.append(f"  {number} [{_attributes(look | data)}];")
    for source, target, data in simple.edges(data=True):
        label = {"label": ": ".join(filter(None, (data["cpu"], data["action"])))}
        lines.append(f"  {source} -> {target} [{_attributes(label | data)}];")
    return "\n".join([*lines, "}", ""]).encode()


def _attributes(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
