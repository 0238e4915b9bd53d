"""Run what was planned, several at a time, the longest first; equal models share one run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence

from slubtla.barriers.suite.config import UserSpec
from slubtla.barriers.suite.plan import Planned
from slubtla.barriers.verify import model_spec
from slubtla.errors import SlubtlaError, UsageError
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.check import user_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec

__all__ = ["Finding", "OnDone", "forget", "run_all"]

OnDone = Callable[[Sequence[Planned], Finding, int, int], None]
"""Hears the models of a run when it is done, how many runs are done, and of how many."""


def run_all(
    planned: Iterable[Planned],
    settings: Settings,
    *,
    jobs: int | None = None,
    executor: Where = None,
    on_done: OnDone | None = None,
) -> dict[str, Finding]:
    """Run each distinct model once.

    Args:
        planned: the models.
        settings: how to run each; ``out_dir`` becomes the parent of their directories.
        jobs: runs at a time; by default as many as the cores allow.
        executor: where to run them, instead of here: see :func:`slubtla.tlc.jobs.run_jobs`.
        on_done: hears of each run when it is done.

    Returns:
        What was found, by :attr:`~slubtla.barriers.suite.plan.Planned.key`.

    Raises:
        UsageError: ``out_dir`` holds something.
        ToolchainError: no Java or no jar.
        CannotRunError: see :func:`slubtla.tlc.jobs.run_jobs`.
        KeyboardInterrupt: Ctrl-C; every TLC is stopped.
    """
    groups: dict[str, list[Planned]] = {}
    for each in planned:
        groups.setdefault(each.key, []).append(each)
    if (
        settings.out_dir is not None
        and settings.out_dir.exists()
        and any(settings.out_dir.iterdir())
    ):
        raise UsageError(
            f"{settings.out_dir} exists and is not an empty directory",
            next_step="name another --out, or remove it: a run never writes over another",
        )
    keys = tuple(groups)
    done = 0

    def hear(index: int, finding: Finding) -> None:
        nonlocal done
        done += 1
        if on_done is not None:
            on_done(groups[keys[index]], finding, done, len(groups))

    findings = run_jobs(
        [_job(group, settings) for group in groups.values()],
        settings,
        executor=executor,
        at_once=jobs,
        on_done=hear,
    )
    return dict(zip(keys, findings, strict=True))


def forget(findings: Mapping[str, Finding], keys: Iterable[str]) -> None:
    """Remove the run directories of some runs: what is as expected need not be kept."""
    for key in keys:
        found = findings[key]
        if isinstance(found, Result) and found.run_dir is not None:
            shutil.rmtree(found.run_dir, ignore_errors=True)


def _job(group: Sequence[Planned], settings: Settings) -> Job:
    planned = group[0]
    claim, name = planned.claim, f"{planned.config.path.stem}-{planned.claim.name}"
    spec: RunSpec | SlubtlaError
    if isinstance(claim.subject, UserSpec):
        own = claim.subject
        spec = user_spec(own.spec, own.cfg, settings=settings, check_deadlock=own.deadlock)
    else:
        try:
            spec = model_spec(claim.subject, specs=planned.specs or settings.specs)
        except SlubtlaError as error:
            spec = error
    return Job(
        name=name,
        spec=spec,
        weight=max(each.weight for each in group),
        out_dir=settings.out_dir and settings.out_dir / name,
        timeout=claim.timeout,
    )
