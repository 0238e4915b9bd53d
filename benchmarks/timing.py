"""Measure things in turn, and sum up."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slubtla.tlc.engine import this_machine


@dataclass(frozen=True, slots=True)
class Summary:
    """The times of one thing, in seconds.

    Attributes:
        median: of all rounds.
        least: the fastest.
        most: the slowest.
        rounds: each, in order.
    """

    median: float
    least: float
    most: float
    rounds: tuple[float, ...]


def measure_in_turn(
    things: Mapping[str, Callable[[], float]],
    rounds: int,
    hear: Callable[[str, int, float], None],
) -> dict[str, Summary]:
    """Measure every thing once in each round; each returns its own seconds.

    Args:
        things: what to measure, by name.
        rounds: how often.
        hear: hears name, round and seconds of each.
    """
    times: dict[str, list[float]] = {name: [] for name in things}
    for number in range(rounds):
        for name, thing in things.items():
            times[name].append(thing())
            hear(name, number, times[name][-1])
    return {
        name: Summary(statistics.median(each), min(each), max(each), tuple(each))
        for name, each in times.items()
    }


def clocked(action: Callable[[], object]) -> float:
    """Wall seconds that ``action`` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def machine() -> dict[str, object]:
    """What the numbers were taken on; the load tells whether it was quiet."""
    here = this_machine()
    return {
        "cores": here.cores,
        "memory_mb": here.memory_bytes >> 20,
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123  # not a path of ours
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()
