"""Terminal view and notebook card of ``slubtla argue``."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table as Grid
from rich.text import Text

from slubtla.barriers.table import SIGNS, Card, Fold, Table, TableCell, terminal_table
from slubtla.barriers.trace.timeline import Timeline
from slubtla.protocols.slub.argument.answer import read_answer
from slubtla.protocols.slub.argument.running import Argument
from slubtla.protocols.slub.argument.sections import Part, Prose, sections_of, verdict_table
from slubtla.protocols.slub.argument.statements import Formal
from slubtla.registry import view
from slubtla.tlc.run.verdict import VerdictKind, Word

_WIDTH: Final = 92
"""No line of prose is longer: it could not be read."""

_KINDS: Final = {Word.YES: VerdictKind.PROVEN, Word.NO: VerdictKind.VIOLATED}


def argument_view(argument: Argument) -> RenderableType:
    """Return the whole walk, from the question to the answer and what repairs it."""
    parts: list[RenderableType] = [
        Text("Is smp_mb() enough?", style="bold"),
        Text("The argument of a mail, sentence by sentence.", style="dim"),
    ]
    for number, section in enumerate(sections_of(argument), 1):
        rule = Rule(Text(f"{number}. {section.title}", style="bold"), align="left", style="dim")
        parts += [Constrain(Padding(rule, (2, 0, 0, 0)), _WIDTH), *map(_rendered, section.parts)]
    return Group(*parts)


def _rendered(part: Part) -> RenderableType:
    match part:
        case Prose():
            return Constrain(Padding(Text(part.text, style=part.style), (1, 0, 0, 2)), _WIDTH)
        case Formal():
            return _formal(part)
        case Table():
            return Constrain(Padding(terminal_table(part), (0, 0, 0, 1)), _WIDTH)
        case Timeline():
            shown: RenderableType = view("steps", part)
            return shown


def _formal(said: Formal) -> RenderableType:
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column()
    for name, noted in said.history.items():
        grid.add_row(name, noted)
    below = int(bool(said.history))
    definition = Padding(Text(said.definition, style="bold cyan"), (0, 0, below, 0))
    return Constrain(Padding(Group(definition, grid), (1, 0, 0, 4)), _WIDTH)


def argument_card(argument: Argument) -> Card:
    """Return what a notebook shows: the answer, its reasons, and every verdict."""
    answer = read_answer(argument)
    table = verdict_table(argument.machines)
    rows = [[_signed(cell) for cell in row] for row in table.rows]
    return Card(
        head=answer.headline,
        kind=_KINDS.get(answer.word, VerdictKind.INCONCLUSIVE),
        subject="Is smp_mb() enough?",
        sentences=answer.reasons,
        folds=[Fold("All verdicts", replace(table, rows=rows), shown=True)],
    )


def _signed(cell: str | TableCell) -> str | TableCell:
    """A verdict with its sign before it."""
    if isinstance(cell, TableCell) and cell.style in set(VerdictKind):
        return replace(cell, text=f"{SIGNS[VerdictKind(cell.style)]} {cell.text}")
    return cell
