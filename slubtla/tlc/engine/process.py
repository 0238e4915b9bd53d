"""Run one JVM, hear every line it says, and be certain that it is gone afterwards.

The JVM runs behind :mod:`_guard`, in a session (and process group) of its own. It is
ended, first by SIGTERM and then by SIGKILL, on timeout, on cancel, on Ctrl-C, on an exception in
the caller's callback, and when this process dies in any way; the same on every POSIX system.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from slubtla.errors import CannotRunError, ToolchainError, UsageError
from slubtla.tlc.engine.lines import LineSplitter
from slubtla.tlc.engine.protocol import Ended, OnLine, ProcessResult
from slubtla.tlc.tools.java import jvm_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

GRACE_SECONDS = 3.0
"""Between SIGTERM and SIGKILL."""

_CANCEL_POLL_SECONDS = 0.1
_GUARD_SLACK_SECONDS = 2.0
_CHUNK = 1 << 16
_GUARD = Path(__file__).with_name("_guard.py")


def run_jvm(  # noqa: PLR0913  # keyword-only, and most have a default
    argv: Sequence[str],
    *,
    cwd: Path,
    stdout: Path,
    stderr: Path,
    timeout: float | None = None,
    on_line: OnLine | None = None,
    cancel: Event | None = None,
    scratch: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    grace: float = GRACE_SECONDS,
) -> ProcessResult:
    """Run a program to its end, or end it.

    Ctrl-C is *returned*, as :attr:`Ended.INTERRUPTED`, so that the caller can tidy up; the caller
    must then stop. A second Ctrl-C kills at once.

    Args:
        argv: the program, by absolute path, and its arguments.
        cwd: its working directory.
        stdout: file for the raw output; must not exist yet.
        stderr: file for what goes to stderr; likewise.
        timeout: wall seconds until the run is ended; ``None`` for no limit.
        on_line: called in the calling thread with each line of stdout, without its end. What it
            raises ends the run and is passed on.
        cancel: ends the run when set, by any thread.
        scratch: a folder to remove after the run, also when this process has died by then.
        environ: the environment; see :func:`~slubtla.tlc.tools.java.jvm_environment`.
        grace: seconds between SIGTERM and SIGKILL.

    Raises:
        ToolchainError: the program could not be started.
        UsageError: ``stdout`` or ``stderr`` exists: the directory holds another run.
        CannotRunError: the guard was killed from outside, so that the end is unknown.
    """
    with _new_file(stdout) as out, _new_file(stderr) as err:
        _lock(err)
        ours, theirs = socket.socketpair()
        with ours:  # closed, whatever happens: then the guard ends the JVM
            with theirs:
                command = [sys.executable, "-I", "-S", str(_GUARD), str(theirs.fileno())]
                command += [str(grace), str(scratch or ""), *argv]
                guard = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=jvm_environment(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=err,
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                )
            with _Watch(guard, ours, out, on_line, grace) as watch:
                watch.follow(math.inf if timeout is None else timeout, cancel)
    return _result(watch, argv[0])


class _Watch:
    """Follows a guarded JVM: its output, its report, and the reasons to end it."""

    def __init__(
        self,
        guard: subprocess.Popen[bytes],
        control: socket.socket,
        out: IO[bytes],
        on_line: OnLine | None,
        grace: float,
    ) -> None:
        assert guard.stdout is not None  # noqa: S101  # for mypy: it was opened as a pipe
        self.report = b""
        self.ending = Ended.EXITED
        self.began = time.monotonic()
        self._guard = guard
        self._stdout = guard.stdout.fileno()
        self._control = control
        self.record = Recorder(out)
        self._on_line = on_line
        self._splitter = LineSplitter()
        self._patience = grace + _GUARD_SLACK_SECONDS
        self._kill_at: float | None = None
        self._gone = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        with self._guard:  # closes the pipe, and waits: no zombie
            pass

    def follow(self, timeout: float, cancel: Event | None) -> None:
        """Hear the JVM out, until it and its guard are gone."""
        deadline = self.began + timeout
        failure: BaseException | None = None
        while not self._gone:
            try:
                self._listen(deadline, cancel)
            except KeyboardInterrupt:
                if self.ending is Ended.INTERRUPTED:
                    self._kill()
                self._end(Ended.INTERRUPTED)
            except BaseException as error:  # noqa: BLE001  # of the callback; raised below
                failure = failure or error
                self._on_line = None
                self._end(Ended.CANCELLED)
        os.set_blocking(self._stdout, False)  # whoever else holds the pipe is not waited for
        with contextlib.suppress(BlockingIOError):
            while self._hear():
                pass
        self._tell(self._splitter.close())
        if failure is not None:
            raise failure

    def _listen(self, deadline: float, cancel: Event | None) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._stdout, selectors.EVENT_READ, self._hear)
            ready.register(self._control, selectors.EVENT_READ, self._take_report)
            while not self._gone:
                for key, _ in ready.select(self._wait(deadline, cancel)):
                    if not key.data():
                        ready.unregister(key.fileobj)
                self._judge(deadline, cancel)

    def _wait(self, deadline: float, cancel: Event | None) -> float | None:
        """Seconds until there is something to decide; ``None`` for ever."""
        if self._kill_at is not None:
            until = self._kill_at - time.monotonic()
        else:
            until = deadline - time.monotonic()
            if cancel is not None:
                until = min(until, _CANCEL_POLL_SECONDS)
        return None if until == math.inf else max(0.0, until)

    def _judge(self, deadline: float, cancel: Event | None) -> None:
        if self._kill_at is not None:
            if time.monotonic() >= self._kill_at:
                self._kill()
        elif cancel is not None and cancel.is_set():
            self._end(Ended.CANCELLED)
        elif time.monotonic() >= deadline:
            self._end(Ended.TIMEOUT)

    def _hear(self) -> bool:
        data = os.read(self._stdout, _CHUNK)
        self.record.write(data)
        self._tell(self._splitter.feed(data))
        return bool(data)

    def _tell(self, lines: list[str]) -> None:
        for line in lines:
            if self._on_line is not None:
                self._on_line(line)

    def _take_report(self) -> bool:
        data = self._control.recv(_CHUNK)
        self.report += data
        self._gone = not data
        return not self._gone

    def _end(self, how: Ended) -> None:
        """Ask the guard to end the JVM: it sees the end of its socket."""
        self.ending = how
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._patience
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_WR)

    def _kill(self) -> None:
        """End the group now. The guard is not waited for yet, so the number is still its own."""
        self._kill_at = math.inf
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: all are zombies
            os.killpg(self._guard.pid, signal.SIGKILL)


class Recorder:
    """Writes a program's output to a file as far as that can be done.

    Where the disk is full, or the file may not grow, the rest is not written; it does not end the
    program, nor the hearing of what it says.

    Args:
        file: unbuffered.

    Attributes:
        failed: why something is missing in the file, in the system's words; ``""`` if nothing is.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failed = ""

    def write(self, data: bytes) -> None:
        """Write the next part, unless an earlier one could not be written."""
        if not self.failed:
            try:
                write_all(self._file, data)
            except OSError as error:
                self.failed = error.strerror or str(error)


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write to an unbuffered file; it may take a part only, and where the disk is full it does.

    Raises:
        OSError: the rest cannot be written.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _new_file(path: Path) -> IO[bytes]:
    try:
        return path.open("xb", buffering=0)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists: the directory holds another run",
            next_step="give each run a directory of its own",
        ) from error


