"""Check a specification: translate it, run TLC, judge, and write the record.

The result of an earlier run of the same job is returned instead where that is wanted.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from slubtla.errors import SpecError, UsageError
from slubtla.tlc.engine import Engine, JvmProfile, ProcessEngine, TlcOptions, translate
from slubtla.tlc.engine.distributed import require_free
from slubtla.tlc.engine.jars import modules_in_jars, require_no_overrides, standard_modules
from slubtla.tlc.engine.stage import spec_files, stage_data
from slubtla.tlc.engine.translations import TranslationCache
from slubtla.tlc.run.cache import EarlierResult
from slubtla.tlc.run.cfg_keywords import understand, write_cfg
from slubtla.tlc.run.distributed import require_distributable
from slubtla.tlc.run.instrument import instrument_actions, watch
from slubtla.tlc.run.record import conclude
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.run import Run
from slubtla.tlc.run.rundir import RunDirectory, run_directory
from slubtla.tlc.run.search import search
from slubtla.tlc.run.settings import COVERAGE_MINUTES, Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.run.tlc_flags import command_of, require_whole
from slubtla.tlc.run.unfinished import Manifest, hold
from slubtla.tlc.text.cfg import (
    Cfg,
    only_assumptions,
    read_cfg,
    read_cfg_text,
    require_own_names,
    undeclared_constants,
)
from slubtla.tlc.text.digest import digest

GRACE_SECONDS: Final = 10.0
"""Between the time at which TLC is to end a simulation itself, and the one at which it is ended."""


def check_spec(
    spec: Path,
    cfg: Path | None = None,
    *,
    settings: Settings | None = None,
    check_deadlock: bool = True,
    options: TlcOptions | None = None,
) -> Result:
    """Check any specification; nothing is written beside it.

    Args:
        spec: the root module; the modules that it names, beside it or in ``settings.library``, are
            copied with it.
        cfg: its configuration; by default the ``.cfg`` of the same name beside it.
        settings: how to run.
        check_deadlock: whether a state without successors is an error.
        options: how TLC searches; the whole, up to the first violation, when None.

    Returns:
        The result, whatever the verdict; its run directory holds everything else.

    Raises:
        UsageError: a file is missing, or only a part is searched, distributed or with checkpoints.
        SpecError: the spec does not translate, or the cfg gives a value to a constant that no
            module declares (TLC accepts that and ignores it).
        ToolchainError: no Java or no jar.
        TlcOutputError: TLC printed a line without end.
        RunInterrupted: Ctrl-C; what there was is in the run directory.
    """
    settings = settings or Settings()
    own = user_spec(spec, cfg, settings=settings, check_deadlock=check_deadlock, options=options)
    own.require_files()
    require_whole(own.options, settings)
    return run_spec(own, settings)


def user_spec(
    spec: Path,
    cfg: Path | None = None,
    *,
    settings: Settings | None = None,
    check_deadlock: bool = True,
    options: TlcOptions | None = None,
) -> RunSpec:
    """Return what :func:`check_spec` runs, with its arguments."""
    options = replace(
        options or TlcOptions(),
        profile=JvmProfile.LARGE,
        check_deadlock=check_deadlock,
        coverage_minutes=COVERAGE_MINUTES,
    )
    modules = settings.library if settings else ()
    return RunSpec(
        name="-".join([spec.stem, *(f.parent.name for f in modules if f.suffix == ".tla")]),
        command=shlex.join(command_of(spec, cfg, options, settings or Settings())),
        spec=spec,
        cfg=cfg or spec.parent / f"{spec.stem}.cfg",  # "." has no name, and is refused later
        options=options,
    )


def run_spec(spec: RunSpec, settings: Settings | None = None) -> Result:
    """Return the result of a run, or of an earlier run of the same job if settings allow that.

    Raises:
        As :func:`check_spec`.
    """
    settings = settings or Settings()
    spec.require_files()
    with run_directory(
        spec.name, settings.out_dir, resumable=bool(settings.checkpoint)
    ) as directory:
        spec = _placed(spec, settings, directory.work)
        if settings.distributed or not (settings.keep_results and settings.cache):
            return _run(spec, settings, directory)
        read_cfg_text(spec.cfg)  # raises what a search would raise
        earlier = EarlierResult(spec, settings.find_toolchain(), library=settings.library)
        found = earlier.fetch(directory)
        if found is None:
            found = _run(spec, settings, directory)
            earlier.keep(found)
        return found


def run_unrecorded(spec: RunSpec, settings: Settings, directory: RunDirectory) -> Run:
    """Run TLC in a directory, and return its report without recording a result.

    Raises:
        As :func:`check_spec`.
    """
    own = replace(
        settings, distributed=False, listen=None, port=None, checkpoint=None, coverage=False
    )
    run = search(prepare(_placed(spec, own, directory.work), own, directory))
    directory.ended = False  # nothing of it is kept, unless the caller says so
    if run.interrupted is not None:
        raise run.interrupted
    return run


def _placed(spec: RunSpec, settings: Settings, work: Path) -> RunSpec:
    """Return a spec whose texts are files, with all of TLC's options."""
    spec = replace(spec.in_directory(work), options=settings.tuned(spec.options))
    require_no_overrides(spec_files(spec.spec, settings.library), settings.classpath)
    return spec


