"""Run many jobs, the longest first: on threads here, on an executor, or on a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

from slubtla.errors import SlubtlaError, UsageError
from slubtla.tlc.engine.archives import Archives
from slubtla.tlc.engine.cancel import OwnCancel
from slubtla.tlc.jobs.job import Finding, Job, JobRunner, side_by_side
from slubtla.tlc.run.settings import Settings

Where = Executor | str | None
"""Where jobs run: on threads here (None), on an executor, or at a Dask scheduler's address."""

MANY = 16
"""From so many jobs on, the archives that let Java start faster are made first, where missing."""


OnDone = Callable[[int, Finding], Job | None]
"""Called with the index of a job that is done and what it found; may return one more job.

What it raises ends all jobs.
"""


def run_jobs(
    jobs: Sequence[Job],
    settings: Settings,
    *,
    executor: Where = None,
    at_once: int | None = None,
    on_done: OnDone | None = None,
) -> list[Finding]:
    """Run jobs, the longest first.

    Here, and for a plain ``ThreadPoolExecutor``, they run on threads. Any other executor gets
    remote jobs (:mod:`slubtla.tlc.jobs.remote`): they report no progress, an engine must be named
    and not open, and the toolchain is found there; its jar must be the same as the one here.

    Args:
        jobs: what to run.
        settings: how to run each, with one TLC worker unless it says otherwise.
        executor: where; an executor is not shut down.
        at_once: how many at a time, of those that run here; by default what the cores allow.
        on_done: see :data:`OnDone`.

    Returns:
        What was found, in the order of ``jobs``, with those that ``on_done`` added behind.

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
    toolchain = settings.find_toolchain()
    ready = replace(
        settings,
        toolchain=toolchain,
        workers=settings.workers or 1,
        cancel=OwnCancel(settings.cancel),
    )
    if executor is None and settings.cache and len(jobs) >= MANY:
        Archives(toolchain).build()
    all_jobs, findings = list(jobs), dict[int, Finding]()
    if ready.watch is not None:
        ready.watch.expect(len(jobs), {job.name: job.weight for job in jobs})
    with _job_runner(ready, executor, at_once) as runner:
        running: dict[Future[Any], int] = {}
        try:
            for index in sorted(range(len(jobs)), key=lambda index: -jobs[index].weight):
                running[runner.submit(jobs[index])] = index
            while len(findings) < len(all_jobs):
                for future in _next_done(running, findings, runner):
                    index = running[future]
                    found = findings[index] = runner.receive(all_jobs[index], future)
                    if ready.watch is not None:
                        ready.watch.finished(all_jobs[index].name, found)
                    if on_done is not None and (more := on_done(index, found)) is not None:
                        running[runner.submit(more)] = len(all_jobs)
                        all_jobs.append(more)
        except BaseException:
            runner.stop(tuple(running))
            raise
    return [findings[index] for index in range(len(all_jobs))]


def _next_done(
    running: dict[Future[Any], int], findings: dict[int, Finding], runner: JobRunner
) -> list[Future[Any]]:
    """Wait until jobs are done that were not before; return them in order."""
    waiting = [future for future, index in running.items() if index not in findings]
    done, _ = wait(waiting, timeout=runner.patience, return_when=FIRST_COMPLETED)
    if not done:
        runner.check()
    return sorted(done, key=lambda future: running[future])


@contextlib.contextmanager
def _job_runner(settings: Settings, executor: Where, at_once: int | None) -> Iterator[JobRunner]:
    if executor is None:
        with ThreadPoolExecutor(max_workers=at_once or side_by_side(settings)) as threads:
            yield _Threads(threads, settings, at_once)
        return
    if at_once is not None:
        raise UsageError(
            "an executor has its own number of runs at a time",
            next_step="leave out the number of jobs (--jobs), or the executor (--dask)",
        )
    if type(executor) is ThreadPoolExecutor:  # one derived from it may well not run here
        yield _Threads(executor, settings)
        return
    from slubtla.tlc.jobs.remote import RemoteExecutor  # noqa: PLC0415 - only when it is used

    with contextlib.ExitStack() as stack:
        if not isinstance(executor, str):
            yield RemoteExecutor(executor, settings, stack)
            return
        from slubtla.tlc.jobs.dask import connect  # noqa: PLC0415 - likewise

        cluster = stack.enter_context(connect(executor))
        yield RemoteExecutor(cluster.executor, settings, stack, cluster.check)


class _Threads(JobRunner):
    """Threads of this process."""

    def __init__(self, threads: Executor, settings: Settings, at_once: int | None = None) -> None:
        self._threads = threads
        self._settings = settings
        self._at_once = at_once

    def submit(self, job: Job) -> Future[Finding]:
        return self._threads.submit(self._attempt, job)

    def _attempt(self, job: Job) -> Finding:
        try:
            return job.run(self._settings.begin(job.name), at_once=self._at_once)
        except SlubtlaError as error:
            return error

    def receive(self, job: Job, future: Future[Finding]) -> Finding:  # noqa: ARG002 - not of interest
        return future.result()

    def stop(self, futures: Sequence[Future[Finding]]) -> None:
        if self._settings.cancel is not None:
            self._settings.cancel.set()
        super().stop(futures)
        wait(futures)
