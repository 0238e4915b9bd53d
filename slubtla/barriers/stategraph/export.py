"""State graphs for other tools: GraphML and Graphviz' dot."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.stategraph.kinds import Kind

if TYPE_CHECKING:
    import networkx as nx

_SHAPES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.LEAK: ("octagon", "#d55e00"),
    Kind.WRONG: ("hexagon", "#cc79a7"),
    Kind.THIRD: ("diamond", "#e69f00"),
    Kind.CASE1: ("box", "#56b4e9"),
    Kind.CASE2: ("triangle", "#009e73"),
    Kind.NEITHER: ("ellipse", "#ffffff"),
    Kind.STATE: ("ellipse", "#ffffff"),
    Kind.END: ("octagon", "#d55e00"),
}


def plain(graph: nx.DiGraph) -> nx.DiGraph:
    """Return the graph with attributes that are text, numbers and booleans only.

    A node has ``state`` (TLC's own text), ``depth``, ``initial``, ``kind``, ``falls`` and ``open``;
    an edge ``action``, ``context`` and ``cpu``.
    """
    import networkx as nx  # noqa: PLC0415 - slow to load

    copy = nx.DiGraph()
    model = graph.graph.get("model")
    if model is not None:
        copy.graph["model"] = model.command
        copy.graph["pinned"] = graph.graph["pinned"]
    for number, data in graph.nodes(data=True):
        copy.add_node(number, **{name: _plain(value) for name, value in data.items()})
    copy.add_edges_from(graph.edges(data=True))
    return copy


def _plain(value: Any) -> str | int | bool:  # noqa: ANN401 - an attribute of a node
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool | int):
        return value
    return value.value if isinstance(value, Kind) else value.text


def to_graphml(graph: nx.DiGraph) -> bytes:
    """Return the graph as GraphML, which yEd, Gephi and networkx read."""
    import networkx as nx  # noqa: PLC0415 - slow to load

    out = io.BytesIO()
    nx.write_graphml_xml(plain(graph), out)
    return out.getvalue() + b"\n"


def to_dot(graph: nx.DiGraph) -> bytes:
    """Return the graph in Graphviz' language: a shape and a colour for each kind of state."""
    told = plain(graph)
    lines = ["digraph states {", f"  graph [{_attributes({**told.graph, 'rankdir': 'TB'})}];"]
    for number, data in told.nodes(data=True):
        shape, colour = _SHAPES[Kind(data["kind"])]
        look = {"label": number, "shape": shape, "style": "filled", "fillcolor": colour}
        lines.append(f"  {number} [{_attributes(look | data)}];")
    for source, target, data in told.edges(data=True):
        label = {"label": ": ".join(filter(None, (data["cpu"], data["action"])))}
        lines.append(f"  {source} -> {target} [{_attributes(label | data)}];")
    return "\n".join([*lines, "}", ""]).encode()


def _attributes(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
