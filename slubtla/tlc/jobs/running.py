"""Hand out jobs, the longest first, and hear each one when it is done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any, Protocol

from slubtla.errors import UsageError
from slubtla.tlc.engine.archives import Archives
from slubtla.tlc.engine.cancel import OwnCancel
from slubtla.tlc.jobs.job import Finding, Job, side_by_side
from slubtla.tlc.run.settings import Settings

Where = Executor | str | None
"""Where jobs run: on threads here (None), on an executor, or at a Dask scheduler's address."""

MANY = 16
"""From so many jobs on, the archives that let Java start faster are made first, where missing."""

OnDone = Callable[[int, Finding], None]
"""Hears the index of a job that is done, and what was found; what it raises ends them all."""


class Place(Protocol):
    """Somewhere to run jobs."""

    @property
    def patience(self) -> float | None:
        """Seconds to wait for the next job to be done before :meth:`check`; None for ever."""

    def submit(self, job: Job) -> Future[Any]:
        """Begin a job, or queue it."""
        ...

    def receive(self, job: Job, future: Future[Any]) -> Finding:
        """Return what a job that is done has found."""
        ...

    def check(self) -> None:
        """Raise a SlubtlaError where nothing more can be hoped for."""
        ...

    def stop(self, futures: Sequence[Future[Any]]) -> None:
        """End what runs, and do not begin what does not."""
        ...


def run_jobs(
    jobs: Sequence[Job],
    settings: Settings,
    *,
    executor: Where = None,
    at_once: int | None = None,
    on_done: OnDone | None = None,
) -> list[Finding]:
    """Run jobs, the longest first.

    Here, they run on threads, as many as there are cores for; that is so for a plain
    ``ThreadPoolExecutor``, too. For any other executor a job is sent as an errand, see
    :mod:`remote_job`: of its progress nothing is heard before it is done, an engine
    must be named and not open, and the toolchain is found there; its jar must be the same as the
    one here.

    Args:
        jobs: what to run.
        settings: how to run each, with one TLC worker unless it says otherwise.
        executor: where; an executor is not shut down.
        at_once: how many at a time, of those that run here; by default what the cores allow.
        on_done: hears each job when it is done; what it raises ends them all.

    Returns:
        What was found, in the order of ``jobs``.

    Raises:
        UsageError: distributed searches; settings that do not travel, or ``at_once``, for an
            executor.
        ToolchainError: no Java or no jar.
        CannotRunError: the Dask scheduler is not reached, or has no workers left; or
            ``settings.cancel`` was set, which ends here whatever runs elsewhere.
        KeyboardInterrupt: Ctrl-C; every TLC is stopped.
    """
    if settings.distributed:
        raise UsageError(
            "many runs, and each of them distributed: a server would wait for workers of its own",
            next_step="distribute the runs instead (--dask, executor=), or verify one of them",
        )
    ready = replace(
        settings,
        toolchain=settings.find_toolchain(),
        workers=settings.workers or 1,
        cancel=OwnCancel(settings.cancel),
    )
    if executor is None and settings.cache and len(jobs) >= MANY:
        Archives(ready.find_toolchain()).build()
    findings: dict[int, Finding] = {}
    if ready.watch is not None:
        ready.watch.expect(len(jobs), {job.name: job.weight for job in jobs})
    with _place(ready, executor, at_once) as place:
        running: dict[Future[Any], int] = {}
        try:
            for index in sorted(range(len(jobs)), key=lambda index: -jobs[index].weight):
                running[place.submit(jobs[index])] = index
            for future in _as_done(running, place):
                index = running[future]
                findings[index] = place.receive(jobs[index], future)
                if ready.watch is not None:
                    ready.watch.finished(jobs[index].name, findings[index])
                if on_done is not None:
                    on_done(index, findings[index])
        except BaseException:
            place.stop(tuple(running))
            raise
    return [findings[index] for index in range(len(jobs))]


def _as_done(running: dict[Future[Any], int], place: Place) -> Iterator[Future[Any]]:
    waiting = set(running)
    while waiting:
        done, waiting = wait(waiting, timeout=place.patience, return_when=FIRST_COMPLETED)
        if not done:
            place.check()
        yield from sorted(done, key=lambda future: running[future])


@contextlib.contextmanager
def _place(settings: Settings, executor: Where, at_once: int | None) -> Iterator[Place]:
    if executor is None:
        with ThreadPoolExecutor(max_workers=at_once or side_by_side(settings)) as threads:
            yield _Here(threads, settings, at_once)
        return
    if at_once is not None:
        raise UsageError(
            "an executor has its own number of runs at a time",
            next_step="leave out the number of jobs (--jobs), or the executor (--dask)",
        )
    if type(executor) is ThreadPoolExecutor:  # one derived from it may well not run here
        yield _Here(executor, settings)
        return
    from slubtla.tlc.jobs.remote_executor import Elsewhere  # noqa: PLC0415 - only when it is used

    if not isinstance(executor, str):
        with Elsewhere(executor, settings) as elsewhere:
            yield elsewhere
        return
    from slubtla.tlc.jobs.dask import connect  # noqa: PLC0415 - likewise

    with connect(executor) as cluster, Elsewhere(cluster.executor, settings, cluster) as elsewhere:
        yield elsewhere


class _Here:
    """Threads of this process."""

    patience = None

    def __init__(self, threads: Executor, settings: Settings, at_once: int | None = None) -> None:
        self._threads = threads
        self._settings = settings
        self._at_once = at_once

    def submit(self, job: Job) -> Future[Finding]:
        return self._threads.submit(self._attempt, job)

    def _attempt(self, job: Job) -> Finding:
        return job.attempt(self._settings.begin(job.name), at_once=self._at_once)

    def receive(self, job: Job, future: Future[Finding]) -> Finding:  # noqa: ARG002 - not of interest
        return future.result()

    def check(self) -> None:
        """Nothing: threads do not vanish."""

    def stop(self, futures: Sequence[Future[Finding]]) -> None:
        if self._settings.cancel is not None:
            self._settings.cancel.set()
        for future in futures:
            future.cancel()
        wait(futures)
