"""From what a run left to its result: pure, apart from reading the files of the run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from slubtla._version import __version__
from slubtla.tlc.engine import Translation
from slubtla.tlc.engine.jars import used_modules
from slubtla.tlc.output import Mode, TlcReport, ViolationKind, kept_violations
from slubtla.tlc.output.user_terms import places_of, read_renames, with_user_places
from slubtla.tlc.run.caveats import Caveats, find_caveats
from slubtla.tlc.run.criteria import Asked, cutting, spoilers
from slubtla.tlc.run.evidence import Evidence, Subject, writable
from slubtla.tlc.run.judging import because_of, judge, name_of
from slubtla.tlc.run.result import (
    ActionCount,
    AntecedentHeld,
    Assertion,
    Counterexample,
    Provenance,
    RenamedSymbol,
    Result,
    SourcePlace,
    Stats,
)
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.text.antecedents import Antecedent
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.text.digest import digest, digest_of
from slubtla.tlc.text.origin import Place

_POSITION: Final = re.compile(
    r"[Ll]ine (\d+), col(?:umn)? (\d+) to line \d+, col(?:umn)? \d+ (?:in|of module) (\w+)"
)


def record(subject: Subject, report: TlcReport, evidence: Evidence) -> Result:
    """Judge a run and write down where the judgement comes from."""
    run, cfg, translation = evidence.run, evidence.cfg, evidence.translation
    places = places_of(report, translation.origins)
    assertion = _assertion(report, translation)
    report = with_user_places(report, translation.origins)
    renames = read_renames(translation.renamed)
    asked = Asked(
        properties=cfg.checked if subject.properties is None else subject.properties,
        cfg=cfg,
        options=evidence.options,
        goals=subject.goals,
        idle=subject.idle,
        uncounted=evidence.uncounted,
        told=evidence.told,
        doubt=evidence.doubt,
        foreign=run.foreign,
        caveats=_caveats(subject, evidence),
        watched=evidence.watched,
        antecedents=tuple(_in_the_users_file(translation, each) for each in evidence.antecedents),
        idle_antecedents=subject.idle_antecedents,
    )
    verdict = judge(
        report,
        returncode=run.returncode,
        ended=run.ended,
        asked=asked,
        stderr=run.stderr.read_text(encoding="utf-8", errors="replace"),
    )
    if assertion is not None and verdict.kind is VerdictKind.VIOLATED:
        verdict = replace(verdict, because=assertion.sentence)
    if _was_impossible(report, cfg):
        because = f"no state or step was found in which {verdict.detail} (_POSSIBLE) holds"
        verdict = replace(verdict, because=because)
    if places and verdict.kind is VerdictKind.ERROR:
        verdict = replace(verdict, because=f"{_where(places)}: {verdict.because}")
    errors = [str(error) for error in report.parse_errors]
    errors += [error.innermost.text.strip() for error in report.errors]
    return Result(
        verdict=verdict,
        name=subject.name,
        command=subject.command,
        protocol=subject.protocol,
        parameters=subject.parameters,
        module=translation.spec.stem,
        properties=(*cfg.checked, *subject.goals),
        stats=_stats(report, evidence),
        actions=_actions(report, evidence.told),
        warnings=(
            *subject.warnings,
            *_about_bounds(report, asked),
            *spoilers(report, asked),
            *asked.caveats.warnings,
            *report.remarks,
            *translation.warnings,
            *(f"renamed by the translator, shown as {each.shown}: {each}" for each in renames),
            *_about_antecedents(report, asked),
            *_about_parts(evidence),
            *evidence.remarks,
            *_about_workers(report, evidence),
            *(f"not read, and kept in tlc.out: {place}" for place in report.unreadable),
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
        deadlock_checked=cfg.check_deadlock and evidence.options.check_deadlock,
        antecedents=_antecedents(report, asked),
        provenance=_provenance(subject, report, evidence),
        assertion=assertion,
        trace_from=evidence.trace_from,
        renamed=tuple(
            RenamedSymbol(
                name=each.name,
                shown=each.shown,
                was=each.was,
                kind=each.kind,
                of=each.of,
                module=each.module,
                line=each.line,
            )
            for each in renames
        ),
    )


def _in_the_users_file(translation: Translation, antecedent: Antecedent) -> Antecedent:
    """Return an antecedent with its line in the user's file instead of the translated copy."""
    origin = translation.origins.get(antecedent.module)
    return replace(antecedent, line=origin.place(antecedent.line, 1).line) if origin else antecedent


