"""Compute the layout of swim lanes, in inches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.show.plots.lane_frame import MARGIN, wrapped
from slubtla.barriers.trace.counterexample import Counterexample
from slubtla.barriers.trace.events import Store
from slubtla.barriers.trace.steps import HARDWARE, Step
from slubtla.barriers.trace.timeline import Timeline

WORDS_SIZE: Final = 8.8
LINE: Final = 0.155
STEM: Final = 0.12
STRIP: Final = 0.13
"""Width of the strip that shows a CPU's flags."""

_WORDS: Final = 2.55
"""Width of the words of a lane."""
_IDLE_WORDS: Final = 0.9
_NUMBERS: Final = 0.46
_PAD: Final = 0.1
_ENTRY: Final = 1.42
_SLOT: Final = 0.2
_BAND: Final = 0.96
_BETWEEN: Final = 0.22
_SHORE: Final = 0.17
_GAP: Final = 0.11
_QUIET_GAP: Final = 0.07
_LAST_GAP: Final = 0.24
"""Below the last row, so that what it changes in memory can be read."""
_BOLD: Final = 1.13
_FEWEST_TO_FOLD: Final = 3
_DRAINS: Final = "store buffer"


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One step, or a few quiet ones in one row; ``top`` counts from the first row's."""

    numbers: tuple[int, ...]
    cpu: str
    function: str  # the kernel's, where it is another than in the row before on this CPU
    words: tuple[str, ...]  # what happens, in lines
    notes: tuple[str, ...]  # what a reader should notice, in lines
    quiet: bool  # nothing happens that others can see
    fatal: bool  # the step in which it went wrong
    top: float
    height: float

    @property
    def middle(self) -> float:
        """Where arrows begin and end: beside the first line of the words."""
        return self.top + _GAP / 2 + LINE * (0.5 + bool(self.function))

    @property
    def label(self) -> str:
        """The numbers as text: ``5``, or ``15-18`` with a dash."""
        first, last = self.numbers[0], self.numbers[-1]
        return str(first) if first == last else f"{first}\N{EN DASH}{last}"


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a CPU stands."""

    side: int  # -1 on the left of memory, 1 on its right
    strip: float  # left edge of the strip that shows flags
    numbers: float  # right edge of the steps' numbers
    words: float  # left edge of the words
    outer: float  # the edge of words and numbers that faces away from memory
    inner: float  # the one that faces memory
    buffer: tuple[float, float]  # left and right edge of the store buffer

    @property
    def shore(self) -> float:
        """The edge of the store buffer that faces memory."""
        return self.buffer[1] if self.side < 0 else self.buffer[0]

    @property
    def ground(self) -> tuple[float, float]:
        """Left and right edge of the whole lane."""
        return min(self.outer, self.buffer[0]), max(self.outer, self.buffer[1])

    def stem(self, slot: int) -> float:
        """Return the middle of the stem of an entry, which waits beside memory."""
        return self.shore + self.side * (STEM / 2 + _SLOT * slot)

    def entry(self, slot: int) -> tuple[float, float]:
        """Return left and right edge of the box of an entry."""
        left, right = self.buffer
        inset = _SLOT * slot
        return (left, right - inset) if self.side < 0 else (left + inset, right)


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a whole picture."""

    rows: tuple[LaneRow, ...]
    lanes: Mapping[str, Lane]  # by CPU
    bands: Mapping[str, tuple[float, float]]  # left and right edge, by location
    memory: tuple[float, float]  # left and right edge
    width: float
    slots: Mapping[Store, int]
    by_number: Mapping[int, LaneRow]  # by step
    bottom: float  # where the lanes end

    def y(self, number: int | None) -> float:
        """Return where a step is; one that is not shown is at the nearest edge of one that is."""
        if number is None:
            return self.bottom
        if number in self.by_number:
            return self.by_number[number].middle
        later = [n for n in self.by_number if n > number]
        return self.by_number[min(later)].top if later else self.bottom


def layout(story: Counterexample, timeline: Timeline) -> Layout:
    """Place lanes and memory side by side, and the chosen steps one below the other."""
    rows = lane_rows(story, timeline, _WORDS)
    slots = slots_of(timeline.stores)
    half = (len(timeline.cpus) + 1) // 2
    busy = {row.cpu for row in rows}
    lanes: dict[str, Lane] = {}
    x = MARGIN
    for cpu in timeline.cpus[:half]:
        lanes[cpu] = _lane(cpu, -1, x, slots, _WORDS if cpu in busy else _IDLE_WORDS)
        x = lanes[cpu].buffer[1] + _BETWEEN
    left = x
    x += _SHORE
    bands = {}
    for location in shown_locations(timeline):
        bands[location] = (x + _PAD / 2, x + _BAND - _PAD / 2)
        x += _BAND
    memory = (left, x + _SHORE)
    x = memory[1] + _BETWEEN
    for cpu in timeline.cpus[half:]:
        lanes[cpu] = _lane(cpu, 1, x, slots, _WORDS if cpu in busy else _IDLE_WORDS)
        x = lanes[cpu].outer + _BETWEEN
    return Layout(
        rows=rows,
        lanes=lanes,
        bands=bands,
        memory=memory,
        width=x - _BETWEEN + MARGIN,
        slots=slots,
        by_number={number: row for row in rows for number in row.numbers},
        bottom=rows[-1].top + rows[-1].height + _LAST_GAP if rows else 0.0,
    )


