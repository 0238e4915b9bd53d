"""The warm engine: TLC by JPype, in JVMs that stay up from one run to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

from slubtla.errors import UsageError
from slubtla.tlc.engine.argv import TlcOptions
from slubtla.tlc.engine.jars import classes_in_jars
from slubtla.tlc.engine.jvm_pool import JvmPool, shared_pool
from slubtla.tlc.engine.machine import default_heap_mb, this_machine
from slubtla.tlc.engine.process_engine import ProcessEngine
from slubtla.tlc.engine.protocol import CheckJob, EngineRun, OnLine, ProcessResult, RunOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from slubtla.tlc.tools import Toolchain


class JvmEngine(ProcessEngine):
    """Checks each job in a warm JVM, with a class loader of its own.

    The JVMs live in workers (:mod:`slubtla.tlc.engine.jvm_worker`): a hang or a crash costs one of
    them, and the run says so. They end on :meth:`close` (or at the end of a ``with`` block), with
    this process, or when they are old or idle.
    """

    def __init__(self, toolchain: Toolchain, *, pool: JvmPool | None = None) -> None:
        super().__init__(toolchain)
        self.pool = pool or shared_pool()

    def __reduce__(self) -> tuple[type[Self], tuple[Toolchain]]:
        return (type(self), (self.toolchain,))  # in another process, with JVMs of its own

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the JVMs that have nothing to do."""
        self.pool.close()

    def check(
        self, job: CheckJob, *, on_line: OnLine | None = None, cancel: Event | None = None
    ) -> EngineRun:
        """Run TLC on ``job``; see :meth:`slubtla.tlc.engine.protocol.Engine.check`.

        Raises:
            UsageError: an operator is implemented by a class of its module's name: TLC looks for
                such a class, and the class for TLC, in the JVM's own class path, which is empty.
        """
        classes = [str(path.name) for path in sorted(job.workdir.glob("*.class"))]
        classes += classes_in_jars(map(Path, job.options.classpath))
        if classes:
            raise UsageError(
                f"the engine `jvm` cannot load {', '.join(classes)}: TLC finds classes of modules "
                "on the class path of a JVM of its own only",
                next_step="choose --engine process; or annotate the operators (TLAPlusOperator)",
            )
        return super().check(job, on_line=on_line, cancel=cancel)

    def run_translator(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        """Run the PlusCal translator in the JVM that TLC will use by default.

        Its own flags only bound its heap, so they are not needed.
        """
        job = CheckJob(Path(), Path(), Path())
        heap_mb = default_heap_mb(this_machine().memory_bytes, TlcOptions().profile)
        like_tlc = self.compose(job, "", "", heap_mb)
        own, shared = argv.index("-cp"), like_tlc.index("-cp")
        return self._run([*like_tlc[:shared], *argv[own:]], **options)

    def _run(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        return self.pool.run(argv, **options)
