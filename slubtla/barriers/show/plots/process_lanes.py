"""Swim lanes of a specification of the user's own: a lane for each PlusCal process.

Time goes down, a row for each step: in the lane of the process that makes it stand the label, and
what the step changes.
"""

from __future__ import annotations

from typing import Any, Final

from matplotlib.axes import Axes

from slubtla.barriers.show.plots.lane_frame import MARGIN, framed_axes, text_width
from slubtla.barriers.show.plots.style import MONO, styled
from slubtla.barriers.trace.counterexample import Counterexample, trace_of
from slubtla.barriers.trace.processes import ProcessSteps, process_steps
from slubtla.barriers.trace.steps import Step

_NUMBERS: Final = 0.42
_LINE: Final = 0.165
_GAP: Final = 0.14
_HEAD: Final = 0.45
_SIZE: Final = 8.0
_NARROWEST: Final = 1.5
_WIDEST: Final = 3.4
_MOST_LINES: Final = 12
"""Of one step; what more it changes is only counted."""


def draw_process_lanes(story: Counterexample, ax: Axes | None = None, *, theme: str) -> Axes:
    """Draw a counterexample of a specification that no protocol describes.

    Returns:
        The axes; a unit of their data is an inch. The texts of a step have the ``gid``
        ``"step-2"``, the head of a lane ``"process"``.

    Raises:
        UsageError: the trace does not say which process makes a step.
        UnknownNameError: there is no such theme.
    """
    steps = process_steps(trace_of(story.result), story.result.name)
    texts = {step.number: _lines(step) for step in story.rows}
    width = _lane_width(steps, texts)
    first = MARGIN + _NUMBERS
    lanes = {name: first + index * width for index, name in enumerate(steps.processes)}
    whole = max(first + width * len(lanes) + MARGIN, 5.0)
    bottom = sum(_LINE * len(lines) + _GAP for lines in texts.values())
    mono: dict[str, Any] = {"family": MONO, "va": "center"}
    with styled(theme) as colours:
        ax = framed_axes(story, ax, colours, width=whole, head=_HEAD, bottom=bottom)
        ax.set_gid("process-lanes")
        for name, left in lanes.items():
            head = {"size": _SIZE + 1, "weight": "bold", "gid": "process", **mono}
            ax.text(left + 0.1, -_HEAD / 2, _cut(name, width - 0.2), **head)
            edge = [-_HEAD + 0.08, bottom]
            ax.plot([left, left], edge, color=colours.muted, linewidth=0.7, zorder=0)
        top = 0.0
        for step in story.rows:
            y = top + _LINE / 2
            ink = colours.bad if step.number == story.fatal else colours.muted
            number: dict[str, Any] = {"size": _SIZE, "ha": "right", "va": "center", "color": ink}
            ax.text(first - 0.12, y, str(step.number), **number)
            mover = steps.movers.get(step.number)
            left, room = (first, whole - MARGIN - first)
            if mover is not None:
                left, room = lanes[mover], width - 0.2
            ink = colours.muted if mover is None else colours.ink
            for index, text in enumerate(texts[step.number]):
                bold = "bold" if index == 0 and mover is not None else "normal"
                look = mono | {
                    "size": _SIZE,
                    "weight": bold,
                    "color": ink,
                    "gid": f"step-{step.number}",
                }
                ax.text(left + 0.1, y + index * _LINE, _cut(text, room), **look)
            top += _LINE * len(texts[step.number]) + _GAP
    return ax


def _lines(step: Step) -> list[str]:
    """What stands in the box of a step: its label, and what it changes but for ``pc``."""
    head = step.action or step.words or ("initial state" if step.number == 1 else "")
    if step.action and step.words:
        head = f"{step.action}: {step.words}"
    changed = [
        line
        for change in step.changed
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
