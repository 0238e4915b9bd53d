"""Have TLC make a state graph: of a model, or of a specification of the user's own."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from slubtla.barriers.labels import labels_of, read_labels
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import PropertyKind, protocol
from slubtla.barriers.render import MEMORY_FILE, Rendered, render
from slubtla.barriers.stategraph.dump import read_dump
from slubtla.barriers.stategraph.paths import mark_open
from slubtla.barriers.trace.steps import Transition
from slubtla.barriers.trace.values import show
from slubtla.barriers.views import StateKind, Views, views_of
from slubtla.errors import CannotRunError, UsageError
from slubtla.tlc.engine import Ended, TlcOptions
from slubtla.tlc.engine.argv import GRAPH
from slubtla.tlc.output import TraceStep
from slubtla.tlc.run.check import run_unrecorded
from slubtla.tlc.run.instrument import overlay_name
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.run import Run
from slubtla.tlc.run.rundir import run_directory
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.text.cfg import read_cfg, without_checks

if TYPE_CHECKING:
    import networkx as nx

MOST: Final = 4000
"""Default limit on the states of a graph."""

STATE: Final = StateKind("state", "a state", marker="o")
"""The kind of a state of a user's specification."""

END: Final = StateKind("end of the counterexample", "the counterexample ends here", marker="X")
"""The kind of the state in which the run's counterexample ends."""

_GRAPH: Final = "Graph"
_BOUND: Final = "SlubtlaAtMost"
_FALLS: Final = "Falls_"


def small_model(model: Model | None = None, **parameters: Any) -> Model:  # noqa: ANN401 - of Model
    """Return a model suited to a state graph.

    Symmetry is off: TLC would replace a successor by a permuted state, and the edge would no longer
    be one CPU's step. The argument's properties are added where they apply, since they bring the
    history variables.

    Args:
        model: the model; or leave it out and give its ``parameters``. Those that are not given
            come from ``[small]`` in ``views.toml``.
        parameters: as for :func:`slubtla.barriers.model.make_model`.

    Raises:
        UsageError: as :func:`slubtla.barriers.model.make_model`.
    """
    if model is None:
        model = make_model(**dict(views_of(protocol().name).small) | parameters)
    safety = tuple(p for p in model.properties if p not in model.liveness)
    properties = safety or model.protocol.promised()
    fit = model.model_dump() | {"symmetry": False, "stuck": None, "properties": properties}
    history = model.protocol.of_kind(PropertyKind.ARGUMENT)
    try:
        return make_model(**fit | {"properties": (*properties, *history)})
    except UsageError:  # the argument does not apply to this model
        return make_model(**fit)


def make_graph(
    model: Model, *, settings: Settings | None = None, most: int = MOST, pinned: bool = True
) -> nx.DiGraph:
    """Have TLC make the state graph of a model.

    Args:
        model: the model; see :func:`small_model`.
        settings: how to run; nothing is kept of the run.
        most: limit on states; with more, TLC stops and UsageError is raised.
        pinned: whether each task stays on one CPU of its own and the scheduler takes no steps, so
            that no two states differ only in which CPU runs which task.

    Returns:
        The graph of :func:`read_dump`. A node has its ``kind``, the properties that fall there
        (``falls``), and ``open``: whether a bad state can be reached. An edge has the context
        that takes the step (``context``) and its ``cpu``. The graph has its ``model``
        and ``pinned``.

    Raises:
        UsageError: the model has more than ``most`` states; or its tasks cannot be pinned.
        CannotRunError: TLC did not finish.
        As :func:`slubtla.barriers.verify.verify`.
    """
    if most < 1:
        raise UsageError(f"at most {most} states", next_step="give 1 or more")
    if pinned:
        _require_cpus(model)
    settings = settings or Settings()
    rendered = render(model, specs=settings.specs)
    views = views_of(model.protocol.name)
    watchers = watchers_of(model, views)
    texts = {
        f"{_GRAPH}.tla": _module(model.protocol.module, watchers, most),
        f"{rendered.module}.tla": rendered.spec,
        MEMORY_FILE: rendered.memory,
        f"{_GRAPH}.cfg": _cfg(rendered, pinned=pinned),
    }
    smaller = _smaller(model, most=most, pinned=pinned)
    again = "see whether `slubtla verify` runs this model, or give it more time"
    with _searched(model.name, texts, settings, smaller=smaller, again=again, most=most) as dump:
        graph = read_dump(dump, watchers)
    graph.graph.update(model=model, pinned=pinned)
    for _, data in graph.nodes(data=True):
        marks = data.pop("marks")
        data.update(kind=kind_of(marks, views, model.argument), falls=falling(marks))
    _name_movers(graph, rendered.spec)
    mark_open(graph)
    return graph


