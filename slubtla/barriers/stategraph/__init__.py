"""The state graph of a small model: every state that TLC finds, and what each of them means.

:mod:`reading` reads TLC's dump; :mod:`kinds` is what a
state can be in the mail's argument; :mod:`making` has TLC make the graph of a
model; :mod:`paths` finds ways through it; :mod:`layers`
places it; :mod:`~slubtla.barriers.stategraph.export` writes it for other tools. The graph is a
:class:`networkx.DiGraph`; networkx is loaded when one is made.
"""

from slubtla.barriers.stategraph.export import to_dot, to_graphml
from slubtla.barriers.stategraph.kinds import Kind
from slubtla.barriers.stategraph.making import MOST, SMALL, make_graph, small_model
from slubtla.barriers.stategraph.paths import open_part, shortest_leak

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
