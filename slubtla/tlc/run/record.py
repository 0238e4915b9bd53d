"""Judge what a run left, write its record, and commit the run directory."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from slubtla._version import __version__
from slubtla.tlc.engine import Translation, has_checkpoint
from slubtla.tlc.engine.argv import ARGV, SCRATCH
from slubtla.tlc.engine.jars import used_modules
from slubtla.tlc.output import (
    Mode,
    Progress,
    Statistics,
    TlcReport,
    ViolationKind,
    kept_violations,
    trace_to_itf,
)
from slubtla.tlc.run.caveats import Caveats, find_caveats
from slubtla.tlc.run.instrument import WATCHING
from slubtla.tlc.run.judge import Criteria, because_of, cutting, judge, name_of, spoilers
from slubtla.tlc.run.result import (
    STDOUT,
    ActionCount,
    AntecedentHeld,
    Assertion,
    FoundViolation,
    Provenance,
    Result,
    Stats,
)
from slubtla.tlc.run.run import Run
from slubtla.tlc.run.rundir import RESULT, TRACE_ITF
from slubtla.tlc.run.spec import writable
from slubtla.tlc.run.unfinished import MANIFEST
from slubtla.tlc.run.user_terms import Names, places_of, read_renames, with_user_places
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.text.digest import digest, file_digest
from slubtla.tlc.text.origin import Place

_SILENT: Final = "antecedents and constraints were not examined: this TLC prints nothing for them"

RESUME_HINT: Final = "the search can go on from its last checkpoint: slubtla resume"

_NEEDS_RECORD: Final = frozenset({VerdictKind.PROVEN, VerdictKind.VACUOUS, VerdictKind.BOUNDED})
_RESUMABLE: Final = frozenset({"timeout", "cancelled", "memory", "truncated", "tlc"})
_POSITION: Final = re.compile(
    r"[Ll]ine (\d+), col(?:umn)? (\d+) to line \d+, col(?:umn)? \d+ (?:in|of module) (\w+)"
)


def conclude(run: Run) -> Result:
    """Judge a run, write its record and commit its directory.

    Raises:
        RunInterrupted: Ctrl-C during the run.
    """
    names = Names.of(read_renames(run.translation.renamed))
    report = names.report(run.report)
    if run.earlier is not None:
        report = run.earlier.join(report)
        run = run.judged_by(uncounted=run.earlier.uncounted)
    run = replace(run, report=report)
    if run.watching is not None and WATCHING not in report.reached:
        run = replace(run, watching=None).noting(*([_SILENT] if report.success else []))
    result = record(run)
    if run.resumable:
        result = _keep_or_clean(result, report, run.work)
    result = _write(run, result)
    if run.interrupted is not None:
        raise run.interrupted
    return result


def record(run: Run) -> Result:
    """Judge a run and write down where the judgement comes from."""
    spec, translation, cfg = run.spec, run.translation, run.cfg
    places = places_of(run.report, translation.origins)
    assertion = _assertion(run.report, translation)
    report = with_user_places(run.report, translation.origins)
    renames = read_renames(translation.renamed)
    watching = run.watching
    criteria = replace(
        spec.criteria,
        options=spec.options,
        foreign=run.exit.foreign,
        caveats=_caveats(run),
        watched=None if watching is None else watching.constraints,
        antecedents=tuple(
            replace(each, line=translation.origins[each.module].place(each.line, 1).line)
            if each.module in translation.origins
            else each
            for each in (watching.antecedents if watching else ())
        ),
    )
    verdict = judge_run(replace(run, report=report), criteria)
    if assertion is not None and verdict.kind is VerdictKind.VIOLATED:
        verdict = replace(verdict, because=assertion.sentence)
    if _was_impossible(run):
        because = f"no state or step was found in which {verdict.detail} (_POSSIBLE) holds"
        verdict = replace(verdict, because=because)
    if places and verdict.kind is VerdictKind.ERROR:
        verdict = replace(verdict, because=f"{_where(places)}: {verdict.because}")
    errors = [str(error) for error in report.parse_errors]
    errors += [error.innermost.text.strip() for error in report.errors]
    return Result(
        verdict=verdict,
        name=spec.name,
        command=spec.command,
        protocol=spec.protocol,
        parameters=spec.parameters,
        module=translation.spec.stem,
        properties=(*cfg.checked, *criteria.goals),
        stats=_stats(run),
        actions=_actions(report, criteria.instrumented),
        warnings=(
            *spec.warnings,
            *_about_bounds(report, criteria),
            *spoilers(report, criteria),
            *criteria.caveats.warnings,
            *report.remarks,
            *translation.warnings,
            *(f"renamed by the translator, shown as {each.shown}: {each}" for each in renames),
            *_about_search(run),
            *(f"not read, and kept in tlc.out: {place}" for place in report.unreadable),
        ),
        errors=tuple(errors),
        places=places,
        counterexamples=tuple(
            FoundViolation(
                property=name_of(violation, cfg),
                because=because_of(violation),
                trace_length=len(violation.trace.steps) if violation.trace else None,
            )
            for violation in kept_violations(report)
        ),
        violations_found=len(report.violations) or None,
        trace_length=len(report.trace.steps) if report.trace else None,
        deadlock_checked=cfg.check_deadlock and spec.options.check_deadlock,
        antecedents=tuple(
            AntecedentHeld(
                property_name=each.property_name,
                text=each.text,
                module=each.module,
                line=each.line,
                held=str(number) in report.reached,
            )
            for number, each in enumerate(criteria.antecedents, 1)
        ),
        provenance=_provenance(run),
        assertion=assertion,
        trace_from=run.trace_from,
        renamed=renames,
    )


def judge_run(run: Run, criteria: Criteria | None = None) -> Verdict:
    """Return the verdict on a run, by its own criteria unless others are given."""
    if criteria is None:
        criteria = replace(run.criteria, options=run.options, foreign=run.exit.foreign)
    return judge(
        run.report,
        returncode=run.exit.returncode,
        ended=run.exit.ended,
        criteria=criteria,
        stderr=run.exit.stderr.read_text(encoding="utf-8", errors="replace"),
    )


def _was_impossible(run: Run) -> bool:
    """Whether the violation is of what must hold of some state: TLC calls that a postcondition."""
    violation, cfg = run.report.violation, run.cfg
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


def _caveats(run: Run) -> Caveats:
    translation = run.translation
    modules = translation.texts
    modules |= used_modules(map(Path, run.options.classpath), modules)
    symmetric = run.criteria.symmetric
    found = find_caveats(run.cfg, modules, symmetric=symmetric, edited=translation.edited)
    return replace(found, doubts=(*found.doubts, *translation.doubts))


def _about_bounds(report: TlcReport, criteria: Criteria) -> Iterator[str]:
    cut = cutting(report, criteria)
    for name in criteria.cfg.constraints:
        if name in cut:
            yield f"the search is bounded by {name} of the cfg"
        else:
            yield f"{name} of the cfg excluded nothing"
    for _, because in criteria.caveats.bounds:
        yield because


def _where(places: Sequence[Place]) -> str:
    """The innermost place; of a definition that a statement calls, the label of that, too."""
    innermost = places[-1]
    caller = next((place for place in reversed(places) if place.label is not None), innermost)
    if innermost.label is not None or caller is innermost:
        return str(innermost)
    return f"{innermost}, called in line {caller.line}, label {caller.label}"


def _provenance(run: Run) -> Provenance:
    jar, java = run.toolchain.jar, run.toolchain.java
    options, report, translation = run.options, run.report, run.translation
    return Provenance(
        slubtla=__version__,
        engine=type(run.engine).__name__,
        templates_sha256=run.spec.templates_sha256,
        spec_sha256=digest(translation.text),
        cfg_sha256=run.cfg_sha256,
        jar_sha256=jar.sha256,
        jar_origin=jar.origin,
        tlc_version=report.run.version,
        tlc_revision=report.run.revision,
        java=f"{java.version} ({java.vendor})",
        java_origin=java.origin,
        argv=tuple(map(writable, run.exit.argv)),
        workers=report.joined if run.distributed else options.workers,
        heap_mb=run.exit.heap_mb,
        fp_index=options.fp_index,
        seed=options.seed,
        translate_seconds=round(translation.wall_seconds, 3),
        wall_seconds=round(run.exit.wall_seconds, 3),
        peak_memory_bytes=run.exit.peak_memory_bytes,
        started_at=run.started.isoformat(timespec="seconds"),
        fpmem=options.fpmem,
        resumed_from=options.recover,
        earlier_argv=run.earlier.argv if run.earlier else (),
        workers_lost=report.lost if run.distributed else None,
        library_sha256=_from_libraries(translation),
        classpath_sha256={writable(jar): file_digest(jar) for jar in options.classpath},
    )


def _from_libraries(translation: Translation) -> dict[str, str]:
    """By path, the digests of the modules that do not lie beside the root module."""
    root = translation.origins.get(translation.spec.stem)
    return {
        writable(str(origin.path)): digest(origin.before)
        for origin in translation.origins.values()
        if root is not None and origin.path.absolute().parent != root.path.absolute().parent
    }


def _about_search(run: Run) -> Iterator[str]:
    report = run.report
    if run.options.recover is not None:
        part = len(run.earlier.argv if run.earlier else ()) + 1
        yield (
            f"resumed from a checkpoint, part {part}: TLC does not know how many states were "
            "generated before, and some firings of actions are counted twice"
        )
    yield from run.remarks
    if run.distributed:
        lost = f", of which {report.lost:,} were lost on the way" if report.lost else ""
        who = f"a distributed search by {report.joined:,} threads of workers{lost}"
        yield f"{who}; TLC does not count the generated states exactly there"


def _stats(run: Run) -> Stats:
    """The final numbers; where TLC was stopped before it printed them, its last progress.

    After a recovery TLC counts each state of the checkpoint as generated once, so that this number
    says nothing, and the collision probability that it calculates from it is too low. The workers
    of a distributed search do not count what they find in their caches.
    """
    report, last = run.report, run.report.last_progress
    numbers: Statistics | Progress = report.stats
    final = report.stats.generated is not None
    if not final and last is not None:
        numbers, final = last, report.finished and report.run.mode is Mode.SIMULATION
    exact = report.recovered is None and not run.distributed
    collision = report.collision
    return Stats(
        generated=numbers.generated if exact else None,
        distinct=numbers.distinct,
        queue=numbers.queue,
        depth=numbers.depth,
        initial=report.initial_states,
        collision_calculated=collision.calculated if exact else None,
        collision_actual=collision.actual,
        final=final,
    )


def _actions(report: TlcReport, instrumented: tuple[str, ...] | None) -> tuple[ActionCount, ...]:
    """How often each action fired, its disjuncts added up; or only whether it did."""
    if instrumented is not None:
        return tuple(
            ActionCount(name=name)
            if name in report.fired
            else ActionCount(name=name, distinct=0, total=0)
            for name in instrumented
        )
    totals = report.coverage.totals if report.coverage else {}
    return tuple(
        ActionCount(name=name, distinct=distinct, total=total)
        for name, (distinct, total) in totals.items()
    )


def _keep_or_clean(result: Result, report: TlcReport, work: Path) -> Result:
    """Keep TLC's states where the search may go on; else remove what only served for that."""
    verdict = result.verdict
    undecided = verdict.kind in {VerdictKind.INCONCLUSIVE, VerdictKind.ERROR}
    unfinished = undecided and verdict.detail in _RESUMABLE and not report.finished
    if unfinished and has_checkpoint(work):
        return result.model_copy(update={"warnings": (*result.warnings, RESUME_HINT)})
    shutil.rmtree(work / SCRATCH, ignore_errors=True)
    (work / MANIFEST).unlink(missing_ok=True)
    return result


