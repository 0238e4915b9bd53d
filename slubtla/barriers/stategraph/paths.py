"""Ways through a state graph: to the first leak, and as long as a leak can still come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slubtla.barriers.stategraph.kinds import Kind

if TYPE_CHECKING:
    import networkx as nx


def shortest_leak(graph: nx.DiGraph) -> tuple[int, ...]:
    """Return the states of a shortest way to the first leak; empty where none is reachable.

    Of several leaks at one depth the one that TLC found first is meant.
    """
    import networkx as nx  # noqa: PLC0415 - slow to load

    leaks = leaks_of(graph)
    if not leaks:
        return ()
    target = min(leaks, key=lambda number: (graph.nodes[number]["depth"], number))
    inside = nx.restricted_view(graph, [], [(n, n) for n in nx.nodes_with_selfloops(graph)])
    way = [target]
    while depth := graph.nodes[way[-1]]["depth"]:
        nearer = (n for n in inside.predecessors(way[-1]) if graph.nodes[n]["depth"] == depth - 1)
        way.append(min(nearer))
    return tuple(reversed(way))


def leaks_of(graph: nx.DiGraph) -> tuple[int, ...]:
    """Return the states that are leaks."""
    return tuple(number for number, kind in graph.nodes(data="kind") if kind == Kind.LEAK)


def mark_open(graph: nx.DiGraph) -> None:
    """Give each node ``open``: whether a leak can be reached from it, or it is one."""
    import networkx as nx  # noqa: PLC0415 - slow to load

    leaks = leaks_of(graph)
    backwards = graph.reverse(copy=False)
    can = {number for layer in nx.bfs_layers(backwards, leaks) for number in layer}
    nx.set_node_attributes(graph, {number: number in can for number in graph}, "open")


def open_part(graph: nx.DiGraph) -> nx.DiGraph:
    """Return the part of a graph in which the leak is still to be decided.

    These are the states from which a leak can be reached, and the first ones after them from which
    none can any more. Nothing leaks outside this part.

    Returns:
        A view of the graph; the whole graph where there is no leak.
    """
    can = {number for number, still in graph.nodes(data="open") if still}
    rim = {after for number in can for after in graph.successors(number)}
    return graph.subgraph(can | rim) if can else graph
