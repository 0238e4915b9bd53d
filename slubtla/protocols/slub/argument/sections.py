"""The walk through the mail's argument as sections: a terminal and docs/argument.md render them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.machines import ARCHES, CMPXCHGS
from slubtla.barriers.model import model_of
from slubtla.barriers.names import listed
from slubtla.barriers.table import Column, Table, TableCell
from slubtla.barriers.trace.timeline import Timeline
from slubtla.protocols.slub import SLUB
from slubtla.protocols.slub.argument.answer import Answer, read_answer
from slubtla.protocols.slub.argument.running import Argued, Argument, Judged, Verdicts
from slubtla.protocols.slub.argument.statements import (
    STATEMENTS,
    TEXTS,
    Formal,
    Role,
    Statement,
    formal,
)
from slubtla.protocols.slub.explanation import decisive_steps
from slubtla.tlc.run.verdict import Word

_REPAIRS: Final = ("smp_mb_paired", "kick_all_cpus_sync", "synchronize_sched")
_ANSWERED: Final = {Word.YES: "bold green", Word.NO: "bold red"}


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, and its style on a terminal."""

    text: str
    style: str = ""


Part = Prose | Formal | Table | Timeline


@dataclass(frozen=True, slots=True)
class ArgumentSection:
    """A title, and what stands below it."""

    title: str
    parts: Sequence[Part]


def sections_of(argument: Argued[Verdicts]) -> Iterator[ArgumentSection]:
    """Yield the whole walk, from the question to the answer and what repairs it."""
    question = [*map(Prose, SLUB.background), Prose(TEXTS["source"][0], "dim")]
    yield ArgumentSection("The question", tuple(question))
    yield ArgumentSection("The shape", (_shape(), *_texts("shape")))
    assumption: list[Part] = [*_texts("assumption"), _assumption(argument), *_texts("method")]
    yield ArgumentSection("The assumption", assumption)
    machines = argument.of(Role.ASSUMED, Role.REAL)
    yield from (_statement(statement, machines) for statement in STATEMENTS)
    yield ArgumentSection("All verdicts", (verdict_table(argument.machines), *_reading(argument)))
    yield ArgumentSection("The answer", tuple(_answer(read_answer(argument))))
    yield ArgumentSection("What is enough", (_repairs(), *_other_repairs(argument)))
    if isinstance(argument, Argument):
        yield ArgumentSection("How far this goes", tuple(_reach(argument)))


def _statement(statement: Statement, machines: Sequence[Verdicts]) -> ArgumentSection:
    """Return a sentence of the mail, its formal statement, and what becomes of it."""
    summary = SLUB.properties[statement.name].summary
    return ArgumentSection(
        statement.title,
        (
            Prose(statement.says),
            Prose(f"In the specification: {summary}.", "dim"),
            formal(statement),
            Table(
                [Column(_label(each)) for each in machines],
                [[_cell(each, statement) for each in machines]],
            ),
            *_outcome(statement, machines),
        ),
    )


def verdict_table(machines: Sequence[Verdicts]) -> Table:
    """Return every verdict: a row for each machine, a column for each statement."""
    heads = ("machine", "memory, cmpxchg", *(statement.name for statement in STATEMENTS))
    rows: list[list[str | TableCell]] = [
        [
            _label(each),
            TableCell(f"{each.machine.memory}, {each.machine.cmpxchg}", "dim"),
            *(_cell(each, statement) for statement in STATEMENTS),
        ]
        for each in machines
    ]
    return Table([Column(head) for head in heads], rows)


def _label(verdicts: Verdicts) -> str:
    """Return what a machine is called in a table."""
    machine = verdicts.machine
    words = {
        Role.CONTROL: "no store buffers",
        Role.ASSUMED: "as the mail assumes",
        Role.REAL: machine.arch,
        Role.REPAIRED: f"{machine.arch}, repaired",
    }
    return words[machine.role]


def _cell(verdicts: Verdicts, statement: Statement) -> TableCell:
    verdict = verdicts.verdict(statement.name)
    other = verdict.detail and not verdicts.falls(statement.name)
    return TableCell(str(verdict.kind), verdict.kind, f"({verdict.detail})" if other else "")


def _outcome(statement: Statement, machines: Sequence[Verdicts]) -> Iterator[Part]:
    """Where a statement holds and where it falls, and why, where that is as expected."""
    falling = [each for each in machines if each.falls(statement.name)]
    expected = [each for each in falling if statement.name in each.machine.falls]
    holding = [each for each in machines if each.holds(statement.name)]
    if holding and all(statement.name not in each.machine.falls for each in holding):
        places = "everywhere" if len(holding) == len(machines) else _places(holding)
        yield Prose(f"It holds {places}. {statement.if_holds}")
    if expected:
        yield Prose(f"It falls {_places(expected)}. {statement.if_falls}")
    if falling and isinstance(falling[0], Judged):
        yield from _trace(falling[0], statement)


