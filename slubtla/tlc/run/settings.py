"""Settings: tools, engine, limits and directories of runs."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event

from slubtla.errors import UnknownNameError, UsageError
from slubtla.tlc.engine import (
    Engine,
    JvmEngine,
    JvmProfile,
    ProcessEngine,
    TlcOptions,
    default_fpmem,
    default_heap_mb,
    this_machine,
)
from slubtla.tlc.engine.archives import Archives
from slubtla.tlc.engine.distributed import DEFAULT_PORT, LOOPBACK, ServerAddress
from slubtla.tlc.output import Progress
from slubtla.tlc.run.environment import default_engine
from slubtla.tlc.run.progress import Board
from slubtla.tlc.tools import Toolchain, find_toolchain

OnProgress = Callable[[Progress], None]
"""Called with TLC's progress messages (2200) as they come: after 3 s, then every minute."""

ENGINES = {
    "process": "a JVM for each run",
    "jvm": "warm JVMs, by JPype: faster from the second run of one process on",
}
"""The engines, with their meaning."""

LEAST_HEAP_MB = 8
"""With less, no JVM starts."""

COVERAGE_MINUTES = 60
"""Between two reports of coverage; the last one comes at the end."""

BEHAVIOURS = 1000
"""Random behaviours of a simulation where neither a number nor a time limit is given."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run, as opposed to what to check.

    Attributes:
        tla2tools: the jar; found when None, as ``java`` is; ``toolchain`` is both, already found.
        engine: what runs TLC: one, or its name in :data:`ENGINES`; when None ``process``, but warm
            JVMs in a notebook.
        cache: whether translations and class archives are cached.
        keep_results: whether whole results are, too: a run that would be the same as an earlier
            one, down to slubtla's own code, is not made again.
        coverage: have TLC count the steps of each action, which costs a third more time; without,
            it is only known whether each ever fires.
        timeout: wall seconds for TLC; None for no limit.
        checkpoint: minutes between checkpoints, from which :func:`resume` goes on.
        heap_mb: Java heap, MiB; chosen from the machine's memory when None.
        workers: TLC worker threads; the cores when None.
        out_dir: the run directory; when None one is made in :func:`runs_dir`.
        specs: the templates to render from; those that ship with slubtla when None.
        distributed: start TLC's server, and let workers (`slubtla worker`) do the search.
        listen: the address that the server listens on; the loopback address when None.
        port: of the server; TLC's own, 10997, when None.
        on_ready: called with the command that joins, when the server waits for workers.
        library: folders where modules are looked for that do not lie beside the specification; a
            file is the module of its name wherever else there is one.
        classpath: jars behind ``tla2tools.jar`` on Java's class path.

    Raises:
        UsageError: a timeout that is not above 0, a heap that the machine does not have, or what
            does not go with a distributed search.
    """

    tla2tools: Path | None = None
    java: Path | None = None
    toolchain: Toolchain | None = None
    engine: Engine | str | None = None
    cache: bool = True
    keep_results: bool = False
    coverage: bool = False
    timeout: float | None = None
    checkpoint: float | None = None
    heap_mb: int | None = None
    workers: int | None = None
    out_dir: Path | None = None
    on_progress: OnProgress | None = None
    watch: Board | None = None
    cancel: Event | None = None
    specs: Path | None = None
    distributed: bool = False
    listen: str | None = None
    port: int | None = None
    on_ready: Callable[[str], None] | None = None
    library: tuple[Path, ...] = ()
    classpath: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        self._require_fitting()
        self._require_files()
        memory_mb = this_machine().memory_bytes >> 20
        if self.timeout is not None and not self.timeout > 0:  # nan, too
            raise UsageError(
                f"a timeout of {self.timeout:g} s leaves no time",
                next_step="give seconds above 0, or none",
            )
        if self.checkpoint is not None and not 0 <= self.checkpoint < math.inf:
            raise UsageError(
                f"checkpoints every {self.checkpoint:g} minutes make no sense",
                next_step="give minutes above 0, or none",
            )
        if isinstance(self.engine, str) and self.engine not in ENGINES:
            raise UnknownNameError("engine", self.engine, ENGINES)
        if self.heap_mb is not None and not LEAST_HEAP_MB <= self.heap_mb <= memory_mb:
            raise UsageError(
                f"a heap of {self.heap_mb:,} MiB is not between {LEAST_HEAP_MB} MiB and the "
                f"machine's memory, {memory_mb:,} MiB",
                next_step="write a size such as 512m or 4g, or leave it out",
            )

    def _require_fitting(self) -> None:
        if not self.distributed and (self.listen is not None or self.port is not None):
            raise UsageError(
                "an address or a port to listen on without a distributed search",
                next_step="give --distributed, too",
            )
        other = {
            "--engine": self.engine not in (None, "process"),
            "--checkpoint": bool(self.checkpoint),
            "--coverage": self.coverage,
            "--classpath": bool(self.classpath),
        }
        excluded = [option for option, given in other.items() if given and self.distributed]
        if excluded:
            raise UsageError(
                f"--distributed excludes {', '.join(excluded)}: TLC's server has a JVM of its own, "
                "and reports no counts of actions; its checkpoints are not tried, and its workers "
                "have no class path but their own",
                next_step="choose one of them",
            )

    def _require_files(self) -> None:
        for folder in self.library:
            if not folder.is_dir() and not (folder.suffix == ".tla" and folder.is_file()):
                raise UsageError(
                    f"--library {folder}: there is no such folder",
                    next_step="name the folder that holds the modules",
                )
        for jar in self.classpath:
            if not jar.is_file() or os.pathsep in str(jar.absolute()):
                why = "there is no such file" if not jar.is_file() else f"{os.pathsep} in its path"
                raise UsageError(
                    f"--classpath {jar}: {why}",
                    next_step="name a jar, e.g. CommunityModules-deps.jar; once for each",
                )

    @property
    def place(self) -> ServerAddress:
        """Where the server of a distributed search listens."""
        return ServerAddress(self.listen or LOOPBACK, self.port or DEFAULT_PORT)

    def tuned(self, options: TlcOptions) -> TlcOptions:
        """Return TLC's options for a run with these settings.

        A simulation has one worker by default, so that a seed repeats it: TLC has each worker try
        the whole number of behaviours. TLC itself ends it at the timeout.
        """
        simulate, stop = options.simulate, None
        if simulate is not None and self.timeout is not None:
            stop = max(1, math.ceil(self.timeout))
        elif simulate is not None and simulate.behaviours is None:
            simulate = replace(simulate, behaviours=BEHAVIOURS)
        coverage = COVERAGE_MINUTES if self.coverage else options.coverage_minutes
        return replace(
            options,
            workers=self.workers or (1 if simulate else this_machine().cores),
            heap_mb=self.heap_mb,
            fpmem=None if "-fpmem" in options.extra_tlc else default_fpmem(options.profile),
            checkpoint_minutes=self.checkpoint or 0,
            # a checkpoint does not hold the counts of actions: TLC must print them soon after it
            coverage_minutes=1 if self.checkpoint else coverage,
            classpath=tuple(str(jar.absolute()) for jar in self.classpath),
            simulate=simulate,
            stop_after_seconds=stop,
        )

    def begin(self, name: str) -> Settings:
        """Tell the watch that one of many runs begins, and return the settings for it."""
        if self.watch is None:
            return self
        self.watch.started(name, name)
        return replace(self, on_progress=partial(self.watch.heard, name))

    def find_engine(self, toolchain: Toolchain) -> Engine:
        """Return the engine to use.

        If none is named, checkpoints and what a distributed search does here have a JVM each.
        """
        own = bool(self.checkpoint) or self.distributed
        chosen = self.engine or ("process" if own else default_engine())
        if not isinstance(chosen, str):
            return chosen
        if chosen == "jvm":
            return JvmEngine(toolchain)
        return ProcessEngine(toolchain, archives=Archives(toolchain) if self.cache else None)

    def find_toolchain(self) -> Toolchain:
        """Return the toolchain to use.

        Raises:
            ToolchainError: there is none, or what was named does not work.
        """
        return self.toolchain or find_toolchain(jar=self.tla2tools, java=self.java)


def default_heap(profile: JvmProfile, *, side_by_side: int = 1) -> int:
    """Return the default Java heap, MiB, where large searches run ``side_by_side``."""
    heap_mb = default_heap_mb(this_machine().memory_bytes, profile)
    if profile is JvmProfile.LARGE:
        heap_mb = max(LEAST_HEAP_MB, heap_mb // side_by_side)
    return heap_mb
