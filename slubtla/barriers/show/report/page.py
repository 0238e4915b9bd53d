"""The report: one HTML file that opens by a double click, with no network and no server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from slubtla._version import __version__
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.model import model_of
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.report.answer import answer_of
from slubtla.barriers.show.report.assets import (
    PLACE,
    colours_css,
    explorer_css,
    explorer_js,
    text_of,
)
from slubtla.barriers.show.report.content import Section, flat, sections_of, share_provenance
from slubtla.barriers.show.report.grid import grid_of
from slubtla.barriers.show.report.plots import plots_of
from slubtla.barriers.suite.report import Checked, Proof
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

Results = Result | Matrix | Iterable[Result | Matrix]
"""One run, one matrix, or some of both."""


@dataclass(frozen=True, slots=True)
class _Mutants:
    """The mutants of a proof, and how many of them did what they must."""

    models: tuple[Checked, ...]

    @property
    def sum(self) -> str:
        right = sum(each.as_expected and each.found is not None for each in self.models)
        return f"{right} of {len(self.models)} mutants showed what they must."


def html_report(results: Results, *, title: str | None = None, proof: Proof | None = None) -> str:
    """Return the report as HTML.

    Args:
        results: what is reported; at least one run.
        title: a line above the question; the question alone when None.
        proof: what ``slubtla mutate`` or ``prove`` found, for the section on mutants; without it
            there is no such section.

    Raises:
        UsageError: there is no run.
    """
    given = (results,) if isinstance(results, Result | Matrix) else tuple(results)
    every = flat(given)
    if not every:
        raise UsageError("there is no run to report", next_step="give at least one Result")
    shared, sections = share_provenance(sections_of(every))
    featured = _featured(sections)
    grids = grid_of(given, sections)
    plots = plots_of(sections, featured)
    mutants = _mutants(proof)
    rest = [section for section in sections if section is not featured]
    parts = {
        "matrix": ("the matrix", grids),
        "trace": ("step by step", featured),
        "results": ("results", rest),
        "plots": ("plots", plots),
        "coverage": ("coverage", True),
        "mutants": ("mutants", mutants),
        "provenance": ("provenance", True),
        "reproduce": ("how to reproduce", True),
    }
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            version=__version__,
            answer=answer_of(every),
            contents=[(id_, name) for id_, (name, there) in parts.items() if there],
            grids=grids,
            featured=featured,
            rest=rest,
            results=sections,
            plots=plots,
            idle=list(_idle(sections)),
            finished=sum(map(_finished, sections)),
            mutants=mutants,
            checked=_checked(sections),
            shared=shared,
            commands=_commands(given),
            css=Markup(colours_css(":root") + text_of("report.css") + explorer_css()),  # noqa: S704  # our files
            js=Markup(explorer_js() + text_of("page.js")),  # noqa: S704  # likewise
        )
    )


def write_report(
    results: Results,
    path: str | Path,
    *,
    title: str | None = None,
    proof: Proof | None = None,
) -> Path:
    """Write the report into a file, whole or not at all; a file that is there is replaced.

    Args:
        results: what is reported, as for :func:`html_report`.
        path: the file.
        title: a line above the question.
        proof: what ``slubtla mutate`` or ``prove`` found.

    Returns:
        The file's path.

    Raises:
        UsageError: there is no run, or the file cannot be written.
    """
    file = Path(path)
    content = html_report(results, title=title, proof=proof).encode()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    except OSError as error:
        raise _unwritable(file, error) from error
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        new.chmod(0o644)
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise _unwritable(file, error) from error
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return file


def _unwritable(file: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{file} cannot be written: {error.strerror}",
        next_step="name a file in a directory that exists and can be written",
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PLACE),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def _featured(sections: Sequence[Section]) -> Section | None:
    """The counterexample to be seen first: the mail's on x86, else the mail's, else the first."""
    told = [section for section in sections if section.told]

    def rank(section: Section) -> int:
        model = model_of(section.result)
        if model is None or model.strategy != "smp_mb":
            return 2
        return 0 if model.arch == "x86" else 1

    return min(told, key=rank, default=None)


def _finished(section: Section) -> bool:
    """Whether every action has had its chance to fire."""
    verdict = section.result.verdict.kind
    return bool(section.actions) and verdict in {VerdictKind.PROVEN, VerdictKind.VACUOUS}


def _idle(sections: Sequence[Section]) -> Iterator[tuple[str, str, str]]:
    """Action, reason and runs of what never fired in a finished search."""
    found: dict[tuple[str, str], list[str]] = {}
    for section in filter(_finished, sections):
        model = model_of(section.result)
        reasons = model.idle_actions if model else {}
        for name in section.result.never_fired:
            found.setdefault((name, reasons.get(name, "")), []).append(section.id)
    for (name, reason), where in found.items():
        yield name, reason, ", ".join(where)


def _mutants(proof: Proof | None) -> _Mutants | None:
    models = tuple(model for model in proof.models if model.mutant) if proof else ()
    return _Mutants(models) if models else None


def _checked(sections: Sequence[Section]) -> Mapping[str, str]:
    """Property to its meaning, over all runs."""
    return {
        name: protocol().properties[name].summary
        if section.result.protocol and name in protocol().properties
        else ""
        for section in sections
        for name in section.result.properties
    }


def _commands(given: Sequence[Result | Matrix]) -> tuple[str, ...]:
    """What makes the runs again; each cell of a matrix by itself, which asks nothing unsaid."""
    return tuple(dict.fromkeys(result.command for result in flat(given)))
