"""Build the command lines of TLC and of the PlusCal translator; nothing is run.

All names of files are relative to the run's directory, which is the working directory of the JVM:
TLC 2.15 does not find an absolute ``-config`` below a folder with a non-ASCII name.
"""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slubtla.errors import UsageError
from slubtla.tlc.tools.java import UTF8_FLAGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

SCRATCH = ".tlc"
"""The folder in the run's directory for TLC's temporary files; removed after the run."""

TEMPORARY = f"{SCRATCH}/temp"
"""The run's own ``java.io.tmpdir``: TLC 2.15 unpacks its modules there; two runs must not share."""

METADIR = f"{SCRATCH}/meta"
"""Where TLC keeps states, fingerprints and checkpoints."""

ARGV = "argv.json"
"""The file that keeps the command line."""

GRAPH = "states.dot"
"""The state graph, when it is asked for."""

OUT_OF_MEMORY_EXIT = 3
"""What the JVM exits with when memory ran out (``-XX:+ExitOnOutOfMemoryError``); TLC never does.

Left to itself, TLC 2.15 may catch the error and then hang for good.
"""

_LAST_POLYNOMIAL = 130
_LEAST_HEAP_MB = 8
_NEVER = {
    "-difftrace": "newer versions print wrong differences; compare the states instead",
    "-deadlock": "it turns the check off; set check_deadlock",
    "-tool": "it is always given: without it the output cannot be read",
    "-metadir": "it lies inside the run's directory",
    "-config": "the job names the .cfg",
    "-recover": "resume the run",
}


class JvmProfile(enum.StrEnum):
    """How the JVM is tuned.

    ``SMALL`` starts fast (a model of up to some 100,000 states), ``LARGE`` runs fast.
    """

    SMALL = "SMALL"
    LARGE = "LARGE"

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of the JVM."""
        if self is JvmProfile.SMALL:
            return ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        return ("-XX:+UseParallelGC",)


@dataclass(frozen=True, slots=True)
class Simulation:
    """Random behaviours instead of a full search; can never prove anything.

    Attributes:
        depth: states of one behaviour at most.
        behaviours: how many to try; ``None`` tries until the timeout.
    """

    depth: int = 100
    behaviours: int | None = None

    def __post_init__(self) -> None:
        _at_least(1, depth=self.depth, behaviours=self.behaviours)


@dataclass(frozen=True, slots=True)
class TlcOptions:
    """How TLC runs. The defaults make two runs print the same numbers.

    Attributes:
        workers: threads. With more than one, the depth and the counts of a *violated* run vary.
        heap_mb: Java heap in MiB; ``None`` lets the engine choose.
        profile: how the JVM is tuned.
        fp_index: which of the 131 fingerprint polynomials, 0 to 130.
        seed: of TLC's random numbers.
        check_deadlock: whether a state without successor is an error.
        coverage_minutes: interval of coverage reports, the last one at the end; 0 turns it off.
        checkpoint_minutes: interval of checkpoints; 0 turns them off. TLC 2.15 looks at the clock
            3 s after its start and then each minute.
        recover: the checkpoint to resume from, a folder in the run's directory, written with the
            same workers, ``fp_index`` and ``seed``.
        fpmem: the part of the heap for fingerprints, between 0 and 1; ``None`` is TLC's own, a
            quarter. What does not fit goes to disk.
        liveness_at_end: check temporal properties once, on the whole graph (``-lncheck final``).
        stop_after_seconds: TLC ends by itself, *with exit code 0 and "no error"*; ``None`` for no
            bound. A bounded search, never a proof.
        depth_first: search depth-first, deepening up to this many levels; ``None`` for
            breadth-first.
        simulate: random behaviours instead of a search.
        keep_going: go on after a violation, *and exit 0*.
        graph: also write the state graph to :data:`GRAPH`.
        classpath: jars behind ``tla2tools.jar`` on the class path, absolute.
        extra_jvm: further flags of the JVM, given last, so that they win.
        extra_tlc: further options of TLC.

    Raises:
        UsageError: a number out of range, two exclusive modes, or an option that this room owns.
    """

    workers: int = 1
    heap_mb: int | None = None
    profile: JvmProfile = JvmProfile.SMALL
    fp_index: int = 0
    seed: int = 0
    check_deadlock: bool = True
    coverage_minutes: int = 60
    checkpoint_minutes: float = 0
    recover: str | None = None
    fpmem: float | None = None
    liveness_at_end: bool = False
    stop_after_seconds: int | None = None
    depth_first: int | None = None
    simulate: Simulation | None = None
    keep_going: bool = False
    graph: bool = False
    classpath: tuple[str, ...] = ()
    extra_jvm: tuple[str, ...] = ()
    extra_tlc: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _at_least(
            1,
            workers=self.workers,
            stop_after_seconds=self.stop_after_seconds,
            depth_first=self.depth_first,
        )
        _at_least(
            0,
            fp_index=self.fp_index,
            coverage_minutes=self.coverage_minutes,
            checkpoint_minutes=self.checkpoint_minutes,
        )
        _at_least(_LEAST_HEAP_MB, heap_mb=self.heap_mb)
        if self.fpmem is not None and not 0 < self.fpmem < 1:
            raise UsageError(
                f"fpmem is {self.fpmem}", next_step="give a part of the heap between 0 and 1"
            )
        if self.fp_index > _LAST_POLYNOMIAL:
            raise UsageError(
                f"fp_index is {self.fp_index}", next_step=f"choose 0 to {_LAST_POLYNOMIAL}"
            )
        if self.simulate is not None and self.depth_first is not None:
            raise UsageError(
                "simulate and depth_first exclude each other", next_step="choose one of them"
            )
        for option in self.extra_tlc:
            if option in _NEVER:
                raise UsageError(f"{option} may not be given to TLC", next_step=_NEVER[option])


def tlc_argv(  # noqa: PLR0913  # keyword-only: all that a command line is made of
    *, java: PurePath, jar: PurePath, spec: str, cfg: str, options: TlcOptions, default_heap_mb: int
) -> list[str]:
    """The command line that checks ``spec`` with ``cfg``, both names in the run's directory."""
    jvm = [
        *options.profile.flags,
        f"-Xmx{options.heap_mb or default_heap_mb}m",
        "-XX:+ExitOnOutOfMemoryError",
    ]
    if options.stop_after_seconds is not None:
        jvm.append(f"-Dtlc2.TLC.stopAfter={options.stop_after_seconds}")
    chkpt_property, chkpt_option = _checkpoints(options.checkpoint_minutes)
    jvm += chkpt_property
    tlc = ["-tool", "-workers", str(options.workers)]
    tlc += ["-fp", str(options.fp_index), "-seed", str(options.seed)]
    tlc += [*chkpt_option, "-metadir", METADIR]
    tlc += _given("-fpmem", options.fpmem) + _given("-recover", options.recover)
    if options.coverage_minutes:
        tlc += ["-coverage", str(options.coverage_minutes)]
    if not options.check_deadlock:
        tlc.append("-deadlock")  # which, in spite of its name, turns the check off
    if options.liveness_at_end:
        tlc += ["-lncheck", "final"]
    if options.keep_going:
        tlc.append("-continue")
    if options.graph:
        tlc += ["-dump", "dot,actionlabels", GRAPH]
    tlc += [*_mode(options), *options.extra_tlc, "-config", cfg, spec]
    return [*_java(java, jar, [*jvm, *options.extra_jvm], options.classpath), "tlc2.TLC", *tlc]


