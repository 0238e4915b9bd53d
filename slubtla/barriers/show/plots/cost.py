"""Plot the IPIs and grace periods of each barrier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.show.plots.style import legend_above, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slubtla.barriers.campaigns.cost import Cost, Costs

_ROW: Final = 0.2
_BETWEEN: Final = 0.16


def cost_bars(costs: Costs, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw the costs: a bar for each model, in a group for each strategy and kernel.

    A bar holds the most IPIs of the barrier and behind them the most of ``flush_all()``. Beside it
    stand the least and the most of both as numbers, and the grace periods that the caller waits
    for.

    Args:
        costs: as ``slubtla cost --json`` prints them.
        ax: where to draw; by default a figure of its own.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; x counts interrupts for one shrink of all caches.

    Raises:
        UnknownNameError: there is no such theme.
    """
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - slow to load

    places, names = _rows(costs)
    with styled(theme) as colours:
        if ax is None:
            ax = new_axes(7.6, 1.3 + 1.05 * (places[-1] if places else 1))
        barrier: dict[str, Any] = {"color": colours.memory, "label": "IPIs of the barrier"}
        flush: dict[str, Any] = {
            "color": colours.pale_memory,
            "edgecolor": colours.memory,
            "linewidth": 0.8,
            "hatch": "////",
            "label": "IPIs of flush_all(), at most",
        }
        for cost, y in zip(costs.costs, places, strict=True):
            name = f"{cost.kernel} {cost.strategy} {cost.cpus} {cost.caches}"
            first, then = cost.barrier_ipis.most, cost.flush_ipis.most
            ax.barh(y, first, _ROW * 0.82, gid=f"barrier {name}", **barrier)
            ax.barh(y, then, _ROW * 0.82, left=first, gid=f"flush {name}", **flush)
            ax.text(first + then, y, f" {_words(cost)}", size=7.8, va="center", gid=name)
        ax.set_yticks(places, names)
        ax.invert_yaxis()
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        most = max((c.barrier_ipis.most + c.flush_ipis.most for c in costs.costs), default=1)
        ax.set_xlim(0, max(most, 1) * 1.45)
        ax.set_xlabel("IPIs for one shrink of all caches of the cgroup")
        ax.set_title("What a barrier costs", pad=22)
        legend_above(ax)
    return ax


def _rows(costs: Costs) -> tuple[list[float], list[str]]:
    """Where each bar stands, with a gap before each strategy, and what stands beside it."""
    places: list[float] = []
    names: list[str] = []
    last, y = "", 0.0
    for cost in costs.costs:
        group = f"{cost.strategy} ({cost.kernel})"
        if last:
            y += _ROW + (_BETWEEN if group != last else 0.0)
        places.append(y)
        head = f"{group}   " if group != last else ""
        names.append(f"{head}{cost.cpus} CPUs, {cost.caches} cache{'s' * (cost.caches > 1)}")
        last = group
    return places, names


def _words(cost: Cost) -> str:
    """``0``, ``1 to 2`` or ``0, and 2 grace periods``."""
    least = cost.barrier_ipis.least + cost.flush_ipis.least
    most = cost.barrier_ipis.most + cost.flush_ipis.most
    ipis = str(most) if least == most else f"{least} to {most}"
    if not cost.grace_periods.most:
        return ipis
    return f"{ipis}, and {cost.grace_periods} grace period{'s' * (cost.grace_periods.most > 1)}"
