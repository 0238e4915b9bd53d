"""Plot what each strategy costs: interrupts as bars, what else is counted in words beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.campaigns.cost import Span
from slubtla.barriers.show.plots.style import legend_above, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slubtla.barriers.campaigns.cost import Cost, Costs

_ROW: Final = 0.2
_BETWEEN: Final = 0.16


def cost_bars(costs: Costs, ax: Axes | None = None, *, theme: str = "light") -> Axes:
    """Draw the costs: a bar for each model, in a group for each strategy and kernel.

    A bar holds the most of the first counter, and behind it the most of those of the same unit.
    Beside it stand the least and the most of their sum, and what the other counters counted.

    Args:
        costs: as ``slubtla cost --json`` prints them.
        ax: where to draw; by default a figure of its own.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        The axes; x counts in the unit of the first counter.

    Raises:
        UnknownNameError: there is no such theme.
    """
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - slow to load

    counted = costs.counting
    first, *behind = counted.added
    places, names = _rows(costs)
    with styled(theme) as colours:
        if ax is None:
            ax = new_axes(7.6, 1.3 + 1.05 * (places[-1] if places else 1))
        plain: dict[str, Any] = {"color": colours.memory, "label": first.summary}
        hatched: dict[str, Any] = {
            "color": colours.pale_memory,
            "edgecolor": colours.memory,
            "linewidth": 0.8,
            "hatch": "////",
        }
        for cost, y in zip(costs.costs, places, strict=True):
            name = " ".join(map(str, (cost.kernel, cost.strategy, *cost.bounds.values())))
            end = cost.counts[first].most
            ax.barh(y, end, _ROW * 0.82, gid=f"{first} {name}", **plain)
            for each in behind:
                most, label = cost.counts[each].most, f"{each.summary}, at most"
                bar: dict[str, Any] = {"left": end, "gid": f"{each} {name}", "label": label}
                ax.barh(y, most, _ROW * 0.82, **bar, **hatched)
                end += most
            ax.text(end, y, f" {_words(cost)}", size=7.8, va="center", gid=name)
        ax.set_yticks(places, names)
        ax.invert_yaxis()
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        most = max((_total(cost).most for cost in costs.costs), default=1)
        ax.set_xlim(0, max(most, 1) * 1.45)
        ax.set_xlabel(f"{first.unit}s for {counted.per}")
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
        bounds = (costs.protocol.bound_words(name, n) for name, n in cost.bounds.items())
        names.append(head + ", ".join(bounds))
        last = group
    return places, names


def _total(cost: Cost) -> Span:
    spans = [cost.counts[each] for each in cost.counting.added]
    return Span(least=sum(s.least for s in spans), most=sum(s.most for s in spans))


def _words(cost: Cost) -> str:
    """``0``, ``1 to 2`` or ``0, and 2 grace periods``."""
    others = [
        f"{span} {counter.unit}{'s' * (span.most > 1)}"
        for counter, span in cost.counts.items()
        if counter not in cost.counting.added and span.most
    ]
    return ", and ".join([str(_total(cost)), *others])
