"""Measure what each strategy costs (interrupts, grace periods) with counters in the model.

A grace period is slow; an interrupt disturbs every CPU. What is counted, the protocol declares:
:class:`slubtla.barriers.protocol.Counting`. The counters are history variables of the
specification; TLC prints them at the end of each behaviour.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

from slubtla.barriers.model import make_model, model_of
from slubtla.barriers.names import names_of
from slubtla.barriers.protocol import Counter, Counting, Protocol, protocol
from slubtla.barriers.verify import model_spec
from slubtla.errors import CannotRunError, ExitCode, SlubtlaError, UsageError
from slubtla.registry import Framed
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.result import STDOUT, Record, Result, Versioned
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

_PRINTED: Final = re.compile(r'<<"cost", ([\d, ]+)>>')


class Span(Record):
    """The least and the most that any behaviour needs."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.most) if self.least == self.most else f"{self.least} to {self.most}"


def counting(of: Protocol) -> Counting:
    """Return what a protocol counts.

    Raises:
        UsageError: it counts nothing.
    """
    if of.costs is None:
        raise of.missing("costs", "protocol.toml, [costs]")
    return of.costs


class Cost(Record):
    """What one behaviour costs: beside these, each bound that varies, and a Span for each counter.

    Attributes:
        kernel: the version, whose shape says how often the barrier is executed.
        strategy: the barrier.
        result: the run that says so; it must hold or fall for reasons of its own.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Span | int]

    kernel: str
    strategy: str
    result: Result

    if TYPE_CHECKING:

        def __init__(self, **fields: Any) -> None: ...  # noqa: ANN401 - as the protocol declares

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - likewise
            ...

    @model_validator(mode="after")
    def _counted(self) -> Cost:
        if self.__pydantic_extra__.keys() != {*self.counting.over, *self.counting.counters}:
            raise ValueError(f"not what is counted: {', '.join(self.__pydantic_extra__)}")
        return self

    @model_serializer(mode="wrap")
    def _result_last(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        dumped: dict[str, Any] = dump(self)
        return dumped | {"result": dumped.pop("result")}

    @property
    def counting(self) -> Counting:
        """What is counted."""
        return counting(protocol(self.result.protocol))

    @property
    def bounds(self) -> dict[str, int]:
        """The values of the bounds that vary."""
        return {name: getattr(self, name) for name in self.counting.over}

    @property
    def counts(self) -> dict[Counter, Span]:
        """What each counter counted."""
        return {each: getattr(self, each) for each in self.counting.counters.values()}


class Costs(Framed, Versioned):
    """Costs of models, in the order of kernels and strategies, then of the bounds."""

    costs: tuple[Cost, ...]

    @property
    def protocol(self) -> Protocol:
        """The protocol whose costs they are."""
        return protocol(self.costs[0].result.protocol if self.costs else None)

    @property
    def counting(self) -> Counting:
        """What is counted."""
        return counting(self.protocol)

    @property
    def exit_code(self) -> ExitCode:
        """0 where every search was finished: the numbers are then the model's, and all of them."""
        finished = all(c.result.verdict.kind is VerdictKind.PROVEN for c in self.costs)
        return ExitCode.AS_EXPECTED if finished else ExitCode.INCONCLUSIVE


OnCost = Callable[[Cost], None]


def measure_costs(
    strategies: Iterable[str] | None = None,
    *,
    settings: Settings | None = None,
    executor: Where = None,
    on_cost: OnCost | None = None,
    **over: Iterable[int],
) -> Costs:
    """Count, e.g. interrupts and grace periods, in every behaviour of small models.

    A violation would end a search early, so next to nothing but the goals is checked: what a
    barrier is worth is :func:`slubtla.verify`'s question.

    Args:
        strategies: the barriers, in the kernels that had them and else in the default one; all when
            None.
        settings: how to run; ``out_dir`` becomes the parent of the runs' directories.
        executor: where they are run, instead of here: see :func:`slubtla.tlc.jobs.run_jobs`.
        on_cost: called with each cost when it and those before it are known.
        over: values of the bounds that vary, as ``cpus=(2, 3)``.

    Raises:
        UsageError: the protocol counts nothing, or another bound is named.
        As :func:`slubtla.barriers.verify.verify`; and CannotRunError where a run counted nothing.
    """
    settings = settings or Settings()
    counted = counting(protocol())
    if unknown := sorted(over.keys() - counted.over.keys()):
        raise UsageError(
            f"costs are not counted over {unknown[0]}",
            next_step=f"choose from: {', '.join(counted.over)}",
        )
    wanted = names_of(protocol().strategies if strategies is None else strategies)
    jobs = []
    for kernel, strategy in _rows(wanted, counted):
        for values in itertools.product(*({**counted.over, **over}).values()):
            bounds = dict(zip(counted.over, values, strict=True))
            varied: Mapping[str, Any] = {**protocol().small, **counted.fixed, **bounds}
            model = make_model(strategy=strategy, kernel=kernel, **varied)
            name = "-".join([model.name, *(f"{n}-{bound}" for bound, n in bounds.items())])
            spec = partial(model_spec, model, specs=settings.specs)
            jobs.append(Job(name, spec, out_dir=settings.out_dir and settings.out_dir / name))
    found: dict[int, Cost] = {}
    costs: list[Cost] = []

    def take(index: int, finding: Finding) -> None:
        if isinstance(finding, SlubtlaError):
            raise finding
        found[index] = _cost(finding, counted)
        while len(costs) in found:
            costs.append(found[len(costs)])
            if on_cost is not None:
                on_cost(costs[-1])

    run_jobs(jobs, settings, executor=executor, on_done=take)
    return Costs(costs=tuple(costs))


def _rows(strategies: tuple[str, ...], counted: Counting) -> list[tuple[str, str]]:
    """Each strategy in the kernels that had it; one that was in none, in the default kernel.

    Of kernels that need not be counted apart, only the first.
    """
    rows = []
    for strategy in strategies:
        protocol().strategies[strategy]
        own: dict[object, str] = {}
        for kernel in protocol().kernels.values():
            if kernel.strategy == strategy and kernel.has_strategies:
                own.setdefault(getattr(kernel, counted.apart, None), kernel.name)
        rows += [(name, strategy) for name in own.values() or [protocol().default_kernel]]
    return rows


def _cost(result: Result, counted: Counting) -> Cost:
    model, output = model_of(result), (result.run_dir or Path()) / STDOUT
    printed = _printed(output)
    if model is None or not printed:
        raise CannotRunError(
            f"{result.name}: no behaviour came to its end, nothing was counted: {result.verdict}",
            next_step=f"look at {output}; give it more time with --timeout",
        )
    columns = zip(counted.counters, zip(*printed, strict=True), strict=True)
    return Cost(
        kernel=model.kernel,
        strategy=model.strategy,
        **{bound: getattr(model, bound) for bound in counted.over},
        **{counter: Span(least=min(column), most=max(column)) for counter, column in columns},
        result=result,
    )


def _printed(output: Path) -> set[tuple[int, ...]]:
    """What TLC printed at the end of each behaviour: a number for each counter."""
    text = output.read_text(encoding="utf-8", errors="replace")
    return {tuple(map(int, numbers.split(","))) for numbers in _PRINTED.findall(text)}