def recovered_from(argv: Sequence[str]) -> str | None:
    """The checkpoint that a command line of TLC goes on from; None where it names none."""
    return argv[argv.index("-recover") + 1] if "-recover" in argv else None


def pcal_argv(*, java: PurePath, jar: PurePath, spec: str) -> list[str]:
    """The command line that translates the algorithm of ``spec``, a name in the run's directory."""
    return [*_java(java, jar, [*JvmProfile.SMALL.flags, "-Xmx256m"]), "pcal.trans", "-nocfg", spec]


def _java(
    java: PurePath, jar: PurePath, flags: list[str], classpath: tuple[str, ...] = ()
) -> list[str]:
    return [
        str(java),
        *UTF8_FLAGS,
        f"-Djava.io.tmpdir={TEMPORARY}",
        *flags,
        "-cp",
        os.pathsep.join((str(jar), *classpath)),
    ]


def _checkpoints(minutes: float) -> tuple[list[str], list[str]]:
    """The JVM's flags and TLC's options for an interval: the option takes whole minutes only."""
    if float(minutes).is_integer():
        return [], ["-checkpoint", str(int(minutes))]
    return [f"-Dtlc2.TLCGlobals.chkpt={max(1, round(minutes * 60_000))}"], []


def _given(option: str, value: float | str | None) -> list[str]:
    return [] if value is None else [option, str(value)]


def _mode(options: TlcOptions) -> list[str]:
    if options.depth_first is not None:
        return ["-dfid", str(options.depth_first)]
    if options.simulate is None:
        return []
    behaviours = options.simulate.behaviours
    bound = [] if behaviours is None else [f"num={behaviours}"]
    return ["-simulate", *bound, "-depth", str(options.simulate.depth)]


def _at_least(least: int, **numbers: float | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < least:
            raise UsageError(f"{name} is {number}", next_step=f"give {least} or more")
