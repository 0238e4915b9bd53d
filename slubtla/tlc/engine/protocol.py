"""Types that all engines share: what to check, how a run ended, and the interface itself.

An engine checks one ``.tla`` with one ``.cfg`` in one directory.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol, Required, TypedDict, Unpack

from slubtla.tlc.engine.argv import TlcOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

OnLine = Callable[[str], None]
"""Called with each line of stdout, without its end, in the thread that called."""


class Ended(enum.Enum):
    """How a run ended: by itself (also by a crash or a signal from outside), or by slubtla.

    Where slubtla ended it, its output is incomplete.
    """

    EXITED = "exited"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """The end of one program.

    Attributes:
        returncode: exit code; negative when a signal ended it, e.g. ``-9``.
        ended: who ended it.
        wall_seconds: from its start to its end.
        peak_memory_bytes: largest resident set; ``None`` if the guard had to be killed, too.
        unrecorded: why its output could not be written whole, in the system's words; ``""`` where
            it was. ``on_line`` was called with all of it.
    """

    returncode: int
    ended: Ended
    wall_seconds: float
    peak_memory_bytes: int | None
    unrecorded: str = ""


class RunOptions(TypedDict, total=False):
    """How a program runs; see :func:`slubtla.tlc.engine.process.run_supervised`."""

    cwd: Required[Path]
    stdout: Required[Path]
    stderr: Required[Path]
    timeout: float | None
    on_line: OnLine | None
    cancel: Event | None
    scratch: Path | None


class Runner(Protocol):
    """Runs one Java command line to its end, or ends it.

    :func:`~slubtla.tlc.engine.process.run_supervised` does it in a JVM of its own,
    :meth:`~slubtla.tlc.engine.jvm_pool.JvmPool.run` in a warm one.
    """

    def __call__(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        """Run ``argv``."""
        ...


@dataclass(frozen=True, slots=True)
class CheckJob:
    """One thing to check.

    Attributes:
        spec: the root module. From outside ``workdir`` it is copied there, with the modules beside
            it that it names; nothing is ever written beside the original.
        cfg: TLC's configuration; likewise.
        workdir: the run's own directory; made if missing. It holds one run only.
        options: how TLC runs.
        timeout: wall seconds; ``None`` for no limit.
        keep_states: leave TLC's states and checkpoints in ``workdir``, whatever happens.
    """

    spec: Path
    cfg: Path
    workdir: Path
    options: TlcOptions = field(default_factory=TlcOptions)
    timeout: float | None = None
    keep_states: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRun(ProcessResult):
    """One check by TLC, without a verdict.

    Attributes:
        argv: the command line, or what stands for it in an engine that has none.
        stdout: the file ``tlc.out`` in the run's directory: raw, as printed.
        stderr: the file ``tlc.err`` there.
        heap_mb: the Java heap that was given, in MiB.
        foreign: why the output is not that of this run (:mod:`slubtla.tlc.engine.parsed`), one
            sentence; ``""`` where it is.
    """

    argv: tuple[str, ...]
    stdout: Path
    stderr: Path
    heap_mb: int
    foreign: str = ""


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C during a check; ``run`` is what there was. The JVM is gone, the directory clean.

    As a ``KeyboardInterrupt`` it stops a loop over many checks, too.
    """

    def __init__(self, run: EngineRun) -> None:
        super().__init__("interrupted")
        self.run = run

    def __reduce__(self) -> tuple[type[RunInterrupted], tuple[EngineRun]]:
        return (RunInterrupted, (self.run,))


class Engine(Protocol):
    """Runs TLC. Every engine keeps the same contract, and passes the same tests."""

    def check(
        self, job: CheckJob, *, on_line: OnLine | None = None, cancel: Event | None = None
    ) -> EngineRun:
        """Run TLC on ``job``; afterwards nothing of it runs, and ``workdir`` holds no scratch.

        Args:
            job: what to check.
            on_line: called with each line of stdout; what it raises ends the run and is passed on.
            cancel: ends the run when set, by any thread.

        Raises:
            ToolchainError: TLC could not be started.
            SpecError: the spec or its configuration cannot be read.
            UsageError: ``workdir`` holds another run, or another file of the same name.
            RunInterrupted: Ctrl-C.
            CannotRunError: the end of the run is unknown.
        """
        ...

    def run_translator(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        """Run the PlusCal translator, as a :class:`Runner` does."""
        ...
