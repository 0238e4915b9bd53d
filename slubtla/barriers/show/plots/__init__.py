"""Pictures with matplotlib: swim lanes of a trace, plots of numbers, and state graphs.

Every function that draws takes ``ax=None`` and returns the :class:`~matplotlib.axes.Axes`; without
one it makes a figure of its own, which never opens a window. matplotlib is loaded when something
is drawn, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slubtla.barriers.show.plots.graph import state_graph

__all__ = ["state_graph"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function that draws
    if name == "state_graph":
        from slubtla.barriers.show.plots.graph import state_graph  # noqa: PLC0415 - only when it is used

        return state_graph
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
