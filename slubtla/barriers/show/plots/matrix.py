"""Plot the verdicts of a matrix: strategies by architectures."""

from __future__ import annotations

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from slubtla.barriers.campaigns.matrix import SC_COLUMN, Matrix
from slubtla.barriers.show.matrix import kind_of
from slubtla.barriers.show.plots.colours import Palette
from slubtla.barriers.show.plots.style import MONO, new_axes, styled
from slubtla.barriers.table import SIGNS
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

_HATCHES: Final = {VerdictKind.PROVEN: "", VerdictKind.VIOLATED: "///"}
_COLUMN: Final = 1.32
_ROW: Final = 0.52
_GAP: Final = 0.035


def verdict_matrix(matrix: Matrix, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw the verdicts of a matrix: sign, property that falls, distinct states.

    Returns:
        The axes: column and row are whole numbers from 0 on, the first row on top. Each cell is a
        patch whose ``gid`` is ``"strategy/column"``.

    Raises:
        UnknownNameError: there is no such theme.
    """
    rows, columns = matrix.rows, matrix.columns
    with styled(theme) as colours:
        ax = ax or new_axes(2.0 + _COLUMN * len(columns), 1.1 + _ROW * len(rows))
        for cell in matrix.cells:
            place = (columns.index(cell.column), rows.index(cell.row))
            _draw_cell(ax, colours, cell.result, place, f"{cell.row}/{cell.column}")
        ax.set_xlim(-0.5, len(columns) - 0.5)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xticks(range(len(columns)), [f"{name}\n{kind_of(name)}" for name in columns])
        ax.set_yticks(range(len(rows)), rows, family=MONO)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
        if SC_COLUMN in columns:
            control = (
                "sc is the control: without store buffers nothing leaks, so that column proves "
                "nothing about barriers.\nThe number is that of the distinct states searched."
            )
            ax.set_xlabel(control, loc="left", color=colours.muted, size=8)
    return ax


def _draw_cell(ax: Axes, theme: Palette, result: Result, place: tuple[int, int], gid: str) -> None:
    kind = result.verdict.kind
    ground, ink = theme.of_verdict(kind)
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
    weight = "normal" if control else "bold"
    words = f"{SIGNS[kind]} {kind}"
    ax.text(x + 0.03, y - 0.12, words, size=9.5, weight=weight, color=ink, **middle)
    foot = theme.muted if control else theme.ink
    ax.text(x + 0.03, y + 0.22, below, size=7.4, color=foot, **middle)
