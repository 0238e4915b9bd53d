"""Assemble the report as one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.model import model_of
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.html import render
from slubtla.barriers.show.matrix import matrix_table
from slubtla.barriers.show.plots import inline_plot
from slubtla.barriers.show.report.answer import answer_of
from slubtla.barriers.show.report.sections import (
    Section,
    flat,
    run_of,
    sections_of,
    share_provenance,
)
from slubtla.barriers.show.text import idle_reasons
from slubtla.barriers.suite.proof import Proof
from slubtla.errors import UsageError
from slubtla.tlc.engine.store import write_whole
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from markupsafe import Markup

_MOST_LANES: Final = 3
_MOST_LINES: Final = 7
_FEWEST_GROWING: Final = 2

Results = Result | Matrix | Iterable[Result | Matrix]
"""One run, one matrix, or some of both."""


def html_report(results: Results, *, title: str | None = None, proof: Proof | None = None) -> str:
    """Return the report as HTML, with a title above the question if there is one.

    Args:
        results: what is reported; at least one run.
        title: a line above the question.
        proof: what ``slubtla mutate`` or ``prove`` found, for the section on mutants.

    Raises:
        UsageError: there is no run.
    """
    given = (results,) if isinstance(results, Result | Matrix) else tuple(results)
    every = flat(given)
    if not every:
        raise UsageError("there is no run to report", next_step="give at least one Result")
    shared, sections = share_provenance(sections_of(every))
    ids = {run_of(section.result): section.id for section in sections}
    featured = _featured(sections)
    parts = {
        "matrices": [
            matrix_table(each, lambda result: f"#{ids[run_of(result)]}")
            for each in given
            if isinstance(each, Matrix)
        ],
        "featured": featured,
        "rest": [section for section in sections if section is not featured],
        "plots": list(_plots(sections, featured)),
        "mutants": [model for model in proof.models if model.mutant] if proof else [],
    }
    contents = {
        "matrix": ("the matrix", parts["matrices"]),
        "trace": ("step by step", featured),
        "results": ("results", parts["rest"]),
        "plots": ("plots", parts["plots"]),
        "coverage": ("coverage", True),
        "mutants": ("mutants", parts["mutants"]),
        "provenance": ("provenance", True),
        "reproduce": ("how to reproduce", True),
    }
    return render(
        "report.html.j2",
        title=title,
        answer=answer_of(every),
        contents=[(id_, name) for id_, (name, there) in contents.items() if there],
        results=sections,
        idle=list(_idle(sections)),
        finished=sum(map(_finished, sections)),
        checked=_checked(sections),
        shared=shared,
        commands=dict.fromkeys(result.command for result in every),
        **parts,
    )


def write_report(
    results: Results, path: str | Path, *, title: str | None = None, proof: Proof | None = None
) -> Path:
    """Write :func:`html_report` into a file, whole or not at all; return the file's path.

    Raises:
        UsageError: there is no run, or the file cannot be written.
    """
    file = Path(path)
    content = html_report(results, title=title, proof=proof).encode()
    try:
        file.parent.stat()  # a directory that is not there is not made
        write_whole(file, content)
        file.chmod(0o644)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}",
            next_step="name a file in a directory that exists and can be written",
        ) from error
    return file


def _featured(sections: Sequence[Section]) -> Section | None:
    """The counterexample to be seen first: the example's, on the default arch if it can be."""

    def rank(section: Section) -> int:
        model = model_of(section.result)
        if model is None or model.strategy != model.protocol.example_strategy:
            return 2
        return 0 if model.arch == model.protocol.default_arch else 1

    return min((section for section in sections if section.story), key=rank, default=None)


def _plots(sections: Sequence[Section], featured: Section | None) -> Iterator[tuple[str, Markup]]:
    """Captions and plots: those that the runs have the numbers for.

    Swim lanes and coverage of each run, where there are few, else of the featured one. The search
    over time, where there are few runs. The growth, where the finished runs differ in one bound.
    """
    few = len(sections) <= _MOST_LANES
    chosen = list(sections) if few else [featured] if featured else []
    plots: list[tuple[str, str, str, list[object]]] = []
    for each in chosen:
        if each.story and each.result.protocol:
            caption = f"Swim lanes: {each.result.verdict}, {each.subject}. Time goes down."
            plots.append((f"lanes-{each.id}", "lanes:draw_untitled", caption, [each.story]))
    for each in chosen:
        if each.actions:
            caption = f"How often each action fired: {each.subject}."
            plots.append((f"coverage-{each.id}", "coverage:coverage_bars", caption, [each.result]))
    results = [section.result for section in sections]
    if len(results) <= _MOST_LINES:
        caption = "States and queue over time."
        plots.append(("progress", "progress:search_progress", caption, [*results]))
    proven = [result for result in results if result.verdict.kind is VerdictKind.PROVEN]
    if len(proven) >= _FEWEST_GROWING:
        caption = "States against the bound that differs."
        plots.append(("growth", "growth:growth_lines", caption, [*proven]))
    for name, place, caption, drawn in plots:
        id_ = name.replace("_", "-").replace(".", "-")
        for svg in inline_plot(place, *drawn, name=id_, title=caption):
            yield caption, svg


def _finished(section: Section) -> bool:
    """Whether every action has had its chance to fire."""
    kind = section.result.verdict.kind
    return bool(section.actions) and kind in {VerdictKind.PROVEN, VerdictKind.VACUOUS}


def _idle(sections: Sequence[Section]) -> Iterator[tuple[str, str, str]]:
    """Action, reason and runs of what never fired in a finished search."""
    found: dict[tuple[str, str], list[str]] = {}
    for section in filter(_finished, sections):
        reasons = idle_reasons(section.result)
        for name in section.result.never_fired:
            found.setdefault((name, reasons.get(name, "")), []).append(section.id)
    for (name, reason), where in found.items():
        yield name, reason, ", ".join(where)


def _checked(sections: Sequence[Section]) -> Mapping[str, str]:
    """Property to its meaning, over all runs."""
    known = protocol().properties
    return {
        name: known[name].summary if section.result.protocol and name in known else ""
        for section in sections
        for name in section.result.properties
    }