def _trace(judged: Judged, statement: Statement) -> Iterator[Part]:
    """The decisive steps on a machine where a statement falls."""
    result = judged.run_of(statement.name)
    reading = decisive_steps(result, statement.name)
    count = f"{len(reading.steps)} of {result.trace_length} steps"
    yield Prose(f"How it comes to that on {judged.machine.arch}, {count}:", "bold")
    yield reading
    yield Prose(f"All of it: slubtla trace {result.run_dir}", "dim")


def _texts(name: str) -> Iterator[Prose]:
    return map(Prose, TEXTS[name])


def _shape() -> Table:
    rows = [
        ["store  partial[c] = slab", "store  cpu_partial = 0"],
        ["       by this_cpu_cmpxchg()", "       smp_mb()"],
        ["load   cpu_partial", "load   partial[c], in has_cpu_slab()"],
    ]
    return Table([Column("put, on CPU c"), Column("shrink, on another CPU")], rows)


def _assumption(argument: Argued[Verdicts]) -> Table:
    rows = []
    for judged in argument.of(Role.REAL):
        own = (judged.machine.memory, judged.machine.cmpxchg)
        kin = [name for name, arch in ARCHES.items() if (arch.memory, arch.cmpxchg) == own]
        kind = CMPXCHGS[judged.machine.cmpxchg]
        rows.append(["\n".join(kin), kind.summary, "yes" if kind.fences else "no"])
    heads = ("arch", "this_cpu_cmpxchg() is", "a full barrier?")
    return Table([Column(head) for head in heads], rows)


def _reading(argument: Argued[Verdicts]) -> Iterator[Part]:
    if any(judged.holding for judged in argument.of(Role.CONTROL)):
        yield from _texts("control")
    repaired = argument.of(Role.REPAIRED)
    if any(judged.falls("CasesExhaustive") and judged.holds("NoLeak") for judged in repaired):
        yield from _texts("harmless")


def _answer(answer: Answer) -> Iterator[Part]:
    style = _ANSWERED.get(answer.word, "bold yellow")
    yield Prose(f"(am I correct?)  {answer.headline}", style)
    yield from map(Prose, answer.reasons)
    if answer.word is Word.NO:
        yield from _texts("reply")
    for surprise in answer.surprises:
        yield Prose(
            f"Not as expected: {surprise.statement} on {surprise.machine} should be "
            f"{surprise.expected}, and is {surprise.found}.",
            "bold red",
        )
    if answer.undecided:
        yield Prose(f"Not decided: {', '.join(answer.undecided)}.", "bold yellow")


def _repairs() -> Table:
    rows: list[list[str | TableCell]] = []
    for name in _REPAIRS:
        entry, command = SLUB.strategies[name], f"slubtla verify --strategy {name}"
        rows.append([name, TableCell(f"{entry.summary}: {entry.source}", below=command)])
    return Table([Column("strategy"), Column("what it does")], rows)


def _other_repairs(argument: Argued[Verdicts]) -> Iterator[Part]:
    checked = "The first was checked above; the" if argument.of(Role.REPAIRED) else "The"
    yield Prose(
        f"{checked} others ask nothing of the put: they make every CPU go through a full fence. "
        "`slubtla matrix` has them all, on every architecture."
    )
    yield from _texts("plain_wait")


def _reach(argument: Argument) -> Iterator[Part]:
    every = (run for judged in argument.machines for run in judged.runs)
    runs = list({(run.run_dir, run.provenance.started_at): run for run in every}.values())
    model = model_of(runs[0])
    bounds = f"{model.cpus} CPUs, {model.tasks} putting tasks, {model.slabs} slabs" if model else ""
    searched = sum(run.stats.distinct or 0 for run in runs)
    seconds = sum(run.provenance.wall_seconds for run in runs)
    yield Prose(
        f"{len(runs)} runs, {searched:,} distinct states, {seconds:,.0f} s of TLC: the code of "
        f"Linux v4.0, on {bounds} and the shrinker. What the model leaves out is in the header "
        f"of its specification. {TEXTS['caveat'][0]}"
    )
    yield from _texts("see_also")


def _places(judged: Iterable[Verdicts]) -> str:
    """Say where: ``on s390, and on the machine that the mail assumes``."""
    machines = [each.machine for each in judged]
    real = [machine.arch for machine in machines if machine.role is Role.REAL]
    places = [f"on {listed(real)}"] if real else []
    if any(machine.role is Role.ASSUMED for machine in machines):
        places.append("on the machine that the mail assumes")
    return ", and ".join(places)
