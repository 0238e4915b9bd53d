"""The reference engine: a JVM for each run."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from slubtla.engine.argv import METADIR, SCRATCH, TEMPORARY, tlc_argv
from slubtla.engine.machine import default_heap_mb, this_machine
from slubtla.engine.process import run_jvm
from slubtla.engine.protocol import CheckJob, Ended, EngineRun, OnLine, RunInterrupted
from slubtla.engine.stage import stage_file, stage_spec
from slubtla.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from slubtla.toolchain import Toolchain


class ProcessEngine:
    """Checks each job in a JVM of its own, behind a guard (:mod:`slubtla.engine.process`).

    Args:
        toolchain: the Java and the jar to run.
    """

    def __init__(self, toolchain: Toolchain) -> None:
        self.toolchain = toolchain

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.toolchain!r})"

    def check(
        self, job: CheckJob, *, on_line: OnLine | None = None, cancel: Event | None = None
    ) -> EngineRun:
        """Run TLC on ``job``; see :meth:`slubtla.engine.Engine.check`."""
        workdir = job.workdir.absolute()
        spec = stage_spec(job.spec, workdir)[0]
        cfg = stage_file(job.cfg, workdir)
        heap_mb = job.options.heap_mb or default_heap_mb(
            this_machine().memory_bytes, job.options.profile
        )
        argv = tlc_argv(
            java=self.toolchain.java.path,
            jar=self.toolchain.jar.path,
            spec=spec.name,
            cfg=cfg.name,
            options=job.options,
            default_heap_mb=heap_mb,
        )
        stdout, stderr = workdir / "tlc.out", workdir / "tlc.err"
        scratch = _new_scratch(workdir)
        try:
            result = run_jvm(
                argv,
                cwd=workdir,
                stdout=stdout,
                stderr=stderr,
                timeout=job.timeout,
                on_line=on_line,
                cancel=cancel,
                scratch=scratch,
            )
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        run = EngineRun(
            argv=tuple(argv),
            returncode=result.returncode,
            ended=result.ended,
            stdout=stdout,
            stderr=stderr,
            heap_mb=heap_mb,
            wall_seconds=result.wall_seconds,
            peak_memory_bytes=result.peak_memory_bytes,
        )
        if run.ended is Ended.INTERRUPTED:
            raise RunInterrupted(run)
        return run


def _new_scratch(workdir: Path) -> Path:
    scratch = workdir / SCRATCH
    try:
        scratch.mkdir()
    except FileExistsError as error:
        raise UsageError(
            f"{scratch} exists: another run is at work here",
            next_step="give each run a directory of its own",
        ) from error
    (workdir / TEMPORARY).mkdir()
    (workdir / METADIR).mkdir()
    return scratch
