"""Build the HTML card or plain text that a notebook displays for a result."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.names import listed
from slubtla.barriers.show.cost import cost_table
from slubtla.barriers.show.formats import plain_text
from slubtla.barriers.show.html import inline_svg, render
from slubtla.barriers.show.matrix import matrix_table
from slubtla.barriers.show.proof import proof_tables
from slubtla.barriers.show.report.sections import sections_of
from slubtla.barriers.show.sweep import growth_table, left_out, sizes_table
from slubtla.barriers.suite.proof import Proof
from slubtla.barriers.table import SIGNS, Card, Column, Fold, Table
from slubtla.barriers.trace.changes import changes, pretty_change
from slubtla.barriers.trace.values import pretty_binding
from slubtla.display import view
from slubtla.errors import UsageError
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONG: Final = 12
"""A longer table is folded away at first."""


def html_of(shown: object) -> str | None:
    """Return an object as HTML; None where its plain text does."""
    card: Card | None = view("card", shown)
    if card is None:
        return None
    return render("card.html.j2", card=card, anchor=f"{_fresh_id()}-step-")


def text_of(shown: object) -> str:
    """Return an object as plain text: its view on a terminal, or its ``repr`` if it has none."""
    if isinstance(shown, Trace):
        return f"Trace({len(shown.steps)} steps, {shown.kind.value})"
    found = view("terminal", shown)
    return repr(shown) if found is None else plain_text(found)


def result_card(result: Result) -> Card:
    """Return the card of a run."""
    from slubtla.barriers.show.plots.lanes import draw_lanes  # noqa: PLC0415 - only where one is drawn

    (section,) = sections_of([result])
    story = section.story
    return Card(
        head=f"{SIGNS[result.verdict.kind]} {result.verdict}",
        kind=result.verdict.kind,
        subject=section.subject,
        pictures=_drawn(partial(draw_lanes, story, titled=False), f"Swim lanes: {section.subject}")
        if story and story.cpus
        else (),
        section=section,
    )


def trace_card(trace: Trace) -> Card:
    """Return the card of a trace alone: the values of its variables, step by step."""
    first = trace.steps[0].values
    rows = [["1", "initial state", "\n".join(pretty_binding(name, first[name]) for name in first)]]
    for before, step in zip(trace.steps, trace.steps[1:], strict=False):
        if step.stuttering:
            what = "stutters for ever"
        elif step.back_to is not None:
            what = f"back to {step.back_to}"
        else:
            what = "\n".join(map(pretty_change, changes(before.values, step.values)))
        rows.append([str(step.number), step.action or "", what])
    table = Table([Column("#", number=True), Column("action"), Column("changes")], rows)
    return Card(
        head=f"{len(trace.steps)} steps",
        kind="",
        subject=f"of {len(trace.variables)} variables",
        folds=[Fold("The steps", table, shown=len(rows) <= _LONG)],
    )


def matrix_card(matrix: Matrix) -> Card:
    """Return the card of a matrix."""
    from slubtla.barriers.show.plots.matrix import verdict_matrix  # noqa: PLC0415 - slow to load

    kinds = [cell.result.verdict.kind for cell in matrix.cells]
    proven, violated = kinds.count(VerdictKind.PROVEN), kinds.count(VerdictKind.VIOLATED)
    table = matrix_table(matrix)
    return Card(
        head=f"{len(kinds)} cells",
        kind="",
        subject=f"{proven} PROVEN, {violated} VIOLATED, {len(kinds) - proven - violated} other",
        pictures=_drawn(partial(verdict_matrix, matrix), "Verdicts: strategies by architectures"),
        folds=[Fold("As a table", table)],
    )


def sweep_card(sweep: Sweep) -> Card:
    """Return the card of a sweep."""
    from slubtla.barriers.show.plots.growth import growth_lines  # noqa: PLC0415 - slow to load

    whole = [size.result for size in sweep.sizes if size.states is not None]
    return Card(
        head=f"{len(sweep.sizes)} sizes",
        kind="",
        subject=sweep.name,
        sentences=[
            *(
                f"One more of {each.bound.replace('_', ' ')} multiplies the states by about "
                f"{each.factor:.1f}."
                for each in sweep.growth
            ),
            *left_out(sweep),
        ],
        pictures=_drawn(partial(growth_lines, *whole), "States against the bound that differs"),
        folds=[
            Fold("The sizes", sizes_table(sweep), shown=True),
            Fold("The next sizes, estimated", growth_table(sweep)),
        ],
    )


def cost_card(costs: Costs) -> Card:
    """Return the card of costs."""
    from slubtla.barriers.show.plots.cost import cost_bars  # noqa: PLC0415 - only where one is drawn

    table = cost_table(costs)
    units = listed(list(dict.fromkeys(f"{c.unit}s" for c in costs.counting.counters.values())))
    return Card(
        head=f"{len(costs.costs)} costs",
        kind="",
        subject=f"in {units}",
        pictures=_drawn(partial(cost_bars, costs), units),
        folds=[Fold("As a table, with what it means", table)],
    )


def proof_card(proof: Proof) -> Card:
    """Return the card of a proof."""
    head, kind = "✓ as expected", str(VerdictKind.PROVEN)
    if proof.differences:
        head, kind = "✗ not as expected", str(VerdictKind.ERROR)
    elif not proof.ran:
        head, kind = "nothing was run", ""
    return Card(
        head=head,
        kind=kind,
        subject=f"{len(proof.models)} models, {proof.runs} runs, {proof.wall_seconds:.0f} s",
        sentences=[
            f"{file.file}{'' if model is None else f', {model.name}'}: {difference.message}"
            for file, model, difference in proof.differences
        ],
        folds=[Fold(title, table) for title, table in proof_tables(proof)],
    )


def _fresh_id() -> str:
    """An id that no other output of the notebook has, those of earlier sessions included."""
    return f"slubtla-{secrets.token_hex(4)}"


def _drawn(draw: Callable[[], Axes], title: str) -> tuple[Markup, ...]:
    """A picture that follows the reader's theme, or none where the runs lack what it needs."""
    try:
        return (inline_svg(draw(), _fresh_id(), title),)
    except UsageError:
        return ()
