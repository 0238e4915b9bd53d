"""The reference engine: a JVM for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slubtla.engine.process import run_jvm
from slubtla.engine.running import check_job

if TYPE_CHECKING:
    from threading import Event

    from slubtla.engine.protocol import CheckJob, EngineRun, OnLine
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
        return check_job(run_jvm, self.toolchain, job, on_line=on_line, cancel=cancel)
