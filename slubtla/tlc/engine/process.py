"""Run a program in its own process group, pass on each line it prints, and leave nothing running.

The program runs behind :mod:`_guard`, in a session of its own. The whole group is ended, first by
SIGTERM and then by SIGKILL, on timeout, on cancel, on Ctrl-C, on an exception in the caller's
callback, and when this process dies in any way. Programs that end by themselves
(:func:`run_supervised`, :func:`run_program`) and warm JVMs that outlive one run
(:mod:`jvm_process`) share the same supervision.
"""

from __future__ import annotations

import codecs
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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from slubtla.errors import CannotRunError, TlcOutputError, ToolchainError, UsageError
from slubtla.tlc.engine.protocol import Ended, OnLine, ProcessResult
from slubtla.tlc.tools.java import jvm_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

GRACE_SECONDS = 3.0
"""Between SIGTERM and SIGKILL."""

LONGEST_LINE = 16 << 20
"""Characters. TLC prints no such line; the limit bounds memory."""

_CANCEL_POLL_SECONDS = 0.1
_GUARD_SLACK_SECONDS = 2.0
_CHUNK = 1 << 16
_GUARD = Path(__file__).with_name("_guard.py")


def run_supervised(  # noqa: PLR0913  # keyword-only, and most have a default
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

    Ctrl-C is *returned*, as :attr:`Ended.INTERRUPTED`, so that the caller can clean up; the caller
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
    with new_file(stdout) as out, new_file(stderr) as err:
        # Guard and program share the lock on this file: who resumes a run whose slubtla died waits
        # for them by it.
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(err, fcntl.LOCK_EX | fcntl.LOCK_NB)
        read, write = os.pipe()
        with open(read, "rb", buffering=0) as pipe:  # noqa: PTH123  # a descriptor
            with open(write, "wb") as end:  # noqa: PTH123
                guarded = GuardedProcess(
                    argv, cwd, end, err, scratch=scratch, environ=environ, grace=grace
                )
            with contextlib.closing(guarded):
                run = Supervision(guarded, pipe, out, on_line, timeout)
                run.follow(cancel)
    return run.result(argv[0])


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """The end of a program: its exit code (negative for a signal) and what it printed."""

    returncode: int
    timed_out: bool
    stdout: str
    stderr: str


def run_program(
    argv: Sequence[str],
    *,
    folder: Path,
    name: str,
    timeout: float,
    on_line: OnLine | None = None,
) -> ProgramRun:
    """Run a compiler, herd7 or a test program to its end, or end it.

    Args:
        argv: the program, by absolute path, and its arguments.
        folder: its working directory, where its output is kept.
        name: of the files of output; used once in a folder.
        timeout: seconds until it is ended.
        on_line: called with each line of stdout as it is printed.

    Raises:
        KeyboardInterrupt: Ctrl-C; the program is gone by then.
        CannotRunError: it does not start.
    """
    stdout, stderr = folder / f"{name}.out", folder / f"{name}.err"
    try:
        result = run_supervised(
            argv, cwd=folder, stdout=stdout, stderr=stderr, timeout=timeout, on_line=on_line
        )
    except ToolchainError as error:
        raise CannotRunError(
            error.message,
            next_step="see that it is a program for this machine; where temporary directories "
            "hold no programs (noexec), set TMPDIR to one that does",
        ) from error
    if result.ended is Ended.INTERRUPTED:
        raise KeyboardInterrupt
    return ProgramRun(
        returncode=result.returncode,
        timed_out=result.ended is Ended.TIMEOUT,
        stdout=stdout.read_text(encoding="utf-8", errors="replace"),
        stderr=stderr.read_text(encoding="utf-8", errors="replace"),
    )


class GuardedProcess:
    """A program behind a guard, which ends it when asked to, or when this process is gone."""

    def __init__(  # noqa: PLR0913
        self,
        argv: Sequence[str],
        cwd: Path,
        stdout: IO[bytes],
        stderr: IO[bytes],
        *,
        scratch: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        grace: float = GRACE_SECONDS,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.grace = grace
        self.control, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as on_failure:
            on_failure.callback(self.control.close)
            fd = theirs.fileno()
            command = [sys.executable, "-I", "-S", str(_GUARD), str(fd), str(grace)]
            self._guard = subprocess.Popen(
                [*command, str(scratch or ""), *argv],
                cwd=cwd,
                env=jvm_environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                pass_fds=(fd, *pass_fds),
            )
            on_failure.pop_all()

    def end(self) -> None:
        """Ask the guard to end the program: it sees the end of its socket."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """Kill the group now. The guard is not waited for yet, so its number is still its own."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: all are zombies
            os.killpg(self._guard.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill what is left of the group, and wait for the guard: no zombie."""
        self.kill()
        self._guard.wait()
        self.control.close()


class Supervision:
    """Follow one run of a guarded process: its output, the guard's report, reasons to end it.

    Attributes:
        began: when the run began, monotonic seconds.
        deadline: when it is ended, likewise.
        ending: why the run was to end before its time; EXITED if it was not.
        report: the guard's; empty while the process lives.
        over: whether the run has ended.
        unrecorded: why a part of the output is missing in ``out``, in the system's words. Where
            the disk is full the rest is not written, but the run and ``on_line`` go on.
    """

    def __init__(
        self,
        guarded: GuardedProcess,
        pipe: IO[bytes],
        out: IO[bytes],
        on_line: OnLine | None,
        timeout: float | None,
    ) -> None:
        self.began = time.monotonic()
        self.deadline = math.inf if timeout is None else self.began + timeout
        self.ending = Ended.EXITED
        self.report = b""
        self.over = False
        self.unrecorded = ""
        self._guarded = guarded
        self._pipe = pipe
        self._out = out
        self._on_line = on_line
        self._splitter = LineSplitter()
        self._kill_at: float | None = None

    def follow(self, cancel: Event | None) -> None:
        """Pass on output, and end the run when there is a reason to, until it is over."""
        failure: BaseException | None = None
        while not self.over:
            try:
                self._select(cancel)
            except KeyboardInterrupt:
                if self.ending is Ended.INTERRUPTED:
                    self._kill()
                self._end(Ended.INTERRUPTED)
            except BaseException as error:  # noqa: BLE001  # of the callback; raised below
                failure = failure or error
                self._on_line = None
                self._end(Ended.CANCELLED)
        os.set_blocking(self._pipe.fileno(), False)  # others may still hold the writing end
        with contextlib.suppress(BlockingIOError):
            while self._read_output():
                pass
        self._pass_on(self._splitter.close())
        if failure is not None:
            raise failure

    def result(self, program: str) -> ProcessResult:
        """How the run ended, by the guard's report.

        Raises:
            ToolchainError: the program did not start.
            CannotRunError: there is no report, and the run was not ended.
        """
        kind, _, rest = self.report.decode().partition(" ")
        if kind == "failed":
            raise ToolchainError(
                f"{program}: it does not start: {rest}", next_step="see `slubtla doctor`"
            )
        if kind:
            returncode, peak, wall = rest.split()
            # A program that ended by itself just before it was to be ended did so; Ctrl-C stays.
            by_itself = kind == "exited" and self.ending is not Ended.INTERRUPTED
            ended = Ended.EXITED if by_itself else self.ending
            return ProcessResult(int(returncode), ended, float(wall), int(peak), self.unrecorded)
        if self.ending is Ended.EXITED:
            raise CannotRunError(
                f"{program}: the process that guards it was killed from outside",
                next_step="look for the out-of-memory killer in the kernel's log, give less heap",
            )
        wall_seconds = time.monotonic() - self.began  # the guard was killed with all the rest
        return ProcessResult(-signal.SIGKILL, self.ending, wall_seconds, None, self.unrecorded)

    def _channels(self) -> list[tuple[IO[bytes] | socket.socket, Callable[[], bool]]]:
        """What to read from, each with its reader, which returns False at the end."""
        return [(self._pipe, self._read_output), (self._guarded.control, self._read_report)]

    def _select(self, cancel: Event | None) -> None:
        with selectors.DefaultSelector() as ready:
            for channel, read in self._channels():
                ready.register(channel, selectors.EVENT_READ, read)
            while not self.over:
                for key, _ in ready.select(self._seconds_to_wait(cancel)):
                    if not key.data():
                        ready.unregister(key.fileobj)
                if not self.over:
                    self._check_limits(cancel)

    def _seconds_to_wait(self, cancel: Event | None) -> float | None:
        until = self.deadline if self._kill_at is None else self._kill_at
        seconds = until - time.monotonic()
        if cancel is not None and self._kill_at is None:
            seconds = min(seconds, _CANCEL_POLL_SECONDS)
        return None if seconds == math.inf else max(0.0, seconds)

    def _check_limits(self, cancel: Event | None) -> None:
        now = time.monotonic()
        if self._kill_at is not None:
            if now >= self._kill_at:
                self._kill()
        elif cancel is not None and cancel.is_set():
            self._end(Ended.CANCELLED)
        elif now >= self.deadline:
            self._end(Ended.TIMEOUT)

    def _read_output(self) -> bool:
        data = os.read(self._pipe.fileno(), _CHUNK)
        try:
            rest = memoryview(b"" if self.unrecorded else data)
            while rest:  # an unbuffered file may take a part only
                rest = rest[self._out.write(rest) :]
        except OSError as error:
            self.unrecorded = error.strerror or str(error)
        self._pass_on(self._splitter.feed(data))
        return bool(data)

    def _pass_on(self, lines: list[str]) -> None:
        for line in lines:
            if self._on_line is not None:
                self._on_line(line)

    def _read_report(self) -> bool:
        data = self._guarded.control.recv(_CHUNK)
        self.report += data
        self.over = self.over or not data
        return bool(data)

    def _end(self, how: Ended) -> None:
        self.ending = how
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._guarded.grace + _GUARD_SLACK_SECONDS
            self._guarded.end()

    def _kill(self) -> None:
        self._kill_at = math.inf
        self._guarded.kill()


class LineSplitter:
    r"""Collects bytes and gives back whole lines, decoded as UTF-8.

    Only ``\n`` and ``\r\n`` end a line: a value that TLC prints may hold other separators of
    Unicode. What is no UTF-8 becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest: list[str] = []
        self._length = 0

    def feed(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes, without their ends.

        Raises:
            TlcOutputError: a line is longer than :data:`LONGEST_LINE`; its beginning is dropped.
        """
        first, *others = self._decoder.decode(data).split("\n")
        self._rest.append(first)
        self._length += len(first)
        if self._length > LONGEST_LINE:
            self._take_rest()
            raise TlcOutputError(f"a line of more than {LONGEST_LINE >> 20} million characters")
        if not others:
            return []
        lines = [self._take_rest(), *others]
        self._rest, self._length = [lines.pop()], len(others[-1])
        return [line.removesuffix("\r") for line in lines]

    def close(self) -> list[str]:
        """The last line, if it lacks its end."""
        rest = self._take_rest() + self._decoder.decode(b"", final=True)
        return [rest] if rest else []

    def _take_rest(self) -> str:
        rest = "".join(self._rest)
        self._rest, self._length = [], 0
        return rest


def new_file(path: Path) -> IO[bytes]:
    """Make a file for output, unbuffered.

    Raises:
        UsageError: it exists.
    """
    try:
        return path.open("xb", buffering=0)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists: the directory holds another run",
            next_step="give each run a directory of its own",
        ) from error
