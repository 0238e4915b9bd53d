"""The state graph of a small model, or of any small specification: every state that TLC finds.

The graph is a :class:`networkx.DiGraph`; networkx is loaded when one is made.
"""

from slubtla.barriers.stategraph.export import to_dot, to_graphml
from slubtla.barriers.stategraph.graphs import (
    MOST,
    make_graph,
    make_spec_graph,
    small_model,
)
from slubtla.barriers.stategraph.paths import open_part, shortest_way

__all__ = [
    "MOST",
    "make_graph",
    "make_spec_graph",
    "open_part",
    "shortest_way",
    "small_model",
    "to_dot",
    "to_graphml",
]
