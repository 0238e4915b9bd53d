"""The caller's event ends our runs, and is never set by us; and heaps are shared alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from slubtla.barriers.campaigns.cost import measure_costs
from slubtla.barriers.campaigns.matrix import run_matrix
from slubtla.barriers.model import make_model
from slubtla.barriers.verify import model_spec, profile_of
from slubtla.errors import SlubtlaError
from slubtla.protocols.slub.argument import argue
from slubtla.tlc.engine import JvmProfile
from slubtla.tlc.engine.cancel import OwnCancel
from slubtla.tlc.jobs import Job, run_jobs
from slubtla.tlc.jobs.job import side_by_side
from slubtla.tlc.run.check import user_spec
from slubtla.tlc.run.settings import Settings, default_heap
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.tools import Toolchain


def test_it_is_set_with_the_callers_and_never_sets_it() -> None:
    caller = Event()
    own = OwnCancel(caller)
    assert not own.is_set()
    assert not own.wait(0)
    own.set()
    assert own.is_set()
    assert not caller.is_set()
    other = OwnCancel(caller)
    caller.set()
    assert other.is_set()
    assert other.wait()
    assert not OwnCancel().is_set()


def test_who_waits_hears_of_the_callers() -> None:
    caller = Event()
    waiter = Thread(target=OwnCancel(caller).wait)
    waiter.start()
    caller.set()
    waiter.join(timeout=60)
    assert not waiter.is_alive()


class Broken(Exception):  # noqa: N818
    """What a caller's own function raises."""


def fail(*_: Any) -> None:
    raise Broken


TINY: dict[str, Any] = {"slabs": 1, "tasks": 1}


def some_jobs(settings: Settings, heard: Any) -> None:
    job = Job("one", model_spec(make_model(strategy="none", **TINY)))
    run_jobs([job], replace(settings, out_dir=None), on_done=heard)


def some_cells(settings: Settings, heard: Any) -> None:
    run_matrix(["none"], ["x86"], settings=settings, on_cell=heard, **TINY)


def some_statements(settings: Settings, heard: Any) -> None:
    argue(["x86"], settings=settings, on_run=heard, **TINY)


def some_costs(settings: Settings, heard: Any) -> None:
    measure_costs(["smp_mb"], cpus=[2], caches=[1], settings=settings, on_cost=heard)


WAYS = [some_cells, some_statements, some_costs]


@pytest.mark.parametrize("way", [some_jobs, *WAYS])
def test_a_failure_leaves_the_callers_event_alone(
    engine_at_hand: Toolchain, tmp_path: Path, way: Callable[[Settings, Any], None]
) -> None:
    cancel = Event()
    settings = Settings(toolchain=engine_at_hand, cancel=cancel, out_dir=tmp_path / "runs")
    with pytest.raises(Broken):
        way(settings, fail)
    assert not cancel.is_set()


@pytest.mark.parametrize("way", WAYS)
def test_the_callers_event_ends_them(
    engine_at_hand: Toolchain, tmp_path: Path, way: Callable[[Settings, Any], None]
) -> None:
    cancel = Event()
    cancel.set()
    settings = Settings(
        toolchain=engine_at_hand, cancel=cancel, cache=False, out_dir=tmp_path / "runs"
    )
    with pytest.raises(SlubtlaError, match="cancelled"):
        way(settings, None)


LARGE = make_model(strategy="smp_mb", slabs=3)


def heap_of(job: Job, monkeypatch: pytest.MonkeyPatch, settings: Settings, **own: Any) -> int:
    """The heap that a job asks for, without running it."""
    asked: list[int | None] = []

    def listen(_: RunSpec, settings: Settings) -> None:
        asked.append(settings.heap_mb)

    monkeypatch.setattr("slubtla.tlc.jobs.job.run_spec", listen)
    job.run(settings, **own)
    (heap,) = asked
    assert heap is not None
    return heap


def test_runs_that_share_the_machine_share_its_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    assert profile_of(LARGE) is JvmProfile.LARGE
    settings = Settings(workers=1)
    at_once = side_by_side(settings)
    for spec in (model_spec(LARGE), user_spec(Path("A.tla"), Path("A.cfg"))):
        job = Job("one", spec)
        assert heap_of(job, monkeypatch, settings) * at_once <= default_heap(JvmProfile.LARGE)
        assert heap_of(job, monkeypatch, settings, at_once=1) == default_heap(JvmProfile.LARGE)
        assert heap_of(job, monkeypatch, settings, at_once=4) == default_heap(JvmProfile.LARGE) // 4
    assert heap_of(Job("one", model_spec(LARGE)), monkeypatch, replace(settings, heap_mb=77)) == 77


def test_jobs_at_a_time_share_the_heap_by_their_number(
    engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def listen(_: RunSpec, settings: Settings) -> Any:
        asked.append(settings.heap_mb)

    monkeypatch.setattr("slubtla.tlc.jobs.job.run_spec", listen)
    settings = Settings(toolchain=engine_at_hand, cache=False)
    run_jobs([Job(str(n), model_spec(LARGE)) for n in range(3)], settings, at_once=3)
    assert asked == [default_heap(JvmProfile.LARGE) // 3] * 3


def test_costs_share_it_as_the_others_do(
    engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def listen(_: RunSpec, settings: Settings) -> Any:
        asked.append(settings.heap_mb)
        raise Broken

    monkeypatch.setattr("slubtla.tlc.jobs.job.run_spec", listen)
    settings = Settings(toolchain=engine_at_hand)
    with pytest.raises(Broken):
        measure_costs(["smp_mb"], cpus=[9], caches=[1], settings=settings)
    large = make_model(strategy="smp_mb", cpus=9, slabs=1, tasks=1, counters=True)
    assert profile_of(large) is JvmProfile.LARGE
    others = side_by_side(replace(settings, workers=1))
    assert asked == [default_heap(JvmProfile.LARGE, side_by_side=others)]
