r"""Parse TLC's dump of a state graph (``-dump dot,actionlabels``).

As TLC 2.15 writes it::

    -7620673100118913917 [label="/\\ x = 1\n/\\ y = {}",style = filled]
    -7620673100118913917 -> 91227635 [label="Step",color="black",fontcolor="black"];

A node is named by the fingerprint of its state; an initial one is filled. The rest is layout. A
general reader of dot takes minutes for labels of this length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from slubtla.errors import TlcOutputError
from slubtla.tlc.output import State

if TYPE_CHECKING:
    import networkx as nx

_NODE: Final = re.compile(r'(-?\d+) \[label="((?:[^"\\]|\\.)*)"(.*)\];?')
_EDGE: Final = re.compile(r'(-?\d+) -> (-?\d+) \[label="((?:[^"\\]|\\.)*)".*\];?')
_ESCAPE: Final = re.compile(r"\\(.)")
_LAYOUT: Final = ("strict digraph", "nodesep", "subgraph", "color=", "label=", "node", "{rank", "}")


def read_dump(lines: Iterable[str], watchers: Iterable[str] = ()) -> nx.DiGraph:
    """Read a state graph.

    Args:
        lines: the dump.
        watchers: actions that change nothing and only say that something holds of a state.

    Returns:
        A graph of numbers from 1 on, in the order in which TLC found the states. A node has its
        ``state``, ``initial``, ``depth`` (steps from the nearest initial state) and ``marks``, the
        watchers that saw it; an edge its ``action``, several joined by a comma.

    Raises:
        TlcOutputError: a line cannot be read, or the dump breaks off.
    """
    import networkx as nx  # noqa: PLC0415 - slow to load

    graph = nx.DiGraph()
    watching = frozenset(watchers)
    numbers: dict[str, int] = {}
    last = ""
    for count, line in enumerate(lines, start=1):
        last = line.strip()
        if edge := _EDGE.fullmatch(last):
            ends = tuple(numbers.setdefault(name, len(numbers) + 1) for name in edge.groups()[:2])
            _add_edge(graph, ends, edge[3], watching)
        elif node := _NODE.fullmatch(last):
            number = numbers.setdefault(node[1], len(numbers) + 1)
            state = State(_ESCAPE.sub(_unescaped, node[2]), count)
            graph.add_node(number, state=state, initial="filled" in node[3])
        elif last and not last.startswith(_LAYOUT):
            raise TlcOutputError("expected a line of the dump", line_number=count, text=last[:80])
    incomplete = [number for number, data in graph.nodes(data=True) if "state" not in data]
    if last != "}" or incomplete:
        raise TlcOutputError("the dump of the state graph breaks off", text=last[:80])
    _measure(graph)
    return graph


def _add_edge(
    graph: nx.DiGraph, ends: tuple[int, ...], action: str, watching: frozenset[str]
) -> None:
    source, target = ends
    if action in watching:
        marks = graph.nodes[source].get("marks", frozenset())
        graph.add_node(source, marks=marks | {action})
        return
    known = graph.edges[ends]["action"].split(", ") if graph.has_edge(*ends) else []
    graph.add_edge(source, target, action=", ".join(dict.fromkeys([*known, action])))


def _measure(graph: nx.DiGraph) -> None:
    """Give each node its depth, and marks where nothing watched it."""
    import networkx as nx  # noqa: PLC0415 - slow to load

    begins = [number for number, first in graph.nodes(data="initial") if first]
    for depth, layer in enumerate(nx.bfs_layers(graph, begins)):
        for number in layer:
            graph.nodes[number]["depth"] = depth
            graph.nodes[number].setdefault("marks", frozenset())


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]
