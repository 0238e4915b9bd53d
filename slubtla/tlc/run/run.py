"""Run: prepared files, options and output of one TLC run; execute it."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from slubtla.tlc.engine import (
    CheckJob,
    Ended,
    Engine,
    EngineRun,
    RunInterrupted,
    TlcOptions,
    Translation,
    note_checkpoint,
)
from slubtla.tlc.output import Code, ReportReader, TlcReport
from slubtla.tlc.run.instrument import Overlay
from slubtla.tlc.run.judge import Criteria
from slubtla.tlc.run.rundir import RunDirectory
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.run.unfinished import Earlier
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools import Toolchain

_CHECKPOINT_DONE: Final = f"@!@!@ENDMSG {Code.CHECKPOINT_END:d} "
_NOT_RUN: Final = EngineRun(
    -1, Ended.CANCELLED, 0.0, None, argv=(), stdout=Path(), stderr=Path(), heap_mb=0
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of TLC; each stage returns it with what it learned.

    Attributes:
        spec: what is checked; its cfg, options and criteria are those that TLC is given.
        cfg_sha256: digest of the cfg.
        deadline: when its time is up, by ``time.monotonic``; None for no limit.
        overlay: the module to check instead, which prints the actions that fire; None where TLC
            counts them, or nobody asks.
        watching: the same with antecedents and constraints; it is checked first.
        distributed: whether workers of other processes do the search.
        earlier: the parts before this one, of a resumed run.
        trace_from: the file with the counterexample, if TLC's output of the run has none.
        interrupted: Ctrl-C; it is raised when what there is has been kept.
    """

    spec: RunSpec
    settings: Settings
    toolchain: Toolchain
    engine: Engine
    directory: RunDirectory
    translation: Translation
    cfg_sha256: str
    started: dt.datetime
    deadline: float | None = None
    overlay: Overlay | None = None
    watching: Overlay | None = None
    distributed: bool = False
    earlier: Earlier | None = None
    remarks: tuple[str, ...] = ()
    exit: EngineRun = _NOT_RUN
    report: TlcReport = field(default_factory=TlcReport)
    trace_from: str | None = None
    interrupted: RunInterrupted | None = None

    @property
    def work(self) -> Path:
        """The directory in which TLC works."""
        return self.directory.work

    @property
    def options(self) -> TlcOptions:
        """TLC's options."""
        return self.spec.options

    @property
    def criteria(self) -> Criteria:
        """What the run is judged by."""
        return self.spec.criteria

    @property
    def cfg(self) -> Cfg:
        """What the cfg says."""
        return self.spec.criteria.cfg

    @property
    def resumable(self) -> bool:
        """Whether the run keeps what it needs to go on after a kill."""
        return self.options.checkpoint_minutes > 0

    @property
    def left(self) -> float | None:
        """Wall seconds until the deadline; None for no limit."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def rename_output(self, stem: str) -> None:
        """Give TLC's output and errors other names, to make room for another search."""
        for kind in ("out", "err"):
            (self.work / f"tlc.{kind}").rename(self.work / f"{stem}.{kind}")

    def judged_by(self, **criteria: object) -> Run:
        """Return the run with some criteria changed."""
        own = replace(self.criteria, **criteria)  # type: ignore[arg-type]  # the caller's concern
        return replace(self, spec=replace(self.spec, criteria=own))

    def noting(self, *remarks: str) -> Run:
        """Return the run with further remarks."""
        return replace(self, remarks=(*self.remarks, *remarks))


def run_tlc(run: Run) -> Run:
    """Run TLC once and read what it prints."""
    spec, cfg = run.translation.spec, run.spec.cfg
    if (overlay := run.watching or run.overlay) is not None:
        spec, cfg = overlay.write_to(run.work)
    job = CheckJob(spec, cfg, run.work, run.options, run.left, keep_states=run.resumable)
    run = run_job(run, job)
    run.directory.ended = True
    return run


def run_job(run: Run, job: CheckJob) -> Run:
    """Have the engine of a run check something; Ctrl-C is returned, so that the rest is kept."""
    reader = ReportReader(output_limit=run.spec.most_output)
    hidden = f"{job.workdir}/"  # it will be gone when the user reads this

    def on_line(line: str) -> None:
        if run.resumable and line.startswith(_CHECKPOINT_DONE):
            note_checkpoint(job.workdir)
        progress = reader.feed(line.replace(hidden, ""))
        if progress is not None and run.settings.on_progress is not None:
            run.settings.on_progress(progress)

    interrupted = None
    try:
        ended = run.engine.check(job, on_line=on_line, cancel=run.settings.cancel)
    except RunInterrupted as error:
        interrupted, ended = error, error.run
    return replace(run, exit=ended, report=reader.finish(), interrupted=interrupted)
