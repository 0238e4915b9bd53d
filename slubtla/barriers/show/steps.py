"""The steps of a counterexample on a terminal: CPUs side by side where there is room, else below.

Side by side needs :data:`ROOM` columns; with less, or more CPUs than fit, each step takes the
whole width, and a mark says on which CPU it happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from slubtla.barriers.trace.counterexample import Counterexample
from slubtla.barriers.trace.steps import HARDWARE, Step
from slubtla.barriers.trace.timeline import Timeline

ROOM: Final = 96
"""Columns that two CPUs side by side need."""

_ROOM_OF_A_CPU: Final = 34
_MEMORY_WIDTH: Final = 20
_HERE: Final = "●"
_HARDWARE_HERE: Final = "○"


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps as a table, which takes the form that fits the width that it is given.

    Attributes:
        rows: the steps.
        cpus: the CPUs; empty for a spec that slubtla knows nothing of.
        running: what each CPU runs before the first row.
        ends: how a behaviour without an end goes on; ``""`` for one that ends.
    """

    rows: Sequence[Step]
    cpus: Sequence[str]
    running: Mapping[str, str]
    ends: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose the form by the columns at hand."""
        if not self.cpus:
            yield _of_any_spec(self)
            return
        room = max(ROOM, _MEMORY_WIDTH + _ROOM_OF_A_CPU * len(self.cpus))
        wide = options.max_width >= room
        yield _side_by_side(self) if wide else _one_below_the_other(self)


def story_steps(story: Counterexample) -> Steps:
    """Return the chosen steps of a counterexample."""
    return Steps(story.rows, story.cpus, _first_running(story), story.ends)


def reading_steps(reading: Timeline) -> Steps:
    """Return the steps of a reading, or of a part of one."""
    return Steps(reading.rows, reading.cpus, reading.running, reading.ends)


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    return table


def _side_by_side(steps: Steps) -> Table:
    table = _table()
    for cpu in steps.cpus:
        table.add_column(cpu, ratio=3, overflow="fold")
    table.add_column("memory", overflow="fold", style="cyan", min_width=_MEMORY_WIDTH)
    running = dict(steps.running)
    for row in steps.rows:
        if row.number == 1:
            table.add_row("1", *(Text(f"runs {running[cpu]}") for cpu in steps.cpus), "")
            continue
        cells = [_cell(row, cpu, running[cpu]) for cpu in steps.cpus]
        if row.context not in HARDWARE:
            running[row.cpu] = row.context
        table.add_row(str(row.number), *cells, Text("\n".join(row.changed)))
    if steps.ends:
        table.add_row("", Text(steps.ends, style="bold red"), *("" for _ in steps.cpus))
    return table


def _cell(row: Step, cpu: str, running: str) -> Text:
    """What a step did on one CPU; the context is named where it is another than before."""
    text = Text()
    if row.cpu == cpu:
        if row.context in HARDWARE:
            text.append(f"[{row.context}] ", style="dim")
        elif row.context != running:
            text.append(f"[{row.context}] ", style="yellow")
        if row.function:
            text.append(f"{row.function}\n", style="bold")
        text.append(row.words)
        for note in row.notes:
            text.append(f"\n! {note}", style="bold red")
    if cpu in row.buffers:
        entries = ", ".join(row.buffers[cpu]) or "empty"
        text.append(f"\nbuffer: {entries}" if text else f"buffer: {entries}", style="magenta")
    return text


def _one_below_the_other(steps: Steps) -> Table:
    """Each step over the whole width: long function names and values are not cut to pieces."""
    table = _table()
    for cpu in steps.cpus:
        short = cpu.removeprefix("cpu") if len(steps.cpus) > 2 else cpu  # noqa: PLR2004 - room
        table.add_column(short, justify="center", no_wrap=True)
    table.add_column("what happens", ratio=1, overflow="fold")
    running = dict(steps.running)
    for row in steps.rows:
        if row.number == 1:
            table.add_row("1", *("" for _ in steps.cpus), Text(row.words))
            continue
        mark = _HARDWARE_HERE if row.context in HARDWARE else _HERE
        marks = [mark if row.cpu == cpu else "" for cpu in steps.cpus]
        table.add_row(str(row.number), *marks, _whole(row, running[row.cpu]))
        if row.context not in HARDWARE:
            running[row.cpu] = row.context
    if steps.ends:
        table.add_row("", *("" for _ in steps.cpus), Text(steps.ends, style="bold red"))
    return table


def _whole(row: Step, running: str) -> Text:
    text = Text()
    if row.context in HARDWARE:
        text.append(f"[{row.context}] ", style="dim")
    elif row.context != running:
        text.append(f"[{row.context}] ", style="yellow")
    if row.function:
        text.append(f"{row.function}: ", style="bold")
    text.append(row.words)
    for note in row.notes:
        text.append(f"\n! {note}", style="bold red")
    for cpu, entries in row.buffers.items():
        text.append(f"\nbuffer of {cpu}: {', '.join(entries) or 'empty'}", style="magenta")
    drained = row.context == "store buffer"  # its words say it already
    if row.changed and not drained:
        text.append(f"\nmemory: {', '.join(row.changed)}", style="cyan")
    return text


def _first_running(story: Counterexample) -> dict[str, str]:
    """What each CPU runs before the first step that is shown."""
    if story.timeline is None:
        return {}
    running = dict(story.timeline.running)
    first = story.rows[0].number if story.rows else 1
    for step in story.timeline.steps:
        if step.number < first and step.context not in HARDWARE:
            running[step.cpu] = step.context
    return running


def _of_any_spec(steps: Steps) -> Table:
    """Steps of a spec that slubtla knows nothing of: the action, and what it changed."""
    table = _table()
    table.add_column("action", overflow="fold", max_width=_ROOM_OF_A_CPU)
    table.add_column("changes", ratio=1, overflow="fold")
    for row in steps.rows:
        action = row.words or row.action or ("initial state" if row.number == 1 else "")
        table.add_row(str(row.number), action, Text("\n".join(row.changed)))
    if steps.ends:
        table.add_row("", "", Text(steps.ends, style="bold red"))
    return table
