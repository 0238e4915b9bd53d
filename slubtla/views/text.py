"""Results on a terminal: the verdict first, then why, then the numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from slubtla.labels import read_labels
from slubtla.model import DEFAULT_KERNEL, Model
from slubtla.result import Result
from slubtla.sense import idle_actions
from slubtla.tlc import Trace
from slubtla.verdict import Verdict, VerdictKind
from slubtla.views.changes import changes
from slubtla.views.interleaving import Interleaving, Step, read_interleaving
from slubtla.views.moves import HARDWARE

STYLES: Final = {
    VerdictKind.PROVEN: "bold green",
    VerdictKind.VIOLATED: "bold red",
    VerdictKind.BOUNDED: "bold yellow",
    VerdictKind.INCONCLUSIVE: "bold yellow",
    VerdictKind.VACUOUS: "bold magenta",
    VerdictKind.ERROR: "bold red",
}
"""One colour for each verdict; the word itself always stands beside it."""

_DIGEST_DIGITS: Final = 12
_MEMORY_WIDTH: Final = 20
_MEBIBYTE: Final = 1 << 20


def verdict_text(verdict: Verdict) -> Text:
    """Return the verdict as one coloured word."""
    return Text.assemble((str(verdict), STYLES[verdict.kind]))


def result_view(result: Result) -> RenderableType:
    """Return the whole screen for one result."""
    parts: list[RenderableType] = [_headline(result)]
    if result.trace is not None:
        parts += trace_parts(result, result.trace)
    parts += [_line("warning", text, "yellow") for text in result.warnings]
    if result.verdict.kind is VerdictKind.ERROR:
        parts += [_line("TLC says", text, "red") for text in result.errors]
    parts += [Text(), _facts(result)]
    if result.trace is not None:
        parts.append(_headline(result))  # once more: a long trace has scrolled the first away
    return Group(*parts)


def trace_view(result: Result) -> RenderableType:
    """Return the counterexample of a result, or a sentence where there is none."""
    if result.trace is None:
        return Group(_headline(result), Text("No counterexample: nothing was violated."))
    return Group(_headline(result), *trace_parts(result, result.trace))


def trace_parts(result: Result, trace: Trace) -> list[RenderableType]:
    """Return what went wrong in words, and the steps."""
    if result.model is None:
        return [Text(), _generic_steps(trace)]
    reading = read_interleaving(trace, read_labels(result.spec_path.read_text(encoding="utf-8")))
    told = [Padding(Text(sentence), (0, 0, 0, 2)) for sentence in reading.summary]
    return [Text(), *told, *([Text()] if told else []), interleaving_table(reading)]


def interleaving_table(reading: Interleaving) -> Table:
    """Return the interleaving: a column for each CPU, and one for memory."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    for cpu in reading.cpus:
        table.add_column(f"{cpu}", ratio=3, overflow="fold")
    table.add_column("memory", overflow="fold", style="cyan", min_width=_MEMORY_WIDTH)
    table.add_row("1", *(Text(f"runs {reading.running[cpu]}") for cpu in reading.cpus), "")
    running = dict(reading.running)
    for step in reading.steps:
        cells = [_cell(step, cpu, running[cpu]) for cpu in reading.cpus]
        if step.context not in HARDWARE:
            running[step.cpu] = step.context
        table.add_row(str(step.number), *cells, Text("\n".join(step.memory)))
    if reading.ends:
        table.add_row("", Text(reading.ends, style="bold red"), *("" for _ in reading.cpus))
    return table


def _cell(step: Step, cpu: str, running: str) -> Text:
    """What a step did on one CPU; the context is named where it is another than before."""
    text = Text()
    if step.cpu == cpu:
        if step.context in HARDWARE:
            text.append(f"[{step.context}] ", style="dim")
        elif step.context != running:
            text.append(f"[{step.context}] ", style="yellow")
        if step.function not in HARDWARE:
            text.append(f"{step.function}\n", style="bold")
        text.append(step.words)
        for note in step.notes:
            text.append(f"\n! {note}", style="bold red")
    if cpu in step.buffers:
        entries = ", ".join(step.buffers[cpu]) or "empty"
        text.append(f"\nbuffer: {entries}" if text else f"buffer: {entries}", style="magenta")
    return text


