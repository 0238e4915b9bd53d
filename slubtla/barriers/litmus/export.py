"""Export the core of a model as C litmus tests of the Linux-kernel memory model (LKMM).

The text is the protocol's ``export.litmus.j2``: the two sides of a store buffering, P0 with the
cmpxchg, P1 with the strategy, and the condition that both read the old value.

LKMM has no per-CPU operations, interrupts or call_rcu, so there are stand-ins:
``cmpxchg_relaxed()`` for an unlocked ``this_cpu_cmpxchg()``; an RCU reader and
``synchronize_rcu()`` for a preempt-off region and its grace period; for an IPI its handler,
inlined in P0 at each place where it can come, which is one test for each place.

Format: ``tools/memory-model/Documentation/herd-representation.txt`` of Linux.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slubtla.barriers.model import Model
from slubtla.barriers.render import environment
from slubtla.errors import UsageError

_TEMPLATE: Final = "export.litmus.j2"

PLACES: Final = {
    "before": "before the cmpxchg",
    "between": "between cmpxchg and check",
    "after": "after both",
}
"""Where the interrupt's handler can come in P0."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One litmus test.

    Attributes:
        name: the test's name, and its file's without ``.litmus``.
        text: the test, as herd7 and klitmus7 read it.
        expected: ``"Never"`` or ``"Sometimes"``: whether LKMM allows that both read the old value.
    """

    name: str
    text: str
    expected: str


def export(model: Model) -> tuple[Exported, ...]:
    """Return the litmus tests of a model: one, or one for each place of an interrupt.

    The model's cmpxchg counts; its memory model and bounds do not.

    Raises:
        UsageError: the kernel has nothing that a strategy could order, a guard was removed, or the
            protocol has no template.
    """
    of = model.protocol
    if not model.kernel.has_strategies or model.without:
        fit = [kernel for kernel in of.kernels.values() if kernel.has_strategies]
        raise UsageError(
            f"{model.name} has no cmpxchg with a check behind it that could be exported",
            next_step=f"choose a kernel from {fit[0]} to {fit[-1]}, and take no guard away",
        )
    if not (of.folder / _TEMPLATE).is_file():
        raise of.missing("litmus test", _TEMPLATE)
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
    """Return what LKMM says: store buffering needs a full fence on both sides.

    An acknowledged interrupt or a grace period takes the place of both.
    """
    put_fenced = model.cmpxchg.fences or model.strategy.fences_put
    forbidden = model.strategy.orders.forbids(other_side_fenced=put_fenced)
    return "Never" if forbidden else "Sometimes"


def _export(model: Model, place: str) -> Exported:
    of = model.protocol
    parts = (of.name, model.strategy, model.arch, model.cmpxchg, place)
    name = "-".join(part for part in parts if part)
    result = expected(model)
    text = (
        environment(of.folder)
        .get_template(_TEMPLATE)
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
