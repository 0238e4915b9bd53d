"""Plot how states grow with one bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes

from slubtla.barriers.campaigns.growth import fit_growth, start_of
from slubtla.barriers.model import model_of
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.plots.style import LINES, MARKERS, new_axes, plain_numbers, styled
from slubtla.barriers.show.sweep import TIMES
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

_ONE_BOUND: Final = "name runs of models that differ in one bound, e.g. --cpus 2 and 3"


@dataclass(frozen=True, slots=True)
class Growth:
    """The distinct states of one model against the rising sizes of one bound, and their fit."""

    name: str
    bound: str
    sizes: tuple[int, ...]
    states: tuple[int, ...]
    factor: float  # see slubtla.barriers.campaigns.growth.Fit
    start: float  # the fit's value at 0

    def fitted(self, size: float) -> float:
        """Return the states that the fit expects."""
        return self.start * math.pow(self.factor, size)


def growths(results: Sequence[Result], bound: str | None = None) -> tuple[Growth, ...]:
    """Sort finished runs by model, and fit the growth of each.

    Args:
        results: runs that came to their end: PROVEN.
        bound: the bound; when None, the only one in which the models differ.

    Raises:
        UsageError: a run is no finished search of a model, the models differ in no bound or in
            several, or one model has fewer than two sizes.
    """
    models = [model_of(result) for result in results]
    for result, model in zip(results, models, strict=True):
        if model is None or result.verdict.kind is not VerdictKind.PROVEN:
            raise UsageError(
                f"{result.name} is {result.verdict}: how many states it has is not known",
                next_step="name runs of a model that are PROVEN",
            )
    differ = [name for name in protocol().bounds if len({getattr(m, name) for m in models}) > 1]
    if bound is None and len(differ) != 1:
        what = f"in {', '.join(differ)}" if differ else "in no bound"
        raise UsageError(
            f"these models differ {what}",
            next_step="say which bound with --bound" if differ else _ONE_BOUND,
        )
    bound = bound or differ[0]
    series: dict[str, dict[int, int]] = {}
    for result, model in zip(results, models, strict=True):
        if model is not None and result.stats.distinct is not None:
            own = [f"{each} {getattr(model, each)}" for each in differ if each != bound]
            name = ", ".join([f"{model.strategy} on {model.arch}", *own])
            series.setdefault(name, {})[getattr(model, bound)] = result.stats.distinct
    return tuple(
        _growth(name, bound, dict(sorted(states.items()))) for name, states in series.items()
    )


def _growth(name: str, bound: str, states: dict[int, int]) -> Growth:
    fit = fit_growth([states])
    if fit is None:
        raise UsageError(f"{name}: only one size of {bound} is there", next_step=_ONE_BOUND)
    start = start_of(states, fit.factor)
    return Growth(name, bound, tuple(states), tuple(states.values()), fit.factor, start)


def growth_lines(
    *results: Result, bound: str | None = None, ax: Axes | None = None, theme: str = "light"
) -> Axes:
    """Draw the distinct states of models against one of their bounds, with the fitted growth.

    The arguments and errors are those of :func:`growths`; y is logarithmic.

    Raises:
        UnknownNameError: there is no such theme.
    """
    found = growths(results, bound)
    with styled(theme) as colours:
        ax = ax or new_axes(7.6, 4.2)
        ax.set_yscale("log")
        for index, growth in enumerate(found):
            colour = colours.series[index % len(colours.series)]
            ends = (growth.sizes[0], growth.sizes[-1])
            fitted, dashes = [*map(growth.fitted, ends)], LINES[(index + 1) % len(LINES)]
            gid = f"fit {growth.name}"
            ax.plot(ends, fitted, color=colour, linestyle=dashes, linewidth=1.2, gid=gid)
            label = f"{growth.name}: {TIMES} {growth.factor:.1f} for each more (fit)"
            marker = MARKERS[index % len(MARKERS)]
            ax.plot(growth.sizes, growth.states, marker, color=colour, label=label)
            for at in zip(growth.sizes, growth.states, strict=True):
                ax.annotate(
                    f"{at[1]:,}",
                    at,
                    (-7, 5),
                    textcoords="offset points",
                    color=colours.muted,
                    ha="right",
                    size=7.5,
                )
        words = found[0].bound.replace("_", " ")
        ax.set_xticks(sorted({size for growth in found for size in growth.sizes}))
        ax.margins(x=0.14, y=0.12)
        plain_numbers(ax.yaxis)
        ax.grid(visible=False, axis="x")
        ax.set_xlabel(words)
        ax.set_ylabel("distinct states")
        ax.set_title(f"States against {words}", size=10)
        ax.legend(loc="upper left")
    return ax
