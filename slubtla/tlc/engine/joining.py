"""Run a worker of TLC's distributed mode: join a server, and work until it ends the search.

TLC's worker always exits with 0; its output says what it did.
"""

from __future__ import annotations

import re
import socket
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from slubtla.errors import CannotRunError
from slubtla.tlc.engine.distributed import (
    LOOPBACK,
    ServerAddress,
    address_towards,
    is_loopback,
    require_own,
    worker_argv,
)
from slubtla.tlc.engine.process import run_supervised
from slubtla.tlc.engine.protocol import Ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from slubtla.tlc.engine.protocol import ProcessResult
    from slubtla.tlc.tools import Toolchain

_READY = re.compile(r"TLC worker with (\d+) threads? ready at: ")
_DONE = re.compile(r".*, work completed at: .* Computed: (\d+) and a cache hit ratio of ")
_UNREACHABLE = "unreachable, sleeping"
_GONE = "TLCServer is gone"  # 7004: the worker polls after a minute of silence
_REJECTED = "REJECTED"
_POLL_SECONDS: Final = 0.2
_LAST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """What a worker did.

    Attributes:
        computed: states that it computed, with repetitions.
        threads: that worked.
        wall_seconds: from its start to its end.
    """

    computed: int
    threads: int
    wall_seconds: float


@dataclass(slots=True)
class _Output:
    """The output of TLC's worker: one line for each thread that has done its work."""

    on_ready: Callable[[], None] | None
    unreachable: Event = field(default_factory=Event)
    gone: bool = False
    computed: list[int] = field(default_factory=list)
    last: list[str] = field(default_factory=list)

    def feed(self, line: str) -> None:
        if _READY.match(line) and self.on_ready is not None:
            self.on_ready()
        if done := _DONE.match(line):
            self.computed.append(int(done[1]))
        if _UNREACHABLE in line:
            self.unreachable.set()
        self.gone = self.gone or _GONE in line
        self.last = [*self.last, line][-_LAST_LINES:]


def own_address(server: ServerAddress, listen: str | None) -> str:
    """Return the address of this machine that the server connects back to.

    Raises:
        UsageError: the host is not known, or the named address is not of this machine.
        CannotRunError: there is no way to the host.
    """
    if listen is not None:
        require_own(listen)
        return listen
    return LOOPBACK if is_loopback(server.address) else address_towards(server.address, server.port)


def join(  # noqa: PLR0913  # keyword-only
    toolchain: Toolchain,
    server: ServerAddress,
    *,
    own: str,
    threads: int,
    heap_mb: int,
    wait: float,
    on_ready: Callable[[], None] | None = None,
) -> Joined:
    """Work for a server until it dismisses its workers, at the end or when it is stopped.

    Args:
        toolchain: the Java and the jar to run.
        server: where it listens.
        own: the address of this machine; see :func:`own_address`.
        threads: how many.
        heap_mb: the heap, in MiB.
        wait: seconds to wait for a server that is not there yet: it opens its port when it has
            computed the initial states.
        on_ready: called when the worker has joined.

    Raises:
        CannotRunError: there is no server, or it went away, or what it sent was refused.
        ToolchainError: Java does not start.
        KeyboardInterrupt: Ctrl-C.
    """
    _wait_for(server, wait)
    argv = worker_argv(
        java=toolchain.java.path,
        jar=toolchain.jar.path,
        server=server,
        own=own,
        threads=threads,
        heap_mb=heap_mb,
    )
    output = _Output(on_ready)
    with tempfile.TemporaryDirectory(prefix="slubtla-worker-") as name:
        folder = Path(name)
        work, complaints = folder / "work", folder / "worker.err"
        work.mkdir()
        ended = run_supervised(
            argv,
            cwd=work,
            stdout=folder / "worker.out",
            stderr=complaints,
            on_line=output.feed,
            cancel=output.unreachable,
            scratch=work,
        )
        complained = complaints.read_text(encoding="utf-8", errors="replace")
    if ended.ended is Ended.INTERRUPTED:
        raise KeyboardInterrupt
    gone = output.gone or _GONE in complained
    if gone or len(output.computed) != threads:
        raise (
            _nobody(server, "it went away") if gone else _failed(server, output, ended, complained)
        )
    return Joined(sum(output.computed), threads, ended.wall_seconds)


def _wait_for(server: ServerAddress, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((server.address, server.port), timeout=_POLL_SECONDS).close()
        except OSError as error:
            if time.monotonic() >= deadline:
                raise _nobody(server, error.strerror or str(error)) from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def _nobody(server: ServerAddress, why: str) -> CannotRunError:
    return CannotRunError(
        f"no server at port {server.port} of {server.address}: {why}",
        next_step="start `slubtla verify --distributed` there first; from another machine it is "
        "reached only with --listen ADDRESS",
    )


def _failed(
    server: ServerAddress, output: _Output, ended: ProcessResult, complained: str
) -> CannotRunError:
    said = "\n".join((*output.last, complained))
    if _REJECTED in said:
        return CannotRunError(
            f"the serialization filter refused what {server.address} sent",
            next_step="see that a server of slubtla runs there, with the same tla2tools.jar",
        )
    if output.unreachable.is_set():
        return _nobody(server, "it went away")
    lines = [line for line in said.splitlines() if line.strip()]
    return CannotRunError(
        f"the server did not dismiss the worker, which ended with exit code "
        f"{ended.returncode}" + (f": {lines[-1].strip()}" if lines else ""),
        next_step="see what the server says; the search goes on with the workers that are left",
    )
