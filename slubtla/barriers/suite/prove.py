"""Run a suite: read its files, plan, run, compare with expectations and pins, record new pins."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from slubtla.barriers.model import model_of
from slubtla.barriers.names import names_of
from slubtla.barriers.suite.compare import (
    Difference,
    compare_file,
    compare_pins,
    compare_run,
    counts_of,
)
from slubtla.barriers.suite.config import Config, Pin, Pins, UserSpec
from slubtla.barriers.suite.pins import write_pins
from slubtla.barriers.suite.plan import Planned, plan
from slubtla.barriers.suite.proof import Checked, CheckedFile, Proof
from slubtla.barriers.suite.reading import read_config, shipped_configs
from slubtla.barriers.verify import model_spec
from slubtla.errors import ToolchainError, UnknownNameError, UsageError
from slubtla.tlc.jobs import Finding, Job, Where, run_jobs
from slubtla.tlc.run.check import user_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import require_empty
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.tools import find_jar


def find_config(name: Path) -> Path:
    """Return a file of models: an existing one, or one that ships with slubtla, by its name.

    Raises:
        UnknownNameError: it is neither.
    """
    shipped = {file.stem: file for file in shipped_configs()}
    if name.is_file() or name.suffix or len(name.parts) > 1:
        return name
    if str(name) not in shipped:
        raise UnknownNameError("file of models", str(name), shipped)
    return shipped[str(name)]


def prove(  # noqa: PLR0913 - keyword-only, each with a default
    files: Iterable[Path] | None = None,
    *,
    settings: Settings | None = None,
    only: Sequence[str] = (),
    jobs: int | None = None,
    executor: Where = None,
    record: bool = False,
    run: bool = True,
    mutants_only: bool = False,
    on_done: OnDone | None = None,
) -> Proof:
    """Run the models of some files, and compare them with their expectations and pins.

    A cached result of the same run is used, unless it is to be recorded or ``settings.cache`` is
    off.

    Args:
        files: the files; those that ship with slubtla when None.
        settings: how to run each model, with one TLC worker unless it says otherwise. ``out_dir``
            keeps all runs; without it only those are kept that are not as expected.
        only: patterns of model names; empty for all.
        jobs: runs at a time; by default as many as the cores allow.
        executor: where to run them, instead of here: see :func:`slubtla.tlc.jobs.run_jobs`.
        record: write new pins for each model that is as expected.
        run: False to compare only hashes and names.
        mutants_only: leave out files that hold no mutant.
        on_done: called after each run.

    Raises:
        UsageError: a file cannot be read, or makes no sense.
        ToolchainError: no Java or no jar.
        CannotRunError: the executor cannot be used: see :func:`slubtla.tlc.jobs.run_jobs`.
        KeyboardInterrupt: Ctrl-C; every TLC is stopped.
    """
    started = time.monotonic()
    settings = settings or Settings()
    only = names_of(only)
    read = (read_config(find_config(file)) for file in files or shipped_configs())
    configs = tuple({config.path.resolve(): config for config in read}.values())
    if mutants_only:
        configs = tuple(c for c in configs if any(claim.mutant for claim in c.claims))
        if not configs:
            raise UsageError(
                "no model of these files is a mutant",
                next_step="a mutant is a model with a [[model.NAME.edit]]",
            )
    if record and not run:
        raise UsageError("nothing is recorded without a run", next_step="leave out one of the two")
    with tempfile.TemporaryDirectory(prefix="slubtla-") as scratch:
        planned = plan(configs, Path(scratch), only=only, specs=settings.specs)
        for config in configs:
            compare_file(config, None, only)  # raises before anything runs
        findings: Mapping[str, Finding] = {}
        jar = None if run else _jar_at_hand(settings)
        if run:
            settings = replace(
                settings,
                toolchain=settings.find_toolchain(),
                keep_results=settings.cache and not record,
            )
            jar = settings.find_toolchain().jar.sha256
            findings = run_all(planned, settings, jobs=jobs, executor=executor, on_done=on_done)
    recorded: dict[Path, tuple[str, ...]] = {}
    if record:
        for config in configs:
            recorded[config.path] = write_pins(
                config.path, _new_pins(config, planned, findings, jar)
            )
        configs = tuple(read_config(config.path) for config in configs)
        by_path = {config.path: config for config in configs}
        planned = tuple(replace(each, config=by_path[each.config.path]) for each in planned)
    checked = tuple(
        CheckedFile(
            file=str(config.path),
            title=config.title,
            about=config.about,
            models=_checked(config, planned, findings),
            differences=compare_file(config, jar, only),
            recorded=recorded.get(config.path),
        )
        for config in configs
    )
    if settings.out_dir is None:
        checked = _forget(checked, findings)
    cached = sum(
        isinstance(found, Result) and found.provenance.cached_at is not None
        for found in findings.values()
    )
    return Proof(
        ran=run,
        jar_sha256=jar,
        wall_seconds=round(time.monotonic() - started, 3),
        runs=len(findings) - cached,
        cached=cached,
        files=checked,
    )


def _jar_at_hand(settings: Settings) -> str | None:
    """The digest of the jar, which needs no Java; None where there is no jar."""
    try:
        return find_jar(settings.tla2tools).sha256
    except ToolchainError:
        return None


def _checked(
    config: Config, planned: Sequence[Planned], findings: Mapping[str, Finding]
) -> tuple[Checked, ...]:
    first: dict[str, Planned] = {}
    for each in planned:
        first.setdefault(each.key, each)
    return tuple(
        check_one(each, findings.get(each.key), first[each.key])
        for each in planned
        if each.config.path == config.path
    )


def check_one(planned: Planned, finding: Finding | None, first: Planned | None = None) -> Checked:
    """Return the record of one model; ``first`` is the one whose run it shares."""
    claim, about = planned.claim, planned.claim.about
    if not about and isinstance(claim.subject, UserSpec):
        about = claim.subject.spec.name
    shared = first is not None and first is not planned
    ran: dict[str, Any] = {}
    if isinstance(finding, Result):
        ran = {
            "found": str(finding.verdict),
            "because": finding.verdict.because,
            "distinct": finding.stats.distinct,
            "generated": finding.stats.generated,
            "seconds": finding.provenance.wall_seconds,
            "run_dir": str(finding.run_dir) if finding.run_dir else None,
            "warnings": _warnings(finding),
            "spoiled": finding.verdict.detail == "warning",
        }
    return Checked(
        name=claim.name,
        line=claim.line,
        about=about,
        mutant=claim.mutant,
        equivalent=claim.equivalent,
        expected=None if claim.expect is None else str(claim.expect),
        shares=f"{first.config.path}::{first.claim.name}" if first and shared else None,
        differences=_differences(planned, finding),
        **ran,
    )


def _differences(planned: Planned, finding: Finding | None) -> tuple[Difference, ...]:
    run = () if finding is None else compare_run(planned, finding)
    return (*compare_pins(planned), *run)


def _warnings(result: Result) -> tuple[str, ...]:
    model = model_of(result)
    known = model.cautions if model else ()
    return tuple(text for text in result.warnings if text not in known)


def _new_pins(
    config: Config, planned: Sequence[Planned], findings: Mapping[str, Finding], jar: str | None
) -> Pins:
    """The pins to write: anew for each model that shows what it must, as they were for the others.

    The jar is pinned only when every model of the file shows with it what it must.
    """
    old = config.pins.models if config.pins else {}
    mine = {each.claim.name: each for each in planned if each.config.path == config.path}
    fresh = {
        name: _pin(each, finding)
        for name, each in mine.items()
        if isinstance(finding := findings.get(each.key), Result)
        and all(difference.kind.recordable for difference in _differences(each, finding))
    }
    names = [claim.name for claim in config.claims]
    if len(mine) < len(names):  # the rest of the file was not looked at
        names += [name for name in old if name not in names]
    before = config.pins.jar_sha256 if config.pins else None
    return Pins(
        jar_sha256=jar if len(fresh) == len(config.claims) else before,
        models={n: fresh.get(n) or old[n] for n in names if n in fresh or n in old},
    )


def _pin(planned: Planned, result: Result) -> Pin:
    return Pin(
        spec_sha256=planned.spec_sha256,
        cfg_sha256=planned.cfg_sha256,
        invariants=planned.cfg.invariants,
        properties=planned.cfg.properties + planned.cfg.judged_at_end,
        counts=counts_of(result),
    )


def _forget(
    files: Sequence[CheckedFile], findings: Mapping[str, Finding]
) -> tuple[CheckedFile, ...]:
    """Remove the runs that are as expected."""
    wanted = {model.run_dir for file in files for model in file.models if model.differences}
    forget(f for f in findings.values() if str(getattr(f, "run_dir", None)) not in wanted)

    def kept(model: Checked) -> Checked:
        return model if model.run_dir in wanted else model.model_copy(update={"run_dir": None})

    return tuple(f.model_copy(update={"models": tuple(map(kept, f.models))}) for f in files)


OnDone = Callable[[Sequence[Planned], Finding, int, int], None]
"""Called with the models of a run that is done, its finding, how many are done, and of how many."""


def run_all(
    planned: Iterable[Planned],
    settings: Settings,
    *,
    jobs: int | None = None,
    executor: Where = None,
    on_done: OnDone | None = None,
) -> dict[str, Finding]:
    """Run each distinct model once; ``settings.out_dir`` becomes the parent of their directories.

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
    if settings.out_dir is not None:
        require_empty(settings.out_dir)
    done = itertools.count(1)

    def on_finding(index: int, finding: Finding) -> None:
        if on_done is not None:
            on_done([*groups.values()][index], finding, next(done), len(groups))

    findings = run_jobs(
        [_job(group, settings) for group in groups.values()],
        settings,
        executor=executor,
        at_once=jobs,
        on_done=on_finding,
    )
    return dict(zip(groups, findings, strict=True))


def forget(findings: Iterable[Finding]) -> None:
    """Remove the run directories of some runs: what is as expected need not be kept."""
    for found in findings:
        if isinstance(found, Result) and found.run_dir is not None:
            shutil.rmtree(found.run_dir, ignore_errors=True)


def _job(group: Sequence[Planned], settings: Settings) -> Job:
    planned = group[0]
    claim, name = planned.claim, f"{planned.config.path.stem}-{planned.claim.name}"
    spec: RunSpec | Callable[[], RunSpec]
    if isinstance(claim.subject, UserSpec):
        own = claim.subject
        spec = user_spec(own.spec, own.cfg, settings=settings, check_deadlock=own.deadlock)
    else:
        spec = partial(model_spec, claim.subject, specs=planned.specs or settings.specs)
    return Job(
        name=name,
        spec=spec,
        weight=max(each.weight for each in group),
        out_dir=settings.out_dir and settings.out_dir / name,
        timeout=claim.timeout,
    )
