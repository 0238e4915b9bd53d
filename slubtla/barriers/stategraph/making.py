"""The state graph of a model, made by TLC: within a number of states that TLC itself keeps to."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.labels import read_labels
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import PropertyKind
from slubtla.barriers.render import Rendered, render
from slubtla.barriers.stategraph.kinds import falling, kind_of, watchers_of
from slubtla.barriers.stategraph.paths import mark_open
from slubtla.barriers.stategraph.reading import read_dump
from slubtla.barriers.trace.steps import Transition
from slubtla.barriers.trace.values import show
from slubtla.errors import CannotRunError, UsageError
from slubtla.tlc.engine import Ended, TlcOptions
from slubtla.tlc.engine.argv import GRAPH
from slubtla.tlc.output import TraceStep
from slubtla.tlc.run.check import run_unrecorded
from slubtla.tlc.run.run import Run
from slubtla.tlc.run.rundir import run_directory
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.text.cfg import read_cfg

if TYPE_CHECKING:
    import networkx as nx

MOST: Final = 4000
"""How many states a graph has at most, where nothing else is said."""

_GRAPH: Final = "Graph"
_BOUND: Final = "AtMost"
SMALL: Final[Mapping[str, Any]] = {"tasks": 1, "slabs": 1, "preemption": False, "symmetry": False}
"""The bounds of a model that is fit for a graph, where nothing else is said."""


def small_model(model: Model | None = None, **parameters: Any) -> Model:  # noqa: ANN401 - of Model
    """Return a model that is fit for a graph.

    Without symmetry, since a step to a state with other names for the same CPUs is no step of any
    CPU; with the mail's sentences, and so the history, where the strategy is a fence.

    Args:
        model: the model, with bounds of its own; or leave it out and give its ``parameters``, of
            which the bounds are one task and one slab, without preemption, unless they are given.
        parameters: as for :func:`slubtla.barriers.model.make_model`.

    Raises:
        UsageError: as :func:`slubtla.barriers.model.make_model`.
    """
    if model is None:
        model = make_model(**dict(SMALL) | parameters)
    safety = tuple(p for p in model.properties if p not in model.liveness)
    properties = safety or model.protocol.promised()
    fit = {"symmetry": False, "stuck": None}
    told = model.model_dump() | fit | {"properties": tuple(dict.fromkeys(properties))}
    sentences = model.protocol.of_kind(PropertyKind.ARGUMENT)
    try:
        return make_model(**told | {"properties": (*properties, *sentences)})
    except UsageError:  # the sentences say nothing about this model
        return make_model(**told)


def make_graph(
    model: Model, *, settings: Settings | None = None, most: int = MOST, pinned: bool = True
) -> nx.DiGraph:
    """Have TLC make the state graph of a model.

    Args:
        model: the model; see :func:`small_model`.
        settings: how to run; nothing is kept of the run.
        most: states; TLC stops at the first one more.
        pinned: whether every task has a CPU of its own from the beginning and stays there: the
            scheduler does nothing. Then no state is another one's mirror image.

    Returns:
        The graph of :func:`read_dump`. A node has its ``kind``, the
        properties that fall there (``falls``), and ``open``: whether a leak can be reached. An edge
        has who moves (``context``) and on which ``cpu``. The graph has its ``model`` and
        ``pinned``.

    Raises:
        UsageError: the model has more states; or its tasks cannot be pinned.
        CannotRunError: TLC did not come to its end.
        As :func:`slubtla.barriers.verify.verify`.
    """
    if most < 1:
        raise UsageError(f"at most {most} states", next_step="give 1 or more")
    if pinned:
        _must_have_cpus(model)
    settings = settings or Settings()
    rendered = render(model, specs=settings.specs)
    watchers = watchers_of(model)
    texts = {
        f"{_GRAPH}.tla": _module(model.protocol.module, watchers, most),
        f"{rendered.module}.tla": rendered.spec,
        f"{_GRAPH}.cfg": _cfg(rendered, pinned=pinned),
    }
    with searched(model.name, texts, settings) as (run, dump):
        _require_all_states(run, model, most=most, pinned=pinned)
        graph = read_dump(dump, watchers)
    graph.graph.update(model=model, pinned=pinned)
    for _, data in graph.nodes(data=True):
        marks = data.pop("marks")
        data.update(kind=kind_of(marks, model.argument), falls=falling(marks))
    _name_movers(graph, rendered.spec)
    mark_open(graph)
    return graph


def _must_have_cpus(model: Model) -> None:
    tasks = model.tasks + 1 + bool(model.allocations)
    later = model.strategy.asynchronous or model.kernel.flush == "work"
    if later or tasks > model.cpus:
        why = "a worker needs a CPU later on" if later else f"{tasks} tasks on {model.cpus} CPUs"
        raise UsageError(
            f"{model.name}: not every task can stay on a CPU of its own: {why}",
            next_step="let the scheduler move them: --no-pinned",
        )


def _module(module: str, watchers: Mapping[str, str], most: int) -> str:
    """The module of the graph: the model's, with actions that watch and change nothing."""
    actions = [f"{name} == {holds} /\\ UNCHANGED vars" for name, holds in watchers.items()]
    everyone = "\\A x \\in Contexts : \\E cpu \\in CPUS : p[cpu] = x"
    lines = [
        f"---- MODULE {_GRAPH} ----",
        f"EXTENDS {module}",
        f'{_BOUND} == TLCGet("distinct") <= {most}',
        "Pinned == current' = current",
        f"PinnedInit == Init /\\ current = CHOOSE p \\in Placements : {everyone}",
        *actions,
        "GraphNext == " + " \\/ ".join(["Next", "Rest", *watchers]),
        "====",
    ]
    return "\n".join([*lines, ""])


