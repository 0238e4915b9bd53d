"""Follow one run in a warm JVM: its output, what the worker says, and the reasons to end both."""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import signal
import socket
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from slubtla.tlc.engine.lines import LineSplitter
from slubtla.tlc.engine.process import GRACE_SECONDS, Recorder
from slubtla.tlc.engine.protocol import Ended, OnLine

if TYPE_CHECKING:
    from threading import Event

START_SECONDS = 60.0
"""For a worker to begin its first run; it takes about one."""

_CANCEL_POLL_SECONDS = 0.1
_GUARD_SLACK_SECONDS = 2.0
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Wires:
    """What leads to a worker.

    Attributes:
        control: to its guard; a report comes from there at the very end, and then nothing.
        talk: to the worker itself: JSON, one object a line.
        group: number of the process group of both.
    """

    control: socket.socket
    talk: socket.socket
    group: int


class Turn:
    """One run.

    Args:
        wires: to the worker.
        pipe: what the run prints, to read from; it is closed by :meth:`close`.
        out: takes what is printed.
        on_line: hears each line.

    Attributes:
        began: when the run began, monotonic seconds; None if it never did.
        code: the exit code; None if the worker did not live to tell.
        wall: seconds that the run took; only with a code.
        peak: largest resident set, bytes; only with a code.
        failed: why the worker could not start; ``""`` if it could.
        report: the guard's, ``""`` while the worker lives.
        ending: why the run was to end before its time; EXITED if it was not.
    """

    def __init__(
        self,
        wires: Wires,
        pipe: int,
        out: IO[bytes],
        on_line: OnLine | None,
    ) -> None:
        self.began: float | None = None
        self.code: int | None = None
        self.wall = 0.0
        self.peak = 0
        self.failed = ""
        self.report = b""
        self.ending = Ended.EXITED
        self._wires = wires
        self._pipe = pipe
        self.record = Recorder(out)
        self._on_line = on_line
        self._asked = time.monotonic()
        self._splitter = LineSplitter()
        self._said = b""
        self._kill_at: float | None = None
        self._over = False

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._pipe)

    @property
    def age(self) -> float:
        """Seconds since the run began, or since it was asked for where it never did."""
        return time.monotonic() - (self._asked if self.began is None else self.began)

    def follow(self, timeout: float, cancel: Event | None) -> None:
        """Hear the run out, until it is over or its worker gone."""
        failure: BaseException | None = None
        while not self._over:
            try:
                self._listen(timeout, cancel)
            except KeyboardInterrupt:
                if self.ending is Ended.INTERRUPTED:
                    self._kill()
                self._end(Ended.INTERRUPTED)
            except BaseException as error:  # noqa: BLE001  # of the callback; raised below
                failure = failure or error
                self._on_line = None
                self._end(Ended.CANCELLED)
        os.set_blocking(self._pipe, False)  # a worker that lives may hold its end a little longer
        with contextlib.suppress(BlockingIOError):
            while self._hear():
                pass
        self._tell(self._splitter.close())
        if failure is not None:
            raise failure

    def _listen(self, timeout: float, cancel: Event | None) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._pipe, selectors.EVENT_READ, self._hear)
            ready.register(self._wires.talk, selectors.EVENT_READ, self._listen_to_worker)
            ready.register(self._wires.control, selectors.EVENT_READ, self._take_report)
            while not self._over:
                for key, _ in ready.select(self._wait(timeout, cancel)):
                    if not key.data():
                        ready.unregister(key.fileobj)
                self._judge(timeout, cancel)

    def _deadline(self, timeout: float) -> float:
        return self._asked + START_SECONDS if self.began is None else self.began + timeout

    def _wait(self, timeout: float, cancel: Event | None) -> float | None:
        """Seconds until there is something to decide; ``None`` for ever."""
        if self._kill_at is not None:
            until = self._kill_at - time.monotonic()
        else:
            until = self._deadline(timeout) - time.monotonic()
            if cancel is not None:
                until = min(until, _CANCEL_POLL_SECONDS)
        return None if until == math.inf else max(0.0, until)

    def _judge(self, timeout: float, cancel: Event | None) -> None:
        if self._over:
            return
        if self._kill_at is not None:
            if time.monotonic() >= self._kill_at:
                self._kill()
        elif cancel is not None and cancel.is_set():
            self._end(Ended.CANCELLED)
        elif time.monotonic() >= self._deadline(timeout):
            if self.began is None:
                self.failed = self.failed or f"it was not ready within {START_SECONDS:g} s"
            self._end(Ended.TIMEOUT)

    def _hear(self) -> bool:
        data = os.read(self._pipe, _CHUNK)
        self.record.write(data)
        self._tell(self._splitter.feed(data))
        return bool(data)

    def _tell(self, lines: list[str]) -> None:
        for line in lines:
            if self._on_line is not None:
                self._on_line(line)

    def _listen_to_worker(self) -> bool:
        data = b""
        with contextlib.suppress(ConnectionResetError):  # it died before it had read everything
            data = self._wires.talk.recv(_CHUNK)
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "failed" in said:
                self.failed = said["failed"]
            elif "begun" in said:
                self.began = time.monotonic()
            elif "code" in said:
                self.code, self.peak, self.wall = said["code"], said["peak"], said["wall"]
                self._over = self._kill_at is None
        return bool(data)

    def _take_report(self) -> bool:
        data = self._wires.control.recv(_CHUNK)
        self.report += data
        if not data:
            self._over = True
        return bool(data)

    def _end(self, how: Ended) -> None:
        """Ask the guard to end the worker: it sees the end of its socket."""
        self.ending = how
        if self._kill_at is None:
            self._kill_at = time.monotonic() + GRACE_SECONDS + _GUARD_SLACK_SECONDS
            with contextlib.suppress(OSError):
                self._wires.control.shutdown(socket.SHUT_WR)

    def _kill(self) -> None:
        """End the group now. The guard is not waited for yet, so the number is still its own."""
        self._kill_at = math.inf
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: all are zombies
            os.killpg(self._wires.group, signal.SIGKILL)
