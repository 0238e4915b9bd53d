"""The main job: from a model, or any spec, to a result in a run directory.

What a user asks for becomes a job; :mod:`slubtla.tlc.run.running` knows the order of the stages:
translate → check → read → judge → write. The stages know nothing of each other.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from slubtla.barriers.labels import idle_labels
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import render, require_effect, template_digest
from slubtla.errors import UsageError
from slubtla.tlc.engine import (
    JvmProfile,
    pcal_argv,
    tlc_argv,
)
from slubtla.tlc.engine.distributed import (
    server_argv,
)
from slubtla.tlc.run.evidence import Subject
from slubtla.tlc.run.firings import told_module
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import run_directory
from slubtla.tlc.run.running import Job, run_job
from slubtla.tlc.run.search_mode import GRACE_SECONDS, SearchMode
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.sizing import default_heap, options_for
from slubtla.tlc.text.antecedents import find_antecedents

_MODULE_NAME = re.compile(r"\w*[A-Za-z]\w*", re.ASCII)


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
        parameters: fields of :class:`Model`, e.g. ``strategy="smp_mb"``, or of
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
        protocol=model.protocol.name,
        parameters=model.model_dump(mode="json"),
        templates_sha256=template_digest(settings.specs),
        properties=model.invariants + model.liveness,
        goals=model.goals,
        idle=idle_labels(model),
        warnings=model.cautions,
        symmetric=True,
    )
    with run_directory(
        model.name, settings.out_dir, resumable=bool(settings.checkpoint)
    ) as directory:
        spec, cfg = rendered.write_to(directory.work)
        options = options_for(settings, profile_of(model), coverage=is_counted(model, settings))
        return run_job(Job(spec, cfg, subject, settings, options), directory)


def is_counted(model: Model, settings: Settings) -> bool:
    """Whether TLC counts the steps of each action; else the actions tell that they fire.

    It must where something is evaluated beside the search: fairness, and what follows a checkpoint.
    """
    return settings.coverage or bool(settings.checkpoint) or bool(model.liveness)


def profile_of(model: Model) -> JvmProfile:
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


def command_lines(model: Model, settings: Settings) -> list[list[str]]:
    """Return what :func:`verify` would run for a model, translator first; looks for no Java.

    ``java`` and ``tla2tools.jar`` stand for what would be found.
    """
    java = settings.java or PurePath("java")
    jar = settings.tla2tools or PurePath("tla2tools.jar")
    counted = is_counted(model, settings)
    options = options_for(settings, profile_of(model), coverage=counted)
    heap = default_heap(profile_of(model))
    compose = partial(server_argv, place=settings.place) if settings.distributed else tlc_argv
    plain = settings.distributed or settings.checkpoint or (counted and not _is_watched(model))
    root = model.protocol.module if plain else told_module(model.protocol.module)
    spec, cfg = f"{root}.tla", f"{root}.cfg"
    return [
        pcal_argv(java=java, jar=jar, spec=f"{model.protocol.module}.tla"),
        compose(java=java, jar=jar, spec=spec, cfg=cfg, options=options, default_heap_mb=heap),
    ]


def _is_watched(model: Model) -> bool:
    """Whether a model has implications, so that a module is laid over it."""
    text = {model.protocol.module: render(model).spec}
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
        return run_job(Job(spec, cfg, subject, settings, tlc_options), directory)


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
