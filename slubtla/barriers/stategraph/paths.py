"""Find a shortest path to a bad state, and the states from which one can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


def shortest_way(graph: nx.DiGraph) -> tuple[int, ...]:
    """Return the states of a shortest way to the first bad state; empty where there is none.

    Of several at one depth the one that TLC found first is meant.
    """
    import networkx as nx  # noqa: PLC0415 - slow to load

    bad = _bad_states(graph)
    if not bad:
        return ()
    target = min(bad, key=lambda number: (graph.nodes[number]["depth"], number))
    inside = nx.restricted_view(graph, [], [(n, n) for n in nx.nodes_with_selfloops(graph)])
    way = [target]
    while depth := graph.nodes[way[-1]]["depth"]:
        nearer = (n for n in inside.predecessors(way[-1]) if graph.nodes[n]["depth"] == depth - 1)
        way.append(min(nearer))
    return tuple(reversed(way))


def _bad_states(graph: nx.DiGraph) -> tuple[int, ...]:
    return tuple(number for number, kind in graph.nodes(data="kind") if kind.bad)


def mark_open(graph: nx.DiGraph) -> None:
    """Give each node ``open``: whether a bad state can be reached from it, or it is one."""
    import networkx as nx  # noqa: PLC0415 - slow to load

    backwards = graph.reverse(copy=False)
    can = {number for layer in nx.bfs_layers(backwards, _bad_states(graph)) for number in layer}
    nx.set_node_attributes(graph, {number: number in can for number in graph}, "open")


def open_part(graph: nx.DiGraph) -> nx.DiGraph:
    """Return the part of a graph in which it is still to be decided whether it ends badly.

    These are the states from which a bad one can be reached, and the first ones after them from
    which none can any more.

    Returns:
        A view of the graph; the whole graph where there is no bad state.
    """
    can = {number for number, still in graph.nodes(data="open") if still}
    rim = {after for number in can for after in graph.successors(number)}
    return graph.subgraph(can | rim) if can else graph
