"""Where the lanes, their store buffers and memory stand, in inches. Knows no matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.show.plots.lane_rows import LaneRow, watched_locations
from slubtla.barriers.trace.events import Store
from slubtla.barriers.trace.timeline import Timeline

WORDS: Final = 2.55
"""Width of the words of a lane."""

_IDLE_WORDS: Final = 0.9

STEM: Final = 0.12
_NUMBERS: Final = 0.46
_STRIP: Final = 0.13
_PAD: Final = 0.1
_ENTRY: Final = 1.42
_SLOT: Final = 0.2
_BAND: Final = 0.96
_BETWEEN: Final = 0.22
_SHORE: Final = 0.17
_MARGIN: Final = 0.18


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a CPU stands.

    Attributes:
        cpu: the CPU.
        side: -1 on the left of memory, 1 on its right.
        strip: left edge of the strip that shows flags.
        numbers: right edge of the steps' numbers.
        words: left edge of the words.
        outer: the edge of the lane that faces away from memory.
        inner: the edge of words and numbers that faces memory.
        buffer: left and right edge of the store buffer; None where there are none.
    """

    cpu: str
    side: int
    strip: float
    numbers: float
    words: float
    outer: float
    inner: float
    buffer: tuple[float, float]

    def stem(self, slot: int) -> float:
        """Return the middle of the stem of an entry, which waits beside memory."""
        edge = self.buffer[1] if self.side < 0 else self.buffer[0]
        return edge + self.side * (STEM / 2 + _SLOT * slot)

    def entry(self, slot: int) -> tuple[float, float]:
        """Return left and right edge of the box of an entry."""
        left, right = self.buffer
        inset = _SLOT * slot
        return (left, right - inset) if self.side < 0 else (left + inset, right)


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a whole picture.

    Attributes:
        lanes: CPU to its lane.
        bands: watched location of memory to the left and right edge of its band.
        memory: left and right edge of memory.
        width: of all.
        rows: step number to its row.
        bottom: where the last row ends.
    """

    lanes: Mapping[str, Lane]
    bands: Mapping[str, tuple[float, float]]
    memory: tuple[float, float]
    width: float
    rows: Mapping[int, LaneRow]
    bottom: float

    def y(self, number: int | None) -> float:
        """Return where a step is; one that is not shown is at the nearest edge of one that is."""
        if number is None:
            return self.bottom
        if number in self.rows:
            return self.rows[number].middle
        later = [n for n in self.rows if n > number]
        return self.rows[min(later)].top if later else self.bottom


def place(scene: Timeline, rows: Sequence[LaneRow], slots: Mapping[Store, int]) -> Places:
    """Place lanes and memory side by side.

    Args:
        scene: the trace.
        rows: its rows.
        slots: see :func:`slots_of`.
    """
    cpus = scene.cpus
    half = (len(cpus) + 1) // 2
    lanes: dict[str, Lane] = {}
    busy = {row.cpu for row in rows}
    x = _MARGIN
    for cpu in cpus[:half]:
        lanes[cpu] = _lane(cpu, -1, x, slots, WORDS if cpu in busy else _IDLE_WORDS)
        x = lanes[cpu].buffer[1] + _BETWEEN
    left = x
    x += _SHORE
    bands = {}
    for location in watched_locations(scene):
        bands[location] = (x + _PAD / 2, x + _BAND - _PAD / 2)
        x += _BAND
    memory = (left, x + _SHORE)
    x = memory[1] + _BETWEEN
    for cpu in cpus[half:]:
        lanes[cpu] = _lane(cpu, 1, x, slots, WORDS if cpu in busy else _IDLE_WORDS)
        x = lanes[cpu].outer + _BETWEEN
    return Places(
        lanes=lanes,
        bands=bands,
        memory=memory,
        width=x - _BETWEEN + _MARGIN,
        rows={number: row for row in rows for number in row.numbers},
        bottom=rows[-1].top + rows[-1].height if rows else 0.0,
    )


def _lane(cpu: str, side: int, x: float, slots: Mapping[Store, int], width: float) -> Lane:
    """A lane from ``x`` on; on the right of memory it is the other way round, but for the words."""
    own = [slot for store, slot in slots.items() if store.cpu == cpu]
    buffer = _ENTRY + _SLOT * max(own) if own else STEM
    start = x + (_STRIP if side < 0 else buffer)
    numbers = start + _NUMBERS
    words = numbers + _PAD
    end = words + width + _PAD
    if side < 0:
        return Lane(cpu, side, x, numbers, words, x, end, (end, end + buffer))
    return Lane(cpu, side, end, numbers, words, end + _STRIP, start + 0.04, (x, x + buffer))


def slots_of(stores: Sequence[Store]) -> Mapping[Store, int]:
    """Give each store a slot of its CPU's buffer that no other uses at the same time, from 0 on."""
    slots: dict[Store, int] = {}
    for store in stores:
        busy = {
            slot
            for other, slot in slots.items()
            if other.cpu == store.cpu and (other.drained is None or other.drained > store.made)
        }
        slots[store] = next(n for n in range(len(stores) + 1) if n not in busy)
    return slots