def _was_impossible(report: TlcReport, cfg: Cfg) -> bool:
    """Whether the violation is of what must hold of some state: TLC calls that a postcondition."""
    violation = report.violation
    return (
        violation is not None
        and violation.kind is ViolationKind.POSTCONDITION
        and violation.property_name in cfg.possible
        and violation.property_name not in cfg.postconditions
    )


def _assertion(report: TlcReport, translation: Translation) -> Assertion | None:
    """The assertion that failed, with its place in the user's file where that is known."""
    violation = report.violation
    if violation is None or violation.kind is not ViolationKind.ASSERTION:
        return None
    places = _POSITION.findall(violation.positions)
    module, line, column = None, None, None
    own = {path.stem for path in translation.modules}
    if violation.asserted_at is not None:  # the translator names a line of the user's file
        line, column = violation.asserted_at
        module = places[-1][2] if places else translation.spec.stem
    elif places and places[-1][2] in own.difference(translation.translated):
        module, line, column = places[-1][2], int(places[-1][0]), int(places[-1][1])
    return Assertion(
        text=violation.asserted,
        evaluated="+".join(violation.properties) or None,
        file=f"{module}.tla" if module else None,
        line=line,
        column=column,
    )


def _caveats(subject: Subject, evidence: Evidence) -> Caveats:
    translation = evidence.translation
    modules = {
        module.stem: module.read_text(encoding="utf-8", errors="replace")
        for module in translation.modules
    }
    modules |= used_modules(map(Path, evidence.options.classpath), modules)
    found = find_caveats(
        evidence.cfg, modules, symmetric=subject.symmetric, edited=translation.edited
    )
    return replace(found, doubts=(*found.doubts, *translation.doubts))


def _about_bounds(report: TlcReport, asked: Asked) -> Iterator[str]:
    cut = cutting(report, asked)
    for name in asked.cfg.constraints:
        if name in cut:
            yield f"the search is bounded by {name} of the cfg"
        else:
            yield f"{name} of the cfg excluded nothing"
    for _, because in asked.caveats.bounds:
        yield because


def _about_antecedents(report: TlcReport, asked: Asked) -> Iterator[str]:
    for each in _antecedents(report, asked):
        if each.idle:
            yield (
                f"{each.property_name}: `{each.text}` ({each.module}.tla:{each.line}) never holds: "
                f"{each.idle}"
            )


def _antecedents(report: TlcReport, asked: Asked) -> tuple[AntecedentHeld, ...]:
    return tuple(
        AntecedentHeld(
            property_name=each.property_name,
            text=each.text,
            module=each.module,
            line=each.line,
            held=str(number) in report.reached,
            idle=""
            if str(number) in report.reached
            else asked.idle_antecedents.get(f"{each.property_name}: {each.text}", ""),
        )
        for number, each in enumerate(asked.antecedents, 1)
    )


def _where(places: Sequence[Place]) -> str:
    """The innermost place; of a definition that a statement calls, the label of that, too."""
    innermost = places[-1]
    caller = next((place for place in reversed(places) if place.label is not None), innermost)
    if innermost.label is not None or caller is innermost:
        return str(innermost)
    return f"{innermost}, called in line {caller.line}, label {caller.label}"


def _provenance(subject: Subject, report: TlcReport, evidence: Evidence) -> Provenance:
    jar, java, run = evidence.toolchain.jar, evidence.toolchain.java, evidence.run
    classpath = evidence.options.classpath
    return Provenance(
        slubtla=__version__,
        engine=evidence.engine,
        templates_sha256=subject.templates_sha256,
        spec_sha256=digest(evidence.translation.text),
        cfg_sha256=evidence.cfg_sha256,
        jar_sha256=jar.sha256,
        jar_origin=jar.origin,
        tlc_version=report.run.version,
        tlc_revision=report.run.revision,
        java=f"{java.version} ({java.vendor})",
        java_origin=java.origin,
        argv=tuple(map(writable, run.argv)),
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
        classpath_sha256={writable(jar): digest_of(jar) for jar in classpath},
    )


def _from_libraries(translation: Translation) -> dict[str, str]:
    """By path, the digests of the modules that do not lie beside the root module."""
    root = translation.origins.get(translation.spec.stem)
    return {
        writable(str(origin.path)): digest(origin.before)
        for origin in translation.origins.values()
        if root is not None and origin.path.absolute().parent != root.path.absolute().parent
    }


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
