"""Go on with a run that was killed, from its last checkpoint."""

from __future__ import annotations

import datetime as dt
import json
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import Ended, EngineRun, find_checkpoint
from slubtla.tlc.engine.argv import ARGV, recovered_from
from slubtla.tlc.output import TlcReport, read_report
from slubtla.tlc.run.record import conclude
from slubtla.tlc.run.result import STDOUT, Result
from slubtla.tlc.run.run import Run
from slubtla.tlc.run.rundir import RESULT, UNFINISHED, RunDirectory, load_run, reopen, runs_dir
from slubtla.tlc.run.search import search
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.unfinished import (
    MANIFEST,
    STDERR,
    Manifest,
    hold,
    read_earlier,
    read_unfinished,
    set_aside,
)
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.tools import Toolchain

TAKEN: Final = ("tla2tools", "java", "toolchain", "timeout", "heap_mb", "on_progress", "cancel")
"""The settings that a resumed run takes; all others are those of the run that it goes on with."""


def resume(path: Path | None = None, *, settings: Settings | None = None) -> Result:
    """Go on with an unfinished run, and return the result of the whole search.

    Args:
        path: the run: ``NAME.unfinished``, or ``NAME``; when None the newest unfinished one among
            those that were named automatically.
        settings: how to run; only those of :data:`TAKEN` count.

    Raises:
        UsageError: nothing to resume there, no checkpoint, still at work, or something that the
            result depends on has changed.
        ToolchainError, TlcOutputError, RunInterrupted: as for :func:`verify`.
    """
    settings = settings or Settings()
    place = locate_unfinished(path)
    manifest = read_unfinished(place)
    toolchain = settings.find_toolchain()
    with hold(place):
        manifest.require_unchanged(place, toolchain.jar.sha256)
        said = _said(place)
        if said.violations:
            return conclude(_killed(_run(manifest, reopen(place), settings, toolchain), said))
        if said.checkpoint_spoiled:
            why = said.errors[0].innermost.text.strip()
            raise UsageError(
                f"{place}: its last checkpoint was written after TLC had failed: {why}",
                next_step="mend that, and run it again from the start",
            )
        checkpoint = find_checkpoint(place)
        directory = reopen(place)
        set_aside(directory.work)
        run = _run(manifest, directory, settings, toolchain)
        heap_mb = settings.heap_mb or run.options.heap_mb
        run = _with_options(run, recover=checkpoint, heap_mb=heap_mb)
        return conclude(search(replace(run, earlier=read_earlier(directory.work))))


def _said(work: Path) -> TlcReport:
    """Return what TLC reported in the last part."""
    try:
        return read_report(work / STDOUT)
    except FileNotFoundError:  # the part was set aside, and the next never began
        return TlcReport()


def _run(
    manifest: Manifest, directory: RunDirectory, settings: Settings, toolchain: Toolchain
) -> Run:
    """Return the run that a manifest describes, as it was before TLC started."""
    spec, translation = manifest.within(directory.work)
    own = replace(settings, engine="process", distributed=False, listen=None, port=None)
    return Run(
        spec=spec,
        settings=own,
        toolchain=toolchain,
        engine=own.find_engine(toolchain),
        directory=directory,
        translation=translation,
        cfg_sha256=manifest.files[spec.cfg.name],
        started=dt.datetime.fromisoformat(manifest.started_at),
        deadline=None if settings.timeout is None else time.monotonic() + settings.timeout,
    )


def _with_options(run: Run, **options: object) -> Run:
    changed = replace(run.options, **options)  # type: ignore[arg-type]  # the caller's concern
    return replace(run, spec=replace(run.spec, options=changed))


def _killed(run: Run, said: TlcReport) -> Run:
    """Return a run that was killed after TLC had reported a violation, with what it reported."""
    work = run.work
    argv = tuple(json.loads((work / ARGV).read_text(encoding="utf-8")))
    earlier = read_earlier(work)
    run = _with_options(run, recover=recovered_from(argv))
    return replace(
        run,
        earlier=earlier if earlier.argv else None,
        report=said,
        exit=EngineRun(
            argv=argv,
            returncode=-signal.SIGKILL,
            ended=Ended.CANCELLED,
            stdout=work / STDOUT,
            stderr=work / STDERR,
            heap_mb=said.run.heap_mb or 0,
            wall_seconds=0.0,
            peak_memory_bytes=None,
        ),
    )


def locate_unfinished(path: Path | None = None) -> Path:
    """Return the directory of an unfinished run.

    Raises:
        UsageError: there is none, or what is there is finished.
    """
    if path is None:
        found = [manifest.parent for manifest in runs_dir().glob(f"[!.]*/{MANIFEST}")]
        if not found:
            raise UsageError(
                f"there is no unfinished run in {runs_dir()}",
                next_step="begin one: slubtla verify --strategy smp_mb_paired --checkpoint 10",
            )
        return max(found, key=lambda place: place.name)
    path = path.absolute()  # "." has no name
    for place in (path, path.with_name(path.name + UNFINISHED)):
        if (place / MANIFEST).is_file():
            return place
    if (path / RESULT).is_file():
        verdict = load_run(path).verdict
        if verdict.kind not in {VerdictKind.INCONCLUSIVE, VerdictKind.ERROR}:
            raise UsageError(
                f"{path} is finished: {verdict}",
                next_step=f"there is nothing to resume; see it with: slubtla trace {path}",
            )
        raise UsageError(
            f"{path} was stopped before a checkpoint: {verdict}",
            next_step="begin it anew, with --checkpoint MINUTES if it had none",
        )
    raise UsageError(
        f"{path} holds no unfinished run",
        next_step="name a run that was made with --checkpoint and did not come to its end",
    )
