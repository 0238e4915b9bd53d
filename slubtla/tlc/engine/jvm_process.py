"""A warm JVM: started once, given one run after another, supervised in its own process group.

The JVM lives in a worker (:mod:`jvm_worker`) behind a guard. Ending a run early ends the worker,
too: only so is it certain that nothing of the run is left.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from slubtla.errors import ToolchainError
from slubtla.tlc.engine.process import GuardedProcess, Supervision
from slubtla.tlc.engine.protocol import Ended, OnLine, ProcessResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

START_SECONDS = 60.0
"""For a worker to begin its first run; it takes about one."""

_CHUNK = 1 << 16
_WORKER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from slubtla.tlc.engine.jvm_worker import main; main()"
)


class WorkerGoneError(Exception):
    """The worker had ended before the run began: nothing happened, another may try."""


class JvmSettings(NamedTuple):
    """What a worker is, for as long as it lives.

    Attributes:
        libjvm: the JVM's library.
        flags: of the JVM; they cannot be changed later.
        most_runs: the number of runs after which it ends.
        idle_seconds: without a run, after which it ends.
    """

    libjvm: str
    flags: tuple[str, ...]
    most_runs: int
    idle_seconds: float


class JvmProcess:
    """A worker and its guard; starting it takes about a second, and is not waited for."""

    def __init__(self, settings: JvmSettings) -> None:
        self._runs = 0
        self._folder = Path(tempfile.mkdtemp(prefix="slubtla-jvm-"))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the worker; nameless
        self._talk, theirs = socket.socketpair()
        with theirs:
            package = Path(__file__).parents[3]
            command = [sys.executable, "-I", "-c", _WORKER, str(package), str(theirs.fileno())]
            self._guarded = GuardedProcess(
                [*command, str(self._folder)],
                self._folder,
                self._log,
                self._log,
                scratch=self._folder,
                pass_fds=(theirs.fileno(),),
            )
        self._send(settings._asdict())

    def run(  # noqa: PLR0913  # keyword-only
        self,
        request: dict[str, Any],
        *,
        out: IO[bytes],
        err: IO[bytes],
        timeout: float | None = None,
        on_line: OnLine | None = None,
        cancel: Event | None = None,
    ) -> ProcessResult:
        """Run a program in this worker; afterwards :attr:`alive` says if it can run another.

        Args:
            request: what to run; see :mod:`jvm_worker`.
            out: takes what it prints; unbuffered.
            err: takes its stderr, and a line of ours if the worker dies during the run; likewise.
            timeout: wall seconds; what a new worker needs to start does not count.
            on_line: called with each line.
            cancel: ends the run when set.

        Raises:
            WorkerGoneError: the worker had ended before the run began.
            ToolchainError: a new worker did not start.
            CannotRunError: the guard was killed from outside, so that the end is unknown.
        """
        self._runs += 1
        read, write = os.pipe()
        with open(read, "rb", buffering=0) as pipe:  # noqa: PTH123  # a descriptor
            with open(write, "wb") as end:  # noqa: PTH123
                self._send(request, fds=(end.fileno(), err.fileno()))
            run = _JvmSupervision(self._guarded, pipe, out, on_line, timeout, self._talk)
            run.follow(cancel)
        if not run.begun and (run.failed or run.ending in {Ended.EXITED, Ended.TIMEOUT}):
            raise self._not_started(run)
        if run.code is not None and run.ending is not Ended.INTERRUPTED:
            return ProcessResult(run.code, Ended.EXITED, run.wall, run.peak, run.unrecorded)
        result = run.result("the warm JVM")
        if result.ended is Ended.EXITED:
            with contextlib.suppress(OSError):  # a full disk
                err.write(
                    f"slubtla: the warm JVM ended in mid-run, with {result.returncode}; "
                    f"this was its run number {self._runs}\n".encode()
                )
        return replace(result, wall_seconds=time.monotonic() - run.began)

    @property
    def alive(self) -> bool:
        """Whether the worker still waits for a run; one that is about to end may say so, too."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._guarded.control, selectors.EVENT_READ)
            ready.register(self._talk, selectors.EVENT_READ)
            return not ready.select(0)

    def close(self) -> None:
        """End the worker, whatever it does, and wait for it."""
        self._guarded.close()
        self._talk.close()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _send(self, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
        line = json.dumps(message).encode() + b"\n"
        with contextlib.suppress(OSError):  # gone: the end of the socket says so soon
            sent = socket.send_fds(self._talk, [line], fds)
            self._talk.sendall(line[sent:])

    def _not_started(self, run: _JvmSupervision) -> Exception:
        if self._runs > 1:
            return WorkerGoneError()
        log = os.pread(self._log.fileno(), _CHUNK, 0).decode("utf-8", errors="replace")
        late = f"it was not ready within {START_SECONDS:g} s" * (run.ending is Ended.TIMEOUT)
        return ToolchainError(
            f"the JVM cannot be loaded into Python: {run.failed or late or run.report.decode()}"
            f"; {' '.join(log.split())[-1000:]}",
            next_step="check its flags, or use the engine `process`, which needs no JPype",
        )


class _JvmSupervision(Supervision):
    """Follow one run in a warm JVM: also what the worker says of it.

    Attributes:
        begun: whether the worker has begun the run.
        code: the exit code; None if the worker did not live to send it.
        wall: seconds that the run took; only with a code.
        peak: largest resident set, bytes; only with a code.
        failed: why the worker could not start; ``""`` if it could.
    """

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        guarded: GuardedProcess,
        pipe: IO[bytes],
        out: IO[bytes],
        on_line: OnLine | None,
        timeout: float | None,
        talk: socket.socket,
    ) -> None:
        super().__init__(guarded, pipe, out, on_line, START_SECONDS)
        self.begun = False
        self.code: int | None = None
        self.wall = 0.0
        self.peak = 0
        self.failed = ""
        self._timeout = math.inf if timeout is None else timeout
        self._talk = talk
        self._unread = b""

    def _channels(self) -> list[tuple[IO[bytes] | socket.socket, Callable[[], bool]]]:
        return [*super()._channels(), (self._talk, self._read_worker)]

    def _read_worker(self) -> bool:
        data = b""
        with contextlib.suppress(ConnectionResetError):  # it died before it had read everything
            data = self._talk.recv(_CHUNK)
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            match json.loads(line):
                case {"failed": reason}:
                    self.failed = reason
                case {"begun": _}:
                    self.begun = True
                    self.began = time.monotonic()
                    self.deadline = self.began + self._timeout
                case {"code": code, "peak": peak, "wall": wall}:
                    self.code, self.peak, self.wall = code, peak, wall
                    self.over = self.over or self.ending is Ended.EXITED
        return bool(data)
