"""What all marks of the swim lanes are made of: boxes and arrows, and where everything stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.show.plots.lane_places import Places
from slubtla.barriers.show.plots.style import Theme
from slubtla.barriers.trace.events import Store
from slubtla.barriers.trace.timeline import StateView, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAITS: Final = "//////"
NO_PREEMPTION: Final = "------"
STRIP: Final = 0.13
"""Width of the strip that shows a CPU's flags."""


class Canvas:
    """What is known of one picture.

    Args:
        ax: where.
        theme: in which colours.
        scene: what happened.
        places: where everything stands.
        slots: the slot of each store in its buffer.
        bad_end: location to its last value, and words for it, where that is what went wrong.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a picture is made of
        self,
        ax: Axes,
        theme: Theme,
        scene: Timeline,
        places: Places,
        slots: Mapping[Store, int],
        bad_end: Mapping[str, tuple[str, str]],
    ) -> None:
        self.ax = ax
        self.theme = theme
        self.timeline = scene
        self.places = places
        self.slots = slots
        self.bad_end = bad_end

    @property
    def shown(self) -> list[StateView]:
        """The states from that before the first shown step to that after the last one."""
        shown = self.places.rows
        before = max((n for n in self.timeline.states if n < min(shown, default=1)), default=1)
        wanted = range(before, max(shown, default=1) + 1)
        return [moment for n, moment in sorted(self.timeline.states.items()) if n in wanted]

    def box(  # noqa: PLR0913 - what a box is
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        face: str,
        *,
        edge: str | None = None,
        hatch: str = "",
        alpha: float | None = None,
        zorder: float = 0.5,
        gid: str | None = None,
    ) -> None:
        """Draw a box, ``height`` downwards from its upper left corner."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415 - slow to load

        ink = edge or (self.theme.muted if hatch else face)
        self.ax.add_patch(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=face,
                edgecolor=ink,
                linewidth=0.9 if edge else 0,
                hatch=hatch or None,
                alpha=alpha,
                zorder=zorder,
                gid=gid,
            )
        )

    def arrow(  # noqa: PLR0913 - what an arrow is
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str,
        *,
        width: float,
        style: Any = "-",  # noqa: ANN401 - matplotlib's dashes
        head: str = "-|>",
        gid: str | None = None,
    ) -> None:
        """Draw an arrow."""
        from matplotlib.patches import FancyArrowPatch  # noqa: PLC0415 - slow to load

        self.ax.add_patch(
            FancyArrowPatch(
                start,
                end,
                arrowstyle=head,
                mutation_scale=7 + 3 * width,
                linewidth=width,
                linestyle=style,
                color=colour,
                shrinkA=0,
                shrinkB=0,
                zorder=4,
                gid=gid,
            )
        )
