"""A counterexample as rows, which every format shows.

Those of the SLUB model are in the kernel's words; of any other specification they are actions and
changed values.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from slubtla.barriers.labels import read_labels
from slubtla.barriers.model import Model, model_of
from slubtla.barriers.trace.changes import changes
from slubtla.barriers.trace.interleaving import Interleaving
from slubtla.barriers.trace.pretty import pretty_binding, pretty_change
from slubtla.barriers.trace.selection import Selection
from slubtla.barriers.trace.timeline import Timeline, read_timeline
from slubtla.errors import UsageError
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind


@dataclass(frozen=True, slots=True)
class Row:
    """One step.

    Attributes:
        number: its number in the trace; the initial state is 1.
        action: the action's name, which is the label; ``""`` where there is none.
        words: what happens, in the kernel's words or, for other specs, ``""``.
        changed: what changed in memory, or in the variables of any other spec.
        cpu: the CPU; ``""`` in other specs, and so are the fields below.
        context: who moved.
        function: the kernel function; ``""`` where hardware moved.
        buffers: CPU to its store buffer after the step, for those that changed.
        notes: what a reader should notice.
    """

    number: int
    action: str
    words: str
    changed: tuple[str, ...]
    cpu: str
    context: str
    function: str
    buffers: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A counterexample, told.

    Attributes:
        verdict: the verdict, e.g. ``"VIOLATED(NoLeak)"``.
        subject: what was checked, one line.
        because: the verdict's own sentence.
        summary: what went wrong, one sentence each; empty where there are no words for it.
        cpus: the CPUs; empty for a spec that slubtla knows nothing of.
        rows: the chosen steps; the first may be the initial state.
        length: steps in the whole trace.
        ends: how a behaviour without an end goes on; ``""`` for one that ends.
        result: what it was told from.
        timeline: the machine beside each step; None for other specs.
    """

    verdict: str
    subject: str
    because: str
    summary: tuple[str, ...]
    cpus: tuple[str, ...]
    rows: tuple[Row, ...]
    length: int
    ends: str
    result: Result
    timeline: Timeline | None

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
    """Tell a run's counterexample.

    Args:
        result: the run.
        selection: the steps to tell; all when None.

    Raises:
        UsageError: there is no counterexample, its run directory is gone, or the selection does
            not fit it.
    """
    trace = trace_of(result)
    selection = selection or Selection()
    scene = timeline_of(result) if result.protocol is not None else None
    selection.check_cpu(scene.reading.cpus if scene else ())
    rows = tuple(timeline_rows(scene) if scene else _rows(trace))
    chosen = selection.numbers(rows[-1].number)
    return Counterexample(
        verdict=str(result.verdict),
        subject=subject_of(result),
        because=result.verdict.because,
        summary=scene.reading.summary if scene else (),
        cpus=scene.reading.cpus if scene else (),
        rows=tuple(row for row in rows if row.number in chosen and _wanted(row, selection)),
        length=len(rows),
        ends=scene.reading.ends if scene else _ends(trace, chosen),
        result=result,
        timeline=scene,
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


def timeline_of(result: Result) -> Timeline:
    """Read the counterexample of a run of the SLUB model.

    Raises:
        UsageError: there is none, or it is of a specification of the user's own.
    """
    if result.protocol is None:
        raise UsageError(
            f"{result.name} is a specification of your own: there are no CPUs to draw",
            next_step="choose --format text, md, json, itf, csv or html",
        )
    labels = read_labels(result.spec_path.read_text(encoding="utf-8"))
    return read_timeline(trace_of(result), labels)


def subject_of(result: Result) -> str:
    """Return what was checked, in one line."""
    model = model_of(result)
    if model is None:
        return result.name
    told = model.kernel != model.protocol.default_kernel or model.strategy.sends_ipi
    kernel = f" in {model.kernel}" if told else ""  # a kick's verdict depends on it
    without = "".join(f", without {guard}" for guard in model.without)
    return (
        f"{model.strategy}{kernel} on {model.arch}: {model.memory} memory, "
        f"{_cmpxchg(model)}{without}"
    )


def _cmpxchg(model: Model) -> str:
    return f"{model.cmpxchg} cmpxchg" if model.kernel.put == "cmpxchg" else "no cmpxchg"


def _wanted(row: Row, selection: Selection) -> bool:
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


def timeline_rows(scene: Timeline) -> Iterator[Row]:
    """Yield the steps of a trace of the SLUB model, the initial state first."""
    return reading_rows(scene.reading)


def reading_rows(reading: Interleaving) -> Iterator[Row]:
    """Yield the initial state, and the steps that a reading holds."""
    running = ", ".join(f"{cpu} runs {task}" for cpu, task in reading.running.items())
    yield _row(1, words=running)
    for step in reading.steps:
        yield Row(
            number=step.number,
            action=step.label,
            words=step.words,
            changed=step.memory,
            cpu=step.cpu,
            context=step.context,
            function="" if step.function == step.context else step.function,
            buffers=step.buffers,
            notes=step.notes,
        )


def _rows(trace: Trace) -> Iterator[Row]:
    """Of a spec that slubtla knows nothing of: the action, and what it changed."""
    first = trace.steps[0].values
    yield _row(1, changed=tuple(pretty_binding(name, first[name]) for name in first))
    for before, step in zip(trace.steps, trace.steps[1:], strict=False):
        if step.stuttering:
            yield _row(step.number, words="stutters for ever")
        elif step.back_to is not None:
            yield _row(step.number, action=step.action or "", words=f"back to {step.back_to}")
        else:
            changed = tuple(map(pretty_change, changes(before.values, step.values)))
            yield _row(step.number, action=step.action or "", changed=changed)


def _row(number: int, action: str = "", words: str = "", changed: tuple[str, ...] = ()) -> Row:
    return Row(number, action, words, changed, "", "", "", {}, ())
