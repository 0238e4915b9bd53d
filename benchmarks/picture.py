"""The ratios as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.timing import Summary
from slubtla.barriers.show.plots.style import new_axes, picture, styled


def draw(starts: Mapping[str, Summary], goals: Mapping[str, float], path: Path) -> None:
    """Draw each time as a multiple of the median by hand, from least to most, and the goals.

    Args:
        starts: the times, the baseline ``by hand`` among them.
        goals: at most so many times the baseline.
        path: where to write; its suffix says how.
    """
    base = starts["by hand"].median
    names = list(starts)[::-1]
    with styled("light") as colours:
        ax = new_axes(7.2, 0.6 + 0.42 * len(names))
        for place, name in enumerate(names):
            times = starts[name]
            ax.plot([times.least / base, times.most / base], [place] * 2, color=colours.muted)
            ax.plot(times.median / base, place, "o", color=colours.memory)
            ax.text(times.median / base, place + 0.2, f"{times.median / base:.2f}", ha="center")
            if name in goals:
                ax.plot(goals[name], place, "|", ms=16, mew=2, color=colours.bad)
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(-0.6, len(names) - 0.3)
        ax.set_xlim(left=0)
        ax.set_xlabel("times the median by hand; a line from least to most, a bar at the goal")
        path.write_bytes(picture(ax, path.suffix.removeprefix(".")))
