"""What there is: the vocabulary, and what the doctor found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.entries import Entry, Vocabulary

if TYPE_CHECKING:
    from slubtla.tlc.run.doctor import Check


def listing_view(vocabularies: Mapping[str, Vocabulary[Entry]]) -> RenderableType:
    """Return each vocabulary as a table: name, one line, source."""
    parts: list[RenderableType] = []
    for title, entries in vocabularies.items():
        table = Table(box=None, expand=True, pad_edge=False, show_header=False)
        table.add_column("name", style="bold", min_width=20, no_wrap=True)
        table.add_column("meaning", ratio=1)
        for entry in entries.values():
            meaning = Text(entry.summary)
            meaning.append(f"\n{entry.source}", style="dim")
            table.add_row(entry.name, meaning)
        parts += [Text(title, style="bold underline"), table, Text()]
    return Group(*parts[:-1])


def runs_view(runs: Sequence[Mapping[str, str | None]], place: object) -> RenderableType:
    """Return run directories as a table: name, verdict, when, where."""
    if not runs:
        return Text(f"there is no run in {place}; make one: slubtla verify --strategy smp_mb")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("name", style="bold", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("where", style="dim", overflow="fold")
    for run in runs:
        when = (run["started"] or "").replace("T", " ")[:16]
        table.add_row(run["name"], run["verdict"], when, run["run_dir"])
    return table


def doctor_view(checks: Iterable[Check]) -> RenderableType:
    """Return what the doctor found: a line for each check, and the next step where one is due."""
    styles = {"ok": "green", "warn": "yellow", "fail": "bold red"}
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("what", style="bold", no_wrap=True)
    table.add_column("found", ratio=1, overflow="fold")
    for check in checks:
        status = check.status.value
        found = Text(check.found)
        if check.detail:
            found.append(f"\n{check.detail}", style="dim")
        if check.next_step:
            found.append(f"\nnext: {check.next_step}", style=styles[status])
        table.add_row(Text(status, style=styles[status]), check.name, found)
    return table
