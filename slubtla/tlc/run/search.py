"""Run TLC on what is prepared, and make of it a result in its run directory."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from slubtla.tlc.engine import (
    Ended,
    EngineRun,
    has_checkpoint,
)
from slubtla.tlc.engine.argv import SCRATCH
from slubtla.tlc.output import TlcReport, trace_to_itf
from slubtla.tlc.output.messages import PREFIX
from slubtla.tlc.output.user_terms import Names, read_renames
from slubtla.tlc.run.evidence import Evidence
from slubtla.tlc.run.firings import Telling
from slubtla.tlc.run.once import Search, run_tlc
from slubtla.tlc.run.recording import record
from slubtla.tlc.run.result import STDOUT, Result
from slubtla.tlc.run.rundir import ARGV, RESULT, TRACE_ITF, RunDirectory
from slubtla.tlc.run.second_search import STEPS, find_steps, needs_steps
from slubtla.tlc.run.unfinished import forget
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.run.watching import WATCHING
from slubtla.tlc.text.cfg import Cfg, leave_out

UNWATCHED: Final = {"tlc.out": "watched.out", "tlc.err": "watched.err"}
"""What TLC's output is called where the search was made again without our questions."""

NOT_EXAMINED: Final = (
    "antecedents and constraints were not examined: TLC cannot evaluate them on their own "
    "(watched.out)"
)

SILENT: Final = "antecedents and constraints were not examined: this TLC prints nothing for them"

RESUME_HINT = "the search can go on from its last checkpoint: slubtla resume"

_UNKNOWN_ERROR = -1
"""The code of a message of TLC whose error has none."""

_NEEDS_RECORD = frozenset({VerdictKind.PROVEN, VerdictKind.VACUOUS, VerdictKind.BOUNDED})
_RESUMABLE = frozenset({"timeout", "cancelled", "memory", "truncated", "tlc"})


def search(job: Search, directory: RunDirectory) -> Result:
    """Run TLC, judge, and commit the run directory.

    Raises:
        ToolchainError: TLC could not be started.
        TlcOutputError: TLC printed a line without end.
        RunInterrupted: Ctrl-C; what there was is in the run directory.
    """
    began = time.monotonic()
    run, report, interrupted = run_tlc(job, directory.work)
    directory.ended = True
    if interrupted is None and symmetry_failed(report, job.cfg) and not job.resumable:
        job = _without_symmetry(job, directory.work)
        run, report, interrupted = run_tlc(job, directory.work)
    if interrupted is None and job.watching is not None and _failed_by_watching(job, report, run):
        for name, other in UNWATCHED.items():
            (directory.work / name).rename(directory.work / other)
        timeout = None if job.timeout is None else job.timeout - (time.monotonic() - began)
        job = replace(job, watching=job.telling, timeout=timeout and max(0.0, timeout))
        run, report, interrupted = run_tlc(job, directory.work)
        job = replace(job, watching=None, remarks=(*job.remarks, NOT_EXAMINED))
    trace_from = None
    if interrupted is None and job.plain and needs_steps(report, run):
        left = None if job.timeout is None else max(1.0, job.timeout - time.monotonic() + began)
        steps = find_steps(job, directory.work, report, left)
        report, interrupted = steps.report, steps.interrupted
        job = replace(job, remarks=(*job.remarks, steps.remark))
        trace_from = STEPS if steps.found else None
    if any(error.code == _UNKNOWN_ERROR for error in report.errors):
        job = replace(job, remarks=(*job.remarks, *_about_values(job.cfg)))
    result = conclude(job, directory, run, report, trace_from=trace_from)
    if interrupted is not None:
        raise interrupted
    return result


def conclude(  # noqa: PLR0913  # two of them keyword-only, with a default
    job: Search,
    directory: RunDirectory,
    run: EngineRun,
    report: TlcReport,
    *,
    told: tuple[str, ...] | None = None,
    trace_from: str | None = None,
) -> Result:
    """Judge what a run left, and commit the run directory.

    Args:
        job: what was to be done.
        directory: where it was done.
        run: what the engine returned.
        report: what TLC said.
        told: the actions of which the report knows whether they fire; those of ``job.telling``
            where it has one.
        trace_from: the file with the counterexample, if TLC's output of the run has none.
    """
    report = Names.of(read_renames(job.translation.renamed)).report(report)
    if job.earlier is not None:
        report = job.earlier.join(report)
    watching = job.watching if WATCHING in report.reached else None
    remarks = (SILENT,) if job.watching and not watching and report.success else ()
    result = record(
        job.subject,
        report,
        Evidence(
            toolchain=job.toolchain,
            engine=type(job.engine).__name__,
            translation=job.translation,
            options=job.options,
            run=run,
            cfg=job.cfg,
            cfg_sha256=job.cfg_sha256,
            started=job.started,
            uncounted=job.earlier.uncounted if job.earlier else job.uncounted,
            earlier_argv=job.earlier.argv if job.earlier else (),
            told=job.telling.actions if job.telling else told,
            watched=watching.constraints if watching else None,
            antecedents=watching.antecedents if watching else (),
            distributed=job.distributed,
            doubt=job.doubt,
            remarks=(*job.remarks, *remarks),
            trace_from=trace_from,
        ),
    )
    if job.resumable:
        result = _keep_or_clean(result, report, directory.work)
    return _write(directory, result, report, run)


