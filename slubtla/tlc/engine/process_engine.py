"""The reference engine: a JVM for each run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Unpack

from slubtla.tlc.engine.around import check_job
from slubtla.tlc.engine.process import run_supervised
from slubtla.tlc.engine.protocol import ProcessResult, RunOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from slubtla.tlc.engine.protocol import CheckJob, EngineRun, OnLine
    from slubtla.tlc.tools import Toolchain


class ProcessEngine:
    """Checks each job in a JVM of its own, behind a guard (:mod:`slubtla.tlc.engine.process`).

    Args:
        toolchain: the Java and the jar to run.
        faster: gives more flags for a command line, which only make its JVM start faster; see
            :meth:`slubtla.tlc.cache.Archives.flags`.
    """

    def __init__(
        self,
        toolchain: Toolchain,
        *,
        faster: Callable[[Sequence[str]], Sequence[str]] | None = None,
    ) -> None:
        self.toolchain = toolchain
        self._faster = faster

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.toolchain!r})"

    def check(
        self, job: CheckJob, *, on_line: OnLine | None = None, cancel: Event | None = None
    ) -> EngineRun:
        """Run TLC on ``job``; see :meth:`slubtla.tlc.engine.Engine.check`."""
        return check_job(
            run_supervised, self.toolchain, job, on_line=on_line, cancel=cancel, faster=self._faster
        )

    def run_translator(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        """Run the PlusCal translator in a JVM of its own."""
        extra = () if self._faster is None else self._faster(argv)
        return run_supervised([argv[0], *extra, *argv[1:]], **options)
