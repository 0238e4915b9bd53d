"""The main job: from a model, or any spec, to a result in a run directory.

Render → translate → check → read → judge → write. The stages know nothing of each other; this
module is the only one that knows their order.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from slubtla.cache import TranslationCache
from slubtla.cfg_keywords import understand, write_cfg
from slubtla.distributing import Distribution, must_be_distributable, search_distributed
from slubtla.engine import (
    Engine,
    JvmProfile,
    ProcessEngine,
    TlcOptions,
    Translation,
    pcal_argv,
    tlc_argv,
    translate,
)
from slubtla.engine.antecedents import find_antecedents
from slubtla.engine.distributed import (
    must_be_free,
    server_argv,
)
from slubtla.engine.firings import tell_firings, told_module
from slubtla.engine.overrides import require_no_overrides
from slubtla.engine.stage import (
    data_files,
    modules_in_jars,
    spec_files,
    stage_data,
    standard_modules,
)
from slubtla.engine.watching import blind_spots, watch
from slubtla.errors import SpecError, UsageError
from slubtla.model import Model, make_model
from slubtla.recording import Subject
from slubtla.render import MODULE, digest, render, require_effect, template_digest
from slubtla.result import Result
from slubtla.reuse import EarlierResult
from slubtla.rundir import RunDirectory, run_directory
from slubtla.search import Search, search
from slubtla.search_mode import GRACE_SECONDS, SearchMode
from slubtla.sense import idle_actions, idle_antecedents
from slubtla.settings import Settings
from slubtla.sizing import COVERAGE_MINUTES, default_heap, is_counted, options_for, profile_of
from slubtla.tlc.cfg import (
    Cfg,
    only_assumptions,
    read_cfg,
    require_own_names,
    undeclared_constants,
)
from slubtla.toolchain import Toolchain
from slubtla.unfinished import Options, Unfinished, digest_of, digests, hold
from slubtla.vocabulary import GUARDS

_MODULE_NAME = re.compile(r"\w*[A-Za-z]\w*", re.ASCII)

SC_CAUTION = (
    "under sequential consistency no variant leaks, not even 'none': this proves nothing about "
    "barriers"
)


def verify(
    model: Model | None = None,
    *,
    settings: Settings | None = None,
    **parameters: Any,  # noqa: ANN401 - fields of Model and Settings, validated there
) -> Result:
    """Check a model of SLUB's ``cpu_partial`` protocol.

    Args:
        model: what to check; or leave it out and give its ``parameters``.
        settings: how to run.
        parameters: fields of :class:`slubtla.model.Model`, e.g. ``strategy="smp_mb"``, or of
            :class:`Settings`, e.g. ``timeout=60``.

    Returns:
        The result, whatever the verdict; its run directory holds everything else.

    Raises:
        UsageError: bad parameters, or a run directory that exists.
        SpecError: a template that does not translate.
        ToolchainError: no Java or no jar.
        TlcOutputError: TLC printed a line without end.
        RunInterrupted: Ctrl-C; what there was is in the run directory.
    """
    chosen = {
        name: parameters.pop(name)
        for name in tuple(parameters)
        if name in Settings.__dataclass_fields__
    }
    if chosen and settings is not None:
        raise UsageError(
            f"{', '.join(chosen)}: given beside settings", next_step="give one of the two"
        )
    settings = settings or Settings(**chosen)
    if settings.library or settings.classpath:
        raise UsageError(
            "a model of slubtla needs no library and no class path",
            next_step="leave them out; they are for check_spec()",
        )
    if model is not None and parameters:
        raise UsageError(
            f"{', '.join(parameters)}: given beside a model", next_step="give one of the two"
        )
    model = model or make_model(**parameters)
    rendered = render(model, specs=settings.specs)
    require_effect(model, rendered, settings.specs)
    subject = Subject(
        name=model.name,
        command=model.command,
        model=model,
        properties=model.invariants + model.liveness,
        goals=model.goals,
        idle=idle_actions(model),
        warnings=cautions_of(model),
        idle_antecedents=idle_antecedents(model),
        symmetric=True,
    )
    with run_directory(
        model.name, settings.out_dir, resumable=bool(settings.checkpoint)
    ) as directory:
        spec, cfg = rendered.write_to(directory.work)
        options = options_for(settings, profile_of(model), coverage=is_counted(model, settings))
        return _check(_Job(spec, cfg, subject, settings, options), directory)


def command_lines(model: Model, settings: Settings) -> list[list[str]]:
    """Return what :func:`verify` would run for a model, translator first; looks for no Java.

    ``java`` and ``tla2tools.jar`` stand for what would be found.
    """
    java = settings.java or PurePath("java")
    jar = settings.tla2tools or PurePath("tla2tools.jar")
    counted = is_counted(model, settings)
    options = options_for(settings, profile_of(model), coverage=counted)
    heap = default_heap(model)
    compose = partial(server_argv, place=settings.place) if settings.distributed else tlc_argv
    plain = settings.distributed or settings.checkpoint or (counted and not _is_watched(model))
    root = MODULE if plain else told_module(MODULE)
    spec, cfg = f"{root}.tla", f"{root}.cfg"
    return [
        pcal_argv(java=java, jar=jar, spec=f"{MODULE}.tla"),
        compose(java=java, jar=jar, spec=spec, cfg=cfg, options=options, default_heap_mb=heap),
    ]


def _is_watched(model: Model) -> bool:
    """Whether a model has implications, so that a module is laid over it."""
    text = {MODULE: render(model).spec}
    return bool(find_antecedents(text, model.invariants, model.liveness, ""))


def check_spec(
    spec: Path,
    cfg: Path | None = None,
    *,
    settings: Settings | None = None,
    check_deadlock: bool = True,
    mode: SearchMode | None = None,
) -> Result:
    """Check any specification; nothing is written beside it.

    Args:
        spec: the root module; the modules that it names, beside it or in ``settings.library``, are
            copied with it.
        cfg: its configuration; by default the ``.cfg`` of the same name beside it.
        settings: how to run.
        check_deadlock: whether a state without successors is an error.
        mode: how TLC searches; the whole, up to the first violation, when None.

    Raises:
        UsageError: a file is missing, or the mode is none of a distributed search or one with
            checkpoints.
        SpecError: the spec does not translate, or the cfg gives a value to a constant that no
            module declares (TLC accepts that and ignores it).
        ToolchainError, TlcOutputError, RunInterrupted: as for :func:`verify`.
    """
    settings = settings or Settings()
    _must_exist(spec, "specification")
    if spec.suffix != ".tla":
        raise UsageError(f"{spec} is no .tla file", next_step="name the root module of the spec")
    if not _MODULE_NAME.fullmatch(spec.stem):
        raise UsageError(
            f"{spec}: {spec.stem!r} is no name of a module: these are letters, digits and _, at "
            "least one letter",
            next_step="name the file after the module in it, as TLA+ wants it",
        )
    mode = mode or SearchMode()
    _must_be_whole(mode, settings)
    command = _repeat(spec, cfg, settings, mode, check_deadlock=check_deadlock)
    cfg = cfg or spec.with_suffix(".cfg")
    _must_exist(cfg, "configuration")
    subject = Subject(spec.stem, shlex.join(command))
    with run_directory(
        spec.stem, settings.out_dir, resumable=bool(settings.checkpoint)
    ) as directory:
        tlc_options = options_for(
            settings, JvmProfile.LARGE, check_deadlock=check_deadlock, coverage=True
        )
        tlc_options = mode.options(tlc_options, timeout=settings.timeout, workers=settings.workers)
        if mode.simulate is not None and settings.timeout is not None:
            settings = replace(settings, timeout=settings.timeout + GRACE_SECONDS)
        return _check(_Job(spec, cfg, subject, settings, tlc_options), directory)


def _repeat(
    spec: Path, cfg: Path | None, settings: Settings, mode: SearchMode, *, check_deadlock: bool
) -> list[str]:
    """The command line that repeats a check."""
    options = [] if check_deadlock else ["--no-deadlock"]
    options += [] if cfg is None else ["--config", str(cfg)]
    for option in ("library", "classpath"):
        for path in getattr(settings, option):
            options += [f"--{option}", str(path)]
    if mode.simulate is not None and settings.timeout is not None:
        options += ["--timeout", f"{settings.timeout:g}"]
    own, flags = mode.command
    return [
        *("slubtla", "check", *options, *own, str(spec)),
        *(("--", *flags) if flags else ()),
    ]


def _must_be_whole(mode: SearchMode, settings: Settings) -> None:
    """Refuse what only a search of the whole, in one process, can be."""
    for option, given in (
        ("--distributed", settings.distributed),
        ("--checkpoint", bool(settings.checkpoint)),
    ):
        if given and not mode.whole:
            raise UsageError(
                f"{option} excludes --simulate, --continue, -dfid and -lncheck",
                next_step="choose one of them",
            )


def _must_exist(file: Path, what: str) -> None:
    if not file.is_file():
        raise UsageError(
            f"there is no {what} {file}",
            next_step="name an existing .tla file; its .cfg lies beside it, or is named with "
            "--config",
        )


@dataclass(frozen=True, slots=True)
class _Job:
    """What :func:`_check` needs: two files, what they are about, and how to run."""

    spec: Path
    cfg: Path
    subject: Subject
    settings: Settings
    options: TlcOptions


def _check(job: _Job, directory: RunDirectory) -> Result:
    settings = job.settings
    require_no_overrides(spec_files(job.spec, settings.library), settings.classpath)
    if settings.distributed or not (settings.keep_results and settings.cache):
        return _search(job, directory)
    _text_of(job.cfg)  # raises what a search would raise
    toolchain = settings.find_toolchain()
    parts = (job.spec, job.cfg, job.subject, job.options, toolchain)
    earlier = EarlierResult(*parts, library=settings.library)
    found = earlier.fetch(directory)
    if found is None:
        found = _search(job, directory)
        earlier.keep(found)
    return found


def _search(job: _Job, directory: RunDirectory) -> Result:
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
        allow_renames=job.subject.model is None,
        library=settings.library,
    )
    cfg_text = _text_of(job.cfg)
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
        must_be_free(settings.place)
    templates = template_digest(settings.specs) if job.subject.model else None
    options, telling = job.options, None
    if not options.coverage_minutes:
        telling = tell_firings(translation.spec.stem, translation.text, cfg_text)
    if telling is None and job.subject.model is not None:
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
        templates_sha256=templates,
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
    job: _Job,
    translation: Translation,
    toolchain: Toolchain,
    work: Path,
    started: dt.datetime,
    remarks: tuple[str, ...],
) -> None:
    """Write down what :func:`slubtla.resuming.resume` needs, before TLC starts."""
    subject = job.subject
    Unfinished(
        name=subject.name,
        command=subject.command,
        model=subject.model,
        properties=subject.properties,
        goals=subject.goals,
        idle=subject.idle,
        warnings=(*subject.warnings, *remarks),
        spec=translation.spec.name,
        cfg=job.cfg.name,
        files=digests((*translation.modules, job.cfg)),
        others={
            **{jar: digest_of(Path(jar)) for jar in job.options.classpath},
            **{name: digest_of(work / name) for name in data_files(translation.modules)},
        },
        jar_sha256=toolchain.jar.sha256,
        templates_sha256=template_digest(job.settings.specs) if subject.model else None,
        idle_antecedents=subject.idle_antecedents,
        symmetric=subject.symmetric,
        translation_warnings=translation.warnings,
        translation_doubts=translation.doubts,
        translation_edited=translation.edited,
        translate_seconds=translation.wall_seconds,
        options=Options.of(job.options),
        started_at=started.isoformat(timespec="seconds"),
    ).write(work)


def _text_of(cfg: Path) -> str:
    try:
        return cfg.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(
            f"{cfg} cannot be read: {error}", next_step="name a readable file of UTF-8 text"
        ) from error


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


def cautions_of(model: Model) -> tuple[str, ...]:
    """Return what a careful reader should know of a model, whatever its run says."""
    cautions = [SC_CAUTION] if model.memory == "sc" else []
    if "NoLeak" not in model.properties and model.shape.promises_no_leak:
        cautions.append("NoLeak was not asked for: this says nothing about the leak")
    if "NoLeak" in model.properties and not model.shape.promises_no_leak:
        cautions.append(
            f"{model.kernel} does not promise NoLeak, and a violation of it is no bug: no cache "
            "dies with a cgroup any more, and with cpu_partial = 0 the newest slab stays on its "
            "list until the next put"
        )
    cautions += [
        f"without {guard}: it no longer holds that {GUARDS[guard].summary}"
        for guard in model.without
    ]
    return tuple(cautions)
