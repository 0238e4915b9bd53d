"""Plot the verdicts of a matrix: strategies by architectures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.campaigns.matrix import SC_COLUMN, Matrix
from slubtla.barriers.show.matrix import kind_of
from slubtla.barriers.show.plots.style import new_axes, styled, verdict_colours
from slubtla.barriers.table import SIGNS
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slubtla.barriers.show.plots.style import Palette
    from slubtla.tlc.run.result import Result

_HATCHES: Final = {VerdictKind.PROVEN: "", VerdictKind.VIOLATED: "///"}
_COLUMN: Final = 1.32
_ROW: Final = 0.52
_GAP: Final = 0.035


def verdict_matrix(matrix: Matrix, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw the verdicts of a matrix.

    Args:
        matrix: the cells.
        ax: where to draw; by default a figure of its own.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes: column and row are whole numbers from 0 on, the first row on top. Each cell is a
        patch whose ``gid`` is ``"strategy/column"``, and a text with the sign, the property that
        falls and the distinct states.

    Raises:
        UnknownNameError: there is no such theme.
    """
    rows, columns = matrix.rows, matrix.columns
    with styled(theme) as colours:
        if ax is None:
            ax = new_axes(2.0 + _COLUMN * len(columns), 1.1 + _ROW * len(rows))
        for cell in matrix.cells:
            place = (columns.index(cell.column), rows.index(cell.row))
            _cell(ax, colours, cell.result, place, f"{cell.row}/{cell.column}")
        ax.set_xlim(-0.5, len(columns) - 0.5)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xticks(range(len(columns)), [f"{name}\n{kind_of(name)}" for name in columns])
        ax.set_yticks(range(len(rows)), rows, family="DejaVu Sans Mono")
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
        if SC_COLUMN in columns:
            ax.set_xlabel(
                "sc is the control: without store buffers nothing leaks, so that column proves "
                "nothing about barriers.\nThe number is that of the distinct states searched.",
                loc="left",
                color=colours.muted,
                size=8,
            )
    return ax


def _cell(ax: Axes, theme: Palette, result: Result, place: tuple[int, int], gid: str) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - slow to load

    kind = result.verdict.kind
    ground, ink = verdict_colours(theme, kind)
    control = gid.endswith(f"/{SC_COLUMN}") and kind is VerdictKind.PROVEN
    if control:
        ground, ink = theme.faint, theme.muted
    x, y = place
    corner, side = (x - 0.5 + _GAP, y - 0.5 + _GAP), 1 - 2 * _GAP
    look: dict[str, Any] = {"facecolor": ground, "edgecolor": ink}
    width = 0.4 if control else 1.0
    ax.add_patch(Rectangle(corner, side, side, linewidth=width, gid=gid, **look))
    if hatch := _HATCHES.get(kind, "..."):
        ax.add_patch(Rectangle(corner, 0.1, side, linewidth=0, hatch=hatch, **look))
    states = result.stats.distinct
    below = " ".join(filter(None, (result.verdict.detail, "" if states is None else f"{states:,}")))
    middle: dict[str, Any] = {"ha": "center", "va": "center"}
    head: dict[str, Any] = {"size": 9.5, "weight": "normal" if control else "bold", "color": ink}
    ax.text(x + 0.03, y - 0.12, f"{SIGNS[kind]} {kind}", **head, **middle)
    foot: dict[str, Any] = {"size": 7.4, "color": theme.muted if control else theme.ink}
    ax.text(x + 0.03, y + 0.22, below, **foot, **middle)
