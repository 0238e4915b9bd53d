"""The main job: from a model, or any spec, to a result in a run directory.

Render → translate → check → read → judge → write. The stages know nothing of each other; this
module is the only one that knows their order.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from threading import Event
from typing import Any

from slubtla.cache import Archives, TranslationCache
from slubtla.distributing import Distribution, must_be_distributable, search_distributed
from slubtla.engine import (
    Engine,
    JvmEngine,
    JvmProfile,
    ProcessEngine,
    TlcOptions,
    Translation,
    default_fpmem,
    default_heap_mb,
    pcal_argv,
    this_machine,
    tlc_argv,
    translate,
)
from slubtla.engine.distributed import (
    DEFAULT_PORT,
    LOOPBACK,
    Place,
    must_be_free,
    server_argv,
)
from slubtla.engine.firings import tell_firings, told_module
from slubtla.errors import SpecError, UnknownNameError, UsageError
from slubtla.model import Model, make_model
from slubtla.notebook.session import default_engine
from slubtla.progress import Watch
from slubtla.recording import Subject
from slubtla.render import MODULE, digest, render, template_digest
from slubtla.result import Result
from slubtla.reuse import EarlierResult
from slubtla.rundir import RunDirectory, run_directory
from slubtla.search import Search, search
from slubtla.sense import idle_actions
from slubtla.tlc import Progress
from slubtla.tlc.cfg import Cfg, read_cfg, undeclared_constants
from slubtla.toolchain import Toolchain, find_toolchain
from slubtla.unfinished import Options, Unfinished, digests, hold
from slubtla.vocabulary import GUARDS

OnProgress = Callable[[Progress], None]
"""Hears TLC's progress messages (2200) as they come: after 3 s, then every minute."""


SC_CAUTION = (
    "under sequential consistency no variant leaks, not even 'none': this proves nothing about "
    "barriers"
)


ENGINES = {
    "process": "a JVM for each run",
    "jvm": "warm JVMs, by JPype: faster from the second run of one process on",
}
"""The engines, with their meaning."""

COVERAGE_MINUTES = 60
"""Between two reports of coverage; the last one comes at the end."""

