"""From two files to a result in a run directory: translate, ask what must be asked, search.

An earlier result of the same job is used instead where that is wanted.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from slubtla.errors import SpecError, UsageError
from slubtla.tlc.cache import TranslationCache
from slubtla.tlc.engine import Engine, ProcessEngine, TlcOptions, Translation, translate
from slubtla.tlc.engine.distributed import (
    require_free,
)
from slubtla.tlc.engine.jars import modules_in_jars, require_no_overrides, standard_modules
from slubtla.tlc.engine.stage import (
    data_files,
    spec_files,
    stage_data,
)
from slubtla.tlc.run.cfg_keywords import understand, write_cfg
from slubtla.tlc.run.distributed import Distribution, must_be_distributable, search_distributed
from slubtla.tlc.run.evidence import Subject
from slubtla.tlc.run.firings import tell_firings
from slubtla.tlc.run.once import Search
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.reuse import EarlierResult
from slubtla.tlc.run.rundir import RunDirectory
from slubtla.tlc.run.search import search
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.sizing import COVERAGE_MINUTES
from slubtla.tlc.run.unfinished import Options, Unfinished, hold
from slubtla.tlc.run.watching import blind_spots, watch
from slubtla.tlc.text.cfg import (
    Cfg,
    only_assumptions,
    read_cfg,
    read_cfg_text,
    require_own_names,
    undeclared_constants,
)
from slubtla.tlc.text.digest import digest, digest_of
from slubtla.tlc.tools import Toolchain


@dataclass(frozen=True, slots=True)
class Job:
    """What :func:`run_job` needs: two files, what they are about, and how to run."""

    spec: Path
    cfg: Path
    subject: Subject
    settings: Settings
    options: TlcOptions


def run_job(job: Job, directory: RunDirectory) -> Result:
    """Return the result of a job, from its run or from an earlier run of the same job.

    Raises:
        SpecError: the specification does not translate, or the cfg makes no sense.
        ToolchainError, TlcOutputError, RunInterrupted: as for :func:`verify`.
    """
    settings = job.settings
    require_no_overrides(spec_files(job.spec, settings.library), settings.classpath)
    if settings.distributed or not (settings.keep_results and settings.cache):
        return _search(job, directory)
    read_cfg_text(job.cfg)  # raises what a search would raise
    toolchain = settings.find_toolchain()
    parts = (job.spec, job.cfg, job.subject, job.options, toolchain)
    earlier = EarlierResult(*parts, library=settings.library)
    found = earlier.fetch(directory)
    if found is None:
        found = _search(job, directory)
        earlier.keep(found)
    return found


def _search(job: Job, directory: RunDirectory) -> Result:
    started = dt.datetime.now(dt.UTC)
    settings = job.settings
    toolchain = settings.find_toolchain()
    engine = settings.find_engine(toolchain)
    stage_data(spec_files(job.spec, settings.library), directory.work)
    translation = translate(
        toolchain,
        job.spec,
        directory.work,
        cancel=settings.cancel,
        run=engine.run_translator,
        cache=TranslationCache() if settings.cache else None,
        allow_renames=job.subject.protocol is None,
        library=settings.library,
    )
    cfg_text = read_cfg_text(job.cfg)
    cfg = _read_cfg(job.cfg.name, cfg_text, translation, toolchain, settings.classpath)
    understood = understand(job.cfg.name, cfg_text, cfg, toolchain.jar, job.options)
    job = replace(
        job, cfg=write_cfg(understood, job.cfg, directory.work), options=understood.options
    )
    if job.options.checkpoint_minutes:
        _must_be_resumable(cfg, engine)
        remarks = (*understood.remarks, *_unexamined(cfg, job.options, settings))
        _note(job, translation, toolchain, directory.work, started, remarks)
    if settings.distributed:
        must_be_distributable(cfg)
        require_free(settings.place)
    options, telling = job.options, None
    if not options.coverage_minutes:
        telling = tell_firings(translation.spec.stem, translation.text, cfg_text)
    if telling is None and job.subject.idle is not None:
        options = replace(options, coverage_minutes=options.coverage_minutes or COVERAGE_MINUTES)
    watching, unexamined = None, _unexamined(cfg, options, settings)
    if not (options.checkpoint_minutes or settings.distributed or options.simulate):
        watching = watch(telling, _texts_of(translation), cfg_text, cfg)
        unexamined = blind_spots(_texts_of(translation), cfg)
    prepared = Search(
        subject=job.subject,
        toolchain=toolchain,
        engine=engine,
        translation=translation,
        cfg_file=job.cfg,
        cfg=cfg,
        cfg_sha256=digest(cfg_text),
        options=options,
        telling=telling,
        watching=watching,
        remarks=(*understood.remarks, *unexamined),
        timeout=settings.timeout,
        on_progress=settings.on_progress,
        cancel=settings.cancel,
        started=started,
    )
    if settings.distributed:
        return search_distributed(
            prepared, Distribution(settings.place, settings.on_ready), directory
        )
    with hold(directory.work) if prepared.resumable else contextlib.nullcontext():
        return search(prepared, directory)


def _must_be_resumable(cfg: Cfg, engine: Engine) -> None:
    if cfg.properties:
        raise UsageError(
            f"no checkpoints with temporal properties ({', '.join(cfg.properties)}): after a "
            "recovery TLC 2.15 checks them on a part of the state graph only",
            next_step="check the invariants with --checkpoint and the properties without",
        )
    if cfg.judged_at_end:
        raise UsageError(
            f"no checkpoints with postconditions ({', '.join(cfg.judged_at_end)}): after a "
            "recovery TLC knows nothing of what it counted before",
            next_step="check the invariants with --checkpoint and the postconditions without",
        )
    if not isinstance(engine, ProcessEngine):
        raise UsageError(
            f"no checkpoints with {type(engine).__name__}", next_step="choose --engine process"
        )


def _note(  # noqa: PLR0913, PLR0917  # all that a run is
    job: Job,
    translation: Translation,
    toolchain: Toolchain,
    work: Path,
    started: dt.datetime,
    remarks: tuple[str, ...],
) -> None:
    """Write down what :func:`slubtla.tlc.run.resume.resume` needs, before TLC starts."""
    subject = job.subject
    Unfinished(
        name=subject.name,
        command=subject.command,
        protocol=subject.protocol,
        parameters=subject.parameters,
        properties=subject.properties,
        goals=subject.goals,
        idle=subject.idle,
        warnings=(*subject.warnings, *remarks),
        spec=translation.spec.name,
        cfg=job.cfg.name,
        files={file.name: digest_of(file) for file in (*translation.modules, job.cfg)},
        others={
            **{jar: digest_of(jar) for jar in job.options.classpath},
            **{name: digest_of(work / name) for name in data_files(translation.modules)},
        },
        jar_sha256=toolchain.jar.sha256,
        templates_sha256=subject.templates_sha256,
        idle_antecedents=subject.idle_antecedents,
        symmetric=subject.symmetric,
        translation_warnings=translation.warnings,
        translation_doubts=translation.doubts,
        translation_edited=translation.edited,
        translate_seconds=translation.wall_seconds,
        options=Options.of(job.options),
        started_at=started.isoformat(timespec="seconds"),
    ).write(work)


def _read_cfg(
    name: str,
    text: str,
    translation: Translation,
    toolchain: Toolchain,
    classpath: Sequence[Path],
) -> Cfg:
    texts = _texts_of(translation)
    asked = only_assumptions(read_cfg(text), texts)
    require_own_names(name, asked)
    modules = list(texts.values())
    modules += standard_modules(toolchain.jar.path, modules)
    modules += modules_in_jars(classpath).values()
    if undeclared := undeclared_constants(asked, modules):
        raise SpecError(
            f"{name} gives a value to {', '.join(undeclared)}, which no module declares; "
            "TLC would ignore it",
            next_step="correct the name in the cfg, or declare the constant",
        )
    return asked


def _texts_of(translation: Translation) -> dict[str, str]:
    return {
        module.stem: module.read_text(encoding="utf-8", errors="replace")
        for module in translation.modules
    }


def _unexamined(cfg: Cfg, options: TlcOptions, settings: Settings) -> tuple[str, ...]:
    """What is not known of a search in which nothing may be laid over the specification."""
    if not (options.checkpoint_minutes or settings.distributed) or not cfg.checked:
        return ()
    option = "--distributed" if settings.distributed else "--checkpoint"
    return (f"whether the antecedents of implications ever hold is not examined with {option}",)
