"""Results on a terminal: the verdict first, then why, then the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from slubtla.barriers.labels import idle_labels
from slubtla.barriers.model import model_of
from slubtla.barriers.show.steps import counterexample_steps
from slubtla.barriers.table import STYLES, mebibytes
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of, subject_of
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

_DIGESTED: Final = ("templates", "spec", "cfg", "jar")
_DIGEST_DIGITS: Final = 12
_LISTED: Final = 20


def result_view(result: Result) -> RenderableType:
    """Return the whole screen for one result: the verdict is its head, and its end.

    The end, because a long trace scrolls the head away.
    """
    parts: list[RenderableType] = [headline(result), _rule(result)]
    try:
        if result.trace is not None:
            parts += counterexample_parts(counterexample_of(result))
    except UsageError as error:  # the verdict stands, though its run directory is gone
        parts.append(_line("no steps", f"{error.message}. {error.next_step}", "yellow"))
    said = [_line("warning", text, "yellow") for text in result.warnings]
    if result.verdict.kind is VerdictKind.ERROR:
        said += said_by_tlc(result)
    if len(result.counterexamples) > 1:
        said += [Text()] * bool(said) + other_counterexamples(result)
    parts += [*said, Text()] if said else []
    return Group(*parts, _facts(result), _rule(result), headline(result))


def trace_view(result: Result) -> RenderableType:
    """Return the counterexample of a result, or a sentence where there is none."""
    if result.trace is None:
        return Group(headline(result), Text(no_steps(result)))
    return Group(headline(result), *counterexample_parts(counterexample_of(result)))


def no_steps(result: Result) -> str:
    """Return why a result has no counterexample, and where one may be found."""
    match result.verdict.kind:
        case VerdictKind.PROVEN:
            return (
                "No counterexample: nothing was violated. To see one, name a run that is VIOLATED: "
                "slubtla trace RUN; `slubtla runs` lists them."
            )
        case VerdictKind.VIOLATED if result.verdict.detail == "Assumption":
            return "No steps: an assumption is false, whatever the behaviour."
        case VerdictKind.VIOLATED:
            return f"No steps: {result.verdict} stands; TLC printed no states that can be read."
        case _:
            return f"No counterexample: the verdict is {result.verdict}."


def headline(result: Result) -> Text:
    """Return the verdict, what was checked, and the verdict's own sentence."""
    verdict = (str(result.verdict), STYLES[result.verdict.kind])
    line = Text.assemble(verdict, "  ", (subject_of(result), "bold"))
    if result.verdict.because:
        line.append(f"\n  {result.verdict.because}", style="dim")
    return line


def subject_with_bounds(result: Result) -> str:
    """Return what was checked, with the bounds that are not what they are by default."""
    model = model_of(result)
    if model is None:
        return subject_of(result)
    own = model.defaults
    differ = [f"{name} {value}" for name, value in model.bounds.items() if value != own[name]]
    usual = type(model)(**own).remarks
    differ += [words for words in model.remarks if words not in usual]
    return ", ".join([subject_of(result), *differ])


def counterexample_parts(story: Counterexample) -> list[RenderableType]:
    """Return what went wrong in words, and the steps."""
    parts: list[RenderableType] = [Text()] if story.summary else []
    parts += [Padding(Text(sentence), (0, 0, 0, 2)) for sentence in story.summary]
    return [*parts, counterexample_steps(story)]


def said_by_tlc(result: Result) -> list[Text]:
    """Return TLC's own error messages."""
    return [_line("TLC says", text, "red") for text in result.errors]


def other_counterexamples(result: Result) -> list[Text]:
    """Return a line for each of several counterexamples, and how to see it."""
    found = result.counterexamples
    total = result.violations_found or len(found)
    all_kept = f"{len(found):,}" if total == len(found) else f"{len(found):,} of {total:,}"
    lines = [Text(f"{all_kept} counterexamples; see one: slubtla trace --nth N", style="bold")]
    for number, one in enumerate(found[:_LISTED], 1):
        length = "no trace" if one.trace_length is None else f"{one.trace_length} states"
        lines.append(Text(f"  {number:>3}  {one.property}, {length}: {one.because}"))
    if len(found) > _LISTED:
        lines.append(Text(f"  ... {len(found) - _LISTED:,} more: --json"))
    return lines


def _rule(result: Result) -> Rule:
    return Rule(style=STYLES[result.verdict.kind], characters="━")


