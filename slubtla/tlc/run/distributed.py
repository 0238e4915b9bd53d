"""A search by workers of other processes, and what TLC's distributed mode leaves open.

TLC's own distributed mode does the search. It tells of no action whether it fires, and of an error
neither what it is nor how it is reached (2.15 prints the last step as if it began there, the same
for a violation, a deadlock and a failed evaluation). So::

    random behaviours, here     which actions fire    only for a model, whose goals must be reached
    the search, on the server   whether there is an error
    a search from the start     which one, and how    only where there is one
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import (
    CheckJob,
    EngineRun,
    JvmProfile,
    ProcessEngine,
    Simulation,
    TlcOptions,
)
from slubtla.tlc.engine.cancel import OwnCancel
from slubtla.tlc.engine.distributed import DistributedEngine, Place
from slubtla.tlc.output import TlcReport
from slubtla.tlc.output.messages import MARK, read_mark
from slubtla.tlc.run.firings import tell_firings
from slubtla.tlc.run.once import Search, run_tlc
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import RunDirectory
from slubtla.tlc.run.search import conclude, search
from slubtla.tlc.text.cfg import Cfg

BEHAVIOURS: Final = "firings"
"""The folder of the random behaviours in a run directory."""

SERVER_OUTPUT: Final = {"tlc.out": "server.out", "tlc.err": "server.err"}
"""What the server's output is called where another search came after it."""

BEHAVIOUR_SECONDS: Final = 60
"""How long random behaviours are tried until every action has fired."""

BEHAVIOUR_DEPTH: Final = 120
"""States of one of them."""

UNCOUNTED: Final = (
    "TLC's distributed mode does not tell, and random behaviours have not shown it; check the "
    "goals in smaller bounds, without --distributed"
)

NAMED_HERE: Final = (
    "TLC does not say there which one: what stands here is a second search, on this machine alone"
)

SEEN_HERE: Final = (
    f"which actions fire was seen in random behaviours (depth {BEHAVIOUR_DEPTH}) before the search"
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a search is distributed.

    Attributes:
        place: where the server listens.
        on_ready: hears the command that joins, when the server waits for workers.
    """

    place: Place
    on_ready: Callable[[str], None] | None = None


def must_be_distributable(cfg: Cfg) -> None:
    """Refuse what TLC's distributed mode does not check.

    Raises:
        UsageError: temporal properties, which it passes over without a word.
    """
    if cfg.judged_at_end:
        raise UsageError(
            f"TLC's distributed mode checks no postconditions ({', '.join(cfg.judged_at_end)}), "
            "and would say that no error was found",
            next_step="check the invariants with --distributed and the postconditions without",
        )
    if cfg.properties:
        raise UsageError(
            f"TLC's distributed mode checks no properties ({', '.join(cfg.properties)}), and would "
            "say that no error was found",
            next_step="check the invariants with --distributed and the properties without",
        )


def search_distributed(job: Search, way: Distribution, directory: RunDirectory) -> Result:
    """Search on a server that workers join, judge, and commit the run directory.

    Args:
        job: what to check; its engine is used for all that is done on this machine.
        way: how to distribute it.
        directory: where the run works.

    Raises:
        As :func:`slubtla.tlc.run.search.search`, and what
        :meth:`slubtla.tlc.engine.distributed.DistributedEngine.check` raises.
    """
    began = time.monotonic()
    fired, told = frozenset[str](), None
    if job.subject.goals or job.subject.idle is not None:
        fired, told = _see_firing(job, directory.work)
    spread = replace(
        job,
        engine=DistributedEngine(job.toolchain, way.place, way.on_ready),
        options=replace(job.options, coverage_minutes=0),
        telling=None,
        timeout=_left(job.timeout, began),
        distributed=True,
        uncounted=UNCOUNTED,
        remarks=job.remarks if told is None else (*job.remarks, SEEN_HERE),
    )
    run, report, interrupted = run_tlc(spread, directory.work)
    directory.ended = True
    if interrupted is None and _found_an_error(report):
        return _name_it(replace(job, timeout=_left(job.timeout, began)), report, run, directory)
    report = dataclasses.replace(report, fired=report.fired | fired)
    result = conclude(spread, directory, run, report, told=told)
    if interrupted is not None:
        raise interrupted
    return result


def _found_an_error(report: TlcReport) -> bool:
    """A server that ends by itself says so (2186), and where all is well that it is (2193)."""
    return report.finished and not report.success


def _name_it(job: Search, report: TlcReport, run: EngineRun, directory: RunDirectory) -> Result:
    """Search again on this machine, from the start and to the first error."""
    for name, other in SERVER_OUTPUT.items():
        (directory.work / name).rename(directory.work / other)
    who = f"a distributed search by {report.joined:,} threads of workers"
    found = f"{who} found an error after {run.wall_seconds:.1f} s ({SERVER_OUTPUT['tlc.out']})"
    here = replace(
        job,
        doubt=f"{found}, and a search on this machine found none",
        remarks=(*job.remarks, f"{found}; {NAMED_HERE}"),
    )
    return search(here, directory)


def _see_firing(job: Search, work: Path) -> tuple[frozenset[str], tuple[str, ...] | None]:
    """Try random behaviours until every action that must fire has done so, or the time is up.

    An action that can be taken in one of them can be taken in the model.

    Returns:
        The actions that fired, and all there are; None where the spec is not understood.
    """
    translation = job.translation
    cfg = job.cfg_file.read_text(encoding="utf-8")
    telling = tell_firings(translation.spec.stem, translation.text, cfg, once=False)
    if telling is None:
        return frozenset(), None
    idle = set(telling.actions if job.subject.idle is None else job.subject.idle)
    wanted = (set(telling.actions) - idle) | set(job.subject.goals.values())
    seen: set[str] = set()
    enough = OwnCancel(job.cancel)

    def hear(line: str) -> None:
        mark, action = read_mark(line) or ("", "")
        if mark == MARK and action not in seen:
            seen.add(action)
        if wanted <= seen:
            enough.set()

    folder = work / BEHAVIOURS
    folder.mkdir()
    for module in translation.modules:
        (folder / module.name).write_bytes(module.read_bytes())
    spec, own_cfg = telling.write_to(folder)
    options = TlcOptions(
        heap_mb=job.options.heap_mb,
        profile=JvmProfile.SMALL,
        check_deadlock=job.options.check_deadlock,
        coverage_minutes=0,
        simulate=Simulation(depth=BEHAVIOUR_DEPTH),
    )
    limit = min(BEHAVIOUR_SECONDS, (job.timeout or math.inf) / 4)
    here = CheckJob(spec=spec, cfg=own_cfg, workdir=folder, options=options, timeout=limit)
    left = ProcessEngine(job.toolchain).check(here, on_line=hear, cancel=enough)
    left.stdout.unlink()  # each step is a line
    return frozenset(seen), telling.actions


def _left(timeout: float | None, began: float) -> float | None:
    return None if timeout is None else max(0.0, timeout - (time.monotonic() - began))
