"""Terminal views of ``slubtla list``, ``runs``, ``doctor`` and of a dry run."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.entries import Entry, Vocabulary
from slubtla.barriers.table import Column, TableCell, terminal_table
from slubtla.barriers.table import Table as ResultTable

if TYPE_CHECKING:
    from slubtla.barriers.model import Model
    from slubtla.tlc.run.doctor import Check
    from slubtla.tlc.run.settings import Settings


def listing_view(vocabularies: Mapping[str, Vocabulary[Entry]]) -> RenderableType:
    """Return each vocabulary as a table: name, one line, source."""
    parts: list[RenderableType] = []
    for title, entries in vocabularies.items():
        table = Table.grid("name", "meaning", padding=(0, 1), expand=True)
        table.columns[0].style, table.columns[0].min_width = "bold", 20
        table.columns[1].ratio = 1
        for entry in entries.values():
            table.add_row(entry.name, Text.assemble(entry.summary, (f"\n{entry.source}", "dim")))
        parts += [Text(title, style="bold underline"), table, Text()]
    return Group(*parts[:-1])


def runs_view(runs: Sequence[Mapping[str, str | None]], place: object) -> RenderableType:
    """Return run directories as a table: name, verdict, when, where."""
    if not runs:
        return Text(f"there is no run in {place}; make one: slubtla verify")
    columns = [Column(head) for head in ("name", "verdict", "when (UTC)", "where")]
    rows: list[list[str | TableCell]] = []
    for run in runs:
        when, where = (run["started"] or "").replace("T", " ")[:16], run["run_dir"] or ""
        rows.append([run["name"] or "", run["verdict"] or "", when, TableCell(where, "dim")])
    return terminal_table(ResultTable(columns, rows))


def doctor_view(checks: Iterable[Check]) -> RenderableType:
    """Return what the doctor found: a line for each check, and the next step where one is due."""
    styles = {"ok": "green", "warn": "yellow", "fail": "bold red"}
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column()
    table.add_column(style="bold", no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for check in checks:
        style = styles[check.status.value]
        found = Text(check.found)
        found.append(f"\n{check.detail}" if check.detail else "", style="dim")
        found.append(f"\nnext: {check.next_step}" if check.next_step else "", style=style)
        table.add_row(Text(check.status.value, style=style), check.name, found)
    return table


def plan_view(model: Model, settings: Settings) -> RenderableType:
    """Return the model, the digests of its files and the command lines; starts no Java."""
    from slubtla.barriers.render import render  # noqa: PLC0415 - slow to load
    from slubtla.barriers.verify import command_lines  # noqa: PLC0415 - likewise

    rendered = render(model)
    rows = {
        name: ", ".join(value) if isinstance(value, tuple) else str(value)
        for name, value in model.model_dump().items()
    }
    files = {
        "spec": f"{rendered.module}.tla, before its translation: {rendered.spec_digest}",
        "cfg": f"{rendered.module}.cfg: {rendered.cfg_digest}",
    }
    grids: list[RenderableType] = []
    for each in (rows, files):
        grid = Table.grid(padding=(0, 0, 0, 2))
        grid.add_column(style="dim", min_width=12)
        grid.add_column(overflow="fold")
        for name, value in each.items():
            grid.add_row(name, Text(value))
        grids += [grid, Text()]
    commands = [
        Text.assemble(("  $ ", "dim"), shlex.join(argv)) for argv in command_lines(model, settings)
    ]
    return Group(Text("Nothing is run. This would be:", style="bold"), Text(), *grids, *commands)
