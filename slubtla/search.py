"""Run TLC on what is prepared, and make of it a result in its run directory."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final

from slubtla.engine import (
    CheckJob,
    Ended,
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
from slubtla.engine.watching import WATCHING
from slubtla.parts import Earlier
from slubtla.recording import Evidence, Subject, record
from slubtla.result import Result
from slubtla.rundir import ARGV, RESULT, TRACE_ITF, RunDirectory
from slubtla.tlc import Code, Progress, ReportReader, TlcReport, trace_to_itf
from slubtla.tlc.cfg import Cfg
from slubtla.tlc.told import PREFIX
from slubtla.toolchain import Toolchain
from slubtla.unfinished import forget
from slubtla.verdict import Verdict, VerdictKind

UNWATCHED: Final = {"tlc.out": "watched.out", "tlc.err": "watched.err"}
"""What TLC's output is called where the search was made again without our questions."""

NOT_EXAMINED: Final = (
    "antecedents and constraints were not examined: TLC cannot evaluate them on their own "
    "(watched.out)"
)

SILENT: Final = "antecedents and constraints were not examined: this TLC prints nothing for them"

RESUME_HINT = "the search can go on from its last checkpoint: slubtla resume"

_CHECKPOINT_DONE = f"@!@!@ENDMSG {Code.CHECKPOINT_END:d} "
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
        watching: the same, or the module itself, with the questions of
            :mod:`slubtla.engine.watching`; it is checked first.
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
    watching: Telling | None = None
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
    began = time.monotonic()
    run, report, interrupted = run_tlc(job, directory.work)
    if interrupted is None and job.watching is not None and _failed_by_watching(job, report, run):
        for name, other in UNWATCHED.items():
            (directory.work / name).rename(directory.work / other)
        timeout = None if job.timeout is None else job.timeout - (time.monotonic() - began)
        job = replace(job, watching=job.telling, timeout=timeout and max(0.0, timeout))
        run, report, interrupted = run_tlc(job, directory.work)
        job = replace(job, watching=None, remarks=(*job.remarks, NOT_EXAMINED))
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
            templates_sha256=job.templates_sha256,
            started=job.started,
            uncounted=job.earlier.uncounted if job.earlier else job.uncounted,
            earlier_argv=job.earlier.argv if job.earlier else (),
            told=job.telling.actions if job.telling else told,
            watched=watching.constraints if watching else None,
            antecedents=watching.antecedents if watching else (),
            distributed=job.distributed,
            doubt=job.doubt,
            remarks=(*job.remarks, *remarks),
        ),
    )
    if job.resumable:
        result = _keep_or_clean(result, report, directory.work)
    final = _write(directory, result, report, run)
    return result.model_copy(update={"run_dir": final})


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
    if (laid_over := job.watching or job.telling) is not None:
        spec, cfg = laid_over.write_to(work)
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


def _write(directory: RunDirectory, result: Result, report: TlcReport, run: EngineRun) -> Path:
    work = directory.work
    (work / RESULT).write_text(result.to_json() + "\n", encoding="utf-8")
    (work / ARGV).write_text(json.dumps(run.argv, indent=2) + "\n", encoding="utf-8")
    if report.trace is not None:
        itf = trace_to_itf(report.trace)
        (work / TRACE_ITF).write_text(json.dumps(itf, indent=1) + "\n", encoding="utf-8")
    return directory.commit()
