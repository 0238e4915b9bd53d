"""Run TLC once on a prepared specification, and read what it prints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from slubtla.tlc.engine import (
    CheckJob,
    Engine,
    EngineRun,
    RunInterrupted,
    TlcOptions,
    Translation,
    note_checkpoint,
)
from slubtla.tlc.output import Code, Progress, ReportReader, TlcReport
from slubtla.tlc.run.evidence import Subject
from slubtla.tlc.run.firings import Telling
from slubtla.tlc.run.resumed import Earlier
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools import Toolchain

_CHECKPOINT_DONE = f"@!@!@ENDMSG {Code.CHECKPOINT_END:d} "


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
        options: TLC's options.
        telling: the module to check instead, whose actions tell that they fire; None where TLC
            counts them, or nobody asks.
        watching: the same, or the module itself, with the questions of
            :mod:`slubtla.tlc.run.watching`; it is checked first.
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

    @property
    def plain(self) -> bool:
        """Whether it is one breadth-first search on this machine, up to the first error."""
        options = self.options
        special = options.simulate is not None or options.depth_first is not None
        return not (special or options.keep_going or self.earlier or self.distributed)


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
