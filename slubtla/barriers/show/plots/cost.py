"""What a barrier costs: interrupts and grace periods, against CPUs and caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.plots.style import new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slubtla.barriers.campaigns.cost import Cost, Costs

_BAR: Final = 0.2
_BETWEEN: Final = 0.16
_LEGEND: Final = ("IPIs of the barrier", "IPIs of flush_all()", "least of both", "grace periods")


def cost_bars(costs: Costs, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw the costs: a bar for each model, in a group for each strategy and kernel.

    A bar holds the most IPIs of the barrier and behind them the most of ``flush_all()``; a line
    across marks the least of both. Diamonds count the grace periods that the caller waits for.

    Args:
        costs: as ``slubtla cost --json`` prints them.
        ax: where to draw; by default a figure of its own.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; x counts interrupts and grace periods for one shrink of all caches.

    Raises:
        UnknownNameError: there is no such theme.
    """
    with styled(theme) as colours:
        ends = _ends(costs)
        if ax is None:
            ax = new_axes(7.6, 1.3 + 1.05 * (ends[-1] if ends else 1))
        for cost, y in zip(costs.costs, ends, strict=True):
            barrier, flush = cost.barrier_ipis, cost.flush_ipis
            ax.barh(
                y,
                barrier.most,
                _BAR * 0.82,
                color=colours.memory,
                label="IPIs of the barrier",
                gid=f"barrier {_name(cost)}",
            )
            ax.barh(
                y,
                flush.most,
                _BAR * 0.82,
                left=barrier.most,
                color=colours.pale_memory,
                edgecolor=colours.memory,
                linewidth=0.8,
                hatch="////",
                label="IPIs of flush_all()",
                gid=f"flush {_name(cost)}",
            )
            least, most = barrier.least + flush.least, barrier.most + flush.most
            if least != most:
                ax.plot(
                    [least, least],
                    [y - _BAR / 2, y + _BAR / 2],
                    color=colours.bad,
                    label="least of both",
                    gid=f"least {_name(cost)}",
                )
            for number in range(1, cost.grace_periods.most + 1):
                ax.plot(
                    [number],
                    [y],
                    "D",
                    color=colours.paper,
                    markeredgecolor=colours.doubt,
                    markeredgewidth=1.8,
                    label="grace periods",
                    gid=f"grace {_name(cost)}",
                )
            if not most and not cost.grace_periods.most:
                ax.text(0.04, y, "nothing", size=7.5, color=colours.muted, va="center")
        _labels(ax, costs, ends)
        _legend(ax)
    return ax


def _ends(costs: Costs) -> list[float]:
    """Where each bar stands, with a gap before each strategy."""
    ends: list[float] = []
    y = 0.0
    last = ""
    for cost in costs.costs:
        group = f"{cost.kernel} {cost.strategy}"
        if last:
            y += _BAR + (_BETWEEN if group != last else 0.0)
        ends.append(y)
        last = group
    return ends


def _labels(ax: Axes, costs: Costs, ends: list[float]) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - slow to load

    names: list[str] = []
    last = ""
    for cost in costs.costs:
        group = f"{cost.strategy} ({cost.kernel})"
        head = f"{group}   " if group != last else ""
        names.append(f"{head}{cost.cpus} CPUs, {cost.caches} cache{'s' * (cost.caches > 1)}")
        last = group
    ax.set_yticks(ends, names)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlim(left=0)
    ax.set_xlabel("for one shrink of all caches of the cgroup")
    ax.set_title("What a barrier costs", pad=42)


def _legend(ax: Axes) -> None:
    handles, names = ax.get_legend_handles_labels()
    once = dict(zip(names, handles, strict=True))
    named = [name for name in _LEGEND if name in once]
    ax.legend(
        [once[name] for name in named], named, loc="lower left", bbox_to_anchor=(0, 1), ncols=2
    )


def _name(cost: Cost) -> str:
    return f"{cost.kernel} {cost.strategy} {cost.cpus} {cost.caches}"