def _about_values(cfg: Cfg) -> tuple[str, ...]:
    """What TLC 2.15 fails on, without saying so: a value of an operator that is a constant."""
    names = [name for name in cfg.constants if "(" in name]
    if not names:
        return ()
    name = names[0].partition("(")[0]
    remark = (
        f"this TLC fails on {names[0]} = ... where {name} is a constant of the specification: "
        f"define an operator and replace it ({name} <- Other), or name a newer tla2tools.jar with "
        "--tla2tools"
    )
    return (remark,)


def symmetry_failed(report: TlcReport, cfg: Cfg) -> bool:
    """Whether TLC failed because no two elements of a symmetry set can be exchanged.

    TLC 2.15 makes a table of the permutations but the identity, and fails where there is none;
    newer builds warn (2300). Source: ``tlc2.value.impl.MVPerms.permutationSubgroup``.
    """
    if not cfg.symmetry:
        return False
    failed = ("java.lang.IllegalArgumentException", "tlc2.value.impl.MVPerms.permutationSubgroup")
    return any(all(words in error.text for words in failed) for error in report.errors)


def _without_symmetry(job: Search, work: Path) -> Search:
    """Put the cfg without SYMMETRY into the run's directory, and what TLC said aside."""
    for name in ("tlc.out", "tlc.err"):
        (work / name).rename(work / f"symmetry{Path(name).suffix}")
    text = leave_out(job.cfg_file.read_text(encoding="utf-8"), {"SYMMETRY"})
    cfg_file = work / job.cfg_file.name
    cfg_file.write_text(text, encoding="utf-8")
    remark = (
        f"SYMMETRY {', '.join(job.cfg.symmetry)} permutes nothing, as in a set of one element, and "
        "this TLC fails on it: it was left out, which changes no result"
    )
    cfg = replace(job.cfg, symmetry=())
    job = replace(job, cfg_file=cfg_file, cfg=cfg, remarks=(*job.remarks, remark))
    return replace(job, telling=_not_symmetric(job.telling), watching=_not_symmetric(job.watching))


def _not_symmetric(telling: Telling | None) -> Telling | None:
    """Return the module that is laid over a specification, with a cfg without SYMMETRY."""
    return telling and replace(telling, cfg=leave_out(telling.cfg, {"SYMMETRY"}))


def _failed_by_watching(job: Search, report: TlcReport, run: EngineRun) -> bool:
    """Whether TLC failed where the specification alone might not: an evaluation in what we added.

    A failure before the first state costs little to see again.
    """
    assert job.watching is not None  # noqa: S101 - for mypy
    if run.ended is not Ended.EXITED or report.violations or run.returncode == 0:
        return False
    said = "\n".join(error.text for error in report.errors)
    if not (said or report.parse_errors):
        return False
    return report.initial_states is None or job.watching.module in said or PREFIX in said


def _keep_or_clean(result: Result, report: TlcReport, work: Path) -> Result:
    """Keep TLC's states where the search may go on; else remove what only served for that."""
    if _open(result.verdict, report) and has_checkpoint(work):
        return result.model_copy(update={"warnings": (*result.warnings, RESUME_HINT)})
    shutil.rmtree(work / SCRATCH, ignore_errors=True)
    forget(work)
    return result


def _open(verdict: Verdict, report: TlcReport) -> bool:
    undecided = verdict.kind in {VerdictKind.INCONCLUSIVE, VerdictKind.ERROR}
    return undecided and verdict.detail in _RESUMABLE and not report.finished


def _write(directory: RunDirectory, result: Result, report: TlcReport, run: EngineRun) -> Result:
    """Write the record and commit the directory; what cannot be written is said in the result.

    A counterexample counts all the same. Whatever else was found needs its record, so that without
    it the verdict is ERROR(tlc).
    """
    work, place = directory.work, directory.name_final()
    lost = {STDOUT: f"{place / STDOUT}: {run.unrecorded}"} if run.unrecorded else {}
    texts = {ARGV: json.dumps(run.argv, indent=2)}
    if report.trace is not None:
        texts[TRACE_ITF] = json.dumps(trace_to_itf(report.trace), indent=1)
    for name, text in texts.items():
        lost |= _written(work, name, text, place)
    told = _with_losses(result, lost)
    failed = _written(work, RESULT, told.to_json(), place)
    if failed:
        told = _with_losses(result, lost | failed)
    told = told.model_copy(update={"run_dir": directory.commit()})
    if lost and report.trace is not None:
        told.__dict__["trace"] = report.trace  # what is in the file may end before it
    return told


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
    return result.model_copy(
        update={
            "verdict": verdict,
            "warnings": (*result.warnings, what),
            "lost": tuple(lost),
        }
    )
