"""Terminal view of ``slubtla argue``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from slubtla.barriers.machines import ARCHES, CMPXCHGS
from slubtla.barriers.model import model_of
from slubtla.barriers.names import listed
from slubtla.barriers.table import SIGNS, STYLES, Card, Column, Fold, TableCell
from slubtla.barriers.table import Table as ResultTable
from slubtla.display import view
from slubtla.protocols.slub import SLUB
from slubtla.protocols.slub.argument import (
    STATEMENTS,
    Answer,
    Argument,
    Judged,
    Role,
    Statement,
    read_answer,
)
from slubtla.protocols.slub.argument.answer import Word
from slubtla.protocols.slub.argument.statements import TEXTS, Machine, formal
from slubtla.protocols.slub.explanation import decisive_steps
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

_WIDTH: Final = 92
"""No line of prose is longer: it could not be read."""

_REPAIRS: Final = ("smp_mb_paired", "kick_all_cpus_sync", "synchronize_sched")


def argument_view(argument: Argument, answer: Answer) -> RenderableType:
    """Return the whole walk, from the question to the answer and what repairs it."""
    parts: list[RenderableType] = [
        Text("Is smp_mb() enough?", style="bold"),
        Text("The argument of a mail, sentence by sentence.", style="dim"),
    ]
    parts += [
        _heading(1, "The question"),
        *_prose(SLUB.background),
        _prose_line(TEXTS["source"][0], "dim"),
    ]
    parts += [_heading(2, "The shape"), _shape(), *_prose(TEXTS["shape"])]
    parts += [_heading(3, "The assumption"), *_assumption(argument)]
    for number, statement in enumerate(STATEMENTS, 4):
        parts += [_heading(number, statement.title), *_statement(argument, statement)]
    end = 4 + len(STATEMENTS)
    parts += [
        _heading(end, "All verdicts"),
        _indented(verdicts_table(argument)),
        *_reading(argument),
    ]
    parts += [_heading(end + 1, "The answer"), *_answer(answer)]
    parts += [_heading(end + 2, "What is enough"), *_repairs(argument)]
    parts += [_heading(end + 3, "How far this goes"), *_reach(argument)]
    return Group(*parts)


def verdicts_table(argument: Argument) -> Table:
    """Return every verdict: a row for each machine, a column for each statement."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("machine", no_wrap=True)
    table.add_column("memory,\ncmpxchg", style="dim")
    for statement in STATEMENTS:
        table.add_column(statement.name.replace("CasesE", "Cases\nE"), no_wrap=True)
    for judged in argument.machines:
        machine = judged.machine
        cells = [_cell(judged, statement) for statement in STATEMENTS]
        table.add_row(label(machine), f"{machine.memory},\n{machine.cmpxchg}", *cells)
    return table


def answered_view(argument: Argument) -> RenderableType:
    """Return the whole walk with the answer that the argument gives."""
    return argument_view(argument, read_answer(argument))


def argument_card(argument: Argument) -> Card:
    """Return what a notebook shows: the answer, its reasons, and every verdict."""
    answer = read_answer(argument)
    kinds = {Word.YES: VerdictKind.PROVEN, Word.NO: VerdictKind.VIOLATED}
    rows: list[list[str | TableCell]] = [
        [
            label(judged.machine).replace("\n", " "),
            *(_statement_cell(judged, s) for s in STATEMENTS),
        ]
        for judged in argument.machines
    ]
    columns = [Column("machine"), *(Column(statement.name) for statement in STATEMENTS)]
    return Card(
        head=answer.headline,
        kind=kinds.get(answer.word, VerdictKind.INCONCLUSIVE),
        subject="Is smp_mb() enough?",
        sentences=answer.reasons,
        folds=[Fold("All verdicts", ResultTable(columns, rows), shown=True)],
    )


def _statement_cell(judged: Judged, statement: Statement) -> TableCell:
    kind = judged.verdict(statement.name).kind
    return TableCell(f"{SIGNS[kind]} {kind}", kind)


