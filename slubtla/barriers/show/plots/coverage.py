"""Plot how often each action fired."""

from __future__ import annotations

from typing import Any, Final

from matplotlib.axes import Axes

from slubtla.barriers.show.plots.style import MONO, legend_above, new_axes, plain_numbers, styled
from slubtla.barriers.trace.counterexample import subject_of
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result

_ROW: Final = 0.185


def coverage_bars(result: Result, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw how many states each action led to (hollow), and how many of them were new (full).

    The actions stand in the order of the specification; x is logarithmic.

    Raises:
        UsageError: no actions were counted.
        UnknownNameError: there is no such theme.
    """
    actions = result.actions
    if not actions or any(action.total is None for action in actions):
        what = "which actions fired, not how often" if actions else "nothing about its actions"
        raise UsageError(
            f"{result.name}: TLC reported {what}",
            next_step=f"have TLC count them: {result.command} --coverage",
        )
    totals = [action.total or 0 for action in actions]
    new = [action.distinct or 0 for action in actions]
    with styled(theme) as colours:
        ax = ax or new_axes(7.6, 1.3 + _ROW * len(actions))
        ax.set_xscale("symlog", linthresh=1)
        rows = range(len(actions))
        ax.hlines(rows, new, totals, color=colours.memory, linewidth=1.4, zorder=1)
        look: dict[str, Any] = {"linestyle": "", "marker": "o", "color": colours.memory}
        hollow = look | {"markerfacecolor": colours.paper, "label": "states that it led to"}
        ax.plot(totals, rows, **hollow, gid="total")
        ax.plot(new, rows, **look, markersize=4.2, label="of these, new", gid="new")
        for row, (action, total) in enumerate(zip(actions, totals, strict=True)):
            words = f"   {total:,}" if total else "   never fired"
            look = {"color": colours.muted} if total else {"color": colours.bad, "weight": "bold"}
            gid = f"{action.name}: {total}"
            ax.text(total, row, words, size=6.8, va="center", gid=gid, **look)
        ax.set_yticks(rows, [action.name for action in actions], family=MONO, size=7.2)
        plain_numbers(ax.xaxis)
        ax.set_ylim(len(actions) - 0.4, -0.6)
        ax.set_xlim(-0.3, max(totals) * 5 + 1)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("states (logarithmic)")
        ax.set_title(f"{result.verdict}: {subject_of(result)}", pad=22, size=10)
        legend_above(ax)
    return ax
