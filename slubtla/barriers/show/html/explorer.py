"""The data of the trace explorer: a counterexample as JSON for ``explorer.js``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of, trace_of
from slubtla.barriers.trace.steps import HARDWARE, Step
from slubtla.barriers.trace.timeline import StateView, Timeline
from slubtla.barriers.trace.values import pretty_value
from slubtla.barriers.views import Views
from slubtla.tlc.output import Trace, TraceStep
from slubtla.tlc.run.result import Result

DATA_VERSION: Final = 1
"""Rises with every change that ``explorer.js`` could notice."""

ExplorerData = dict[str, Any]

_ANY_LABEL: Final = re.compile(r"[ \t]*\w+:(?!=)")
_COMMENT: Final = re.compile(r"[ \t]*\\\*")
_MOST_LINES: Final = 24
"""Lines of one action; what is longer is cut, and says so."""


def explorer_data(result: Result) -> ExplorerData:
    """Return a run's counterexample for ``mount(root, data, options)`` of ``explorer.js``.

    Returns:
        ``version``: see :data:`DATA_VERSION`. ``title``, ``summary`` and ``ends``: sentences.
        ``cpus``: in order, none for a specification of the user's own. ``fatal``: the step in
        which it went wrong, or None. ``places``: locations or variables, in the order of display.
        ``steps``: each with its ``number``, ``action``, ``cpu``, ``context``, ``function``,
        ``hardware`` (whether hardware moved), ``words``, ``notes``, and what it changed: ``set``
        (place to value) and ``cpus`` (CPU to state); the first step sets all. ``waits``: the
        stores that waited in a store buffer, from the step ``made`` to the step ``drained``.
        ``module`` and ``code``: action to the lines of the specification that it comes from.

    Raises:
        UsageError: there is no counterexample, or the run directory is gone.
    """
    return data_of(counterexample_of(result))


def data_of(story: Counterexample) -> ExplorerData:
    """Return a whole counterexample for the trace explorer; see :func:`explorer_data`."""
    timeline, trace = story.timeline, trace_of(story.result)
    steps = list(_cpu_steps(story, timeline) if timeline else _steps(story, trace))
    return {
        "version": DATA_VERSION,
        "title": story.title,
        "summary": list(story.summary),
        "ends": story.ends,
        "cpus": list(story.cpus),
        "fatal": story.fatal,
        "module": story.result.module,
        "places": _shown(steps, timeline.views if timeline else None),
        "steps": steps,
        "waits": [
            {
                "cpu": s.cpu,
                "place": s.location,
                "value": s.value,
                "made": s.made,
                "drained": s.drained,
            }
            for s in (timeline.stores if timeline else ())
        ],
        "code": _code(story.result, trace),
    }


def _cpu_steps(story: Counterexample, timeline: Timeline) -> Iterator[dict[str, Any]]:
    values: dict[str, str] = {}
    cpus: dict[str, dict[str, Any]] = {}
    for row in story.rows:
        moment = timeline.states[row.number]
        now = _places(moment, timeline.views)
        states = {name: _cpu(moment, name) for name in story.cpus}
        yield _step(row, _changed(values, now), _changed(cpus, states))
        values, cpus = now, states


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before.get(name) != value}


def _places(moment: StateView, views: Views) -> dict[str, str]:
    """Locations, those that decide first, and behind them the sets that no buffer can hold."""
    rank = {name: index for index, name in enumerate(views.first)}
    memory = sorted(moment.memory.items(), key=lambda at: rank.get(at[0].split("[")[0], len(rank)))
    sets = {views.sets[key][1]: ", ".join(held) or "none" for key, held in moment.sets.items()}
    return dict(memory) | sets


def _shown(steps: Sequence[dict[str, Any]], views: Views | None) -> list[str]:
    """All places, but of memory only those that change or are what the race is about."""
    places = list(steps[0]["set"])
    if views is None:
        return places
    sets = (shown for _, shown in views.sets.values())
    kept = {*sets, *(place for step in steps[1:] for place in step["set"])}
    return [place for place in places if place in kept or place.split("[")[0] in views.first]


def _cpu(moment: StateView, name: str) -> dict[str, Any]:
    record = moment.cpus[name].record
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in record.items()
    }


def _steps(story: Counterexample, trace: Trace) -> Iterator[dict[str, Any]]:
    """Of a specification of the user's own: the variables' values, where they changed."""
    texts: Mapping[str, str] = {}
    for row, step in zip(story.rows, trace.steps, strict=True):
        now = dict(step.values.texts)
        changed = {name: pretty_value(step.values[name]) for name in _changed(texts, now)}
        yield _step(row, changed, {})
        texts = now


def _step(row: Step, changed: dict[str, str], cpus: dict[str, Any]) -> dict[str, Any]:
    names = ("number", "action", "cpu", "context", "function")
    step = {name: getattr(row, name) for name in names}
    step |= {"hardware": row.context in HARDWARE, "words": row.words, "notes": list(row.notes)}
    return step | {"set": changed, "cpus": cpus}


def _code(result: Result, trace: Trace) -> dict[str, Any]:
    lines = result.spec_path.read_text(encoding="utf-8").splitlines()
    actions = {step.action: step for step in reversed(trace.steps) if step.action is not None}
    found = {name: _lines_of(step, result.module, lines) for name, step in actions.items()}
    return {name: code for name, code in found.items() if code}


def _lines_of(step: TraceStep, module: str, lines: list[str]) -> dict[str, Any] | None:
    """A step's PlusCal label, or its definition, with the comment above it."""
    name = re.escape(step.action or "")
    label = re.compile(rf"[ \t]*{name}:(?!=)|{name}(?:\([\w, ]*\))? ==")
    at = next((index for index, line in enumerate(lines) if label.match(line)), None)
    if at is None:
        where = step.location
        own = where is not None and where.module == module
        return _excerpt(lines, where.line - 1, where.end_line) if where and own else None
    first, end = at, at + 1
    while first > 0 and _COMMENT.match(lines[first - 1]):
        first -= 1
    goes_on = _goes_on if ":" in lines[at] else _is_indented
    while end < len(lines) and goes_on(lines[end]):
        end += 1
    return _excerpt(lines, first, end)


def _is_indented(line: str) -> bool:
    return line[:1].isspace()


def _goes_on(line: str) -> bool:
    over = not line.strip() or line.startswith(("}", "{", "process", "procedure"))
    return not (over or _ANY_LABEL.match(line) or _COMMENT.match(line))


def _excerpt(lines: list[str], first: int, end: int) -> dict[str, Any]:
    """Some lines without the indentation that they share, and the number of the first."""
    chosen = lines[first : min(end, first + _MOST_LINES)]
    shared = min((len(line) - len(line.lstrip()) for line in chosen if line.strip()), default=0)
    more = ["…"] if end > first + _MOST_LINES else []
    return {"first": first + 1, "lines": [line[shared:] for line in chosen] + more}