def _lock(file: IO[bytes]) -> None:
    """Lock a file for as long as the guard or the JVM lives: they share it, and so its lock.

    So a run that is to go on in this directory can wait for their end, even if this process died.
    """
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _result(watch: _Watch, program: str) -> ProcessResult:
    kind, _, rest = watch.report.decode().partition(" ")
    if kind == "failed":
        raise ToolchainError(
            f"{program}: it does not start: {rest}", next_step="see `slubtla doctor`"
        )
    if not kind:
        if watch.ending is not Ended.EXITED:  # the guard had to be killed, with all the rest
            wall = time.monotonic() - watch.began
            return ProcessResult(
                -signal.SIGKILL, watch.ending, wall, None, unrecorded=watch.record.failed
            )
        raise CannotRunError(
            f"{program}: the process that guards it was killed from outside",
            next_step="look for the out-of-memory killer in the kernel's log, give less heap",
        )
    returncode, peak, wall_seconds = rest.split()
    # What ended by itself just before it was to be ended did end by itself; Ctrl-C stays Ctrl-C.
    by_itself = kind == "exited" and watch.ending is not Ended.INTERRUPTED
    ended = Ended.EXITED if by_itself else watch.ending
    return ProcessResult(
        int(returncode), ended, float(wall_seconds), int(peak), unrecorded=watch.record.failed
    )
