"""Title, caption and canvas of the swim lanes, in inches."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.plots.style import MONO, SANS, Theme, verdict_colours
from slubtla.barriers.trace.counterexample import Counterexample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS: Final = 72
CAPTION_LINE: Final = 0.19
_CAPTION_SIZE: Final = 9.6
MARGIN: Final = 0.18
FONTS: Final = (SANS, MONO)


def inches(width: float, height: float) -> Axes:
    """Axes that fill a figure, so that a unit of data is an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to load
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure.add_axes((0.0, 0.0, 1.0, 1.0))


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, fixed: bool) -> float:
    """Return how wide a text is, in inches.

    Args:
        text: one line.
        size: points.
        fixed: whether it is of the fixed pitch.
    """
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - slow to load
    from matplotlib.textpath import TextPath  # noqa: PLC0415 - likewise

    font = FontProperties(family=[FONTS[fixed]])
    extents = TextPath((0, 0), text.replace("$", "S"), size=size, prop=font).get_extents()
    return float(extents.x1) / _POINTS


def draw_title(ax: Axes, story: Counterexample, theme: Theme, top: float) -> None:
    """Write the verdict and what was checked."""
    ground, ink = verdict_colours(theme, story.result.verdict.kind)
    x, y = MARGIN, top + 0.4
    ax.text(
        x + 0.08,
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
    ax.text(x + width + 0.35, y, story.subject, size=12.5, color=theme.ink, va="center")


def caption_lines(story: Counterexample, width: float) -> list[str]:
    """The sentences that say what went wrong, in lines."""
    lines: list[str] = []
    sentences = (*story.summary, *((story.ends,) if story.ends else ()))
    for sentence in sentences or (story.because,):
        line = ""
        for word in sentence.split():
            longer = f"{line} {word}".strip()
            if line and text_width(longer, _CAPTION_SIZE, False) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    shown = "" if story.complete else f"{len(story.rows)} of {story.length} steps.  "
    return [*lines, f"{shown}$ {story.result.command}"]


def draw_foot(ax: Axes, caption: list[str], theme: Theme, top: float) -> None:
    """Write the lines of :func:`caption_lines`."""
    for index, line in enumerate(caption):
        command = index == len(caption) - 1
        ax.text(
            MARGIN,
            top + CAPTION_LINE * (index + 0.5),
            line,
            size=_CAPTION_SIZE - command,
            color=theme.muted if command else theme.ink,
            family=FONTS[command],
            va="center",
            gid="command" if command else "caption",
        )