def _cfg(rendered: Rendered, *, pinned: bool) -> str:
    constants = read_cfg(rendered.cfg).constants
    start = ["INIT PinnedInit", "ACTION_CONSTRAINT Pinned"] if pinned else ["INIT Init"]
    given = [f"    {name} = {value}" for name, value in constants.items()]
    return "\n".join([*start, "NEXT GraphNext", f"INVARIANT {_BOUND}", "CONSTANTS", *given, ""])


@contextlib.contextmanager
def searched(
    name: str, texts: Mapping[str, str], settings: Settings
) -> Iterator[tuple[Run, Iterator[str]]]:
    """Have TLC search the first of some modules, and yield the run and the lines of its graph.

    Args:
        name: what is searched.
        texts: modules and cfg by file name, the root first.
        settings: how to run; one worker, so that the graph is always the same one.
    """
    names = [Path(file) for file in texts]
    spec = RunSpec(
        name=name,
        command="slubtla plot graph",
        spec=names[0],
        cfg=names[-1],
        options=TlcOptions(graph=True, check_deadlock=False, coverage_minutes=0),
        texts=texts,
        instrument=False,
    )
    with (
        tempfile.TemporaryDirectory(prefix="slubtla-graph-") as place,
        run_directory(name, Path(place, "run")) as directory,
    ):
        run = run_unrecorded(spec, replace(settings, workers=1), directory)
        graph = directory.work / GRAPH
        with graph.open(encoding="utf-8") if graph.exists() else io.StringIO() as lines:
            yield run, lines


def failure_of(run: Run) -> str:
    """Return why TLC did not search all states, in its words; ``""`` where it did."""
    report = run.report
    if run.exit.ended is not Ended.EXITED or run.exit.returncode != 0 or not report.success:
        return report.errors[0].text.splitlines()[0] if report.errors else run.exit.ended.value
    return report.unreadable[0] if report.unreadable else ""


def _require_all_states(run: Run, model: Model, *, most: int, pinned: bool) -> None:
    """See that TLC found every state."""
    report = run.report
    if run.exit.foreign:
        raise CannotRunError(
            f"{model.name}: {run.exit.foreign}", next_step="name a Java that runs TLC: --java JAVA"
        )
    if any(violation.property_name == _BOUND for violation in report.violations):
        raise UsageError(
            f"{model.name} has more than {most:,} states: TLC was stopped there, at depth "
            f"{report.stats.depth or '?'}, with {report.stats.queue or 0:,} still to look at",
            next_step=_smaller(model, most=most, pinned=pinned),
        )
    if said := failure_of(run):
        raise CannotRunError(
            f"{model.name}: TLC made no state graph: {said}",
            next_step="see whether `slubtla verify` runs this model, or give it more time",
        )


def _smaller(model: Model, *, most: int, pinned: bool) -> str:
    """What would make a model smaller, the most effective first."""
    ways = {
        "--slabs 1": model.slabs > 1,
        "--tasks 1": model.tasks > 1,
        "--cpus 2": model.cpus > 2,  # noqa: PLR2004 - the smallest model
        "--interrupts 0": model.interrupts > 0,
        "--allocations 0": model.allocations > 0,
        "--objects 1": model.objects > 1,
        "--memory tso": model.memory.reorders_stores,
        "--no-preemption": model.preemption,
    }
    words = ", ".join(way for way, helps in ways.items() if helps)
    steps = [f"make the model smaller: {words}"] if words else []
    steps += [] if pinned else ["pin the tasks to CPUs: --pinned"]
    return "; or ".join([*steps, f"allow more than {most:,} states: --most"])


def _name_movers(graph: nx.DiGraph, spec: str) -> None:
    """Give each edge the context that moves, and its CPU; a step that changes nothing has none."""
    labels = read_labels(spec)
    for source, target, data in graph.edges(data=True):
        data.update(context="", cpu="")
        if source == target:
            continue
        before, after = graph.nodes[source]["state"], graph.nodes[target]["state"]
        step = TraceStep(2, data["action"].split(", ")[0], None, None, after)
        move = Transition(step, before, after, labels)
        data.update(context=move.context, cpu=show(move.cpu))