LEAST_HEAP_MB = 8
"""With less, no JVM starts."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run, as opposed to what to check.

    Attributes:
        tla2tools: the jar to use; found when None.
        java: the java program to use; found when None.
        toolchain: both, already found; the two above are then not looked at.
        engine: what runs TLC: one, or its name in :data:`ENGINES`; when None, what
            :func:`slubtla.notebook.session.default_engine` says: ``process``, but warm JVMs in a
            notebook.
        cache: whether what was kept from earlier runs may be used, and more be kept.
        keep_results: whether that holds for whole results, too: a run that would be the same as an
            earlier one, down to slubtla's own code, is not made again, and its result says so.
        coverage: have TLC count the steps of each action, which costs a third more time; without,
            it is known of each whether it ever fires.
        timeout: wall seconds for TLC; None for no limit.
        checkpoint: minutes between checkpoints, from which :func:`slubtla.resuming.resume` goes on
            after a kill; None or 0 for none.
        heap_mb: Java heap, MiB; chosen from the machine's memory when None.
        workers: TLC worker threads; the cores when None.
        out_dir: the run directory; when None one is made in :func:`slubtla.rundir.runs_dir`.
        on_progress: hears TLC's progress.
        watch: hears of each run, where there are many.
        cancel: ends the run when set.
        specs: the templates to render from; those that ship with slubtla when None.
        distributed: start TLC's server, and let workers (`slubtla worker`) do the search.
        listen: the address that the server listens on; the loopback address when None.
        port: of the server; TLC's own, 10997, when None.
        on_ready: hears the command that joins, when the server waits for workers.

    Raises:
        UsageError: a timeout that is not above 0, a heap that the machine does not have, or what
            does not go with a distributed search.
    """

    tla2tools: Path | None = None
    java: Path | None = None
    toolchain: Toolchain | None = None
    engine: Engine | str | None = None
    cache: bool = True
    keep_results: bool = False
    coverage: bool = False
    timeout: float | None = None
    checkpoint: float | None = None
    heap_mb: int | None = None
    workers: int | None = None
    out_dir: Path | None = None
    on_progress: OnProgress | None = None
    watch: Watch | None = None
    cancel: Event | None = None
    specs: Path | None = None
    distributed: bool = False
    listen: str | None = None
    port: int | None = None
    on_ready: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        self._must_fit_together()
        if self.timeout is not None and not self.timeout > 0:  # nan, too
            raise UsageError(
                f"a timeout of {self.timeout:g} s leaves no time",
                next_step="give seconds above 0, or none",
            )
        if self.checkpoint is not None and not 0 <= self.checkpoint < math.inf:
            raise UsageError(
                f"checkpoints every {self.checkpoint:g} minutes make no sense",
                next_step="give minutes above 0, or none",
            )
        if isinstance(self.engine, str) and self.engine not in ENGINES:
            raise UnknownNameError("engine", self.engine, ENGINES)
        memory_mb = this_machine().memory_bytes >> 20
        if self.heap_mb is not None and not LEAST_HEAP_MB <= self.heap_mb <= memory_mb:
            raise UsageError(
                f"a heap of {self.heap_mb:,} MiB is not between {LEAST_HEAP_MB} MiB and the "
                f"machine's memory, {memory_mb:,} MiB",
                next_step="write a size such as 512m or 4g, or leave it out",
            )

    def _must_fit_together(self) -> None:
        if not self.distributed:
            if self.listen is not None or self.port is not None:
                raise UsageError(
                    "an address or a port to listen on without a distributed search",
                    next_step="give --distributed, too",
                )
            return
        other = {
            "--engine": self.engine not in (None, "process"),
            "--checkpoint": bool(self.checkpoint),
            "--coverage": self.coverage,
        }
        if excluded := [option for option, given in other.items() if given]:
            raise UsageError(
                f"--distributed excludes {', '.join(excluded)}: TLC's server has a JVM of its own, "
                "and tells no counts of actions; its checkpoints are not tried",
                next_step="choose one of them",
            )

    @property
    def place(self) -> Place:
        """Where the server of a distributed search listens."""
        return Place(self.listen or LOOPBACK, self.port or DEFAULT_PORT)

    def begin(self, name: str) -> Settings:
        """Tell the watch that one of many runs begins, and return the settings for it.

        Args:
            name: the run's; the watch is to hear by it what the run has found, too.
        """
        if self.watch is None:
            return self
        self.watch.started(name, name)
        return replace(self, on_progress=partial(self.watch.heard, name))

    def find_engine(self, toolchain: Toolchain) -> Engine:
        """Return the engine to use.

        If none is named, checkpoints and what a distributed search does here have a JVM each.
        """
        own = bool(self.checkpoint) or self.distributed
        chosen = self.engine or ("process" if own else default_engine())
        if not isinstance(chosen, str):
            return chosen
        if chosen == "jvm":
            return JvmEngine(toolchain)
        return ProcessEngine(toolchain, faster=Archives(toolchain).flags if self.cache else None)

    def find_toolchain(self) -> Toolchain:
        """Return the toolchain to use.

        Raises:
            ToolchainError: there is none, or what was named does not work.
        """
        return self.toolchain or find_toolchain(jar=self.tla2tools, java=self.java)


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
        TlcOutputError: TLC printed what cannot be read.
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
    if model is not None and parameters:
        raise UsageError(
            f"{', '.join(parameters)}: given beside a model", next_step="give one of the two"
        )
    model = model or make_model(**parameters)
    rendered = render(model, specs=settings.specs)
    subject = Subject(
        name=model.name,
        command=model.command,
        model=model,
        properties=model.invariants + model.liveness,
        goals=model.goals,
        idle=idle_actions(model),
        warnings=_cautions(model),
    )
    with run_directory(
        model.name, settings.out_dir, resumable=bool(settings.checkpoint)
    ) as directory:
        spec, cfg = rendered.write_to(directory.work)
        options = _options(settings, _profile(model), coverage=_counted(model, settings))
        return _check(_Job(spec, cfg, subject, settings, options), directory)


def command_lines(model: Model, settings: Settings) -> list[list[str]]:
    """Return what :func:`verify` would run for a model, translator first; looks for no Java.

    ``java`` and ``tla2tools.jar`` stand for what would be found.
    """
    java = settings.java or PurePath("java")
    jar = settings.tla2tools or PurePath("tla2tools.jar")
    counted = _counted(model, settings)
    options = _options(settings, _profile(model), coverage=counted)
    heap = default_heap(model)
    compose = partial(server_argv, place=settings.place) if settings.distributed else tlc_argv
    root = MODULE if counted or settings.distributed else told_module(MODULE)
    spec, cfg = f"{root}.tla", f"{root}.cfg"
    return [
        pcal_argv(java=java, jar=jar, spec=f"{MODULE}.tla"),
        compose(java=java, jar=jar, spec=spec, cfg=cfg, options=options, default_heap_mb=heap),
    ]


