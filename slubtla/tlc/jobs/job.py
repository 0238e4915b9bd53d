"""Job (one run of a batch) and JobRunner (what executes jobs)."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slubtla.errors import SlubtlaError
from slubtla.tlc.engine import this_machine
from slubtla.tlc.run.check import run_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings, default_heap
from slubtla.tlc.run.spec import RunSpec

Finding = Result | SlubtlaError
"""The outcome of a job: its result, or the error that is this job's own."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run.

    Attributes:
        name: what it is called in messages.
        spec: what is checked; or a function that returns it when the job begins, whose error is
            then what the job finds.
        weight: how long it may take, compared with the other jobs.
        out_dir: its run directory; in :func:`slubtla.tlc.run.rundir.runs_dir` when None.
        timeout: wall seconds, where the settings name none.
    """

    name: str
    spec: RunSpec | Callable[[], RunSpec]
    weight: float = 0
    out_dir: Path | None = None
    timeout: float | None = None

    def made(self) -> RunSpec:
        """Return what is checked."""
        return self.spec() if callable(self.spec) else self.spec

    def run(self, settings: Settings, *, at_once: int | None = None) -> Result:
        """Run it, with a heap that leaves room for the others.

        ``at_once`` is how many run at a time; when None, as many as the cores can take.

        Raises:
            As :func:`slubtla.tlc.run.check.run_spec`.
        """
        spec = self.made()
        others = at_once or side_by_side(settings)
        heap_mb = settings.heap_mb or default_heap(spec.options.profile, side_by_side=others)
        timeout = settings.timeout or self.timeout
        own = replace(settings, out_dir=self.out_dir, timeout=timeout, heap_mb=heap_mb)
        return run_spec(spec, own)


def side_by_side(settings: Settings) -> int:
    """Return how many runs of so many workers this machine's cores can take at a time."""
    return max(1, this_machine().cores // (settings.workers or 1))


class JobRunner(abc.ABC):
    """Runs jobs: threads of this process, or an executor outside it."""

    patience: float | None = None
    """Seconds to wait for the next job to be done before :meth:`check`; None for ever."""

    @abc.abstractmethod
    def submit(self, job: Job) -> Future[Any]:
        """Begin a job, or queue it."""

    @abc.abstractmethod
    def receive(self, job: Job, future: Future[Any]) -> Finding:
        """Return what a job that is done has found."""

    def check(self) -> None:  # noqa: B027 - most places have nothing to check
        """Raise a SlubtlaError where no job can be done any more."""

    def stop(self, futures: Sequence[Future[Any]]) -> None:
        """Begin none of the jobs that have not begun."""
        for future in futures:
            future.cancel()