def _write(run: Run, result: Result) -> Result:
    """Write the record and commit the directory; what cannot be written is said in the result.

    A counterexample counts all the same. Whatever else was found needs its record, so that without
    it the verdict is ERROR(tlc).
    """
    work, place, trace = run.work, run.directory.name_final(), run.report.trace
    unrecorded = run.exit.unrecorded
    lost = {STDOUT: f"{place / STDOUT}: {unrecorded}"} if unrecorded else {}
    lost |= _written(work, ARGV, json.dumps(run.exit.argv, indent=2), place)
    if trace is not None:
        lost |= _written(work, TRACE_ITF, json.dumps(trace_to_itf(trace), indent=1), place)
    whole = _with_losses(result, lost)
    if failed := _written(work, RESULT, whole.to_json(), place):
        whole = _with_losses(result, lost | failed)
    whole = whole.model_copy(update={"run_dir": run.directory.commit()})
    if lost and trace is not None:
        whole.__dict__["trace"] = trace  # what is in the file may end before it
    return whole


def _written(work: Path, name: str, text: str, place: Path) -> dict[str, str]:
    """Write a file, or nothing of it; return its name and why it could not be written."""
    try:
        (work / name).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        (work / name).unlink(missing_ok=True)
        return {name: f"{place / name}: {error.strerror or error}"}
    return {}


def _with_losses(result: Result, lost: Mapping[str, str]) -> Result:
    if not lost:
        return result
    what = f"the record of this run is not whole: {'; '.join(lost.values())}"
    verdict = result.verdict
    if verdict.kind in _NEEDS_RECORD and (STDOUT in lost or RESULT in lost):
        verdict = Verdict(VerdictKind.ERROR, "tlc", what)
    warnings = (*result.warnings, what)
    return result.model_copy(update={"verdict": verdict, "warnings": warnings, "lost": tuple(lost)})
