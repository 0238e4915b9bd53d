"""Make the axes of a swim-lane picture: title, summary, command line."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.plots.lane_layout import MARGIN, wrapped
from slubtla.barriers.show.plots.style import MONO, SANS, Theme, verdict_colours
from slubtla.barriers.trace.counterexample import Counterexample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS: Final = 72
_TITLE: Final = 0.78
_CAPTION_LINE: Final = 0.19
_CAPTION_SIZE: Final = 9.6


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, fixed: bool) -> float:
    """Return how wide a line is, in inches.

    Args:
        text: the line.
        size: points.
        fixed: whether it is of the fixed pitch.
    """
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - slow to load
    from matplotlib.textpath import text_to_path  # noqa: PLC0415 - likewise

    font = FontProperties(family=[MONO if fixed else SANS], size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _POINTS


def framed_axes(  # noqa: PLR0913 - what a frame is made of
    story: Counterexample,
    ax: Axes | None,
    theme: Theme,
    *,
    width: float,
    head: float,
    bottom: float,
    legend: float,
    titled: bool = True,
) -> Axes:
    """Return axes whose unit is an inch, y growing downwards from the first row, with their frame.

    Args:
        story: what is drawn.
        ax: the axes; a figure of its own when None.
        theme: the colours.
        width: of the picture.
        head: height of the lanes' heads.
        bottom: where the lanes end.
        legend: height of the legend below the lanes.
        titled: whether title and caption are drawn.
    """
    caption: list[str] = []
    if titled:
        sentences = (*story.summary, *((story.ends,) if story.ends else ()))
        for sentence in sentences or (story.because,):
            caption += wrapped(sentence, _CAPTION_SIZE, width - 2 * MARGIN, text_width)
        shown = "" if story.complete else f"{len(story.rows)} of {story.length} steps.  "
        caption.append(f"{shown}$ {story.result.command}")
    top = -head - (_TITLE if titled else 0.0)
    end = bottom + MARGIN + legend
    whole = end + _CAPTION_LINE * len(caption) + (0.1 if titled else 0.0)
    if ax is None:
        ax = _inches(width, whole - top)
    ax.set_axis_off()
    ax.set_xlim(0, width)
    ax.set_ylim(whole, top)
    ax.set_aspect("equal")
    if titled:
        _draw_title(ax, story, theme, top + 0.4)
    for index, line in enumerate(caption):
        command = index == len(caption) - 1
        ax.text(
            MARGIN,
            end + _CAPTION_LINE * (index + 0.5),
            line,
            size=_CAPTION_SIZE - command,
            color=theme.muted if command else theme.ink,
            family=MONO if command else SANS,
            va="center",
            gid="command" if command else "caption",
        )
    return ax


def _inches(width: float, height: float) -> Axes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to load
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure.add_axes((0.0, 0.0, 1.0, 1.0))


def _draw_title(ax: Axes, story: Counterexample, theme: Theme, y: float) -> None:
    ground, ink = verdict_colours(theme, story.result.verdict.kind)
    ax.text(
        MARGIN + 0.08,
        y,
        story.verdict,
        size=14,
        weight="bold",
        color=ink,
        va="center",
        bbox={"boxstyle": "round,pad=0.3", "facecolor": ground, "edgecolor": ink, "linewidth": 1.2},
        gid="verdict",
    )
    width = text_width(story.verdict, 14, False) * 1.12
    ax.text(MARGIN + width + 0.35, y, story.subject, size=12.5, color=theme.ink, va="center")