def label(machine: Machine) -> str:
    """Return what a machine is called in a table."""
    words = {
        Role.CONTROL: "no store\nbuffers",
        Role.ASSUMED: "as the mail\nassumes",
        Role.REAL: machine.arch,
        Role.REPAIRED: f"{machine.arch},\nrepaired",
    }
    return words[machine.role]


def _statement(argument: Argument, statement: Statement) -> Iterator[RenderableType]:
    judged = argument.of(Role.ASSUMED, Role.REAL)
    yield from _prose((statement.says,))
    yield _formal(statement)
    yield _verdicts(judged, statement)
    falling = [each for each in judged if each.falls(statement.name)]
    expected = [each for each in falling if statement.name in each.machine.falls]
    holding = [each for each in judged if each.holds(statement.name)]
    if holding and all(statement.name not in each.machine.falls for each in holding):
        places = "everywhere" if len(holding) == len(judged) else _places(holding)
        yield from _prose((f"It holds {places}. {statement.if_holds}",))
    if expected:
        yield from _prose((f"It falls {_places(expected)}. {statement.if_falls}",))
    if falling:
        yield from _trace(falling, statement)


def _formal(statement: Statement) -> RenderableType:
    said = formal(statement)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column()
    for name, noted in said.history.items():
        grid.add_row(name, noted)
    head = Text(f"In the specification: {SLUB.properties[statement.name].summary}.", style="dim")
    definition = Padding(
        Text(said.definition, style="bold cyan"), (1, 0, int(bool(said.history)), 0)
    )
    return Constrain(Padding(Group(head, definition, grid), (1, 0, 0, 4)), _WIDTH)


def _verdicts(judged: Sequence[Judged], statement: Statement) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for each in judged:
        table.add_column(label(each.machine), no_wrap=True)
    table.add_row(*(_cell(each, statement) for each in judged))
    return _indented(table)


def _cell(judged: Judged, statement: Statement) -> Text:
    verdict = judged.verdict(statement.name)
    text = Text(str(verdict.kind), style=STYLES[verdict.kind])
    if verdict.detail and not judged.falls(statement.name):
        text.append(f"\n({verdict.detail})", style="dim")
    return text


def _trace(falling: Sequence[Judged], statement: Statement) -> Iterator[RenderableType]:
    """The decisive steps on the first machine where a statement falls."""
    first = falling[0]
    result = first.run_of(statement.name)
    reading = decisive_steps(result, statement.name)
    count = f"{len(reading.steps)} of {result.trace_length} steps"
    yield _prose_line(f"How it comes to that on {first.machine.arch}, {count}:", "bold")
    yield view("steps", reading)
    yield _prose_line(f"All of it: slubtla trace {result.run_dir}", "dim")


def _assumption(argument: Argument) -> Iterator[RenderableType]:
    yield _prose_line(TEXTS["assumption"][0], "")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("arch", "this_cpu_cmpxchg() is", "a full barrier?"):
        table.add_column(column)
    for judged in argument.of(Role.REAL):
        machine = judged.machine
        full = CMPXCHGS[machine.cmpxchg].fences
        kin = [
            name
            for name, arch in ARCHES.items()
            if (arch.memory, arch.cmpxchg) == (machine.memory, machine.cmpxchg)
        ]
        what = CMPXCHGS[machine.cmpxchg].summary
        table.add_row("\n".join(kin), what, Text("yes" if full else "no", style="bold"))
    yield Constrain(_indented(table), _WIDTH)
    yield from _prose(TEXTS["method"])


def _shape() -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 4, 0, 0))
    table.add_column("put, on CPU c")
    table.add_column("shrink, on another CPU")
    for put, shrink in (
        ("store  partial[c] = slab", "store  cpu_partial = 0"),
        ("       by this_cpu_cmpxchg()", "       smp_mb()"),
        ("load   cpu_partial", "load   partial[c], in has_cpu_slab()"),
    ):
        table.add_row(Text(put), Text(shrink))
    return _indented(table)


