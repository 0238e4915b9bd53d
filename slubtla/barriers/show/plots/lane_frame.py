"""Make the axes of a swim-lane picture: title, summary, command line."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from slubtla.barriers.show.plots.colours import Palette
from slubtla.barriers.show.plots.style import MONO, SANS
from slubtla.barriers.trace.counterexample import Counterexample

MARGIN: Final = 0.18

_POINTS: Final = 72
_TITLE: Final = 0.78
_CAPTION_LINE: Final = 0.19
_CAPTION_SIZE: Final = 9.6


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, fixed: bool) -> float:
    """Return how wide a line of ``size`` points is, in inches; ``fixed``: of the fixed pitch."""
    font = FontProperties(family=[MONO if fixed else SANS], size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _POINTS


def wrapped(text: str, size: float, width: float) -> tuple[str, ...]:
    """Break a text between words into lines no wider than ``width``; a long word stays whole."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size, False) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return (*lines, line) if line else tuple(lines)


def framed_axes(  # noqa: PLR0913 - what a frame is made of
    story: Counterexample,
    ax: Axes | None,
    theme: Palette,
    *,
    width: float,
    head: float,
    bottom: float,
    legend: float = 0.0,
    titled: bool = True,
) -> Axes:
    """Return axes whose unit is an inch, y growing downwards from the first row, with their frame.

    ``head`` is the height of the lanes' heads, ``bottom`` where the lanes end, ``legend`` the
    height of the legend below them; ``titled``: with title and caption.
    """
    caption: list[str] = []
    if titled:
        sentences = (*story.summary, *((story.ends,) if story.ends else ()))
        for sentence in sentences or (story.because,):
            caption += wrapped(sentence, _CAPTION_SIZE, width - 2 * MARGIN)
        shown = "" if story.complete else f"{len(story.rows)} of {story.length} steps.  "
        caption.append(f"{shown}$ {story.result.command}")
    top = -head - (_TITLE if titled else 0.0)
    end = bottom + MARGIN + legend
    whole = end + _CAPTION_LINE * len(caption) + (0.1 if titled else 0.0)
    if ax is None:
        figure = Figure(figsize=(width, whole - top))
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_axis_off()
    ax.set_xlim(0, width)
    ax.set_ylim(whole, top)
    ax.set_aspect("equal")
    look: dict[str, Any]
    if titled:
        _draw_title(ax, story, theme, top + 0.4)
    for index, line in enumerate(caption):
        y = end + _CAPTION_LINE * (index + 0.5)
        if index < len(caption) - 1:
            look = {"size": _CAPTION_SIZE, "color": theme.ink, "family": SANS, "gid": "caption"}
        else:
            size = _CAPTION_SIZE - 1
            look = {"size": size, "color": theme.muted, "family": MONO, "gid": "command"}
        ax.text(MARGIN, y, line, va="center", **look)
    return ax


def _draw_title(ax: Axes, story: Counterexample, theme: Palette, y: float) -> None:
    ground, ink = theme.of_verdict(story.result.verdict.kind)
    box = {"boxstyle": "round,pad=0.3", "facecolor": ground, "edgecolor": ink, "linewidth": 1.2}
    bold: dict[str, Any] = {
        "size": 14,
        "weight": "bold",
        "color": ink,
        "bbox": box,
        "gid": "verdict",
    }
    ax.text(MARGIN + 0.08, y, story.verdict, va="center", **bold)
    width = text_width(story.verdict, 14, False) * 1.12
    ax.text(MARGIN + width + 0.35, y, story.subject, size=12.5, color=theme.ink, va="center")
