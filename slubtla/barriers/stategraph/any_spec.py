"""The state graph of a specification of the user's own, from the directory of a run of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slubtla.barriers.stategraph.kinds import Kind
from slubtla.barriers.stategraph.making import MOST, failure_of, searched
from slubtla.barriers.stategraph.reading import read_dump
from slubtla.errors import CannotRunError, UsageError
from slubtla.tlc.run.instrument import overlay_name
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.text.cfg import without_checks

if TYPE_CHECKING:
    import networkx as nx

_MODULE: Final = "Graph"
_BOUND: Final = "SlubtlaAtMost"


def make_spec_graph(
    result: Result, *, settings: Settings | None = None, most: int = MOST
) -> nx.DiGraph:
    """Have TLC make the state graph of what a run of :func:`slubtla.check_spec` checked.

    The cfg's constants, constraints, symmetry and view hold as in the run; properties are not
    checked again. The last state of the run's counterexample, if it has one, is marked.

    Args:
        result: the run; its directory must be there.
        settings: how to run; nothing is kept of the run.
        most: states; TLC stops at the first one more.

    Returns:
        The graph of :func:`read_dump`. A node has its ``kind``, what
        ``falls`` there, and ``open``; an edge ``context`` and ``cpu``, which are empty. The graph
        has its ``subject`` and what ``fell``.

    Raises:
        UsageError: the specification has more states, or the directory is gone.
        CannotRunError: TLC did not come to its end.
    """
    source = result.spec_path.parent
    argv = result.provenance.argv
    cfg = source / argv[argv.index("-config") + 1]
    told = overlay_name(result.module)  # laid over the specification where its cfg was changed
    module = told if cfg.stem == told else result.module
    texts = {
        f"{_MODULE}.tla": f"---- MODULE {_MODULE} ----\nEXTENDS {module}\nLOCAL INSTANCE TLC\n"
        f'{_BOUND} == TLCGet("distinct") <= {most}\n====\n',
        f"{_MODULE}.cfg": f"{without_checks(cfg.read_text(encoding='utf-8'))}\n"
        f"INVARIANT {_BOUND}\n",
    }
    own = replace(settings or Settings(), library=(source,), classpath=_classpath(result))
    with searched(result.name, texts, own) as (run, dump):
        report = run.report
        if any(violation.property_name == _BOUND for violation in report.violations):
            raise UsageError(
                f"{result.name} has more than {most:,} states: TLC was stopped there, at depth "
                f"{report.stats.depth or '?'}, with {report.stats.queue or 0:,} still to look at",
                next_step="give smaller constants in the cfg and check it again; or allow more: "
                "--most",
            )
        if said := failure_of(run):
            raise CannotRunError(
                f"{result.name}: TLC made no state graph: {said}",
                next_step=f"see whether it runs: {result.command}",
            )
        graph = read_dump(dump)
    _mark(graph, result)
    return graph


def _classpath(result: Result) -> tuple[Path, ...]:
    return tuple(map(Path, result.provenance.classpath_sha256))


def _mark(graph: nx.DiGraph, result: Result) -> None:
    """Mark the state in which the counterexample ends, and give each part what a plot wants."""
    fell, last = "", None
    if result.verdict.kind is VerdictKind.VIOLATED and result.trace is not None:
        fell, last = result.verdict.detail, result.trace.states[-1]
    graph.graph.update(subject=result.name, fell=fell)
    for _, data in graph.nodes(data=True):
        data.pop("marks")
        ends = last is not None and data["state"] == last
        data.update(
            kind=Kind.END if ends else Kind.STATE, falls=(fell,) if ends else (), open=False
        )
    for _, _, data in graph.edges(data=True):
        data.update(context="", cpu="")
