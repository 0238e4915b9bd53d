"""Swim lanes of a counterexample: a lane for each CPU with its store buffer, memory in the middle.

Time goes down. A store stands as a box in the store buffer when it is made, waits there as a
hatched stem, and goes to memory by an arrow when it drains. Memory's bands show the value that a
location has, which is what the other CPU sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.plots.lane_arrows import Arrows
from slubtla.barriers.show.plots.lane_frame import (
    CAPTION_LINE,
    FONTS,
    MARGIN,
    caption_lines,
    draw_foot,
    draw_title,
    inches,
    text_width,
)
from slubtla.barriers.show.plots.lane_ground import Ground
from slubtla.barriers.show.plots.lane_places import WORDS, Places, place, slots_of
from slubtla.barriers.show.plots.lane_rows import FUNCTION_SIZE, WORDS_SIZE, LaneRow, lane_rows
from slubtla.barriers.show.plots.process_lanes import draw_process_lanes
from slubtla.barriers.show.plots.style import Theme, picture, styled
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slubtla.barriers.trace.timeline import Timeline
    from slubtla.tlc.run.result import Result

_HEAD: Final = 0.62
_LINE: Final = 0.155


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
    """Return the lanes as a file: ``"svg"``, ``"png"`` or ``"pdf"``.

    Raises:
        UnknownNameError: there is no such theme.
    """
    return picture(draw_lanes(story, theme=theme), kind, title=story.title)


def draw_lanes(
    story: Counterexample, ax: Axes | None = None, *, theme: str = "light", titled: bool = True
) -> Axes:
    """Draw a counterexample; see :func:`lanes`.

    Args:
        story: the counterexample.
        ax: where to draw; by default a figure of its own.
        theme: ``"light"`` or ``"dark"``.
        titled: whether the verdict, what went wrong and the command stand in the picture.

    Raises:
        UsageError: it does not say which process makes a step.
    """
    scene = story.timeline
    if scene is None:
        return draw_process_lanes(story, ax, theme=theme)
    with styled(theme) as colours:
        rows = lane_rows(story, scene, WORDS, text_width)
        slots = slots_of(scene.stores)
        places = place(scene, rows, slots)
        caption = caption_lines(story, places.width - 2 * MARGIN)
        foot = MARGIN + 0.45 + CAPTION_LINE * len(caption) if titled else MARGIN + 0.3
        title = 0.78 if titled else 0.0
        height = title + _HEAD + places.bottom + foot
        if ax is None:
            ax = inches(places.width, height)
        ax.set_axis_off()
        ax.set_xlim(0, places.width)
        ax.set_ylim(places.bottom + foot, -title - _HEAD)
        ax.set_aspect("equal")
        ax.set_gid("lanes")
        if titled:
            draw_title(ax, story, colours, -title - _HEAD)
        parts = (ax, colours, scene, places, slots, _bad_end(story, scene))
        ground = Ground(*parts)
        ground.lanes(-_HEAD)
        ground.heads(-_HEAD)
        ground.memory()
        _all_rows(ax, rows, places, colours)
        Arrows(*parts).draw()
        legend = ground.legend(places.bottom + MARGIN, text_width)
        if titled:
            draw_foot(ax, caption, colours, places.bottom + legend + 1.6 * MARGIN)
    return ax


def _bad_end(story: Counterexample, scene: Timeline) -> dict[str, tuple[str, str]]:
    """The location whose last value is what went wrong: that value, and words for it."""
    memory = scene.states[scene.last].memory
    if story.result.verdict.detail == "NoLeak":
        lists = {at: slab for at, slab in memory.items() if at.startswith("partial[")}
        return {at: (slab, f"{slab} leaked") for at, slab in lists.items() if slab != "NULL"}
    if story.result.verdict.detail == "NoSelfDeadlock" and memory["list_lock"] != "NULL":
        owner = memory["list_lock"]
        return {"list_lock": (owner, f"{owner} has it")}
    return {}


def _all_rows(ax: Axes, rows: tuple[LaneRow, ...], places: Places, theme: Theme) -> None:
    for row in rows:
        lane = places.lanes[row.cpu]
        ink = theme.muted if row.quiet else theme.ink
        y = row.middle - (_LINE if row.function else 0)
        ax.text(
            lane.numbers,
            row.middle,
            row.label,
            size=7.6,
            color=theme.bad if row.fatal else theme.muted,
            weight="bold" if row.fatal else "normal",
            ha="right",
            va="center",
        )
        if row.function:
            ax.text(
                lane.words,
                y,
                row.function,
                size=FUNCTION_SIZE,
                family=FONTS[1],
                color=theme.ink,
                weight="bold",
                va="center",
            )
            y += _LINE
        for line in (*row.words, *row.notes):
            noted = line in row.notes
            ax.text(
                lane.words,
                y,
                line,
                size=WORDS_SIZE,
                color=theme.bad if noted else ink,
                weight="bold" if noted else "normal",
                va="center",
                gid=f"step-{row.numbers[0]}",
            )
            y += _LINE
