"""The program that holds one warm JVM (by JPype) and runs TLC and the PlusCal translator in it.

:mod:`jvm_process` starts :func:`main`, behind a guard, with the arguments ``SOCKET_FD FOLDER``.

On the socket go JSON objects, one a line. To the worker: once ``{libjvm, flags, most_runs,
idle_seconds}``, then for each run ``{jar, main, args, cwd, scratch}``, with two file descriptors
for its stdout and stderr; ``jar`` is a class path, paths are absolute, and the folder ``scratch``
is removed after the run (by the guard, if slubtla has died by then). From the worker: ``{failed}``
if the JVM does not start; for each run ``{begun}`` and ``{code, peak, wall}``. Then it cleans up,
and *ends* if it has made ``most_runs`` runs or holds too much memory.

How a JVM runs programs that were made to be run once:

* A fresh class loader for each run: TLC and the translator keep their state in statics.
* No object and no class of TLC ever comes into Python (:mod:`slubtla.tlc.engine.jvm_calls`): JPype
  would keep its class, with its loader and everything in its statics, for ever.
* ``user.dir`` is fixed when a JVM starts, so it is a *link*, to the directory of each run, and the
  process itself goes there, too: TLC's command line stays relative, the same as in a process, and
  so does what it prints, since TLC follows the link before it prints a path.
* ``System.exit`` ends the worker, with the right code: slubtla takes that as the end of the run.
  What TLC's ``main`` does is done here without it, so only tools in distress get there.
* ``-Xrs``: the JVM leaves the signals alone, and SIGTERM ends the worker at once.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

import jpype
from jpype import JClass

from slubtla.tlc.engine.jvm_calls import forget_remotes, new_loader, nowhere, print_stream, run_main

HERE_LINK = "here"
SCRATCH_LINK = "run-scratch"
"""The link by which the guard finds the scratch of a run that was killed."""

_MOST_RESIDENT = 1 << 30
"""Bytes that a worker at rest may hold on to; with more it ends."""

_SHARE_LEFT_BEHIND = 1 / 16
"""Of the heap, what runs may leave behind; with more the next would have too little."""

_FLAGS = (
    "-Xrs",  # signals are ours
    "--add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED",  # for forget_remotes()
    "-XX:SoftRefLRUPolicyMSPerMB=0",  # caches inside Java do not keep a past run's classes
)

_CHUNK = 1 << 16


class Messages:
    """The socket to slubtla: messages and file descriptors."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._rest = b""
        self._fds: list[int] = []

    def receive(self, seconds: float | None) -> dict[str, Any] | None:
        """The next object; None at the end, or when none comes in time."""
        while b"\n" not in self._rest:
            if not select.select([self._sock], [], [], seconds)[0]:
                return None
            data, fds, _, _ = socket.recv_fds(self._sock, _CHUNK, 2)
            if not data:
                return None
            self._rest += data
            self._fds += fds
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line))

    def descriptors(self) -> tuple[int, int]:
        """Those that came with the last object; they may have arrived with the one before."""
        stdout, stderr = self._fds
        self._fds = []
        return stdout, stderr

    def send(self, **message: Any) -> None:  # noqa: ANN401 - JSON
        """Send one object."""
        self._sock.sendall(json.dumps(message).encode() + b"\n")


class Jvm:
    """The JVM of this process, between and during runs."""

    def __init__(self, libjvm: str, flags: list[str], folder: Path) -> None:
        self._folder = folder
        user_dir = f"-Duser.dir={folder / HERE_LINK}"
        jpype.startJVM(libjvm, *flags, *_FLAGS, user_dir, classpath=[])
        self._system = JClass("java.lang.System")
        self._properties = self._system.getProperties().clone()
        self._runtime = JClass("java.lang.Runtime").getRuntime()
        self._used_at_first = self._used()
        self._threads_at_first = self._threads()

    def run(self, request: dict[str, Any], stdout: int, stderr: int) -> int:
        """Run a main class to its end; return its exit code."""
        self._system.setProperties(self._properties.clone())
        out, err = print_stream(stdout), print_stream(stderr)
        self._system.setOut(out)
        self._system.setErr(err)
        loader = new_loader(request["jar"])
        try:
            return run_main(loader, request["main"], request["args"], err)
        finally:
            self._system.setOut(nowhere())
            self._system.setErr(nowhere())
            out.close()
            err.close()
            loader.close()

    def clean_up(self) -> bool:
        """Drop what the last run left; return whether this JVM can run another."""
        forget_remotes()
        grown = self._used() - self._used_at_first
        lean = grown <= self._runtime.maxMemory() * _SHARE_LEFT_BEHIND
        return (
            lean
            and _memory("VmRSS") <= _MOST_RESIDENT
            and self._threads() <= self._threads_at_first
        )

    def _used(self) -> int:
        """Bytes of the heap that are in use, rubbish apart."""
        gc.collect()
        self._system.gc()
        return int(self._runtime.totalMemory() - self._runtime.freeMemory())

    def _threads(self) -> set[int]:
        """The threads that are not Java's own, which are in other groups."""
        thread = JClass("java.lang.Thread")
        group = thread.currentThread().getThreadGroup()
        everyone = thread.getAllStackTraces().keySet()
        return {int(each.getId()) for each in everyone if group == each.getThreadGroup()}


def _memory(what: str) -> int:
    """Resident bytes: now (``VmRSS``), or at most since :func:`_reset_peak` (``VmHWM``)."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith(what)).split()[1]) << 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of all runs so far
    return peak if sys.platform == "darwin" else peak << 10


def _reset_peak() -> None:
    with contextlib.suppress(OSError):  # Linux only: proc(5), clear_refs
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _link(link: Path, target: str | None) -> None:
    link.unlink(missing_ok=True)
    if target is not None:
        link.symlink_to(target)


def serve(messages: Messages, folder: Path) -> None:
    """Start the JVM, and run what is requested until the worker is to end."""
    settings = messages.receive(None)
    if settings is None:
        return
    try:
        jvm = Jvm(settings["libjvm"], settings["flags"], folder)
    except (OSError, RuntimeError, TypeError, ValueError, jpype.JException) as error:
        messages.send(failed=f"{type(error).__name__}: {error}")
        return
    log = os.dup(2)
    fresh = True
    runs = 0
    while fresh and runs < settings["most_runs"]:
        request = messages.receive(settings["idle_seconds"])
        if request is None:
            return
        stdout, stderr = messages.descriptors()
        _link(folder / HERE_LINK, request["cwd"])
        _link(folder / SCRATCH_LINK, request["scratch"])
        os.chdir(request["cwd"])
        os.dup2(stdout, 1)  # what the JVM itself prints, e.g. on out of memory
        os.dup2(stderr, 2)
        messages.send(begun=True)
        _reset_peak()
        began = time.monotonic()
        code = jvm.run(request, stdout, stderr)
        wall = time.monotonic() - began
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(stdout)
        os.close(stderr)
        os.chdir(folder)
        _link(folder / SCRATCH_LINK, None)
        _link(folder / HERE_LINK, None)
        messages.send(code=code & 0xFF, peak=_memory("VmHWM"), wall=wall)
        fresh = jvm.clean_up()
        runs += 1


def main() -> None:
    """Serve on the socket of ``sys.argv``; then exit without waiting for the JVM's threads."""
    fd, folder = sys.argv[1:]
    with socket.socket(fileno=int(fd)) as sock:
        os.set_inheritable(sock.fileno(), False)
        serve(Messages(sock), Path(folder))
    sys.stderr.flush()
    os._exit(0)
