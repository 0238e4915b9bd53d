"""Keep warm JVMs for the next run that needs one with the same flags."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from slubtla.errors import ToolchainError
from slubtla.tlc.engine.jvm_process import JvmProcess, JvmSettings, WorkerGoneError
from slubtla.tlc.engine.machine import this_machine
from slubtla.tlc.engine.process import new_file
from slubtla.tlc.engine.protocol import ProcessResult, RunOptions
from slubtla.tlc.tools.java import output_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_RUNS = 50
"""Runs of one JVM; what leaks in it is freed with it."""

IDLE_SECONDS = 600.0
"""A JVM without work ends after that; it holds some 200 MB."""

_HOME = re.compile(r"^\s+java\.home = (.+)$", re.MULTILINE)
_LIBRARIES = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "lib/client/libjvm.so")


class JvmPool:
    """Runs Java command lines in warm JVMs; safe to use from several threads.

    Each run has a JVM to itself; at most one for each core stays when there is nothing to do.

    Args:
        most_runs: of one JVM.
        idle_seconds: how long a JVM without work is kept.
    """

    def __init__(self, *, most_runs: int = MOST_RUNS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._most_runs = most_runs
        self._idle_seconds = idle_seconds
        self._idle: list[tuple[JvmSettings, JvmProcess]] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._finalizer = weakref.finalize(self, _close_all, self._idle, self._owner)

    def close(self) -> None:
        """End the JVMs that have nothing to do; the pool can still be used."""
        with self._lock:
            _close_all(self._idle, self._owner)

    def run(self, argv: Sequence[str], **options: Unpack[RunOptions]) -> ProcessResult:
        """Run a Java command line as :func:`run_supervised` does, in a warm JVM.

        Args:
            argv: ``java FLAGS -cp JAR CLASS ARGUMENTS``; the flags choose the JVM.
            **options: as for :func:`run_supervised`; a timeout ends the JVM, too.

        Raises:
            ToolchainError: there is no JPype, or the JVM cannot be loaded.
            UsageError: ``stdout`` or ``stderr`` exists: the directory holds another run.
            CannotRunError: the guard was killed from outside, so that the end is unknown.
        """
        split = argv.index("-cp")
        jar, main, *args = argv[split + 1 :]
        libjvm, flags = str(libjvm_of(Path(argv[0]))), tuple(argv[1:split])
        settings = JvmSettings(libjvm, flags, self._most_runs, self._idle_seconds)
        scratch = options.get("scratch")
        request = {
            "jar": jar,
            "main": main,
            "args": args,
            "cwd": str(options["cwd"].absolute()),
            "scratch": None if scratch is None else str(scratch),
        }
        try:
            with new_file(options["stdout"]) as out, new_file(options["stderr"]) as err:
                while True:
                    worker = self._take(settings)
                    try:
                        result = worker.run(
                            request,
                            out=out,
                            err=err,
                            timeout=options.get("timeout"),
                            on_line=options.get("on_line"),
                            cancel=options.get("cancel"),
                        )
                    except WorkerGoneError:
                        worker.close()
                    except BaseException:
                        worker.close()
                        raise
                    else:
                        self._give_back(settings, worker)
                        return result
        finally:
            if scratch is not None:
                shutil.rmtree(scratch, ignore_errors=True)

    def _take(self, settings: JvmSettings) -> JvmProcess:
        """A JVM with these settings that has nothing to do, the newest; or a new one."""
        self._after_a_fork()
        dead = []
        try:
            with self._lock:
                for place in reversed(range(len(self._idle))):
                    if self._idle[place][0] == settings:
                        worker = self._idle.pop(place)[1]
                        if worker.alive:
                            return worker
                        dead.append(worker)
        finally:
            for worker in dead:
                worker.close()
        if importlib.util.find_spec("jpype") is None:
            raise ToolchainError(
                "the engine `jvm` needs JPype, which is not installed",
                next_step="`pip install JPype1`, or use the engine `process`, which needs none",
            )
        return JvmProcess(settings)

    def _give_back(self, settings: JvmSettings, worker: JvmProcess) -> None:
        if not worker.alive:
            worker.close()
            return
        with self._lock:
            self._idle.append((settings, worker))
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
    """The pool that the engines of this process share."""
    return JvmPool()


def _close_all(idle: list[tuple[JvmSettings, JvmProcess]], owner: int) -> None:
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
            said = _HOME.search(
                output_of([str(java), "-XshowSettings:properties", "-version"]).stderr
            )
            homes.append(Path(said[1]) if said else homes[0])
    raise ToolchainError(
        f"{java}: there is no {_LIBRARIES[0]} in {homes[-1]}",
        next_step="name a Java that has one, or use the engine `process`, which needs none",
    )
