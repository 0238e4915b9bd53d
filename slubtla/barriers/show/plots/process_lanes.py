"""Swim lanes of a specification of the user's own: a lane for each PlusCal process.

Time goes down, a row for each step: in the lane of the process that makes it stand the label, and
what the step changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.plots.lane_frame import (
    caption_lines,
    draw_foot,
    draw_title,
    inches,
    text_width,
)
from slubtla.barriers.show.plots.style import MONO, Theme, styled
from slubtla.barriers.trace.counterexample import Counterexample, trace_of
from slubtla.barriers.trace.processes import ProcessSteps, process_steps
from slubtla.barriers.trace.steps import Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_MARGIN: Final = 0.18
_NUMBERS: Final = 0.42
_LINE: Final = 0.165
_GAP: Final = 0.14
_HEAD: Final = 0.45
_TITLE: Final = 0.78
_SIZE: Final = 8.0
_NARROWEST: Final = 1.5
_WIDEST: Final = 3.4
_MOST_LINES: Final = 12
"""Of one step; what more it changes is only counted."""


def draw_process_lanes(
    story: Counterexample, ax: Axes | None = None, *, theme: str = "light"
) -> Axes:
    """Draw a story of a specification that slubtla knows nothing of.

    Args:
        story: see :func:`slubtla.barriers.trace.counterexample.counterexample_of`.
        ax: where to draw; by default a figure of its own, as large as the trace needs.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; a unit of their data is an inch. The texts of a step have the ``gid``
        ``"step-2"``, the head of a lane ``"process"``.

    Raises:
        UsageError: the trace does not say which process makes a step.
        UnknownNameError: there is no such theme.
    """
    steps = process_steps(trace_of(story.result), story.result.name)
    texts = {row.number: _lines(row) for row in story.rows}
    width = _lane_width(steps, texts)
    lanes = {name: _MARGIN + _NUMBERS + index * width for index, name in enumerate(steps.processes)}
    whole = 2 * _MARGIN + _NUMBERS + width * len(lanes)
    whole = max(whole, 5.0)
    bottom = sum(_LINE * len(lines) + _GAP for lines in texts.values())
    with styled(theme) as colours:
        caption = caption_lines(story, whole - 2 * _MARGIN)
        foot = _MARGIN + 0.2 + 0.19 * len(caption)
        if ax is None:
            ax = inches(whole, _TITLE + _HEAD + bottom + foot)
        ax.set_axis_off()
        ax.set_xlim(0, whole)
        ax.set_ylim(bottom + foot, -_TITLE - _HEAD)
        ax.set_aspect("equal")
        ax.set_gid("process-lanes")
        draw_title(ax, story, colours, -_TITLE - _HEAD)
        _draw_heads(ax, lanes, width, bottom, colours)
        _draw_rows(ax, story, steps, texts, lanes, colours)
        draw_foot(ax, caption, colours, bottom + _MARGIN)
    return ax


def _lines(row: Step) -> list[str]:
    """What stands in the box of a step: its label, and what it changes but for ``pc``."""
    head = row.action or row.words or ("initial state" if row.number == 1 else "")
    if row.action and row.words:
        head = f"{row.action}: {row.words}"
    changed = [
        line
        for change in row.changed
        if not change.startswith(("pc =", "pc["))
        for line in change.splitlines()
    ]
    more = len(changed) - _MOST_LINES
    return [head, *changed[:_MOST_LINES], *([f"... {more} lines more"] if more > 0 else [])]


def _lane_width(steps: ProcessSteps, texts: dict[int, list[str]]) -> float:
    """As wide as the widest line of a step; the initial state may run over the others."""
    lines = [line for number, lines in texts.items() if number in steps.movers for line in lines]
    wanted = max((text_width(line, _SIZE, True) for line in [*lines, *steps.processes]), default=0)
    return min(max(wanted + 0.3, _NARROWEST), _WIDEST)


def _cut(line: str, width: float) -> str:
    """A line that fits into a lane; one that is too long ends in three dots."""
    if text_width(line, _SIZE, True) <= width:
        return line
    while line and text_width(f"{line}...", _SIZE, True) > width:
        line = line[:-1]
    return f"{line}..."


def _draw_heads(
    ax: Axes, lanes: dict[str, float], width: float, bottom: float, theme: Theme
) -> None:
    for name, left in lanes.items():
        ax.text(
            left + 0.1,
            -_HEAD / 2,
            _cut(name, width - 0.2),
            size=_SIZE + 1,
            weight="bold",
            color=theme.ink,
            family=MONO,
            va="center",
            gid="process",
        )
        ax.plot([left, left], [-_HEAD + 0.08, bottom], color=theme.muted, linewidth=0.7, zorder=0)


def _draw_rows(  # noqa: PLR0913, PLR0917 - all that a drawing needs
    ax: Axes,
    story: Counterexample,
    steps: ProcessSteps,
    texts: dict[int, list[str]],
    lanes: dict[str, float],
    theme: Theme,
) -> None:
    top = 0.0
    left_most, right = min(lanes.values()), ax.get_xlim()[1] - _MARGIN
    lefts = [*lanes.values(), right]
    width = lefts[1] - lefts[0]
    for row in story.rows:
        lines = texts[row.number]
        y = top + _LINE / 2
        ax.text(
            left_most - 0.12,
            y,
            str(row.number),
            size=_SIZE,
            color=theme.muted,
            ha="right",
            va="center",
        )
        mover = steps.movers.get(row.number)
        left = left_most if mover is None else lanes[mover]
        room = right - left if mover is None else width - 0.2
        for index, line in enumerate(lines):
            ax.text(
                left + 0.1,
                y + index * _LINE,
                _cut(line, room),
                size=_SIZE,
                family=MONO,
                weight="bold" if index == 0 and mover is not None else "normal",
                color=theme.ink if mover is not None else theme.muted,
                va="center",
                gid=f"step-{row.number}",
            )
        top += _LINE * len(lines) + _GAP
