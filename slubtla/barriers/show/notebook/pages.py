"""What each kind of result shows in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.campaigns.matrix import SC_COLUMN, Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.show.cost import cost_view
from slubtla.barriers.show.formats.html import steps_table
from slubtla.barriers.show.notebook.page import Block, Cell, Page, Table, drawn, fresh_id
from slubtla.barriers.show.notebook.plain import plain
from slubtla.barriers.show.proof import proof_view
from slubtla.barriers.show.report.content import Section, sections_of, sign_of
from slubtla.barriers.show.sweep import sweep_view
from slubtla.barriers.suite.report import Proof
from slubtla.barriers.trace.changes import changes
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.barriers.trace.pretty import pretty_binding, pretty_change
from slubtla.errors import UsageError
from slubtla.protocols.slub.argument import Argument, Judged, read_answer
from slubtla.protocols.slub.argument.answer import Word
from slubtla.protocols.slub.argument.statements import NAMES
from slubtla.protocols.slub.argument.view import label
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MEBIBYTE: Final = 1 << 20
_LONG: Final = 12
"""A trace of a user's own specification that is longer is folded away at first."""


_CONTROL: Final = (
    "sc is the control: under sequential consistency no variant leaks, so what holds there says "
    "nothing about barriers."
)


def html_of(shown: object) -> str | None:
    """Return an object as HTML; None where its plain text does."""
    page = page_of(shown)
    return None if page is None else page.html()


def page_of(shown: object) -> Page | None:  # noqa: PLR0911  # one for each kind
    """Return what a notebook shows of an object; None where its plain text does."""
    match shown:
        case Result():
            return _of_result(shown)
        case Trace():
            return _of_trace(shown)
        case Matrix():
            return _of_matrix(shown)
        case Sweep():
            return _of_sweep(shown)
        case Costs():
            return _of_costs(shown)
        case Proof():
            return _of_proof(shown)
        case Argument():
            return _of_argument(shown)
        case _:
            return None


def _of_result(result: Result) -> Page:
    (section,) = sections_of([result])
    error = result.verdict.kind is VerdictKind.ERROR
    warnings = [*result.warnings]
    if section.missing:
        warnings.append(f"its counterexample is not at hand: {section.missing}")
    return Page(
        verdict=f"{section.sign.text.split()[0]} {result.verdict}",
        kind=section.sign.kind,
        subject=section.subject,
        sentences=tuple(filter(None, (result.verdict.because, *_summary(section)))),
        warnings=warnings,
        pictures=_lanes(result, section),
        blocks=[
            *([Block("What TLC says", text="\n".join(result.errors), shown=True)] if error else []),
            *_steps(result, section),
            Block("Numbers", facts=_numbers(section), shown=section.told is None),
            Block("Where it comes from", facts=section.provenance),
        ],
    )


def _summary(section: Section) -> tuple[str, ...]:
    if section.told is None:
        return ()
    return (*section.told.summary, *([section.told.ends] if section.told.ends else []))


def _lanes(result: Result, section: Section) -> tuple[Markup, ...]:
    if section.told is None or not section.told.lanes:
        return ()
    from slubtla.barriers.show.plots.lanes import lanes  # noqa: PLC0415 - only where one is drawn

    return (drawn(partial(lanes, result), f"Swim lanes: {result.verdict}, {section.subject}"),)


def _steps(result: Result, section: Section) -> Iterator[Block]:
    if section.told is None or result.trace_length is None:
        return
    table = steps_table(counterexample_of(result), anchor=f"{fresh_id()}-step-")
    yield Block(
        f"All {result.trace_length} steps as a table",
        html=Markup(table),  # noqa: S704  # it escapes
        shown=not section.told.lanes and result.trace_length <= _LONG,
    )


def _numbers(section: Section) -> dict[str, str]:
    result = section.result
    checked = ", ".join(result.properties)
    facts = dict(section.numbers) | ({"checked": checked} if checked else {})
    facts |= {"again": result.command, "run": str(result.run_dir or "not kept")}
    if result.provenance.cached_at is not None:
        facts["not run"] = f"the result of a run kept at {result.provenance.cached_at}"
    return facts


def _of_trace(trace: Trace) -> Page:
    """Of a trace alone the variables are known, and no more: what it means, its result tells."""
    first = trace.steps[0].values
    rows = [("1", "initial state", "\n".join(pretty_binding(name, first[name]) for name in first))]
    for before, step in zip(trace.steps, trace.steps[1:], strict=False):
        if step.stuttering:
            what = "stutters for ever"
        elif step.back_to is not None:
            what = f"back to {step.back_to}"
        else:
            what = "\n".join(map(pretty_change, changes(before.values, step.values)))
        rows.append((str(step.number), step.action or "", what))
    table = Table(("#", "action", "changes"), rows)
    return Page(
        verdict=f"{len(trace.steps)} steps",
        kind="",
        subject=f"of {len(trace.variables)} variables",
        blocks=[Block("The steps", table=table, shown=len(rows) <= _LONG)],
    )


