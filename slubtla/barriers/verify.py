"""Check a model: render it, run TLC on it, and return the result."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from slubtla.barriers.labels import idle_labels
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import memory_file, render, require_effect, template_digest
from slubtla.errors import UsageError
from slubtla.tlc.engine import JvmProfile, TlcOptions, pcal_argv, tlc_argv
from slubtla.tlc.engine.distributed import server_argv
from slubtla.tlc.engine.stage import spec_files
from slubtla.tlc.run.check import check_spec, run_spec
from slubtla.tlc.run.instrument import overlay_name
from slubtla.tlc.run.judge import Criteria
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import COVERAGE_MINUTES, Settings, default_heap
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.text.antecedents import find_antecedents


def verify(
    model: Model | None = None,
    *,
    settings: Settings | None = None,
    **parameters: Any,  # noqa: ANN401 - fields of Model and Settings, validated there
) -> Result:
    """Check a model of a protocol.

    Args:
        model: what to check; or leave it out and give its ``parameters``.
        settings: how to run.
        parameters: fields of :class:`Model`, e.g. ``arch="x86"``, or of
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
    return run_spec(model_spec(model, specs=settings.specs), settings)


def check_on_memory(
    memory: str,
    spec: Path,
    cfg: Path | None = None,
    *,
    settings: Settings | None = None,
    **how: Any,  # noqa: ANN401 - arguments of check_spec, which names them
) -> Result:
    """Check a specification that extends ``WeakMemory`` with the module of a memory model.

    Args:
        memory: ``"sc"``, ``"tso"``, ``"pso"`` or ``"relaxed"``.
        spec: the root module.
        cfg: its configuration; by default the ``.cfg`` beside it.
        settings: how to run.
        how: as for :func:`~slubtla.tlc.run.check.check_spec`.

    Raises:
        UnknownNameError: there is no such memory model.
        UsageError: the specification does not extend ``WeakMemory``.
        As :func:`~slubtla.tlc.run.check.check_spec`.
    """
    settings, module = settings or Settings(), memory_file(memory)
    settings = replace(settings, library=(*settings.library, module))
    if spec.is_file() and module not in spec_files(spec, settings.library):
        raise UsageError(
            f"{spec} does not extend {module.stem}, so it does not depend on --memory {memory}",
            next_step=f"write EXTENDS {module.stem}, or leave out --memory; see docs/memory.md",
        )
    return check_spec(spec, cfg, settings=settings, **how)


def model_spec(model: Model, *, specs: Path | None = None) -> RunSpec:
    """Return what a run of a model checks.

    Args:
        model: the model.
        specs: the templates; those that ship with slubtla when None.

    Raises:
        UsageError: a guard is taken away, and the model is the same with it.
        jinja2.TemplateError: a template is broken.
    """
    rendered = render(model, specs=specs)
    require_effect(model, specs)
    files = rendered.files
    spec, cfg, _ = map(Path, files)
    return RunSpec(
        name=model.name,
        command=model.command,
        spec=spec,
        cfg=cfg,
        criteria=Criteria(
            properties=model.invariants + model.liveness,
            goals=model.goals,
            idle=idle_labels(model),
            symmetric=True,
        ),
        options=_options(model),
        texts=files,
        protocol=model.protocol.name,
        parameters=model.model_dump(mode="json"),
        templates_sha256=template_digest(specs),
        warnings=model.cautions,
    )


def _options(model: Model) -> TlcOptions:
    """TLC's options for a model: it counts actions only where fairness is evaluated, too."""
    minutes = COVERAGE_MINUTES if model.liveness else 0
    return TlcOptions(profile=profile_of(model), coverage_minutes=minutes)


def profile_of(model: Model) -> JvmProfile:
    """Return how the JVM is tuned: to start fast, or to run fast where that pays."""
    return JvmProfile.LARGE if model.protocol.rules.is_large(model) else JvmProfile.SMALL


def command_lines(model: Model, settings: Settings) -> list[list[str]]:
    """Return what :func:`verify` would run for a model, translator first; looks for no Java.

    ``java`` and ``tla2tools.jar`` stand for what would be found.
    """
    java = settings.java or PurePath("java")
    jar = settings.tla2tools or PurePath("tla2tools.jar")
    options = settings.tuned(_options(model))
    heap = default_heap(options.profile)
    compose = partial(server_argv, place=settings.place) if settings.distributed else tlc_argv
    plain = settings.distributed or settings.checkpoint
    plain = plain or (options.coverage_minutes and not _is_watched(model))
    root = model.protocol.module if plain else overlay_name(model.protocol.module)
    spec, cfg = f"{root}.tla", f"{root}.cfg"
    return [
        pcal_argv(java=java, jar=jar, spec=f"{model.protocol.module}.tla"),
        compose(java=java, jar=jar, spec=spec, cfg=cfg, options=options, default_heap_mb=heap),
    ]


def _is_watched(model: Model) -> bool:
    """Whether a model has implications, so that a module is laid over it."""
    text = {model.protocol.module: render(model).spec}
    return bool(find_antecedents(text, model.invariants, model.liveness, ""))
