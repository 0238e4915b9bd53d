"""Have every statement decided on every machine, in as few runs of TLC as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import Field

from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.barriers.verify import profile_of, verify
from slubtla.protocols.slub.argument.statements import NAMES, Machine, Role, machines_for
from slubtla.tlc.engine import this_machine
from slubtla.tlc.engine.cancel import OwnCancel
from slubtla.tlc.run.result import Record, Result, Versioned
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.sizing import default_heap
from slubtla.tlc.run.verdict import Verdict, VerdictKind


class Judged(Record):
    """A machine with the runs that judged the statements on it.

    All statements are asked at once. TLC stops at the first that falls; the others are asked again
    without it, until nothing falls. So each statement is either what one of the runs violates, or
    is decided by the last of them.

    Attributes:
        machine: the machine.
        runs: the runs, in order; machines that are one model have the same.
    """

    machine: Machine
    runs: tuple[Result, ...] = Field(min_length=1)

    def run_of(self, statement: str) -> Result:
        """Return the run that decided a statement."""
        return next((r for r in self.runs if r.verdict.detail == statement), self.runs[-1])

    def verdict(self, statement: str) -> Verdict:
        """Return the verdict on a statement."""
        return self.run_of(statement).verdict

    def falls(self, statement: str) -> bool:
        """Whether there is a counterexample to a statement."""
        verdict = self.verdict(statement)
        return verdict.kind is VerdictKind.VIOLATED and verdict.detail == statement

    def holds(self, statement: str) -> bool:
        """Whether a statement is proven."""
        return self.verdict(statement).kind is VerdictKind.PROVEN

    @property
    def fallen(self) -> tuple[str, ...]:
        """The statements that fall, in the order of the mail."""
        return tuple(name for name in NAMES if self.falls(name))

    @property
    def holding(self) -> tuple[str, ...]:
        """The statements that are proven, in the order of the mail."""
        return tuple(name for name in NAMES if self.holds(name))


class Argument(Versioned):
    """The whole argument, judged.

    Attributes:
        machines: the machines, in the order of :func:`machines_for`.
    """

    machines: tuple[Judged, ...]

    def of(self, *roles: Role) -> tuple[Judged, ...]:
        """Return the machines that are there for one of these reasons."""
        return tuple(judged for judged in self.machines if judged.machine.role in roles)


OnRun = Callable[[Machine, Result], None]
"""Hears each run when it is done; several machines run at a time, but it is never called twice."""


def argue(
    arches: Iterable[str] | None = None,
    *,
    settings: Settings | None = None,
    on_run: OnRun | None = None,
    **bounds: Any,  # noqa: ANN401 - fields of Model, validated there
) -> Argument:
    """Decide every statement of the argument, as many machines at a time as there are cores.

    Args:
        arches: see :func:`slubtla.protocols.slub.argument.statements.machines_for`.
        settings: how to run; ``out_dir`` becomes the parent of the runs' directories.
        on_run: hears each run when it is done.
        bounds: further fields of :class:`slubtla.barriers.model.Model`, the same for all machines.

    Raises:
        As :func:`slubtla.barriers.verify.verify`; the first error ends the argument.
    """
    settings = settings or Settings()
    machines = machines_for(arches)
    models = {machine.name: machine.model(NAMES, **bounds) for machine in machines}
    workers = settings.workers or 1
    jobs = max(1, this_machine().cores // workers)
    cancel = OwnCancel(settings.cancel)
    shared = replace(settings, toolchain=settings.find_toolchain(), workers=workers, cancel=cancel)
    one_at_a_time = Lock()

    def decide(machine: Machine) -> tuple[Result, ...]:
        profile = profile_of(models[machine.name])
        heap_mb = settings.heap_mb or default_heap(profile, side_by_side=jobs)
        runs: list[Result] = []
        left = NAMES
        while left:
            name = f"{machine.name}-{len(runs) + 1}"
            place = _place(settings.out_dir, name)
            own = replace(shared.begin(name), heap_mb=heap_mb, out_dir=place)
            runs.append(verify(machine.model(left, **bounds), settings=own))
            if shared.watch is not None:
                shared.watch.finished(name, runs[-1])
            if on_run is not None:
                with one_at_a_time:
                    on_run(machine, runs[-1])
            fallen = runs[-1].verdict.detail
            if runs[-1].verdict.kind is not VerdictKind.VIOLATED or fallen not in left:
                break
            left = tuple(name for name in left if name != fallen)
        return tuple(runs)

    essence = {name: model.model_dump_json(exclude={"arch"}) for name, model in models.items()}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        chains: dict[str, Future[tuple[Result, ...]]] = {}
        try:
            for machine in sorted(machines, key=lambda m: -MEMORY_MODELS[m.memory].states):
                if essence[machine.name] not in chains:
                    chains[essence[machine.name]] = pool.submit(decide, machine)
            return Argument(
                machines=tuple(
                    Judged(machine=machine, runs=chains[essence[machine.name]].result())
                    for machine in machines
                )
            )
        except BaseException:
            cancel.set()
            for chain in chains.values():
                chain.cancel()
            raise


def _place(parent: Path | None, name: str) -> Path | None:
    return None if parent is None else parent / name