def make_spec_graph(
    result: Result, *, settings: Settings | None = None, most: int = MOST
) -> nx.DiGraph:
    """Have TLC make the state graph of what a run of :func:`slubtla.check_spec` checked.

    The cfg's constants, constraints, symmetry and view hold as in the run; properties are not
    checked again. The last state of the run's counterexample, if it has one, is marked.

    Args:
        result: the run; its directory must be there.
        settings: how to run; nothing is kept of the run.
        most: limit on states; with more, TLC stops and UsageError is raised.

    Returns:
        The graph of :func:`read_dump`, with the attributes that :func:`make_graph` gives; ``open``
        is False, and ``context`` and ``cpu`` are empty. The graph has its ``subject`` (the
        run's name) and ``fell`` (the violated property).

    Raises:
        UsageError: the specification has more states, or the directory is gone.
        CannotRunError: TLC did not finish.
    """
    source = result.spec_path.parent
    argv = result.provenance.argv
    cfg = source / argv[argv.index("-config") + 1]
    overlay = overlay_name(result.module)  # the instrumented module, if TLC checked that
    module = overlay if cfg.stem == overlay else result.module
    texts = {
        f"{_GRAPH}.tla": f"---- MODULE {_GRAPH} ----\nEXTENDS {module}\nLOCAL INSTANCE TLC\n"
        f'{_BOUND} == TLCGet("distinct") <= {most}\n====\n',
        f"{_GRAPH}.cfg": f"{without_checks(cfg.read_text(encoding='utf-8'))}\nINVARIANT {_BOUND}\n",
    }
    jars = tuple(map(Path, result.provenance.classpath_sha256))
    own = replace(settings or Settings(), library=(source,), classpath=jars)
    smaller = "give smaller constants in the cfg and check it again; or allow more: --most"
    again = f"see whether it runs: {result.command}"
    with _searched(result.name, texts, own, smaller=smaller, again=again, most=most) as dump:
        graph = read_dump(dump)
    fell, last = "", None
    if result.verdict.kind is VerdictKind.VIOLATED and result.trace is not None:
        fell, last = result.verdict.detail, result.trace.states[-1]
    graph.graph.update(subject=result.name, fell=fell)
    for _, data in graph.nodes(data=True):
        data.pop("marks")
        ends = last is not None and data["state"] == last
        data.update(kind=END if ends else STATE, falls=(fell,) if ends else (), open=False)
    for _, _, data in graph.edges(data=True):
        data.update(context="", cpu="")
    return graph


