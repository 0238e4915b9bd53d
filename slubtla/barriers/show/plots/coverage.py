"""How often each action of a model fired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.plots.style import MONO, new_axes, plain_numbers, styled
from slubtla.barriers.trace.counterexample import subject_of
from slubtla.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slubtla.tlc.run.result import Result

_ROW: Final = 0.185


def coverage_bars(result: Result, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw how many states each action led to, and how many of them were new.

    Args:
        result: a run whose actions TLC has counted.
        ax: where to draw; by default a figure of its own, as tall as the actions are many.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; x is logarithmic, the actions stand in the order of the specification.

    Raises:
        UsageError: no actions were counted.
        UnknownNameError: there is no such theme.
    """
    actions = result.actions
    if not actions:
        raise UsageError(
            f"{result.name}: TLC counted no actions", next_step="choose a run that came to its end"
        )
    if any(action.total is None for action in actions):
        raise UsageError(
            f"{result.name}: it is known which actions fired, not how often",
            next_step=f"have TLC count them: {result.command} --coverage",
        )
    counts = [(action.name, action.distinct or 0, action.total or 0) for action in actions]
    with styled(theme) as colours:
        if ax is None:
            ax = new_axes(7.6, 1.3 + _ROW * len(actions))
        ax.set_xscale("symlog", linthresh=1)
        places = range(len(actions))
        ax.barh(
            places,
            [total for _, _, total in counts],
            0.72,
            color=colours.pale_memory,
            edgecolor=colours.memory,
            linewidth=0.6,
            hatch="////",
            label="states that it led to",
        )
        ax.barh(
            places,
            [distinct for _, distinct, _ in counts],
            0.72,
            color=colours.memory,
            label="of these, new",
        )
        for place, (name, _, total) in enumerate(counts):
            ax.text(
                total,
                place,
                f" {total:,}" if total else " never fired",
                size=6.8,
                va="center",
                color=colours.muted if total else colours.bad,
                weight="normal" if total else "bold",
                gid=f"{name}: {total}",
            )
        ax.set_yticks(places, [action.name for action in actions], family=MONO, size=7.2)
        plain_numbers(ax.xaxis)
        ax.set_ylim(len(actions) - 0.4, -0.6)
        ax.set_xlim(0, max(total for _, _, total in counts) * 5 + 1)
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("states")
        ax.set_title(f"{result.verdict}: {subject_of(result)}", pad=22, size=10)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.1)
    return ax
