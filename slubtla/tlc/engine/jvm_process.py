"""One warm JVM, seen from slubtla: started once, given one run after another, ended with the last.

The worker (:mod:`jvm_worker`) lives behind a guard, in a session and process group
of its own. A run that must end before its time takes the worker with it: there is no other way to
be certain that nothing of it is left.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from slubtla.errors import CannotRunError, ToolchainError
from slubtla.tlc.engine.jvm_turn import Turn, Wires
from slubtla.tlc.engine.process import GRACE_SECONDS
from slubtla.tlc.engine.protocol import Ended, OnLine, ProcessResult
from slubtla.tlc.tools.java import jvm_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

_CHUNK = 1 << 16
_ROOM = Path(__file__).parent
_WORKER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from slubtla.tlc.engine.jvm_worker import main; main()"
)


class WorkerGoneError(Exception):
    """The worker had ended before the run began: nothing happened, another may try."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker is, for as long as it lives.

    Attributes:
        libjvm: the JVM's library.
        flags: of the JVM; they cannot be changed later.
        most_runs: the number of runs after which it ends.
        idle_seconds: without a run, after which it ends.
    """

    libjvm: Path
    flags: tuple[str, ...]
    most_runs: int
    idle_seconds: float


@dataclass(frozen=True, slots=True)
class Request:
    """One run; the paths are absolute.

    Attributes:
        jar: holds the program; a class path, whose first part does.
        main: its class.
        args: its arguments.
        cwd: its working directory.
        scratch: a folder to remove when the run is over, also when this process has died by then.
    """

    jar: str
    main: str
    args: tuple[str, ...]
    cwd: Path
    scratch: Path | None = None


class JvmProcess:
    """A worker and its guard; starting it takes about a second, and is not waited for.

    Attributes:
        runs: those that it was given.
    """

    def __init__(self, terms: Terms) -> None:
        self.runs = 0
        self._folder = Path(tempfile.mkdtemp(prefix="slubtla-jvm-"))
        ours, control = socket.socketpair()
        mouth, ear = socket.socketpair()
        command = [sys.executable, "-I", "-S", str(_ROOM / "_jvm_guard.py")]
        command += [str(control.fileno()), str(GRACE_SECONDS), str(self._folder)]
        command += [sys.executable, "-I", "-c", _WORKER, str(_ROOM.parents[2])]
        command += [str(ear.fileno()), str(self._folder)]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the worker; nameless
        with control, ear:
            self._guard = subprocess.Popen(
                command,
                cwd=self._folder,
                env=jvm_environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
                pass_fds=(control.fileno(), ear.fileno()),
            )
        self._wires = Wires(ours, mouth, self._guard.pid)
        self._tell(
            libjvm=str(terms.libjvm),
            flags=terms.flags,
            most_runs=terms.most_runs,
            idle_seconds=terms.idle_seconds,
        )

    def run(  # noqa: PLR0913  # keyword-only
        self,
        request: Request,
        *,
        out: IO[bytes],
        err: IO[bytes],
        timeout: float | None = None,
        on_line: OnLine | None = None,
        cancel: Event | None = None,
    ) -> ProcessResult:
        """Run a program in this worker; afterwards :attr:`alive` tells whether it can run another.

        Args:
            request: what to run.
            out: takes what it prints; unbuffered.
            err: takes its stderr, and a line of ours if the worker dies in mid-run; likewise.
            timeout: wall seconds; what a new worker needs to start does not count.
            on_line: hears each line.
            cancel: ends the run when set.

        Raises:
            WorkerGoneError: the worker had ended before the run began.
            ToolchainError: a new worker did not start.
            CannotRunError: the guard was killed from outside, so that the end is unknown.
        """
        self.runs += 1
        pipe, end = os.pipe()
        with contextlib.closing(Turn(self._wires, pipe, out, on_line)) as turn:
            try:
                self._tell(
                    fds=(end, err.fileno()),
                    jar=request.jar,
                    main=request.main,
                    args=request.args,
                    cwd=str(request.cwd),
                    scratch=None if request.scratch is None else str(request.scratch),
                )
            finally:
                os.close(end)
            turn.follow(math.inf if timeout is None else timeout, cancel)
        result = self._result(turn, err)
        return replace(result, unrecorded=turn.record.failed)

    @property
    def alive(self) -> bool:
        """Whether the worker still waits for a run; one that is about to end may say so, too."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._wires.control, selectors.EVENT_READ)
            ready.register(self._wires.talk, selectors.EVENT_READ)
            return not ready.select(0)

    def close(self) -> None:
        """End the worker, whatever it does, and wait for it: no zombie."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: all are zombies
            os.killpg(self._guard.pid, signal.SIGKILL)
        self._guard.wait()
        self._wires.control.close()
        self._wires.talk.close()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tell(self, *, fds: Sequence[int] = (), **facts: Any) -> None:  # noqa: ANN401 - JSON
        line = json.dumps(facts).encode() + b"\n"
        with contextlib.suppress(OSError):  # gone: the end of the socket says so soon
            sent = socket.send_fds(self._wires.talk, [line], fds)
            self._wires.talk.sendall(line[sent:])

    def _result(self, turn: Turn, err: IO[bytes]) -> ProcessResult:
        if turn.code is not None and turn.ending is not Ended.INTERRUPTED:
            return ProcessResult(turn.code, Ended.EXITED, turn.wall, turn.peak)
        kind, _, rest = turn.report.decode().partition(" ")
        if turn.began is None and (turn.failed or turn.ending is Ended.EXITED):
            if self.runs > 1:
                raise WorkerGoneError
            raise ToolchainError(
                f"the JVM cannot be loaded into Python: {turn.failed or turn.report.decode()}; "
                f"{self._last_words()}",
                next_step="check its flags, or use the engine `process`, which needs no JPype",
            )
        if kind:
            returncode, peak, _ = rest.split()
            by_itself = kind == "exited" and turn.ending is not Ended.INTERRUPTED
            if by_itself:
                with contextlib.suppress(OSError):  # a full disk
                    err.write(
                        f"slubtla: the warm JVM ended in mid-run, with {returncode}; "
                        f"this was its run number {self.runs}\n".encode()
                    )
            ended = Ended.EXITED if by_itself else turn.ending
            return ProcessResult(int(returncode), ended, turn.age, int(peak))
        if turn.ending is Ended.EXITED:
            raise CannotRunError(
                "the process that guards the warm JVM was killed from outside",
                next_step="look for the out-of-memory killer in the kernel's log, give less heap",
            )
        return ProcessResult(-signal.SIGKILL, turn.ending, turn.age, None)

    def _last_words(self) -> str:
        text = os.pread(self._log.fileno(), _CHUNK, 0).decode("utf-8", errors="replace")
        return " ".join(text.split())[-1000:]
