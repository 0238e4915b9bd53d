"""Swim lanes of a counterexample: a lane for each CPU with its store buffer, memory in the middle.

Time goes down. A store stands as a box in the store buffer when it is made, waits there as a
hatched stem, and goes to memory by an arrow when it drains. Memory's bands show the value that a
location has, which is what the other CPU sees.
"""

from __future__ import annotations

from typing import Any, Final

from matplotlib.axes import Axes

from slubtla.barriers.show.plots.colours import Palette
from slubtla.barriers.show.plots.lane_frame import MARGIN, framed_axes
from slubtla.barriers.show.plots.lane_layout import LINE, WORDS_SIZE, Layout, layout
from slubtla.barriers.show.plots.lane_marks import Marks
from slubtla.barriers.show.plots.process_lanes import draw_process_lanes
from slubtla.barriers.show.plots.style import MONO, picture, styled
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of
from slubtla.barriers.trace.timeline import Timeline
from slubtla.tlc.run.result import Result

_HEAD: Final = 0.62
_LEGEND: Final = 0.36


def lanes(result: Result, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw the counterexample of a run: a lane for each CPU, or for each PlusCal process.

    Args:
        result: the run.
        ax: where to draw; by default a figure of its own, as large as the trace needs.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; a unit of their data is an inch of the picture at its own size.

    Raises:
        UsageError: there is no counterexample, or it does not say which process makes a step.
        UnknownNameError: there is no such theme.
    """
    return draw_lanes(counterexample_of(result), ax, theme=theme)


def lanes_picture(story: Counterexample, kind: str, *, theme: str = "light") -> bytes:
    """Return the lanes as a file: ``"svg"``, ``"png"`` or ``"pdf"``; raises as :func:`lanes`."""
    return picture(draw_lanes(story, theme=theme), kind, title=story.title)


def draw_lanes(
    story: Counterexample, ax: Axes | None = None, *, theme: str = "light", titled: bool = True
) -> Axes:
    """Draw a counterexample as :func:`lanes` does; ``titled``: with verdict, reason and command."""
    timeline = story.timeline
    if timeline is None:
        return draw_process_lanes(story, ax, theme=theme)
    with styled(theme) as colours:
        places = layout(story, timeline)
        size: dict[str, Any] = {"width": places.width, "head": _HEAD, "bottom": places.bottom}
        ax = framed_axes(story, ax, colours, legend=_LEGEND, titled=titled, **size)
        ax.set_gid("lanes")
        marks = Marks(ax, colours, timeline, places, _wrong(story, timeline))
        marks.draw_ground(-_HEAD)
        _draw_rows(ax, places, colours)
        marks.draw_events()
        marks.draw_legend(places.bottom + MARGIN)
    return ax


def draw_untitled(story: Counterexample) -> Axes:
    """Draw a counterexample for a page, which says above it what it is."""
    return draw_lanes(story, titled=False)


def _wrong(story: Counterexample, timeline: Timeline) -> dict[str, tuple[str, str]]:
    """The locations whose last value is what went wrong: that value, and words for it."""
    name, words = timeline.views.wrong.get(story.result.verdict.detail, ("", ""))
    memory = timeline.states[timeline.last].memory
    return {
        at: (value, words.format(value=value))
        for at, value in memory.items()
        if name and at.partition("[")[0] == name and value != "NULL"
    }


def _draw_rows(ax: Axes, places: Layout, theme: Palette) -> None:
    bad: dict[str, Any] = {"color": theme.bad, "weight": "bold"}
    for row in places.rows:
        lane, y = places.lanes[row.cpu], row.middle
        number = bad if row.fatal else {"color": theme.muted}
        ax.text(lane.numbers, y, row.label, size=7.6, ha="right", va="center", **number)
        if row.function:
            name: dict[str, Any] = {"size": 8.0, "family": MONO, "weight": "bold"}
            ax.text(lane.words, y - LINE, row.function, va="center", **name)
        ink = theme.muted if row.quiet and not row.fatal else theme.ink
        for index, line in enumerate((*row.words, *row.notes)):
            look = {"color": ink} if index < len(row.words) else bad
            at = (lane.words, y + LINE * index)
            ax.text(*at, line, size=WORDS_SIZE, va="center", gid=f"step-{row.numbers[0]}", **look)
