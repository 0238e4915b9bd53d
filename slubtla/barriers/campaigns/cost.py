"""Measure the IPIs and grace periods of each strategy with counters in the model.

A grace period is slow; an interrupt disturbs every CPU. The counters are history variables of the
specification; TLC prints them at the end of each behaviour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slubtla.barriers.model import make_model, model_of
from slubtla.barriers.names import names_of
from slubtla.barriers.protocol import protocol
from slubtla.barriers.verify import model_spec
from slubtla.display import view
from slubtla.errors import CannotRunError, ExitCode, SlubtlaError
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.result import STDOUT, Record, Result, Versioned
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_CPUS: Final = (2, 3)
DEFAULT_CACHES: Final = (1, 2)

_PRINTED: Final = re.compile(r'<<"cost", (\d+), (\d+), (\d+)>>')


class Span(Record):
    """The least and the most that any behaviour needs.

    Attributes:
        least: the smallest number.
        most: the largest number.
    """

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.most) if self.least == self.most else f"{self.least} to {self.most}"


class Cost(Record):
    """What one behaviour costs.

    Attributes:
        kernel: the version, whose shape says what is done for each cache and what for all.
        strategy: the barrier.
        cpus: online CPUs.
        caches: caches of the cgroup; all but one have nothing on any list.
        barrier_ipis: interrupts that the barrier sends.
        flush_ipis: interrupts that are sent after it.
        grace_periods: grace periods that the caller waits for.
        result: the run that says so; it must hold or fall for reasons of its own.
    """

    kernel: str
    strategy: str
    cpus: int
    caches: int
    barrier_ipis: Span
    flush_ipis: Span
    grace_periods: Span
    result: Result


class Costs(Versioned):
    """Costs, in the order of kernels and strategies, CPUs, caches.

    Attributes:
        costs: one for each model.
    """

    costs: tuple[Cost, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each model: see :func:`costs_frame`.

        Raises:
            UsageError: pandas is not installed.
        """
        frame: pd.DataFrame = view("frame", self)
        return frame

    @property
    def exit_code(self) -> ExitCode:
        """0 where every search was finished: the numbers are then the model's, and all of them."""
        finished = all(c.result.verdict.kind is VerdictKind.PROVEN for c in self.costs)
        return ExitCode.AS_EXPECTED if finished else ExitCode.INCONCLUSIVE


OnCost = Callable[[Cost], None]


def measure_costs(  # noqa: PLR0913  # five of them keyword-only, with a default
    strategies: Iterable[str] | None = None,
    *,
    cpus: Iterable[int] = DEFAULT_CPUS,
    caches: Iterable[int] = DEFAULT_CACHES,
    settings: Settings | None = None,
    executor: Where = None,
    on_cost: OnCost | None = None,
) -> Costs:
    """Count interrupts and grace periods in every behaviour of small models.

    A violation would end a search early, so nothing but the goals is checked: what a barrier is
    worth is :func:`slubtla.verify`'s question.

    Args:
        strategies: the barriers, in the kernels that had them and else in v4.0; all when None.
        cpus: numbers of CPUs.
        caches: numbers of caches of one cgroup.
        settings: how to run; ``out_dir`` becomes the parent of the runs' directories.
        executor: where they are run, instead of here: see :func:`slubtla.tlc.jobs.run_jobs`.
        on_cost: called with each cost when it and those before it are known.

    Raises:
        As :func:`slubtla.barriers.verify.verify`; and CannotRunError where a run counted nothing.
    """
    settings = settings or Settings()
    wanted = names_of(protocol().strategies if strategies is None else strategies)
    models = [
        make_model(
            strategy=strategy,
            kernel=kernel,
            cpus=count,
            caches=number,
            **protocol().small,
            counters=True,
            properties=("TypeOK",),
        )
        for kernel, strategy in _rows(wanted)
        for count in cpus
        for number in caches
    ]
    jobs = [
        Job(
            name := f"{model.name}-{model.cpus}-cpus-{model.caches}-caches",
            partial(model_spec, model, specs=settings.specs),
            out_dir=settings.out_dir and settings.out_dir / name,
        )
        for model in models
    ]
    found: dict[int, Cost] = {}
    costs: list[Cost] = []

    def take(index: int, finding: Finding) -> None:
        if isinstance(finding, SlubtlaError):
            raise finding
        found[index] = _cost(finding)
        while len(costs) in found:
            costs.append(found[len(costs)])
            if on_cost is not None:
                on_cost(costs[-1])

    run_jobs(jobs, settings, executor=executor, on_done=take)
    return Costs(costs=tuple(costs))


def _rows(strategies: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each strategy in the kernels that had it; one that was in none, in the default kernel.

    Kernels whose barrier costs the same count as one: the first of them.
    """
    rows = []
    for strategy in strategies:
        protocol().strategies[strategy]
        own: dict[bool, str] = {}
        for kernel in protocol().kernels.values():
            if kernel.strategy == strategy and kernel.has_strategies:
                shared = bool(getattr(kernel, "one_barrier_for_all", False))
                own.setdefault(shared, kernel.name)
        rows += [(name, strategy) for name in own.values() or [protocol().default_kernel]]
    return rows


def _cost(result: Result) -> Cost:
    model = model_of(result)
    if model is None or result.run_dir is None:
        raise CannotRunError("a run without a model has no costs", next_step="report it")
    counted = _counted(result.run_dir / STDOUT)
    if not counted:
        raise CannotRunError(
            f"{result.name}: no behaviour came to its end, nothing was counted: {result.verdict}",
            next_step=f"look at {result.run_dir / STDOUT}; give it more time with --timeout",
        )
    barrier, later, grace = (
        Span(least=min(column), most=max(column)) for column in zip(*counted, strict=True)
    )
    return Cost(
        kernel=model.kernel,
        strategy=model.strategy,
        cpus=model.cpus,
        caches=model.caches,
        barrier_ipis=barrier,
        flush_ipis=later,
        grace_periods=grace,
        result=result,
    )


def _counted(output: Path) -> set[tuple[int, int, int]]:
    """What TLC printed at the end of each behaviour: IPIs, later IPIs, grace periods."""
    with output.open(encoding="utf-8", errors="replace") as lines:
        return {
            (int(m[1]), int(m[2]), int(m[3])) for line in lines for m in _PRINTED.finditer(line)
        }