def _line(head: str, text: str, style: str) -> Text:
    return Text.assemble((f"{head}: ", style), text)


def _facts(result: Result) -> Table:
    """The numbers, and where they come from: a row each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in (
        ("took" if _before_the_search(result) else "states", _numbers(result)),
        ("bounds", _bounds(result)),
        ("checked", _checked(result)),
        ("unexplored", _collision(result)),
        ("never fired", _never_fired(result)),
        ("with", _tools(result)),
        ("not run", cached_words(result)),
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
    deadlock = result.deadlock_checked
    if deadlock is None:  # a result of an earlier version
        deadlock = "-deadlock" not in result.provenance.argv  # the option turns the check off
    return ", ".join((*result.properties, *(("no deadlock",) if deadlock else ())))


def _numbers(result: Result) -> str:
    stats = result.stats
    whole = "so far, at TLC's last report: "
    if stats.final or _before_the_search(result):
        whole = ""
    elif stats.distinct is None:
        whole = "no report yet (TLC's first comes after 3 s): "
    return whole + _join(
        (
            f"{stats.initial:,} initial" if stats.distinct is None and stats.initial else "",
            f"{stats.distinct:,} distinct" if stats.distinct is not None else "",
            f"{stats.generated:,} generated" if stats.generated is not None else "",
            f"{stats.queue:,} left on queue" if stats.queue else "",
            f"depth {stats.depth}" if stats.depth is not None else "",
            f"{result.provenance.wall_seconds:.1f} s",
            mebibytes(result.provenance.peak_memory_bytes),
        )
    )


def _before_the_search(result: Result) -> bool:
    """Whether TLC failed before it had a state to count."""
    stats = result.stats
    counted = (stats.initial, stats.generated, stats.distinct)
    return result.verdict.kind is VerdictKind.ERROR and not any(counted)


def _collision(result: Result) -> str:
    calculated, actual = result.stats.collision_calculated, result.stats.collision_actual
    if calculated is None:
        return ""
    seen = f", {actual:.1e} from the fingerprints seen" if actual is not None else ""
    return f"chance of a hash collision (unexplored state): {calculated:.1e}{seen}"


def _never_fired(result: Result) -> str:
    finished = result.stats.final and result.verdict.kind is not VerdictKind.VIOLATED
    if not finished:
        return ""
    reasons = idle_reasons(result)
    found = dict.fromkeys(reasons.get(name, "") for name in result.never_fired)
    return "; ".join(
        ", ".join(name for name in result.never_fired if reasons.get(name, "") == reason)
        + (f" ({reason})" if reason else "")
        for reason in found
    )


def idle_reasons(result: Result) -> Mapping[str, str]:
    """Return why actions of a run's model may never fire."""
    model = model_of(result)
    return idle_labels(model) if model else {}


def _bounds(result: Result) -> str:
    model = model_of(result)
    if model is None:
        return ""
    shown = [
        model.protocol.bound_words(name, value)
        for name, value in model.bounds.items()
        if value >= model.protocol.parameters[name].shown_from
    ]
    return _join((*shown, *model.remarks))


def tlc_version(result: Result) -> str:
    """Return TLC's version, without the date that its builds do not fill in, and its revision."""
    made = result.provenance
    version = (made.tlc_version or "?").split(" of ")[0]
    return version + (f" rev {made.tlc_revision}" if made.tlc_revision else "")


def _tools(result: Result) -> str:
    p = result.provenance
    return _join(
        (
            f"TLC {tlc_version(result)}",
            f"Java {p.java}",
            f"{p.workers} worker{'s' if p.workers > 1 else ''}",
            f"heap {p.heap_mb:,} MiB"
            + ("" if p.fpmem is None else f" ({p.fpmem:.0%} of it for fingerprints)"),
            f"fp {p.fp_index}",
            f"seed {p.seed}",
        )
    )


def cached_words(result: Result) -> str:
    """Return that a result comes from the cache; ``""`` where it does not."""
    at = result.provenance.cached_at
    return "" if at is None else f"the result of a run kept at {at}, of the same model (--no-cache)"


def _digests(result: Result) -> str:
    digests = ((n, getattr(result.provenance, f"{n}_sha256")) for n in _DIGESTED)
    return _join(f"{name} {value[:_DIGEST_DIGITS]}" for name, value in digests if value)


def _join(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
