"""Compile and run the race of a plan, and return the counts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slubtla.barriers.entries import E, Entry, Vocabulary
from slubtla.errors import CannotRunError, UsageError
from slubtla.protocols.slub import require_slub
from slubtla.protocols.slub.hardware.build import (
    compile_race,
    compiler_version,
    find_compiler,
    sources_sha256,
)
from slubtla.protocols.slub.hardware.machine import choose_cpus, read_machine
from slubtla.protocols.slub.hardware.reading import (
    Counted,
    Event,
    Finished,
    Listed,
    read_event,
)
from slubtla.protocols.slub.hardware.results import CallCost, HardwareResult, RaceCell
from slubtla.protocols.slub.hardware.variants import PUTS, SHRINKS, Put, Shrink, rule
from slubtla.tlc.engine.process import ProgramRun, run_program

LARGEST_BUSY: Final = 1000
_LIST_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run.

    Attributes:
        runs: races for each cell.
        seconds_per_cell: a cell ends after so long, with fewer runs.
        busy: older stores to cold lines before each put; they keep its store buffer busy.
        puts: names of put variants; empty for all.
        shrinks: names of shrink variants; empty for all.
        cpus: the put's CPU and the shrink's; None to choose.
        timeout: seconds until the race is ended, with the cells that are done.

    Raises:
        UsageError: a number makes no sense.
    """

    runs: int = 1_000_000
    seconds_per_cell: float = 1.0
    busy: int = 0
    puts: tuple[str, ...] = ()
    shrinks: tuple[str, ...] = ()
    cpus: tuple[int, int] | None = None
    timeout: float = 300.0

    def __post_init__(self) -> None:
        for flag, number in (
            ("--runs", self.runs),
            ("--seconds-per-cell", self.seconds_per_cell),
            ("--timeout", self.timeout),
        ):
            if not 0 < number < 1e15:  # noqa: PLR2004  # neither nan nor inf
                raise UsageError(
                    f"{flag} {number:g} leaves nothing to run", next_step="give a number above 0"
                )
        if not 0 <= self.busy <= LARGEST_BUSY:
            raise UsageError(
                f"--busy {self.busy} is not from 0 to {LARGEST_BUSY}",
                next_step="two dozen stores fill most store buffers",
            )


@dataclass(frozen=True, slots=True)
class RaceProgress:
    """The number of cells that are done, of all; and the races so far in the one at hand."""

    done: int
    cells: int
    put: str
    shrink: str
    runs: int


def run_hardware(
    plan: Plan | None = None,
    *,
    on_progress: Callable[[RaceProgress], None] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> HardwareResult:
    """Run the put/shrink race on this machine.

    Args:
        plan: what to run; the whole table by default.
        on_progress: called with the progress.
        environ: where to look for the compiler (``CC``, ``PATH``).

    Raises:
        UsageError: a name or a number of the plan makes no sense, or another protocol is chosen.
        CannotRunError: no Linux, no second CPU, no compiler, or nothing that can run here.
        KeyboardInterrupt: Ctrl-C; nothing is left running.
    """
    require_slub("hardware")
    plan = plan if plan is not None else Plan()
    machine = read_machine()
    cpus = choose_cpus(machine.cpus, plan.cpus)
    compiler = find_compiler(environ)
    with tempfile.TemporaryDirectory(prefix="slubtla-hardware-") as name:
        folder = Path(name)
        version = compiler_version(compiler, folder)
        race = compile_race(compiler, folder)
        listed = _list(race, folder)
        puts, shrinks = _chosen(PUTS[listed.arch], plan.puts), _chosen(SHRINKS, plan.shrinks)
        rows = _runnable(puts, listed.puts, "put variant")
        columns = _runnable(shrinks, listed.shrinks, "shrink variant")
        tally = _Tally(len(rows) * len(columns), on_progress)
        argv = [str(race), "run", *map(str, cpus), str(plan.runs), f"{plan.seconds_per_cell:.6f}"]
        argv += [str(plan.busy), ",".join(rows), ",".join(columns)]
        run = run_program(
            argv, folder=folder, name="race", timeout=plan.timeout, on_line=tally.read_line
        )
        if not run.timed_out and not (run.returncode == 0 and tally.finished):
            raise _failed(run)
    return HardwareResult(
        arch=listed.arch,
        machine=machine,
        compiler=version,
        sources_sha256=sources_sha256(),
        cpus=cpus,
        runs=plan.runs,
        seconds_per_cell=plan.seconds_per_cell,
        busy=plan.busy,
        timed_out=not tally.finished,
        cells=tuple(table(puts, shrinks, listed, tally.events, plan.timeout)),
        costs=tuple(event for event in tally.events if isinstance(event, CallCost)),
    )


def table(
    puts: Iterable[Put],
    shrinks: Collection[Shrink],
    listed: Listed,
    events: Iterable[Event],
    timeout: float,
) -> list[RaceCell]:
    """Return the cells, row by row: the last counts of each, or why it was not run.

    A cell that the time limit cut short keeps its counts.
    """
    last = {(event.put, event.shrink): event for event in events if isinstance(event, Counted)}
    cells = []
    for put in puts:
        for shrink in shrinks:
            counted = last.get((put.name, shrink.name))
            missing = listed.puts[put.name] or listed.shrinks[shrink.name]
            late = f"the time limit of {timeout:g} s came first"
            cells.append(
                RaceCell(
                    put=put.name,
                    shrink=shrink.name,
                    ruling=rule(put, shrink),
                    counts=counted.counts if counted else None,
                    seconds=counted.seconds if counted else None,
                    not_run=None if counted else missing or late,
                )
            )
    return cells


class _Tally:
    """Collects the events of a race, and reports progress."""

    def __init__(self, cells: int, on_progress: Callable[[RaceProgress], None] | None) -> None:
        self.events: list[Event] = []
        self.finished = False
        self._cells = cells
        self._done = 0
        self._on_progress = on_progress

    def read_line(self, line: str) -> None:
        event = read_event(line)
        self.events.append(event)
        self.finished = self.finished or isinstance(event, Finished)
        if isinstance(event, Counted):
            self._done += event.final
            if self._on_progress is not None:
                runs = event.counts.runs
                self._on_progress(
                    RaceProgress(self._done, self._cells, event.put, event.shrink, runs)
                )


def _chosen(known: Vocabulary[E], names: Collection[str]) -> list[E]:
    wanted = [known[name] for name in names]  # raises for an unknown one
    return [entry for entry in known.values() if not names or entry in wanted]


def _runnable(entries: Iterable[Entry], missing: Mapping[str, str | None], kind: str) -> list[str]:
    """The names of ``entries`` that can run here: at least one."""
    reasons = {entry.name: missing[entry.name] for entry in entries}
    names = [name for name, reason in reasons.items() if reason is None]
    if not names:
        why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise CannotRunError(
            f"no {kind} of those asked for can run here: {why}",
            next_step="ask for others, or for all by naming none",
        )
    return names


def _list(race: Path, folder: Path) -> Listed:
    run = run_program([str(race), "list"], folder=folder, name="list", timeout=_LIST_SECONDS)
    listed = read_event(run.stdout) if run.returncode == 0 else None
    if not isinstance(listed, Listed):
        raise _failed(run)
    return listed


def _failed(run: ProgramRun) -> CannotRunError:
    said = f": {run.stderr.strip()}" if run.stderr.strip() else ""
    return CannotRunError(
        f"the race ended with {run.returncode} before its end{said}",
        next_step="run it again; if it stays so, report it with this message",
    )
