"""Run TLC until every statement of the mail is decided on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import Field

from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.barriers.verify import model_spec
from slubtla.errors import SlubtlaError
from slubtla.protocols.slub import require_slub
from slubtla.protocols.slub.argument.statements import NAMES, Machine, Role, machines_for
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.result import Record, Result, Versioned
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import Verdict, VerdictKind


class Verdicts:
    """The verdicts on the statements on a machine."""

    machine: Machine

    def verdict(self, statement: str) -> Verdict:
        """Return the verdict on a statement: by default the expected one."""
        fallen = statement in self.machine.falls
        return Verdict(VerdictKind.VIOLATED, statement) if fallen else Verdict(VerdictKind.PROVEN)

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
        return tuple(filter(self.falls, NAMES))

    @property
    def holding(self) -> tuple[str, ...]:
        """The statements that are proven, in the order of the mail."""
        return tuple(filter(self.holds, NAMES))


@dataclass(frozen=True)
class Expected(Verdicts):
    """The expected verdicts on a machine."""

    machine: Machine


F_co = TypeVar("F_co", bound=Verdicts, covariant=True)


class Argued(Generic[F_co]):
    """The verdicts on all statements on some machines."""

    machines: Sequence[F_co]

    def of(self, *roles: Role) -> list[F_co]:
        """Return the machines that are there for one of these reasons."""
        return [each for each in self.machines if each.machine.role in roles]


@dataclass(frozen=True)
class ExpectedArgument(Argued[Verdicts]):
    """The argument as it is expected to come out."""

    machines: Sequence[Verdicts] = field(
        default_factory=lambda: [Expected(machine) for machine in machines_for()]
    )


class Judged(Verdicts, Record):
    """A machine with the runs that judged the statements on it.

    All statements are checked at once. TLC stops at the first that falls; the others are checked
    again without it, until nothing falls. So each statement is either violated by one of the runs,
    or decided by the last of them.

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


class Argument(Versioned, Argued[Judged]):
    """The whole argument, judged; the machines in the order of :func:`machines_for`."""

    machines: tuple[Judged, ...]


OnRun = Callable[[Machine, Result], None]
"""Called with each run when it is done; never by two threads at a time."""


def argue(
    arches: Iterable[str] | None = None,
    *,
    settings: Settings | None = None,
    executor: Where = None,
    on_run: OnRun | None = None,
    **bounds: Any,  # noqa: ANN401 - fields of Model, validated there
) -> Argument:
    """Decide every statement of the argument, as many machines at a time as there are cores.

    Args:
        arches: see :func:`slubtla.protocols.slub.argument.statements.machines_for`.
        settings: how to run; ``out_dir`` becomes the parent of the runs' directories.
        executor: where they are run, instead of here: see :func:`slubtla.tlc.jobs.run_jobs`.
        on_run: called with each run when it is done.
        bounds: further fields of :class:`slubtla.barriers.model.Model`, the same for all machines.

    Raises:
        UsageError: another protocol is chosen.
        As :func:`slubtla.barriers.verify.verify`; the first error ends the argument.
    """
    require_slub("argue")
    settings = settings or Settings()
    machines = machines_for(arches)
    models = {machine.name: machine.model(NAMES, **bounds) for machine in machines}
    essence = {name: model.model_dump_json(exclude={"arch"}) for name, model in models.items()}
    chains: dict[str, list[Result]] = {}
    running: list[tuple[Machine, tuple[str, ...]]] = []

    def job(machine: Machine, left: tuple[str, ...]) -> Job:
        running.append((machine, left))
        name = f"{machine.name}-{len(chains[essence[machine.name]]) + 1}"
        spec = partial(model_spec, machine.model(left, **bounds), specs=settings.specs)
        weight = MEMORY_MODELS[machine.memory].states
        return Job(name, spec, weight, out_dir=settings.out_dir and settings.out_dir / name)

    def take(index: int, finding: Finding) -> Job | None:
        if isinstance(finding, SlubtlaError):
            raise finding
        machine, left = running[index]
        chains[essence[machine.name]].append(finding)
        if on_run is not None:
            on_run(machine, finding)
        fallen = finding.verdict.detail
        rest = tuple(name for name in left if name != fallen)
        again = finding.verdict.kind is VerdictKind.VIOLATED and fallen in left and rest
        return job(machine, rest) if again else None

    jobs = []
    for machine in machines:
        if essence[machine.name] not in chains:
            chains[essence[machine.name]] = []
            jobs.append(job(machine, NAMES))
    run_jobs(jobs, settings, executor=executor, on_done=take)
    return Argument(
        machines=tuple(
            Judged(machine=machine, runs=tuple(chains[essence[machine.name]]))
            for machine in machines
        )
    )