def _reading(argument: Argument) -> Iterator[RenderableType]:
    if any(judged.holding for judged in argument.of(Role.CONTROL)):
        yield _prose_line(TEXTS["control"][0], "")
    repaired = argument.of(Role.REPAIRED)
    if any(judged.falls("CasesExhaustive") and judged.holds("NoLeak") for judged in repaired):
        yield _prose_line(TEXTS["harmless"][0], "")


def _answer(answer: Answer) -> Iterator[RenderableType]:
    style = {"Yes": "bold green", "No": "bold red"}.get(answer.word, "bold yellow")
    yield Padding(Text.assemble("(am I correct?)  ", (answer.headline, style)), (1, 0, 0, 2))
    yield from _prose(answer.reasons)
    if answer.word == "No":
        yield _prose_line(TEXTS["reply"][0], "")
    for surprise in answer.surprises:
        yield _prose_line(
            f"Not as expected: {surprise.statement} on {surprise.machine} should be "
            f"{surprise.expected}, and is {surprise.found}.",
            "bold red",
        )
    if answer.undecided:
        yield _prose_line(f"Not decided: {', '.join(answer.undecided)}.", "bold yellow")


def _repairs(argument: Argument) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 2, 1, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for name in _REPAIRS:
        entry = SLUB.strategies[name]
        text = Text(f"{entry.summary}: {entry.source}\n")
        text.append(f"slubtla verify --strategy {name}", style="dim")
        grid.add_row(name, text)
    yield Constrain(Padding(grid, (1, 0, 0, 2)), _WIDTH)
    repaired = argument.of(Role.REPAIRED)
    checked = "The first was checked above; the" if repaired else "The"
    yield _prose_line(
        f"{checked} others ask nothing of the put: they make every CPU go through a full fence. "
        "`slubtla matrix` has them all, on every architecture.",
        "",
    )
    yield _prose_line(TEXTS["plain_wait"][0], "")


def _reach(argument: Argument) -> Iterator[RenderableType]:
    runs = _distinct_runs(argument)
    model = model_of(runs[0])
    bounds = f"{model.cpus} CPUs, {model.tasks} putting tasks, {model.slabs} slabs" if model else ""
    searched = sum(run.stats.distinct or 0 for run in runs)
    seconds = sum(run.provenance.wall_seconds for run in runs)
    yield _prose_line(
        f"{len(runs)} runs, {searched:,} distinct states, {seconds:,.0f} s of TLC: the code of "
        f"Linux v4.0, on {bounds} and the shrinker. What the model leaves out is in the header "
        f"of its specification. {TEXTS['caveat'][0]}",
        "",
    )
    yield _prose_line(TEXTS["see_also"][0], "")


def _distinct_runs(argument: Argument) -> list[Result]:
    """The runs, those that two machines share once."""
    every = (run for judged in argument.machines for run in judged.runs)
    return list({(run.run_dir, run.provenance.started_at): run for run in every}.values())


def _places(judged: Iterable[Judged]) -> str:
    """Say where: ``on s390, and on the machine that the mail assumes``."""
    judged = tuple(judged)
    real = [each.machine.arch for each in judged if each.machine.role is Role.REAL]
    places = [f"on {listed(real)}"] if real else []
    if any(each.machine.role is Role.ASSUMED for each in judged):
        places.append("on the machine that the mail assumes")
    return ", and ".join(places)


def _indented(table: Table) -> RenderableType:
    return Padding(table, (0, 0, 0, 1))


def _heading(number: int, title: str) -> RenderableType:
    rule = Rule(Text(f"{number}. {title}", style="bold"), align="left", style="dim")
    return Constrain(Padding(rule, (2, 0, 0, 0)), _WIDTH)


def _prose(paragraphs: Iterable[str]) -> Iterator[RenderableType]:
    for paragraph in paragraphs:
        yield _prose_line(paragraph, "")


def _prose_line(paragraph: str, style: str) -> RenderableType:
    return Constrain(Padding(Text(paragraph, style=style), (1, 0, 0, 2)), _WIDTH)
