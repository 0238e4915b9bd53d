"""Warm JVMs, kept for the next run that wants one with the same flags."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import threading
import weakref
from pathlib import Path
from typing import IO, TYPE_CHECKING

from slubtla.errors import ToolchainError, UsageError
from slubtla.tlc.engine.jvm_process import JvmProcess, Request, Terms, WorkerGoneError
from slubtla.tlc.engine.machine import this_machine
from slubtla.tlc.tools.java import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from slubtla.tlc.engine.protocol import OnLine, ProcessResult

MOST_RUNS = 50
"""Runs of one JVM; what leaks in it, slowly, ends with it."""

IDLE_SECONDS = 600.0
"""A JVM without work ends after that; it holds some 200 MB."""

_HOME = re.compile(r"^\s+java\.home = (.+)$", re.MULTILINE)
_LIBRARIES = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "lib/client/libjvm.so")
_NO_JPYPE = "`pip install JPype1`, or use the engine `process`, which needs none"


class JvmPool:
    """Runs Java command lines in warm JVMs; safe to use from several threads.

    Each run has a JVM to itself, so there are as many as there are runs at a time; at most one for
    each core stays when there is nothing to do.

    Args:
        most_runs: of one JVM.
        idle_seconds: how long a JVM without work is kept.
    """

    def __init__(self, *, most_runs: int = MOST_RUNS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._most_runs = most_runs
        self._idle_seconds = idle_seconds
        self._idle: list[tuple[Terms, JvmProcess]] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._finalizer = weakref.finalize(self, _close_all, self._idle, self._owner)

    def close(self) -> None:
        """End the JVMs that have nothing to do; the pool can still be used."""
        with self._lock:
            _close_all(self._idle, self._owner)

    def run(  # noqa: PLR0913  # as run_jvm
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        stdout: Path,
        stderr: Path,
        timeout: float | None = None,
        on_line: OnLine | None = None,
        cancel: Event | None = None,
        scratch: Path | None = None,
    ) -> ProcessResult:
        """Run a Java command line as :func:`run_jvm` does, in a warm JVM.

        Args:
            argv: ``java FLAGS -cp JAR CLASS ARGUMENTS``; the flags choose the JVM.
            cwd: the program's working directory.
            stdout: file for the raw output; must not exist yet.
            stderr: file for what goes to stderr; likewise.
            timeout: wall seconds until the run, and with it the JVM, is ended.
            on_line: called in the calling thread with each line of stdout, without its end.
            cancel: ends the run, and the JVM, when set.
            scratch: a folder to remove after the run, also when this process has died by then.

        Raises:
            ToolchainError: there is no JPype, or the JVM cannot be loaded.
            UsageError: ``stdout`` or ``stderr`` exists: the directory holds another run.
            CannotRunError: the guard was killed from outside, so that the end is unknown.
        """
        split = argv.index("-cp")
        jar, main, *args = argv[split + 1 :]
        flags = tuple(argv[1:split])
        terms = Terms(libjvm_of(Path(argv[0])), flags, self._most_runs, self._idle_seconds)
        request = Request(jar, main, tuple(args), cwd.absolute(), scratch)
        try:
            with _new_file(stdout) as out, _new_file(stderr) as err:
                while True:
                    worker = self._take(terms)
                    try:
                        result = worker.run(
                            request,
                            out=out,
                            err=err,
                            timeout=timeout,
                            on_line=on_line,
                            cancel=cancel,
                        )
                    except WorkerGoneError:
                        worker.close()
                    except BaseException:
                        worker.close()
                        raise
                    else:
                        self._give_back(terms, worker)
                        return result
        finally:
            if scratch is not None:
                shutil.rmtree(scratch, ignore_errors=True)

    def _take(self, terms: Terms) -> JvmProcess:
        """A JVM on these terms that has nothing to do, the newest; or a new one."""
        self._after_a_fork()
        dead = []
        try:
            with self._lock:
                for place in reversed(range(len(self._idle))):
                    if self._idle[place][0] == terms:
                        worker = self._idle.pop(place)[1]
                        if worker.alive:
                            return worker
                        dead.append(worker)
        finally:
            for worker in dead:
                worker.close()
        _need_jpype()
        return JvmProcess(terms)

    def _give_back(self, terms: Terms, worker: JvmProcess) -> None:
        if not worker.alive:
            worker.close()
            return
        with self._lock:
            self._idle.append((terms, worker))
            surplus = self._idle[: -this_machine().cores]
            del self._idle[: len(surplus)]
        for _, oldest in surplus:
            oldest.close()

    def _after_a_fork(self) -> None:
        """The JVMs belong to the process that started them."""
        if os.getpid() != self._owner:
            self._owner = os.getpid()
            self._lock = threading.Lock()
            self._idle = []
            self._finalizer = weakref.finalize(self, _close_all, self._idle, self._owner)


@functools.cache
def shared_pool() -> JvmPool:
    """The JVMs of this process, for all who ask for none of their own."""
    return JvmPool()


def _close_all(idle: list[tuple[Terms, JvmProcess]], owner: int) -> None:
    if os.getpid() == owner:
        while idle:
            idle.pop()[1].close()


def libjvm_of(java: Path) -> Path:
    """The library of the JVM that a ``java`` program starts.

    Raises:
        ToolchainError: there is none where it should be.
    """
    homes = [java.resolve().parent.parent]
    for attempt in range(2):
        for name in _LIBRARIES:
            if (library := homes[-1] / name).is_file():
                return library
        if attempt == 0:  # a script, that knows where its Java is
            said = _HOME.search(ask([str(java), "-XshowSettings:properties", "-version"]).stderr)
            homes.append(Path(said[1]) if said else homes[0])
    raise ToolchainError(
        f"{java}: there is no {_LIBRARIES[0]} in {homes[-1]}",
        next_step="name a Java that has one, or use the engine `process`, which needs none",
    )


def _need_jpype() -> None:
    if importlib.util.find_spec("jpype") is None:
        raise ToolchainError(
            "the engine `jvm` needs JPype, which is not installed", next_step=_NO_JPYPE
        )


def _new_file(path: Path) -> IO[bytes]:
    try:
        return path.open("xb", buffering=0)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists: the directory holds another run",
            next_step="give each run a directory of its own",
        ) from error
