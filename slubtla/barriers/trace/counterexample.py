"""Read a run's counterexample into rows, the input of every trace format.

Those of a protocol are in the kernel's words; of any other specification they are actions and
changed values.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace

from slubtla.barriers.labels import Label, facts_of, read_labels
from slubtla.barriers.model import Model, model_of
from slubtla.barriers.trace.changes import changes, pretty_change
from slubtla.barriers.trace.explanation import explain
from slubtla.barriers.trace.selection import Selection
from slubtla.barriers.trace.steps import Step, machine_state
from slubtla.barriers.trace.timeline import Timeline, read_timeline
from slubtla.barriers.trace.values import pretty_binding
from slubtla.barriers.views import has_views, views_of
from slubtla.errors import UsageError
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A counterexample, or another behaviour, as it is shown.

    Attributes:
        verdict: the verdict, e.g. ``"VIOLATED(TypeOK)"``.
        subject: what was checked, one line.
        because: the verdict's own sentence.
        summary: what went wrong, one sentence each; empty where there are no words for it.
        rows: the chosen steps; the first may be the initial state.
        length: steps in the whole trace.
        ends: how a behaviour without an end goes on; ``""`` for one that ends.
        result: the run.
        timeline: what was read of the trace; None for a specification that no protocol describes.
    """

    verdict: str
    subject: str
    because: str
    summary: tuple[str, ...]
    rows: tuple[Step, ...]
    length: int
    ends: str
    result: Result
    timeline: Timeline | None

    @property
    def cpus(self) -> tuple[str, ...]:
        """The CPUs; empty without a timeline."""
        return self.timeline.cpus if self.timeline else ()

    @property
    def title(self) -> str:
        """Verdict and model."""
        return f"{self.verdict}: {self.subject}"

    @property
    def complete(self) -> bool:
        """Whether no step was left out."""
        return len(self.rows) == self.length

    @property
    def fatal(self) -> int | None:
        """Number of the step in which it went wrong; None where no single one did."""
        if self.timeline is not None and self.timeline.fatal is not None:
            return self.timeline.fatal
        if self.ends or self.result.verdict.kind is not VerdictKind.VIOLATED:
            return None
        last = trace_of(self.result).steps[-1]
        return None if last.stuttering or last.back_to is not None else self.length


def counterexample_of(result: Result, selection: Selection | None = None) -> Counterexample:
    """Read a run's counterexample.

    Args:
        result: the run.
        selection: the steps to show; all when None.

    Raises:
        UsageError: there is no counterexample, its run directory is gone, or the selection does
            not fit it.
    """
    trace = trace_of(result)
    selection = selection or Selection()
    timeline = timeline_of(result) if has_views(result.protocol) else None
    selection.check_cpu(timeline.cpus if timeline else ())
    rows = timeline.rows if timeline else tuple(_rows(trace))
    chosen = selection.numbers(rows[-1].number)
    return Counterexample(
        verdict=str(result.verdict),
        subject=subject_of(result),
        because=result.verdict.because,
        summary=timeline.summary if timeline else (),
        rows=tuple(row for row in rows if row.number in chosen and _wanted(row, selection)),
        length=len(rows),
        ends=timeline.ends if timeline else _ends(trace, chosen),
        result=result,
        timeline=timeline,
    )


def trace_of(result: Result) -> Trace:
    """Return the counterexample of a run.

    Raises:
        UsageError: there is none, or the run directory is gone.
    """
    if result.trace is None:
        raise UsageError(
            f"the run has no counterexample: its verdict is {result.verdict}",
            next_step="choose another run that is VIOLATED: of this one TLC printed no steps that "
            "can be read"
            if result.verdict.kind is VerdictKind.VIOLATED
            else "choose a run that is VIOLATED",
        )
    return result.trace


def timeline_of(result: Result, trace: Trace | None = None) -> Timeline:
    """Read a run's counterexample, or another trace of its specification.

    Args:
        result: the run.
        trace: the other trace; of such a one nothing is explained.

    Raises:
        UsageError: there is no trace, or it is of a specification of the user's own.
    """
    if result.protocol is None or not has_views(result.protocol):
        raise UsageError(
            f"{result.name} is a specification of your own: there are no CPUs to draw",
            next_step="choose --format text, md, json, itf, csv or html",
        )
    labels, views = run_labels(result), views_of(result.protocol)
    if trace is not None:
        return read_timeline(trace, labels, views)
    timeline = read_timeline(trace_of(result), labels, views)
    fell = result.verdict.detail
    summary = explain(timeline, name=result.protocol, fell=fell, labels=labels)
    return replace(timeline, summary=summary)


def run_labels(result: Result) -> Mapping[str, Label]:
    """Return the labels of a run's specification, with the facts that its templates have."""
    labels = read_labels(result.spec_path.read_text(encoding="utf-8"))
    model = model_of(result)
    known = facts_of(model) if model is not None else {}
    return {
        name: replace(label, facts=known[name].facts) if name in known else label
        for name, label in labels.items()
    }


def subject_of(result: Result) -> str:
    """Return what was checked, in one line."""
    model = model_of(result)
    return result.name if model is None else subject_of_model(model)


def subject_of_model(model: Model) -> str:
    """Return a model in one line; it names what is not the architecture's own."""
    named = model.kernel != model.protocol.default_kernel or model.strategy.sends_ipi
    kernel = f" in {model.kernel}" if named else ""  # a kick's verdict depends on it
    without = "".join(f", without {guard}" for guard in model.without)
    other = f" (not {model.arch}'s own)"
    foreign = {name: other if name in model.overridden else "" for name in ("memory", "cmpxchg")}
    cmpxchg = f"{model.cmpxchg} cmpxchg{foreign['cmpxchg']}"
    return (
        f"{model.strategy}{kernel} on {model.arch}: {model.memory} memory{foreign['memory']}, "
        f"{cmpxchg if model.kernel.has_cmpxchg else 'no cmpxchg'}{without}"
    )


def _wanted(row: Step, selection: Selection) -> bool:
    if row.number > 1 and row.cpu and not selection.has_cpu(row.cpu, row.buffers):
        return False
    return not selection.only_changes or bool(row.changed or row.buffers or row.notes)


def _ends(trace: Trace, chosen: Container[int]) -> str:
    """How the behaviour goes on, unless its last step says so."""
    last = trace.steps[-1]
    if last.number in chosen:
        return ""
    if last.stuttering:
        return "and so for ever: nothing moves any more"
    return f"and again from step {last.back_to}, for ever" if last.back_to is not None else ""


def _rows(trace: Trace) -> Iterator[Step]:
    """Of a spec that no protocol describes: the action, and what it changed."""
    first = machine_state(trace.steps[0].values)
    yield Step(1, changed=tuple(pretty_binding(name, first[name]) for name in first))
    for before, step in zip(trace.steps, trace.steps[1:], strict=False):
        if step.stuttering:
            yield Step(step.number, words="stutters for ever")
        elif step.back_to is not None:
            yield Step(step.number, step.action or "", f"back to {step.back_to}")
        else:
            states = machine_state(before.values), machine_state(step.values)
            changed = tuple(map(pretty_change, changes(*states)))
            yield Step(step.number, step.action or "", changed=changed)
