"""What the trace explorer shows, as plain JSON: the one thing that Python tells JavaScript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypedDict

from slubtla.barriers.show.report.code import Code, code_of
from slubtla.barriers.trace.counterexample import Counterexample, Row, counterexample_of, trace_of
from slubtla.barriers.trace.pretty import pretty_value
from slubtla.barriers.trace.steps import HARDWARE
from slubtla.barriers.trace.timeline import Moment, Timeline
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result

DATA_VERSION: Final = 1
"""Rises with every change that ``explorer.js`` could notice."""

_FIRST: Final = ("cpu_partial", "min_partial", "partial")
"""The locations that decide, before all others."""

_LISTS: Final = ("node list", "full slabs", "discarded")
_NOTHING: Final = "none"


class Cpu(TypedDict):
    """A CPU after a step; see :class:`slubtla.barriers.trace.timeline.CpuState`."""

    task: str
    handler: str
    irqs_on: bool
    preempt_count: int
    buffer: list[str]
    partial: list[str]


class ExplorerStep(TypedDict):
    """One step.

    Attributes:
        number: its number in the trace; the initial state is 1.
        action: the action's name, which is the label; ``""`` for the initial state.
        cpu: the CPU; ``""`` for other specifications, as are ``context`` and ``function``.
        context: who moved.
        function: the kernel function; ``""`` where hardware moved.
        hardware: whether hardware moved.
        words: what happens.
        notes: what a reader should notice.
        set: place to its new value, for those that changed; of the first step all.
        cpus: CPU to its new state, for those that changed; of the first step all.
    """

    number: int
    action: str
    cpu: str
    context: str
    function: str
    hardware: bool
    words: str
    notes: list[str]
    set: dict[str, str]
    cpus: dict[str, Cpu]


class Wait(TypedDict):
    """A store that waits in a store buffer.

    Attributes:
        cpu: whose buffer.
        place: the location.
        value: what it stores.
        made: the step that put it into the buffer.
        drained: the step that took it to memory; None where the trace ends first.
    """

    cpu: str
    place: str
    value: str
    made: int
    drained: int | None


class ExplorerData(TypedDict):
    """A counterexample, for ``mount(root, data, options)`` of ``explorer.js``.

    Attributes:
        version: see :data:`DATA_VERSION`.
        title: verdict and subject.
        summary: what went wrong, one sentence each.
        ends: how a behaviour without an end goes on; ``""`` for one that ends.
        cpus: the CPUs in order; empty for a specification that slubtla knows nothing of.
        fatal: the step in which it went wrong; None where no single one did.
        module: the name of the module that ``code`` shows.
        places: the places in memory, or the variables, in the order in which they are shown.
        steps: the steps; each changes what stood before it.
        waits: the stores that waited.
        code: action to the lines of the specification that it comes from.
    """

    version: int
    title: str
    summary: list[str]
    ends: str
    cpus: list[str]
    fatal: int | None
    module: str
    places: list[str]
    steps: list[ExplorerStep]
    waits: list[Wait]
    code: dict[str, Code]


def explorer_data(result: Result) -> ExplorerData:
    """Return a run's counterexample for the trace explorer.

    Raises:
        UsageError: there is no counterexample, or the run directory is gone.
    """
    return data_of(counterexample_of(result))


def data_of(story: Counterexample) -> ExplorerData:
    """Return a story that is told whole for the trace explorer; see :func:`explorer_data`."""
    scene = story.timeline
    trace = trace_of(story.result)
    steps = list(_slub_steps(story, scene) if scene else _steps(story, trace))
    return ExplorerData(
        version=DATA_VERSION,
        title=story.title,
        summary=list(story.summary),
        ends=story.ends,
        cpus=list(story.cpus),
        fatal=scene.fatal if scene else None,
        module=story.result.module,
        places=_shown(steps),
        steps=steps,
        waits=_waits(scene) if scene else [],
        code=_code(story.result, trace),
    )


def _slub_steps(story: Counterexample, scene: Timeline) -> Iterator[ExplorerStep]:
    values: dict[str, str] = {}
    cpus: dict[str, Cpu] = {}
    for row in story.rows:
        moment = scene.moments[row.number]
        now, states = _places(moment), {name: _cpu(moment, name) for name in story.cpus}
        yield _step(
            row,
            {place: value for place, value in now.items() if values.get(place) != value},
            {name: state for name, state in states.items() if cpus.get(name) != state},
        )
        values, cpus = now, states


def _places(moment: Moment) -> dict[str, str]:
    """Locations, those that decide first, and behind them the lists that no buffer can hold."""
    rank = {name: index for index, name in enumerate(_FIRST)}
    memory = dict(
        sorted(moment.memory.items(), key=lambda at: rank.get(at[0].split("[")[0], len(rank)))
    )
    lists = zip(_LISTS, (moment.node_list, moment.full, moment.discarded), strict=True)
    return memory | {name: ", ".join(slabs) or _NOTHING for name, slabs in lists}


def _shown(steps: Sequence[ExplorerStep]) -> list[str]:
    """All places, but of memory only those that change or are what the race is about."""
    places = list(steps[0]["set"])
    if not steps[0]["cpus"]:
        return places
    kept = {*_LISTS, *(place for step in steps[1:] for place in step["set"])}
    return [place for place in places if place in kept or place.split("[")[0] in _FIRST]


def _cpu(moment: Moment, name: str) -> Cpu:
    state = moment.cpus[name]
    return Cpu(
        task=state.task,
        handler=state.handler,
        irqs_on=state.irqs_on,
        preempt_count=state.preempt_count,
        buffer=list(state.buffer),
        partial=list(state.partial),
    )


def _steps(story: Counterexample, trace: Trace) -> Iterator[ExplorerStep]:
    """Of any other specification: the variables' values, where they changed."""
    texts: Mapping[str, str] = {}
    for row, step in zip(story.rows, trace.steps, strict=True):
        now = dict(step.values.texts)
        changed = [name for name in now if texts.get(name) != now[name]]
        yield _step(row, {name: pretty_value(step.values[name]) for name in changed}, {})
        texts = now


def _step(row: Row, changed: dict[str, str], cpus: dict[str, Cpu]) -> ExplorerStep:
    return ExplorerStep(
        number=row.number,
        action=row.action,
        cpu=row.cpu,
        context=row.context,
        function=row.function,
        hardware=row.context in HARDWARE,
        words=row.words,
        notes=list(row.notes),
        set=changed,
        cpus=cpus,
    )


def _waits(scene: Timeline) -> list[Wait]:
    return [
        Wait(
            cpu=store.cpu,
            place=store.location,
            value=store.value,
            made=store.made,
            drained=store.drained,
        )
        for store in scene.stores
    ]


def _code(result: Result, trace: Trace) -> dict[str, Code]:
    spec = result.spec_path.read_text(encoding="utf-8")
    found: dict[str, Code] = {}
    for step in trace.steps:
        if step.action is None or step.action in found:
            continue
        code = code_of(step, result.module, spec)
        if code is not None:
            found[step.action] = code
    return found
