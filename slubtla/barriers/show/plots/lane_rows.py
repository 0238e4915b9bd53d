"""What stands in each row of the swim lanes, before anything is drawn. Knows no matplotlib."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from slubtla.barriers.trace.counterexample import Counterexample
from slubtla.barriers.trace.steps import HARDWARE, Step
from slubtla.barriers.trace.timeline import Timeline

Measure = Callable[[str, float, bool], float]
"""Text, its size in points and whether it is of the fixed pitch → its width in inches."""

WORDS_SIZE: Final = 8.8
FUNCTION_SIZE: Final = 8.0
_LINE: Final = 0.155
_GAP: Final = 0.11
_BOLD: Final = 1.13
_DASH: Final = "\N{EN DASH}"
_DRAINS: Final = "a store drains"
_QUIET_GAP: Final = 0.07
_FEWEST_TO_FOLD: Final = 3


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One step, or a few quiet ones that are told together.

    Attributes:
        numbers: their numbers; one but for quiet steps that were folded.
        cpu: the lane.
        function: the kernel function, where it is another than in the row before on this CPU.
        words: what happens, in lines.
        notes: what a reader should notice, in lines.
        quiet: whether the row may stand back: nothing that others can see happens in it.
        fatal: whether it is the step in which it went wrong.
        top: distance from the first row's top, inches.
        height: inches.
    """

    numbers: tuple[int, ...]
    cpu: str
    function: str
    words: tuple[str, ...]
    notes: tuple[str, ...]
    quiet: bool
    fatal: bool
    top: float
    height: float

    @property
    def middle(self) -> float:
        """Where arrows begin and end: beside the first line of the words."""
        return self.top + _GAP / 2 + _LINE * (0.5 + bool(self.function))

    @property
    def label(self) -> str:
        """The numbers as text: ``5``, or ``15-18`` with a dash."""
        first, last = self.numbers[0], self.numbers[-1]
        return str(first) if first == last else f"{first}{_DASH}{last}"


def lane_rows(
    story: Counterexample, scene: Timeline, width: float, measure: Measure
) -> tuple[LaneRow, ...]:
    """Lay out the chosen steps, one below the other.

    Args:
        story: the steps.
        scene: the machine beside them.
        width: inches for the words.
        measure: how wide a text is.
    """
    rows: list[LaneRow] = []
    top = 0.0
    spoken: dict[str, str] = {}  # CPU → what was named there last
    for group in _groups(story, scene):
        row = _row(group, scene, spoken, top, partial(_wrap, width, measure))
        rows.append(row)
        top += row.height
    return tuple(rows)


def _groups(story: Counterexample, scene: Timeline) -> Iterator[list[Step]]:
    """Steps, with three or more quiet ones in a row on one CPU folded."""
    quiet: list[Step] = []
    for row in story.rows:
        if row.number == 1:
            continue
        if _is_quiet(row, scene):
            if quiet and (quiet[-1].cpu, quiet[-1].context) != (row.cpu, row.context):
                yield from _folded(quiet)
                quiet = []
            quiet.append(row)
            continue
        yield from _folded(quiet)
        quiet = []
        yield [row]
    yield from _folded(quiet)


def _folded(quiet: list[Step]) -> Iterator[list[Step]]:
    if len(quiet) >= _FEWEST_TO_FOLD:
        yield quiet
    else:
        yield from ([row] for row in quiet)


def _is_quiet(row: Step, scene: Timeline) -> bool:
    """Whether nothing happens that another CPU could see, and no fence, note or load of a list."""
    number = row.number
    loads = [load for load in scene.loads if load.number == number]
    watched = set(watched_locations(scene))
    return not (
        row.changed
        or row.buffers
        or row.notes
        or row.context in HARDWARE
        or "fence" in row.action
        or any(load.location in watched for load in loads)
        or any(number in {i.sent, i.entered, i.acknowledged, i.seen} for i in scene.ipis)
        or any(number in {g.began, g.ended} for g in scene.grace_periods)
        or row.action in {"free_cmpxchg_slab", "put_return", "shrink_return"}
        or (row.number == scene.last and not scene.fatal)
    )


def watched_locations(scene: Timeline) -> tuple[str, ...]:
    """Return the locations of memory that are worth a column, in the order of the columns.

    These are ``cpu_partial`` and each list that something was stored to, in the order of the CPUs;
    and ``list_lock`` where it is held in the end.
    """
    stored = {store.location for store in scene.stores}
    for before, after in itertools.pairwise(scene.states.values()):
        stored |= {place for place in after.memory if after.memory[place] != before.memory[place]}
    lists = [f"partial[{cpu}]" for cpu in scene.cpus]
    used = [place for place in lists if place in stored]
    half = (len(scene.cpus) + 1) // 2
    left = [place for place in used if lists.index(place) < half]
    right = [place for place in used if lists.index(place) >= half]
    held = ("list_lock",) if scene.states[scene.last].memory["list_lock"] != "NULL" else ()
    return (*left, "cpu_partial", *held, *right)


def _row(
    group: Sequence[Step],
    scene: Timeline,
    spoken: dict[str, str],
    top: float,
    wrap: Callable[..., tuple[str, ...]],
) -> LaneRow:
    first = group[0]
    quiet = _is_quiet(first, scene) or first.context == "store buffer"
    function, words = first.function, wrap(_words(first))
    if len(group) > 1:
        names = tuple(dict.fromkeys(row.function for row in group))
        function, words = "", wrap(" · ".join(names))
    elif first.context == "store buffer":
        function, words = "", (_DRAINS,)
    elif first.context in HARDWARE:
        function = ""
    named = f"{first.context} {function}"
    if function and spoken.get(first.cpu) == named:
        function = ""
    elif function:
        spoken[first.cpu] = named
    elif len(group) > 1:
        spoken.pop(first.cpu, None)
    notes = tuple(line for note in first.notes for line in wrap(note, bold=True))
    lines = max(1, bool(function) + len(words) + len(notes))
    gap = _QUIET_GAP if quiet and first.context != "store buffer" else _GAP
    return LaneRow(
        numbers=tuple(row.number for row in group),
        cpu=first.cpu,
        function=function,
        words=words,
        notes=notes,
        quiet=quiet,
        fatal=first.number == scene.fatal,
        top=top,
        height=_LINE * lines + gap,
    )


def _words(row: Step) -> str:
    if row.context in HARDWARE:
        return f"{row.context}: {row.words}"
    return row.words


def _wrap(width: float, measure: Measure, text: str, *, bold: bool = False) -> tuple[str, ...]:
    """Break a text into lines that are no wider than ``width``, between words."""
    width = width / _BOLD if bold else width
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and measure(longer, WORDS_SIZE, False) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return (*lines, line) if line else tuple(lines)
