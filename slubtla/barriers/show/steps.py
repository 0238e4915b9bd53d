"""The steps of a counterexample on a terminal: CPUs side by side where there is room, else below.

Side by side needs :data:`ROOM` columns; with less, or more CPUs than fit, each step takes the
whole width, and a mark says on which CPU it happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
_FEW: Final = 2


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps as a table, which takes the form that fits the width that it is given."""

    rows: Sequence[Step]
    cpus: Sequence[str]
    """Empty for a specification that no protocol describes."""
    running: Mapping[str, str]
    """What each CPU runs before the first row."""
    ends: str
    """How a behaviour without an end goes on."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose the form by the columns at hand."""
        table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False)
        table.add_column("#", justify="right", style="dim", no_wrap=True)
        room = max(ROOM, _MEMORY_WIDTH + _ROOM_OF_A_CPU * len(self.cpus))
        if not self.cpus:
            self._any_spec(table)
        elif options.max_width >= room:
            self._side_by_side(table)
        else:
            self._one_below_the_other(table)
        yield table

    def _any_spec(self, table: Table) -> None:
        """The action, and what it changed."""
        table.add_column("action", overflow="fold", max_width=_ROOM_OF_A_CPU)
        table.add_column("changes", ratio=1, overflow="fold")
        for row in self.rows:
            action = row.words or row.action or ("initial state" if row.number == 1 else "")
            table.add_row(str(row.number), action, Text("\n".join(row.changed)))
        if self.ends:
            table.add_row("", "", Text(self.ends, style="bold red"))

    def _side_by_side(self, table: Table) -> None:
        for cpu in self.cpus:
            table.add_column(cpu, ratio=3, overflow="fold")
        table.add_column("memory", overflow="fold", style="cyan", min_width=_MEMORY_WIDTH)
        for row, who in self._with_contexts():
            if row.number == 1:
                cells = [Text(f"runs {self.running[cpu]}") for cpu in self.cpus]
            else:
                cells = [_cell(row, cpu, who) for cpu in self.cpus]
            table.add_row(str(row.number), *cells, Text("\n".join(row.changed)))
        if self.ends:
            table.add_row("", Text(self.ends, style="bold red"))

    def _one_below_the_other(self, table: Table) -> None:
        """Each step over the whole width: long names and values are not cut to pieces."""
        for cpu in self.cpus:
            short = cpu.removeprefix("cpu") if len(self.cpus) > _FEW else cpu
            table.add_column(short, justify="center", no_wrap=True)
        table.add_column("what happens", ratio=1, overflow="fold")
        for row, who in self._with_contexts():
            mark = "○" if row.context in HARDWARE else "●"
            marks = [mark if row.cpu == cpu else "" for cpu in self.cpus]
            text = step_text(row, who, inline=True)
            if row.number > 1:
                text = with_memory(row, text)
            table.add_row(str(row.number), *marks, text)
        if self.ends:
            table.add_row("", *("" for _ in self.cpus), Text(self.ends, style="bold red"))

    def _with_contexts(self) -> Iterator[tuple[Step, Text]]:
        """Each step, and who moves, where that is another than before on this CPU."""
        running = dict(self.running)
        for row in self.rows:
            if row.context in HARDWARE:
                yield row, Text(f"[{row.context}] ", style="dim")
            else:
                new = row.number > 1 and row.context != running.get(row.cpu)
                yield row, Text(f"[{row.context}] " if new else "", style="yellow")
                running[row.cpu] = row.context


def counterexample_steps(story: Counterexample) -> Steps:
    """Return the chosen steps of a counterexample."""
    running: dict[str, str] = {}
    if story.timeline is not None:
        running = dict(story.timeline.running)
        first = story.rows[0].number if story.rows else 1
        for step in story.timeline.steps:
            if step.number < first and step.context not in HARDWARE:
                running[step.cpu] = step.context
    return Steps(story.rows, story.cpus, running, story.ends)


def timeline_steps(timeline: Timeline) -> Steps:
    """Return the steps of a trace, or of a part of one."""
    return Steps(timeline.rows, timeline.cpus, timeline.running, timeline.ends)


def step_text(step: Step, who: Text, *, inline: bool = False, dim: bool = False) -> Text:
    """Return who moves, the function, what happens, and what to notice."""
    text = Text.assemble(who, style="dim" if dim else "")
    if step.function:
        after = ": " if inline else "\n"
        text.append(f"{step.function}{after}", style="" if dim else "bold")
    text.append(step.words)
    for note in step.notes:
        text.append(f"\n! {note}", style="bold red")
    return text


def with_memory(step: Step, text: Text) -> Text:
    """Add the store buffers and the memory that a step changed; a drain's words say it already."""
    for cpu, entries in step.buffers.items():
        text.append(f"\nbuffer of {cpu}: {', '.join(entries) or 'empty'}", style="magenta")
    if step.changed and step.context != "store buffer":
        text.append(f"\nmemory: {', '.join(step.changed)}", style="cyan")
    return text


def _cell(row: Step, cpu: str, who: Text) -> Text:
    """What a step did on one CPU."""
    text = step_text(row, who) if row.cpu == cpu else Text()
    if cpu in row.buffers:
        entries = ", ".join(row.buffers[cpu]) or "empty"
        text.append("\n" if text else "").append(f"buffer: {entries}", style="magenta")
    return text