def check_spec(
    spec: Path,
    cfg: Path | None = None,
    *,
    settings: Settings | None = None,
    check_deadlock: bool = True,
) -> Result:
    """Check any specification; nothing is written beside it.

    Args:
        spec: the root module; the modules beside it that it names are copied with it.
        cfg: its configuration; by default the ``.cfg`` of the same name beside it.
        settings: how to run.
        check_deadlock: whether a state without successors is an error.

    Raises:
        UsageError: a file is missing.
        SpecError: the spec does not translate, or the cfg gives a value to a constant that no
            module declares (TLC accepts that and ignores it).
        ToolchainError, TlcOutputError, RunInterrupted: as for :func:`verify`.
    """
    settings = settings or Settings()
    _must_exist(spec, "specification")
    if spec.suffix != ".tla":
        raise UsageError(f"{spec} is no .tla file", next_step="name the root module of the spec")
    options = [] if check_deadlock else ["--no-deadlock"]
    options += [] if cfg is None else ["--config", str(cfg)]
    cfg = cfg or spec.with_suffix(".cfg")
    _must_exist(cfg, "configuration")
    subject = Subject(spec.stem, shlex.join(["slubtla", "check", *options, str(spec)]))
    with run_directory(
        spec.stem, settings.out_dir, resumable=bool(settings.checkpoint)
    ) as directory:
        tlc_options = _options(
            settings, JvmProfile.LARGE, check_deadlock=check_deadlock, coverage=True
        )
        return _check(_Job(spec, cfg, subject, settings, tlc_options), directory)


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
    if settings.distributed or not (settings.keep_results and settings.cache):
        return _search(job, directory)
    _text_of(job.cfg)  # raises what a search would raise
    toolchain = settings.find_toolchain()
    earlier = EarlierResult(job.spec, job.cfg, job.subject, job.options, toolchain)
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
    translation = translate(
        toolchain,
        job.spec,
        directory.work,
        cancel=settings.cancel,
        run=engine.run_translator,
        cache=TranslationCache() if settings.cache else None,
    )
    cfg_text = _text_of(job.cfg)
    cfg = _read_cfg(job.cfg.name, cfg_text, translation)
    if job.options.checkpoint_minutes:
        _must_be_resumable(cfg, engine)
        _note(job, translation, toolchain, directory.work, started)
    if settings.distributed:
        must_be_distributable(cfg)
        must_be_free(settings.place)
    templates = template_digest(settings.specs) if job.subject.model else None
    options, telling = job.options, None
    if not options.coverage_minutes:
        telling = tell_firings(translation.spec.stem, translation.text, cfg_text)
    if telling is None and job.subject.model is not None:
        options = replace(options, coverage_minutes=options.coverage_minutes or COVERAGE_MINUTES)
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
    if not isinstance(engine, ProcessEngine):
        raise UsageError(
            f"no checkpoints with {type(engine).__name__}", next_step="choose --engine process"
        )


def _note(
    job: _Job, translation: Translation, toolchain: Toolchain, work: Path, started: dt.datetime
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
        warnings=subject.warnings,
        spec=translation.spec.name,
        cfg=job.cfg.name,
        files=digests((*translation.modules, job.cfg)),
        jar_sha256=toolchain.jar.sha256,
        templates_sha256=template_digest(job.settings.specs) if subject.model else None,
        translation_warnings=translation.warnings,
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


def _read_cfg(name: str, text: str, translation: Translation) -> Cfg:
    asked = read_cfg(text)
    modules = [m.read_text(encoding="utf-8", errors="replace") for m in translation.modules]
    if undeclared := undeclared_constants(asked, modules):
        raise SpecError(
            f"{name} gives a value to {', '.join(undeclared)}, which no module declares; "
            "TLC would ignore it",
            next_step="correct the name in the cfg, or declare the constant",
        )
    return asked


def _counted(model: Model, settings: Settings) -> bool:
    """Whether TLC counts the steps of each action; else the actions tell that they fire.

    It must where something is evaluated beside the search: fairness, and what follows a checkpoint.
    """
    return settings.coverage or bool(settings.checkpoint) or bool(model.liveness)


def _options(
    settings: Settings, profile: JvmProfile, *, check_deadlock: bool = True, coverage: bool
) -> TlcOptions:
    options = TlcOptions(
        check_deadlock=check_deadlock,
        workers=settings.workers or this_machine().cores,
        heap_mb=settings.heap_mb,
        profile=profile,
        fpmem=default_fpmem(profile),
        checkpoint_minutes=settings.checkpoint or 0,
        coverage_minutes=COVERAGE_MINUTES if coverage else 0,
    )
    # A checkpoint does not hold the counts of actions: they must be told soon after it.
    return replace(options, coverage_minutes=1) if settings.checkpoint else options


def default_heap(model: Model, *, side_by_side: int = 1) -> int:
    """Return the Java heap for a model when the user names none, in MiB.

    Args:
        model: what is checked.
        side_by_side: how many such searches share the machine's memory.
    """
    profile = _profile(model)
    heap_mb = default_heap_mb(this_machine().memory_bytes, profile)
    return heap_mb if profile is JvmProfile.SMALL else max(LEAST_HEAP_MB, heap_mb // side_by_side)


def _profile(model: Model) -> JvmProfile:
    """Measured: from some 50,000 states on, the JVM that runs fast wins over the other."""
    small = model.cpus * model.tasks * model.slabs <= 8  # noqa: PLR2004 - the default bounds
    more = (
        model.interrupts,
        model.allocations,
        model.objects > 1,
        model.memory == "relaxed",
        model.argument,
        "preempt_disable" in model.without,
    )
    return JvmProfile.SMALL if small and not any(more) else JvmProfile.LARGE


def _cautions(model: Model) -> tuple[str, ...]:
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
