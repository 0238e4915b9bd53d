"""Pictures with matplotlib: swim lanes of a trace, plots of numbers, and state graphs.

Every function that draws takes ``ax=None`` and ``theme="light"`` (or ``"dark"``), and returns the
:class:`~matplotlib.axes.Axes`; without ``ax`` it makes a figure of its own, which never opens a
window. matplotlib is loaded with the modules that draw, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slubtla.errors import UsageError
from slubtla.registry import load

if TYPE_CHECKING:
    from markupsafe import Markup

    from slubtla.barriers.show.plots.graph import state_graph

__all__ = ["inline_plot", "state_graph"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function that draws
    if name == "state_graph":
        return load(f"{__name__}.graph:state_graph")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def inline_plot(place: str, *drawn: object, name: str, title: str) -> tuple[Markup, ...]:
    """Return what ``module:function`` of this package draws as an ``<svg>`` element.

    None where what is drawn lacks the numbers; name and title are those of ``style.inline_svg``.
    """
    try:
        ax = load(f"{__name__}.{place}")(*drawn)
    except UsageError:  # a plot can never fail a page
        return ()
    return (load(f"{__name__}.style:inline_svg")(ax, name, title),)
