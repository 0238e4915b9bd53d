"""Fit the factor by which states grow with one bound, for sweep tables and plots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

Line = Mapping[int, float]
"""Numbers above 0, by the values of one bound; all other bounds are the same."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A growth factor, and how far it can be relied on.

    Attributes:
        factor: by how much one more multiplies: the least-squares slope through the logarithms,
            with one slope for all lines and a height for each.
        least: the smallest factor from one value to the next of any line.
        most: the largest.
        steps: how many such pairs of values there are.
    """

    factor: float
    least: float
    most: float
    steps: int


def fit_growth(lines: Sequence[Line]) -> Fit | None:
    """Fit one growth factor to some lines.

    Args:
        lines: each for other values of the other bounds; one with a single value says nothing.

    Returns:
        The fit; None where no line has two values.
    """
    above = below = 0.0
    factors: list[float] = []
    for line in lines:
        logs = {size: math.log(line[size]) for size in sorted(line)}
        middle, height = fmean(logs), fmean(logs.values())
        above += sum((size - middle) * (log - height) for size, log in logs.items())
        below += sum((size - middle) ** 2 for size in logs)
        factors += [math.exp((logs[b] - logs[a]) / (b - a)) for a, b in pairwise(logs)]
    if not factors:
        return None
    return Fit(math.exp(above / below), min(factors), max(factors), len(factors))


def start_of(line: Line, factor: float) -> float:
    """Return what a fit of one line expects at 0, when it has this factor."""
    logs = fmean(map(math.log, line.values()))
    return math.exp(logs - math.log(factor) * fmean(line))
