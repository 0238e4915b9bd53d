"""Render and hash the models of suite files, find equal ones, and order them by size. No Java."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import jinja2

from slubtla.barriers.data import data_dir
from slubtla.barriers.model import Model, defaults_for
from slubtla.barriers.render import Rendered, render
from slubtla.barriers.suite.config import Claim, Config, Pin, UserSpec
from slubtla.barriers.suite.edits import break_templates, must_fit
from slubtla.barriers.suite.reading import read_config, shipped_configs
from slubtla.errors import SpecError, UsageError
from slubtla.tlc.engine.stage import data_files, spec_files
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.text.cfg import Cfg, read_cfg, read_cfg_text
from slubtla.tlc.text.digest import digest
from slubtla.tlc.text.tla import split_comments


@dataclass(frozen=True, slots=True)
class Planned:
    """A model, ready to be run.

    Attributes:
        spec_sha256: digest of the specification before translation.
        cfg: the configuration; empty where it cannot be read (the run reports that).
        key: equal for models whose runs are the same.
        specs: a copy of the templates; None for a user's specification.
    """

    config: Config
    claim: Claim
    spec_sha256: str
    cfg_sha256: str
    cfg: Cfg
    key: str
    specs: Path | None = None

    @property
    def pin(self) -> Pin | None:
        """What it was when last recorded."""
        return self.config.pin(self.claim.name)

    @property
    def weight(self) -> float:
        """The states it had when recorded; infinite if unknown. Orders the runs."""
        weight = recorded_weight(self.claim, self.pin)
        return math.inf if weight is None else weight


def plan(
    configs: Sequence[Config],
    scratch: Path,
    *,
    only: Sequence[str] = (),
    specs: Path | None = None,
) -> tuple[Planned, ...]:
    """Render and hash the models of some files whose names match a pattern of ``only``, if any.

    ``scratch`` is for copies of the templates, and must outlive the runs.

    Raises:
        UsageError: no model is named so, an edit does not fit or changes nothing, a template is
            broken, or a file cannot be read.
    """
    chosen = [
        (config, claim) for config in configs for claim in config.claims if named(claim.name, only)
    ]
    if not chosen:
        raise UsageError(
            f"no model is named {' or '.join(only)}, so nothing would be checked",
            next_step="names are those after [model.…] in the files; '*' stands for anything",
        )
    whole = scratch / "whole"
    if not whole.exists():
        break_templates(specs or data_dir("specs"), (), whole)
    must_fit(whole, chosen)
    return tuple(_planned(config, claim, whole) for config, claim in chosen)


def named(name: str, only: Iterable[str]) -> bool:
    """Whether a name matches one of the patterns; without patterns, every name does."""
    patterns = tuple(only)
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _planned(config: Config, claim: Claim, whole: Path) -> Planned:
    specs, where = None, f"{config.path}:{claim.line}: [model.{claim.name}]"
    if isinstance(claim.subject, UserSpec):
        spec_sha256, cfg_text = _digest_of(claim.subject.spec), read_cfg_text(claim.subject.cfg)
        own = [str(claim.subject.spec.absolute()), str(claim.subject.deadlock)]
        cfg_sha256 = digest(cfg_text)
    else:
        specs = whole
        if claim.edits:
            specs = whole.with_name(digest(repr(claim.edits)))
            if not specs.exists():
                break_templates(whole, claim.edits, specs)
        rendered = _render(claim.subject, specs, where)
        if claim.edits and rendered == _render(claim.subject, whole, where):
            raise UsageError(
                f"{where}: its edits change nothing: the model does not use "
                f"{', '.join(sorted({edit.template for edit in claim.edits}))}",
                next_step="break a template that is part of the model: see `slubtla render`",
            )
        spec_sha256, cfg_sha256 = rendered.spec_digest, rendered.cfg_digest
        cfg_text = rendered.cfg
        own = [json.dumps(dict(claim.subject.goals)), *claim.subject.properties]
    words = " ".join(split_comments(cfg_text).code.split())  # its comment names the architecture
    key = digest("\0".join([spec_sha256, words, str(claim.timeout), *own]))
    try:
        cfg = read_cfg(cfg_text)
    except SpecError:
        cfg = Cfg()
    return Planned(config, claim, spec_sha256, cfg_sha256, cfg, key, specs)


def _render(model: Model, specs: Path, where: str) -> Rendered:
    try:
        return render(model, specs=specs)
    except jinja2.TemplateError as error:
        raise SpecError(
            f"{where}: a template does not render: {error}", next_step="mend the template"
        ) from error


def _digest_of(spec: Path) -> str:
    """SHA-256 of a root module, the modules beside it that it reaches, and the data they name."""
    whole = hashlib.sha256()
    modules = spec_files(spec)
    for file in (*modules, *data_files(modules).values()):
        try:
            whole.update(file.read_bytes())
        except OSError as error:
            raise SpecError(
                f"{file}: {error.strerror}", next_step="name a file that exists and can be read"
            ) from error
    return whole.hexdigest()


def recorded_weight(claim: Claim, pin: Pin | None) -> float | None:
    """Return the states that a model had when it was recorded; None if that is not known.

    A violated model has no count; its search ends early, so it is 0, unless the model says that
    many are found (``at_least``).
    """
    if pin is None:
        return None
    if "distinct" in pin.counts:
        return pin.counts["distinct"]
    violated = claim.expect is not None and claim.expect.kind is VerdictKind.VIOLATED
    return claim.at_least.get("distinct", 0) if violated else None


def essence(model: Model) -> str:
    """Return what a search depends on: all parameters but the architecture's name."""
    return model.model_dump_json(exclude={"arch"})


def shipped_weights() -> Mapping[str, float]:
    """Return the recorded weights of the models that ship with slubtla, by :func:`essence`."""
    weights: dict[str, float] = {}
    for config in readable_configs():
        for claim in config.claims:
            weight = recorded_weight(claim, config.pin(claim.name))
            if isinstance(claim.subject, Model) and not claim.edits and weight is not None:
                weights[essence(claim.subject)] = weight
    return weights


def readable_configs() -> Iterator[Config]:
    """Yield the shipped suite files; skip one that cannot be read (somebody may be editing it)."""
    for file in shipped_configs():
        with contextlib.suppress(UsageError):
            yield read_config(file)


def guessed_weight(model: Model) -> float:
    """Return an order of magnitude of a model's states, from its memory model and bounds."""
    usual = defaults_for({})
    logs = (
        (getattr(model, parameter) - usual[parameter]) * math.log(parameter.factor)
        for parameter in model.protocol.parameters.values()
        if parameter.type is int
    )
    return model.memory.states * math.exp(sum(logs))


def known_states(model: Model) -> int | None:
    """Return the pinned distinct states of a model with the same specification and cfg, or None."""
    rendered = render(model)
    wanted = (rendered.spec_digest, rendered.cfg_digest)
    for config in readable_configs():
        for pin in config.pins.models.values() if config.pins else ():
            if (pin.spec_sha256, pin.cfg_sha256) == wanted and "distinct" in pin.counts:
                return pin.counts["distinct"]
    return None
