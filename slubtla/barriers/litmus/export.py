"""Export the core of a model as C litmus tests of the Linux-kernel memory model (LKMM).

Put: the cmpxchg on its partial list, then the check of ``cpu_partial``. Shrink: the store of 0 to
``cpu_partial``, the strategy, and ``has_cpu_slab()``. The leak is that both read the old value.

LKMM has no per-CPU operations, interrupts or call_rcu, so there are stand-ins:
``cmpxchg_relaxed()`` for an unlocked ``this_cpu_cmpxchg()``; an RCU reader and
``synchronize_rcu()`` for the preempt-off region and ``synchronize_sched()``; for an IPI its
handler, inlined in the put at each place where it can come, which is one test for each place.

Format: ``tools/memory-model/Documentation/herd-representation.txt`` of Linux.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slubtla.barriers.data import data_dir
from slubtla.barriers.model import Model
from slubtla.barriers.render import environment
from slubtla.errors import UsageError

PLACES = {
    "before": "before the cmpxchg",
    "between": "between cmpxchg and check",
    "after": "after both",
}
"""Where the interrupt's handler can come in the put."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One litmus test.

    Attributes:
        name: the test's name, and its file's without ``.litmus``.
        text: the test, as herd7 and klitmus7 read it.
        expected: ``"Never"`` or ``"Sometimes"``: whether LKMM allows the leak.
    """

    name: str
    text: str
    expected: str


def export(model: Model) -> tuple[Exported, ...]:
    """Return the litmus tests of a model: one, or one for each place of an interrupt.

    The model's cmpxchg counts; its memory model and bounds do not.

    Raises:
        UsageError: the model has no check after a cmpxchg, or a guard was removed.
    """
    if not model.kernel.has_strategies or model.without:
        raise UsageError(
            f"{model.name} has no cmpxchg with a check behind it that could be exported",
            next_step="choose a kernel from v4.0 to v4.11, and take no guard away",
        )
    strategy = model.strategy
    places = tuple(PLACES) if strategy.sends_ipi or strategy.visits_all else ("",)
    return tuple(_export(model, place) for place in places)


def write_exported(model: Model, directory: Path) -> tuple[Path, ...]:
    """Write the litmus tests of a model into a directory, made if missing.

    Raises:
        UsageError: a file of that name exists, or nothing can be written there.
    """
    tests = export(model)
    paths = tuple(directory / f"{test.name}.litmus" for test in tests)
    for path in paths:
        if path.exists():
            raise UsageError(
                f"{path} exists", next_step="name another directory, or remove the file"
            )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, test in zip(paths, tests, strict=True):
            path.write_text(test.text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"{directory} cannot be written: {error.strerror}",
            next_step="name a directory that can",
        ) from error
    return paths


def expected(model: Model) -> str:
    """Return what LKMM says of the leak: store buffering needs a full fence on both sides.

    An acknowledged interrupt or a grace period takes the place of both.
    """
    put_fenced = model.cmpxchg.fences or model.strategy.fences_put
    forbidden = model.strategy.orders.forbids(other_side_fenced=put_fenced)
    return "Never" if forbidden else "Sometimes"


def _export(model: Model, place: str) -> Exported:
    name = f"slub-{model.strategy}-{model.arch}-{model.cmpxchg}" + (f"-{place}" if place else "")
    result = expected(model)
    text = (
        environment(data_dir("specs"))
        .get_template("litmus/export.litmus.j2")
        .render(
            name=name,
            model=model,
            place=place,
            placed=PLACES.get(place, ""),
            expected=result,
            strategy=model.strategy,
        )
    )
    return Exported(name, text, result)