def _generic_steps(trace: Trace) -> Table:
    """Steps of a spec that slubtla knows nothing of: the action, and what it changed."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("action", no_wrap=True)
    table.add_column("changes", ratio=1, overflow="fold")
    first = trace.steps[0]
    start = "\n".join(f"{name} = {text}" for name, text in first.values.texts.items())
    table.add_row("1", "initial state", Text(start))
    for before, step in zip(trace.steps, trace.steps[1:], strict=False):
        if step.stuttering:
            table.add_row(str(step.number), "stutters for ever", "")
        elif step.back_to is not None:
            table.add_row(str(step.number), f"back to {step.back_to}", "")
        else:
            lines = "\n".join(str(change) for change in changes(before.values, step.values))
            table.add_row(str(step.number), step.action or "", Text(lines))
    return table


def _headline(result: Result) -> Text:
    line = verdict_text(result.verdict)
    line.append("  ")
    if result.model is None:
        line.append(result.name, style="bold")
    else:
        model = result.model
        line.append(model.strategy, style="bold")
        kernel = f" in {model.kernel}" if model.kernel != DEFAULT_KERNEL else ""
        line.append(f"{kernel} on {model.arch}: {model.memory} memory, {_cmpxchg(model)}")
        for guard in model.without:
            line.append(f", without {guard}")
    if result.verdict.because:
        line.append(f"\n  {result.verdict.because}", style="dim")
    return line


def _cmpxchg(model: Model) -> str:
    return f"{model.cmpxchg} cmpxchg" if model.shape.put == "cmpxchg" else "no cmpxchg"


def _line(head: str, text: str, style: str) -> Text:
    return Text.assemble((f"{head}: ", style), text)


def _facts(result: Result) -> Table:
    """The numbers, and where they come from: a row each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in (
        ("states", _numbers(result)),
        ("bounds", _bounds(result)),
        ("checked", _checked(result)),
        ("missed", _collision(result)),
        ("never fired", _never_fired(result)),
        ("with", _tools(result)),
        ("not run", _cached(result)),
        ("sha256", _digests(result)),
        ("again", result.command),
        ("run", str(result.run_dir or "not kept")),
    ):
        if value:
            table.add_row(name, Text(value))  # a path may hold what looks like markup
    return table


def _checked(result: Result) -> str:
    if result.verdict.kind is VerdictKind.ERROR:
        return ""
    deadlock = "-deadlock" not in result.provenance.argv  # the option turns the check off
    return ", ".join((*result.properties, *(("no deadlock",) if deadlock else ())))


def _numbers(result: Result) -> str:
    stats = result.stats
    whole = ""
    if not stats.final:
        whole = "so far, at TLC's last report: "
        if stats.distinct is None:
            whole = "no report yet (TLC's first comes after 3 s): "
    return whole + _join(
        (
            f"{stats.initial:,} initial" if stats.distinct is None and stats.initial else "",
            f"{stats.distinct:,} distinct" if stats.distinct is not None else "",
            f"{stats.generated:,} generated" if stats.generated is not None else "",
            f"{stats.queue:,} left on queue" if stats.queue else "",
            f"depth {stats.depth}" if stats.depth is not None else "",
            f"{result.provenance.wall_seconds:.1f} s",
            _memory(result.provenance.peak_memory_bytes),
        )
    )


def _collision(result: Result) -> str:
    calculated, actual = result.stats.collision_calculated, result.stats.collision_actual
    if calculated is None:
        return ""
    seen = f", {actual:.1e} from the fingerprints seen" if actual is not None else ""
    return f"a state with probability {calculated:.1e}, by a collision of fingerprints{seen}"


def _never_fired(result: Result) -> str:
    finished = result.stats.final and result.verdict.kind is not VerdictKind.VIOLATED
    if not finished:
        return ""
    reasons = idle_actions(result.model) if result.model else {}
    told = dict.fromkeys(reasons.get(name, "") for name in result.never_fired)
    return "; ".join(
        ", ".join(name for name in result.never_fired if reasons.get(name, "") == reason)
        + (f" ({reason})" if reason else "")
        for reason in told
    )


def _bounds(result: Result) -> str:
    if result.model is None:
        return ""
    m = result.model
    parts = [
        f"{m.cpus} CPUs",
        f"{m.tasks} putting task{'s' if m.tasks > 1 else ''} and the shrinker",
        f"{m.allocations} allocation{'s' if m.allocations > 1 else ''}" if m.allocations else "",
        f"{m.interrupts} free{'s' if m.interrupts > 1 else ''} by interrupts"
        if m.interrupts
        else "",
        f"{m.caches} caches" if m.caches > 1 else "",
        f"{m.slabs} slab{'s' if m.slabs > 1 else ''}",
        f"{m.objects} objects" if m.objects > 1 else "",
        f"cpu_partial {m.cpu_partial}",
        f"min_partial {m.min_partial}",
        "" if m.preemption else "no preemption",
        f"a task may stay in {m.stuck} for ever" if m.stuck else "",
        "up to symmetry" if m.symmetry else "no symmetry",
    ]
    return _join(parts)


def _tools(result: Result) -> str:
    p = result.provenance
    tlc = (p.tlc_version or "?").split(" of ")[0]
    return _join(
        (
            f"TLC {tlc}" + (f" rev {p.tlc_revision}" if p.tlc_revision else ""),
            f"Java {p.java}",
            f"{p.workers} worker{'s' if p.workers > 1 else ''}",
            f"heap {p.heap_mb:,} MiB",
            f"fp {p.fp_index}",
            f"seed {p.seed}",
        )
    )


def _cached(result: Result) -> str:
    at = result.provenance.cached_at
    return "" if at is None else f"the result of a run kept at {at}, of the very same (--no-cache)"


def _digests(result: Result) -> str:
    p = result.provenance
    named = {
        "templates": p.templates_sha256,
        "spec": p.spec_sha256,
        "cfg": p.cfg_sha256,
        "jar": p.jar_sha256,
    }
    return _join(f"{name} {value[:_DIGEST_DIGITS]}" for name, value in named.items() if value)


def _memory(size: int | None) -> str:
    return "" if size is None else f"{size / _MEBIBYTE:,.0f} MiB"


def _join(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def print_view(view: RenderableType, console: Console) -> None:
    """Print a view, as wide as the terminal but never wider than is easy to read."""
    console.print(view, width=min(console.width, 120), soft_wrap=False)
