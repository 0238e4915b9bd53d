"""Run what was planned, several at a time, the longest first; equal models share one run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from threading import Event

from slubtla.checking import Settings, check_spec, default_heap, verify
from slubtla.engine import JvmProfile, default_heap_mb, this_machine
from slubtla.errors import SlubtlaError, UsageError
from slubtla.proving.config import UserSpec
from slubtla.proving.planning import Planned
from slubtla.result import Result

Finding = Result | SlubtlaError
"""What a run gave: its result, or the error that is one model's own."""

OnDone = Callable[[Sequence[Planned], Finding, int, int], None]
"""Hears the models of a run when it is done, how many runs are done, and of how many."""


def run_all(
    planned: Iterable[Planned],
    settings: Settings,
    *,
    jobs: int | None = None,
    on_done: OnDone | None = None,
) -> dict[str, Finding]:
    """Run each distinct model once.

    Args:
        planned: the models.
        settings: how to run each; ``out_dir`` becomes the parent of their directories.
        jobs: runs at a time; by default as many as the cores allow.
        on_done: hears of each run when it is done.

    Returns:
        What was found, by :attr:`~slubtla.proving.planning.Planned.key`.

    Raises:
        UsageError: ``out_dir`` holds something.
        ToolchainError: no Java or no jar.
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
            next_step="name another --out-dir, or remove it: a run never writes over another",
        )
    cancel = settings.cancel or Event()
    workers = settings.workers or 1
    shared = replace(settings, toolchain=settings.find_toolchain(), workers=workers, cancel=cancel)
    jobs = jobs or max(1, this_machine().cores // workers)
    findings: dict[str, Finding] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        runs: dict[Future[Finding], str] = {}
        try:
            for key in sorted(groups, key=lambda k: -max(each.weight for each in groups[k])):
                runs[pool.submit(_run, groups[key][0], shared, jobs)] = key
            for run in as_completed(runs):
                key = runs[run]
                findings[key] = run.result()
                if on_done is not None:
                    on_done(groups[key], findings[key], len(findings), len(groups))
        except BaseException:
            cancel.set()
            for run in runs:
                run.cancel()
            raise
    return findings


def forget(findings: Mapping[str, Finding], keys: Iterable[str]) -> None:
    """Remove the run directories of some runs: what is as expected need not be kept."""
    for key in keys:
        found = findings[key]
        if isinstance(found, Result) and found.run_dir is not None:
            shutil.rmtree(found.run_dir, ignore_errors=True)


def _run(planned: Planned, settings: Settings, jobs: int) -> Finding:
    claim = planned.claim
    subject = claim.subject
    out_dir = None
    if settings.out_dir is not None:
        out_dir = settings.out_dir / f"{planned.config.path.stem}-{claim.name}"
    own = replace(
        settings,
        out_dir=out_dir,
        timeout=settings.timeout or claim.timeout,
        heap_mb=settings.heap_mb or _heap(planned, jobs),
    )
    try:
        if isinstance(subject, UserSpec):
            return check_spec(
                subject.spec, subject.cfg, settings=own, check_deadlock=subject.deadlock
            )
        return verify(subject, settings=replace(own, specs=planned.specs))
    except SlubtlaError as error:
        return error


def _heap(planned: Planned, jobs: int) -> int:
    subject = planned.claim.subject
    if isinstance(subject, UserSpec):
        return default_heap_mb(this_machine().memory_bytes, JvmProfile.LARGE) // jobs
    return default_heap(subject, side_by_side=jobs)
