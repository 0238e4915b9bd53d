r"""Find a passing run of a correct model that repeats the operations of a counterexample.

A model that holds has no counterexample to show. So TLC is asked for one behaviour of it in which
the tasks do, up to the fatal step, what they did in the bad run: the same operations by the same
tasks in the same order, with the same choices, on the same CPUs. Stores may drain, interrupts may
come and RCU may report at any time, and so may the steps that only the good model has. A store that
waited too long in the bad run waits here, too, for as long as anything else can go on, so that its
cause to drain is seen. Then everything may move until all is at rest. The shortest such behaviour
is the witness: TLC's counterexample to "this is never reached".

It shows how the good model gets through this one race. It proves nothing; the verdict does.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slubtla.barriers.explore.witness_spec import (
    INVARIANT,
    MODULE,
    WitnessOperation,
    cfg_text,
    module_text,
    operations_of,
)
from slubtla.barriers.labels import label_names
from slubtla.barriers.model import model_of
from slubtla.barriers.trace.counterexample import Counterexample, subject_of, timeline_of
from slubtla.barriers.trace.timeline import Timeline
from slubtla.barriers.views import views_of
from slubtla.errors import CannotRunError, UsageError
from slubtla.tlc.output import Trace
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import STDOUT, Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

_OURS: Final = re.compile(r"^(?:Follow_\d+|Between|Forced|After)_")
_REACHED: Final = re.compile(r'<<"followed", (\d+)>>')
_ALIKE: Final = "name runs with the same CPUs, tasks and other bounds"


@dataclass(frozen=True, slots=True)
class Witness:
    """A good run of the race of a bad one.

    Attributes:
        trace: the behaviour.
        timeline: the same, read.
        followed: how many operations of the bad run it follows, of those ``wanted``.
        wanted: how many there were up to the fatal step.
        parted: the step of the bad run that it could not follow; None where it followed all.
    """

    trace: Trace
    timeline: Timeline
    followed: int
    wanted: int
    parted: int | None


def find_witness(bad: Result, good: Result, settings: Settings | None = None) -> Witness:
    """Let a good model run the race of a bad run.

    Args:
        bad: a run with a counterexample.
        good: a run of a model that holds, with the same bounds.
        settings: how to run TLC; one worker, so that the witness is always the same one.

    Raises:
        UsageError: ``bad`` has no counterexample, ``good`` is not PROVEN, their bounds differ, or
            a run directory is gone.
        CannotRunError: the search ended in no witness.
        As :func:`slubtla.tlc.run.check.check_spec`.
    """
    if good.verdict.kind is not VerdictKind.PROVEN or good.protocol is None:
        raise UsageError(
            f"{good.name} is {good.verdict}: only of a model that holds is a good run to be had",
            next_step="name a run of `slubtla verify` that is PROVEN, or has a counterexample",
        )
    _require_alike(bad, good, views_of(good.protocol).alike)
    known = frozenset(label_names(good.spec_path.read_text(encoding="utf-8")))
    operations = operations_of(bad, known)
    reached = len(operations)
    found = _search(bad, good, operations, settings)
    if isinstance(found, int):
        reached = found
        found = _search(bad, good, operations[:reached], settings)
    if isinstance(found, int):
        raise CannotRunError(f"{good.name}: no behaviour follows this race", next_step=_ALIKE)
    return Witness(
        trace=found,
        timeline=timeline_of(good, found),
        followed=reached,
        wanted=len(operations),
        parted=operations[reached].number if reached < len(operations) else None,
    )


def _require_alike(bad: Result, good: Result, alike: Sequence[str]) -> None:
    """Require the same CPUs, tasks and other bounds, so that the race can be the same."""
    ours, theirs = model_of(bad), model_of(good)
    differ = [name for name in alike if getattr(ours, name, None) != getattr(theirs, name)]
    if ours is None or differ:
        raise UsageError(
            f"the two models differ in {', '.join(differ) or 'kind'}: the race cannot be the same",
            next_step=_ALIKE,
        )


def _search(
    bad: Result, good: Result, operations: Sequence[WitnessOperation], settings: Settings | None
) -> Trace | int:
    """Return the witness; or, where there is none, how many operations could be followed."""
    spec = good.spec_path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="slubtla-witness-") as place:
        here = Path(place)
        (here / good.spec_path.name).write_text(spec, encoding="utf-8")
        module = here / f"{MODULE}.tla"
        module.write_text(module_text(bad, good, operations), encoding="utf-8")
        cfg = here / f"{MODULE}.cfg"
        cfg.write_text(cfg_text(good), encoding="utf-8")
        own = replace(settings or Settings(), workers=1, out_dir=here / "run")
        result = check_spec(module, cfg, settings=own, check_deadlock=False)
        if result.verdict.detail == INVARIANT and result.trace is not None:
            return _with_own_names(result.trace)
        # The module asks TLCGet, which is a reason to doubt a proof; here only the end is of use.
        ended = result.verdict.kind is VerdictKind.PROVEN or result.verdict.detail == "warning"
        if not ended:
            raise CannotRunError(
                f"the search for a good run ended as {result.verdict}: {result.verdict.because}",
                next_step="give it more time with --timeout",
            )
        output = (here / "run" / STDOUT).read_text(encoding="utf-8", errors="replace")
        return max((int(match[1]) for match in _REACHED.finditer(output)), default=0)


def _with_own_names(trace: Trace) -> Trace:
    """The trace with the good model's names of the actions."""
    steps = (
        replace(step, action=_OURS.sub("", step.action) if step.action else None)
        for step in trace.steps
    )
    return replace(trace, steps=tuple(steps))


def witness_behaviour(good: Result, witness: Witness) -> Counterexample:
    """Return the witness of a good model's run as a counterexample, which every format shows."""
    followed = (
        f"It follows all {witness.wanted} operations of the bad run up to the fatal step"
        if witness.parted is None
        else f"It follows {witness.followed} of the {witness.wanted} operations of the bad run up "
        f"to the fatal step; that of step {witness.parted} cannot come next here"
    )
    rows = witness.timeline.rows
    return Counterexample(
        verdict="a good run",
        subject=subject_of(good),
        because="",
        summary=(f"{followed}.", "A witness, found by TLC; no proof: that is the verdict."),
        rows=rows,
        length=len(rows),
        ends="",
        result=good,
        timeline=witness.timeline,
    )
