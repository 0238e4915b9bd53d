"""The reference engine: stages a spec, runs TLC on it in a JVM of its own, and cleans up."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Unpack

from slubtla.errors import UsageError
from slubtla.tlc.engine.argv import ARGV, METADIR, SCRATCH, TEMPORARY, tlc_argv
from slubtla.tlc.engine.machine import default_heap_mb, this_machine
from slubtla.tlc.engine.parsed import ParsedFiles
from slubtla.tlc.engine.process import run_supervised
from slubtla.tlc.engine.protocol import (
    CheckJob,
    Ended,
    EngineRun,
    OnLine,
    ProcessResult,
    RunInterrupted,
    RunOptions,
)
from slubtla.tlc.engine.stage import stage_file, stage_spec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from threading import Event

    from slubtla.tlc.engine.archives import Archives
    from slubtla.tlc.tools import Toolchain


class ProcessEngine:
    """Checks each job in a JVM of its own, supervised by :mod:`slubtla.tlc.engine.process`."""

    def __init__(self, toolchain: Toolchain, *, archives: Archives | None = None) -> None:
        self.toolchain = toolchain
        self._archives = archives

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.toolchain!r})"

    def check(
        self, job: CheckJob, *, on_line: OnLine | None = None, cancel: Event | None = None
    ) -> EngineRun:
        """Run TLC on ``job``; see :meth:`slubtla.tlc.engine.protocol.Engine.check`."""
        workdir = job.workdir.absolute()
        modules = stage_spec(job.spec, workdir)
        cfg = stage_file(job.cfg, workdir)
        profile = job.options.profile
        heap_mb = job.options.heap_mb or default_heap_mb(this_machine().memory_bytes, profile)
        argv = self._with_archive(self.compose(job, modules[0].name, cfg.name, heap_mb))
        parsed = ParsedFiles(workdir, (module.name for module in modules))

        def take(line: str) -> None:
            parsed.feed(line)
            if on_line is not None:
                on_line(line)

        stdout, stderr = workdir / "tlc.out", workdir / "tlc.err"
        scratch = _new_scratch(workdir, again=job.options.recover is not None)
        if job.keep_states:
            scratch = workdir / TEMPORARY
            (workdir / ARGV).write_text(json.dumps(argv, indent=2) + "\n", encoding="utf-8")
        try:
            result = self._run(
                argv,
                cwd=workdir,
                stdout=stdout,
                stderr=stderr,
                timeout=job.timeout,
                on_line=take,
                cancel=cancel,
                scratch=scratch,
            )
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        run = EngineRun(
            **asdict(result),
            argv=tuple(argv),
            stdout=stdout,
            stderr=stderr,
            heap_mb=heap_mb,
            foreign=parsed.complaint,
        )
        if run.ended is Ended.INTERRUPTED:
            raise RunInterrupted(run)
        return run

    def run_translator(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        """Run the PlusCal translator, in a JVM as TLC's."""
        return self._run(self._with_archive(argv), **options)

    def compose(self, job: CheckJob, spec: str, cfg: str, heap_mb: int) -> list[str]:
        """The command line of TLC for files in the run's directory."""
        return tlc_argv(
            java=self.toolchain.java.path,
            jar=self.toolchain.jar.path,
            spec=spec,
            cfg=cfg,
            options=job.options,
            default_heap_mb=heap_mb,
        )

    def _run(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        return run_supervised(argv, **options)

    def _with_archive(self, argv: Sequence[str]) -> list[str]:
        flags = () if self._archives is None else self._archives.flags(argv)
        return [argv[0], *flags, *argv[1:]]


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
