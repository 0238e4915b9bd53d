"""Lay out a state graph: layer by depth, order in a layer by neighbours.

The order in a layer is that of the neighbours' barycentres, swept down and up (K. Sugiyama et al.,
IEEE Trans. SMC 11(2), 1981). The same graph gives the same places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import networkx as nx

SWEEPS: Final = 12
"""Down and up again; more change next to nothing."""


def layered(graph: nx.DiGraph) -> Mapping[int, tuple[float, int]]:
    """Return the place of each node: x around 0, and y, its layer from 0 on.

    Neighbours in a layer are 1 apart. Edges that skip a layer, or lead back, count as others do.
    """
    layers: dict[int, list[int]] = {}
    for number, depth in sorted(graph.nodes(data="depth")):
        layers.setdefault(depth, []).append(number)
    order = [layers[depth] for depth in sorted(layers)]
    index: dict[int, float] = {}
    for layer in order:
        _place(layer, index)
    around = {n: {*graph.predecessors(n), *graph.successors(n)} - {n} for n in graph}
    depths = {number: depth for depth, layer in enumerate(order) for number in layer}
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        for layer in order if downwards else reversed(order):
            _sort(layer, index, around, depths, downwards=downwards)
    return {
        number: (i - (len(layer) - 1) / 2, depth)
        for depth, layer in enumerate(order)
        for i, number in enumerate(layer)
    }


def _sort(
    layer: list[int],
    index: dict[int, float],
    around: Mapping[int, set[int]],
    depths: Mapping[int, int],
    *,
    downwards: bool,
) -> None:
    """Order a layer by where its neighbours on the side that is settled stand.

    Places are taken from the middle of a layer, so that layers of unlike length lie together.
    """

    def wanted(number: int) -> tuple[float, float]:
        own = depths[number]
        settled = [n for n in around[number] if (depths[n] < own if downwards else depths[n] > own)]
        here = index[number]
        return (fmean(index[n] for n in settled) if settled else here, here)

    layer.sort(key=wanted)
    _place(layer, index)


def _place(layer: Sequence[int], index: dict[int, float]) -> None:
    for i, number in enumerate(layer):
        index[number] = i - (len(layer) - 1) / 2
