"""Run TLC on what is prepared, and make of it a result in its run directory."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from slubtla.engine import (
    CheckJob,
    Engine,
    EngineRun,
    RunInterrupted,
    TlcOptions,
    Translation,
    has_checkpoint,
    note_checkpoint,
)
from slubtla.engine.argv import SCRATCH
from slubtla.engine.firings import Telling
from slubtla.parts import Earlier
from slubtla.recording import Evidence, Subject, record
from slubtla.result import STDOUT, Result
from slubtla.rundir import ARGV, RESULT, TRACE_ITF, RunDirectory
from slubtla.tlc import Code, Progress, ReportReader, TlcReport, trace_to_itf
from slubtla.tlc.cfg import Cfg
from slubtla.toolchain import Toolchain
from slubtla.unfinished import forget
from slubtla.verdict import Verdict, VerdictKind

RESUME_HINT = "the search can go on from its last checkpoint: slubtla resume"

_CHECKPOINT_DONE = f"@!@!@ENDMSG {Code.CHECKPOINT_END:d} "
_NEEDS_RECORD = frozenset({VerdictKind.PROVEN, VerdictKind.VACUOUS, VerdictKind.BOUNDED})
_RESUMABLE = frozenset({"timeout", "cancelled", "memory", "truncated", "tlc"})


@dataclass(frozen=True, slots=True)
class Search:
    """What a search needs: a spec, a cfg, what they are about, and how to run.

    Attributes:
        subject: what the run is about.
        toolchain: Java and the jar.
        engine: what runs TLC.
        translation: the spec, ready to be checked.
        cfg_file: the configuration.
        cfg: what it says.
        cfg_sha256: digest of its text.
        templates_sha256: digest of the templates; None for a spec of the user's own.
        options: TLC's options.
        telling: the module to check instead, whose actions tell that they fire; None where TLC
            counts them, or nobody asks.
        distributed: whether the engine has workers of other processes do it.
        uncounted: why an action may fire without being counted; ``""`` where all are.
        doubt: why "no error has been found" would be no proof; ``""`` where it is.
        remarks: what a careful reader should know of the run, one sentence each.
        timeout: wall seconds for TLC; None for no limit.
        on_progress: hears TLC's progress.
        cancel: ends the run when set.
        started: when the run began, UTC.
        earlier: the parts before this one; None where this is the first.
    """

    subject: Subject
    toolchain: Toolchain
    engine: Engine
    translation: Translation
    cfg_file: Path
    cfg: Cfg
    cfg_sha256: str
    templates_sha256: str | None
    options: TlcOptions
    timeout: float | None
    on_progress: Callable[[Progress], None] | None
    cancel: Event | None
    started: dt.datetime
    earlier: Earlier | None = None
    telling: Telling | None = None
    distributed: bool = False
    uncounted: str = ""
    doubt: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def resumable(self) -> bool:
        """Whether the run keeps what it would need to go on after a kill."""
        return self.options.checkpoint_minutes > 0


def search(job: Search, directory: RunDirectory) -> Result:
    """Run TLC, judge, and commit the run directory.

    Raises:
        ToolchainError: TLC could not be started.
        TlcOutputError: TLC printed what cannot be read.
        RunInterrupted: Ctrl-C; what there was is in the run directory.
    """
    run, report, interrupted = run_tlc(job, directory.work)
    result = conclude(job, directory, run, report)
    if interrupted is not None:
        raise interrupted
    return result


def conclude(
    job: Search,
    directory: RunDirectory,
    run: EngineRun,
    report: TlcReport,
    *,
    told: tuple[str, ...] | None = None,
) -> Result:
    """Judge what a run left, and commit the run directory.

    Args:
        job: what was to be done.
        directory: where it was done.
        run: what the engine returned.
        report: what TLC said.
        told: the actions of which the report knows whether they fire; those of ``job.telling``
            where it has one.
    """
    if job.earlier is not None:
        report = job.earlier.join(report)
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
            templates_sha256=job.templates_sha256,
            started=job.started,
            uncounted=job.earlier.uncounted if job.earlier else job.uncounted,
            earlier_argv=job.earlier.argv if job.earlier else (),
            told=job.telling.actions if job.telling else told,
            distributed=job.distributed,
            doubt=job.doubt,
            remarks=job.remarks,
        ),
    )
    if job.resumable:
        result = _keep_or_clean(result, report, directory.work)
    return _write(directory, result, report, run)


def run_tlc(job: Search, work: Path) -> tuple[EngineRun, TlcReport, RunInterrupted | None]:
    """Run TLC and read what it says; Ctrl-C is returned, so that what there is can be kept."""
    reader = ReportReader()
    hidden = f"{work}/"

    def hear(line: str) -> None:
        if job.resumable and line.startswith(_CHECKPOINT_DONE):
            note_checkpoint(work)
        progress = reader.feed(line.replace(hidden, ""))  # it will be gone when the user reads this
        if progress is not None and job.on_progress is not None:
            job.on_progress(progress)

    spec, cfg = job.translation.spec, job.cfg_file
    if job.telling is not None:
        spec, cfg = job.telling.write_to(work)
    interrupted: RunInterrupted | None = None
    try:
        run = job.engine.check(
            CheckJob(
                spec=spec,
                cfg=cfg,
                workdir=work,
                options=job.options,
                timeout=job.timeout,
                keep_states=job.resumable,
            ),
            on_line=hear,
            cancel=job.cancel,
        )
    except RunInterrupted as error:
        interrupted, run = error, error.run
    return run, reader.finish(), interrupted


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
