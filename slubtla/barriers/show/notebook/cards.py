"""Build the HTML card or plain text that a notebook displays for a result."""

from __future__ import annotations

import secrets
from typing import Final

from markupsafe import Markup

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.names import listed
from slubtla.barriers.show.cost import cost_table
from slubtla.barriers.show.formats import plain_text
from slubtla.barriers.show.html import render
from slubtla.barriers.show.matrix import matrix_table
from slubtla.barriers.show.plots import inline_plot
from slubtla.barriers.show.proof import proof_tables
from slubtla.barriers.show.report.sections import sections_of
from slubtla.barriers.show.sweep import growth_table, left_out, sizes_table
from slubtla.barriers.suite.proof import Proof
from slubtla.barriers.table import SIGNS, Card, Column, Fold, Table
from slubtla.barriers.trace.changes import changes, pretty_change
from slubtla.barriers.trace.values import pretty_binding
from slubtla.registry import view
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

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
    (section,) = sections_of([result])
    story = section.story
    title = f"Swim lanes: {section.subject}"
    return Card(
        head=f"{SIGNS[result.verdict.kind]} {result.verdict}",
        kind=result.verdict.kind,
        subject=section.subject,
        pictures=_drawn("lanes:draw_untitled", title, story) if story and story.cpus else (),
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
        subject=f"of {len(trace.variables)} variables",
        folds=[Fold("The steps", table, shown=len(rows) <= _LONG)],
    )


def matrix_card(matrix: Matrix) -> Card:
    """Return the card of a matrix."""
    kinds = [cell.result.verdict.kind for cell in matrix.cells]
    proven, violated = kinds.count(VerdictKind.PROVEN), kinds.count(VerdictKind.VIOLATED)
    return Card(
        head=f"{len(kinds)} cells",
        subject=f"{proven} PROVEN, {violated} VIOLATED, {len(kinds) - proven - violated} other",
        pictures=_drawn("matrix:verdict_matrix", "Verdicts: strategies by architectures", matrix),
        folds=[Fold("As a table", matrix_table(matrix))],
    )


def sweep_card(sweep: Sweep) -> Card:
    """Return the card of a sweep."""
    whole = [size.result for size in sweep.sizes if size.states is not None]
    return Card(
        head=f"{len(sweep.sizes)} sizes",
        subject=sweep.name,
        sentences=[
            *(
                f"One more of {each.bound.replace('_', ' ')} multiplies the states by about "
                f"{each.factor:.1f}."
                for each in sweep.growth
            ),
            *left_out(sweep),
        ],
        pictures=_drawn("growth:growth_lines", "States against the bound that differs", *whole),
        folds=[
            Fold("The sizes", sizes_table(sweep), shown=True),
            Fold("The next sizes, estimated", growth_table(sweep)),
        ],
    )


def cost_card(costs: Costs) -> Card:
    """Return the card of costs."""
    units = listed(list(dict.fromkeys(f"{c.unit}s" for c in costs.counting.counters.values())))
    return Card(
        head=f"{len(costs.costs)} costs",
        subject=f"in {units}",
        pictures=_drawn("cost:cost_bars", units, costs),
        folds=[Fold("As a table, with what it means", cost_table(costs))],
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


def _drawn(place: str, title: str, *drawn: object) -> tuple[Markup, ...]:
    return inline_plot(place, *drawn, name=_fresh_id(), title=title)
