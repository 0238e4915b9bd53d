"""Verify one model in many sizes, and estimate the cost of the next size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final

from slubtla.barriers.campaigns.growth import Line, fit_growth
from slubtla.barriers.campaigns.sizes import MOST, LeftOut, sizes_of
from slubtla.barriers.model import Model, make_model, model_of
from slubtla.barriers.suite.plan import guessed_weight
from slubtla.barriers.verify import model_spec
from slubtla.errors import ExitCode, SlubtlaError, UsageError
from slubtla.registry import Framed
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.result import Record, Result, Versioned
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

_WHOLE: Final = frozenset({VerdictKind.PROVEN, VerdictKind.VACUOUS})
"""The verdicts of searches that saw every state."""


class Size(Record):
    """A size of the model, and what was found.

    Attributes:
        bounds: the value of each bound that is swept.
        result: the run.
    """

    bounds: dict[str, int]
    result: Result

    @property
    def states(self) -> int | None:
        """Distinct states of the model; None where the search did not see them all."""
        finished = self.result.verdict.kind in _WHOLE
        return self.result.stats.distinct if finished else None


class Estimate(Record):
    """What a size that was not searched may cost; no more than an estimate.

    Attributes:
        bounds: the size.
        states: distinct states: those of the largest finished size before it, times the factor.
        least: the same, with the smallest factor that was seen.
        most: the same, with the largest; the factor may change with the size, so it is no limit.
        seconds: wall time at the pace of that size, whose start counts, too: too long where that
            took a few seconds.
    """

    bounds: dict[str, int]
    states: int
    least: int
    most: int
    seconds: float


class BoundGrowth(Record):
    """How the states grow with one bound, the others held fixed.

    Attributes:
        bound: its name.
        factor: by how much one more of it multiplies the states: see :class:`Fit`.
        least: the smallest factor from one size to the next.
        most: the largest.
        steps: how many such pairs of sizes there are.
        next: what one more than the largest finished size would cost; None where there is none.
    """

    bound: str
    factor: float
    least: float
    most: float
    steps: int
    next: Estimate | None


class Sweep(Framed, Versioned):
    """A model in many sizes.

    Attributes:
        name: the model's.
        swept: the bounds that are swept.
        sizes: what was run, in the order of the bounds' values.
        left_out: what makes no sense.
        growth: how the states grow, for each bound of which two finished sizes are there.
    """

    name: str
    swept: tuple[str, ...]
    sizes: tuple[Size, ...]
    left_out: tuple[LeftOut, ...] = ()
    growth: tuple[BoundGrowth, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """0 where every size is decided, one way or the other."""
        kinds = {size.result.verdict.kind for size in self.sizes}
        if VerdictKind.ERROR in kinds:
            return ExitCode.CANNOT_RUN
        if kinds & {VerdictKind.BOUNDED, VerdictKind.INCONCLUSIVE}:
            return ExitCode.INCONCLUSIVE
        return ExitCode.NOT_AS_EXPECTED if VerdictKind.VACUOUS in kinds else ExitCode.AS_EXPECTED


OnSize = Callable[[Size], None]


def run_sweep(
    *,
    settings: Settings | None = None,
    executor: Where = None,
    most: int = MOST,
    on_size: OnSize | None = None,
    **parameters: Any,  # noqa: ANN401 - fields of Model, validated there
) -> Sweep:
    """Check a model in every combination of its bounds' values, the largest first.

    Args:
        settings: how to run each size; ``out_dir`` becomes the parent of their directories.
        executor: where they are run, instead of here: see :func:`slubtla.tlc.jobs.run_jobs`.
        most: the most sizes.
        on_size: called with each size when it is done.
        parameters: fields of :class:`Model`; each of :data:`BOUNDS` may
            have several values: see :data:`slubtla.barriers.campaigns.sizes.Values`.

    Raises:
        UsageError: values that are none, more than ``most`` sizes, or none that makes sense.
        As :func:`verify` and :func:`run_jobs`; the first error
            ends the sweep.
    """
    settings = settings or Settings()
    swept, models, left_out = sizes_of(parameters, most)
    bounds = [{name: getattr(model, name) for name in swept} for model in models]
    jobs = [
        Job(
            name=", ".join([model.name, *(f"{name} {value}" for name, value in own.items())]),
            spec=partial(model_spec, model, specs=settings.specs),
            weight=guessed_weight(model),
            out_dir=settings.out_dir
            and settings.out_dir / "-".join([model.name, *(f"{k}-{v}" for k, v in own.items())]),
        )
        for model, own in zip(models, bounds, strict=True)
    ]
    found: dict[int, Size] = {}

    def take(index: int, finding: Finding) -> None:
        if isinstance(finding, SlubtlaError):
            raise finding
        found[index] = Size(bounds=bounds[index], result=finding)
        if on_size is not None:
            on_size(found[index])

    run_jobs(jobs, replace(settings, keep_results=settings.cache), executor=executor, on_done=take)
    sizes = tuple(found[index] for index in range(len(models)))
    return Sweep(
        name=models[0].name,
        swept=swept,
        sizes=sizes,
        left_out=left_out,
        growth=growth_of(sizes, swept),
    )


def growth_of(sizes: Iterable[Size], swept: Iterable[str]) -> tuple[BoundGrowth, ...]:
    """Fit a growth factor for each bound of which two finished sizes are there."""
    finished = [size for size in sizes if size.states]
    found = []
    for bound in swept:
        lines: dict[tuple[int, ...], dict[int, float]] = {}
        for size in finished:
            others = tuple(value for name, value in size.bounds.items() if name != bound)
            lines.setdefault(others, {})[size.bounds[bound]] = size.states or 0
        growth = _growth(bound, list(lines.values()), finished)
        found += [growth] if growth is not None else []
    return tuple(found)


def _growth(bound: str, lines: list[Line], finished: list[Size]) -> BoundGrowth | None:
    fit = fit_growth(lines)
    if fit is None:
        return None
    last = max(finished, key=lambda size: (size.bounds[bound], size.states or 0))
    model, states = model_of(last.result), last.states
    estimate = None
    if model is not None and states is not None and _next_model(model, bound) is not None:
        pace = last.result.provenance.wall_seconds / states
        estimate = Estimate(
            bounds=last.bounds | {bound: last.bounds[bound] + 1},
            states=round(states * fit.factor),
            least=round(states * fit.least),
            most=round(states * fit.most),
            seconds=round(states * fit.factor * pace, 1),
        )
    return BoundGrowth(bound=bound, next=estimate, **asdict(fit))


def _next_model(model: Model, bound: str) -> Model | None:
    try:
        return make_model(**model.model_dump() | {bound: getattr(model, bound) + 1})
    except UsageError:
        return None