@contextlib.contextmanager
def _searched(  # noqa: PLR0913 - how to run, and what to say when it fails
    name: str,
    texts: Mapping[str, str],
    settings: Settings,
    *,
    smaller: str,
    again: str,
    most: int,
) -> Iterator[Iterator[str]]:
    """Run TLC on the root module in a temporary directory; yield the lines of its dump.

    Args:
        name: what is searched.
        texts: modules and cfg by file name, the root first.
        settings: how to run; one worker, so that the graph is always the same one.
        smaller: the next step of the error for too many states.
        again: the next step of the error for a failed search.
        most: states.
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
        report = run.report
        if run.exit.foreign:
            java = "name a Java that runs TLC: --java JAVA"
            raise CannotRunError(f"{name}: {run.exit.foreign}", next_step=java)
        if any(violation.property_name == _BOUND for violation in report.violations):
            raise UsageError(
                f"{name} has more than {most:,} states: TLC was stopped there, at depth "
                f"{report.stats.depth or '?'}, with {report.stats.queue or 0:,} still on the queue",
                next_step=smaller,
            )
        if said := _failure(run):
            raise CannotRunError(f"{name}: TLC made no state graph: {said}", next_step=again)
        graph = directory.work / GRAPH
        with graph.open(encoding="utf-8") if graph.exists() else io.StringIO() as lines:
            yield lines


def _failure(run: Run) -> str:
    """Why TLC did not search all states, in its words; ``""`` where it did."""
    report = run.report
    if run.exit.ended is not Ended.EXITED or run.exit.returncode != 0 or not report.success:
        return report.errors[0].text.splitlines()[0] if report.errors else run.exit.ended.value
    return report.unreadable[0] if report.unreadable else ""


def watchers_of(model: Model, views: Views) -> Mapping[str, str]:
    """Return predicates by the name of a watcher.

    A watcher is an action that changes nothing and is enabled iff the predicate holds, so that its
    self-loop marks the state.
    """
    falls = {f"{_FALLS}{name}": f"~{name}" for name in model.invariants}
    if not model.argument:  # no history variables
        return falls
    return falls | {kind.watcher: kind.holds for kind in views.states if kind.holds}


def falling(marks: frozenset[str]) -> tuple[str, ...]:
    """Return the properties that do not hold in a state, from the watchers enabled in it."""
    return tuple(sorted(mark.removeprefix(_FALLS) for mark in marks if mark.startswith(_FALLS)))


def kind_of(marks: frozenset[str], views: Views, argument: tuple[str, ...] = ()) -> StateKind:
    """Return the first kind in ``views.toml`` that fits the state.

    Args:
        marks: the watchers enabled in it.
        views: the kinds.
        argument: properties of the argument; their violation does not count for ``falls = "*"``.
    """
    falls = set(falling(marks))
    for kind in views.states:
        wrong = falls - set(argument) if kind.falls == "*" else falls & {kind.falls}
        if wrong or kind.watcher in marks or not (kind.falls or kind.holds):
            return kind
    return STATE


def _require_cpus(model: Model) -> None:
    tasks = model.tasks + 1 + bool(model.allocations)
    later = model.strategy.asynchronous or any(
        label.touches("work", "store") for label in labels_of(model).values()
    )
    if later or tasks > model.cpus:
        why = (
            "a worker needs a CPU later on"
            if later
            else f"{tasks} tasks in all on {model.cpus} CPUs"
        )
        raise UsageError(
            f"{model.name}: not every task can stay on a CPU of its own: {why}",
            next_step="let the scheduler move them: --no-pinned",
        )


def _module(module: str, watchers: Mapping[str, str], most: int) -> str:
    """A module that extends the model's by the state limit, the pinned start and the watchers."""
    everyone = "\\A x \\in Contexts : \\E cpu \\in CPUS : p[cpu] = x"
    lines = [
        f"---- MODULE {_GRAPH} ----",
        f"EXTENDS {module}",
        f'{_BOUND} == TLCGet("distinct") <= {most}',
        "Pinned == current' = current",
        f"PinnedInit == Init /\\ current = CHOOSE p \\in Placements : {everyone}",
        *(f"{name} == {holds} /\\ UNCHANGED vars" for name, holds in watchers.items()),
        "GraphNext == " + " \\/ ".join(["Next", "Machine", "Rest", *watchers]),
        "====",
    ]
    return "\n".join([*lines, ""])


def _cfg(rendered: Rendered, *, pinned: bool) -> str:
    constants = read_cfg(rendered.cfg).constants
    start = ["INIT PinnedInit", "ACTION_CONSTRAINT Pinned"] if pinned else ["INIT Init"]
    given = [f"    {name} = {value}" for name, value in constants.items()]
    return "\n".join([*start, "NEXT GraphNext", f"INVARIANT {_BOUND}", "CONSTANTS", *given, ""])


def _smaller(model: Model, *, most: int, pinned: bool) -> str:
    """Options that make the model smaller, bounds first."""
    least = {name: parameter.least for name, parameter in model.protocol.parameters.items()}
    bounds = {
        f"--{bound} {least[bound]}": getattr(model, bound) > least[bound]
        for bound in views_of(model.protocol.name).alike
    }
    ways = bounds | {
        "--memory tso": model.memory.reorders_stores,
        "--no-preemption": model.preemption,
    }
    words = ", ".join(way for way, helps in ways.items() if helps)
    steps = [f"make the model smaller: {words}"] if words else []
    steps += [] if pinned else ["pin the tasks to CPUs: --pinned"]
    return "; or ".join([*steps, f"allow more than {most:,} states: --most"])


def _name_movers(graph: nx.DiGraph, spec: str) -> None:
    """Set the ``context`` and ``cpu`` of each edge; both are ``""`` on self-loops."""
    labels = read_labels(spec)
    for source, target, data in graph.edges(data=True):
        data.update(context="", cpu="")
        if source == target:
            continue
        before, after = graph.nodes[source]["state"], graph.nodes[target]["state"]
        step = TraceStep(2, data["action"].split(", ")[0], None, None, after)
        move = Transition(step, before, after, labels)
        data.update(context=move.context, cpu=show(move.cpu))
