"""What every engine does around a run of TLC, whichever way it starts it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from slubtla.errors import UsageError
from slubtla.tlc.engine.argv import ARGV, METADIR, SCRATCH, TEMPORARY, tlc_argv
from slubtla.tlc.engine.machine import default_heap_mb, this_machine
from slubtla.tlc.engine.parsed import ParsedFiles
from slubtla.tlc.engine.protocol import CheckJob, Ended, EngineRun, OnLine, RunInterrupted
from slubtla.tlc.engine.stage import stage_file, stage_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from threading import Event

    from slubtla.tlc.engine.protocol import Runner
    from slubtla.tlc.tools import Toolchain


def check_job(  # noqa: PLR0913  # three of them keyword-only, with a default
    run: Runner,
    toolchain: Toolchain,
    job: CheckJob,
    *,
    on_line: OnLine | None = None,
    cancel: Event | None = None,
    faster: Callable[[Sequence[str]], Sequence[str]] | None = None,
    compose: Callable[..., list[str]] = tlc_argv,
) -> EngineRun:
    """Stage a job, have ``run`` run TLC on it, and tidy up.

    Args:
        run: what runs a command line.
        toolchain: the Java and the jar.
        job: what to check.
        on_line: hears TLC's output.
        cancel: ends the run when set.
        faster: gives more flags for a command line, which only make its JVM start faster; see
            :meth:`slubtla.tlc.cache.Archives.flags`.
        compose: makes the command line, from what :func:`slubtla.tlc.engine.tlc_argv` takes.

    Raises:
        As :meth:`slubtla.tlc.engine.protocol.Engine.check`.
    """
    workdir = job.workdir.absolute()
    modules = stage_spec(job.spec, workdir)
    spec = modules[0]
    cfg = stage_file(job.cfg, workdir)
    heap_mb = job.options.heap_mb or default_heap_mb(
        this_machine().memory_bytes, job.options.profile
    )
    argv = compose(
        java=toolchain.java.path,
        jar=toolchain.jar.path,
        spec=spec.name,
        cfg=cfg.name,
        options=job.options,
        default_heap_mb=heap_mb,
    )
    if faster is not None:
        argv[1:1] = faster(argv)
    parsed = ParsedFiles(workdir, (module.name for module in modules))

    def hear(line: str) -> None:
        parsed.hear(line)
        if on_line is not None:
            on_line(line)

    stdout, stderr = workdir / "tlc.out", workdir / "tlc.err"
    scratch = _new_scratch(workdir, again=job.options.recover is not None)
    if job.keep_states:
        scratch = workdir / TEMPORARY
        (workdir / ARGV).write_text(json.dumps(argv, indent=2) + "\n", encoding="utf-8")
    try:
        result = run(
            argv,
            cwd=workdir,
            stdout=stdout,
            stderr=stderr,
            timeout=job.timeout,
            on_line=hear,
            cancel=cancel,
            scratch=scratch,
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    left = EngineRun(
        argv=tuple(argv),
        returncode=result.returncode,
        ended=result.ended,
        stdout=stdout,
        stderr=stderr,
        heap_mb=heap_mb,
        wall_seconds=result.wall_seconds,
        peak_memory_bytes=result.peak_memory_bytes,
        foreign=parsed.complaint,
        unrecorded=result.unrecorded,
    )
    if left.ended is Ended.INTERRUPTED:
        raise RunInterrupted(left)
    return left


def _new_scratch(workdir: Path, *, again: bool) -> Path:
    """Make the folders for what TLC leaves behind; ``again`` where a killed run left them."""
    scratch = workdir / SCRATCH
    try:
        scratch.mkdir(exist_ok=again)
    except FileExistsError as error:
        raise UsageError(
            f"{scratch} exists: another run is at work here",
            next_step="give each run a directory of its own",
        ) from error
    (workdir / TEMPORARY).mkdir(exist_ok=again)
    (workdir / METADIR).mkdir(exist_ok=again)
    return scratch
