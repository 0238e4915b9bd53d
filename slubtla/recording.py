"""From what a run left to its result: pure, apart from reading the files of the run."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from slubtla._version import __version__
from slubtla.engine import EngineRun, TlcOptions, Translation
from slubtla.engine.origin import Place
from slubtla.model import Model
from slubtla.render import digest
from slubtla.result import ActionCount, Counterexample, Provenance, Result, SourcePlace, Stats
from slubtla.tlc import Mode, TlcReport, kept_violations
from slubtla.tlc.cfg import Cfg
from slubtla.tlc.home import at_home, places_of
from slubtla.toolchain import Toolchain
from slubtla.verdict import Asked, VerdictKind, because_of, judge, name_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about.

    The name of a file need not be UTF-8, but what is written is: other bytes become escapes.

    Attributes:
        name: a short name.
        command: the command line that repeats it.
        model: the model; None for a spec of the user's own.
        properties: what must stand in the cfg; None for whatever stands there.
        goals: action that must have fired, for each goal.
        idle: actions that may never fire, each with the reason; None where any may.
        warnings: what a careful reader should know, one sentence each.
    """

    name: str
    command: str
    model: Model | None = None
    properties: tuple[str, ...] | None = None
    goals: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("name", "command"):
            object.__setattr__(self, name, _writable(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """With what a run was made, and what it left.

    Attributes:
        toolchain: Java and the jar.
        engine: the engine's name.
        translation: what the PlusCal translator did.
        options: TLC's options.
        run: what the engine returned.
        cfg: what the cfg says.
        cfg_sha256: digest of its text.
        templates_sha256: digest of the templates; None for a spec of the user's own.
        started: when the run began, UTC.
        uncounted: why an action may have fired without being counted; ``""`` where all were.
        told: the actions that tell of themselves whether they fire; None where TLC counts them.
        earlier_argv: TLC's command lines in the parts before this one, of a resumed run.
        distributed: whether workers of other processes did the search.
        doubt: why "no error has been found" would be no proof; ``""`` where it is.
        remarks: what a careful reader should know of the run, one sentence each.
    """

    toolchain: Toolchain
    engine: str
    translation: Translation
    options: TlcOptions
    run: EngineRun
    cfg: Cfg
    cfg_sha256: str
    templates_sha256: str | None
    started: dt.datetime
    uncounted: str = ""
    told: tuple[str, ...] | None = None
    earlier_argv: tuple[tuple[str, ...], ...] = ()
    distributed: bool = False
    doubt: str = ""
    remarks: tuple[str, ...] = ()


def record(subject: Subject, report: TlcReport, evidence: Evidence) -> Result:
    """Judge a run and write down where the judgement comes from."""
    run, cfg, translation = evidence.run, evidence.cfg, evidence.translation
    places = places_of(report, translation.origins)
    report = at_home(report, translation.origins)
    verdict = judge(
        report,
        returncode=run.returncode,
        ended=run.ended,
        asked=Asked(
            properties=cfg.checked if subject.properties is None else subject.properties,
            cfg=cfg,
            options=evidence.options,
            goals=subject.goals,
            idle=subject.idle,
            uncounted=evidence.uncounted,
            told=evidence.told,
            doubt=evidence.doubt,
        ),
        stderr=run.stderr.read_text(encoding="utf-8", errors="replace"),
    )
    if places and verdict.kind is VerdictKind.ERROR:
        verdict = replace(verdict, because=f"{_where(places)}: {verdict.because}")
    bounds = [f"the search is bounded by {name} of the cfg" for name in cfg.constraints]
    bounds += [f"states that agree on {name} count as one (VIEW of the cfg)" for name in cfg.view]
    errors = [str(error) for error in report.parse_errors]
    errors += [error.innermost.text.strip() for error in report.errors]
    return Result(
        verdict=verdict,
        name=subject.name,
        command=subject.command,
        model=subject.model,
        module=translation.spec.stem,
        properties=(*cfg.checked, *subject.goals),
        stats=_stats(report, evidence),
        actions=_actions(report, evidence.told),
        warnings=(
            *subject.warnings,
            *bounds,
            *report.spoilers,
            *translation.warnings,
            *_about_parts(evidence),
            *evidence.remarks,
            *_about_workers(report, evidence),
        ),
        errors=tuple(errors),
        places=tuple(SourcePlace(**asdict(place)) for place in places),
        counterexamples=tuple(
            Counterexample(
                property=name_of(violation, cfg),
                because=because_of(violation),
                trace_length=len(violation.trace.steps) if violation.trace else None,
            )
            for violation in kept_violations(report)
        ),
        violations_found=len(report.violations) or None,
        trace_length=len(report.trace.steps) if report.trace else None,
        provenance=_provenance(report, evidence),
    )


def _where(places: Sequence[Place]) -> str:
    """The innermost place; of a definition that a statement calls, the label of that, too."""
    innermost = places[-1]
    caller = next((place for place in reversed(places) if place.label is not None), innermost)
    if innermost.label is not None or caller is innermost:
        return str(innermost)
    return f"{innermost}, called in line {caller.line}, label {caller.label}"


def _writable(text: str) -> str:
    """``text`` as UTF-8 can hold it; Python keeps foreign bytes of file names as surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _provenance(report: TlcReport, evidence: Evidence) -> Provenance:
    jar, java, run = evidence.toolchain.jar, evidence.toolchain.java, evidence.run
    classpath = evidence.options.classpath
    return Provenance(
        slubtla=__version__,
        engine=evidence.engine,
        templates_sha256=evidence.templates_sha256,
        spec_sha256=digest(evidence.translation.text),
        cfg_sha256=evidence.cfg_sha256,
        jar_sha256=jar.sha256,
        jar_origin=jar.origin,
        tlc_version=report.run.version,
        tlc_revision=report.run.revision,
        java=f"{java.version} ({java.vendor})",
        java_origin=java.origin,
        argv=tuple(map(_writable, run.argv)),
        workers=report.joined if evidence.distributed else evidence.options.workers,
        heap_mb=run.heap_mb,
        fp_index=evidence.options.fp_index,
        seed=evidence.options.seed,
        translate_seconds=round(evidence.translation.wall_seconds, 3),
        wall_seconds=round(run.wall_seconds, 3),
        peak_memory_bytes=run.peak_memory_bytes,
        started_at=evidence.started.isoformat(timespec="seconds"),
        fpmem=evidence.options.fpmem,
        resumed_from=evidence.options.recover,
        earlier_argv=evidence.earlier_argv,
        workers_lost=report.lost if evidence.distributed else None,
        library_sha256=_from_libraries(evidence.translation),
        classpath_sha256=dict(zip(map(_writable, classpath), digests_of(classpath), strict=True)),
    )


def _from_libraries(translation: Translation) -> dict[str, str]:
    """By path, the digests of the modules that do not lie beside the root module."""
    root = translation.origins.get(translation.spec.stem)
    return {
        _writable(str(origin.path)): digest(origin.before)
        for origin in translation.origins.values()
        if root is not None and origin.path.absolute().parent != root.path.absolute().parent
    }


def digests_of(files: Iterable[str]) -> tuple[str, ...]:
    """Return the SHA-256 of files, in order; ``""`` for one that is gone by now."""
    found: list[str] = []
    for name in files:
        try:
            with Path(name).open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError:
            found.append("")
    return tuple(found)


def _about_parts(evidence: Evidence) -> tuple[str, ...]:
    if evidence.options.recover is None:
        return ()
    part = len(evidence.earlier_argv) + 1
    words = (
        "resumed from a checkpoint, part {}: TLC does not know how many states were generated {}"
    )
    return (words.format(part, "before, and some firings of actions are counted twice"),)


def _about_workers(report: TlcReport, evidence: Evidence) -> tuple[str, ...]:
    if not evidence.distributed:
        return ()
    lost = f", of which {report.lost:,} were lost on the way" if report.lost else ""
    who = f"a distributed search by {report.joined:,} threads of workers{lost}"
    return (f"{who}; TLC does not count the generated states exactly there",)


def _stats(report: TlcReport, evidence: Evidence) -> Stats:
    """The final numbers; where TLC was stopped before it printed them, its last progress.

    After a recovery TLC counts each state of the checkpoint as generated once, so that this number
    says nothing, and the collision probability that it calculates from it is too low. The workers
    of a distributed search do not count what they find in their caches.
    """
    stats = _told(report)
    if report.recovered is None and not evidence.distributed:
        return stats
    return stats.model_copy(update={"generated": None, "collision_calculated": None})


def _told(report: TlcReport) -> Stats:
    last = report.last_progress
    if report.stats.generated is None and last is not None:
        return Stats(
            generated=last.generated,
            distinct=last.distinct,
            queue=last.queue,
            depth=last.depth,
            initial=report.initial_states,
            final=report.finished and report.run.mode is Mode.SIMULATION,
        )
    return Stats(
        generated=report.stats.generated,
        distinct=report.stats.distinct,
        queue=report.stats.queue,
        depth=report.stats.depth,
        initial=report.initial_states,
        collision_calculated=report.collision.calculated,
        collision_actual=report.collision.actual,
        final=report.stats.generated is not None,
    )


def _actions(report: TlcReport, told: tuple[str, ...] | None) -> tuple[ActionCount, ...]:
    """How often each action fired, its disjuncts added up; or only whether, as they told."""
    if told is not None:
        return tuple(
            ActionCount(name=name)
            if name in report.fired
            else ActionCount(name=name, distinct=0, total=0)
            for name in told
        )
    if report.coverage is None:
        return ()
    totals: dict[str, tuple[int, int]] = {}
    for action in report.coverage.actions:
        if not action.initial:
            distinct, total = totals.get(action.name, (0, 0))
            totals[action.name] = (distinct + action.distinct, total + action.total)
    return tuple(
        ActionCount(name=name, distinct=distinct, total=total)
        for name, (distinct, total) in totals.items()
    )
