"""The state graph of a small model: every state that TLC finds, and what each of them means.

:mod:`~slubtla.stategraph.reading` reads TLC's dump; :mod:`~slubtla.stategraph.kinds` is what a
state can be in the mail's argument; :mod:`~slubtla.stategraph.making` has TLC make the graph of a
model; :mod:`~slubtla.stategraph.paths` finds ways through it; :mod:`~slubtla.stategraph.layers`
places it; :mod:`~slubtla.stategraph.export` writes it for other tools. The graph is a
:class:`networkx.DiGraph`; networkx is loaded when one is made.
"""

from slubtla.stategraph.export import to_dot, to_graphml
from slubtla.stategraph.kinds import Kind
from slubtla.stategraph.making import MOST, SMALL, make_graph, small_model
from slubtla.stategraph.paths import open_part, shortest_leak

__all__ = [
    "MOST",
    "SMALL",
    "Kind",
    "make_graph",
    "open_part",
    "shortest_leak",
    "small_model",
    "to_dot",
    "to_graphml",
]