def _of_matrix(matrix: Matrix) -> Page:
    from slubtla.barriers.show.plots.matrix import verdict_matrix  # noqa: PLC0415 - only where one is drawn

    falls = sum(c.result.verdict.kind is VerdictKind.VIOLATED for c in matrix.cells)
    holds = sum(c.result.verdict.kind is VerdictKind.PROVEN for c in matrix.cells)
    rest = len(matrix.cells) - falls - holds
    rows: list[list[Cell]] = [
        [strategy, *(_cell(matrix, strategy, column) for column in matrix.columns)]
        for strategy in matrix.rows
    ]
    return Page(
        verdict=f"{len(matrix.cells)} cells",
        kind="",
        subject=f"{holds} hold, {falls} fall, {rest} are something else",
        sentences=(_CONTROL,) if SC_COLUMN in matrix.columns else (),
        pictures=[drawn(partial(verdict_matrix, matrix), "Verdicts: strategies by architectures")],
        blocks=[Block("As a table", table=Table(("strategy", *matrix.columns), rows))],
    )


def _cell(matrix: Matrix, strategy: str, column: str) -> Cell:
    try:
        result = matrix[strategy, column]
    except KeyError:
        return "not run"
    distinct = result.stats.distinct
    states = "" if distinct is None else f"{distinct:,}"
    proven = result.verdict.kind is VerdictKind.PROVEN
    kind = "control" if column == SC_COLUMN and proven else sign_of(result).kind
    return " ".join(filter(None, (sign_of(result).text, result.verdict.detail, states))), kind


def _of_sweep(sweep: Sweep) -> Page:
    rows: list[list[Cell]] = [
        [
            *((str(size.bounds[bound]), "number") for bound in sweep.swept),
            (str(size.result.verdict), sign_of(size.result).kind),
            (_states(size.result.stats.distinct, whole=size.states is not None), "number"),
            (f"{size.result.provenance.wall_seconds:,.1f} s", "number"),
            (_mebibytes(size.result.provenance.peak_memory_bytes), "number"),
        ]
        for size in sweep.sizes
    ]
    head = (*(b.replace("_", " ") for b in sweep.swept), "verdict", "distinct", "time", "memory")
    whole = [size.result for size in sweep.sizes if size.states is not None]
    return Page(
        verdict=f"{len(sweep.sizes)} sizes",
        kind="",
        subject=sweep.name,
        sentences=[
            f"One more of {each.bound.replace('_', ' ')} multiplies the states by about "
            f"{each.factor:.1f}."
            for each in sweep.growth
        ],
        pictures=_where_it_can(_growth, whole, "States against the bound that differs"),
        blocks=[
            Block("The sizes", table=Table(head, rows), shown=True),
            Block("The same with estimates, as text", text=plain(sweep_view(sweep))),
        ],
    )


def _growth(results: Sequence[Result]) -> Axes:
    from slubtla.barriers.show.plots.growth import growth_lines  # noqa: PLC0415 - only where one is drawn

    return growth_lines(*results)


def _where_it_can(
    draw: Callable[[Sequence[Result]], Axes], results: Sequence[Result], title: str
) -> tuple[Markup, ...]:
    """A picture, or none where the runs have not what it needs."""
    try:
        return (drawn(partial(draw, results), title),)
    except UsageError:
        return ()


def _of_costs(costs: Costs) -> Page:
    from slubtla.barriers.show.plots.cost import cost_bars  # noqa: PLC0415 - only where one is drawn

    return Page(
        verdict=f"{len(costs.costs)} costs",
        kind="",
        subject="of one shrink of all caches of a cgroup",
        pictures=[drawn(partial(cost_bars, costs), "Interrupts and grace periods")],
        blocks=[Block("As a table, with what it means", text=plain(cost_view(costs)))],
    )


def _of_proof(proof: Proof) -> Page:
    wrong = len(proof.differences)
    return Page(
        verdict="✗ not as expected" if wrong else "✓ as expected",
        kind="bad" if wrong else "good",
        subject=f"{len(proof.models)} models, {proof.runs} runs, {proof.wall_seconds:.0f} s",
        sentences=[
            f"{file.file}{'' if model is None else f', {model.name}'}: {difference.message}"
            for file, model, difference in proof.differences
        ],
        blocks=[Block("Every model", text=plain(proof_view(proof)))],
    )


def _of_argument(argument: Argument) -> Page:
    answer = read_answer(argument)
    kinds = {Word.YES: "good", Word.NO: "bad", Word.UNDECIDED: "doubt"}
    rows: list[list[Cell]] = [
        [label(judged.machine).replace("\n", " "), *(_statement(judged, name) for name in NAMES)]
        for judged in argument.machines
    ]
    return Page(
        verdict=answer.headline,
        kind=kinds[answer.word],
        subject="Is smp_mb() enough?",
        sentences=answer.reasons,
        blocks=[Block("All verdicts", table=Table(("machine", *NAMES), rows), shown=True)],
    )


def _statement(judged: Judged, name: str) -> tuple[str, str]:
    return str(judged.verdict(name).kind), sign_of(judged.run_of(name)).kind


def _states(number: int | None, *, whole: bool) -> str:
    text = "" if number is None else f"{number:,}"
    return text if whole or not text else f"({text})"


def _mebibytes(size: int | None) -> str:
    return "" if size is None else f"{size / _MEBIBYTE:,.0f} MiB"