def _run(spec: RunSpec, settings: Settings, directory: RunDirectory) -> Result:
    run = prepare(spec, settings, directory)
    with hold(directory.work) if run.resumable else contextlib.nullcontext():
        return conclude(search(run))


def prepare(spec: RunSpec, settings: Settings, directory: RunDirectory) -> Run:
    """Translate a spec, read its cfg, and decide what TLC checks instead."""
    started = dt.datetime.now(dt.UTC)
    toolchain = settings.find_toolchain()
    engine = settings.find_engine(toolchain)
    stage_data(spec_files(spec.spec, settings.library), directory.work)
    translation = translate(
        toolchain,
        spec.spec,
        directory.work,
        cancel=settings.cancel,
        run=engine.run_translator,
        cache=TranslationCache() if settings.cache else None,
        allow_renames=not spec.texts,
        library=settings.library,
    )
    cfg_text = read_cfg_text(spec.cfg)
    jars = (toolchain.jar.path, *settings.classpath)
    cfg = _read_cfg(spec.cfg.name, cfg_text, translation.texts, jars)
    understood = understand(spec.cfg.name, cfg_text, cfg, toolchain.jar, spec.options)
    options = understood.options
    spec = replace(
        spec,
        cfg=write_cfg(understood, spec.cfg, directory.work),
        options=options,
        criteria=replace(spec.criteria, cfg=cfg),
    )
    unexamined, overlay, watching = _unexamined(cfg, options, settings), None, None
    if options.checkpoint_minutes:
        _require_resumable(cfg, engine)
        noted = replace(spec, warnings=(*spec.warnings, *understood.remarks, *unexamined))
        Manifest.of(
            noted, translation, toolchain.jar.sha256, started.isoformat(timespec="seconds")
        ).write(directory.work)
    if settings.distributed:
        require_distributable(cfg)
        require_free(settings.place)
    if spec.instrument:
        if not options.coverage_minutes:
            overlay = instrument_actions(translation.spec.stem, translation.text, understood.text)
        if overlay is not None:
            spec = replace(spec, criteria=replace(spec.criteria, instrumented=overlay.actions))
        elif spec.criteria.idle is not None and not options.coverage_minutes:
            spec = replace(spec, options=replace(options, coverage_minutes=COVERAGE_MINUTES))
        if not (options.checkpoint_minutes or settings.distributed or options.simulate):
            watching, unexamined = watch(overlay, translation.texts, understood.text, cfg)
    timeout = settings.timeout
    if timeout is not None and options.simulate:
        timeout += GRACE_SECONDS
    return Run(
        spec=spec,
        settings=settings,
        toolchain=toolchain,
        engine=engine,
        directory=directory,
        translation=translation,
        cfg_sha256=digest(cfg_text),
        started=started,
        deadline=None if timeout is None else time.monotonic() + timeout,
        overlay=overlay,
        watching=watching,
        remarks=(*understood.remarks, *unexamined),
    )


def _require_resumable(cfg: Cfg, engine: Engine) -> None:
    on_a_part = "TLC 2.15 checks them on a part of the state graph only"
    uncounted = "TLC knows nothing of what it counted before"
    for kind, what, names, why in (
        ("temporal ", "properties", cfg.properties, on_a_part),
        ("", "postconditions", cfg.judged_at_end, uncounted),
    ):
        if names:
            raise UsageError(
                f"no checkpoints with {kind}{what} ({', '.join(names)}): after a recovery {why}",
                next_step=f"check the invariants with --checkpoint and the {what} without",
            )
    if not isinstance(engine, ProcessEngine):
        raise UsageError(
            f"no checkpoints with {type(engine).__name__}", next_step="choose --engine process"
        )


def _read_cfg(name: str, text: str, texts: Mapping[str, str], jars: Sequence[Path]) -> Cfg:
    """Read a cfg, and refuse what TLC would ignore; ``jars`` are the tools and the class path."""
    asked = only_assumptions(read_cfg(text), texts)
    require_own_names(name, asked)
    modules = list(texts.values())
    modules += standard_modules(jars[0], modules)
    modules += modules_in_jars(jars[1:]).values()
    if undeclared := undeclared_constants(asked, modules):
        raise SpecError(
            f"{name} gives a value to {', '.join(undeclared)}, which no module declares; "
            "TLC would ignore it",
            next_step="correct the name in the cfg, or declare the constant",
        )
    return asked


def _unexamined(cfg: Cfg, options: TlcOptions, settings: Settings) -> tuple[str, ...]:
    """What is not known of a search in which nothing may be laid over the specification."""
    if not (options.checkpoint_minutes or settings.distributed) or not cfg.checked:
        return ()
    option = "--distributed" if settings.distributed else "--checkpoint"
    return (f"whether the antecedents of implications ever hold is not examined with {option}",)
