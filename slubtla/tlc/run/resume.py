"""Go on with a run that was killed, from its last checkpoint."""

from __future__ import annotations

import datetime as dt
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import Ended, EngineRun, Translation, find_checkpoint
from slubtla.tlc.engine.argv import recovered_from
from slubtla.tlc.output import TlcReport, read_report
from slubtla.tlc.run.once import Search
from slubtla.tlc.run.result import STDOUT, Result
from slubtla.tlc.run.resumed import read_earlier, set_aside
from slubtla.tlc.run.rundir import (
    ARGV,
    RESULT,
    UNFINISHED,
    RunDirectory,
    load_run,
    reopen,
    runs_dir,
)
from slubtla.tlc.run.search import conclude, search
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.unfinished import MANIFEST, STDERR, Unfinished, hold, read_unfinished
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.text.cfg import read_cfg
from slubtla.tlc.tools import Toolchain

TAKEN: Final = ("tla2tools", "java", "toolchain", "timeout", "heap_mb", "on_progress", "cancel")
"""The settings that a resumed run takes; all others are those of the run that it goes on with."""


def resume(path: Path | None = None, *, settings: Settings | None = None) -> Result:
    """Go on with an unfinished run, and finish it in its own directory.

    Args:
        path: the run: ``NAME.unfinished``, or ``NAME``; the newest unfinished one among those whose
            names were left to us when None.
        settings: how to run; only those of :data:`TAKEN` count.

    Returns:
        The result of the whole search.

    Raises:
        UsageError: nothing to resume there, no checkpoint, still at work, or something that the
            result depends on has changed.
        ToolchainError, TlcOutputError, RunInterrupted: as for :func:`verify`.
    """
    settings = settings or Settings()
    place = locate_unfinished(path)
    unfinished = read_unfinished(place)
    toolchain = settings.find_toolchain()
    with hold(place):
        unfinished.require_unchanged(place, toolchain.jar.sha256)
        said = _said(place)
        if said.violations:
            prepared = _search(unfinished, place, settings, toolchain)
            return _conclude(said, prepared, reopen(place))
        if said.checkpoint_spoiled:
            raise UsageError(
                f"{place}: its last checkpoint was written after TLC had failed: "
                f"{said.errors[0].innermost.text.strip()}",
                next_step="mend that, and run it again from the start",
            )
        checkpoint = find_checkpoint(place)
        directory = reopen(place)
        set_aside(directory.work)
        prepared = _search(unfinished, directory.work, settings, toolchain)
        options = replace(
            prepared.options,
            recover=checkpoint,
            heap_mb=settings.heap_mb or prepared.options.heap_mb,
        )
        earlier = read_earlier(directory.work)
        return search(replace(prepared, options=options, earlier=earlier), directory)


def _said(work: Path) -> TlcReport:
    """Return what TLC said in the last part, as far as it was heard."""
    try:
        with (work / STDOUT).open(encoding="utf-8", errors="replace") as output:
            return read_report(output)
    except FileNotFoundError:  # the part was set aside, and the next never began
        return TlcReport()


def _search(unfinished: Unfinished, work: Path, settings: Settings, toolchain: Toolchain) -> Search:
    cfg_file = work / unfinished.cfg
    return Search(
        subject=unfinished.subject,
        toolchain=toolchain,
        engine=replace(settings, engine="process").find_engine(toolchain),
        translation=_translation(unfinished, work),
        cfg_file=cfg_file,
        cfg=read_cfg(cfg_file.read_text(encoding="utf-8")),
        cfg_sha256=unfinished.files[unfinished.cfg],
        options=unfinished.options.options(),
        timeout=settings.timeout,
        on_progress=settings.on_progress,
        cancel=settings.cancel,
        started=dt.datetime.fromisoformat(unfinished.started_at),
    )


def _conclude(said: TlcReport, prepared: Search, directory: RunDirectory) -> Result:
    """Make the result of a run that was killed when TLC had already told of a violation."""
    work = directory.work
    argv = tuple(json.loads((work / ARGV).read_text(encoding="utf-8")))
    earlier = read_earlier(work)
    prepared = replace(
        prepared,
        translation=_moved(prepared.translation, work),
        options=replace(prepared.options, recover=recovered_from(argv)),
        earlier=earlier if earlier.argv else None,
    )
    run = EngineRun(
        argv=argv,
        returncode=-signal.SIGKILL,
        ended=Ended.CANCELLED,
        stdout=work / STDOUT,
        stderr=work / STDERR,
        heap_mb=said.run.heap_mb or 0,
        wall_seconds=0.0,
        peak_memory_bytes=None,
    )
    return conclude(prepared, directory, run, said)


def _moved(translation: Translation, work: Path) -> Translation:
    modules = tuple(work / module.name for module in translation.modules)
    return replace(translation, spec=modules[0], modules=modules)


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


def _translation(unfinished: Unfinished, work: Path) -> Translation:
    modules = [name for name in unfinished.files if name.endswith(".tla")]
    others = sorted(work / name for name in modules if name != unfinished.spec)
    spec = work / unfinished.spec
    return Translation(
        spec,
        (spec, *others),
        warnings=unfinished.translation_warnings,
        edited=unfinished.translation_edited,
        doubts=unfinished.translation_doubts,
        wall_seconds=unfinished.translate_seconds,
    )