def _lane(cpu: str, side: int, x: float, slots: Mapping[Store, int], width: float) -> Lane:
    """A lane from ``x`` on; on the right of memory it is the other way round, but for the words."""
    own = [slot for store, slot in slots.items() if store.cpu == cpu]
    buffer = _ENTRY + _SLOT * max(own) if own else STEM
    numbers = x + (STRIP if side < 0 else buffer) + _NUMBERS
    words = numbers + _PAD
    end = words + width + _PAD
    if side < 0:
        return Lane(side, x, numbers, words, x, end, (end, end + buffer))
    return Lane(side, end, numbers, words, end + STRIP, x + buffer + 0.04, (x, x + buffer))


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


def shown_locations(timeline: Timeline) -> tuple[str, ...]:
    """Return the locations of memory that are worth a column, in the order of the columns.

    These are the first location that decides; the heads of the CPUs' lists that anything was
    stored to; and what a CPU holds in the end, as a lock.
    """
    changed = {store.location for store in timeline.stores}
    for before, after in itertools.pairwise(timeline.states.values()):
        changed |= {at for at in after.memory if after.memory[at] != before.memory[at]}
    last = timeline.states[timeline.last].memory
    half = (len(timeline.cpus) + 1) // 2
    heads = {cpu: [f"{name}[{cpu}]" for name in timeline.views.chains] for cpu in timeline.cpus}
    left, right = (
        [at for cpu in cpus for at in heads[cpu] if at in changed]
        for cpus in (timeline.cpus[:half], timeline.cpus[half:])
    )
    first = [at for at in timeline.views.first if at in last][:1]
    held = [at for at, value in last.items() if value in timeline.cpus]
    return (*left, *first, *held, *right)


def lane_rows(story: Counterexample, timeline: Timeline, width: float) -> tuple[LaneRow, ...]:
    """Return the rows of the chosen steps, with words no wider than ``width`` inches."""
    quiet = _quiet_steps(timeline)

    def wrap(text: str, *, bold: bool = False) -> tuple[str, ...]:
        return wrapped(text, WORDS_SIZE, width / _BOLD if bold else width)

    rows: list[LaneRow] = []
    top = 0.0
    named: dict[str, str] = {}  # CPU → context and function that were named there last
    for group in _groups(story.rows, quiet):
        first = group[0]
        drains = first.context == _DRAINS
        hardware = first.context in HARDWARE
        function = "" if hardware or len(group) > 1 else first.function
        if len(group) > 1:
            words = wrap(" · ".join(dict.fromkeys(step.function for step in group)))
            named.pop(first.cpu, None)
        elif drains:
            words = ("a store drains",)
        else:
            words = wrap(f"{first.context}: {first.words}" if hardware else first.words)
        if function:
            name = f"{first.context} {function}"
            function = "" if named.get(first.cpu) == name else function
            named[first.cpu] = name
        notes = tuple(line for note in first.notes for line in wrap(note, bold=True))
        lines = max(1, bool(function) + len(words) + len(notes))
        still = first.number in quiet
        row = LaneRow(
            numbers=tuple(step.number for step in group),
            cpu=first.cpu,
            function=function,
            words=words,
            notes=notes,
            quiet=still or drains,
            fatal=first.number == story.fatal,
            top=top,
            height=LINE * lines + (_QUIET_GAP if still else _GAP),
        )
        rows.append(row)
        top += row.height
    return tuple(rows)


def _groups(steps: Sequence[Step], quiet: frozenset[int]) -> Iterator[list[Step]]:
    """Steps, with three or more quiet ones in a row of one context folded; no initial state."""
    for key, group in itertools.groupby(
        (step for step in steps if step.number > 1),
        lambda step: (step.cpu, step.context) if step.number in quiet else None,
    ):
        found = list(group)
        if key is not None and len(found) >= _FEWEST_TO_FOLD:
            yield found
        else:
            yield from ([step] for step in found)


def _quiet_steps(timeline: Timeline) -> frozenset[int]:
    """The steps in which nothing happens that another CPU could see, and nothing that decides."""
    seen: set[int | None] = {t.number for t in timeline.transitions if t.label.role}
    seen |= {step.number for step in timeline.steps if "fence" in step.action}
    contexts: dict[tuple[str, str], list[int]] = {}
    for step in timeline.steps:
        contexts.setdefault((step.cpu, step.context), []).append(step.number)
    seen |= {number for own in contexts.values() for number in (own[0], own[-1])}
    shown = shown_locations(timeline)
    seen |= {load.number for load in timeline.loads if load.location in shown}
    for ipi in timeline.ipis:
        seen |= {ipi.sent, ipi.entered, ipi.acknowledged, ipi.seen}
    for grace in timeline.grace_periods:
        seen |= {grace.began, grace.ended}
    return frozenset(
        step.number
        for step in timeline.steps
        if step.number not in seen
        and not (step.changed or step.buffers or step.notes or step.context in HARDWARE)
    )
